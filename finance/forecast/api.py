"""The API of forecasts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.engine.explained import decimals
from finance.forecast import selectors, services
from finance.forecast.models import Forecast, ForecastCell
from finance.forecast.serializers import (
    ForecastCellRow,
    ForecastIn,
    ForecastRow,
    ForecastVersion,
    NewForecast,
    ScoresAnswer,
)
from finance.structure import periods
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class ForecastFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    state = filters.Choice(choices=Forecast.State.choices)
    period = filters.Words(field_name="period__code")


class Forecasts(ProgramViewSet):
    """Forecasts: what owners expect the rest of a project to cost."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Forecast.objects.all()
    serializer_class = ForecastRow
    filterset_class = ForecastFilters

    @extend_schema(request=NewForecast, responses={201: ForecastRow})
    def create(self, request: Request, code: str) -> Response:
        """Begin a forecast as of the end of a period, with the methods of the last one."""
        with self.reading() as access:
            program = self.program(access, Permission.FORECAST, somewhere=True)
            given = self.accepted(NewForecast)
        return self.answer(
            services.begin,
            self._shown,
            http_status=201,
            program=program,
            project=given["project"],
            period_code=given["period"],
        )

    @extend_schema(request=ForecastIn, responses={200: ForecastRow})
    def update(self, request: Request, code: str, pk: str) -> Response:
        """Write lines of a draft, all of them or none; it is computed at once. 409 if somebody changed it meanwhile."""
        found = self._found(pk)
        given = self.accepted(ForecastIn)
        return self.answer(
            services.write_lines,
            self._shown,
            forecast=found,
            version=given["version"],
            note=given.get("note"),
            lines=[
                services.LineValues(
                    one["category"],
                    one["nature"],
                    one["method"],
                    {each["period"]: each["amount_minor"] for each in one.get("amounts", ())},
                )
                for one in given.get("lines", ())
            ],
        )

    @extend_schema(request=ForecastVersion, responses={200: ForecastRow})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, code: str, pk: str) -> Response:
        """Freeze a draft: it is the project's bottom-up estimate from now on."""
        found = self._found(pk)
        given = self.accepted(ForecastVersion)
        return self.answer(services.submit, self._shown, forecast=found, version=given["version"])

    @extend_schema(responses={200: ScoresAnswer}, filters=False)
    @action(detail=False, pagination_class=None)
    def scores(self, request: Request, code: str) -> Response:
        """Submitted forecasts against what came to pass: error, bias, mean absolute percentage error."""
        program = self.program(self.access, self.view_permission)
        each, leads = selectors.scores(program, periods.local_day(program, datetime.now(UTC)))
        return Response(
            {
                "currency": program.currency,
                "forecasts": [_score(one) for one in each],
                "by_lead": [_score(one) for one in leads],
            }
        )

    def _found(self, pk: str) -> Forecast:
        with self.reading() as access:
            program = self.program(access, Permission.FORECAST, somewhere=True)
            found = Forecast.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            self.require_any(access, found.project_id, Permission.FORECAST)
            forecast: Forecast = found
            return forecast

    def _shown(self, forecast: Forecast) -> dict[str, Any]:
        return self.one(forecast.pk)


def _score(one: selectors.Scored) -> dict[str, Any]:
    found = one.score
    return {
        "forecast": one.forecast.pk if one.forecast else None,
        "lead_months": None if one.forecast else one.lead,
        "periods": found.periods,
        "forecast_minor": found.forecast,
        "actual_minor": found.actual,
        "error_minor": found.error,
        "bias": None if found.bias is None else decimals(found.bias, 8),
        "mape": None if found.mape is None else decimals(found.mape, 8),
    }


class ForecastCellFilters(filters.FilterSet):
    forecast = filters.Whole(field_name="line__forecast_id")
    project = filters.Words(field_name="line__forecast__project__code", lookup_expr="iexact")
    period = filters.Words(field_name="period__code")


class ForecastCells(ProgramViewSet):
    """Amounts of forecasts by line and period; written through their forecast."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = ForecastCell.objects.all()
    serializer_class = ForecastCellRow
    filterset_class = ForecastCellFilters
