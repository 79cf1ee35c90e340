"""The master plan as rows to show: one window of activities with their dates, baseline and links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from django.db.models import Q

from pmo import formats
from pmo.clocks import AsOf
from programs.master_plan.frame import (
    Filters,
    Frame,
    computation_at,
    frame,
    in_force,
    known_by,
    places,
    rows_of,
)
from programs.master_plan.sheet import shown as shown_as
from programs.master_plan.sheet.people import People
from programs.portfolio.models import Program, Project
from programs.schedule.clock import ProgramClock
from programs.schedule.gantt import WINDOW, GanttLink, GanttRow
from programs.schedule.gantt_links import LinkKind
from programs.schedule.models import Dependency
from programs.schedule.usual import usual_by_calendar

__all__ = ["Filters", "Frame", "Line", "computation_at", "frame", "in_force", "known_by", "rows_of", "window"]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table, every value a string already."""

    key: str
    pk: int | None
    name: str
    level: int
    group: bool
    summary: bool
    href: str
    critical: bool
    cells: dict[str, str] = field(default_factory=dict)
    """Text by column."""
    editable: bool = False
    milestone: bool = False
    seen: str = ""
    """The constraint: what an edit of the start says that it saw."""
    renamed: bool = True
    """Can its name be typed into?"""


def window(
    program: Program,
    as_of: AsOf,
    filters: Filters,
    shown: Frame,
    *,
    begin: int,
    count: int = WINDOW,
    plan_url: str,
    query: str,
    editable_projects: set[int] | None,
    columns: Sequence[str] = (),
) -> tuple[list[Line], list[GanttRow], list[GanttLink], bool]:
    """Rows `begin` to `begin + count` of the plan with what is drawn for them, and whether more follow.

    `editable_projects` None means all. Four queries: which rows, their dates, usual days, links; two more where
    `columns` ask who works on them.
    """
    usual, program_day = usual_by_calendar(program)
    clock = ProgramClock(program.time_zone)
    codes = {project.pk: project for project in shown.projects}
    before = 1 if begin else 0
    listed = places(program, as_of, filters, shown, begin - before, before + count + 1)
    # The row before the window tells whether its first row begins a project.
    previous = listed[0][1] if before and listed else None
    ids = [pk for pk, _ in listed[before : before + count]]
    more = len(listed) > before + count
    found = {
        row[0]: row
        for row in rows_of(program, as_of, Filters(), shown.baseline, shown.computation)
        .filter(pk__in=ids)
        .order_by()
        .values_list(
            "pk",
            "project_id",
            "level",
            "code",
            "name",
            "kind",
            "duration_minutes",
            "calendar_id",
            "percent_complete",
            "now__early_start",
            "now__early_finish",
            "now__late_finish",
            "now__total_float",
            "now__critical",
            "base__starts_at",
            "base__finishes_at",
            "constraint",
            "constraint_at",
            "calendar__name",
            "actual_start",
            "actual_finish",
            "remaining_minutes",
        )
    }
    linked = list(
        Dependency.objects.filter(program_id=program.pk)
        .filter(Q(predecessor_id__in=ids) | Q(successor_id__in=ids))
        .order_by("pk")
        .values_list(
            "predecessor_id",
            "successor_id",
            "kind",
            "lag",
            "lag_unit",
            "predecessor__code",
            "predecessor__project_id",
        )
    )
    waits: dict[int, list[tuple[str, int, str, int, str]]] = {}
    for _, after, kind, lag, unit, code, owner in linked:
        waits.setdefault(after, []).append((code, owner, kind, lag, unit))
    crews = People(program).texts({pk: found[pk][1] for pk in ids}) if "resources" in columns else {}
    lines: list[Line] = []
    bars: list[GanttRow] = []
    wall = clock.wall_or_none
    for row in (found[pk] for pk in ids):
        (pk, project_id, level, code, name, kind, minutes, calendar_id, percent) = row[:9]
        start, finish, late, total_float, critical, base_start, base_finish = row[9:16]
        constraint, constraint_at, calendar, began, ended, left = row[16:]
        project = codes[project_id]
        if project_id != previous:
            previous = project_id
            line, bar = _heading(project, shown, clock, plan_url, editable_projects)
            lines.append(line)
            bars.append(bar)
        day = usual.get(calendar_id or project.calendar_id or 0, program_day)
        milestone = kind in ("start_milestone", "finish_milestone")
        floated = formats.UNKNOWN if total_float is None or kind == "summary" else _days(total_float, day)
        href = f"{plan_url}{pk}/{query}"
        seen = shown_as.constraint(constraint, constraint_at, clock.zone)
        lines.append(
            Line(
                str(pk),
                pk,
                name,
                level + 1,
                False,
                kind == "summary",
                href,
                bool(critical),
                {
                    "code": code,
                    "days": formats.UNKNOWN
                    if milestone or kind == "summary"
                    else shown_as.days(minutes, day),
                    "start": _day(start, clock),
                    "finish": _day(finish, clock, finish=True, begun=start),
                    "percent": "" if kind == "summary" else shown_as.percent(percent),
                    "actual_start": shown_as.moment(began, clock.zone),
                    "actual_finish": shown_as.moment(ended, clock.zone),
                    "remaining": "" if left is None else shown_as.days(left, day),
                    "predecessors": shown_as.links(
                        [
                            shown_as.link(
                                code if owner == project_id else f"{codes[owner].code}/{code}",
                                link,
                                lag,
                                unit,
                                day,
                            )
                            for code, owner, link, lag, unit in waits.get(pk, ())
                        ]
                    ),
                    "resources": crews.get(pk, ""),
                    "calendar": calendar or "",
                    "constraint": seen,
                    "float": floated,
                    "slip": _moved(base_finish, finish),
                },
                editable_projects is None or project_id in editable_projects,
                milestone,
                seen,
            )
        )
        bars.append(
            GanttRow(
                pk,
                name,
                "milestone" if milestone else "summary" if kind == "summary" else "task",
                wall(start),
                wall(finish),
                baseline_start=wall(base_start),
                baseline_finish=wall(base_finish),
                percent=float(percent),
                critical=bool(critical),
                float_text="" if floated == formats.UNKNOWN else f"{floated} d",
                href=href,
                late_finish=wall(late) if kind == "task" else None,
            )
        )
    if not more and editable_projects != set() and not filters.narrowed:
        # Who may plan begins a project that is empty so far below its heading.
        for project in shown.projects:
            wanted = not filters.project or project.code.casefold() == filters.project.casefold()
            if wanted and not shown.rows.get(project.pk):
                line, bar = _heading(project, shown, clock, plan_url, editable_projects)
                lines.append(line)
                bars.append(bar)
    on_path = {pk for pk, row in found.items() if row[13]}
    links = [
        GanttLink(source, target, cast(LinkKind, kind), source in on_path and target in on_path)
        for source, target, kind, *_ in linked
    ]
    return lines, bars, links, more


