"""The API of simulations: ask for one, see how far it is, read its figures."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.risk_analysis import selectors, services
from programs.risk_analysis.models import SimulationRun
from programs.risk_analysis.serializers import NewSimulation, SimulationDetail, SimulationRow


class SimulationFilters(filters.FilterSet):
    state = filters.Choice(choices=SimulationRun.State.choices)


@extend_schema_view(retrieve=extend_schema(responses={200: SimulationDetail}))
class Simulations(ProgramViewSet):
    """Monte Carlo simulations of the plan."""

    tag = "simulations"
    queryset = SimulationRun.objects.all()
    serializer_class = SimulationRow
    filterset_class = SimulationFilters

    def get_serializer_class(self) -> Any:
        return SimulationRow if self.action == "list" else SimulationDetail

    @extend_schema(request=NewSimulation, responses={201: SimulationDetail})
    def create(self, request: Request, code: str) -> Response:
        """Ask for a simulation; a worker runs it, and its `state` says when."""
        with self.reading() as access:
            program = self.program(access, Permission.BUILD_REPORTS, somewhere=True)
            given = self.accepted(NewSimulation)
        return self.answer(
            services.ask, lambda run: self.one(run.pk), http_status=201, program=program, **given
        )

    @extend_schema(request=None, responses={200: SimulationDetail})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, code: str, pk: str) -> Response:
        """Stop a simulation that is not over."""
        with self.reading() as access:
            program = self.program(access, Permission.VIEW_PROGRAM)
            run = selectors.runs(request.user, program.pk).filter(pk=pk).first()
            if run is None:
                raise Http404
        return self.answer(services.cancel, lambda done: self.one(done.pk), run=run)
