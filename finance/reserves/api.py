"""The API of the reserves: what went in and out, draws that are planned, expectations that were kept."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.engine.explained import decimals
from finance.reserves import burn_down, course, plans, scoring, services
from finance.reserves.models import RESERVE_CHOICES, OutlookMonth, PlannedDraw, ReserveOutlook
from finance.reserves.serializers import (
    NewOutlook,
    NewPlannedDraw,
    OutlookMonthRow,
    OutlookScores,
    PlannedDrawRow,
    ReserveLog,
    ReserveOutlookRow,
)
from finance.structure.periods import local_day
from finance.transfers.selectors import movements
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet, ScopedView


class PlannedDrawFilters(filters.FilterSet):
    category = filters.Choice(choices=RESERVE_CHOICES)
    month = filters.Words()


class PlannedDraws(ProgramViewSet):
    """Draws that are planned on contingency and management reserve, every setting of them."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = PlannedDraw.objects.all()
    serializer_class = PlannedDrawRow
    filterset_class = PlannedDrawFilters

    @extend_schema(request=NewPlannedDraw, responses={201: PlannedDrawRow})
    def create(self, request: Request, code: str) -> Response:
        """Plan a draw; 409 if somebody planned that reserve and month meanwhile. It moves no money."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_BUDGET)
            given = self.accepted(NewPlannedDraw)
        return self.answer(services.plan_draw, self._shown, http_status=201, program=program, **given)

    def _shown(self, made: PlannedDraw) -> dict[str, Any]:
        return self.one(made.pk)


class OutlookFilters(filters.FilterSet):
    occasion = filters.Choice(choices=ReserveOutlook.Occasion.choices)
    month = filters.Words()


class ReserveOutlooks(ProgramViewSet):
    """What was expected of the reserves, as it was kept."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = ReserveOutlook.objects.all()
    serializer_class = ReserveOutlookRow
    filterset_class = OutlookFilters

    def rows(self, rows: Any) -> Any:
        """With what became of their status dates."""
        return scoring.told(rows)

    @extend_schema(request=NewOutlook, responses={201: ReserveOutlookRow})
    def create(self, request: Request, code: str) -> Response:
        """Keep what is expected now, as it is."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_BUDGET)
            given = self.accepted(NewOutlook)
        return self.answer(
            services.keep, self._shown, http_status=201, program=program, note=given.get("note", "")
        )

    @extend_schema(responses={200: OutlookScores}, filters=False)
    @action(detail=False, pagination_class=None)
    def scores(self, request: Request, code: str) -> Response:
        """The newest sixty expectations against what was drawn in the months that ended, and all by months ahead."""
        program = self.program(self.access, self.view_permission)
        each, leads = scoring.scores(program, movements(program.pk), local_day(program, datetime.now(UTC)))
        return Response(
            {
                "currency": program.currency,
                "expectations": [_score(one) for one in each],
                "by_lead": [_score(one) for one in leads],
            }
        )

    def _shown(self, made: ReserveOutlook) -> dict[str, Any]:
        return self.one(made.pk)


def _score(one: scoring.Scored) -> dict[str, Any]:
    return {
        "expectation": one.outlook.pk if one.outlook else None,
        "lead_months": None if one.outlook else one.lead,
        "months": one.expected.periods,
        "expected_minor": one.expected.forecast,
        "planned_minor": one.planned.forecast,
        "drawn_minor": one.expected.actual,
        "management_planned_minor": one.reserve.forecast,
        "management_drawn_minor": one.reserve.actual,
        "bias_of_expected": _text(one.expected.bias),
        "bias_of_planned": _text(one.planned.bias),
    }


def _text(value: Fraction | None) -> str | None:
    return None if value is None else decimals(value, 8)


class OutlookMonthFilters(filters.FilterSet):
    expectation = filters.Whole(field_name="outlook_id")
    category = filters.Choice(choices=RESERVE_CHOICES)
    month = filters.Words()


class OutlookMonths(ProgramViewSet):
    """The months of kept expectations."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = OutlookMonth.objects.all()
    serializer_class = OutlookMonthRow
    filterset_class = OutlookMonthFilters


class Reserves(ScopedView):
    """Contingency and management reserve."""

    tag = "money"

    @extend_schema(responses={200: ReserveLog})
    def get(self, request: Request, code: str) -> Response:
        """Everything that went into or out of the reserves, and what is left of all of them."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        found, planned = movements(program.pk), plans.in_force(program.pk)
        today = local_day(program, datetime.now(UTC))
        body = {
            "currency": program.currency,
            "left_minor": sum(one.amount for one in found),
            "movements": found,
            "burn_down": burn_down.read(program, found, today, planned),
            "management_reserve": course.course_of(program, found, planned, today),
        }
        return Response(ReserveLog(body).data)
