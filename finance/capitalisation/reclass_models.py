"""Reclassified cost: asked for by one person, accepted by another; which lines it moved between capital and expense."""

from __future__ import annotations

from typing import Any, ClassVar

import pghistory
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Coalesce

from finance.capitalisation.models import CapitalisationPolicy
from finance.ledger.models import ActualLine
from finance.structure.models import Nature
from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import Project

SOURCE = "reclassification"
"""What the journals of a reclassification name as their source."""


@pghistory.track()
class Reclassification(ProgramOwned, Versioned):
    """A proposal of the policy put forward for posting: cost lines of a project, as they differed when it was asked."""

    class State(models.TextChoices):
        ASKED = "asked", "Waits"
        ACCEPTED = "accepted", "Posted"
        REJECTED = "rejected", "Rejected"
        TAKEN_BACK = "taken_back", "Taken back"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    code = models.CharField(max_length=12)
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    policy = models.ForeignKey(CapitalisationPolicy, models.PROTECT, related_name="+", db_constraint=False)
    month = models.CharField(max_length=7, blank=True, default="", help_text="Only the costs of it; or all.")
    reason = models.CharField(max_length=400)
    lines = models.PositiveIntegerField()
    to_capital_minor = models.BigIntegerField(help_text="Sum of what moves from expense to capital.")
    to_expense_minor = models.BigIntegerField(help_text="Sum of what moves from capital to expense.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=400, blank=True, default="", help_text="Why rejected or taken back.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_reclassification_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_reclassification_in_program"),
            models.CheckConstraint(
                name="finance_reclassification_decided",
                condition=Q(state="asked", decided_by=None, decided_at=None)
                | (~Q(state="asked") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="finance_reclassification_four_eyes",
                condition=Q(decided_by=None) | Q(state="rejected") | ~Q(decided_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="finance_reclassification_words",
                condition=Q(state__in=["asked", "accepted"]) | ~Q(words=""),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ReclassifiedLine(ProgramOwned):
    """One cost line of a reclassification; `live`: its nature by now is `to_nature`, not what it was posted with."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    reclassification = models.ForeignKey(Reclassification, models.PROTECT, related_name="parts")
    line = models.ForeignKey(ActualLine, models.PROTECT, related_name="reclassified", db_constraint=False)
    from_nature = models.CharField(max_length=10, choices=Nature.choices)
    to_nature = models.CharField(max_length=10, choices=Nature.choices)
    amount_minor = models.BigIntegerField()
    clause = models.CharField(max_length=60)
    live = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(live=True), name="finance_reclassifiedline_live_once"
            ),
            models.UniqueConstraint(
                fields=["reclassification", "line"], name="finance_reclassifiedline_once"
            ),
            models.CheckConstraint(
                name="finance_reclassifiedline_moves", condition=~Q(from_nature=F("to_nature"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.from_nature} to {self.to_nature}"


def originals(rows: Any) -> Any:
    """Cost lines without the counter lines of reclassifications, each with the nature that it has by now (`now_is`)."""
    return (
        rows.exclude(journal__source_kind=SOURCE)
        .alias(held=FilteredRelation("reclassified", condition=Q(reclassified__live=True)))
        .annotate(now_is=Coalesce("held__to_nature", F("nature")))
    )
