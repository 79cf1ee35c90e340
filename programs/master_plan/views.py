"""Pages of the master plan: one table and Gantt of all projects, edited in place."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.cells import csv_cell
from pmo.clocks import AsOf, as_of
from pmo.http import is_fragment, page
from pmo.sheets import download
from programs.master_plan import columns, export, listing
from programs.master_plan.folding import Folding
from programs.master_plan.lines import in_days
from programs.master_plan.path_rows import looked_up, or_all
from programs.master_plan.saved.address import canonical, choices, chosen_filters
from programs.master_plan.saved.selectors import saved_views
from programs.master_plan.table import columns_of, table_rows, unseen
from programs.portfolio.models import Program
from programs.schedule import gantt, gantt_axis
from programs.schedule.clock import ProgramClock
from programs.schedule.freshness import Behind, behind
from programs.schedule.models import Activity
from programs.schedule.usual import usual_by_calendar

FILLED = 760
"""Pixels that the drawing fills at least, so that a short plan seen from afar does not end in a void."""
MOST_AT_ONCE = 50 * gantt.WINDOW
"""Rows of one answer that a page asks for which shows so many already."""
ZOOMS = ("day", "week", "month", "quarter", "year")


def _query(request: HttpRequest, *without: str) -> str:
    """The address's own choices, to be carried along by links of the plan."""
    kept = request.GET.copy()
    for name in ("from", "upto", "behind", *without):
        kept.pop(name, None)
    return f"?{kept.urlencode()}" if kept else ""


