"""The master plan as rows to show: one window of activities with their dates, baseline and links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.db.models import Q

from pmo import formats
from pmo.among import among
from pmo.clocks import AsOf
from programs.master_plan.filters import Filters
from programs.master_plan.folding import Folding, links_of_folded
from programs.master_plan.frame import (
    Frame,
    computation_at,
    frame,
    in_force,
    known_by,
    places,
    rows_of,
    sections,
)
from programs.master_plan.heads import Heads
from programs.master_plan.lines import Line, day, in_days, moved
from programs.master_plan.sheet import shown as shown_as
from programs.master_plan.sheet.people import People
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock
from programs.schedule.gantt import WINDOW, GanttLink, GanttRow
from programs.schedule.gantt_links import LinkKind
from programs.schedule.models import Dependency
from programs.schedule.usual import usual_by_calendar

__all__ = ["Filters", "Frame", "Line", "computation_at", "frame", "in_force", "known_by", "rows_of", "window"]


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
    folding: Folding | None = None,
    usual: tuple[dict[int, int], int] | None = None,
) -> tuple[list[Line], list[GanttRow], list[GanttLink], bool]:
    """Rows `begin` to `begin + count` of the plan with what is drawn for them, and whether more follow.

    `editable_projects` None means all; without `folding` nothing can be folded; `usual` is what
    `usual_by_calendar` gave, for who asked already. Four queries: which rows, their dates,
    usual days, links; one more for groups, two for links of folded rows, two where
    `columns` ask who works on them.
    """
    lengths, program_day = usual or usual_by_calendar(program)
    clock = ProgramClock(program.time_zone)
    codes = {project.pk: project for project in shown.projects}
    before = 1 if begin else 0
    outline = sections(program, as_of, filters, shown)
    listed = places(program, as_of, filters, shown, outline, begin - before, before + count + 1)
    under = dict(listed[before : before + count])
    ids = list(under)
    more = len(listed) > before + count
    found = {
        row[0]: row
        for row in rows_of(program, as_of, Filters(), shown.baseline, shown.computation)
        .filter(among("pk", ids))
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
    linked = _linked(program, ids)
    waits: dict[int, list[tuple[str, int, str, int, str]]] = {}
    for _, after, kind, lag, unit, code, owner in linked:
        waits.setdefault(after, []).append((code, owner, kind, lag, unit))
    crews = People(program).texts({pk: found[pk][1] for pk in ids}) if "resources" in columns else {}
    lines: list[Line] = []
    bars: list[GanttRow] = []
    wall = clock.wall_or_none
    heads = Heads(
        outline,
        shown,
        clock,
        plan_url=plan_url,
        editable_projects=editable_projects,
        folding=folding,
        # Who may plan begins a project that is empty so far below its heading.
        empty_too=editable_projects != set() and not filters.narrowed,
        # The row before the window tells which heads stand above it already.
        above=(listed[0][1],) if before and listed else None,
    )
    folded_rows: list[int] = []
    for row in (found[pk] for pk in ids):
        (pk, project_id, level, code, name, kind, minutes, calendar_id, percent) = row[:9]
        start, finish, late, total_float, critical, base_start, base_finish = row[9:16]
        constraint, constraint_at, calendar, began, ended, left = row[16:]
        project = codes[project_id]
        for line, bar in heads.before(under[pk]):
            lines.append(line)
            bars.append(bar)
        length = lengths.get(calendar_id or project.calendar_id or 0, program_day)
        milestone = kind in ("start_milestone", "finish_milestone")
        floated = (
            formats.UNKNOWN if total_float is None or kind == "summary" else in_days(total_float, length)
        )
        href = f"{plan_url}{pk}/{query}"
        foldable = folding is not None and kind == "summary" and filters.tree
        folded = foldable and ((0 < filters.depth <= level + 1) != (str(pk) in filters.fold))
        if folded:
            folded_rows.append(pk)
        seen = shown_as.constraint(constraint, constraint_at, clock.zone)
        lines.append(
            Line(
                str(pk),
                pk,
                name,
                1 if filters.group else level + 1,
                False,
                kind == "summary",
                href,
                bool(critical),
                {
                    "project": project.code,
                    "code": code,
                    "days": formats.UNKNOWN
                    if milestone or kind == "summary"
                    else shown_as.days(minutes, length),
                    "start": day(start, clock),
                    "finish": day(finish, clock, finish=True, begun=start),
                    "percent": "" if kind == "summary" else shown_as.percent(percent),
                    "actual_start": shown_as.moment(began, clock.zone),
                    "actual_finish": shown_as.moment(ended, clock.zone),
                    "remaining": "" if left is None else shown_as.days(left, length),
                    "predecessors": shown_as.links(
                        [
                            shown_as.link(
                                code if owner == project_id else f"{codes[owner].code}/{code}",
                                link,
                                lag,
                                unit,
                                length,
                            )
                            for code, owner, link, lag, unit in waits.get(pk, ())
                        ]
                    ),
                    "resources": crews.get(pk, ""),
                    "calendar": calendar or "",
                    "constraint": seen,
                    "float": floated,
                    "slip": moved(base_finish, finish),
                },
                editable_projects is None or project_id in editable_projects,
                milestone,
                seen,
                fold=folding.href(str(pk)) if folding and foldable else "",
                folded=folded,
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
    if not more:
        for line, bar in heads.rest():
            lines.append(line)
            bars.append(bar)
    on_path = {pk for pk, row in found.items() if row[13]}
    links = _drawn(program, as_of, shown, linked, on_path, folded_rows, heads.folded_projects())
    return lines, bars, links, more


def _linked(program: Program, ids: list[int]) -> list[Any]:
    """Links that begin or end at these activities, with the predecessor's names. One query."""
    return list(
        Dependency.objects.filter(program_id=program.pk)
        .filter(Q(among("predecessor_id", ids)) | Q(among("successor_id", ids)))
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


def _drawn(
    program: Program,
    as_of: AsOf,
    shown: Frame,
    linked: list[Any],
    on_path: set[int],
    folded_rows: list[int],
    folded_projects: list[int],
) -> list[GanttLink]:
    """The links as arrows; those of hidden work lead to the row that it is folded into, and each is drawn once."""
    hidden = links_of_folded(program.pk, folded_rows, folded_projects)
    if hidden:
        ends = {pk for one in hidden for pk in (one.predecessor, one.successor)}
        critical = rows_of(program, as_of, Filters(critical=True), shown.baseline, shown.computation)
        on_path = on_path | set(critical.filter(pk__in=ends).order_by().values_list("pk", flat=True))
    led = {(one.predecessor, one.successor, one.kind) for one in hidden}
    links = [
        GanttLink(source, target, cast(LinkKind, kind), source in on_path and target in on_path)
        for source, target, kind, *_ in linked
        if (source, target, kind) not in led
    ]
    arrows = {
        (one.source, one.target, one.kind, one.predecessor in on_path and one.successor in on_path)
        for one in hidden
    }
    return links + [
        GanttLink(source, target, cast(LinkKind, kind), critical)
        for source, target, kind, critical in sorted(arrows, key=str)
    ]
