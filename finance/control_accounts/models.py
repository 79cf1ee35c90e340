"""Control accounts: where one manager answers for scope, time and cost; and the variances they are asked to explain."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import CODE, Project
from programs.raid.issue_models import Issue
from programs.schedule.models import Activity, StatusPeriod

SANE = (
    (Q(cpi_low=None) | Q(cpi_low__gt=0, cpi_low__lt=1))
    & (Q(cpi_high=None) | Q(cpi_high__gt=1))
    & (Q(spi_low=None) | Q(spi_low__gt=0, spi_low__lt=1))
    & (Q(vac_percent=None) | Q(vac_percent__gt=0, vac_percent__lte=1000))
    & Q(smallest_minor__gte=0, answer_days__gte=1, answer_days__lte=90)
)
"""Limits that make sense: indices on their side of 1, percent above 0."""


@pghistory.track()
class ControlAccount(ProgramOwned, Versioned):
    """An element of the WBS with a manager who answers for it; the work packages are what lies under it."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="+")
    code = models.CharField(max_length=60, validators=[CODE])
    manager = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity"], name="finance_controlaccount_element_once"),
            models.UniqueConstraint(fields=["program", "code"], name="finance_controlaccount_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_controlaccount_in_program"),
        ]

    def __str__(self) -> str:
        return self.code


@pghistory.track()
class VarianceLimits(ProgramOwned, Versioned):
    """Beyond which variance the manager of a control account has to explain it. One row a program; none: defaults."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    cpi_low = models.DecimalField(max_digits=5, decimal_places=3, null=True, blank=True)
    cpi_high = models.DecimalField(max_digits=5, decimal_places=3, null=True, blank=True)
    spi_low = models.DecimalField(max_digits=5, decimal_places=3, null=True, blank=True)
    vac_percent = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    smallest_minor = models.BigIntegerField(default=0)
    answer_days = models.PositiveSmallIntegerField(default=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program"], name="finance_variancelimits_one"),
            models.CheckConstraint(name="finance_variancelimits_sane", condition=SANE),
        ]

    def __str__(self) -> str:
        return f"variance limits of {self.program_id}"


class OwnLimits(ProgramOwned):
    """Limits of one project or one control account in place of the program's; with `ends` those of above again.

    Each setting is a row, numbered by `n` for its project or account, and stays: the newest holds.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="own_limits", db_constraint=False
    )
    account = models.ForeignKey(
        ControlAccount, models.PROTECT, null=True, blank=True, related_name="own_limits", db_constraint=False
    )
    n = models.PositiveIntegerField()
    ends = models.BooleanField(default=False)
    cpi_low = models.DecimalField(max_digits=5, decimal_places=3, null=True, blank=True)
    cpi_high = models.DecimalField(max_digits=5, decimal_places=3, null=True, blank=True)
    spi_low = models.DecimalField(max_digits=5, decimal_places=3, null=True, blank=True)
    vac_percent = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    smallest_minor = models.BigIntegerField(default=0)
    answer_days = models.PositiveSmallIntegerField(default=10)
    reason = models.CharField(max_length=400)
    set_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "project", "account", "n"],
                name="finance_ownlimits_once",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(fields=["program", "id"], name="finance_ownlimits_in_program"),
            models.CheckConstraint(
                name="finance_ownlimits_of_one",
                condition=Q(project__isnull=True, account__isnull=False)
                | Q(project__isnull=False, account__isnull=True),
            ),
            models.CheckConstraint(name="finance_ownlimits_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="finance_ownlimits_sane", condition=SANE),
        ]

    def __str__(self) -> str:
        return self.whose

    @property
    def whose(self) -> str:
        """Whose limits these are, in words."""
        return f"project {self.project.code}" if self.project else str(self.account)

    @property
    def address(self) -> str:
        """The project or account as an address names it."""
        return f"project={self.project_id}" if self.project_id else f"account={self.account_id}"


@pghistory.track()
class VarianceFinding(ProgramOwned, Versioned):
    """A control account beyond the limits at a status date: one for each, with its manager's answer."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    account = models.ForeignKey(ControlAccount, models.PROTECT, related_name="findings")
    period = models.ForeignKey(StatusPeriod, models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    crossed = models.JSONField(help_text="What was beyond its limit: measure, value, limit, sentence.")
    limits = models.ForeignKey(
        OwnLimits, models.PROTECT, null=True, blank=True, related_name="+", help_text="None: the program's."
    )
    owner = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    issue = models.ForeignKey(Issue, models.PROTECT, null=True, blank=True, related_name="variances")
    found_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    cause = models.TextField(blank=True, default="")
    impact = models.TextField(blank=True, default="")
    corrective_action = models.TextField(blank=True, default="")
    answered_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "period"], name="finance_variance_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_variance_in_program"),
            models.CheckConstraint(
                name="finance_variance_answer",
                condition=Q(state="open")
                | (
                    ~Q(cause="")
                    & ~Q(impact="")
                    & ~Q(corrective_action="")
                    & Q(answered_by__isnull=False, answered_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="finance_variance_closing",
                condition=~Q(state="closed") | Q(closed_by__isnull=False, closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="finance_variance_four_eyes",
                condition=Q(closed_by=None) | ~Q(closed_by=models.F("answered_by")),
            ),
        ]
        indexes = [models.Index(fields=["program", "state", "-id"], name="finance_variance_by_state")]

    def __str__(self) -> str:
        return self.title
