"""The master plan as rows to show: one window of activities with their dates, baseline and links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django.db.models import Count, F, FilteredRelation, Max, Min, Q

from pmo import formats
from pmo.clocks import AsOf
from programs.baselines.models import Baseline
from programs.portfolio.models import Program, Project
from programs.schedule.clock import ProgramClock
from programs.schedule.gantt import WINDOW, GanttLink, GanttRow
from programs.schedule.gantt_links import LinkKind
from programs.schedule.models import Activity, Computation, ComputedDates, Dependency
from programs.schedule.usual import usual_by_calendar


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address chose to show."""

    project: str = ""
    critical: bool = False
    milestones: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table, every value a string already."""

    key: str
    pk: int | None
    name: str
    code: str
    level: int
    group: bool
    summary: bool
    days: str
    float_text: str
    slip: str
    href: str
    editable: bool
    critical: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the windows: totals, time axis, projects."""

    computation: Computation | None
    baseline: Baseline | None
    projects: list[Project]
    spans: dict[int, dict[str, Any]]
    total: int
    cross_links: int
    first: date
    last: date


def in_force(program: Program, as_of: AsOf, prefix: str = "") -> Q:
    """Computed dates as they were known at the instant: computed by then, superseded later or never.

    Computations of a program are numbered in the order they were made, so that the rows themselves tell: the
    condition also serves a filtered relation (`prefix="dates__"`), which may not look beyond its table.
    """
    if as_of.is_now:
        return Q(**{f"{prefix}superseded_by": None})
    known = computation_at(program, as_of)
    last = known.pk if known else 0
    return Q(**{f"{prefix}computation__lte": last}) & (
        Q(**{f"{prefix}superseded_by": None}) | Q(**{f"{prefix}superseded_by__gt": last})
    )


def computation_at(program: Program, as_of: AsOf) -> Computation | None:
    """The computation in force at the instant of knowledge, or None before the first."""
    return (
        Computation.objects.filter(program_id=program.pk, computed_at__lte=as_of.known)
        .order_by("-pk")
        .first()
    )


def frame(program: Program, as_of: AsOf, filters: Filters) -> Frame:
    """Six queries, whatever the size of the plan."""
    baseline = Baseline.objects.filter(program_id=program.pk, is_current=True).first()
    projects = list(Project.objects.filter(program_id=program.pk).order_by("position", "pk"))
    spans: dict[int, dict[str, Any]] = {
        row["project_id"]: dict(row)
        for row in ComputedDates.objects.filter(in_force(program, as_of), program_id=program.pk)
        .values("project_id")
        .annotate(
            start=Min("early_start"),
            finish=Max("early_finish"),
            rows=Count("pk"),
        )
    }
    if baseline is not None:
        for row in baseline.activities.values("activity__project_id").annotate(
            start=Min("starts_at"), finish=Max("finishes_at")
        ):
            spans.setdefault(row["activity__project_id"], {}).update(
                baseline_start=row["start"], baseline_finish=row["finish"]
            )
    cross = (
        Dependency.objects.filter(program_id=program.pk)
        .exclude(predecessor__project_id=F("successor__project_id"))
        .count()
    )
    edges: list[datetime] = [
        value
        for span in spans.values()
        for name in ("start", "finish", "baseline_start", "baseline_finish")
        if (value := span.get(name)) is not None
    ]
    zone = ProgramClock(program.time_zone).zone
    begin = min(edges, default=program.starts_at).astimezone(zone).date()
    finish = max(edges, default=program.starts_at + timedelta(days=90)).astimezone(zone).date()
    # Room for the label of the last bar; a plan of decades is cut at thirty years, which the page says.
    last = min(finish + timedelta(days=60), begin + timedelta(days=30 * 366))
    return Frame(
        computation=computation_at(program, as_of),
        baseline=baseline,
        projects=projects,
        spans=spans,
        total=sum(span.get("rows", 0) for span in spans.values()),
        cross_links=cross,
        first=begin.replace(day=1),
        last=last,
    )


