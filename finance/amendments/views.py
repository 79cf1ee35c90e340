"""The page of a change request's money: its lines, and the form of one more amount."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.amendments import annex, impact, services
from finance.amendments.forms import RESERVE, AmountForm
from finance.amendments.present import place
from finance.amendments.selectors import lines_of, plain
from finance.structure import periods
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import to_decimal
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.seen import seen_version
from pmo.sheets import FORMATS, download
from programs.changes import revisions
from programs.changes.models import ChangeRequest
from programs.changes.views import find, log_url
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

HEADS = ("change", "project", "category", "nature", "period", "amount", "currency")


def _page(
    request: HttpRequest,
    program: Program,
    found: ChangeRequest,
    form: AmountForm | None = None,
    status: int = 200,
) -> HttpResponse:
    may = found.state in ("draft", "submitted") and annex.may_edit(request.access, found)  # type: ignore[attr-defined]
    lines = lines_of(found)
    shown = revisions.impact(found)
    figures = shown.result.get(impact.NAME) if shown else None
    if form is None and may:
        month = periods.code_of(periods.local_day(program, timezone.now()))
        form = AmountForm(program, initial={"whose": found.project.code, "period": month})
    context = {
        "program": program,
        "no_clock": True,
        "found": found,
        "form": form if may else None,
        "money": annex.section(found, figures, False),
        "lines": [
            {
                "label": place(line.project.code if line.project else "", line.category, line.nature),
                "period": formats.period(line.period.code),
                "amount": formats.money_exact(line.amount_minor, program.currency, sign=True),
                "whose": line.project.code if line.project else RESERVE,
                "category": line.category,
                "nature": line.nature,
                "code": line.period.code,
            }
            for line in lines
        ],
        "sum": formats.money_exact(sum(line.amount_minor for line in lines), program.currency, sign=True),
        "crumbs": crumbs(
            program,
            ("Changes", log_url(program)),
            (found.code, f"{log_url(program)}{found.pk}/"),
            ("Money", ""),
        ),
    }
    return render(request, "finance/amendments/money.html", context, status=status)


def _file(kind: str, program: Program, found: ChangeRequest) -> HttpResponse:
    rows: list[list[Any]] = [
        [found.code, *plain(line)[:-1], to_decimal(line.amount_minor, program.currency), program.currency]
        for line in lines_of(found)
    ]
    return download(kind, f"{program.code}-{found.code}-money", HEADS, rows)


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def money(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """What the request adds to the budget and takes from it, and the form of an amount. Also CSV and XLSX."""
    if request.method == "GET":
        found = find(request, program, pk)
        if (kind := request.GET.get("format")) in FORMATS:
            return _file(kind, program, found)
        return _page(request, program, found)
    with reading(request) as access:
        found = find(request, program, pk)
        if not annex.may_edit(access, found):
            raise NotAllowed
        form = AmountForm(program, request.POST)
        if not form.is_valid():
            return _page(request, program, found, form, 422)
    version = seen_version(form.cleaned_data["request_version"])
    try:
        act(request, services.set_line, change_request=found, version=version, **form.values())
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            if isinstance(refusal, Conflict):
                form.add_error(None, "The page shows the request as it is now: look at it, and save again.")
            return _page(request, program, find(request, program, pk), form, refusal.status)
    else:
        messages.success(request, f"Saved in {found.code}: the budget itself is as it was.")
    return redirect(reverse("finance:change-money", kwargs={"code": program.code, "pk": pk}))
