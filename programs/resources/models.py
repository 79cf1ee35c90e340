"""Who and what does the work: resources with capacity and cost rates, and their allocation to activities."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import CODE, Project
from programs.schedule.models import Activity


@pghistory.track()
class Resource(ProgramOwned, Versioned):
    """A person, role, equipment or environment. Costs are minor units of the program's currency, four decimals."""

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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "project", "code"],
                nulls_distinct=False,
                name="programs_resource_code_once",
            ),
            models.UniqueConstraint(fields=["program", "id"], name="programs_resource_in_program"),
            models.CheckConstraint(name="programs_resource_capacity", condition=Q(capacity__gte=0)),
        ]

    def __str__(self) -> str:
        return self.name


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
