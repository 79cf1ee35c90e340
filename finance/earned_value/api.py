"""The API of earned value and of spend: the figures of the pages, with the two clocks of the address."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from finance.earned_value import selectors
from finance.earned_value.selectors import Shown
from finance.earned_value.serializers import EarnedValueAnswer
from pmo.accounts.roles import Permission
from pmo.api.views import ScopedView
from pmo.clocks import AsOf
from programs.portfolio.models import Program

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
        "program": _figures(total) if total else None,
        "projects": [_figures(one) for one in projects],
    }


def _figures(one: Shown) -> dict[str, Any]:
    return {
        "project": one.project.code if one.project else None,
        "status_at": one.snapshot.at,
        "bac_minor": one.bac,
        "pv_minor": one.pv,
        "ev_minor": one.ev,
        "ac_minor": one.ac,
        "measures": list(one.measures.values()),
    }
