"""The API of receipts, invoices and what is owed: the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.procurement import ageing, invoicing, receiving, tolerances
from finance.procurement.bill_serializers import (
    InvoiceRow,
    NewCredit,
    NewInvoice,
    NewReceipt,
    OwedOut,
    Paying,
    ReceiptRow,
    Releasing,
    ToleranceIn,
    ToleranceOut,
)
from finance.procurement.bills import Invoice, InvoiceLine, Receipt, ReceiptLine, Tolerance
from finance.structure import periods
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.rows import plain
from pmo.api.views import ProgramViewSet, ScopedView


class ReceiptFilters(filters.FilterSet):
    order = filters.Whole(field_name="order_id")


class Receipts(ProgramViewSet):
    """What came of orders."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Receipt.objects.all()
    serializer_class = ReceiptRow
    filterset_class = ReceiptFilters

    def rows(self, rows: Any) -> Any:
        """With their lines."""
        lines = ReceiptLine.objects.filter(receipt_id=OuterRef("pk")).order_by("line__n")
        return rows.annotate(
            written=ArraySubquery(
                lines.values(shown=JSONObject(order_line_id=F("line_id"), quantity=F("quantity")))
            )
        )

    @extend_schema(request=NewReceipt, responses={201: ReceiptRow})
    def create(self, request: Request, code: str) -> Response:
        """Enter what came; whoever ordered cannot."""
        with self.reading() as access:
            self.program(access, Permission.RECEIVE_GOODS, somewhere=True)
            given = self.accepted(NewReceipt)
        return self.answer(receiving.receive, self._shown, http_status=201, **given)

    def _shown(self, receipt: Receipt) -> dict[str, Any]:
        return self.one(receipt.pk)


class InvoiceFilters(filters.FilterSet):
    order = filters.Whole(field_name="order_id")
    vendor = filters.Whole(field_name="vendor_id")
    state = filters.Choice(choices=Invoice.State.choices)
    kind = filters.Choice(choices=Invoice.Kind.choices)
    number = filters.Words(lookup_expr="iexact")


class Invoices(ProgramViewSet):
    """Invoices and credit notes."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Invoice.objects.all()
    serializer_class = InvoiceRow
    filterset_class = InvoiceFilters

    def rows(self, rows: Any) -> Any:
        """With their lines."""
        lines = InvoiceLine.objects.filter(invoice_id=OuterRef("pk")).order_by("line__n")
        return rows.annotate(
            written=ArraySubquery(
                lines.values(
                    shown=JSONObject(
                        order_line_id=F("line_id"),
                        quantity=F("quantity"),
                        unit_price_minor=F("unit_price_minor"),
                        amount_minor=F("amount_minor"),
                    )
                )
            )
        )

    @extend_schema(request=NewInvoice, responses={201: InvoiceRow})
    def create(self, request: Request, code: str) -> Response:
        """Enter a vendor's invoice: what does not match is entered all the same, and held."""
        with self.reading() as access:
            self.program(access, Permission.POST_ACTUALS)
            given = self.accepted(NewInvoice)
        return self.answer(invoicing.enter, self._shown, http_status=201, **given)

    @extend_schema(request=Releasing, responses={200: InvoiceRow})
    @action(detail=True, methods=["post"])
    def release(self, request: Request, code: str, pk: str) -> Response:
        """Let a held invoice be paid; whoever entered it cannot."""
        found = self._found(pk, Permission.RELEASE_PAYMENT)
        return self.answer(invoicing.release, self._shown, invoice=found, **self.accepted(Releasing))

    @extend_schema(request=Paying, responses={200: InvoiceRow})
    @action(detail=True, methods=["post"])
    def pay(self, request: Request, code: str, pk: str) -> Response:
        """Note that it was paid."""
        found = self._found(pk, Permission.POST_ACTUALS)
        return self.answer(invoicing.pay, self._shown, invoice=found, **self.accepted(Paying))

    @extend_schema(request=NewCredit, responses={201: InvoiceRow})
    @action(detail=True, methods=["post"])
    def credit(self, request: Request, code: str, pk: str) -> Response:
        """Enter a credit note on an invoice."""
        found = self._found(pk, Permission.POST_ACTUALS)
        given = self.accepted(NewCredit)
        return self.answer(invoicing.credit, self._shown, http_status=201, invoice=found, **given)

    def _found(self, pk: str, permission: Permission) -> Invoice:
        with self.reading() as access:
            self.program(access, permission)
            self.there(pk)
            found: Invoice = Invoice.objects.select_related("order__request").get(pk=pk)
            return found

    def _shown(self, invoice: Invoice) -> dict[str, Any]:
        return self.one(invoice.pk)


class Payables(ScopedView):
    """What is owed to vendors."""

    tag = "money"

    @extend_schema(responses={200: OwedOut(many=True)})
    def get(self, request: Request, code: str) -> Response:
        """Unpaid invoices less credit notes by vendor and days since they were due (minor units), today."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        return Response(
            [
                {
                    "vendor_id": one.vendor_id,
                    "vendor": one.name,
                    "currency": program.currency,
                    "buckets": one.buckets,
                    "held_minor": one.held,
                    "retained_minor": one.retained,
                    "total_minor": one.total,
                }
                for one in ageing.owed(program, periods.local_day(program, timezone.now()))
            ]
        )


class ToleranceView(ScopedView):
    """How far an invoice may go beyond its order."""

    tag = "money"

    @extend_schema(responses={200: ToleranceOut})
    def get(self, request: Request, code: str) -> Response:
        """The program's tolerance; version 0 where none was kept yet."""
        return Response(_limits(tolerances.current(self.program(self.access, Permission.VIEW_MONEY))))

    @extend_schema(request=ToleranceIn, responses={200: ToleranceOut})
    def put(self, request: Request, code: str) -> Response:
        """Keep another one: invoices from now on are held by it."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_POLICY)
            given = self.accepted(ToleranceIn)
        version = given.pop("version")
        return self.answer(tolerances.keep, _limits, program=program, version=version, values=given)


def _limits(kept: Tolerance) -> dict[str, Any]:
    return {
        "quantity_percent": plain(kept.quantity_percent) or "0",
        "price_percent": plain(kept.price_percent) or "0",
        "price_minor": kept.price_minor,
        "version": kept.version,
    }
