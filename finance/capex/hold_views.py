"""Pages of money that waits for gates: all of it, having a part wait, moving what a stopped gate holds."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.capex import holding, holds
from finance.capex.hold_forms import HoldForm, MoveForm
from finance.capex.hold_models import GateHold
from finance.capex.models import CapitalRequest
from finance.capex.views import find_request
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY)
def register(request: HttpRequest, program: Program) -> HttpResponse:
    """Everything of capital requests that waits or waited for a gate."""
    base = reverse("finance:capital-requests", kwargs={"code": program.code})

    def exact(minor: int, hold: GateHold) -> str:
        return formats.money_exact(minor, hold.request.currency)

    table = Register(
        name=f"{program.code}-money-at-gates",
        rows=holds.rows(program.pk),
        search=("request__code", "request__title", "gate__code", "gate__project__code"),
        columns=[
            Column(
                "Request",
                lambda h: f"{h.request.code} {h.request.title}",
                "request__code",
                href=lambda h: f"{base}{h.request_id}/",
            ),
            Column("State", lambda h: h.request.get_state_display(), "request__state"),
            Column("Gate", lambda h: f"{h.gate.project.code} {h.gate.code}", "gate__code"),
            Column("Gate is", lambda h: h.gate.get_state_display(), "gate__state"),
            Column("Amount", lambda h: exact(h.amount_minor, h), "amount_minor", num=True),
            Column("Released", lambda h: exact(holds.line_of(h).released, h), num=True),
            Column("Moved on", lambda h: exact(h.taken_minor, h), "taken_minor", num=True),
            Column("Still waits", lambda h: exact(holds.line_of(h).held, h), num=True),
            Column("Decision", lambda h: h.gate.warrant.number if h.gate.warrant else formats.UNKNOWN),
        ],
        empty={
            "title": "No money waits for a gate",
            "text": "While a request is drafted, parts of it can be made to wait for a gate of its project. They "
            "are approved and set aside with the rest, and ordered only once the gate has passed.",
        },
    )
    context = {
        "program": program,
        "heading": "Money at gates",
        "subtitle": "What waits for a stage gate, asked for or approved",
        "crumbs": crumbs(program, ("Money at gates", "")),
        "no_clock": True,
    }
    return table.respond(request, "programs/register.html", context)


def _form(
    request: HttpRequest, program: Program, found: CapitalRequest, form: Any, heading: str, status: int = 200
) -> HttpResponse:
    base = reverse("finance:capital-requests", kwargs={"code": program.code})
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": f"{base}{found.pk}/",
        "crumbs": crumbs(
            program, ("Capital requests", base), (found.code, f"{base}{found.pk}/"), (heading, "")
        ),
        "no_clock": True,
    }
    return render(request, "finance/capex/hold.html", context, status=status)


def _hold(found: CapitalRequest, pk: int) -> GateHold:
    one = holds.rows(found.program_id).filter(request=found, pk=pk).first()
    if one is None:
        raise Http404("Nothing of this request waits like that.")
    return one


@page(Permission.REQUEST_CAPITAL, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Have a part of a request wait for a gate: a new revision."""
    with reading(request) as access:
        found = find_request(request, program, pk)
        access.require(Permission.REQUEST_CAPITAL, program.pk, found.project_id)
        if request.method == "GET":
            holding.still_open(found)  # before anybody fills in the form
        form = HoldForm(found, request.POST or None, initial={"version": found.version})
        heading = f"Have a part of {found.code} wait"
        if request.method == "GET" or not form.is_valid():
            return _form(request, program, found, form, heading, 200 if request.method == "GET" else 422)
    try:
        act(request, holding.add, capital_request=found, **form.values())
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.refuse(refusal)
        with reading(request):
            return _form(request, program, found, form, heading, refusal.status)
    else:
        messages.success(request, f"A part of {found.code} waits for its gate; this is a new revision.")
    return redirect("finance:capital-request", code=program.code, pk=pk)


@page(Permission.REQUEST_CAPITAL, methods=("POST",), somewhere=True)
def remove(request: HttpRequest, program: Program, pk: int, hold: int) -> HttpResponse:
    """Let that part wait for nothing: a new revision."""
    with reading(request) as access:
        found = find_request(request, program, pk)
        access.require(Permission.REQUEST_CAPITAL, program.pk, found.project_id)
        one = _hold(found, hold)
    try:
        act(request, holding.remove, hold=one, version=seen_version(request.POST.get("version", "")))
    except AlreadyDone:
        pass
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{found.code} is a new revision: that part waits for no gate.")
    return redirect("finance:capital-request", code=program.code, pk=pk)


@page(Permission.EDIT_BUDGET, methods=("GET", "POST"))
def move(request: HttpRequest, program: Program, pk: int, hold: int) -> HttpResponse:
    """What a stopped gate holds waits for another gate."""
    with reading(request):
        found = find_request(request, program, pk)
        one = _hold(found, hold)
        form = MoveForm(found, request.POST or None, initial={"version": one.version})
        heading = f"Move what {one.gate.code} holds of {found.code}"
        if request.method == "GET" or not form.is_valid():
            return _form(request, program, found, form, heading, 200 if request.method == "GET" else 422)
    try:
        act(request, holding.move, hold=one, **form.cleaned_data)
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _form(request, program, found, form, heading, refusal.status)
    else:
        messages.success(request, "It waits for the other gate now.")
    return redirect("finance:capital-request", code=program.code, pk=pk)
