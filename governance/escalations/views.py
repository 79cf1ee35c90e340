"""Pages of escalations: the register with the ladder, raising one, one with its trail and its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.escalations import selectors, services
from governance.escalations.forms import ORIGINS, AnswerForm, LadderForm, RaiseForm
from governance.escalations.models import Escalation
from governance.escalations.records import from_the_clock, local_day
from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

State = Escalation.State


def home_of(program: Program) -> str:
    return reverse("governance:escalations", kwargs={"code": program.code})


@page(Permission.VIEW_PROGRAM)
def escalations(request: HttpRequest, program: Program) -> HttpResponse:
    """All escalations; `?state=open` and `?state=overdue` narrow."""
    access: Access = request.access  # type: ignore[attr-defined]
    base, today = home_of(program), local_day(program, timezone.now())
    rows = selectors.escalations(program.pk)
    state = request.GET.get("state", "")
    if state in ("open", "overdue"):
        rows = rows.filter(state=State.OPEN)
    if state == "overdue":
        rows = rows.filter(needed_by__lt=today)
    may = access.may_somewhere(Permission.EDIT_RISKS, program.pk)
    add = reverse("governance:escalation-add", kwargs={"code": program.code}) if may else ""

    def standing(one: Escalation) -> str:
        if one.state == State.OPEN and one.needed_by < today:
            return f"Overdue by {formats.counted((today - one.needed_by).days, 'day', 'days')}"
        return one.get_state_display()

    register = Register(
        name=f"{program.code}-escalations",
        rows=rows.order_by("-number"),
        search=("title", "question", "answer"),
        columns=[
            Column("Escalation", lambda e: f"{e.code} {e.title}", "number", href=lambda e: f"{base}{e.pk}/"),
            Column("Asked", lambda e: e.body.name, "body__name"),
            Column("Needed by", lambda e: formats.day(e.needed_by), "needed_by", plain=lambda e: e.needed_by),
            Column("State", standing, "state"),
            Column("From", origin_of),
            Column("Raised by", lambda e: e.raised_by.name, "raised_by__name"),
        ],
        empty={
            "title": "Nothing is escalated" if not state else "None of these",
            "text": "What a project cannot settle is put to a body by a day; without an answer it climbs the ladder.",
            "url": add,
            "label": "Escalate something",
        },
    )
    context = {
        "program": program,
        "ladder": selectors.ladder(program.pk),
        "may_edit": access.may(Permission.EDIT_PROGRAM, program.pk),
        "add_url": add,
        "chips": [
            ("All", "", not state),
            ("Open", "open", state == "open"),
            ("Overdue", "overdue", state == "overdue"),
        ],
        "crumbs": crumbs(program, ("Escalations", "")),
        "no_clock": True,
    }
    return register.respond(request, "governance/escalations/escalations.html", context)


def origin_of(one: Escalation) -> str:
    """What it came from, by its code."""
    if one.risk is not None:
        return str(one.risk.code)
    if one.issue is not None:
        return str(one.issue.code)
    return str(one.change_request.code) if one.change_request is not None else formats.UNKNOWN


def _form_page(
    request: HttpRequest, program: Program, form: Any, heading: str, status: int = 200
) -> HttpResponse:
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": home_of(program),
        "crumbs": crumbs(program, ("Escalations", home_of(program)), (heading, "")),
        "no_clock": True,
    }
    return render(request, "governance/form.html", context, status=status)


def _only(access: Access, program: Program) -> list[int] | None:
    if access.may(Permission.EDIT_RISKS, program.pk):
        return None
    return list(access.projects_with(Permission.EDIT_RISKS, program.pk))


@page(Permission.EDIT_RISKS, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Escalate (`?risk=7`, `?issue=7` or `?change_request=7` names where from)."""
    heading = "Escalate"
    with reading(request) as access:
        initial = {name: request.GET.get(name, "") for name in ORIGINS}
        form = RaiseForm(program, _only(access, program), request.POST or None, initial=initial)
        if request.method == "GET":
            return _form_page(request, program, form, heading)
        if not form.is_valid():
            return _form_page(request, program, form, heading, 422)
    try:
        made = act(request, services.raise_one, program=program, **form.cleaned_data)
    except AlreadyDone:
        return redirect(home_of(program))
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _form_page(request, program, form, heading, refusal.status)
    messages.success(request, f"{made.code} is put to {made.body.name}.")
    return redirect("governance:escalation", code=program.code, pk=made.pk)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def edit_ladder(request: HttpRequest, program: Program) -> HttpResponse:
    """Who is asked first, and who next."""
    heading = "The ladder"
    with reading(request):
        form = LadderForm(program, request.POST or None)
        if request.method == "GET":
            return _form_page(request, program, form, heading)
        if not form.is_valid():
            return _form_page(request, program, form, heading, 422)
    try:
        act(request, services.set_ladder, program=program, steps=form.steps())
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.add_error(None, refusal.message)
        with reading(request):
            return _form_page(request, program, form, heading, refusal.status)
    messages.success(request, "The ladder is set.")
    return redirect(home_of(program))


