"""The one deed of the import page that touches money: accepting plan and costs together."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from finance.imports import bundles
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.exchange.views import find_import, import_page
from programs.master_plan import preview
from programs.master_plan.services import MovesCommitted
from programs.portfolio.models import Program


@page(Permission.IMPORT, methods=("POST",))
def accept(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Accept a dry run. What is refused comes back on its page, with what to do about it."""
    with reading(request):
        found = find_import(request, program, pk)
    chosen = request.POST.getlist("take_out")
    try:
        done = act(
            request,
            bundles.accept,
            why=bundles.why(found, chosen),
            plan_import=found,
            take_out=chosen,
            agreed=request.POST.get("agreed", ""),
        )
    except AlreadyDone:
        return redirect("programs:import", code=program.code, pk=pk)
    except Refused as refusal:
        with reading(request):
            held = refusal if isinstance(refusal, MovesCommitted) else None
            return import_page(
                request,
                program,
                find_import(request, program, pk),
                refusal=refusal,
                held=held,
                moves=preview.told(program, held.moves) if held else None,
                chosen=chosen,
            )
    if done.plan.already:
        messages.info(request, f"Nothing to do: {done.plan.plan_import.file_name} was accepted before.")
    else:
        activities = done.plan.computation.activities if done.plan.computation else 0
        told = f"{done.plan.plan_import.file_name} is in the plan"
        messages.success(
            request,
            f"{told}: {formats.counted(activities, 'row', 'rows')} computed."
            if activities
            else f"{told} already.",
        )
    return redirect("programs:import", code=program.code, pk=done.plan.plan_import.pk)
