"""Pages of planned draws: every setting, newest first, and the form that plans one."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.engine.burn_down import ahead
from finance.reserves import services
from finance.reserves.forms import PlannedDrawForm
from finance.reserves.models import MONTH, RESERVE_CHOICES, PlannedDraw
from finance.structure import periods
from finance.structure.models import RESERVES
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import to_decimal
from pmo.refusals import Refused
from pmo.tables import Column, Register
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

OFFERED = 36
"""Months that are offered to be planned."""


@page(Permission.VIEW_MONEY)
def planned(request: HttpRequest, program: Program) -> HttpResponse:
    """Every planned draw as it was set, newest first."""
    base = reverse("finance:planned-draws", kwargs={"code": program.code})
    may = request.access.may(Permission.EDIT_BUDGET, program.pk)  # type: ignore[attr-defined]
    local = zone(program.time_zone)
    rows = PlannedDraw.objects.visible_to(request.user).filter(program_id=program.pk)
    register = Register(
        name=f"{program.code}-planned-draws",
        rows=rows.select_related("set_by").order_by("-pk"),
        search=("reason", "month", "set_by__name"),
        columns=[
            Column(
                "Month",
                lambda r: formats.period(r.month),
                "month",
                href=lambda r: f"{base}set/?of={r.category}.{r.month}" if may else "",
                plain=lambda r: r.month,
            ),
            Column("Reserve", lambda r: r.get_category_display(), "category"),
            Column(
                "Planned",
                lambda r: formats.money_exact(r.amount_minor, program.currency),
                "amount_minor",
                num=True,
                plain=lambda r: to_decimal(r.amount_minor, program.currency),
            ),
            Column("Setting", lambda r: str(r.n), num=True, plain=lambda r: r.n),
            Column("Why", lambda r: r.reason),
            Column("By", lambda r: r.set_by.name, "set_by__name"),
            Column("Set on", lambda r: formats.day(r.set_at.astimezone(local).date()), "set_at"),
        ],
        empty={
            "title": "No draw is planned",
            "text": "Say in which month how much of contingency or management reserve is planned to be drawn, and why.",
            "url": f"{base}set/" if may else reverse("finance:reserves", kwargs={"code": program.code}),
            "label": "Plan a draw" if may else "Reserves",
        },
    )
    context = {
        "program": program,
        "heading": "Planned draws",
        "subtitle": "Every setting stays; the newest of a month holds. A plan moves no money: decisions do",
        "no_clock": True,
        "add_url": f"{base}set/" if may else "",
        "add_label": "Plan a draw",
        "crumbs": crumbs(program, _reserves(program), ("Planned draws", "")),
    }
    return register.respond(request, "programs/register.html", context)


def _reserves(program: Program) -> tuple[str, str]:
    return "Reserves", reverse("finance:reserves", kwargs={"code": program.code})


def _subject(request: HttpRequest) -> tuple[str, str] | None:
    """Reserve and month of the address (`of=contingency.2026-12`); None: still to be chosen. 404 for anything else."""
    text = request.GET.get("of", "")
    if not text:
        return None
    category, _, month = text.partition(".")
    if category not in RESERVES or not re.fullmatch(MONTH, month):
        raise Http404("No such reserve or month.")
    return category, month


def _months(program: Program) -> list[tuple[str, str]]:
    """The months that are offered: code and name, the present one first."""
    now = periods.local_day(program, timezone.now())
    last = periods.code_of(now.replace(year=now.year + OFFERED // 12, day=1))
    steps = ahead(0, (), now=periods.code_of(now), last=last)[:OFFERED]
    return [(step.month, formats.period(step.month)) for step in steps]


@page(Permission.EDIT_BUDGET, methods=("GET", "POST"))
def plan(request: HttpRequest, program: Program) -> HttpResponse:
    """Plan a draw in the month of the address; without one, choose it first."""
    here = reverse("finance:planned-draws", kwargs={"code": program.code})
    with reading(request):
        chosen = _subject(request)
        before = None
        if chosen is not None:
            before = (
                PlannedDraw.objects.filter(program_id=program.pk, category=chosen[0], month=chosen[1])
                .select_related("set_by")
                .order_by("-n")
                .first()
            )
        form = PlannedDrawForm(program, before, request.POST or None)
        label = f"{dict(RESERVE_CHOICES)[chosen[0]]}, {formats.period(chosen[1])}" if chosen else ""

        def shown(status: int = 200) -> HttpResponse:
            context: dict[str, Any] = {
                "program": program,
                "no_clock": True,
                "form": form if chosen else None,
                "before": before,
                "before_amount": formats.money_text(before.amount_minor, program.currency) if before else "",
                "choices": [] if chosen else [
                    (f"{category}.{month}", name, reserve)
                    for category, reserve in RESERVE_CHOICES
                    for month, name in _months(program)
                ],
                "heading": label or "Plan a draw",
                "action": request.get_full_path(),
                "cancel": here,
                "crumbs": crumbs(program, _reserves(program), ("Planned draws", here), (label or "Plan a draw", "")),
            }  # fmt: skip
            return render(request, "finance/reserves/plan.html", context, status=status)

        if request.method == "GET":
            return shown()
        if chosen is None or not form.is_valid():
            return shown(422)
        data = form.cleaned_data
    try:
        act(
            request,
            services.plan_draw,
            program=program,
            category=chosen[0],
            month=chosen[1],
            amount_minor=data["amount"],
            reason=data["why"],
            seen=data["seen"] or 0,
        )
        messages.success(request, f"{label}: the planned draw is written down.")
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return shown(refusal.status)
    return redirect("finance:reserves", code=program.code)
