"""Money set aside for no capital request: what stands so, and the page to set more aside."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.ledger import services as ledger
from finance.ledger.models import Journal, Kind, Posting
from finance.structure import periods
from finance.structure.models import Category, Nature
from finance.transfers.forms import AsideForm
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import to_decimal
from pmo.refusals import Refused
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

MOST = 200
"""Journals that the page lists; the file holds all."""
MOST_TOLD = 1000
"""Journals that the API tells."""
HEADS = (
    "journal",
    "on",
    "project",
    "category",
    "nature",
    "amount",
    "currency",
    "what_for",
    "by",
    "recorded_at",
)


def standing(program: Program) -> QuerySet[Journal]:
    """What was set aside for no capital request and not given back, newest first. Two queries when read."""
    into = Posting.objects.filter(account__kind=Kind.RESERVE).select_related("account__project")
    return (
        Journal.objects.filter(
            program=program, kind=Journal.Kind.RESERVE, request=None, reversed_by=None, warrant=None
        )
        .select_related("actor")
        .prefetch_related(Prefetch("postings", into, to_attr="into"))
        .order_by("-recorded_at", "-pk")
    )


def _place(one: Any) -> tuple[str, str, str, int]:
    """Project, category, nature and minor units."""
    account = one.account
    project = account.project.code if account.project else "Program"
    return project, str(Category(account.category).label), str(Nature(account.nature).label), one.amount


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def aside(request: HttpRequest, program: Program) -> HttpResponse:
    """What is set aside, and the form to set more aside. Also CSV and XLSX."""
    if request.method == "GET":
        if (kind := request.GET.get("format")) in FORMATS:
            return _file(kind, program)
        return _page(request, program)
    with reading(request) as access:
        access.require(Permission.EDIT_BUDGET, program.pk)
        form = AsideForm(program, request.POST)
        if not form.is_valid():
            return _page(request, program, form, 422)
        values = form.values() | {"effective": periods.local_day(program, timezone.now())}
    try:
        act(request, ledger.reserve, program=program, **values)
    except AlreadyDone:
        return redirect("finance:aside", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _page(request, program, form, refusal.status)
    messages.success(request, "The money is set aside.")
    return redirect("finance:aside", code=program.code)


def _page(
    request: HttpRequest, program: Program, form: AsideForm | None = None, status: int = 200
) -> HttpResponse:
    currency = program.currency
    may = request.access.may(Permission.EDIT_BUDGET, program.pk)  # type: ignore[attr-defined]
    found = list(standing(program)[: MOST + 1])
    rows = []
    for one in found[:MOST]:
        for leg in one.into:  # type: ignore[attr-defined]
            project, category, nature, amount = _place(leg)
            rows.append(
                {
                    "href": reverse("finance:journal", kwargs={"code": program.code, "pk": one.pk}),
                    "on": formats.day(one.effective),
                    "place": f"{project} {category}, {nature.lower()}",
                    "amount": formats.money_exact(amount, currency),
                    "what_for": one.text,
                    "who": one.actor.name if one.actor else "the office",
                }
            )
    context = {
        "program": program,
        "no_clock": True,
        "crumbs": crumbs(
            program,
            ("Transfers", reverse("finance:transfers", kwargs={"code": program.code})),
            ("Set aside", ""),
        ),
        "form": (form or AsideForm(program)) if may else None,
        "action": reverse("finance:aside", kwargs={"code": program.code}),
        "rows": rows,
        "more": len(found) > MOST,
    }
    return render(request, "finance/transfers/aside.html", context, status=status)


def _file(kind: str, program: Program) -> HttpResponse:
    rows = (
        [
            str(one.pk), one.effective, *place[:3], to_decimal(place[3], program.currency), program.currency, one.text,
            one.actor.name if one.actor else "", one.recorded_at,
        ]
        for one in standing(program)
        for place in map(_place, one.into)  # type: ignore[attr-defined]
    )  # fmt: skip
    return download(kind, f"{program.code}-set-aside", HEADS, rows)
