"""The columns of orders, wherever they are listed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from finance.procurement.bills import Invoice
from finance.procurement.models import PurchaseOrder
from pmo import formats
from pmo.money import format_plain
from pmo.tables import Column
from programs.portfolio.models import Program


def orders_of(request: HttpRequest, program: Program) -> Any:
    """The program's orders, newest first, with what their columns need."""
    rows = PurchaseOrder.objects.visible_to(request.user).filter(program_id=program.pk)
    return rows.select_related("vendor", "contract", "request__project", "ordered_by").order_by("-pk")


def order_columns(program: Program, *, vendor: bool = True) -> list[Column]:
    """Order, what for, from whom, how much, how far."""
    base = reverse("finance:orders", kwargs={"code": program.code})
    requests = reverse("finance:capital-requests", kwargs={"code": program.code})
    columns = [
        Column("Order", lambda o: f"{o.code} {o.title}", "code", href=lambda o: f"{base}{o.pk}/"),
        Column(
            "Request", lambda o: o.request.code, "request__code", href=lambda o: f"{requests}{o.request_id}/"
        ),
        Column("Project", lambda o: o.request.project.code, "request__project__code"),
        Column("Vendor", lambda o: o.vendor.name, "vendor__name"),
        Column(
            "Amount",
            lambda o: formats.money_short(o.amount_minor, o.currency, unit=True),
            "amount_minor",
            num=True,
            plain=lambda o: format_plain(o.amount_minor, o.currency),
        ),
        Column("Ordered", lambda o: formats.day(o.ordered_at), "ordered_at", num=True),
        Column("By", lambda o: o.ordered_by.name, "ordered_by__name"),
        Column("Expected", lambda o: formats.day(o.expected_on), "expected_on", num=True),
        Column("State", lambda o: o.get_state_display(), "state"),
    ]
    return [column for column in columns if vendor or column.label != "Vendor"]


def invoices_of(request: HttpRequest, program: Program) -> Any:
    """The program's invoices and credit notes, newest first, with what their columns need."""
    rows = Invoice.objects.visible_to(request.user).filter(program_id=program.pk)
    return rows.select_related("vendor", "order").order_by("-pk")


def invoice_columns(program: Program, today: date) -> list[Column]:
    """Invoice, from whom, for which order, how much (credit notes below zero), when due, how far."""
    base = reverse("finance:invoices", kwargs={"code": program.code})
    orders = reverse("finance:orders", kwargs={"code": program.code})

    def late(one: Invoice) -> str:
        days = (today - one.due_on).days
        return formats.counted(days, "day", "days") if days > 0 and one.state != Invoice.State.PAID else ""

    return [
        Column("Invoice", lambda i: f"{i.code} {i.number}", "code", href=lambda i: f"{base}{i.pk}/"),
        Column("Kind", lambda i: i.get_kind_display(), "kind"),
        Column("Vendor", lambda i: i.vendor.name, "vendor__name"),
        Column("Order", lambda i: i.order.code, "order__code", href=lambda i: f"{orders}{i.order_id}/"),
        Column(
            "Amount",
            lambda i: formats.money_short(_signed(i), i.currency, unit=True),
            "amount_minor",
            num=True,
            plain=lambda i: format_plain(_signed(i), i.currency),
        ),
        Column(
            "Retained",
            lambda i: (
                formats.money_short(retained, i.currency, unit=True) if (retained := _retained(i)) else ""
            ),
            "retained_minor",
            num=True,
            plain=lambda i: format_plain(_retained(i), i.currency),
        ),
        Column("Dated", lambda i: formats.day(i.invoiced_on), "invoiced_on", num=True),
        Column("Due", lambda i: formats.day(i.due_on), "due_on", num=True),
        Column("Overdue", late, "due_on", num=True),
        Column("State", lambda i: i.get_state_display(), "state"),
    ]


def _retained(invoice: Invoice) -> int:
    return -invoice.retained_minor if invoice.kind == Invoice.Kind.CREDIT else invoice.retained_minor


def _signed(invoice: Invoice) -> int:
    return -invoice.amount_minor if invoice.kind == Invoice.Kind.CREDIT else invoice.amount_minor
