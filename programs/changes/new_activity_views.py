"""Planning a new activity in a request: its form, and what comes before it."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.changes import services
from programs.changes.edit_views import at_field, end_of, version_of
from programs.changes.edits import Edit
from programs.changes.models import ChangeRequest
from programs.changes.views import find, log_url
from programs.master_plan.forms import NewActivityForm, minutes_of
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project
from programs.schedule.usual import day_minutes


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def new(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Propose a new activity, and what comes before it."""
    with reading(request) as access:
        found = find(request, program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        projects = Project.objects.filter(program_id=program.pk).order_by("position", "pk")
        form = NewActivityForm(request.POST or None, projects=projects, initial={"project": found.project_id})
        if request.method == "GET":
            return _new_page(request, program, found, form)
        before: int | str | None = None
        valid = form.is_valid()
        if valid and form.cleaned_data["predecessor"]:
            before = end_of(program, found, form.cleaned_data["predecessor"], form.cleaned_data["project"])
            if before is None:
                form.add_error("predecessor", "There is no activity of that code.")
        if not valid or form.errors:
            return _new_page(request, program, found, form, 422)
        day = day_minutes(program)
    cleaned = form.cleaned_data
    point = cleaned["kind"] in ("start_milestone", "finish_milestone")
    to = {
        "code": cleaned["code"],
        "name": cleaned["name"],
        "kind": cleaned["kind"],
        "duration_minutes": 0 if point else minutes_of(cleaned["days"] or 1, day),
    }
    edits: list[Edit] = [{"do": "add", "project": cleaned["project"].pk, "to": to}]
    if before is not None:
        key = f"{cleaned['project'].code}/{cleaned['code']}"
        edits.append(
            {
                "do": "link",
                "predecessor": before,
                "successor": key,
                "kind": "FS",
                "lag": 0,
                "lag_unit": "working",
            }
        )
    try:
        act(request, services.propose_all, change_request=found, version=version_of(request), edits=edits)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            found = find(request, program, pk)
            return _new_page(request, program, found, at_field(form, refusal), refusal.status)
    messages.success(request, f"{cleaned['code']} is new in {found.code}: the plan itself is as it was.")
    return redirect("programs:change", code=program.code, pk=pk)


def _new_page(
    request: HttpRequest, program: Program, found: ChangeRequest, form: Form, status: int = 200
) -> HttpResponse:
    context = {
        "program": program,
        "found": found,
        "form": form,
        "crumbs": crumbs(
            program,
            ("Changes", log_url(program)),
            (found.code, f"{log_url(program)}{found.pk}/"),
            ("New activity", ""),
        ),
    }
    return render(request, "programs/changes/new.html", context, status=status)
