"""Programs, their component projects, what they are for, and the days on which they report."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

import pghistory
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from pmo.accounts.access import current_access
from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned, Versioned
from pmo.zones import validate_zone

CODE = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$", "A code has letters, digits, dot, dash or underscore."
)


class ProgramQuerySet(models.QuerySet["Program"]):
    def visible_to(self, user: Any) -> Self:
        """The programs in which this person may see the plan, by the current access."""
        access = current_access()
        if not access.system and (access.user is None or user is None or access.user.pk != user.pk):
            return self.none()
        return self.filter(pk__in=access.programs_with(Permission.VIEW_PROGRAM))


def default_thresholds() -> dict[str, Any]:
    """Published limits of each dimension's colour (see governance.health); a program may set its own."""
    return {}


@pghistory.track(exclude=["plan_version", "ledger_version"])
class Program(Versioned):
    """A technology program: component projects under one sponsor, one plan, one ledger."""

    class Phase(models.TextChoices):
        FORMULATION = "formulation", "Formulation"
        PREPARATION = "preparation", "Preparation"
        DELIVERY = "delivery", "Delivery"
        CLOSURE = "closure", "Closure"

    class Progress(models.TextChoices):
        RETAINED = "retained_logic", "Retained logic"
        OVERRIDE = "progress_override", "Progress override"

    class Criticality(models.TextChoices):
        LONGEST_PATH = "longest_path", "Longest path"
        TOTAL_FLOAT = "total_float", "Total float at or under a threshold"

    code = models.CharField(max_length=30, validators=[CODE])
    name = models.CharField(max_length=200)
    mandate = models.TextField(blank=True)
    sponsor = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    manager = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    calendar = models.ForeignKey("programs.Calendar", models.PROTECT, null=True, blank=True, related_name="+")
    phase = models.CharField(max_length=16, choices=Phase.choices, default=Phase.DELIVERY)
    starts_at = models.DateTimeField(help_text="Earliest start of unconstrained work.")
    status_at = models.DateTimeField(null=True, blank=True, help_text="Status date: up to here it is fact.")
    committed_finish = models.DateField(
        null=True, blank=True, help_text="The finish promised to the sponsor."
    )
    fiscal_year_start_month = models.PositiveSmallIntegerField(default=1)
    progress_rule = models.CharField(max_length=20, choices=Progress.choices, default=Progress.RETAINED)
    criticality_rule = models.CharField(
        max_length=16, choices=Criticality.choices, default=Criticality.LONGEST_PATH
    )
    critical_float_minutes = models.IntegerField(default=0)
    thresholds = models.JSONField(default=default_thresholds, blank=True)
    # Counters that computed results quote as the version of their inputs.
    plan_version = models.PositiveBigIntegerField(default=0)
    ledger_version = models.PositiveBigIntegerField(default=0)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(models.functions.Upper("code"), name="programs_program_code_once"),
            models.CheckConstraint(
                name="programs_program_currency", condition=Q(currency__regex=r"^[A-Z]{3}$")
            ),
            models.CheckConstraint(
                name="programs_program_fiscal_month",
                condition=Q(fiscal_year_start_month__gte=1, fiscal_year_start_month__lte=12),
            ),
        ]

    def __str__(self) -> str:
        return self.code


@pghistory.track()
class Project(ProgramOwned, Versioned):
    """A component project of a program."""

    class Kind(models.TextChoices):
        SOFTWARE = "software", "Software"
        INFRASTRUCTURE = "infrastructure", "Infrastructure"
        PROCESS = "process", "Process"
        ORGANISATION = "organisation", "Organisation"
        PROCUREMENT = "procurement", "Procurement"

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        ACTIVE = "active", "Active"
        ON_HOLD = "on_hold", "On hold"
        COMPLETE = "complete", "Complete"
        CANCELLED = "cancelled", "Cancelled"

    class LagCalendar(models.TextChoices):
        PREDECESSOR = "predecessor", "Predecessor's calendar"
        SUCCESSOR = "successor", "Successor's calendar"
        ELAPSED = "elapsed", "24 hours"
        PROJECT = "project", "Project's calendar"

    code = models.CharField(max_length=30, validators=[CODE])
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.SOFTWARE)
    manager = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    outcomes = models.TextField(blank=True, help_text="Planned outcomes with their success measure.")
    priority = models.PositiveSmallIntegerField(default=3)
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACTIVE)
    calendar = models.ForeignKey("programs.Calendar", models.PROTECT, null=True, blank=True, related_name="+")
    lag_calendar = models.CharField(
        max_length=12, choices=LagCalendar.choices, default=LagCalendar.PREDECESSOR
    )
    starts_at = models.DateTimeField(
        null=True, blank=True, help_text="Earliest start; the program's where empty."
    )
    status_at = models.DateTimeField(
        null=True, blank=True, help_text="The latest status date of this project."
    )
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="programs_project_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_project_in_program"),
        ]
        ordering: ClassVar[list[str]] = ["program", "position", "id"]

    def __str__(self) -> str:
        return self.code


@pghistory.track()
class PlannedOutcome(ProgramOwned, Versioned):
    """What a project shall bring about: how one sees it, how much, by when; and what was seen of it."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        REACHED = "reached", "Reached"
        MISSED = "missed", "Not reached"

    project = models.ForeignKey(Project, models.PROTECT, related_name="planned_outcomes")
    position = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField(max_length=300)
    measure = models.CharField(max_length=200)
    target = models.CharField(max_length=100)
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    result = models.CharField(max_length=300, blank=True, default="", help_text="What was seen.")
    seen_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="programs_outcome_words",
                condition=Q(outcome__regex=r"\S", measure__regex=r"\S", target__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="programs_outcome_seen",
                condition=Q(state="open", result="", seen_on__isnull=True)
                | Q(state__in=("reached", "missed"), result__regex=r"\S", seen_on__isnull=False),
            ),
        ]
        ordering: ClassVar[list[str]] = ["project", "position", "id"]

    def __str__(self) -> str:
        return self.outcome[:60]


@pghistory.track()
class Objective(ProgramOwned, Versioned):
    """A benefit the program is for: what is measured, from where to where, by when."""

    code = models.CharField(max_length=30, validators=[CODE])
    name = models.CharField(max_length=200)
    measure = models.CharField(max_length=200)
    unit = models.CharField(max_length=30)
    baseline_value = models.DecimalField(max_digits=18, decimal_places=4)
    target_value = models.DecimalField(max_digits=18, decimal_places=4)
    baseline_on = models.DateField()
    target_on = models.DateField()
    owner = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(
        null=True, blank=True, help_text="It is no longer asked for since this instant."
    )
    retired_why = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="programs_objective_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_objective_in_program"),
            models.CheckConstraint(
                name="programs_objective_retired",
                condition=Q(retired_at__isnull=True, retired_why="")
                | Q(retired_at__isnull=False, retired_why__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="programs_objective_dates", condition=Q(target_on__gt=models.F("baseline_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def asked_on(self, day: date) -> Decimal:
        """The value that the straight line from baseline to target asks for on a day, in the measure's unit."""
        span = (self.target_on - self.baseline_on).days
        elapsed = min(max((day - self.baseline_on).days, 0), span)
        return self.baseline_value + (self.target_value - self.baseline_value) * elapsed / span


@pghistory.track()
class Reading(ProgramOwned):
    """A reading of an objective's measure on a day."""

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="readings")
    taken_on = models.DateField()
    value = models.DecimalField(max_digits=18, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["objective", "taken_on"], name="programs_reading_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.value} on {self.taken_on}"
