"""Strict input fields and the output fields of rows: each takes the one JSON type that its schema names.

Django REST framework's own fields take `"1_000"`, `"١٢"`, `"yes"` or `1` for what they are not; these do not.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from pmo.money import LIMIT

BIG = 2**63 - 1
SMALL = 2**31 - 1
_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,12})?")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EARLIEST, LATEST = 1900, 2200


class Text(serializers.CharField):
    """JSON text, trimmed; never a number in its place."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Whole(serializers.IntegerField):
    """A JSON integer between `min_value` and `max_value` (by default what 64 bits hold)."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", 0)
        options.setdefault("max_value", BIG)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return int(data)


class Minor(Whole):
    """An amount of money as a JSON integer of minor units; from zero unless `min_value` says otherwise."""

    default_error_messages = {
        "invalid": "An amount is a whole number of minor units: 1234.50 EUR is 123450.",
        "min_value": "An amount is at least {min_value} minor units here.",
        "max_value": "An amount can be at most {max_value} minor units.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_value": LIMIT} | options)


class Flag(serializers.BooleanField):
    """JSON true or false, nothing that merely looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("invalid", input=str(data)[:40])
        return bool(data)


class Choice(serializers.ChoiceField):
    """One of a few texts."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data)[:40])
        return super().to_internal_value(data)


class Exact(serializers.DecimalField):
    """An exact number as text (`"12.50"`); never a float, an exponent or a grouped number."""

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not _DECIMAL.fullmatch(data):
            self.fail("invalid")
        return Decimal(super().to_internal_value(data))


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{3}$"})
class Currency(serializers.Field):
    """A currency's code: three capital letters. Whether the office knows it, the service says."""

    default_error_messages = {"invalid": "A currency is written as three capital letters, such as USD."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not re.fullmatch(r"[A-Z]{3}", data):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OpenApiTypes.DATETIME)
class Instant(serializers.Field):
    """An instant: ISO 8601 with its offset or Z, from 1900 to 2200; UTC inside."""

    default_error_messages = {
        "invalid": "An instant is written like 2027-03-31T08:00:00Z, with its offset, from 1900 to 2200."
    }

    def to_internal_value(self, data: Any) -> datetime:
        if isinstance(data, str) and _INSTANT.fullmatch(data):
            try:
                moment = datetime.fromisoformat(data).astimezone(UTC)
            except (ValueError, OverflowError):
                self.fail("invalid")
            if EARLIEST <= moment.year < LATEST:
                return moment
        self.fail("invalid")

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OpenApiTypes.DATE)
class Day(serializers.Field):
    """A day: 2027-03-31, from 1900 to 2200."""

    default_error_messages = {"invalid": "A day is written like 2027-03-31, from 1900 to 2200."}

    def to_internal_value(self, data: Any) -> date:
        if isinstance(data, str) and _DAY.fullmatch(data):
            try:
                day = date.fromisoformat(data)
            except ValueError:
                self.fail("invalid")
            if EARLIEST <= day.year < LATEST:
                return day
        self.fail("invalid")

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": BIG})
class Related(serializers.Field):
    """The id of a row of the program in the address; a row of another program does not exist here.

    Looked up through `queryset`, a callable that gets the program's id, inside the scope of the person.
    """

    default_error_messages = {
        "invalid": "A whole number is expected here.",
        "missing": "There is no such row in this program.",
    }

    def __init__(self, queryset: Any, **options: Any) -> None:
        super().__init__(**options)
        self.queryset = queryset

    def to_internal_value(self, data: Any) -> Any:
        if type(data) is not int:
            self.fail("invalid")
        found = self.queryset(self.context["program"].pk).filter(pk=data).first() if 0 < data <= BIG else None
        if found is None:
            self.fail("missing")
        return found
