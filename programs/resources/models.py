"""Who and what does the work: resources with capacity and cost rates, and their allocation to activities."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned, Versioned
from programs.calendars.models import Calendar
from programs.portfolio.models import CODE, Project
from programs.schedule.models import Activity


@pghistory.track()
class Resource(ProgramOwned, Versioned):
    """A person, role, equipment or environment. Costs are minor units of the program's currency, four decimals.

    One that is retired takes no new work (the database refuses it); what it did and does stays as it is.
    """

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        ROLE = "role", "Role"
        EQUIPMENT = "equipment", "Equipment"
        ENVIRONMENT = "environment", "Environment"
        MATERIAL = "material", "Material"

    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="resources")
    code = models.CharField(max_length=60, validators=[CODE])
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ROLE)
    capacity = models.DecimalField(
        max_digits=10, decimal_places=4, default=1, help_text="Units available at once."
    )
    cost_per_use = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    cost_per_hour = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    calendar = models.ForeignKey(
        Calendar,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="resources",
        help_text="When it can work; its project's or the program's where empty. Loads count it, dates do not.",
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_why = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "project", "code"],
                nulls_distinct=False,
                name="programs_resource_code_once",
            ),
            models.UniqueConstraint(fields=["program", "id"], name="programs_resource_in_program"),
            models.CheckConstraint(name="programs_resource_capacity", condition=Q(capacity__gte=0)),
            models.CheckConstraint(
                name="programs_resource_retired",
                condition=Q(retired_at=None, retired_why="")
                | Q(retired_at__isnull=False, retired_why__regex=r"\S"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Availability(ProgramOwned):
    """From one day to another (both included) there is this much of a resource at once: nothing while it is away.

    The database refuses two for one day. Loads count it; dates do not follow from it.
    """

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="availability")
    first = models.DateField()
    last = models.DateField()
    capacity = models.DecimalField(max_digits=10, decimal_places=4, help_text="Units at once.")
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="programs_availability_days", condition=Q(last__gte=models.F("first"), capacity__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} from {self.first}"


@pghistory.track()
class Assignment(ProgramOwned, Versioned):
    """Units of a resource allocated to an activity for its whole duration."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="assignments")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="assignments")
    units = models.DecimalField(max_digits=12, decimal_places=4, default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "resource"], name="programs_assignment_once"),
            models.CheckConstraint(name="programs_assignment_units", condition=Q(units__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} on {self.activity_id}"
