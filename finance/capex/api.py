"""The API of capital requests. What is decided about them is decided by people, elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.capex import services
from finance.capex.appraisal import appraise
from finance.capex.models import CapitalRequest
from finance.capex.serializers import (
    AppraisalOut,
    CapitalRequestChanges,
    CapitalRequestRow,
    NewCapitalRequest,
)
from finance.structure.choices import SPENDABLE
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.rows import plain
from pmo.api.views import ProgramViewSet


class CapitalRequestFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    state = filters.Choice(choices=CapitalRequest.State.choices)
    category = filters.Choice(choices=SPENDABLE)
    code = filters.Words(lookup_expr="iexact")


class CapitalRequests(ProgramViewSet):
    """Capital requests."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = CapitalRequest.objects.all()
    serializer_class = CapitalRequestRow
    filterset_class = CapitalRequestFilters

    @extend_schema(responses={200: AppraisalOut}, filters=False)
    @action(detail=True, url_path="appraisal", pagination_class=None)
    def appraisal(self, request: Request, code: str, pk: str) -> Response:
        """Net present value, rates of return and paybacks, with formula, numbers and the months behind them."""
        self.program(self.access, self.view_permission)
        found = CapitalRequest.objects.get(pk=self.there(pk))
        worth = appraise(found)
        return Response(
            {
                "currency": found.currency,
                "discount_percent": plain(found.discount_percent),
                "figures": [
                    {
                        "name": one.name,
                        "label": one.label,
                        "unit": one.unit,
                        "formula": one.formula,
                        "worked": one.worked,
                        "value": None if one.value is None else f"{one.value:.8f}",
                        "why": one.why,
                    }
                    for one in worth.figures
                ],
                "months": [
                    {
                        "period": one.period,
                        "paid_minor": one.paid,
                        "returned_minor": one.returned,
                        "sum_minor": one.so_far,
                        "factor": None if one.factor is None else f"{one.factor:.8f}",
                        "present_value_minor": one.worth,
                    }
                    for one in worth.months
                ],
            }
        )

    @extend_schema(request=NewCapitalRequest, responses={201: CapitalRequestRow})
    def create(self, request: Request, code: str) -> Response:
        """Draft a request for a project."""
        with self.reading() as access:
            program = self.program(access, Permission.REQUEST_CAPITAL, somewhere=True)
            given = self.accepted(NewCapitalRequest)
        return self.answer(services.create, self._shown, http_status=201, program=program, **given)

    @extend_schema(request=CapitalRequestChanges, responses={200: CapitalRequestRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change a draft or a submitted request: a new revision; 409 if somebody changed it meanwhile."""
        found = self._found(pk)
        given = self.accepted(CapitalRequestChanges)
        version = given.pop("version")
        return self.answer(services.edit, self._shown, capital_request=found, version=version, values=given)

    @extend_schema(request=None, responses={200: CapitalRequestRow})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, code: str, pk: str) -> Response:
        """Hand a draft over for decision."""
        return self.answer(services.submit, self._shown, capital_request=self._found(pk))

    @extend_schema(request=None, responses={200: CapitalRequestRow})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """Take a request back before it is decided."""
        return self.answer(services.withdraw, self._shown, capital_request=self._found(pk))

    def _found(self, pk: str) -> CapitalRequest:
        with self.reading() as access:
            program = self.program(access, Permission.REQUEST_CAPITAL, somewhere=True)
            found = CapitalRequest.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            one: CapitalRequest = found
            return one

    def _shown(self, request: CapitalRequest) -> dict[str, Any]:
        return self.one(request.pk)
