"""Reads of assessments: the one in force, the course of them, and what a point found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, QuerySet, Value

from pmo.clocks import AsOf
from programs.portfolio.models import Program, Project
from programs.schedule.models import Activity, Computation, Dependency
from programs.schedule_health.models import HealthAssessment

COURSE = 30
"""How many days the course shows."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the page shows: the assessment, whether the plan moved on since, the projects to choose from."""

    assessment: HealthAssessment | None
    computation: Computation | None
    projects: list[Project]
    project: Project | None
    unknown: str = ""
    """The code that was asked for and is none of this program's projects."""

    @property
    def is_stale(self) -> bool:
        return (
            self.assessment is not None
            and self.computation is not None
            and self.assessment.computation_id != self.computation.pk
        )


def read(program: Program, chosen: AsOf, project_code: str = "") -> Health:
    """Three queries: projects, the assessment known then, the computation in force then."""
    projects = list(Project.objects.filter(program_id=program.pk).order_by("position", "pk"))
    project = next((one for one in projects if one.code.lower() == project_code.lower()), None)
    if project_code and project is None:
        return Health(None, None, projects, None, unknown=project_code)
    found = known(program, chosen, project).select_related("baseline").first()
    last = Computation.objects.filter(program_id=program.pk, computed_at__lte=chosen.known)
    return Health(found, last.order_by("-pk").first(), projects, project)


def known(program: Program, chosen: AsOf, project: Project | None) -> QuerySet[HealthAssessment]:
    """Assessments of the program (or one project) known at the instant, newest first."""
    return HealthAssessment.objects.filter(
        program_id=program.pk, project=project, assessed_at__lte=chosen.known
    ).order_by("-day", "-pk")


def course(program: Program, chosen: AsOf, project: Project | None) -> list[dict[str, Any]]:
    """The last assessments in order of their days, figures only."""
    rows = known(program, chosen, project).values("day", "failed", "applicable", "points", "from_progress")[
        :COURSE
    ]
    return [dict(row) for row in rows][::-1]


def _in_order(ids: list[int], column: str) -> Any:
    """The place of a row's id in a list, so that rows come worst first."""
    return Func(
        Value(ids, ArrayField(BigIntegerField())),
        F(column),
        function="array_position",
        output_field=BigIntegerField(),
    )


def activities_found(program: Program, found: list[list[Any]]) -> QuerySet[Activity]:
    """The activities that a point found, worst first."""
    ids = list(dict.fromkeys(one[0] for one in found if one[0] is not None))
    return (
        Activity.objects.filter(program_id=program.pk, pk__in=ids)
        .select_related("project")
        .annotate(place=_in_order(ids, "pk"))
        .order_by("place", "pk")
    )


def links_found(program: Program, found: list[list[Any]]) -> QuerySet[Dependency]:
    """The links that a point found, worst first."""
    ids = list(dict.fromkeys(one[1] for one in found if one[1] is not None))
    return (
        Dependency.objects.filter(program_id=program.pk, pk__in=ids)
        .select_related("predecessor", "successor__project")
        .annotate(place=_in_order(ids, "pk"))
        .order_by("place", "pk")
    )
