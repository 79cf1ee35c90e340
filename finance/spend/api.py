"""The API of spend: the figures of the page and of the report."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from finance.earned_value.api import CLOCKS
from finance.spend import cuts, selectors
from finance.spend.adding import NOT_BY_LINE
from finance.spend.asking import CUTS, PARAMETERS, asked
from finance.spend.figures import Line, forecast_total
from finance.spend.serializers import RowsAnswer, SpendAnswer
from finance.structure.models import Category, Nature
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
                "total": _line(found.total, None, forecast_total(found.projects, forecast)[0]),
                "projects": [
                    _line(one, one.label if one.key else None, forecast.get(one.key))
                    for one in found.projects
                ],
                "categories": [_line(one, one.key) for one in found.categories],
                "natures": [_line(one, one.key) for one in found.natures],
                "periods": [_line(one, one.key) for one in found.periods],
            }
        )


MONTH = {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}
ASKED = [
    OpenApiParameter("by", str, enum=list(CUTS), description="What the rows are; project without one."),
    OpenApiParameter("then", str, enum=list(CUTS), description="What each row is cut by once more."),
    OpenApiParameter("project", str, description="Code of a project, or - for the program's own money."),
    OpenApiParameter("category", str, enum=Category.values),
    OpenApiParameter("nature", str, enum=Nature.values),
    OpenApiParameter("vendor", str, description="Name of a vendor, or - for costs that name none."),
    OpenApiParameter("from", MONTH, description="First period, such as 2026-01."),
    OpenApiParameter("to", MONTH, description="Last period, such as 2026-12."),
]


class SpendRows(ScopedView):
    """Money cut by project, category, nature, vendor or period, as the spend page shows it."""

    tag = "money"
    query_parameters = frozenset({"at", "known"}) | PARAMETERS

    @extend_schema(parameters=[*ASKED, *CLOCKS], responses={200: RowsAnswer})
    def get(self, request: Request, code: str) -> Response:
        """Rows, their parts where cut twice, what they add up to, and the same money month by month."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        when = self.as_of()
        ask = asked(request, program)
        if ask.problems:
            raise exceptions.ValidationError({name: [text] for name, text in ask.problems.items()})
        names = ask.filters.names
        cut = cuts.read(program, when, ask.question, names)

        def row(line: Line, by: str) -> dict[str, Any]:
            key = names.get(line.key) if by == "project" else None if line.key == NOT_BY_LINE else line.key
            parts = [row(part, ask.question.then) for part in line.parts]
            return _line(line, key, line.forecast) | {"label": line.label, "parts": parts}

        return Response(
            {
                "at": when.at,
                "known": when.known,
                "currency": program.currency,
                "ledger_version": program.ledger_version,
                "by": ask.question.by,
                "then": ask.question.then or None,
                "costs_only": ask.question.costs_only,
                "total": _line(cut.total, None, cut.total.forecast),
                "rows": [row(line, ask.question.by) for line in cut.lines],
                "months": [_line(line, line.key) for line in cut.months],
            }
        )


def _line(line: Line, key: str | None, forecast: int | None = None) -> dict[str, Any]:
    return {
        "key": key,
        "budget_minor": line.budget,
        "reserved_minor": line.reserved,
        "committed_minor": line.committed,
        "accrued_minor": line.accrued,
        "actual_minor": line.actual,
        "left_minor": line.left,
        "unfunded_minor": line.unfunded,
        "forecast_minor": forecast,
    }
