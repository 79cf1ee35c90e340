"""Parts of a capital request that wait for a stage gate of its project: set aside, and not to be ordered yet."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from finance.capex.models import CapitalRequest
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned
from programs.gates.models import Gate


@pghistory.track()
class GateHold(ProgramOwned, Versioned):
    """So much of a request (minor units) waits for this gate. That it is released follows from the gate alone.

    A gate that proceeds releases all of it; one that proceeds with conditions `if_conditions_minor` of it, or all where
    that is empty. `taken_minor` moved on to another hold of the request, after the gate was stopped or left a rest.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    request = models.ForeignKey(CapitalRequest, models.PROTECT, related_name="gate_holds")
    gate = models.ForeignKey(Gate, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    if_conditions_minor = models.BigIntegerField(null=True, blank=True)
    taken_minor = models.BigIntegerField(default=0)
    moved_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="moved_to")
    why = models.CharField(max_length=400, blank=True, default="")
    set_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "id"], name="finance_gatehold_in_program"),
            models.CheckConstraint(
                name="finance_gatehold_amounts",
                condition=Q(amount_minor__gt=0, amount_minor__lte=LIMIT)
                & Q(taken_minor__gte=0, taken_minor__lte=F("amount_minor"))
                & (
                    Q(if_conditions_minor__isnull=True)
                    | Q(if_conditions_minor__gte=0, if_conditions_minor__lte=F("amount_minor"))
                ),
            ),
            models.CheckConstraint(
                name="finance_gatehold_moved_says_why", condition=Q(moved_from__isnull=True) | ~Q(why="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} until {self.gate_id}"
