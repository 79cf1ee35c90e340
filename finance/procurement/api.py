"""The API of vendors and orders: the same services as the pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    DecimalField,
    ExpressionWrapper,
    F,
    OuterRef,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, JSONObject
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.capex.models import CapitalRequest
from finance.procurement import selectors, services
from finance.procurement import vendors as vendor_services
from finance.procurement.models import AmendedLine, OrderLine, PurchaseOrder, Vendor
from finance.procurement.serializers import (
    Cancelling,
    NewPurchaseOrder,
    NewVendor,
    PurchaseOrderRow,
    RequestMoneyOut,
    VendorChanges,
    VendorRow,
)
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet, ScopedView


class VendorFilters(filters.FilterSet):
    code = filters.Words(lookup_expr="iexact")
    name = filters.Words(lookup_expr="icontains")
    active = filters.YesNo()


class Vendors(ProgramViewSet):
    """Vendors."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Vendor.objects.all()
    serializer_class = VendorRow
    filterset_class = VendorFilters

    @extend_schema(request=NewVendor, responses={201: VendorRow})
    def create(self, request: Request, code: str) -> Response:
        """Register a vendor."""
        with self.reading() as access:
            program = self.program(access, Permission.KEEP_VENDORS)
            given = self.accepted(NewVendor)
        return self.answer(vendor_services.add, self._shown, http_status=201, program=program, values=given)

    @extend_schema(request=VendorChanges, responses={200: VendorRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change a vendor; 409 if somebody changed it meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.KEEP_VENDORS)
            self.there(pk)
            found = Vendor.objects.get(pk=pk)
        given = self.accepted(VendorChanges)
        version = given.pop("version")
        return self.answer(vendor_services.edit, self._shown, vendor=found, version=version, values=given)

    def _shown(self, vendor: Vendor) -> dict[str, Any]:
        return self.one(vendor.pk)


class OrderFilters(filters.FilterSet):
    capital_request = filters.Whole(field_name="request_id")
    vendor = filters.Whole(field_name="vendor_id")
    project = filters.Words(field_name="request__project__code", lookup_expr="iexact")
    state = filters.Choice(choices=PurchaseOrder.State.choices)
    code = filters.Words(lookup_expr="iexact")


def _more(what: str) -> Coalesce:
    """What amendments made of a line's quantity or amount, together."""
    rows = AmendedLine.objects.filter(line_id=OuterRef("pk")).order_by().values("line_id")
    total = rows.annotate(total=Sum(F(f"to_{what}") - F(f"from_{what}"))).values("total")
    return Coalesce(Subquery(total), Value(0), output_field=DecimalField())


LINES = (
    OrderLine.objects.filter(order_id=OuterRef("pk"))
    .order_by("n")
    .values(
        line=JSONObject(
            id=F("id"),
            n=F("n"),
            text=F("text"),
            quantity=ExpressionWrapper(F("quantity") + _more("quantity"), DecimalField()),
            unit_price_minor=F("unit_price_minor"),
            amount_minor=ExpressionWrapper(F("amount_minor") + _more("minor"), BigIntegerField()),
        )
    )
)


class PurchaseOrders(ProgramViewSet):
    """Purchase orders."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = PurchaseOrder.objects.all()
    serializer_class = PurchaseOrderRow
    filterset_class = OrderFilters

    def rows(self, rows: Any) -> Any:
        """With their lines."""
        return rows.annotate(written=ArraySubquery(LINES))

    @extend_schema(request=NewPurchaseOrder, responses={201: PurchaseOrderRow})
    def create(self, request: Request, code: str) -> Response:
        """Order on an approved request: the sum of the lines is committed."""
        with self.reading() as access:
            self.program(access, Permission.PLACE_ORDER, somewhere=True)
            given = self.accepted(NewPurchaseOrder)
        return self.answer(services.order, self._shown, http_status=201, **given)

    @extend_schema(request=Cancelling, responses={200: PurchaseOrderRow})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, code: str, pk: str) -> Response:
        """Take back what has not come: it is set aside for the request again."""
        with self.reading() as access:
            self.program(access, Permission.PLACE_ORDER, somewhere=True)
            self.there(pk)
            found = PurchaseOrder.objects.select_related("request").get(pk=pk)
            access.require(Permission.PLACE_ORDER, found.program_id, found.request.project_id)
        given = self.accepted(Cancelling)
        return self.answer(services.cancel, self._shown, order=found, **given)

    def _shown(self, order: PurchaseOrder) -> dict[str, Any]:
        return self.one(order.pk)


class _OfRequest(ScopedView):
    tag = "money"

    def found_request(
        self, access: Access, pk: int, permission: Permission, *, somewhere: bool
    ) -> CapitalRequest:
        """The request of the address, or 404; NotAllowed without the right in its project."""
        program = self.program(access, permission, somewhere=somewhere)
        found = CapitalRequest.objects.filter(program_id=program.pk, pk=pk).first() if pk < 2**63 else None
        if found is None:
            raise Http404
        one: CapitalRequest = found
        return one

    def shown(self, request: CapitalRequest) -> dict[str, Any]:
        """The answer."""
        amounts = {f"{name}_minor": value for name, value in asdict(selectors.money(request)).items()}
        return {"currency": request.currency, "state": request.state, **amounts}


class RequestMoneyView(_OfRequest):
    """Where the money of a capital request stands."""

    @extend_schema(responses={200: RequestMoneyOut})
    def get(self, request: Request, code: str, pk: int) -> Response:
        """Set aside, ordered, received, invoiced, given back: from the ledger, now."""
        found = self.found_request(self.access, pk, Permission.VIEW_MONEY, somewhere=False)
        return Response(self.shown(found))


class RequestClosing(_OfRequest):
    """The end of a capital request."""

    @extend_schema(request=None, responses={200: RequestMoneyOut})
    def post(self, request: Request, code: str, pk: int) -> Response:
        """Nothing more is ordered: what is set aside becomes available again."""
        with self.reading() as access:
            found = self.found_request(access, pk, Permission.PLACE_ORDER, somewhere=True)
            access.require(Permission.PLACE_ORDER, found.program_id, found.project_id)
        return self.answer(services.close_request, self.shown, capital_request=found)
