"""Pages of invoices: the register, one invoice with what may be done with it, what is owed by age, the tolerance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.engine.three_way import BUCKETS
from finance.procurement import ageing, invoicing, tolerances
from finance.procurement.bill_forms import CreditForm, PaidForm, ReasonForm, ToleranceForm
from finance.procurement.bills import Invoice
from finance.procurement.matching import plain
from finance.procurement.tables import invoice_columns, invoices_of
from finance.structure import periods
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.amounts import in_currency
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import format_plain
from pmo.refusals import NotAllowed, Refused
from pmo.seen import seen_version
from pmo.tables import Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY)
def invoices(request: HttpRequest, program: Program) -> HttpResponse:
    """All invoices and credit notes; `?state=held` or `?state=unpaid` some of them."""
    rows = invoices_of(request, program)
    state = request.GET.get("state", "")
    if state == "unpaid":
        rows = rows.exclude(state=Invoice.State.PAID)
    elif state in Invoice.State.values:
        rows = rows.filter(state=state)
    register = Register(
        name=f"{program.code}-invoices",
        rows=rows,
        search=("code", "number", "vendor__name", "order__code"),
        columns=invoice_columns(program, periods.local_day(program, timezone.now())),
        empty={
            "title": "No invoice yet" if not state else "No such invoice",
            "text": "The finance controller enters invoices on the page of their order.",
            "url": reverse("finance:orders", kwargs={"code": program.code}),
            "label": "See the orders",
        },
    )
    context = {
        "program": program,
        "state": state,
        "may_tolerate": request.access.may(Permission.EDIT_POLICY, program.pk),  # type: ignore[attr-defined]
        "crumbs": crumbs(program, ("Invoices", "")),
    }
    return register.respond(request, "finance/procurement/invoices.html", context)


@page(Permission.VIEW_MONEY)
def payables(request: HttpRequest, program: Program) -> HttpResponse:
    """What is owed by vendor and by how long it has been due."""
    today = periods.local_day(program, timezone.now())
    found = ageing.owed(program, today)
    currency = program.currency
    rows = [
        {
            "pk": one.vendor_id,
            "name": one.name,
            "buckets": [
                (
                    name,
                    formats.money_short(one.buckets.get(name, 0), currency) if one.buckets.get(name) else "",
                )
                for name in BUCKETS
            ],
            "held": formats.money_short(one.held, currency) if one.held else "",
            "total": formats.money_short(one.total, currency),
            "retained": formats.money_short(one.retained, currency) if one.retained else "",
        }
        for one in found
    ]
    totals = [
        (name, formats.money_short(sum(one.buckets.get(name, 0) for one in found), currency))
        for name in BUCKETS
    ]
    if (kind := request.GET.get("format")) in ("csv", "xlsx"):
        return ageing.download(kind, program, found)
    context = {
        "program": program,
        "rows": rows,
        "names": BUCKETS,
        "totals": totals,
        "held": formats.money_short(sum(one.held for one in found), currency),
        "total": formats.money_short(sum(one.total for one in found), currency),
        "retained": formats.money_short(sum(one.retained for one in found), currency),
        "today": today,
        "crumbs": crumbs(program, ("Owed to vendors", "")),
    }
    return render(request, "finance/procurement/payables.html", context)


def _find(request: HttpRequest, program: Program, pk: int) -> Invoice:
    found = (
        invoices_of(request, program)
        .filter(pk=pk)
        .select_related(
            "order__request__project", "order__contract", "entered_by", "released_by", "credits", "vendor"
        )
        .first()
    )
    if found is None:
        raise Http404("No such invoice.")
    one: Invoice = found
    return one


def _detail(
    request: HttpRequest,
    program: Program,
    found: Invoice,
    shown: dict[str, forms.Form] | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    may: Any = request.access.may  # type: ignore[attr-defined]
    books, open_ = may(Permission.POST_ACTUALS, program.pk), found.state != Invoice.State.PAID
    credited = invoicing.credited(found)
    today = periods.local_day(program, timezone.now())
    offered: dict[str, tuple[bool, type[forms.Form], dict[str, Any]]] = {
        "release": (
            found.state == Invoice.State.HELD and may(Permission.RELEASE_PAYMENT, program.pk),
            ReasonForm,
            {},
        ),
        "pay": (books and open_ and found.state != Invoice.State.HELD, PaidForm, {"paid_on": today}),
        "credit": (
            books and found.kind == Invoice.Kind.INVOICE and credited < found.amount_minor,
            CreditForm,
            {"amount": format_plain(found.amount_minor - credited, found.currency), "invoiced_on": today},
        ),
    }
    context: dict[str, Any] = {
        "program": program,
        "found": found,
        "amount": formats.money_exact(found.amount_minor, found.currency),
        "payable": formats.money_exact(found.amount_minor - found.retained_minor, found.currency),
        "retained": formats.money_exact(found.retained_minor, found.currency) if found.retained_minor else "",
        "credited": formats.money_exact(credited, found.currency) if credited else "",
        "lines": [
            {
                "text": line.line.text,
                "quantity": plain(line.quantity),
                "price": formats.money_exact(line.unit_price_minor, found.currency),
                "ordered": formats.money_exact(line.line.unit_price_minor, found.currency),
                "amount": formats.money_exact(line.amount_minor, found.currency),
            }
            for line in found.lines.select_related("line").order_by("line__n")
        ],
        "refusal": refusal,
        "entered_it": found.entered_by_id == request.user.pk,
        "crumbs": crumbs(
            program,
            ("Invoices", reverse("finance:invoices", kwargs={"code": program.code})),
            (found.code, ""),
        ),
        **{
            name: (shown or {}).get(name) or (form(initial=initial, prefix=name) if allowed else None)
            for name, (allowed, form, initial) in offered.items()
        },
    }
    return render(request, "finance/procurement/invoice.html", context, status=status)


@page(Permission.VIEW_MONEY)
def invoice(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One invoice: its match, its way to payment."""
    return _detail(request, program, _find(request, program, pk))


