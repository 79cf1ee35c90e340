"""Who decides: bodies with their quorum and voting rule, and the seats in them with their terms."""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import CODE


class Int8Point(Func):
    """A number as a range of one point, so that GiST excludes equal numbers without the btree_gist module."""

    function = "int8range"
    output_field = models.TextField()

    def __init__(self, field: str, **extra: Any) -> None:
        super().__init__(F(field), F(field), Value("[]"), **extra)


@pghistory.track()
class Body(ProgramOwned, Versioned):
    """A group (or one person) that decides: quorum in voting seats or as a fraction of them, and a voting rule."""

    class Kind(models.TextChoices):
        SPONSOR = "sponsor", "Executive sponsor"
        STEERING = "steering_committee", "Steering committee"
        CHANGE_BOARD = "change_board", "Change control board"
        ARCHITECTURE = "architecture_board", "Architecture board"

    class Rule(models.TextChoices):
        SIMPLE = "simple", "Simple majority"
        TWO_THIRDS = "two_thirds", "Two thirds"
        UNANIMOUS = "unanimous", "Unanimous"
        CHAIR = "chair_decides", "The chair decides"

    class Silence(models.TextChoices):
        NOTHING = "", "Nothing: who does not vote does not take part"
        CONSENT = "consent", "Consent: who says nothing by the end approves"
        ABSTAIN = "abstain", "Abstention: who says nothing by the end makes the quorum only"

    code = models.CharField(max_length=30, validators=[CODE])
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    charter = models.TextField(blank=True)
    # A quorum is a number of voting seats, or a fraction of them (two thirds is 2 and 3, exactly).
    quorum_seats = models.PositiveSmallIntegerField(null=True, blank=True)
    quorum_numerator = models.PositiveSmallIntegerField(null=True, blank=True)
    quorum_denominator = models.PositiveSmallIntegerField(null=True, blank=True)
    recusal_lowers_quorum = models.BooleanField(default=False, help_text="Only where the charter says so.")
    voting_rule = models.CharField(max_length=16, choices=Rule.choices, default=Rule.SIMPLE)
    closes_when_complete = models.BooleanField(
        default=False, help_text="Close a ballot as soon as every seat voted."
    )
    vote_days = models.PositiveSmallIntegerField(
        default=7, help_text="Days a ballot stays open unless said otherwise."
    )
    silence = models.CharField(
        max_length=7, choices=Silence.choices, blank=True, default="", help_text="What silence counts as."
    )
    proxies_per_person = models.PositiveSmallIntegerField(
        default=0, help_text="Proxies that one member may vote by on a ballot; 0: the rules know none."
    )
    members_stand_in = models.BooleanField(
        default=False, help_text="May who has a vote of their own here be the alternate of another seat?"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="governance_body_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="governance_body_in_program"),
            models.CheckConstraint(
                name="governance_body_silence",
                condition=Q(silence="")
                | (Q(silence__in=["consent", "abstain"]) & ~Q(voting_rule="chair_decides")),
            ),
            models.CheckConstraint(
                name="governance_body_quorum",
                condition=Q(quorum_seats__gte=1, quorum_numerator=None, quorum_denominator=None)
                | Q(
                    quorum_seats=None,
                    quorum_numerator__gte=1,
                    quorum_denominator__gte=1,
                    quorum_denominator__lte=100,
                    quorum_numerator__lte=F("quorum_denominator"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def quorum_words(self) -> str:
        """The rule as a person says it."""
        if self.quorum_seats is not None:
            return f"{self.quorum_seats} voting seat{'s' if self.quorum_seats != 1 else ''}"
        return f"{self.quorum_numerator}/{self.quorum_denominator} of the voting seats"


@pghistory.track()
class Seat(ProgramOwned, Versioned):
    """A person's place in a body from a day to a day (the last day is not included)."""

    class Role(models.TextChoices):
        CHAIR = "chair", "Chair"
        MEMBER = "member", "Member"
        SECRETARY = "secretary", "Secretary"
        OBSERVER = "observer", "Observer"

    body = models.ForeignKey(Body, models.PROTECT, related_name="seats")
    person = models.ForeignKey("pmo.User", models.PROTECT, related_name="seats")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    title = models.CharField(max_length=80, blank=True, help_text="What the person is outside: CFO, CISO ...")
    voting = models.BooleanField(default=True)
    term = DateRangeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="governance_seat_in_program"),
            models.CheckConstraint(
                name="governance_seat_votes_by_role",
                condition=Q(voting=False) | Q(role__in=["chair", "member"]),
            ),
            models.CheckConstraint(name="governance_seat_term", condition=Q(term__isempty=False)),
            ExclusionConstraint(
                name="governance_seat_person_once",
                expressions=[
                    (Int8Point("body"), RangeOperators.OVERLAPS),
                    (Int8Point("person"), RangeOperators.OVERLAPS),
                    ("term", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="governance_seat_one_chair",
                expressions=[(Int8Point("body"), RangeOperators.OVERLAPS), ("term", RangeOperators.OVERLAPS)],
                condition=Q(role="chair"),
            ),
        ]
        indexes = [models.Index(fields=["person", "body"], name="governance_seat_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.body_id}"
