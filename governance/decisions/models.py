"""Decisions: the working record, the ballot's frozen electorate and votes, the sealed chain of what was decided."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pghistory
from django.db import models
from django.db.models import Q

from governance.authority.models import AuthorityRule, SubjectKind
from governance.bodies.models import Body, Seat
from governance.questions.models import MOST, FreeQuestion
from pmo.owned import ProgramOwned, Versioned
from pmo.warrants import Warrant

SUBJECT_FIELDS = (
    "capital_request",
    "budget",
    "change_request",
    "waiver",
    "gate",
    "free_question",
    "risk_acceptance",
)
"""The columns that name a subject; a baseline has none of its own, its subject is the program."""


def _one_subject() -> Q:
    """Exactly the column of its kind is filled, and holds `subject_id`."""
    kinds = {("question" if name == "free_question" else name): name for name in SUBJECT_FIELDS}
    ways = [
        Q(subject_kind=kind, **{name: models.F("subject_id")})
        & Q(**{f"{other}__isnull": True for other in SUBJECT_FIELDS if other != name})
        for kind, name in kinds.items()
    ]
    ways.append(
        Q(subject_kind="baseline", subject_id=models.F("program_id"))
        & Q(**{f"{name}__isnull": True for name in SUBJECT_FIELDS})
    )
    return reduce(or_, ways)


@pghistory.track(exclude=["figures", "figures_canonical"])
class Decision(ProgramOwned, Versioned):
    """One question to one body about one subject, with the figures that were on the table.

    `figures_sha256` is the digest of exactly what the voters were shown (request revision, amounts, question,
    electorate, rules); every vote repeats it. Superseded is derived: another decision names this one.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        OPEN = "open", "Open for votes"
        DECIDED = "decided", "Decided"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Outcome(models.TextChoices):
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        LAPSED = "lapsed", "Lapsed without a quorum"

    number = models.PositiveIntegerField()
    subject_kind = models.CharField(max_length=20, choices=SubjectKind.choices)
    subject_id = models.BigIntegerField(help_text="Of the request or budget; of the program for a baseline.")
    capital_request = models.ForeignKey(
        "finance.CapitalRequest", models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    budget = models.ForeignKey(
        "finance.Budget", models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    change_request = models.ForeignKey(
        "programs.ChangeRequest", models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    waiver = models.ForeignKey(
        "finance.PolicyWaiver", models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    gate = models.ForeignKey("programs.Gate", models.PROTECT, null=True, blank=True, related_name="decisions")
    free_question = models.ForeignKey(
        FreeQuestion, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    risk_acceptance = models.ForeignKey(
        "programs.RiskAcceptance", models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    title = models.CharField(max_length=250)
    revision_sha256 = models.CharField(max_length=64)
    question = models.TextField()
    recommendation = models.TextField(blank=True)
    body = models.ForeignKey(Body, models.PROTECT, related_name="decisions")
    rule = models.ForeignKey(AuthorityRule, models.PROTECT, related_name="+")
    # The body's rules as they stood when the ballot opened.
    voting_rule = models.CharField(max_length=16, choices=Body.Rule.choices)
    quorum = models.PositiveSmallIntegerField(default=1, help_text="Voting seats that must take part.")
    closes_when_complete = models.BooleanField(default=False)
    amount_minor = models.BigIntegerField(default=0)
    exposure_minor = models.BigIntegerField(
        default=0, help_text="With split requests added up: what was routed on."
    )
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    requested_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    proposed_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    opened_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    chosen = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of a free question: the option that passed, from 1."
    )
    rationale = models.TextField(blank=True)
    conditions = models.TextField(blank=True)
    figures = models.JSONField(default=dict)
    figures_canonical = models.BinaryField(default=b"")
    figures_sha256 = models.CharField(max_length=64, blank=True, default="")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    warrant = models.ForeignKey(Warrant, models.PROTECT, null=True, blank=True, related_name="+")
    record = models.OneToOneField(
        "governance.DecisionRecord", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="governance_decision_number_once"),
            models.UniqueConstraint(fields=["program", "id"], name="governance_decision_in_program"),
            models.UniqueConstraint(
                fields=["program", "subject_kind", "subject_id"],
                condition=Q(state__in=["draft", "open"]),
                name="governance_decision_one_at_a_time",
            ),
            models.CheckConstraint(name="governance_decision_subject", condition=_one_subject()),
            models.CheckConstraint(
                name="governance_decision_chosen",
                condition=Q(subject_kind="question", outcome="approved", chosen__gte=1, chosen__lte=MOST)
                | (~Q(subject_kind="question", outcome="approved") & Q(chosen=None)),
            ),
            models.CheckConstraint(
                name="governance_decision_opened",
                condition=~Q(state__in=["open", "decided"])
                | Q(
                    opened_at__isnull=False,
                    closes_at__gt=models.F("opened_at"),
                    figures_sha256__regex="^[0-9a-f]{64}$",
                ),
            ),
            models.CheckConstraint(
                name="governance_decision_decided",
                condition=Q(
                    state="decided",
                    outcome__in=["approved", "rejected", "lapsed"],
                    decided_at__isnull=False,
                    record__isnull=False,
                )
                | (~Q(state="decided") & Q(outcome="", warrant__isnull=True)),
            ),
            models.CheckConstraint(
                name="governance_decision_approved_by_warrant",
                condition=Q(outcome="approved", warrant__isnull=False)
                | (~Q(outcome="approved") & Q(warrant=None)),
            ),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="governance_decision_latest")]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"D-{self.number}"

    @property
    def options(self) -> list[str]:
        """Of a free question: what was put to the vote, in its order; empty for every other subject."""
        return list(self.figures.get("options", ()))


class Elector(ProgramOwned):
    """A seat as it stood when the ballot opened. Never changed: who joins or leaves later changes no vote."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="electors")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    person = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=Seat.Role.choices)
    voting = models.BooleanField()
    recused = models.BooleanField()
    recusal_reason = models.CharField(max_length=200)
    alternate = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    alternate_barred = models.CharField(
        max_length=200,
        blank=True,
        default="",
        help_text="Why the alternate may not vote on this; empty: may.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "person"], name="governance_elector_once"),
            models.UniqueConstraint(fields=["decision", "id"], name="governance_elector_in_decision"),
            models.CheckConstraint(
                name="governance_elector_recusal", condition=Q(recused=False) | ~Q(recusal_reason="")
            ),
            models.CheckConstraint(
                name="governance_elector_alternate",
                condition=Q(alternate=None, alternate_barred="")
                | (Q(voting=True) & ~Q(alternate=models.F("person"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.decision_id}"


class Vote(ProgramOwned):
    """One seat's one act in a ballot: a vote, or standing aside (recusal) with its reason. Append-only."""

    class Choice(models.TextChoices):
        APPROVE = "approve", "Approve"
        REJECT = "reject", "Reject"
        ABSTAIN = "abstain", "Abstain"
        RECUSE = "recuse", "Stand aside"

    class Capacity(models.TextChoices):
        HOLDER = "holder", "Holder of the seat"
        ALTERNATE = "alternate", "Alternate of the absent holder"
        PROXY = "proxy", "By proxy of the holder"

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="votes")
    elector = models.OneToOneField(Elector, models.PROTECT, related_name="vote")
    choice = models.CharField(max_length=8, choices=Choice.choices)
    option = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of a free question: the option approved, from 1."
    )
    reason = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    cast_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    # Found by the database's guard; nobody says it.
    capacity = models.CharField(max_length=9, choices=Capacity.choices, db_default=Capacity.HOLDER)
    at = models.DateTimeField()
    auth_at = models.DateTimeField(null=True, help_text="When the voter's session last proved who it is.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="governance_vote_choice",
                condition=Q(choice__in=["approve", "reject", "abstain", "recuse"]),
            ),
            models.CheckConstraint(
                name="governance_vote_option",
                condition=Q(option=None) | Q(choice="approve", option__gte=1, option__lte=MOST),
            ),
            models.CheckConstraint(
                name="governance_vote_recusal_says_why", condition=~Q(choice="recuse") | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.elector_id}: {self.choice}"


class ChainHead(models.Model):
    """Where a program's chain of sealed records ends; its row is the lock, written by the sealing trigger alone."""

    program = models.OneToOneField("programs.Program", models.PROTECT, primary_key=True, related_name="+")
    seq = models.BigIntegerField()
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.seq}"


class DecisionRecord(ProgramOwned):
    """What was decided, in canonical bytes, sealed into the program's hash chain by the database."""

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="sealed")
    canonical = models.BinaryField()
    seq = models.BigIntegerField()
    prev_hash = models.BinaryField()
    at = models.DateTimeField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="governance_record_in_program"),
            models.UniqueConstraint(fields=["program", "seq"], name="governance_record_seq_once"),
            models.UniqueConstraint(fields=["program", "prev_hash"], name="governance_record_no_fork"),
        ]

    def __str__(self) -> str:
        return f"{self.program_id}/{self.seq}"
