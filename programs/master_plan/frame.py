"""The master plan around its windows: totals, time axis and projects, and which rows lie in a window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q

from pmo.among import among
from pmo.clocks import AsOf
from programs.baselines.models import Baseline
from programs.master_plan.filters import SORTS, Filters
from programs.master_plan.folding import shown_under, summaries
from programs.master_plan.grouping import (
    GROUPS,
    Key,
    Section,
    grouped,
    is_folded,
    near_critical,
    sections_of,
    under_open,
)
from programs.portfolio.models import Program, Project
from programs.schedule.clock import ProgramClock
from programs.schedule.models import Activity, Computation, Dependency
from programs.schedule.spans import Span, read


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the windows: totals, time axis, projects."""

    computation: Computation | None
    baseline: Baseline | None
    projects: list[Project]
    spans: dict[int, Span]
    baseline_spans: dict[int, Span]
    rows: dict[int, int]
    """How many activities each project has now, dated or not: tells where a window begins."""
    cross_links: int
    first: date
    last: date


def in_force(program: Program, as_of: AsOf, prefix: str = "", *, known: Computation | None = None) -> Q:
    """Computed dates as they were known at the instant: computed by then, superseded later or never.

    Computations of a program are numbered in the order they were made, so that the rows themselves tell: the
    condition also serves a filtered relation (`prefix="dates__"`), which may not look beyond its table. `known` is
    the computation in force then, for who has read it already.
    """
    if as_of.is_now:
        return Q(**{f"{prefix}superseded_by": None})
    known = known or computation_at(program, as_of)
    last = known.pk if known else 0
    return Q(**{f"{prefix}computation__lte": last}) & (
        Q(**{f"{prefix}superseded_by": None}) | Q(**{f"{prefix}superseded_by__gt": last})
    )


def computation_at(program: Program, as_of: AsOf) -> Computation | None:
    """The computation in force at the instant of knowledge, or None before the first. Its findings are not read."""
    return (
        Computation.objects.filter(program_id=program.pk, computed_at__lte=as_of.known)
        .defer("findings")
        .order_by("-pk")
        .first()
    )


def known_by(program: Program, as_of: AsOf) -> int | None:
    """None for now; else the id of the computation in force at the instant of knowledge, 0 before the first."""
    if as_of.is_now:
        return None
    known = computation_at(program, as_of)
    return known.pk if known else 0


def frame(program: Program, as_of: AsOf, filters: Filters) -> Frame:
    """Four queries, whatever the size of the plan: what they tell of it is kept with computation and baseline."""
    baseline = Baseline.objects.filter(program_id=program.pk, is_current=True).first()
    projects = list(Project.objects.filter(program_id=program.pk).order_by("position", "pk"))
    computation = computation_at(program, as_of)
    rows = dict(
        Activity.objects.filter(program_id=program.pk)
        .values_list("project_id")
        .annotate(rows=Count("pk"))
        .order_by()
    )
    spans = read(computation.project_dates) if computation else {}
    baseline_spans = read(baseline.project_dates) if baseline else {}
    edges = [
        edge for span in (*spans.values(), *baseline_spans.values()) for edge in (span.start, span.finish)
    ]
    zone = ProgramClock(program.time_zone).zone
    begin = min(edges, default=program.starts_at).astimezone(zone).date()
    finish = max(edges, default=program.starts_at + timedelta(days=90)).astimezone(zone).date()
    # Room for the label of the last bar; a plan of decades is cut at thirty years, which the page says.
    last = min(finish + timedelta(days=60), begin + timedelta(days=30 * 366))
    return Frame(
        computation=computation,
        baseline=baseline,
        projects=projects,
        spans=spans,
        baseline_spans=baseline_spans,
        rows=rows,
        cross_links=computation.cross_links if computation else 0,
        first=begin.replace(day=1),
        last=last,
    )