def find(program: Program, pk: int) -> Escalation:
    """The escalation, or 404."""
    found = (
        Escalation.objects.filter(program_id=program.pk, pk=pk)
        .select_related(
            "program",
            "body",
            "risk",
            "issue",
            "change_request",
            "raised_by",
            "closed_by",
            "answered_in__body",
        )
        .first()
    )
    if found is None:
        raise Http404("No such escalation.")
    return found


def _page(
    request: HttpRequest,
    program: Program,
    found: Escalation,
    form: AnswerForm | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    access: Access = request.access  # type: ignore[attr-defined]
    today = local_day(program, timezone.now())
    is_open = found.state == State.OPEN
    speaks = is_open and (
        access.may(Permission.KEEP_MEETINGS, program.pk) or selectors.speaks_for(found, request.user, today)
    )
    moves = selectors.moves(found)
    context = {
        "program": program,
        "found": found,
        "origin": origin_of(found),
        "moves": moves,
        "overdue": (today - found.needed_by).days if is_open and found.needed_by < today else 0,
        "form": (form or AnswerForm(found)) if speaks else None,
        "may_withdraw": is_open
        and (found.raised_by_id == request.user.pk or access.may(Permission.EDIT_PROGRAM, program.pk))
        and not (found.raised_by_id == request.user.pk and found.change_request_id and from_the_clock(moves)),
        "refused": refused,
        "crumbs": crumbs(program, ("Escalations", home_of(program)), (found.code, "")),
        "no_clock": True,
    }
    return render(request, "governance/escalations/escalation.html", context, status=status)


DEEDS: dict[str, tuple[Callable[..., Escalation], str]] = {
    "answer": (services.answer, "answered"),
    "return": (services.give_back, "returned"),
    "withdraw": (services.withdraw, "taken back"),
}


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def escalation(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One escalation: its question, where it went, and its answer (`do`: answer, return, withdraw)."""
    with reading(request):
        found = find(program, pk)
        if request.method == "GET":
            return _page(request, program, found)
        service, done = DEEDS.get(request.POST.get("do", ""), (services.answer, "answered"))
        form = AnswerForm(found, request.POST)
        if not form.is_valid():
            wrong = " ".join(str(error) for errors in form.errors.values() for error in errors)
            return _page(request, program, found, form, wrong, 422)
    given = dict(form.cleaned_data)
    if service is services.withdraw:
        del given["meeting"]
    try:
        act(request, service, escalation=found, **given)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return _page(request, program, find(program, pk), form, refusal.message, refusal.status)
    else:
        messages.success(request, f"{found.code} is {done}.")
    return redirect("governance:escalation", code=program.code, pk=pk)
