"""The API of reconciliation: the ERP's totals, and a period's steps between them and the books."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from finance.imports.models import CostSource
from finance.reconciliation import services
from finance.reconciliation.models import ErpTotal
from finance.reconciliation.presenting import steps
from finance.reconciliation.selectors import reconcile
from finance.reconciliation.serializers import ErpTotalRow, NewErpTotal, ReconciliationOut
from finance.structure.models import FiscalPeriod
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.rows import plain
from pmo.api.views import ProgramViewSet, ScopedView


class ErpTotalFilters(filters.FilterSet):
    period = filters.Words(field_name="period__code")
    source = filters.Words(field_name="source__name")


class ErpTotals(ProgramViewSet):
    """What the ERP says that a period cost."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = ErpTotal.objects.all()
    serializer_class = ErpTotalRow
    filterset_class = ErpTotalFilters

    @extend_schema(request=NewErpTotal, responses={201: ErpTotalRow})
    def create(self, request: Request, code: str) -> Response:
        """Enter or correct the total of a period; 409 if somebody else did meanwhile."""
        with self.reading() as access:
            program = self.program(access, Permission.POST_ACTUALS)
            given = self.accepted(NewErpTotal)
            period = FiscalPeriod.objects.filter(program_id=program.pk, code=given["period"]).first()
            source = CostSource.objects.filter(program_id=program.pk, name=given["source"]).first()
            if period is None or (given["source"] and source is None):
                raise Http404
        return self.answer(
            services.state_total,
            self._shown,
            http_status=201,
            period=period,
            amount_minor=given["amount_minor"],
            note=given["note"],
            source=source,
            version=given["version"],
        )

    def _shown(self, total: ErpTotal) -> dict[str, Any]:
        return self.one(total.pk)


class PeriodReconciliation(ScopedView):
    """One period of the books against the ERP's."""

    tag = "money"

    @extend_schema(responses={200: ReconciliationOut})
    def get(self, request: Request, code: str, period: str) -> Response:
        """Every step from the ERP's total to what is unexplained, and to what the ledger says."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        found = FiscalPeriod.objects.filter(program_id=program.pk, code=period).first()
        if found is None:
            raise Http404
        made = reconcile(found)
        return Response(
            {
                "period": found.code,
                "state": found.state,
                "currency": program.currency,
                "steps": [
                    {"key": one.key, "label": one.label, "amount_minor": plain(one.minor), "note": one.note}
                    for one in steps(made, found, program.currency)
                ],
                "unexplained_minor": plain(made.unexplained),
                "sources": [
                    {
                        "source": side.name if side.source_id else None,
                        "erp_minor": None if side.total is None else str(side.total),
                        "explained_minor": plain(side.explained),
                        "unexplained_minor": plain(side.unexplained),
                    }
                    for side in made.sides
                ],
            }
        )