def rows_of(program: Program, as_of: AsOf, filters: Filters, baseline: Baseline | None) -> Any:
    rows = Activity.objects.filter(program_id=program.pk).annotate(
        now=FilteredRelation("dates", condition=in_force(program, as_of, "dates__")),
        base=FilteredRelation(
            "baselines", condition=Q(baselines__baseline_id=baseline.pk if baseline else 0)
        ),
    )
    if filters.project:
        rows = rows.filter(project__code__iexact=filters.project)
    if filters.critical:
        rows = rows.filter(now__critical=True)
    if filters.milestones:
        rows = rows.filter(kind__in=["start_milestone", "finish_milestone"])
    return rows.order_by("project__position", "project_id", "position", "pk")


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
) -> tuple[list[Line], list[GanttRow], list[GanttLink], bool]:
    """Rows `begin` to `begin + count` of the plan with what is drawn for them, and whether more follow.

    `editable_projects` None means all. Three queries: rows, usual days, links.
    """
    usual, program_day = usual_by_calendar(program)
    clock = ProgramClock(program.time_zone)
    codes = {project.pk: project for project in shown.projects}
    found = list(
        rows_of(program, as_of, filters, shown.baseline).values_list(
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
        )[begin : begin + count + 1]
    )
    more = len(found) > count
    lines: list[Line] = []
    bars: list[GanttRow] = []
    previous: int | None = None
    if begin and found:
        before = rows_of(program, as_of, filters, shown.baseline).values_list("project_id", flat=True)[
            begin - 1 : begin
        ]
        previous = next(iter(before), None)
    wall = clock.wall_or_none
    for row in found[:count]:
        (pk, project_id, level, code, name, kind, minutes, calendar_id, percent) = row[:9]
        start, finish, late, total_float, critical, base_start, base_finish = row[9:]
        project = codes[project_id]
        if project_id != previous:
            previous = project_id
            span = shown.spans.get(project_id, {})
            heading = f"{project.code} {project.name}"
            href = f"{plan_url}?project={project.code}"
            lines.append(
                Line(
                    f"p{project_id}",
                    None,
                    heading,
                    project.code,
                    0,
                    True,
                    False,
                    "",
                    "",
                    _slip(span),
                    href,
                    False,
                    False,
                )
            )
            bars.append(
                GanttRow(
                    f"p{project_id}",
                    heading,
                    "project",
                    wall(span.get("start")),
                    wall(span.get("finish")),
                    href=href,
                )
            )
        day = usual.get(calendar_id or project.calendar_id or 0, program_day)
        milestone = kind in ("start_milestone", "finish_milestone")
        days = formats.UNKNOWN if milestone or kind == "summary" else _days(minutes, day)
        floated = formats.UNKNOWN if total_float is None or kind == "summary" else _days(total_float, day)
        slip = _moved(base_finish, finish)
        href = f"{plan_url}{pk}/{query}"
        editable = kind in ("task", "level_of_effort") and (
            editable_projects is None or project_id in editable_projects
        )
        lines.append(
            Line(
                str(pk),
                pk,
                name,
                code,
                level + 1,
                False,
                kind == "summary",
                days,
                floated,
                slip,
                href,
                editable,
                bool(critical),
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
    ids = [row[0] for row in found[:count]]
    on_path = {row[0] for row in found[:count] if row[13]}
    links = [
        GanttLink(source, target, cast(LinkKind, kind), source in on_path and target in on_path)
        for source, target, kind in Dependency.objects.filter(program_id=program.pk)
        .filter(Q(predecessor_id__in=ids) | Q(successor_id__in=ids))
        .values_list("predecessor_id", "successor_id", "kind")
    ]
    return lines, bars, links, more


def _days(minutes: int, day: int) -> str:
    """Working minutes as days of the calendar's usual length, at most one decimal."""
    text = formats.number(minutes / day, 1)
    return text[:-2] if text.endswith(".0") else text


def _moved(before: datetime | None, after: datetime | None) -> str:
    """Calendar days from the baseline finish to the finish now."""
    if before is None or after is None:
        return formats.UNKNOWN
    days = (after.astimezone(UTC).date() - before.astimezone(UTC).date()).days
    return formats.delta_days(days) if days else "0"


def _slip(span: dict[str, Any]) -> str:
    return _moved(span.get("baseline_finish"), span.get("finish"))
