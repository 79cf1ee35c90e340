"""What the budget policy found: sentences beside the rows that they are about."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from finance.structure.models import Category, Nature
from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned
from pmo.warrants import Warrant
from programs.portfolio.models import Project


@pghistory.track()
class PolicyFinding(ProgramOwned):
    """A breach of budget policy that was seen and not refused. Open until cleared; a waiver is a warrant."""

    class Kind(models.TextChoices):
        WITHOUT_FUNDING = "without_funding", "Cost without approved budget"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    kind = models.CharField(max_length=24, choices=Kind.choices)
    sentence = models.CharField(max_length=400)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.CharField(max_length=20, choices=Category.choices, blank=True, default="")
    nature = models.CharField(max_length=10, choices=Nature.choices, blank=True, default="")
    amount_minor = models.BigIntegerField(default=0)
    journal = models.ForeignKey(
        "finance.Journal", models.PROTECT, null=True, related_name="findings", db_constraint=False
    )
    found_at = models.DateTimeField(db_default=Now())
    cleared_at = models.DateTimeField(null=True, blank=True)
    waiver = models.ForeignKey(Warrant, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="finance_finding_waiver_clears", condition=Q(waiver=None) | Q(cleared_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["program", "-id"], condition=Q(cleared_at=None), name="finance_finding_open")
        ]

    def __str__(self) -> str:
        return self.sentence
