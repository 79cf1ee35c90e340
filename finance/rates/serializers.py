"""Exchange rates as the API shows and takes them: exact numbers as text."""

from __future__ import annotations

from rest_framework import serializers

from pmo.api.fields import Currency, Day, Exact, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer


class ExchangeRateRow(Row):
    """Units of the program's currency for one unit of `currency`, from that day until the next rate's."""

    id = serializers.IntegerField()
    currency = serializers.CharField()
    from_day = Day()
    rate = serializers.DecimalField(20, 10)
    note = serializers.CharField()
    entered_by = serializers.CharField(source="entered_by__name", allow_null=True)
    entered_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class NewExchangeRate(StrictSerializer):
    """A rate to be entered."""

    currency = Currency()
    from_day = Day()
    rate = Exact(20, 10)
    note = Text(max_length=200, required=False, default="", allow_blank=True)


class ExchangeRateChanges(StrictSerializer):
    """What is corrected of a rate; `version` is the one that was read."""

    version = Whole(min_value=1, max_value=2**31 - 1)
    currency = Currency(required=False)
    from_day = Day(required=False)
    rate = Exact(20, 10, required=False)
    note = Text(max_length=200, required=False, allow_blank=True)


class RatesFile(StrictSerializer):
    """A CSV file as text, with the columns currency, from, rate and, if wanted, note."""

    content = Text(max_length=1_000_000, trim_whitespace=False)


class RatesEntered(serializers.Serializer[None]):
    """How many rates were new."""

    entered = serializers.IntegerField()
