"""The plan as a file: exactly the activities shown, with exact dates, and every column that is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from pmo.clocks import AsOf
from programs.baselines.models import Baseline
from programs.master_plan.listing import Filters, rows_of
from programs.master_plan.sheet import shown as shown_as
from programs.master_plan.sheet.people import People
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock
from programs.schedule.models import Dependency
from programs.schedule.usual import usual_by_calendar

EXPORT_COLUMNS = (
    "project",
    "activity",
    "wbs",
    "name",
    "kind",
    "duration_minutes",
    "early_start",
    "early_finish",
    "late_start",
    "late_finish",
    "total_float_minutes",
    "free_float_minutes",
    "critical",
    "percent_complete",
    "baseline_start",
    "baseline_finish",
)
"""In every file; what else is shown comes behind them."""
MORE = {
    "actual_start": ("actual_start",),
    "actual_finish": ("actual_finish",),
    "remaining": ("remaining_minutes",),
    "predecessors": ("predecessors",),
    "resources": ("resources",),
    "calendar": ("calendar",),
    "constraint": ("constraint", "constraint_at"),
    "slip": ("days_against_baseline",),
}
"""By column of the table, what a file says of it beyond `EXPORT_COLUMNS`, which have the others already."""
OWN = {
    "actual_start": "actual_start",
    "actual_finish": "actual_finish",
    "remaining_minutes": "remaining_minutes",
    "calendar": "calendar__name",
    "constraint": "constraint",
    "constraint_at": "constraint_at",
}
"""What stands in the activity's own row."""


def heads(columns: Sequence[str]) -> tuple[str, ...]:
    """The headings of a file of these columns of the table."""
    return (*EXPORT_COLUMNS, *(name for key in columns for name in MORE.get(key, ())))


def export(program: Program, as_of: AsOf, filters: Filters, columns: Sequence[str] = ()) -> list[list[Any]]:
    """The activities shown, in their order: exact local dates (ISO, minutes), floats in working minutes.

    `columns` are those of the table; who works on an activity and what it waits for read as they do there. At most five
    queries.
    """
    zone = ProgramClock(program.time_zone).zone
    baseline = Baseline.objects.filter(program_id=program.pk, is_current=True).first()
    more = list(heads(columns)[len(EXPORT_COLUMNS) :])
    found = rows_of(program, as_of, filters, baseline).values_list(
        "project__code",
        "code",
        "wbs",
        "name",
        "kind",
        "duration_minutes",
        "now__early_start",
        "now__early_finish",
        "now__late_start",
        "now__late_finish",
        "now__total_float",
        "now__free_float",
        "now__critical",
        "percent_complete",
        "base__starts_at",
        "base__finishes_at",
        "pk",
        "project_id",
        *(OWN[name] for name in more if name in OWN),
    )
    fixed = len(EXPORT_COLUMNS)
    rows = list(found)
    projects = {row[fixed]: row[fixed + 1] for row in rows}
    told = {name: told(program, projects) for name, told in TOLD.items() if name in more}

    def extra(row: tuple[Any, ...]) -> list[Any]:
        own = iter(row[fixed + 2 :])
        return [
            next(own)
            if name in OWN
            else _slip(row)
            if name == "days_against_baseline"
            else told[name].get(row[fixed], "")
            for name in more
        ]

    return [
        [
            value.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else value
            for value in [*row[:fixed], *extra(row)]
        ]
        for row in rows
    ]


def _slip(row: tuple[Any, ...]) -> float | None:
    """Days on the clock from the baseline's finish to the finish now; later is positive."""
    finish, base = row[EXPORT_COLUMNS.index("early_finish")], row[EXPORT_COLUMNS.index("baseline_finish")]
    return None if finish is None or base is None else round((finish - base).total_seconds() / 86_400, 2)


def _people(program: Program, projects: dict[int, int]) -> dict[int, str]:
    return People(program).texts(projects)


def _predecessors(program: Program, projects: dict[int, int]) -> dict[int, str]:
    """What each activity waits for, as the table writes it: `A10; IAM/B20SS+2d`. Two queries."""
    usual, program_day = usual_by_calendar(program)
    waits: dict[int, list[str]] = {}
    links = Dependency.objects.filter(program_id=program.pk)
    if len(projects) < 1000:
        links = links.filter(Q(successor_id__in=list(projects)))
    for after, kind, lag, unit, code, owner, owner_code, calendar, project_calendar in links.order_by(
        "pk"
    ).values_list(
        "successor_id",
        "kind",
        "lag",
        "lag_unit",
        "predecessor__code",
        "predecessor__project_id",
        "predecessor__project__code",
        "successor__calendar_id",
        "successor__project__calendar_id",
    ):
        if after in projects:
            name = code if owner == projects[after] else f"{owner_code}/{code}"
            length = usual.get(calendar or project_calendar or 0, program_day)
            waits.setdefault(after, []).append(shown_as.link(name, kind, lag, unit, length))
    return {pk: shown_as.links(parts) for pk, parts in waits.items()}


TOLD: dict[str, Callable[[Program, dict[int, int]], dict[int, str]]] = {
    "predecessors": _predecessors,
    "resources": _people,
}
