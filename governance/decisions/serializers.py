"""Decisions, electors, votes and sealed records as the API shows and takes them."""

from __future__ import annotations

import base64
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from finance.budgets.models import Budget
from finance.capex.models import CapitalRequest
from finance.policy.models import PolicyWaiver
from governance.authority.models import SubjectKind
from governance.bodies.models import Body, Seat
from governance.bodies.serializers import people
from governance.decisions.condition_models import Condition
from governance.decisions.conditions import Term
from governance.decisions.latency import days_waited
from governance.decisions.models import Decision, Elector, Vote
from pmo.api.fields import Choice, Day, Flag, Instant, Related, Text, Whole
from pmo.api.rows import OWN, Row
from pmo.api.views import StrictSerializer
from programs.changes.models import ChangeRequest
from programs.gates.models import Gate
from programs.raid.models import RiskAcceptance

SUBJECTS = ("capital_request", "budget", "change_request", "waiver", "gate", "risk_acceptance")
HEX = {"type": "string", "pattern": "^([0-9a-f]{64})?$"}


@extend_schema_field(HEX)
class Digest(serializers.CharField):
    """A SHA-256 in hex, empty where there is none yet."""


class DecisionRow(Row):
    """A decision; `figures` are exactly what the voters were shown, `figures_sha256` the digest a vote repeats."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    subject_kind = Choice(choices=SubjectKind.choices)
    subject_id = serializers.IntegerField()
    question = serializers.CharField()
    recommendation = serializers.CharField()
    body = serializers.CharField(source="body__code")
    rule = serializers.CharField(source="rule__code")
    voting_rule = Choice(choices=Body.Rule.choices)
    quorum = serializers.IntegerField()
    state = Choice(choices=Decision.State.choices)
    outcome = serializers.CharField(help_text="approved, rejected, lapsed, or empty.")
    amount_minor = serializers.IntegerField(allow_null=True)
    exposure_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    requested_by = serializers.CharField(source="requested_by__name", allow_null=True)
    proposed_at = Instant()
    opened_at = Instant(allow_null=True)
    closes_at = Instant(allow_null=True)
    decided_at = Instant(allow_null=True)
    days_waited = serializers.IntegerField(
        source=OWN,
        help_text="Whole calendar days from the proposal to the end, or to now while it is under way.",
    )
    chosen = serializers.IntegerField(
        allow_null=True,
        help_text="Of a free question: the option that passed, from 1; `figures.options` has them.",
    )
    rationale = serializers.CharField()
    conditions = serializers.CharField()
    figures = serializers.JSONField(allow_null=True)
    revision_sha256 = Digest()
    figures_sha256 = Digest()
    supersedes_id = serializers.IntegerField(allow_null=True)
    record = serializers.IntegerField(source="record__seq", allow_null=True)
    version = serializers.IntegerField()

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        row["days_waited"] = days_waited(values["proposed_at"], values["decided_at"], timezone.now())
        if not self.sees_money:
            row |= {"amount_minor": None, "exposure_minor": None, "figures": None}
        return row


class ElectorRow(Row):
    """A seat of a ballot's frozen electorate, with its vote if it was cast."""

    id = serializers.IntegerField()
    decision_id = serializers.IntegerField()
    person_id = serializers.IntegerField()
    person = serializers.CharField(source="person__name")
    role = Choice(choices=Seat.Role.choices)
    voting = serializers.BooleanField()
    recused = serializers.BooleanField()
    recusal_reason = serializers.CharField()
    alternate_id = serializers.IntegerField(allow_null=True, help_text="Votes while the holder is absent.")
    alternate_barred = serializers.CharField(help_text="Why the alternate may not vote on this.")
    choice = Choice(choices=Vote.Choice.choices, source="vote__choice", allow_null=True)
    option = serializers.IntegerField(
        source="vote__option", allow_null=True, help_text="Of a free question: the option voted for, from 1."
    )
    reason = serializers.CharField(source="vote__reason", allow_null=True)
    voted_at = Instant(source="vote__at", allow_null=True)
    cast_by_id = serializers.IntegerField(source="vote__cast_by_id", allow_null=True)
    capacity = Choice(
        choices=Vote.Capacity.choices, source="vote__capacity", allow_null=True, help_text="Of who cast it."
    )


class RecordRow(Row):
    """A link of the chain: SHA-256 of prev_hash, program, seq, microseconds since 1970 and the canonical bytes."""

    id = serializers.IntegerField()
    seq = serializers.IntegerField()
    decision_id = serializers.IntegerField()
    decision_number = serializers.IntegerField(source="decision__number")
    at = Instant()
    canonical = serializers.CharField(source=OWN, help_text="Base64.")
    prev_hash = Digest(source=OWN)
    hash = Digest(source=OWN)

    @classmethod
    def of(cls, queryset: Any) -> Any:
        return queryset.values(*{"canonical", "prev_hash", "hash", *(path for _, path, _ in cls.paths())})

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        return row | {
            "canonical": base64.b64encode(bytes(values["canonical"])).decode(),
            "prev_hash": bytes(values["prev_hash"]).hex(),
            "hash": bytes(values["hash"]).hex(),
        }