def whole(text: str) -> int:
    """The number of a row in an address; the first where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def editable_projects(access: Access, program: Program) -> set[int] | None:
    """Projects whose plan this person may edit; None for all of them."""
    if access.may(Permission.EDIT_PLAN, program.pk):
        return None
    return set(access.projects_with(Permission.EDIT_PLAN, program.pk))


def plan_context(request: HttpRequest, program: Program, *, begin: int = 0, upto: int = 0) -> dict[str, Any]:
    """Everything the plan shows: windows from `begin` on, at least up to row `upto`."""
    access: Access = request.access  # type: ignore[attr-defined]
    chosen = as_of(request, program)
    filters, unfiltered = or_all(chosen_filters(request.GET), program, chosen)
    shown = listing.frame(program, chosen, filters)
    zoom: Any = request.GET.get("zoom") if request.GET.get("zoom") in ZOOMS else "month"
    plan_url = reverse("programs:plan", kwargs={"code": program.code})
    query = _query(request)
    count = gantt.WINDOW * (1 + max(0, upto - begin) // gantt.WINDOW)
    cols = columns.chosen(request.GET.get("cols", ""), across=bool(filters.group))
    usual = usual_by_calendar(program)
    lines, bars, links, more = listing.window(
        program,
        chosen,
        filters,
        shown,
        begin=begin,
        count=count,
        plan_url=plan_url,
        query=query,
        editable_projects=editable_projects(access, program) if chosen.is_now else set(),
        columns=cols,
        folding=Folding(filters.fold, request.GET),
        usual=usual,
    )
    status = program.status_at
    clock = ProgramClock(program.time_zone)
    axis: dict[str, Any] = {
        "first": shown.first,
        "last": max(shown.last, shown.first + timedelta(days=FILLED * 100 // gantt_axis.ZOOMS[zoom])),
        "zoom": zoom,
        "status_date": clock.wall_or_none(status),
    }
    computation = shown.computation
    widths, head, spoken = columns_of(cols)
    may_edit = chosen.is_now and access.may_somewhere(Permission.EDIT_PLAN, program.pk)
    late = behind(program, computation.plan_version if computation else None) if chosen.is_now else None
    return {
        "program": program,
        "behind": late,
        "lines": lines,
        "table_rows": table_rows(lines, cols, begin=begin),
        "columns": cols,
        "unseen": unseen(cols),
        "column_choices": [
            (one.heading, one.key in cols, columns.toggled(cols, one.key)) for one in columns.COLUMNS.values()
        ],
        "column_sets": [
            ("Overview", ",".join(columns.OVERVIEW), cols == columns.OVERVIEW),
            ("Planning", ",".join(columns.PLANNING), cols == columns.PLANNING),
        ],
        "column_set": {columns.OVERVIEW: "Overview", columns.PLANNING: "Planning"}.get(cols, str(len(cols))),
        "widths": widths,
        "head": head,
        "spoken": spoken,
        "part_svg": gantt.render(bars, links, **axis),
        "head_svg": gantt_axis.header(**axis),
        "next_from": begin + count if more else None,
        "begin": begin,
        "frame": shown,
        "filters": filters,
        "first": shown.first.isoformat(),
        "day_px": gantt_axis.ZOOMS[zoom] / 100,
        "zoom": zoom,
        "zooms": ZOOMS,
        "choices": choices(filters, request.GET),
        "saved": saved_views(program, request.user),
        "view": canonical(request.GET),
        "query": query,
        # A file of what is shown: of all rows, where paths could not be told.
        "file_query": _query(request, "path") if unfiltered else query,
        "unfiltered": unfiltered,
        "plan_url": plan_url,
        "subtitle": _subtitle(shown, chosen, usual[1], program, late),
        "critical_is": critical_is(program, usual[1]),
        "may_export": access.may(Permission.VIEW_MONEY, program.pk),
        "may_import": access.may(Permission.IMPORT, program.pk),
        "may_edit": may_edit,
        "may_report": chosen.is_now and access.may_somewhere(Permission.REPORT_PROGRESS, program.pk),
        "crumbs": [
            ("Programs", "/"),
            (program.code, reverse("governance:dashboard", kwargs={"code": program.code})),
            ("Master plan", ""),
        ],
    }


def critical_is(program: Program, day: int) -> str:
    """The rule by which a bar is red, as the settings have it."""
    if program.criticality_rule == Program.Criticality.LONGEST_PATH:
        return "on the longest path to the finish"
    return f"float of at most {in_days(program.critical_float_minutes, day)}{formats.GAP}d"


def _subtitle(shown: listing.Frame, chosen: AsOf, day: int, program: Program, late: Behind | None) -> str:
    """How much there is, and how fresh it is: one line."""
    computation = shown.computation
    if computation is None:
        return "Nothing has been computed yet"
    path = formats.number(computation.critical_minutes / day, 0)
    age = formats.ago((datetime.now(UTC) - computation.computed_at).total_seconds())
    parts = [
        f"{formats.counted(computation.activities, 'activity', 'activities')} in "
        f"{formats.counted(len(shown.projects), 'project', 'projects')}",
        formats.counted(computation.dependencies, "dependency", "dependencies"),
        f"{shown.cross_links} across projects",
        f"critical path {path} days",
        f"computed {age}",
    ]
    if chosen.is_now:
        parts.append(_status(program))
    if program.committed_finish is not None:
        parts.insert(3, f"promised for {formats.day(program.committed_finish)}")
    if late is not None:
        parts.append(late.versions)
    if not chosen.is_now:
        parts.append(f"dates as known on {formats.moment(chosen.known)}; names and durations as of today")
    return " · ".join(parts)


def _status(program: Program) -> str:
    """How old the facts in it are."""
    if program.status_at is None:
        return "no status date yet"
    days = (datetime.now(UTC) - program.status_at).days
    day = formats.day(program.status_at.astimezone(ProgramClock(program.time_zone).zone))
    return f"status of {day}" + (f", {formats.counted(days, 'day', 'days')} old" if days > 0 else "")


@page(Permission.VIEW_PROGRAM)
def plan(request: HttpRequest, program: Program) -> HttpResponse:
    """The whole plan, or (for htmx) its next window of rows."""
    if request.GET.get("behind") == "1" and is_fragment(request):
        return _arrival(request, program)
    start, upto = whole(request.GET.get("from", "0")), min(whole(request.GET.get("upto", "0")), MOST_AT_ONCE)
    template = "programs/master_plan/plan.html"
    if is_fragment(request):
        template += "#part" if start else "#plan"
    return render(request, template, plan_context(request, program, begin=start, upto=upto))


def _arrival(request: HttpRequest, program: Program) -> HttpResponse:
    """What a plan whose dates are being computed asks every two seconds: how far it is, or the plan itself again."""
    computation = listing.computation_at(program, as_of(request, program))
    context = {
        "program": program,
        "behind": behind(program, computation.plan_version if computation else None),
        "arrived": True,
        "plan_url": reverse("programs:plan", kwargs={"code": program.code}),
        "query": _query(request),
    }
    return render(request, "programs/master_plan/plan.html#arrival", context)


def find_activity(request: HttpRequest, program: Program, pk: int) -> Activity:
    """The activity of this program, or 404."""
    found = (
        Activity.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("project", "calendar", "parent")
        .first()
    )
    if found is None:
        raise Http404("No such activity.")
    return found


@page(Permission.VIEW_PROGRAM)
def plan_csv(request: HttpRequest, program: Program) -> HttpResponse:
    """The plan as shown, with exact dates on the program's clock and floats in working minutes."""
    heads, rows = _file(request, program)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{program.code}-plan.csv"'
    return response


@page(Permission.VIEW_PROGRAM)
def plan_xlsx(request: HttpRequest, program: Program) -> HttpResponse:
    """The same rows as a workbook."""
    heads, rows = _file(request, program)
    return download("xlsx", f"{program.code}-plan", heads, rows)


def _file(request: HttpRequest, program: Program) -> tuple[tuple[str, ...], list[list[Any]]]:
    """Headings and rows of what is shown."""
    chosen = as_of(request, program)
    filters = looked_up(chosen_filters(request.GET), program, chosen)
    cols = columns.chosen(request.GET.get("cols", ""), across=bool(filters.group))
    return export.heads(cols), export.export(program, chosen, filters, cols)
