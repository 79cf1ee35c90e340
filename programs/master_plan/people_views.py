"""Who works on an activity, from its page: put on, given another share, taken off; and who did so when."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from pmo.accounts.roles import Permission
from pmo.http import act, is_fragment, page, reading
from pmo.refusals import Conflict, Refused
from programs.master_plan.activity_views import activity_page, crumbs_of
from programs.master_plan.views import find_activity, whole
from programs.portfolio.models import Program
from programs.resources import assigning, team, wording
from programs.resources.assign_forms import PeopleForm, ShareForm
from programs.resources.models import Assignment
from programs.resources.naming import Names
from programs.schedule.models import Activity

OFFERED = 8


def _told(request: HttpRequest, text: str, done: assigning.Assigned) -> None:
    messages.success(request, text)
    if done.says:
        messages.warning(request, done.says)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def people(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Put people on the activity, written as in a cell of the plan."""
    with reading(request) as access:
        found = find_activity(request, program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = PeopleForm(request.POST)
        wanted = _named(program, found, form)
        if not wanted:
            return activity_page(request, program, found, people=form, status=422)
    try:
        done = act(request, assigning.assign, program=program, activity_id=pk, wanted=wanted)
    except Refused as refusal:
        form.add_error("who" if refusal.field in ("resource", "units") else None, refusal.message)
        with reading(request):
            found = find_activity(request, program, pk)
            return activity_page(request, program, found, people=form, status=refusal.status)
    _told(request, f"{form.cleaned_data['who'].strip()} works on {found.code}.", done)
    return redirect("programs:activity", code=program.code, pk=pk)


def _named(program: Program, found: Activity, form: PeopleForm) -> list[tuple[int, Any]]:
    """Ids and units of those whom the form names; none, with an error in it, where it cannot be read."""
    if not form.is_valid():
        return []
    try:
        names = Names(program)
        wanted = [
            (names.find(name, found.project_id).pk, units)
            for name, units in wording.read(form.cleaned_data["who"])
        ]
    except Refused as refusal:
        form.add_error("who", refusal.message)
        return []
    if not wanted:
        form.add_error("who", "Write who works on it.")
    return wanted


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def share(request: HttpRequest, program: Program, pk: int, assignment_pk: int) -> HttpResponse:
    """Give somebody who is on the activity another share, or (`do=release`) take them off."""
    with reading(request) as access:
        found = find_activity(request, program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        known = Assignment.objects.filter(activity=found, pk=assignment_pk).select_related("resource").first()
        if known is None:
            raise Http404
        form = ShareForm(request.POST, auto_id=f"id_{assignment_pk}_%s")
        off = request.POST.get("do") == "release"
        if not form.is_valid() and (not off or "version" in form.errors):
            return activity_page(request, program, found, share=(assignment_pk, form), status=422)
    given: dict[str, Any] = {"assignment_id": assignment_pk, "version": form.cleaned_data["version"]}
    try:
        if off:
            done = act(request, assigning.release, **given)
        else:
            done = act(request, assigning.change, units=form.cleaned_data["percent"] / 100, **given)
    except Refused as refusal:
        with reading(request):
            found = find_activity(request, program, pk)
            now = Assignment.objects.filter(pk=assignment_pk).first()
            if isinstance(refusal, Conflict) and now is not None:
                typed = request.POST.copy()
                typed["version"] = str(now.version)
                form.data = typed
                form.add_error(
                    None,
                    f"{refusal.message} It is {wording.percent(now.units)} %. Save again to put yours in its place.",
                )
            else:
                form.add_error("percent" if refusal.field == "units" else None, refusal.message)
            return activity_page(request, program, found, share=(assignment_pk, form), status=refusal.status)
    name = known.resource.name
    if off:
        messages.success(request, f"{name} is off {found.code}; the history keeps it.")
    else:
        _told(request, f"{name} works on {found.code} at {wording.percent(done.assignment.units)} %.", done)  # type: ignore[union-attr]
    return redirect("programs:activity", code=program.code, pk=pk)


@page(Permission.VIEW_HISTORY)
def people_history(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Who was put on the activity or taken off, when, by whom and why."""
    found = find_activity(request, program, pk)
    context = {
        "program": program,
        "activity": found,
        "steps": team.history(found),
        "crumbs": crumbs_of(program, (found.code, f"../../{pk}/"), ("People", "")),
    }
    template = "programs/resources/people_history.html"
    return render(request, f"{template}#steps" if is_fragment(request) else template, context)


@page(Permission.VIEW_PROGRAM)
def offers(request: HttpRequest, program: Program) -> HttpResponse:
    """Resources that fit the words typed so far (`q`) at activity `for`: what the editor of people offers."""
    words = request.GET.get("q", "").replace("\x00", "")[:80]
    project = Activity.objects.filter(
        program_id=program.pk, pk=whole(request.GET.get("for", ""))
    ).values_list("project_id", flat=True)
    found = Names(program).offers(words, project.first() or 0, OFFERED)
    return JsonResponse({"offers": [{"text": label, "note": note} for label, note in found]})