def capital_requests(program_id: int) -> Any:
    """The capital requests of one program."""
    return CapitalRequest.objects.filter(program_id=program_id)


def change_requests(program_id: int) -> Any:
    """The change requests of one program."""
    return ChangeRequest.objects.filter(program_id=program_id)


def budgets(program_id: int) -> Any:
    """The budgets of one program."""
    return Budget.objects.filter(program_id=program_id)


def waivers(program_id: int) -> Any:
    """The waivers that were asked for in one program."""
    return PolicyWaiver.objects.filter(program_id=program_id)


def gates(program_id: int) -> Any:
    """The gates of one program."""
    return Gate.objects.filter(program_id=program_id)


def risk_acceptances(program_id: int) -> Any:
    """What risks it was asked to accept in one program."""
    return RiskAcceptance.objects.filter(program_id=program_id)


def electors(program_id: int) -> Any:
    """The frozen electorates of one program."""
    return Elector.objects.filter(program_id=program_id)


class NewDecision(StrictSerializer):
    """A proposal about exactly one subject. (A free question is asked at `free-questions`.)"""

    question = Text(max_length=2000)
    recommendation = Text(max_length=8000, allow_blank=True, default="")
    capital_request = Related(capital_requests, required=False)
    budget = Related(budgets, required=False)
    change_request = Related(change_requests, required=False)
    waiver = Related(waivers, required=False)
    gate = Related(gates, required=False)
    risk_acceptance = Related(risk_acceptances, required=False)
    baseline = Flag(default=False, help_text="True: the plan as it is now, as the new baseline.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = sum(name in attrs for name in SUBJECTS)
        if named + bool(attrs["baseline"]) != 1:
            raise serializers.ValidationError(
                "Name exactly one subject: capital_request, budget, change_request, waiver, gate, "
                "risk_acceptance or baseline."
            )
        return attrs


class OpenBallot(StrictSerializer):
    """Until when people vote; the body's usual days without it."""

    closes_at = Instant(required=False)


class NewVote(StrictSerializer):
    """One's own vote; `digest` is the decision's `figures_sha256` as it was shown."""

    choice = Choice(choices=Vote.Choice.choices)
    digest = Text(min_length=64, max_length=64)
    option = Whole(min_value=1, max_value=8, required=False, allow_null=True)
    reason = Text(max_length=2000, allow_blank=True, default="")
    elector = Related(electors, required=False, help_text="For whose seat; one's own without it.")


class NewCondition(StrictSerializer):
    """A condition of an approval: its words, the id of who sees to it, its last day."""

    text = Text(max_length=500)
    owner = Related(people)
    due_on = Day()


class Closing(StrictSerializer):
    """What is added to the record."""

    rationale = Text(max_length=4000, allow_blank=True, default="")
    conditions = NewCondition(many=True, required=False, help_text="Of an approval only; at most 20.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs | {"conditions": [Term(**one) for one in attrs.get("conditions", ())]}


class Withdrawing(StrictSerializer):
    """Why."""

    reason = Text(max_length=2000)


class ConditionRow(Row):
    """A condition of an approval."""

    id = serializers.IntegerField()
    decision_id = serializers.IntegerField()
    decision_number = serializers.IntegerField(source="decision__number")
    n = serializers.IntegerField()
    text = serializers.CharField()
    owner_id = serializers.IntegerField()
    owner = serializers.CharField(source="owner__name")
    due_on = Day()
    state = Choice(choices=Condition.State.choices)
    report = serializers.CharField()
    reported_at = Instant(allow_null=True)
    evidence = serializers.CharField()
    settled_by = serializers.CharField(source="settled_by__name", allow_null=True)
    settled_at = Instant(allow_null=True)
    version = serializers.IntegerField()


class ConditionReport(StrictSerializer):
    """What the owner did; `version` is the condition's as it was seen."""

    report = Text(max_length=4000)
    version = Whole()


class ConditionMet(StrictSerializer):
    """By what it is seen that the condition is met; `version` is the condition's as it was seen."""

    evidence = Text(max_length=4000)
    version = Whole()


class ChainHeadRow(serializers.Serializer[Any]):
    """Where the chain stands: what mails and reports print of it."""

    seq = serializers.IntegerField()
    hash = serializers.CharField(
        help_text="SHA-256, hexadecimal; empty before the first record.", allow_blank=True
    )


class SealedRow(serializers.Serializer[Any]):
    """One sealed record, exactly as it was hashed."""

    seq = serializers.IntegerField()
    at_us = serializers.IntegerField(help_text="Microseconds since 1970-01-01T00:00Z.")
    canonical = serializers.CharField(help_text="The sealed bytes, base64.")
    prev_hash = serializers.CharField(allow_blank=True)
    hash = serializers.CharField()


class ExportedChain(serializers.Serializer[Any]):
    """The whole chain of a program, as `governance/decisions/verify_chain.py` reads it."""

    program = serializers.IntegerField()
    head = ChainHeadRow()
    records = SealedRow(many=True)
