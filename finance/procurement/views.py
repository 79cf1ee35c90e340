"""Pages of purchase orders: the register, one order, ordering on a request, closing the request."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.capex.models import CapitalRequest
from finance.contracts.models import Contract
from finance.procurement import matching, present, selectors, services
from finance.procurement.forms import BESIDE, OrderForm, OrderLines
from finance.procurement.models import PurchaseOrder, Vendor
from finance.procurement.tables import order_columns, orders_of
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from pmo.tables import Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY)
def orders(request: HttpRequest, program: Program) -> HttpResponse:
    """All purchase orders."""
    requests = reverse("finance:capital-requests", kwargs={"code": program.code})
    register = Register(
        name=f"{program.code}-orders",
        rows=orders_of(request, program),
        search=("code", "title", "vendor__name", "request__code"),
        columns=order_columns(program),
        empty={
            "title": "No order yet",
            "text": "Orders are placed on the page of an approved capital request, out of what was set aside for it.",
            "url": f"{requests}?state=approved",
            "label": "See approved requests",
        },
    )
    context = {
        "program": program,
        "heading": "Orders",
        "subtitle": "Each commits money that a decision set aside for its capital request",
        "crumbs": crumbs(program, ("Orders", "")),
    }
    return register.respond(request, "programs/register.html", context)


def find_order(request: HttpRequest, program: Program, pk: int) -> PurchaseOrder:
    """The order with what its page shows of it, or 404."""
    found = orders_of(request, program).filter(pk=pk).select_related("ended_by").first()
    if found is None:
        raise Http404("No such order.")
    one: PurchaseOrder = found
    return one


def _detail(
    request: HttpRequest, program: Program, found: PurchaseOrder, refusal: Refused | None = None
) -> HttpResponse:
    currency = found.currency
    access = request.access  # type: ignore[attr-defined]
    may = access.may(Permission.PLACE_ORDER, program.pk, found.request.project_id)
    running = found.state == PurchaseOrder.State.ISSUED
    known = matching.lines_of(found)
    stands = matching.stands(known, running=running)
    amendments = present.amendments_of(found)
    hand = found.ordered_by_id == request.user.pk or any(
        one["by_id"] == request.user.pk for one in amendments
    )
    receipts = list(found.receipts.select_related("received_by").order_by("pk"))
    bills = list(found.invoices.order_by("pk"))
    lets_pass = {one.received_by_id for one in receipts} | {one.released_by_id for one in bills}
    context: dict[str, Any] = {
        "program": program,
        "found": found,
        "amount": formats.money_exact(found.amount_minor, currency),
        "open": formats.money_exact(stands.committed, currency),
        "lines": [
            {
                "n": line.n,
                "text": line.text,
                "quantity": matching.plain(known[line.pk].ordered),
                "received": matching.plain(known[line.pk].received),
                "invoiced": matching.plain(known[line.pk].invoiced),
                "price": formats.money_exact(line.unit_price_minor, currency),
                "amount": formats.money_exact(known[line.pk].worth(known[line.pk].ordered), currency),
            }
            for line in found.lines.order_by("n")
        ],
        "accrued": formats.money_exact(stands.accrued, currency),
        "receipts": receipts,
        "invoices": [
            {
                "pk": one.pk,
                "name": f"{one.code} {one.number}",
                "amount": formats.money_exact(
                    -one.amount_minor if one.kind == "credit" else one.amount_minor, currency
                ),
                "due": formats.day(one.due_on),
                "state": one.get_state_display(),
            }
            for one in bills
        ],
        "amendments": amendments,
        "first": amendments[0]["from"] if amendments else "",
        "may_amend": may and running and request.user.pk not in lets_pass,
        "may_cancel": may and running,
        "may_receive": running
        and not hand
        and access.may(Permission.RECEIVE_GOODS, program.pk, found.request.project_id),
        "may_invoice": access.may(Permission.POST_ACTUALS, program.pk),
        "refusal": refusal,
        "why": request.POST.get("why", "")[:400] if refusal else "",
        "crumbs": crumbs(
            program,
            ("Capital requests", reverse("finance:capital-requests", kwargs={"code": program.code})),
            (
                found.request.code,
                reverse("finance:capital-request", kwargs={"code": program.code, "pk": found.request_id}),
            ),
            (found.code, ""),
        ),
    }
    status = refusal.status if refusal else 200
    return render(request, "finance/procurement/order.html", context, status=status)


@page(Permission.VIEW_MONEY)
def order(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One order with its lines."""
    return _detail(request, program, find_order(request, program, pk))


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
    request: HttpRequest,
    program: Program,
    found: CapitalRequest,
    form: OrderForm,
    lines: OrderLines,
    status: int = 200,
) -> HttpResponse:
    if form.is_bound and lines.wrong:
        form.add_error(None, BESIDE)
    base = reverse("finance:capital-requests", kwargs={"code": program.code})
    here = f"{base}{found.pk}/"
    left = selectors.money(found).reserved
    context = {
        "program": program,
        "found": found,
        "form": form,
        "lines": lines.forms,
        "left": formats.money_exact(left, found.currency),
        "action": request.get_full_path(),
        "cancel": here,
        "vendors": reverse("finance:vendors", kwargs={"code": program.code}),
        "crumbs": crumbs(program, ("Capital requests", base), (found.code, here), ("Order", "")),
    }
    return render(request, "finance/procurement/order_form.html", context, status=status)


