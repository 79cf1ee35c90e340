"""Links between component projects: how many lead from each to each, which of them drive dates, and each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from pmo.clocks import AsOf
from programs.master_plan.frame import computation_at, in_force
from programs.portfolio.models import Program, Project
from programs.schedule.models import ComputedDates, Dependency

MOST = 200
"""Links that the page and the API list; the matrix counts all of them, a file holds all of them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Links from one project to another: all of them, those that hold their successor, those between critical work."""

    links: int
    driving: int
    critical: int


@dataclass(frozen=True, slots=True)
class Interface:
    """One link across projects, with the dates that meet in it (UTC instants, None where not computed)."""

    pk: int
    kind: str
    lag: int
    lag_unit: str
    from_project: str
    from_id: int
    from_code: str
    from_name: str
    to_project: str
    to_id: int
    to_code: str
    to_name: str
    leaves: datetime | None
    """The date of the predecessor that the link starts from: its finish, or its start."""
    arrives: datetime | None
    """The date of the successor that it leads to."""
    driving: bool
    critical: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """Projects in the order of the plan, and what leads from one (first) to another (second), by their ids."""

    projects: list[Project]
    cells: Mapping[tuple[int, int], Cell]


def _across(program: Program, as_of: AsOf) -> Any:
    """Links across projects, with whether they drive and are critical by the dates known at the instant."""
    known = None if as_of.is_now else computation_at(program, as_of)
    dates = ComputedDates.objects.filter(in_force(program, as_of, known=known), program_id=program.pk)
    ends = {
        name: Exists(dates.filter(activity_id=OuterRef(f"{name}_id"), critical=True))
        for name in ("predecessor", "successor")
    }
    return (
        Dependency.objects.filter(program_id=program.pk)
        .exclude(predecessor__project_id=F("successor__project_id"))
        .annotate(
            drives=Exists(dates.filter(activity_id=OuterRef("successor_id"), driver_id=OuterRef("pk"))),
            hot=Q(ends["predecessor"]) & Q(ends["successor"]),
        )
    )


def matrix(program: Program, as_of: AsOf) -> Matrix:
    """Which project waits for which: two queries (three for an earlier instant), whatever the size of the plan.

    Links are those of now, as of every page; whether they drive follows from the dates known at the instant.
    """
    projects = list(Project.objects.filter(program_id=program.pk).order_by("position", "pk"))
    counted = (
        _across(program, as_of)
        .values_list("predecessor__project_id", "successor__project_id")
        .annotate(
            links=Count("pk"),
            driving=Count("pk", filter=Q(drives=True)),
            critical=Count("pk", filter=Q(hot=True)),
        )
        .order_by()
    )
    return Matrix(projects, {(one, other): Cell(*counts) for one, other, *counts in counted})


def interfaces(
    program: Program,
    as_of: AsOf,
    *,
    source: str = "",
    target: str = "",
    driving: bool = False,
    most: int | None = MOST,
) -> list[Interface]:
    """The links one by one, those that drive first, then by the date they lead to; from and to these projects.

    `source` and `target` are codes of projects, empty for all. At most `most` (None: all); two queries, three for
    an earlier instant.
    """
    rows = _across(program, as_of)
    if source:
        rows = rows.filter(predecessor__project__code__iexact=source)
    if target:
        rows = rows.filter(successor__project__code__iexact=target)
    if driving:
        rows = rows.filter(drives=True)
    known = None if as_of.is_now else computation_at(program, as_of)
    found: list[Any] = list(
        rows.order_by("-drives", "successor__project__position", "successor__position", "pk").values_list(
            "pk",
            "kind",
            "lag",
            "lag_unit",
            "predecessor__project__code",
            "predecessor_id",
            "predecessor__code",
            "predecessor__name",
            "successor__project__code",
            "successor_id",
            "successor__code",
            "successor__name",
            "drives",
            "hot",
        )[:most]
    )
    ends = {pk for row in found for pk in (row[5], row[9])}
    dates = {
        activity: (start, finish)
        for activity, start, finish in ComputedDates.objects.filter(
            in_force(program, as_of, known=known), program_id=program.pk, activity_id__in=ends
        ).values_list("activity_id", "early_start", "early_finish")
    }
    return [_interface(row, dates) for row in found]


def _interface(row: Any, dates: Mapping[int, tuple[datetime, datetime]]) -> Interface:
    kind, nothing = row[1], (None, None)
    leaves = dates.get(row[5], nothing)[kind[0] == "F"]
    arrives = dates.get(row[9], nothing)[kind[1] == "F"]
    values: tuple[Any, ...] = (*row[:12], leaves, arrives, *row[12:])
    return Interface(*values)
