"""The progress sheet: what is at work or due, typed into like the plan's table, with what moved by it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import is_fragment, page
from pmo.zones import zone
from programs.master_plan.sheet.outcome import Saved
from programs.master_plan.sheet.tried import brought_about
from programs.master_plan.sheet_views import edited, undone
from programs.master_plan.table import columns_of, table_rows
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.schedule.models import Computation
from programs.schedule.spans import read
from programs.status import selectors
from programs.status.due import MOST, SHEET, Choice, due_rows
from programs.status.words import aged

TEMPLATE = "programs/status/progress.html"


def _choice(request: HttpRequest) -> Choice:
    manager = request.GET.get("manager", "")
    return Choice(
        project=request.GET.get("project", "")[:30].replace("\x00", ""),
        manager=int(manager) if manager.isascii() and manager.isdigit() and len(manager) < 10 else 0,
        late=request.GET.get("late") == "1",
        in_order=request.GET.get("order") == "plan",
    )


def _sheet(request: HttpRequest, program: Program, saved: Saved | None = None) -> dict[str, Any]:
    """What the sheet itself shows: rows, the forecast, and what the last batch moved."""
    access: Access = request.access  # type: ignore[attr-defined]
    choice = _choice(request)
    mine = selectors.reporting_projects(access, program)
    lines, total = due_rows(program, as_of(request, program), choice, mine)
    columns = tuple(SHEET)
    widths, head, spoken = columns_of(columns, SHEET)
    here = {"code": program.code}
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return {
        "program": program,
        "choice": choice,
        "lines": lines,
        "total": total,
        "most": MOST,
        "widths": widths,
        "head": head,
        "spoken": spoken,
        "table_rows": table_rows(lines, columns, begin=0, known=SHEET),
        "edit_url": reverse("programs:progress-edit", kwargs=here) + query,
        "undo_url": reverse("programs:progress-undo", kwargs=here) + query,
        "moved": brought_about(saved.computation, saved.moved, program)
        if saved is not None and saved.computation is not None
        else [],
        "waits": saved is not None and saved.changed and saved.computation is None,
    }


def _forecast(program: Program, codes: dict[int, str]) -> list[tuple[str, str]]:
    """When the program and the projects shown finish, as computed now."""
    newest = Computation.objects.filter(program_id=program.pk).defer("findings").order_by("-pk").first()
    if newest is None or newest.plan_finish is None:
        return []
    on = zone(program.time_zone)
    spans = read(newest.project_dates)
    return [
        ("Program", formats.day(newest.plan_finish.astimezone(on))),
        *((code, formats.day(spans[pk].finish.astimezone(on))) for pk, code in codes.items() if pk in spans),
    ]


@page(Permission.REPORT_PROGRESS, somewhere=True)
def progress(request: HttpRequest, program: Program) -> HttpResponse:
    """What is at work, due by the status date, or finished since the one before: in the person's own projects."""
    access: Access = request.access  # type: ignore[attr-defined]
    context = _sheet(request, program)
    if is_fragment(request):
        return render(request, f"{TEMPLATE}#sheet", context)
    mine = selectors.reporting_projects(access, program)
    projects = [
        one
        for one in selectors.open_projects(program).select_related("manager")
        if mine is None or one.pk in mine
    ]
    managers: dict[int, User] = {one.manager.pk: one.manager for one in projects if one.manager}
    codes = {
        one.pk: one.code
        for one in projects
        if not context["choice"].project or one.code.casefold() == context["choice"].project.casefold()
    }
    status_at = max(filter(None, (one.status_at or program.status_at for one in projects)), default=None)
    context |= {
        "projects": projects,
        "managers": managers.values() if len(managers) > 1 else [],
        "manager": managers.get(context["choice"].manager),
        "forecast": _forecast(program, dict(list(codes.items())[:6])),
        "status_at": status_at,
        "age": aged(status_at, timezone.now()),
        "crumbs": crumbs(
            program, ("Status", reverse("programs:status", kwargs={"code": program.code})), ("Progress", "")
        ),
        "no_clock": True,
    }
    return render(request, TEMPLATE, context)


def _draw(request: HttpRequest, program: Program, saved: Saved | None) -> str:
    return render_to_string(f"{TEMPLATE}#sheet", _sheet(request, program, saved), request=request)


@page(Permission.REPORT_PROGRESS, methods=("POST",), somewhere=True)
def progress_edit(request: HttpRequest, program: Program) -> HttpResponse:
    """Carry out `ops` (JSON, as the plan's table sends them), all or none; answers with the sheet as it is now."""
    return edited(request, program, _draw)


@page(Permission.REPORT_PROGRESS, methods=("POST",), somewhere=True)
def progress_undo(request: HttpRequest, program: Program) -> HttpResponse:
    """Undo this person's last batch, here or in the plan's table; with `redo` do it again."""
    return undone(request, program, _draw)
