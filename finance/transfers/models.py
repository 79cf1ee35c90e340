"""Who may move how much budget from one cost line to another without a decision."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from pmo.accounts.roles import Permission, Role
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned


@pghistory.track()
class TransferRule(ProgramOwned, Versioned):
    """A role's authority to move available budget: at once, in a fiscal year, within a project or across projects.

    Amounts are minor units of the program's currency. What lies beyond every rule needs a decision.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    code = models.CharField(max_length=12)
    role = models.CharField(max_length=20, choices=Role.choices)
    up_to_minor = models.BigIntegerField(help_text="At once.")
    year_up_to_minor = models.BigIntegerField(
        null=True, blank=True, help_text="All together in a fiscal year; none: without limit."
    )
    across_projects = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="The last day on which it holds.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_transferrule_code_once"),
            models.CheckConstraint(
                name="finance_transferrule_limit", condition=Q(up_to_minor__gt=0, up_to_minor__lte=LIMIT)
            ),
            models.CheckConstraint(
                name="finance_transferrule_year",
                condition=Q(year_up_to_minor=None)
                | Q(year_up_to_minor__gte=F("up_to_minor"), year_up_to_minor__lte=LIMIT),
            ),
            models.CheckConstraint(
                name="finance_transferrule_valid",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(name="finance_transferrule_role", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return self.code
