"""The budget policy as the API shows and takes it. Amounts are minor units of the program's currency."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from finance.conformity.selectors import STATES
from finance.policy.models import PolicyClause, PolicyFinding, PolicyWaiver
from finance.structure.choices import projects
from pmo.api.fields import SMALL, Choice, Day, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer


class ClauseRow(Row):
    """A clause of the budget policy."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    kind = Choice(choices=PolicyClause.Kind.choices)
    parameters = serializers.DictField(help_text="By kind; amounts in minor units, percentages as text.")
    action = Choice(choices=PolicyClause.Action.choices)
    text = serializers.CharField()
    project = serializers.CharField(
        source="project__code", allow_null=True, help_text="Null: the whole program."
    )
    from_day = Day()
    to_day = Day(allow_null=True)
    issue_days = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField()


@extend_schema_field(
    {"type": "object", "additionalProperties": {"oneOf": [{"type": "integer"}, {"type": "string"}]}}
)
class Parameters(serializers.Field[Any, Any, Any, Any]):
    """A small object of whole numbers and texts; what each kind of clause wants is checked by the service."""

    default_error_messages = {"invalid": "Parameters are an object of whole numbers and texts."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        good = (
            isinstance(data, dict)
            and len(data) <= 10
            and all(type(value) in (int, str) and len(str(value)[:50]) < 50 for value in data.values())
        )
        if not good:
            self.fail("invalid")
        return dict(data)

    def to_representation(self, value: Any) -> Any:
        return value


class NewClause(StrictSerializer):
    """A clause to add."""

    code = Text(max_length=10)
    kind = Choice(choices=PolicyClause.Kind.choices)
    parameters = Parameters()
    action = Choice(choices=PolicyClause.Action.choices)
    text = Text(max_length=4000, allow_blank=True, required=False)
    issue_days = Whole(min_value=1, max_value=90, allow_null=True, required=False)
    from_day = Day()
    project = Related(projects, required=False)


class ClauseChange(StrictSerializer):
    """What a clause asks for from now on, and why; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    parameters = Parameters()
    action = Choice(choices=PolicyClause.Action.choices)
    text = Text(max_length=4000, allow_blank=True)
    issue_days = Whole(min_value=1, max_value=90, allow_null=True, required=False)
    reason = Text(max_length=400)


class ClauseEnd(StrictSerializer):
    """Why a clause ends; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    reason = Text(max_length=400)


def clauses(program_id: int) -> Any:
    """The clauses of one program."""
    return PolicyClause.objects.filter(program_id=program_id)


def findings(program_id: int) -> Any:
    """The findings of one program."""
    return PolicyFinding.objects.filter(program_id=program_id)


class WaiverRow(Row):
    """Asked for, or granted: not to be held to a clause until a day."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    clause = serializers.CharField(source="clause__code")
    key = serializers.CharField(help_text="Of the findings meant; empty: all of the clause.")
    project = serializers.CharField(source="project__code", allow_null=True)
    amount_minor = serializers.IntegerField(
        allow_null=True, help_text="It covers breaches up to this; null: any."
    )
    clause_version = serializers.IntegerField(help_text="Of the clause as it was shown: no other is waived.")
    about = serializers.CharField()
    reason = serializers.CharField()
    until = Day()
    state = Choice(choices=PolicyWaiver.State.choices)
    requester = serializers.CharField(source="requester__name")
    asked_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField(source="warrant__number", allow_null=True)


class NewWaiver(StrictSerializer):
    """A waiver to ask for: in the matter of one finding, for one project, or of the clause altogether."""

    clause = Related(clauses)
    finding = Related(findings, required=False)
    project = Related(projects, required=False)
    until = Day()
    reason = Text(max_length=4000)


class EvidenceOut(serializers.Serializer[Any]):
    """A figure that was looked at."""

    what = serializers.CharField()
    value = serializers.CharField()


class BreachOut(serializers.Serializer[Any]):
    """One thing that is not as the clause wants it; `amount_minor` says how far."""

    key = serializers.CharField()
    sentence = serializers.CharField()
    waiver = serializers.CharField(help_text="The waiver it stands under; empty without one.")
    amount_minor = serializers.IntegerField()
    project = serializers.CharField()
    category = serializers.CharField()
    nature = serializers.CharField()
    subject_kind = serializers.CharField()
    subject_id = serializers.IntegerField()


class ResultOut(serializers.Serializer[Any]):
    """What a clause in force comes to; `waived`: breached in nothing that does not stand under a waiver."""

    clause = serializers.CharField()
    kind = Choice(choices=PolicyClause.Kind.choices)
    blocks = serializers.BooleanField()
    state = Choice(choices=list(STATES.items()))
    sentence = serializers.CharField()
    evidence = EvidenceOut(many=True)
    breaches = BreachOut(many=True)


class ConformityOut(serializers.Serializer[Any]):
    """Every clause in force against what is there, or was as of a status date (`at`, `known`)."""

    at = serializers.DateTimeField()
    known = serializers.DateTimeField()
    not_kept = serializers.ListField(
        child=serializers.CharField(), help_text="What of an earlier day cannot be known."
    )
    digest = serializers.CharField(
        help_text="sha256 over clauses, results and evidence, as in a certificate."
    )
    results = ResultOut(many=True)