def _heading(
    project: Project, shown: Frame, clock: ProgramClock, plan_url: str, editable_projects: set[int] | None
) -> tuple[Line, GanttRow]:
    """The row of a project, with the span of all its activities."""
    span, base = shown.spans.get(project.pk), shown.baseline_spans.get(project.pk)
    key, heading, href = (
        f"p{project.pk}",
        f"{project.code} {project.name}",
        f"{plan_url}?project={project.code}",
    )
    line = Line(
        key,
        None,
        heading,
        0,
        True,
        False,
        href,
        False,
        {"slip": _moved(base.finish if base else None, span.finish if span else None)},
        editable_projects is None or project.pk in editable_projects,
    )
    bar = GanttRow(
        key,
        heading,
        "project",
        clock.wall_or_none(span.start) if span else None,
        clock.wall_or_none(span.finish) if span else None,
        href=href,
    )
    return line, bar


def _days(minutes: int, day: int) -> str:
    """Working minutes as days of the calendar's usual length, at most one decimal."""
    text = formats.number(minutes / day, 1)
    return text[:-2] if text.endswith(".0") else text


def _day(
    value: datetime | None, clock: ProgramClock, *, finish: bool = False, begun: datetime | None = None
) -> str:
    """The day on the program's clock; work that ends at midnight ended on the day before."""
    if value is None:
        return formats.UNKNOWN
    ends = finish and begun is not None and value > begun
    return formats.day((value - timedelta(minutes=ends)).astimezone(clock.zone).date())


def _moved(before: datetime | None, after: datetime | None) -> str:
    """Calendar days from the baseline finish to the finish now."""
    if before is None or after is None:
        return formats.UNKNOWN
    days = (after.astimezone(UTC).date() - before.astimezone(UTC).date()).days
    return formats.delta_days(days) if days else "0"
