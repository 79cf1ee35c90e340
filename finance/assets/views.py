"""Pages of assets: the register, one asset with its depreciation, the hand-over, the review."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.assets import selectors, services
from finance.assets.forms import HandOverForm, ReviewForm
from finance.assets.models import Asset, InvestmentReview
from finance.assets.values import left_of, months, standing, taken_off
from finance.capex.forms import cash_lines
from finance.capex.models import CapitalRequest
from finance.structure import periods
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import format_plain
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY)
def assets(request: HttpRequest, program: Program) -> HttpResponse:
    """All fixed assets with what is left of their cost today."""
    base = reverse("finance:assets", kwargs={"code": program.code})
    requests = reverse("finance:capital-requests", kwargs={"code": program.code})
    today = periods.local_day(program, timezone.now())

    def left(one: Asset) -> int:
        return left_of(one, today, standing(one))

    register = Register(
        name=f"{program.code}-assets",
        rows=Asset.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .select_related("request__project")
        .prefetch_related("changes")
        .order_by("-pk"),
        search=("code", "name", "request__code"),
        columns=[
            Column("Asset", lambda a: f"{a.code} {a.name}", "code", href=lambda a: f"{base}{a.pk}/"),
            Column("Class", lambda a: a.get_asset_class_display(), "asset_class"),
            Column(
                "Request",
                lambda a: a.request.code,
                "request__code",
                href=lambda a: f"{requests}{a.request_id}/",
            ),
            Column("Project", lambda a: a.request.project.code, "request__project__code"),
            Column("In service", lambda a: formats.day(a.in_service_on), "in_service_on", num=True),
            Column(
                "Retired", lambda a: formats.day(a.retired_on) if a.retired_on else "", "retired_on", num=True
            ),
            Column("Life (months)", lambda a: a.life_months, "life_months", num=True),
            Column(
                "Cost",
                lambda a: formats.money_short(a.cost_minor, a.currency, unit=True),
                "cost_minor",
                num=True,
                plain=lambda a: format_plain(a.cost_minor, a.currency),
            ),
            Column(
                "Left today",
                lambda a: formats.money_short(left(a), a.currency, unit=True),
                num=True,
                plain=lambda a: format_plain(left(a), a.currency),
            ),
        ],
        empty={
            "title": "No asset yet",
            "text": "An asset is handed over on the page of its capital request, out of what was spent on it.",
            "url": f"{requests}?state=approved",
            "label": "See approved requests",
        },
    )
    context = {
        "program": program,
        "heading": "Assets",
        "subtitle": "Each at a part of the actual cost of its capital request; written off in equal months",
        "crumbs": crumbs(program, ("Assets", "")),
    }
    return register.respond(request, "programs/register.html", context)


@page(Permission.VIEW_MONEY)
def asset(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One asset with its depreciation month by month."""
    found = (
        Asset.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("request__project", "handed_over_by")
        .first()
    )
    if found is None:
        raise Http404("No such asset.")
    today = periods.local_day(program, timezone.now())
    written = list(found.changes.select_related("by", "taken_by").order_by("-pk"))
    counts = sorted((one for one in written if one.taken_at is None), key=lambda one: (one.on_day, one.pk))
    really = taken_off(found, counts)
    may = request.access.may(Permission.POST_ACTUALS, program.pk)  # type: ignore[attr-defined]

    def exact(minor: int) -> str:
        return formats.money_exact(minor, found.currency)

    context = {
        "program": program,
        "found": found,
        "cost": exact(found.cost_minor),
        "left": exact(left_of(found, today, counts)),
        "today": today,
        "may": may,
        "less": bool(counts),
        "changes": [
            {
                "row": one,
                "amount": exact(one.amount_minor),
                "newest": may and bool(counts) and one is counts[-1],
                "really": exact(really[one.pk])
                if really.get(one.pk, one.amount_minor) != one.amount_minor
                else "",
            }
            for one in sorted(written, key=lambda one: one.taken_at is not None)
        ],
        "charges": [
            {
                "period": one.period,
                "amount": exact(one.amount),
                "down": exact(one.written_down) if one.written_down else "",
                "left": exact(one.left),
            }
            for one in months(found, counts)
        ]
        if found.cost_minor
        else [],
        "adjustments": [
            {
                "amount": exact(one.amount_minor),
                "note": f"{one.note.code} {one.note.number}" if one.note else "a credit note",
                "url": reverse("finance:invoice", kwargs={"code": program.code, "pk": one.note_id})
                if one.note_id
                else "",
                "at": one.at,
            }
            for one in found.adjustments.select_related("note").order_by("pk")
        ],
        "crumbs": crumbs(
            program, ("Assets", reverse("finance:assets", kwargs={"code": program.code})), (found.code, "")
        ),
    }
    return render(request, "finance/assets/asset.html", context)


def _request(request: HttpRequest, program: Program, pk: int) -> CapitalRequest:
    found = (
        CapitalRequest.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("project", "program")
        .first()
    )
    if found is None:
        raise Http404("No such capital request.")
    one: CapitalRequest = found
    return one


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
    }
    return render(request, "finance/procurement/form.html", context, status=status)


@page(Permission.POST_ACTUALS, methods=("GET", "POST"))
def hand_over(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Make an asset of what was spent on a request."""
    with reading(request):
        found = _request(request, program, pk)
        left = selectors.not_handed_over(found)
        form = HandOverForm(
            program.currency,
            request.POST or None,
            initial={
                "name": found.title,
                "asset_class": found.asset_class,
                "in_service_on": found.in_service_on,
                "cost": format_plain(max(0, left), program.currency),
            },
        )
        heading = f"Hand over from {found.code}"
        if request.method == "GET":
            return _form(request, program, found, form, heading)
        if not form.is_valid():
            return _form(request, program, found, form, heading, 422)
    try:
        made = act(request, services.hand_over, capital_request=found, **form.values())
    except AlreadyDone:
        return redirect("finance:capital-request", code=program.code, pk=pk)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, found, form, heading, refusal.status)
    messages.success(request, f"{made.code} is in service.")
    return redirect("finance:asset", code=program.code, pk=made.pk)


@page(Permission.REVIEW_INVESTMENT, methods=("GET", "POST"))
def review(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Look back at an investment in service (`pk` of its capital request)."""
    with reading(request):
        found = _request(request, program, pk)
        kept = InvestmentReview.objects.filter(request=found).select_related("request").first()
        if kept is None:
            raise Http404("Nothing of it is in service yet.")
        form = ReviewForm(
            program.currency,
            request.POST or None,
            initial={"returns": cash_lines(found.returns, program.currency), "version": kept.version},
        )
        heading = f"Look back at {found.code}"
        if request.method == "GET":
            return _form(request, program, found, form, heading)
        if not form.is_valid():
            return _form(request, program, found, form, heading, 422)
    data = form.cleaned_data
    try:
        act(
            request,
            services.review,
            review=kept,
            version=data["version"] or 0,
            returns=data["returns"],
            lessons=data["lessons"],
        )
        messages.success(request, f"The review of {found.code} is done.")
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return _form(request, program, found, form, heading, refusal.status)
    return redirect("finance:capital-request", code=program.code, pk=pk)
