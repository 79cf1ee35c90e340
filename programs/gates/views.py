"""Pages of gates: the table of projects by gates, planning one, one with its criteria, evidence and reviewers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.gates import present, readiness, selectors, services
from programs.gates.forms import CriterionForm, GateForm, OpinionForm, ReviewerForm, SubmitForm
from programs.gates.models import Gate, GateCriterion
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

MOST_SHOWN = 1000
"""Gates in the table of projects by gates."""


def home_of(program: Program) -> str:
    """Where all gates of a program are."""
    return reverse("programs:gates", kwargs={"code": program.code})


@page(Permission.VIEW_PROGRAM)
def gates(request: HttpRequest, program: Program) -> HttpResponse:
    """Projects by gates, and the register of gates; `?project=ERP-FIN` one project, `?state=due` what is not passed."""
    access: Access = request.access  # type: ignore[attr-defined]
    base, today = home_of(program), selectors.day_of(program, timezone.now())
    assert today is not None  # noqa: S101 - an instant has a day
    everything = selectors.gates(program.pk)
    rows, project, state = everything, request.GET.get("project", "")[:30], request.GET.get("state", "")
    if project:
        rows = rows.filter(project__code=project.replace("\x00", ""))
    if state == "due":
        rows = rows.filter(state__in=[Gate.State.OPEN, Gate.State.SUBMITTED])
    whole = list(everything[:MOST_SHOWN])
    known = readiness.chances(program, whole)
    may = access.may(Permission.KEEP_GATES, program.pk)
    add = reverse("programs:gate-add", kwargs={"code": program.code}) if may else ""
    register = Register(
        name=f"{program.code}-gates",
        rows=rows,
        search=("code", "name", "project__code", "project__name"),
        columns=[
            Column("Gate", lambda g: f"{g.code} {g.name}", "code", href=lambda g: f"{base}{g.pk}/"),
            Column("Project", lambda g: g.project.code, "project__code"),
            Column("To be passed by", lambda g: formats.day(g.due_on), "due_on", plain=lambda g: g.due_on),
            Column(
                "Forecast",
                lambda g: formats.day(selectors.day_of(program, g.forecast)),
                "forecast",
                plain=lambda g: selectors.day_of(program, g.forecast),
            ),
            Column("Criteria met", lambda g: f"{g.shown} of {g.wanted}", num=True),
            Column("No evidence", lambda g: g.without, "without", num=True),
            Column("Simulated", lambda g: known[g.pk].words if g.pk in known else formats.UNKNOWN),
            Column(
                "State",
                lambda g: present.badge(*present.standing(program, g, today)),
                "state",
                plain=lambda g: present.standing(program, g, today)[1],
            ),
            Column("Decided by", lambda g: g.warrant.number if g.warrant else formats.UNKNOWN),
        ],
        empty={
            "title": "No gate is planned yet" if not (project or state) else "None of these",
            "text": "At a gate a project shows what it has; a body then lets it go on, or not.",
            "url": add,
            "label": "Plan the first gate",
        },
    )
    fragment = request.headers.get("HX-Request") or request.GET.get("format")
    codes, lines = ([], []) if fragment else present.matrix(program, whole, base, today)
    context = {
        "program": program,
        "add_url": add,
        "codes": codes,
        "lines": lines,
        "project": project,
        "chips": [("All", "", not state), ("Not passed", "due", state == "due")],
        "crumbs": crumbs(program, ("Gates", "")),
        "no_clock": True,
    }
    return register.respond(request, "programs/gates/gates.html", context)


def find(program: Program, pk: int) -> Any:
    """The gate with its forecast and counts, or 404."""
    found = selectors.gates(program.pk).filter(pk=pk).first()
    if found is None:
        raise Http404("No such gate.")
    found.program = program
    return found


def show(
    request: HttpRequest,
    program: Program,
    found: Any,
    *,
    refused: str = "",
    typed: Any = None,
    status: int = 200,
) -> HttpResponse:
    """The page of one gate; `typed` is the form that was refused, so that nothing typed is lost."""
    access: Access = request.access  # type: ignore[attr-defined]
    today = selectors.day_of(program, timezone.now())
    assert today is not None  # noqa: S101 - an instant has a day
    is_open = found.state == Gate.State.OPEN
    edits = access.may(Permission.EDIT_PLAN, program.pk, found.project_id)
    keeps = is_open and access.may(Permission.KEEP_GATES, program.pk)
    said = selectors.said(found)
    mine = next((one for one in said if one.reviewer.person_id == request.user.pk), None)
    chance = readiness.chances(program, [found]).get(found.pk)
    new = CriterionForm(initial={"version": found.version})
    opinion = OpinionForm(initial={"revision": found.revision})
    context = {
        "program": program,
        "found": found,
        "badge": present.badge(*present.standing(program, found, today)),
        "forecast": selectors.day_of(program, found.forecast),
        "late": max(selectors.days_late(program, found, today), 0)
        if found.state in (Gate.State.OPEN, Gate.State.SUBMITTED)
        else 0,
        "chance": chance,
        "chance_badge": present.badge(readiness.colour(chance), chance.words) if chance else "",
        "criteria": list(GateCriterion.objects.filter(gate=found).select_related("assessed_by")),
        "said": said,
        "trail": present.trail(found),
        "may_keep": keeps,
        "may_show": is_open and mine is None and edits,
        "may_take_back": found.state == Gate.State.SUBMITTED and edits,
        "may_propose": found.state == Gate.State.SUBMITTED
        and access.may(Permission.PROPOSE_DECISION, program.pk),
        "submit_form": (
            typed if isinstance(typed, SubmitForm) else SubmitForm(initial={"version": found.version})
        )
        if is_open and edits
        else None,
        "new_form": (typed if isinstance(typed, CriterionForm) else new) if keeps else None,
        "reviewer_form": (typed if isinstance(typed, ReviewerForm) else ReviewerForm(program))
        if keeps
        else None,
        "opinion_form": (typed if isinstance(typed, OpinionForm) else opinion) if is_open and mine else None,
        "refused": refused,
        "crumbs": crumbs(program, ("Gates", home_of(program)), (f"{found.project.code} {found.code}", "")),
        "no_clock": True,
    }
    return render(request, "programs/gates/gate.html", context, status=status)


@page(Permission.VIEW_PROGRAM)
def gate(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One gate: what must be true, what shows it, who looked at it, what was decided."""
    return show(request, program, find(program, pk))


