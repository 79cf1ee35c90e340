"""The API of spend: the figures of the page and of the report."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from finance.earned_value.api import CLOCKS
from finance.spend import selectors
from finance.spend.selectors import Line
from finance.spend.serializers import SpendAnswer
from pmo.accounts.roles import Permission
from pmo.api.views import ScopedView


class Spend(ScopedView):
    """Budget, committed, accrued, actual and what is left."""

    tag = "money"
    query_parameters = frozenset({"at", "known"})

    @extend_schema(parameters=CLOCKS, responses={200: SpendAnswer})
    def get(self, request: Request, code: str) -> Response:
        """As of a moment (now without one)."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        when = self.as_of()
        found = selectors.spend(program, when)
        forecast = selectors.forecasts(program, when)
        return Response(
            {
                "at": when.at,
                "known": when.known,
                "currency": program.currency,
                "ledger_version": program.ledger_version,
                "total": _line(found.total, None, selectors.forecast_total(found.projects, forecast)[0]),
                "projects": [
                    _line(one, one.label if one.key else None, forecast.get(one.key))
                    for one in found.projects
                ],
                "categories": [_line(one, one.key) for one in found.categories],
                "natures": [_line(one, one.key) for one in found.natures],
                "periods": [_line(one, one.key) for one in found.periods],
            }
        )


def _line(line: Line, key: str | None, forecast: int | None = None) -> dict[str, Any]:
    return {
        "key": key,
        "budget_minor": line.budget,
        "committed_minor": line.committed,
        "accrued_minor": line.accrued,
        "actual_minor": line.actual,
        "left_minor": line.left,
        "unfunded_minor": line.unfunded,
        "forecast_minor": forecast,
    }
