"""Pages of change requests: the form of the words, one request with its figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.zones import zone
from programs.calendars.models import Calendar
from programs.changes import (
    annexes,
    before_after,
    holding,
    likely,
    present,
    revisions,
    scope,
    services,
    simulating,
)
from programs.changes.edits import in_words
from programs.changes.forms import RequestForm
from programs.changes.holding import OPEN
from programs.changes.models import ChangeRequest, ChangeSimulation
from programs.changes.trail import trail
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.schedule.usual import day_minutes


def log_url(program: Program) -> str:
    """Where all requests of a program are."""
    return reverse("programs:changes", kwargs={"code": program.code})


def find(request: HttpRequest, program: Program, pk: int) -> ChangeRequest:
    """The request of this program, or 404."""
    found = (
        ChangeRequest.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("project", "requester", "warrant", "risk", "program")
        .first()
    )
    if found is None:
        raise Http404("No such change request.")
    one: ChangeRequest = found
    return one


def _allowed(access: Access, program: Program) -> list[int] | None:
    if access.may(Permission.EDIT_PLAN, program.pk):
        return None
    return list(access.projects_with(Permission.EDIT_PLAN, program.pk))


def _form(
    request: HttpRequest, program: Program, form: RequestForm, found: ChangeRequest | None, status: int = 200
) -> HttpResponse:
    here = log_url(program)
    context = {
        "program": program,
        "form": form,
        "found": found,
        "action": request.get_full_path(),
        "cancel": f"{here}{found.pk}/" if found else here,
        "crumbs": crumbs(program, ("Changes", here), (found.code if found else "New", "")),
    }
    return render(request, "programs/changes/form.html", context, status=status)


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Say what is asked for and why; the edits of the plan come after."""
    with reading(request) as access:
        form = RequestForm(program, _allowed(access, program), request.POST or None)
        if request.method == "GET":
            return _form(request, program, form, None)
        if not form.is_valid():
            return _form(request, program, form, None, 422)
        project = form.cleaned_data["project"]
    try:
        made = act(request, services.create, program=program, project=project, **form.values())
    except AlreadyDone:
        return redirect("programs:changes", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, form, None, refusal.status)
    messages.success(request, f"{made.code} is drafted. Now propose the edits of the plan.")
    return redirect("programs:change", code=program.code, pk=made.pk)


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Change the words of a draft or a submitted request."""
    with reading(request) as access:
        found = find(request, program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = RequestForm(program, None, request.POST or None, request=found)
        if request.method == "GET":
            return _form(request, program, form, found)
        if not form.is_valid():
            return _form(request, program, form, found, 422)
    version = form.cleaned_data["version"] or 0
    try:
        act(request, services.edit, change_request=found, version=version, values=form.values())
    except AlreadyDone:
        return redirect("programs:change", code=program.code, pk=pk)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, form, found, refusal.status)
    messages.success(request, f"{found.code} is saved as a new revision.")
    return redirect("programs:change", code=program.code, pk=pk)


def job(
    program: Program, found: ChangeRequest, simulation: ChangeSimulation, *, mine: bool
) -> dict[str, Any]:
    """The progress of a simulation that is not over, as its card shows it."""
    where = {"code": program.code, "pk": found.pk}
    return {
        "title": f"Simulation of {formats.number(simulation.iterations)} runs, before and after",
        "step": simulation.step or "Waiting for a free worker",
        "percent": simulation.percent,
        "state": simulation.state,
        "poll_url": reverse("programs:change-simulation", kwargs=where),
        "cancel_url": reverse("programs:change-simulation-stop", kwargs=where) if mine else "",
    }


def detail(
    request: HttpRequest, program: Program, found: ChangeRequest, refusal: Refused | None = None
) -> HttpResponse:
    """One request: edits, what they do, and what can be done with it."""
    access: Access = request.access  # type: ignore[attr-defined]
    mine = access.may(Permission.EDIT_PLAN, program.pk, found.project_id)
    money = access.may(Permission.VIEW_MONEY, program.pk)
    waits = found.state in ("draft", *OPEN)
    shown = revisions.impact(found)
    stale = holding.why_stale(found, shown, program) if waits and (shown or revisions.asks(found)) else ""
    simulation = simulating.latest(found)
    running = simulation is not None and simulation.state in simulating.ACTIVE
    named = any("calendar" in one.get("to", {}) for one in found.edits)
    calendars = (
        dict(Calendar.objects.filter(program_id=program.pk).values_list("pk", "name")) if named else {}
    )
    day, figures = day_minutes(program), shown.result if shown else None
    context: dict[str, Any] = {
        "program": program,
        "found": found,
        "shown": shown,
        "digest": shown.sha256[:12] if shown else "",
        "stale": stale,
        "figures": figures,
        "measures": present.measures(figures, zone(program.time_zone), money=money) if figures else [],
        "likely": likely.picture(figures, stands=found.state not in simulating.WAITING, money=money)
        if figures
        else None,
        "simulation": simulation if simulation and simulation.state != "done" else None,
        "job": job(program, found, simulation, mine=mine) if simulation and running else None,
        "gantts": before_after.gantts(figures) if figures else [],
        "edits": [in_words(one, day, program.time_zone, calendars) for one in found.edits],
        "annexes": annexes.sections(request, found, figures),
        "trail": trail(found),
        "steps": {
            "edit": mine and found.state in ("draft", "submitted"),
            "submit": mine and found.state == "draft" and shown is not None and not stale,
            "compute": mine and waits and bool(stale),
            "withdraw": mine and waits,
            "simulate": mine
            and not running
            and not stale
            and shown is not None
            and bool(scope.of_plan(found.edits))
            and found.state in simulating.WAITING,
        },
        "may_propose": found.state == "submitted"
        and not stale
        and access.may(Permission.PROPOSE_DECISION, program.pk),
        "refusal": refusal,
        "crumbs": crumbs(program, ("Changes", log_url(program)), (found.code, "")),
    }
    return render(
        request, "programs/changes/request.html", context, status=refusal.status if refusal else 200
    )


@page(Permission.VIEW_PROGRAM)
def change(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One request."""
    return detail(request, program, find(request, program, pk))


def step(service: Callable[..., object], done: str) -> Callable[..., HttpResponse]:
    @page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
    def view(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
        with reading(request):
            found = find(request, program, pk)
        try:
            act(request, service, change_request=found)
        except AlreadyDone:
            pass
        except Refused as refusal:
            with reading(request):
                return detail(request, program, find(request, program, pk), refusal)
        messages.success(request, f"{found.code} is {done}.")
        return redirect("programs:change", code=program.code, pk=pk)

    return view


submit = step(services.submit, "submitted for decision")
withdraw = step(services.withdraw, "withdrawn")
compute = step(services.compute, "computed on the plan as it is now")
simulate = step(simulating.simulate, "being simulated")
stop = step(simulating.stop, "not simulated any further")


@page(Permission.VIEW_PROGRAM)
def simulation(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """The progress card; once the simulation is over the whole page is fetched anew."""
    found = find(request, program, pk)
    newest = simulating.latest(found)
    if newest is None or newest.state not in simulating.ACTIVE:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = f"{log_url(program)}{found.pk}/"
        return response
    access: Access = request.access  # type: ignore[attr-defined]
    mine = access.may(Permission.EDIT_PLAN, program.pk, found.project_id)
    return render(request, "components/job.html", {"job": job(program, found, newest, mine=mine)})
