"""Pages of saved views: keep what the plan shows, and drop it."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from pmo.accounts.roles import Permission
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.master_plan.models import PlanView
from programs.master_plan.saved import services
from programs.master_plan.saved.address import canonical
from programs.portfolio.models import Program


@page(Permission.VIEW_PROGRAM, methods=("POST",))
def save(request: HttpRequest, program: Program) -> HttpResponse:
    """Keep the view under the name typed, and go back to it."""
    query = canonical(QueryDict(request.POST.get("query", "")[:1000]).dict())
    try:
        view = act(
            request,
            services.save_view,
            program=program,
            name=request.POST.get("name", "")[:200],
            query=query,
            shared=request.POST.get("shared") == "on",
        )
        messages.success(request, f"The view “{view.name}” is kept.")
    except Refused as refusal:
        if refusal.status != 422:
            raise
        messages.error(request, refusal.message)
    return redirect(f"{reverse('programs:plan', kwargs={'code': program.code})}?{query}")


@page(Permission.VIEW_PROGRAM, methods=("POST",))
def drop(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Drop a view; the plan stays as it is."""
    with reading(request):
        view = (
            PlanView.objects.visible_to(request.user)
            .filter(Q(owner_id=request.user.pk) | Q(shared=True), program_id=program.pk, pk=pk)
            .first()
        )
    if view is None:
        raise Http404("No such view.")
    act(request, services.drop_view, view=view)
    messages.success(request, f"The view “{view.name}” is dropped.")
    return redirect("programs:plan", code=program.code)
