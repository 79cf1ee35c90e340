"""The API of amendments of orders: the same service as the page."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from finance.procurement import amending
from finance.procurement.amend_serializers import NewOrderAmendment, OrderAmendmentRow
from finance.procurement.models import AmendedLine, OrderAmendment
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class AmendmentFilters(filters.FilterSet):
    order = filters.Whole(field_name="order_id")
    capital_request = filters.Whole(field_name="order__request_id")


class OrderAmendments(ProgramViewSet):
    """What orders under way were raised and lowered by."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = OrderAmendment.objects.all()
    serializer_class = OrderAmendmentRow
    filterset_class = AmendmentFilters

    def rows(self, rows: Any) -> Any:
        """With their lines."""
        lines = AmendedLine.objects.filter(amendment_id=OuterRef("pk")).order_by("line__n")
        return rows.annotate(
            written=ArraySubquery(
                lines.values(
                    shown=JSONObject(
                        order_line_id=F("line_id"),
                        text=F("line__text"),
                        unit_price_minor=F("line__unit_price_minor"),
                        from_quantity=F("from_quantity"),
                        to_quantity=F("to_quantity"),
                        from_minor=F("from_minor"),
                        to_minor=F("to_minor"),
                    )
                )
            )
        )

    @extend_schema(request=NewOrderAmendment, responses={201: OrderAmendmentRow})
    def create(self, request: Request, code: str) -> Response:
        """Amend an order under way: the ledger's commitment moves by the difference."""
        with self.reading() as access:
            self.program(access, Permission.PLACE_ORDER, somewhere=True)
            given = self.accepted(NewOrderAmendment)
        return self.answer(amending.amend, self._shown, http_status=201, **given)

    def _shown(self, made: OrderAmendment) -> dict[str, Any]:
        return self.one(made.pk)
