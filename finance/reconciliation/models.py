"""What the ERP itself says that a period cost, as a whole or source by source, to be held against the books."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from finance.structure.models import FiscalPeriod
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned


@pghistory.track()
class ErpTotal(ProgramOwned, Versioned):
    """The ERP's own total of a period, in minor units of the program's currency: of one source, or of all (none)."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", db_constraint=False)
    source = models.ForeignKey(
        "finance.CostSource",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text="None: all sources together.",
    )
    amount_minor = models.BigIntegerField()
    note = models.CharField(max_length=200, blank=True, default="")
    entered_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "period", "source"], nulls_distinct=False, name="finance_erptotal_once"
            ),
            models.CheckConstraint(
                name="finance_erptotal_amount", condition=Q(amount_minor__gte=-LIMIT, amount_minor__lte=LIMIT)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor}"
