"""The page of float paths: what an activity hangs on, chain by chain, in words, as a Gantt and as a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.sheets import FORMATS, download
from programs.master_plan.activity_views import crumbs_of
from programs.master_plan.columns import COLUMNS, Column
from programs.master_plan.float_chains import BY, MOST, USUAL, Path, Paths, Step, paths_to
from programs.master_plan.lines import Line, day, in_days
from programs.master_plan.table import columns_of, table_rows
from programs.portfolio.models import Program
from programs.schedule import gantt, gantt_axis
from programs.schedule.clock import ProgramClock
from programs.schedule.gantt_links import LinkKind
from programs.schedule.models import Activity

HEADS = ("path", "float_minutes", "place", "project", "activity", "name", "kind", "start", "finish", "duration_minutes",
         "critical", "spare_minutes", "leads_to", "link", "lag", "lag_unit", "slack_minutes", "in_words")  # fmt: skip
KNOWN = {one.key: one for one in (
    COLUMNS["project"], COLUMNS["start"], COLUMNS["finish"], Column("float", "Spare", "Days to spare", numeric=True),
)}  # fmt: skip
ORDERS = (
    ("spare", "What each has to spare"),
    ("free", "As Primavera: free float"),
    ("total", "As Primavera: total float"),
)
COUNTS = (3, 10, 30)
CHOICES = 200
"""Milestones that can be chosen on the page."""
MOST_ROWS = 400
"""Rows of the drawing; the file has all."""
TOLD = 40
"""Activities of one chain that are told in words, the last of them."""
MILESTONES = (Activity.Kind.START_MILESTONE, Activity.Kind.FINISH_MILESTONE)
WIDE = 1500
"""Pixels that a drawing should not exceed."""


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _milestones(program: Program) -> list[tuple[int, str]]:
    """Milestones that are still to come, the last one first: id and name."""
    rows = (
        Activity.objects.filter(
            program_id=program.pk, kind__in=MILESTONES, actual_finish=None, dates__superseded_by=None
        )
        .exclude(dates=None)
        .order_by("-dates__early_finish", "project__position", "position", "pk")
        .values_list("pk", "project__code", "code", "name")
    )
    return [(pk, f"{project} / {code} {name}") for pk, project, code, name in rows[:CHOICES]]


def _usual(program: Program) -> int:
    """What finishes last, where there is no milestone; 0 where there is no work."""
    rows = Activity.objects.filter(
        program_id=program.pk, kind=Activity.Kind.TASK, actual_finish=None, dates__superseded_by=None
    ).exclude(dates=None)
    return rows.order_by("-dates__early_finish", "pk").values_list("pk", flat=True).first() or 0


@page(Permission.VIEW_PROGRAM)
def paths(request: HttpRequest, program: Program) -> HttpResponse:
    """`?to=17&n=10&by=free`: the first paths to an activity; without a word of it, to the milestone that is last."""
    known = _milestones(program)
    asked = request.GET.get("to", "")
    to = _whole(asked) or (0 if asked else known[0][0] if known else _usual(program))
    by = request.GET.get("by") if request.GET.get("by") in BY else "spare"
    count = min(_whole(request.GET.get("n", "")) or USUAL, MOST)
    found = paths_to(program, to, count, str(by)) if to else None
    if asked and found is None:
        raise Http404("No such activity.")
    if found is not None and (kind := request.GET.get("format", "")) in FORMATS:
        return download(kind, f"{program.code}-paths-{found.target.code}", HEADS, _file(found))
    context: dict[str, Any] = {
        "program": program,
        "milestones": known,
        "listed": any(pk == to for pk, _ in known),
        "to": to,
        "found": found,
        "by": by,
        "orders": ORDERS,
        "counts": COUNTS,
        "count": count,
        "crumbs": crumbs_of(program, ("Float paths", "")),
        "no_clock": True,
    }
    return render(
        request,
        "programs/master_plan/paths.html",
        context | (_shown(program, found, str(by), count) if found else {}),
    )


def _shown(program: Program, found: Paths, by: str, count: int) -> dict[str, Any]:
    clock = ProgramClock(program.time_zone)
    plan = reverse("programs:plan", kwargs={"code": program.code})

    def on(step: Step, *, finish: bool) -> str:
        return day(step.finishes if finish else step.starts, clock, finish=finish, begun=step.starts)

    chains = [
        {
            "number": path.number,
            "head": _head(path),
            "way": _way(path),
            "in_plan": _in_plan(plan, found, by, path.number),
            "steps": [
                {
                    "href": f"{plan}{step.names.pk}/",
                    "label": step.names.label,
                    "project": step.names.project,
                    "dates": on(step, finish=True)
                    if step.starts == step.finishes
                    else f"{on(step, finish=False)} to {on(step, finish=True)}",
                    "words": f"{step.to_next.words[:1].upper()}{step.to_next.words[1:]}."
                    if step.to_next
                    else "",
                }
                for step in path.steps[-TOLD:]
            ],
            "more": max(0, len(path.steps) - TOLD),
        }
        for path in found.paths
    ]
    rows = sum(1 + len(path.steps) for path in found.paths)
    return {
        "chains": chains,
        "sentence": found.sentence(day(found.finishes, clock, finish=True, begun=found.starts)),
        "in_plan": _in_plan(plan, found, by, 0, count),
        "activities": len(found.ids),
        "cut": rows > MOST_ROWS,
        "rows": MOST_ROWS,
        **(_drawn(program, found, clock, plan, by) if found.paths else {}),
    }


def _in_plan(plan: str, found: Paths, by: str, number: int, count: int = 0) -> str:
    """The plan of one of these paths, or (0) of so many: numbered as here."""
    return f"{plan}?path={found.target.pk}.{number}.{by}{f'.{count}' if count else ''}&sort=start"


def _head(path: Path) -> str:
    if path.number == 1:
        return "What drives it" if path.spare <= 0 else f"The closest chain, {path.days} to spare"
    if path.spare < 0:
        return f"{path.days} too late for a date that holds it"
    return f"{path.days} to spare" if path.spare else "Nothing to spare"


def _way(path: Path) -> str:
    """From where to where it runs."""
    steps = path.steps
    projects = len({step.names.project_id for step in steps})
    size = formats.counted(len(steps), "activity", "activities")
    across = f" of {formats.counted(projects, 'project', 'projects')}" if projects > 1 else ""
    ends = steps[0].names.label if len(steps) == 1 else f"{steps[0].names.label} to {steps[-1].names.label}"
    joins = f"; it leads to {path.joins[1].label} on chain {path.joins[0]}" if path.joins else ""
    return f"{size}{across}: {ends}{joins}"


def _drawn(program: Program, found: Paths, clock: ProgramClock, plan: str, by: str) -> dict[str, Any]:
    """The chains as the plan's table and Gantt, each under its head."""
    lines: list[Line] = []
    bars: list[gantt.GanttRow] = []
    links: list[gantt.GanttLink] = []
    wall = clock.wall
    for path in found.paths:
        key, head = f"path{path.number}", f"{path.number} · {_head(path)}"
        starts, finishes = min(s.starts for s in path.steps), max(s.finishes for s in path.steps)
        spare = in_days(path.spare, path.day)
        cells = {
            "start": day(starts, clock),
            "finish": day(finishes, clock, finish=True, begun=starts),
            "float": spare,
        }
        href = _in_plan(plan, found, by, path.number)
        lines.append(Line(key, None, head, 0, True, False, href, False, cells))
        bars.append(gantt.GanttRow(key, head, "project", wall(starts), wall(finishes), href=href))
        for step, after in zip(path.steps, [*path.steps[1:], None], strict=True):
            lines.append(_line(step, found, clock, plan))
            bars.append(_bar(step, found, clock, plan))
            to = after.names.pk if after else path.joins[1].pk if path.joins else None
            if to is not None and step.to_next is not None:
                kind = cast(LinkKind, step.to_next.kind or "FS")
                both = bool(after and after.critical and step.critical)
                links.append(gantt.GanttLink(step.names.pk, to, kind, both))
    lines, bars = lines[:MOST_ROWS], bars[:MOST_ROWS]
    every = [step for path in found.paths for step in path.steps]
    first = min(step.starts for step in every).astimezone(clock.zone).date()
    last = max(step.finishes for step in every).astimezone(clock.zone).date() + timedelta(days=30)
    axis: dict[str, Any] = {
        "first": first.replace(day=1),
        "last": min(last, first + timedelta(days=30 * 366)),
        "status_date": clock.wall_or_none(program.status_at),
    }
    axis["zoom"] = _zoom(axis["first"], axis["last"])
    columns = tuple(KNOWN)
    widths, head_row, spoken = columns_of(columns, KNOWN)
    return {
        "widths": widths,
        "head": head_row,
        "spoken": spoken,
        "table_rows": table_rows(lines, columns, begin=0, known=KNOWN),
        "head_svg": gantt_axis.header(**axis),
        "part_svg": gantt.render(bars, links, **axis),
    }