@page(Permission.PLACE_ORDER, methods=("GET", "POST"), somewhere=True)
def place(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Order on an approved request."""
    with reading(request) as access:
        found = _request(request, program, pk)
        access.require(Permission.PLACE_ORDER, program.pk, found.project_id)
        meant = Vendor.objects.filter(program=program, active=True, name__iexact=found.vendor).first()
        under = Contract.objects.filter(program=program, code=request.GET.get("contract", "")[:30])
        contract = under.select_related("vendor").first()
        form = OrderForm(
            program,
            found.pk,
            request.POST or None,
            initial={
                "vendor": contract.vendor.code if contract else meant.code if meant else "",
                "title": contract.title if contract else found.title,
                "contract": contract.code if contract else "",
            },
        )
        lines = OrderLines(found.currency, request.POST or None)
        if request.method == "GET":
            return _form(request, program, found, form, lines)
        if not all([form.is_valid(), lines.is_valid()]):
            return _form(request, program, found, form, lines, 422)
        wanted = lines.wanted()
    try:
        made = act(request, services.order, capital_request=found, lines=wanted, **form.cleaned_data)
    except AlreadyDone:
        return redirect("finance:capital-request", code=program.code, pk=pk)
    except Refused as refusal:
        with reading(request):
            if not lines.refuse(refusal):
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return _form(request, program, found, form, lines, refusal.status)
    messages.success(request, f"{made.code} is issued: its amount is committed.")
    return redirect("finance:order", code=program.code, pk=made.pk)


@page(Permission.PLACE_ORDER, methods=("POST",), somewhere=True)
def cancel(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take back what has not come."""
    with reading(request):
        found = find_order(request, program, pk)
    version = request.POST.get("version", "")
    why = request.POST.get("why", "")
    seen = seen_version(version)
    try:
        done = act(request, services.cancel, order=found, version=seen, reason=why.replace("\x00", ""))
        messages.success(request, f"{done.code} is {done.get_state_display().lower()}.")
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return _detail(request, program, find_order(request, program, pk), refusal)
    return redirect("finance:order", code=program.code, pk=pk)


@page(Permission.PLACE_ORDER, methods=("POST",), somewhere=True)
def close_request(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """No more is ordered on this request."""
    with reading(request):
        found = _request(request, program, pk)
    try:
        act(request, services.close_request, capital_request=found)
        messages.success(request, f"{found.code} is closed; what was left is available again.")
    except AlreadyDone:
        pass
    return redirect("finance:capital-request", code=program.code, pk=pk)
