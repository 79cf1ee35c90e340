"""The books as the API shows and takes them. Amounts are minor units of the account's currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.ledger.entries import ACCOUNTS
from finance.ledger.journal_file import JOURNALS
from finance.ledger.models import Journal, Kind
from finance.ledger.registers import ENTRIES, LINES
from finance.policy.models import PolicyFinding
from finance.structure.choices import SPENDABLE, projects
from finance.structure.models import Category, Nature
from pmo.api.fields import Choice, Day, Minor, Related, Text
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from pmo.sheets import FORMATS


class AccountRow(Row):
    """What stands in an account now."""

    id = serializers.IntegerField()
    project = serializers.CharField(source="project__code", allow_null=True)
    category = Choice(choices=Category.choices)
    nature = Choice(choices=Nature.choices)
    kind = Choice(choices=Kind.choices)
    currency = serializers.CharField()
    balance = serializers.IntegerField()


class PostingRow(Row):
    """One leg of a journal, with its journal's facts."""

    id = serializers.IntegerField()
    journal = serializers.UUIDField(source="journal_id")
    kind = Choice(source="journal__kind", choices=Journal.Kind.choices)
    effective = Day(source="journal__effective")
    adjusts = serializers.CharField(source="journal__adjusts")
    period = serializers.CharField(source="journal__period__code")
    recorded_at = serializers.DateTimeField(source="journal__recorded_at")
    actor = serializers.CharField(source="journal__actor__name", allow_null=True)
    decision = serializers.CharField(source="journal__warrant__number", allow_null=True)
    reverses = serializers.UUIDField(source="journal__reverses_id", allow_null=True)
    text = serializers.CharField(source="journal__text")
    project = serializers.CharField(source="account__project__code", allow_null=True)
    category = Choice(source="account__category", choices=Category.choices)
    nature = Choice(source="account__nature", choices=Nature.choices)
    account = Choice(source="account__kind", choices=Kind.choices)
    amount = serializers.IntegerField()
    currency = serializers.CharField()


class ActualLineRow(Row):
    """A cost that was incurred, as its source told it; `amount_exact` keeps parts of a minor unit."""

    id = serializers.IntegerField()
    source_reference = serializers.CharField()
    journal = serializers.UUIDField(source="journal_id", allow_null=True)
    project = serializers.CharField(source="project__code")
    activity = serializers.CharField(source="activity__code", allow_null=True)
    category = Choice(choices=Category.choices)
    nature = Choice(choices=Nature.choices)
    period = serializers.CharField(source="period__code")
    effective = Day()
    adjusts = serializers.CharField()
    document_on = Day(allow_null=True)
    amount_minor = serializers.IntegerField()
    amount_exact = serializers.DecimalField(22, 4)
    currency = serializers.CharField()
    source_currency = serializers.CharField()
    source_minor = serializers.IntegerField(allow_null=True)
    rate = serializers.DecimalField(20, 10, allow_null=True)
    vendor = serializers.CharField()
    text = serializers.CharField()


class FindingRow(Row):
    """What budget policy found."""

    id = serializers.IntegerField()
    kind = Choice(choices=PolicyFinding.Kind.choices)
    sentence = serializers.CharField()
    clause = serializers.CharField(source="clause__code", allow_null=True)
    subject_kind = serializers.CharField()
    subject_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code", allow_null=True)
    category = serializers.CharField()
    nature = serializers.CharField()
    amount_minor = serializers.IntegerField()
    journal = serializers.UUIDField(source="journal_id", allow_null=True)
    found_at = serializers.DateTimeField()
    cleared_at = serializers.DateTimeField(allow_null=True)


class PlaceIn(StrictSerializer):
    """Whose money of which sort."""

    project = Related(projects, required=False, allow_null=True)
    category = Choice(choices=SPENDABLE)
    nature = Choice(choices=Nature.choices)


class NewTransfer(StrictSerializer):
    """Available money from one place to another."""

    source = PlaceIn()  # type: ignore[assignment]
    target = PlaceIn()
    amount_minor = Minor(min_value=1)
    effective = Day()
    text = Text(max_length=400)


class NewAccrual(StrictSerializer):
    """Cost incurred and not yet invoiced."""

    place = PlaceIn()
    amount_minor = Minor(min_value=1)
    effective = Day()
    text = Text(max_length=400)


class Reason(StrictSerializer):
    """Why it is taken back."""

    text = Text(max_length=400)


class NewRegisterFile(StrictSerializer):
    """A whole register as a file: the filters of its page. Without clocks, as it is now."""

    register = Choice(choices=[ENTRIES, LINES, JOURNALS])
    format = Choice(choices=FORMATS)
    mail = serializers.BooleanField(required=False, default=False, help_text="Mail me when it is there.")
    account = Choice(choices=[name for name, _ in ACCOUNTS], required=False, help_text="Of entries only.")
    project = Text(
        max_length=40, required=False, help_text="Code of a project, or - for the program's own money."
    )
    category = Choice(choices=Category.choices, required=False)
    nature = Choice(choices=Nature.choices, required=False)
    vendor = Text(max_length=200, required=False, help_text="Of cost lines only; - for those that name none.")
    kind = Choice(choices=Journal.Kind.choices, required=False, help_text="Of journals only.")
    period = serializers.RegexField(
        r"^[0-9]{4}-(0[1-9]|1[0-2])$", required=False, help_text="Of journals only, such as 2026-11."
    )
    first = Text(max_length=7, required=False, help_text="First period, such as 2026-01.")
    last = Text(max_length=7, required=False, help_text="Last period, such as 2026-12.")
    at = Text(max_length=40, required=False, help_text="Status date.")
    known = Text(max_length=40, required=False, help_text="Instant of knowledge.")


class RegisterRun(serializers.Serializer[Any]):
    """The run that writes the file: see the reports for its progress and its file."""

    run = serializers.IntegerField()


class Made(serializers.Serializer[Any]):
    """The journal that was entered."""

    journal = serializers.UUIDField()