def form_page(
    request: HttpRequest, program: Program, form: Any, heading: str, cancel: str, status: int = 200
) -> HttpResponse:
    """A form on a page of its own."""
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": cancel,
        "crumbs": crumbs(program, ("Gates", home_of(program)), (heading, "")),
        "no_clock": True,
    }
    return render(request, "programs/gates/form.html", context, status=status)


@page(Permission.KEEP_GATES, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Plan a gate (`?project=ERP-FIN` chooses the project)."""
    with reading(request):
        initial = {"project": request.GET.get("project", "")[:30]}
        form = GateForm(program, request.POST or None, initial=initial)
        if request.method == "GET" or not form.is_valid():
            return form_page(
                request,
                program,
                form,
                "Plan a gate",
                home_of(program),
                200 if request.method == "GET" else 422,
            )
    try:
        made = act(request, services.add, program=program, values=form.values())
    except AlreadyDone:
        return redirect("programs:gates", code=program.code)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return form_page(request, program, form, "Plan a gate", home_of(program), refusal.status)
    messages.success(request, f"{made.code} is planned. Now say what must be true for it.")
    return redirect("programs:gate", code=program.code, pk=made.pk)


@page(Permission.KEEP_GATES, methods=("GET", "POST"))
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Change code, name, place, milestone or day."""
    with reading(request):
        found = find(program, pk)
        heading, back = f"{found.project.code} {found.code}", f"{home_of(program)}{pk}/"
        form = GateForm(program, request.POST or None, gate=found)
        if request.method == "GET" or not form.is_valid():
            return form_page(request, program, form, heading, back, 200 if request.method == "GET" else 422)
    try:
        act(
            request,
            services.edit,
            gate=found,
            version=form.cleaned_data["version"] or 0,
            changes=form.values(),
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return form_page(request, program, form, heading, back, refusal.status)
    return redirect("programs:gate", code=program.code, pk=pk)
