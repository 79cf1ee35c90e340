"""Exchange rates of a program: from which day on how many units of its currency one unit of another is worth."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned, Versioned

HIGHEST = 10**9
"""No rate is above this."""
DECIMALS = 10


@pghistory.track()
class ExchangeRate(ProgramOwned, Versioned):
    """A dated rate: units of the program's currency for one unit of `currency`, from `from_day` until the next one.

    A cost keeps the rate that it was entered at: a rate that is corrected later changes no cost.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    currency = models.CharField(max_length=3)
    from_day = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=DECIMALS)
    note = models.CharField(max_length=200, blank=True, default="")
    entered_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "currency", "from_day"], name="finance_rate_once"),
            models.CheckConstraint(
                name="finance_rate_above_zero", condition=Q(rate__gt=0) & Q(rate__lte=HIGHEST)
            ),
            models.CheckConstraint(name="finance_rate_currency", condition=Q(currency__regex=r"^[A-Z]{3}$")),
        ]

    def __str__(self) -> str:
        return f"{self.currency} from {self.from_day}: {self.rate}"
