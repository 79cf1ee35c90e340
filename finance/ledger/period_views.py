"""The page of fiscal periods: which are open, and closing one."""

from __future__ import annotations

import contextlib
from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.ledger.selectors import late_costs
from finance.ledger.sums import LedgerTotal
from finance.structure import periods
from finance.structure.models import FiscalPeriod
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY)
def listing(request: HttpRequest, program: Program) -> HttpResponse:
    """Every period with what was spent in it."""
    found = list(
        FiscalPeriod.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .select_related("closed_by")
        .order_by("-starts_on")
    )
    spent: dict[Any, Any] = dict(
        LedgerTotal.objects.filter(program=program, kind="spent")
        .values_list("period_id")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    entered, belong = late_costs(program.pk)
    base = reverse("finance:periods", kwargs={"code": program.code})
    context = {
        "program": program,
        "crumbs": crumbs(program, ("Periods", "")),
        "rows": [
            {
                "pk": one.pk,
                "code": one.code,
                "href": f"{base}{one.pk}/",
                "days": f"{formats.day(one.starts_on)} to {formats.day(one.ends_on)}",
                "open": one.state == FiscalPeriod.State.OPEN,
                "closed": f"{formats.moment(one.closed_at)} by {one.closed_by.name}" if one.closed_by else "",
                "spent": formats.money_short(int(spent.get(one.pk, 0)), program.currency),
                "late": formats.money_short(entered[one.pk], program.currency) if one.pk in entered else "",
                "adjusted": formats.money_short(belong[one.code], program.currency)
                if one.code in belong
                else "",
            }
            for one in found
        ],
        "may_close": request.access.may(Permission.CLOSE_PERIOD, program.pk),  # type: ignore[attr-defined]
    }
    return render(request, "finance/ledger/periods.html", context)


@page(Permission.CLOSE_PERIOD, methods=("POST",))
def close(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Close a period: nothing is entered in it until it is opened again."""
    with reading(request):
        found = FiscalPeriod.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).first()
        if found is None:
            raise Http404("No such period.")
    with contextlib.suppress(AlreadyDone):
        act(request, periods.close, period=found)
    messages.success(request, f"Period {found.code} is closed.")
    return redirect("finance:periods", code=program.code)
