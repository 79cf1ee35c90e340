"""The API of the capital program: its files, their rows, and funding by source and year."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.funding import selectors, services
from finance.funding.models import FundingLine, FundingPlan
from finance.funding.serializers import (
    FundingAnswer,
    FundingLineRow,
    FundingPlanRow,
    NewFundingPlan,
    Withdrawal,
)
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class FundingPlans(ProgramViewSet):
    """Files of a capital program."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = FundingPlan.objects.all()
    serializer_class = FundingPlanRow

    @extend_schema(request=NewFundingPlan, responses={201: FundingPlanRow})
    def create(self, request: Request, code: str) -> Response:
        """Enter a file, all or nothing."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_BUDGET)
            given = self.accepted(NewFundingPlan)
        given["content"] = given["content"].encode()
        return self.answer(services.enter, self._shown, http_status=201, program=program, **given)

    @extend_schema(request=Withdrawal, responses={200: FundingPlanRow})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """Take a file out of every figure."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_BUDGET)
            self.there(pk)
            given = self.accepted(Withdrawal)
        return self.answer(services.withdraw, self._shown, plan_id=int(pk), text=given["why"])

    @extend_schema(responses={200: FundingAnswer}, filters=False)
    @action(detail=True, pagination_class=None)
    def funding(self, request: Request, code: str, pk: str) -> Response:
        """Each step of each unit and year by group of sources."""
        program = self.program(self.access, self.view_permission)
        plan = FundingPlan.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).first()
        if plan is None:
            raise Http404
        answers = [selectors.funding(program, plan, step) for step in plan.steps]
        return Response(
            {
                "currency": program.currency,
                "steps": [
                    {
                        "step": answer.steps[answer.step],
                        "units": [
                            {
                                "fiscal_year": unit.year,
                                "unit": unit.unit,
                                "name": unit.name,
                                "requests": unit.requests,
                                "funds_minor": unit.funds,
                                "total_minor": unit.total,
                            }
                            for unit in answer.units
                        ],
                    }
                    for answer in answers
                ],
            }
        )

    def _shown(self, plan: FundingPlan) -> dict[str, Any]:
        return self.one(plan.pk)


class FundingLineFilters(filters.FilterSet):
    unit = filters.Words()
    fund = filters.Words()


class FundingLines(ProgramViewSet):
    """The rows of the files of a capital program."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = FundingLine.objects.all()
    serializer_class = FundingLineRow
    filterset_class = FundingLineFilters