def _step(
    permission: Permission, name: str, form_class: type[forms.Form], do: Callable[..., Any], done: str
) -> Callable[..., HttpResponse]:
    @page(permission, methods=("POST",))
    def view(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
        form = form_class(request.POST, prefix=name)
        with reading(request):
            found = _find(request, program, pk)
            in_currency(form, found.currency)
            if not form.is_valid():
                return _detail(request, program, found, {name: form}, status=422)
        seen = request.POST.get("version", "")
        version = seen_version(seen)
        try:
            made = do(request, found, version, form.cleaned_data)
            messages.success(request, f"{made.code} is {done}.")
        except AlreadyDone:
            pass
        except NotAllowed:
            raise
        except Refused as refusal:
            field = "amount" if refusal.field == "amount_minor" else refusal.field
            told = field in form.fields
            if told:
                form.add_error(field, refusal.message)
            with reading(request):
                found = _find(request, program, pk)
                return _detail(
                    request, program, found, {name: form}, None if told else refusal, refusal.status
                )
        return redirect("finance:invoice", code=program.code, pk=made.pk if name == "credit" else pk)

    return view


release = _step(
    Permission.RELEASE_PAYMENT,
    "release",
    ReasonForm,
    lambda request, found, version, data: act(
        request, invoicing.release, invoice=found, version=version, reason=data["why"]
    ),
    "released for payment",
)
pay = _step(
    Permission.POST_ACTUALS,
    "pay",
    PaidForm,
    lambda request, found, version, data: act(
        request, invoicing.pay, invoice=found, version=version, paid_on=data["paid_on"]
    ),
    "paid",
)
credit = _step(
    Permission.POST_ACTUALS,
    "credit",
    CreditForm,
    lambda request, found, version, data: act(
        request,
        invoicing.credit,
        invoice=found,
        number=data["number"],
        invoiced_on=data["invoiced_on"],
        amount_minor=data["amount"],
    ),
    "entered as a credit note",
)


@page(Permission.EDIT_POLICY, methods=("GET", "POST"))
def tolerance(request: HttpRequest, program: Program) -> HttpResponse:
    """How far an invoice may go beyond before its payment is held."""
    with reading(request):
        kept = tolerances.current(program)
        form = ToleranceForm(
            program.currency,
            request.POST or None,
            initial={
                "quantity_percent": kept.quantity_percent,
                "price_percent": kept.price_percent,
                "price": format_plain(kept.price_minor, program.currency),
                "version": kept.version,
            },
        )
        if request.method == "GET":
            return _tolerance(request, program, form)
        if not form.is_valid():
            return _tolerance(request, program, form, 422)
    data = form.cleaned_data
    values = {"price_minor": data["price"], **{k: data[k] for k in ("quantity_percent", "price_percent")}}
    try:
        act(request, tolerances.keep, program=program, version=data["version"] or 0, values=values)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.add_error(None, refusal.message)
            return _tolerance(request, program, form, refusal.status)
    messages.success(request, "The tolerance is kept. Invoices from now on are held by it.")
    return redirect("finance:invoices", code=program.code)


def _tolerance(
    request: HttpRequest, program: Program, form: ToleranceForm, status: int = 200
) -> HttpResponse:
    base = reverse("finance:invoices", kwargs={"code": program.code})
    context = {
        "program": program,
        "form": form,
        "heading": "Tolerance of invoices",
        "action": request.get_full_path(),
        "cancel": base,
        "crumbs": crumbs(program, ("Invoices", base), ("Tolerance", "")),
    }
    return render(request, "finance/procurement/form.html", context, status=status)
