"""Pages of vendors: the register, one vendor, the form."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.procurement import standing
from finance.procurement import vendors as services
from finance.procurement.forms import VendorForm
from finance.procurement.models import Vendor
from finance.procurement.tables import order_columns, orders_of
from finance.structure.periods import local_day
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
def vendors(request: HttpRequest, program: Program) -> HttpResponse:
    """All vendors with what was ordered from them."""
    may = request.access.may(Permission.KEEP_VENDORS, program.pk)  # type: ignore[attr-defined]
    base = reverse("finance:vendors", kwargs={"code": program.code})
    add = reverse("finance:vendor-add", kwargs={"code": program.code}) if may else ""
    ordered = Q(orders__state__in=["issued", "closed"])
    rows = Vendor.objects.visible_to(request.user).filter(program_id=program.pk)
    rows = rows.annotate(
        orders_count=Count("orders", filter=ordered),
        ordered=Sum("orders__amount_minor", filter=ordered, default=0),
    )
    register = Register(
        name=f"{program.code}-vendors",
        rows=rows.order_by("name", "pk"),
        search=("code", "name", "tax_number"),
        columns=[
            Column("Vendor", lambda v: v.name, "name", href=lambda v: f"{base}{v.pk}/"),
            Column("Number", lambda v: v.code, "code"),
            Column("Tax number", lambda v: v.tax_number),
            Column("Days to pay", lambda v: v.payment_days, "payment_days", num=True),
            Column("Orders", lambda v: v.orders_count, "orders_count", num=True),
            Column(
                "Ordered",
                lambda v: formats.money_short(v.ordered, program.currency, unit=True),
                "ordered",
                num=True,
                plain=lambda v: format_plain(v.ordered, program.currency),
            ),
            Column("State", lambda v: "active" if v.active else "no new orders", "active"),
        ],
        empty={
            "title": "No vendor yet",
            "text": "Orders are placed with vendors of this register, kept by the finance controller.",
            "url": add,
            "label": "Register the first vendor",
        },
    )
    context = {
        "program": program,
        "heading": "Vendors",
        "subtitle": "Whoever keeps this register places no orders",
        "add_url": add,
        "add_label": "Register a vendor",
        "crumbs": crumbs(program, ("Vendors", "")),
    }
    return register.respond(request, "programs/register.html", context)


def _find(request: HttpRequest, program: Program, pk: int) -> Vendor:
    found = Vendor.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).first()
    if found is None:
        raise Http404("No such vendor.")
    one: Vendor = found
    return one


@page(Permission.VIEW_MONEY)
def vendor(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One vendor: what is promised, owed, retained and was spent, its contracts and orders."""
    found = _find(request, program, pk)
    base = reverse("finance:vendors", kwargs={"code": program.code})
    register = Register(
        name=f"{program.code}-{found.code}-orders",
        rows=orders_of(request, program).filter(vendor=found),
        search=("code", "title"),
        columns=order_columns(program, vendor=False),
        empty={
            "title": "No order yet",
            "text": "Nothing was ordered from this vendor.",
            "url": "",
            "label": "",
        },
    )
    context = {
        "program": program,
        "found": found,
        **standing.of_vendor(program, found, local_day(program, timezone.now())),
        "may_edit": request.access.may(Permission.KEEP_VENDORS, program.pk),  # type: ignore[attr-defined]
        "crumbs": crumbs(program, ("Vendors", base), (found.code, "")),
    }
    return register.respond(request, "finance/procurement/vendor.html", context)


def _form(
    request: HttpRequest, program: Program, form: VendorForm, found: Vendor | None, status: int = 200
) -> HttpResponse:
    base = reverse("finance:vendors", kwargs={"code": program.code})
    context = {
        "program": program,
        "form": form,
        "heading": found.name if found else "Register a vendor",
        "action": request.get_full_path(),
        "cancel": f"{base}{found.pk}/" if found else base,
        "crumbs": crumbs(program, ("Vendors", base), (found.code if found else "New", "")),
    }
    return render(request, "finance/procurement/form.html", context, status=status)


@page(Permission.KEEP_VENDORS, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Register a vendor."""
    form = VendorForm(request.POST or None)
    with reading(request):
        if request.method == "GET":
            return _form(request, program, form, None)
        if not form.is_valid():
            return _form(request, program, form, None, 422)
    try:
        made = act(request, services.add, program=program, values=form.values())
    except AlreadyDone:
        return redirect("finance:vendors", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, form, None, refusal.status)
    messages.success(request, f"{made.name} is registered as {made.code}.")
    return redirect("finance:vendor", code=program.code, pk=made.pk)


@page(Permission.KEEP_VENDORS, methods=("GET", "POST"))
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Change a vendor."""
    with reading(request):
        found = _find(request, program, pk)
        shown = {name: getattr(found, name) for name in (*services.EDITABLE, "version")}
        form = VendorForm(request.POST or None, initial=shown)
        if request.method == "GET":
            return _form(request, program, form, found)
        if not form.is_valid():
            return _form(request, program, form, found, 422)
    version = form.cleaned_data["version"] or 0
    try:
        act(request, services.edit, vendor=found, version=version, values=form.values())
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, form, found, refusal.status)
    messages.success(request, f"{found.code} is saved.")
    return redirect("finance:vendor", code=program.code, pk=pk)
