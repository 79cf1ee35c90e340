"""The API of exchange rates."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.rates import services
from finance.rates.models import ExchangeRate
from finance.rates.serializers import (
    ExchangeRateChanges,
    ExchangeRateRow,
    NewExchangeRate,
    RatesEntered,
    RatesFile,
)
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class ExchangeRateFilters(filters.FilterSet):
    currency = filters.Words(lookup_expr="iexact")


class ExchangeRates(ProgramViewSet):
    """Dated exchange rates of the program."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = ExchangeRate.objects.all()
    serializer_class = ExchangeRateRow
    filterset_class = ExchangeRateFilters

    @extend_schema(request=NewExchangeRate, responses={201: ExchangeRateRow})
    def create(self, request: Request, code: str) -> Response:
        """Enter a rate."""
        with self.reading() as access:
            program = self.program(access, Permission.POST_ACTUALS)
            given = self.accepted(NewExchangeRate)
        return self.answer(services.add, self._shown, http_status=201, program=program, values=given)

    @extend_schema(request=ExchangeRateChanges, responses={200: ExchangeRateRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Correct a rate; 409 if somebody changed it meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.POST_ACTUALS)
            self.there(pk)
            given = self.accepted(ExchangeRateChanges)
        version = given.pop("version")
        return self.answer(services.edit, self._shown, rate_id=int(pk), changes=given, version=version)

    @extend_schema(request=RatesFile, responses={200: RatesEntered})
    @action(detail=False, methods=["post"])
    def file(self, request: Request, code: str) -> Response:
        """Enter the rates of a CSV file, all or none."""
        with self.reading() as access:
            program = self.program(access, Permission.POST_ACTUALS)
            given = self.accepted(RatesFile)
        return self.answer(
            services.read_file,
            lambda count: {"entered": count},
            program=program,
            content=given["content"].encode(),
        )

    def _shown(self, rate: ExchangeRate) -> dict[str, Any]:
        return self.one(rate.pk)
