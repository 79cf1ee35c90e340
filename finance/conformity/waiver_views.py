"""Doors of waivers: asked for on their clause's page, taken back there; what is decided about them is governance's."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from finance.conformity import views, waivers
from finance.conformity.forms import WaiverForm
from finance.policy.models import PolicyWaiver
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.portfolio.models import Program


@page(Permission.PROPOSE_DECISION, methods=("POST",))
def ask(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Ask for a waiver of this clause."""
    with reading(request):
        found = views.find(request, program, pk)
        form = WaiverForm(found, request.POST)
        if not form.is_valid():
            return views.detail(request, program, found, waiver_form=form, status=422)
    data = form.cleaned_data
    try:
        made = act(
            request,
            waivers.ask,
            program=program,
            clause=found,
            finding=data["finding"],
            until=data["until"],
            reason=data["reason"],
        )
    except AlreadyDone:
        return redirect("finance:policy-clause", code=program.code, pk=pk)
    except Refused as refusal:
        with reading(request):
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return views.detail(request, program, found, waiver_form=form, status=refusal.status)
    messages.success(request, f"{made.code} is asked for. Propose it for decision when it is ready.")
    return redirect("finance:policy-clause", code=program.code, pk=pk)


@page(Permission.PROPOSE_DECISION, methods=("POST",))
def withdraw(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take back a waiver that was asked for."""
    with reading(request):
        found = PolicyWaiver.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).first()
        if found is None:
            raise Http404("No such waiver.")
    with suppress(AlreadyDone):
        act(request, waivers.withdraw, waiver=found)
    messages.success(request, f"{found.code} is withdrawn.")
    return redirect("finance:policy-clause", code=program.code, pk=found.clause_id)
