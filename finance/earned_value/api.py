"""The API of earned value and of spend: the figures of the pages, with the two clocks of the address."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from finance.earned_value import selectors
from finance.earned_value.explaining import estimates
from finance.earned_value.selectors import Shown
from finance.earned_value.serializers import EarnedValueAnswer, SeriesAnswer
from finance.earned_value.series import RATIOS, Point, points
from finance.engine.explained import decimals
from pmo.accounts.roles import Permission
from pmo.api.views import ScopedView
from pmo.clocks import AsOf
from pmo.money import round_half_even
from programs.portfolio.models import Program, Project

CLOCKS = [
    OpenApiParameter("at", str, description="Status date: the latest status at or before it counts."),
    OpenApiParameter("known", str, description="Instant of knowledge: what was recorded by then."),
]


class EarnedValue(ScopedView):
    """Earned value of the program and its projects."""

    tag = "money"
    query_parameters = frozenset({"at", "known"})

    @extend_schema(parameters=CLOCKS, responses={200: EarnedValueAnswer})
    def get(self, request: Request, code: str) -> Response:
        """As of a status date (now without one): exact figures, every measure with its formula."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        when = self.as_of()
        return Response(_answer(program, when))


def _answer(program: Program, when: AsOf) -> dict[str, Any]:
    run = selectors.newest_run(program, None if when.is_now else when.known)
    projects = selectors.projects_at(run, when.at) if run else []
    total = selectors.program_at(run, when.at) if run else None
    return {
        "at": when.at,
        "known": when.known,
        "currency": program.currency,
        "computed_at": run.computed_at if run else None,
        "plan_version": run.plan_version if run else None,
        "ledger_version": run.ledger_version if run else None,
        "program": _figures(total, program.currency) if total else None,
        "projects": [_figures(one, program.currency) for one in projects],
    }


def _figures(one: Shown, currency: str) -> dict[str, Any]:
    return {
        "project": one.project.code if one.project else None,
        "status_at": one.snapshot.at,
        "bac_minor": one.bac,
        "pv_minor": one.pv,
        "ev_minor": one.ev,
        "ac_minor": one.ac,
        "measures": list(one.measures.values()),
        "estimates": [
            {
                "name": found.name,
                "label": found.label,
                "eac_minor": round_half_even(found.eac),
                "vac_minor": round_half_even(found.vac),
                "tcpi": None if found.tcpi is None else decimals(found.tcpi, 8),
                "gap_to_cpi": None if found.gap is None else decimals(found.gap, 8),
                "credible": found.credible,
                "why": found.why,
            }
            for found in estimates(one, currency)
        ],
    }


class EarnedValueSeries(ScopedView):
    """Earned value over time."""

    tag = "money"
    query_parameters = frozenset({"at", "known", "project"})

    @extend_schema(
        parameters=[*CLOCKS, OpenApiParameter("project", str, description="Code of one project.")],
        responses={200: SeriesAnswer},
    )
    def get(self, request: Request, code: str) -> Response:
        """Every status date up to `at`, of a project or of the program."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        when, wanted = self.as_of(), request.query_params.get("project")
        project = None
        if wanted is not None:
            project = Project.objects.filter(program=program, code__iexact=wanted).first()
            if project is None:
                raise exceptions.ValidationError({"project": ["There is no such row in this program."]})
        run = selectors.newest_run(program, None if when.is_now else when.known)
        history = selectors.history(run, project, when.at) if run else []
        return Response(
            {
                "at": when.at,
                "known": when.known,
                "currency": program.currency,
                "project": project.code if project else None,
                "points": [_point(one) for one in points(history)],
            }
        )


def _point(point: Point) -> dict[str, Any]:
    one = point.shown
    found = {
        "status_at": one.snapshot.at,
        "period": one.snapshot.period_name,
        "bac_minor": one.bac,
        "pv_minor": one.pv,
        "ev_minor": one.ev,
        "ac_minor": one.ac,
        "pv_in_period_minor": point.pv_in,
        "ev_in_period_minor": point.ev_in,
        "ac_in_period_minor": point.ac_in,
        "eac_minor": one.minor("eac_cpi"),
        "vac_minor": one.minor("vac"),
    }
    return found | {name: one.measures.get(name, {}).get("value") for name in RATIOS}
