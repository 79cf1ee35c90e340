"""Pages of rate cards: the register, and a rate to enter."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from finance.estimates import services
from finance.estimates.forms import RateForm
from finance.estimates.models import RateCard
from finance.estimates.views import form_page
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY)
def rates(request: HttpRequest, program: Program) -> HttpResponse:
    """Dated rates of resources."""
    may = request.access.may(Permission.EDIT_BUDGET, program.pk)  # type: ignore[attr-defined]
    add_url = reverse("finance:rate-card-add", kwargs={"code": program.code}) if may else ""
    register = Register(
        name=f"{program.code}-rate-cards",
        rows=RateCard.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .select_related("resource", "entered_by")
        .order_by("resource__code", "-from_day"),
        search=("resource__code", "resource__name", "note"),
        columns=[
            Column("Resource", lambda r: f"{r.resource.code} {r.resource.name}", "resource__code"),
            Column(
                "From", lambda r: formats.day(r.from_day), "from_day", num=True, plain=lambda r: r.from_day
            ),
            Column(
                f"{program.currency} an hour",
                lambda r: formats.money_exact(round(r.cost_per_hour), program.currency),
                "cost_per_hour",
                num=True,
                plain=lambda r: r.cost_per_hour,
            ),
            Column("Note", lambda r: r.note),
            Column("Entered by", lambda r: r.entered_by.name if r.entered_by else "the office"),
            Column("Entered", lambda r: formats.moment(r.entered_at), "entered_at", num=True),
        ],
        empty={
            "title": "No dated rate yet",
            "text": "Until there is one, an hour costs what the resource says, on every day.",
            "url": add_url,
            "label": "Enter the first rate",
        },
    )
    context = {
        "program": program,
        "heading": "Rate cards",
        "subtitle": "What an hour of a resource costs, from its day on; before the first, the resource's own rate",
        "add_url": add_url,
        "add_label": "Enter a rate",
        "crumbs": crumbs(program, ("Rate cards", "")),
    }
    return register.respond(request, "programs/register.html", context)


@page(Permission.EDIT_BUDGET, methods=("GET", "POST"))
def rate_add(request: HttpRequest, program: Program) -> HttpResponse:
    """Enter what an hour of a resource costs from a day on."""
    back = ("Rate cards", reverse("finance:rate-cards", kwargs={"code": program.code}))
    with reading(request):
        form = RateForm(program, request.POST or None)
        if request.method == "GET" or not form.is_valid():
            return form_page(
                request, program, form, "Enter a rate", back, 200 if request.method == "GET" else 422
            )
    try:
        act(request, services.add_rate, program=program, **form.values())
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return form_page(request, program, form, "Enter a rate", back, refusal.status)
    return redirect("finance:rate-cards", code=program.code)