def rows_of(
    program: Program,
    as_of: AsOf,
    filters: Filters,
    baseline: Baseline | None,
    known: Computation | None = None,
) -> Any:
    """The activities that the filters let through, in plan order, with their dates (`now`) and baseline (`base`).

    Paths are looked up before (`path_rows.looked_up`): of filters that were not, no row is let through.
    """
    rows = Activity.objects.filter(program_id=program.pk).annotate(
        now=FilteredRelation("dates", condition=in_force(program, as_of, "dates__", known=known)),
        base=FilteredRelation(
            "baselines", condition=Q(baselines__baseline_id=baseline.pk if baseline else 0)
        ),
    )
    if filters.project:
        rows = rows.filter(project__code__iexact=filters.project)
    if filters.critical:
        rows = rows.filter(now__critical=True)
    if filters.near:
        rows = near_critical(rows, program)
    if filters.milestones:
        rows = rows.filter(kind__in=["start_milestone", "finish_milestone"])
    if filters.slipping:
        # Work that ends at midnight ends on the day before, in plan and baseline alike: whole days are compared.
        rows = rows.filter(now__early_finish__gte=F("base__finishes_at") + timedelta(days=1))
    if filters.unlinked:
        linked = Dependency.objects.filter(Q(predecessor=OuterRef("pk")) | Q(successor=OuterRef("pk")))
        rows = rows.exclude(kind=Activity.Kind.SUMMARY).exclude(Exists(linked))
    if filters.path.activity:
        rows = rows.filter(among("pk", filters.on))
    if filters.ahead:
        begin = program.status_at or as_of.known
        rows = rows.filter(
            now__early_start__lte=begin + timedelta(weeks=filters.ahead),
            now__early_finish__gte=begin,
            actual_finish=None,
        ).exclude(kind=Activity.Kind.SUMMARY)
    if filters.group:
        rows = grouped(rows, program, filters.group)
    elif filters.tree and summaries(filters.fold):
        rows = rows.filter(pk__in=shown_under(program.pk, filters.fold, filters.depth))
    elif filters.depth:
        rows = rows.filter(level__lt=filters.depth)
    return rows.order_by(*_order(filters))


def _order(filters: Filters) -> list[Any]:
    """By head, then as chosen, then as the plan has it."""
    plan = ["project__position", "project_id"]
    head: list[Any] = [] if filters.group else plan
    if filters.group in GROUPS:
        head = [F("common").asc(nulls_last=True)]
    key = SORTS.get(filters.sort.removeprefix("-"))
    if key is None:
        return [*head, *(plan if filters.group else []), "position", "pk"]
    field = F(key).desc(nulls_last=True) if filters.sort.startswith("-") else F(key).asc(nulls_last=True)
    return [*head, field, *(plan if filters.group else []), "position", "pk"]


def sections(program: Program, as_of: AsOf, filters: Filters, shown: Frame) -> list[Section]:
    """The heads of the list, in order: groups (one query), none of a flat list, else the projects."""
    if filters.group in GROUPS:
        rows = rows_of(program, as_of, filters, shown.baseline, shown.computation)
        return sections_of(rows, filters.group, filters.fold)
    if filters.group:
        return []
    listed = []
    for project in shown.projects:
        if filters.project and project.code.casefold() != filters.project.casefold():
            continue
        key, span, rows_here = f"p{project.pk}", shown.spans.get(project.pk), shown.rows.get(project.pk, 0)
        listed.append(
            Section(
                key,
                project.pk,
                f"{project.code} {project.name}",
                bool(rows_here) and is_folded(key, filters.fold),
                rows_here,
                span.start if span else None,
                span.finish if span else None,
                project,
            )
        )
    return listed


def places(
    program: Program,
    as_of: AsOf,
    filters: Filters,
    shown: Frame,
    heads: list[Section],
    begin: int,
    count: int,
) -> list[tuple[int, Key]]:
    """(activity, what its head stands for) of rows `begin` to `begin + count` of the list. One query.

    Without filters the projects before the window are passed over by how many rows they have, and those in it are
    read off an index: the last window of a large plan costs what the first one does.
    """
    if filters.narrowed or filters.fold:
        rows = rows_of(program, as_of, filters, shown.baseline, shown.computation)
        if filters.group in GROUPS:
            rows = rows.filter(under_open(heads)).values_list("pk", "common")
        elif filters.group:
            return [(pk, None) for pk in rows.values_list("pk", flat=True)[begin : begin + count]]
        else:
            folded = [one.value for one in heads if one.folded]
            rows = rows.exclude(project_id__in=folded) if folded else rows
            rows = rows.values_list("pk", "project_id")
        return list(rows[begin : begin + count])
    wanted: list[int] = []
    passed = upto = 0
    for project in shown.projects:
        if filters.project and project.code.casefold() != filters.project.casefold():
            continue
        rows_here = shown.rows.get(project.pk, 0)
        if not wanted and passed + rows_here <= begin:
            passed += rows_here
            upto = passed
            continue
        wanted.append(project.pk)
        upto += rows_here
        if upto >= begin + count:
            break
    found = Activity.objects.filter(program_id=program.pk, project_id__in=wanted)
    if len(wanted) > 1:
        found = found.order_by("project__position", "project_id", "position", "pk")
    else:
        found = found.order_by("position", "pk")
    return list(found.values_list("pk", "project_id")[begin - passed : begin - passed + count])
