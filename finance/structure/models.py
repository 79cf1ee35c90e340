"""What money is sorted by: cost categories, natures, and the fiscal periods of a program."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned


class Category(models.TextChoices):
    LABOUR = "labour", "Labour"
    HARDWARE = "hardware", "Hardware"
    SOFTWARE = "software", "Software"
    SERVICES = "services", "Services"
    FACILITIES = "facilities", "Facilities"
    TRAVEL = "travel", "Travel"
    OTHER = "other", "Other"
    CONTINGENCY = "contingency", "Contingency"
    MANAGEMENT_RESERVE = "management_reserve", "Management reserve"


RESERVES = frozenset({Category.CONTINGENCY.value, Category.MANAGEMENT_RESERVE.value})
"""Categories that are kept apart: granted into a reserve account, never spent directly."""


class Nature(models.TextChoices):
    CAPITAL = "capital", "Capital"
    OPERATING = "operating", "Operating"


PERIOD_CODE = RegexValidator(r"^[0-9]{4}-(0[1-9]|1[0-2])$", "A period is written like 2026-11.")


class ProgramPoint(Func):
    """The program as a one-point range: GiST without the btree_gist extension (trust.md 4.2)."""

    function = "int8range"
    output_field = models.TextField()

    def __init__(self) -> None:
        super().__init__(F("program_id"), F("program_id"), Value("[]"))


class PeriodDays(Func):
    """The days of the period as a range, both ends included."""

    function = "daterange"
    output_field = models.TextField()

    def __init__(self) -> None:
        super().__init__(F("starts_on"), F("ends_on"), Value("[]"))


@pghistory.track()
class FiscalPeriod(ProgramOwned):
    """A month of a program's books. While closed, no journal can be entered in it."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    code = models.CharField(max_length=7, validators=[PERIOD_CODE])
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    reopened_why = models.CharField(max_length=400, blank=True, default="", db_default="")
    closed_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_period_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_period_in_program"),
            models.CheckConstraint(name="finance_period_dates", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="finance_period_closing",
                condition=Q(state="open", closed_at=None) | Q(state="closed", closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="finance_period_reopening",
                condition=Q(reopened_at=None, reopened_why="")
                | (Q(reopened_at__isnull=False) & ~Q(reopened_why="")),
            ),
            ExclusionConstraint(
                name="finance_period_no_overlap", expressions=[(ProgramPoint(), "&&"), (PeriodDays(), "&&")]
            ),
        ]
        ordering: ClassVar[list[str]] = ["program", "starts_on"]

    def __str__(self) -> str:
        return self.code
