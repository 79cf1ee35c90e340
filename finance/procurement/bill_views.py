"""Pages on which something is entered for an order: what came, what is invoiced."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.procurement import invoicing, matching, receiving
from finance.procurement.bill_forms import Cells, InvoiceForm, ReceiptForm
from finance.procurement.models import PurchaseOrder
from finance.procurement.views import find_order
from finance.structure import periods
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
    form: django_forms.Form,
    cells: Cells,
    status: int = 200,
) -> HttpResponse:
    here = reverse("finance:order", kwargs={"code": program.code, "pk": found.pk})
    context: dict[str, Any] = {
        "program": program,
        "found": found,
        "form": form,
        "rows": cells.rows(),
        "priced": cells.priced,
        "heading": f"Invoice for {found.code}" if cells.priced else f"What came of {found.code}",
        "save": "Enter the invoice" if cells.priced else "Enter what came",
        "action": request.get_full_path(),
        "cancel": here,
        "crumbs": crumbs(
            program,
            ("Orders", reverse("finance:orders", kwargs={"code": program.code})),
            (found.code, here),
            ("Invoice" if cells.priced else "Receipt", ""),
        ),
    }
    return render(request, "finance/procurement/bill_form.html", context, status=status)


def _cells(request: HttpRequest, found: PurchaseOrder, *, priced: bool) -> Cells:
    names = dict(found.lines.order_by("n").values_list("pk", "text"))
    return Cells(matching.lines_of(found), names, found.currency, request.POST, priced=priced)


@page(Permission.RECEIVE_GOODS, methods=("GET", "POST"), somewhere=True)
def receive(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Say what came of an order."""
    today = periods.local_day(program, timezone.now())
    with reading(request) as access:
        found = find_order(request, program, pk)
        access.require(Permission.RECEIVE_GOODS, program.pk, found.request.project_id)
        form = ReceiptForm(request.POST or None, initial={"received_on": today})
        cells = _cells(request, found, priced=False)
        if request.method == "GET":
            return _form(request, program, found, form, cells)
        typed = cells.read()
        if not form.is_valid() or cells.errors:
            return _form(request, program, found, form, cells, 422)
    quantities = {one.line_id: one.quantity for one in typed}
    try:
        made = act(request, receiving.receive, order=found, quantities=quantities, **form.cleaned_data)
        messages.success(request, f"{made.code} is entered.")
    except AlreadyDone:
        pass
    except NotAllowed:
        raise
    except Refused as refusal:
        with reading(request):
            if not cells.refuse(refusal):
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return _form(request, program, found, form, cells, refusal.status)
    return redirect("finance:order", code=program.code, pk=pk)


@page(Permission.POST_ACTUALS, methods=("GET", "POST"))
def invoice(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Enter a vendor's invoice for an order."""
    with reading(request):
        found = find_order(request, program, pk)
        form = InvoiceForm(request.POST or None)
        cells = _cells(request, found, priced=True)
        if request.method == "GET":
            return _form(request, program, found, form, cells)
        typed = cells.read()
        if not form.is_valid() or cells.errors:
            return _form(request, program, found, form, cells, 422)
    try:
        made = act(request, invoicing.enter, order=found, lines=typed, **form.cleaned_data)
    except AlreadyDone:
        return redirect("finance:order", code=program.code, pk=pk)
    except Refused as refusal:
        with reading(request):
            if not cells.refuse(refusal):
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return _form(request, program, found, form, cells, refusal.status)
    if made.findings:
        messages.warning(request, f"{made.code} is entered and held: {' '.join(made.findings)}")
    else:
        messages.success(request, f"{made.code} is entered; it matches its order.")
    return redirect("finance:invoice", code=program.code, pk=made.pk)
