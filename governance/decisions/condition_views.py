"""Conditions of approvals as a register, and what their owners and the body's officers say about them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from governance.decisions import conditions
from governance.decisions.condition_models import Condition
from governance.decisions.forms import ReportForm, SettleForm
from governance.decisions.opening import local_day
from governance.decisions.page import decision_page
from governance.decisions.views import find
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

State = Condition.State


@page(Permission.VIEW_PROGRAM)
def register(request: HttpRequest, program: Program) -> HttpResponse:
    """All conditions; `?state=open`, `overdue`, `met` and `mine` narrow."""
    base = reverse("governance:decisions", kwargs={"code": program.code})
    today = local_day(program.pk, timezone.now())
    rows = conditions.of_program(program.pk)
    state = request.GET.get("state", "")
    if state == "open":
        rows = rows.exclude(state=State.MET)
    elif state == "overdue":
        rows = rows.exclude(state=State.MET).filter(due_on__lt=today)
    elif state == "met":
        rows = rows.filter(state=State.MET)
    elif state == "mine":
        rows = rows.filter(owner_id=request.user.pk)
    table = Register(
        name=f"{program.code}-conditions",
        rows=rows,
        search=("text", "owner__name", "decision__title"),
        columns=[
            Column(
                "Condition", lambda c: c.text, "text", href=lambda c: f"{base}{c.decision.number}/#conditions"
            ),
            Column("Decision", lambda c: f"{c.decision.code} {c.decision.title}", "decision__number"),
            Column("Body", lambda c: c.decision.body.name, "decision__body__name"),
            Column("Owner", lambda c: c.owner.name, "owner__name"),
            Column("Due", lambda c: formats.day(c.due_on), "due_on", num=True, plain=lambda c: c.due_on),
            Column("State", lambda c: conditions.standing(c, today), "state"),
        ],
        empty={
            "title": "No approval has a condition" if not state else "None of these",
            "text": "A condition is given with an approval, with an owner and a day, and sealed with it.",
        },
    )
    context = {
        "program": program,
        "heading": "Conditions",
        "subtitle": "What approvals depend on: who sees to what by when. One that is not met reopens its decision",
        "chips": [
            ("All", "", not state),
            ("Open", "open", state == "open"),
            ("Overdue", "overdue", state == "overdue"),
            ("Met", "met", state == "met"),
            ("Mine", "mine", state == "mine"),
        ],
        "crumbs": crumbs(program, ("Decisions", base), ("Conditions", "")),
        "no_clock": True,
    }
    return table.respond(request, "governance/meetings/actions.html", context)


@page(Permission.VIEW_PROGRAM, methods=("POST",))
def report(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """The owner says what was done."""
    return _say(request, program, pk, ReportForm(request.POST), conditions.tell, "Your report is recorded.")


@page(Permission.OPEN_BALLOT, methods=("POST",))
def met(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Somebody else than the owner says that it is met."""
    return _say(request, program, pk, SettleForm(request.POST), conditions.settle, "The condition is met.")


def _say(
    request: HttpRequest, program: Program, pk: int, form: ReportForm | SettleForm, service: Any, done: str
) -> HttpResponse:
    with reading(request):
        found = Condition.objects.filter(program_id=program.pk, pk=pk).select_related("decision").first()
        if found is None:
            raise Http404("No such condition.")
        number = found.decision.number
        if not form.is_valid():
            wrong = " ".join(str(error) for errors in form.errors.values() for error in errors)
            return decision_page(
                request, program, find(program, number), refused=wrong, typed=request.POST, status=422
            )
    try:
        act(request, service, condition=found, **form.cleaned_data)
    except AlreadyDone:
        return redirect("governance:decision", code=program.code, number=number)
    except Refused as refusal:
        with reading(request):
            return decision_page(
                request, program, find(program, number), refused=refusal.message, typed=request.POST,
                status=refusal.status,
            )  # fmt: skip
    messages.success(request, done)
    return redirect("governance:decision", code=program.code, number=number)
