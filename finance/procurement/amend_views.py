"""The page on which an order under way is amended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.procurement import amending, matching, room
from finance.procurement.amend_forms import ROWS, AmendForm, Quantities
from finance.procurement.forms import BESIDE, OrderLines
from finance.procurement.models import PurchaseOrder
from finance.procurement.views import find_order
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import NotAllowed, Refused
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


def _form(
    request: HttpRequest,
    program: Program,
    found: PurchaseOrder,
    form: AmendForm,
    cells: Quantities,
    lines: OrderLines,
    status: int = 200,
) -> HttpResponse:
    if form.is_bound and (cells.errors or lines.wrong):
        form.add_error(None, BESIDE)
    here = reverse("finance:order", kwargs={"code": program.code, "pk": found.pk})
    context: dict[str, Any] = {
        "program": program,
        "found": found,
        "form": form,
        "rows": cells.rows(),
        "lines": lines.forms,
        "amount": formats.money_exact(found.amount_minor, found.currency),
        "left": formats.money_exact(room.free(found.request, found.contract), found.currency),
        "action": request.get_full_path(),
        "cancel": here,
        "crumbs": crumbs(
            program,
            ("Orders", reverse("finance:orders", kwargs={"code": program.code})),
            (found.code, here),
            ("Amend", ""),
        ),
    }
    return render(request, "finance/procurement/amend_form.html", context, status=status)


@page(Permission.PLACE_ORDER, methods=("GET", "POST"), somewhere=True)
def amend(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Raise or lower an order under way, or expect it on another day."""
    posted = request.POST if request.method == "POST" else None
    with reading(request) as access:
        found = find_order(request, program, pk)
        access.require(Permission.PLACE_ORDER, program.pk, found.request.project_id)
        names = dict(found.lines.order_by("n").values_list("pk", "text"))
        form = AmendForm(posted, initial={"expected_on": found.expected_on, "version": found.version})
        cells = Quantities(matching.lines_of(found), names, found.currency, posted or {})
        lines = OrderLines(found.currency, posted, ROWS)
        if posted is None:
            return _form(request, program, found, form, cells, lines)
        quantities = cells.read()
        if not all([form.is_valid(), lines.is_valid(), not cells.errors]):
            return _form(request, program, found, form, cells, lines, 422)
        added = lines.wanted()
    try:
        made = act(
            request, amending.amend, order=found, version=form.seen, reason=form.cleaned_data["why"],
            quantities=quantities, added=added, expected_on=form.cleaned_data["expected_on"],
        )  # fmt: skip
        messages.success(request, f"{found.code} is amended ({made.n}).")
    except AlreadyDone:
        pass
    except NotAllowed:
        raise
    except Refused as refusal:
        with reading(request):
            if not (cells.refuse(refusal) or lines.refuse(refusal)):
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return _form(request, program, found, form, cells, lines, refusal.status)
    return redirect("finance:order", code=program.code, pk=pk)