def _zoom(first: date, last: date) -> gantt_axis.Zoom:
    """The closest look at it that is not too wide."""
    zooms: tuple[gantt_axis.Zoom, ...] = ("week", "month", "quarter")
    return next((one for one in zooms if gantt_axis.width(first, last, one) <= WIDE), "year")


def _line(step: Step, found: Paths, clock: ProgramClock, plan: str) -> Line:
    names = step.names
    return Line(
        str(names.pk), names.pk, names.label, 1, False, False, f"{plan}{names.pk}/", step.critical,
        {
            "project": names.project,
            "start": day(step.starts, clock),
            "finish": day(step.finishes, clock, finish=True, begun=step.starts),
            "float": in_days(step.spare, step.day),
        },
    )  # fmt: skip


def _bar(step: Step, found: Paths, clock: ProgramClock, plan: str) -> gantt.GanttRow:
    names = step.names
    return gantt.GanttRow(
        names.pk, names.name, "milestone" if names.kind in MILESTONES else "task", clock.wall(step.starts),
        clock.wall(step.finishes), percent=names.percent, critical=step.critical,
        float_text=f"{in_days(step.spare, step.day)}{formats.GAP}d" if step.spare else "", href=f"{plan}{names.pk}/",
    )  # fmt: skip


def _file(found: Paths) -> list[list[object]]:
    """A row for each activity of each path, in its order."""
    rows: list[list[object]] = []
    for path in found.paths:
        after = [*path.steps[1:], None]
        for place, (step, then) in enumerate(zip(path.steps, after, strict=True), 1):
            names, link = step.names, step.to_next
            to = then.names if then else path.joins[1] if path.joins else None
            rows.append([
                path.number, path.spare, place, names.project, names.code, names.name, names.kind, step.starts,
                step.finishes, names.minutes, "yes" if step.critical else "no", step.spare,
                f"{to.project}/{to.code}" if to else None, link.kind if link else None, link.lag if link else None,
                link.lag_unit if link else None, link.slack if link else None, link.words if link else None,
            ])  # fmt: skip
    return rows
