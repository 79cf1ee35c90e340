"""Doors of risk acceptances: asked for on the risk's page, taken back there; what is decided is governance's."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.portfolio.models import Program
from programs.raid import acceptance, views
from programs.raid.forms import AcceptanceForm
from programs.raid.models import RiskAcceptance


@page(Permission.PROPOSE_DECISION, methods=("POST",))
def ask(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Ask that this risk be carried as it is, until a day."""
    with reading(request):
        found = views.find(request, program, pk)
        form = AcceptanceForm(found, request.POST)
        if not form.is_valid():
            return views.risk_page(request, program, found, acceptance_form=form, status=422)
    try:
        made = act(request, acceptance.ask, risk=found, **form.cleaned_data)
    except AlreadyDone:
        return redirect("programs:risk", code=program.code, pk=pk)
    except Refused as refusal:
        with reading(request):
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            found = views.find(request, program, pk)
            return views.risk_page(request, program, found, acceptance_form=form, status=refusal.status)
    messages.success(request, f"{made.code} is asked for. Propose it for decision when it is ready.")
    return redirect("programs:risk", code=program.code, pk=pk)


@page(Permission.PROPOSE_DECISION, methods=("POST",))
def withdraw(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take back what was asked for."""
    with reading(request):
        found = RiskAcceptance.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).first()
        if found is None:
            raise Http404("No such acceptance.")
    with suppress(AlreadyDone):
        act(request, acceptance.withdraw, acceptance=found)
    messages.success(request, f"{found.code} is withdrawn.")
    return redirect("programs:risk", code=program.code, pk=found.risk_id)
