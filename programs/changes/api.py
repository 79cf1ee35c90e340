"""The API of change requests. What is decided about them is decided by people, elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.changes import holding, revisions, services, simulating
from programs.changes.models import ChangeRequest, ChangeSimulation
from programs.changes.serializers import (
    ChangeRequestChanges,
    ChangeRequestRow,
    ChangeSimulationOut,
    ChangeSimulationState,
    ImpactOut,
    NewChangeRequest,
    NewEdit,
)


def _progress(simulation: ChangeSimulation) -> dict[str, Any]:
    return {name: getattr(simulation, name) for name in ("state", "step", "percent", "error")}


class ChangeRequestFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    state = filters.Choice(choices=ChangeRequest.State.choices)
    code = filters.Words(lookup_expr="iexact")


class ChangeRequests(ProgramViewSet):
    """Change requests."""

    tag = "changes"
    queryset = ChangeRequest.objects.all()
    serializer_class = ChangeRequestRow
    filterset_class = ChangeRequestFilters

    @extend_schema(responses={200: ImpactOut}, filters=False)
    @action(detail=True, url_path="impact", pagination_class=None)
    def impact(self, request: Request, code: str, pk: str) -> Response:
        """What the proposed edits do to the plan; 404 where nothing is proposed."""
        program = self.program(self.access, self.view_permission)
        found = ChangeRequest.objects.get(pk=self.there(pk))
        shown = revisions.impact(found)
        if shown is None:
            raise Http404
        figures = shown.result
        scope = figures.get("scope", {})
        return Response(
            {
                "plan_version": shown.plan_version,
                "stale": holding.why_stale(found, shown, program),
                "sha256": shown.sha256,
                "computed_at": shown.at,
                "finish_minutes": figures["finish_minutes"],
                "slip_minutes": figures["slip_minutes"],
                "finish_before": figures["finish"][0],
                "finish_after": figures["finish"][1],
                "activities_moved": figures["moved"],
                "critical_joined": figures["critical_joined"],
                "critical_left": figures["critical_left"],
                "simulation": ChangeSimulationOut(figures["simulation"]).data
                if "simulation" in figures
                else None,
                "deliverables": scope.get("deliverables", []),
                "requirements": scope.get("requirements", []),
                "benefits_lost": scope.get("benefits", []),
            }
        )

    @extend_schema(responses={200: ChangeSimulationState}, filters=False)
    @action(detail=True, url_path="simulation", pagination_class=None)
    def simulation(self, request: Request, code: str, pk: str) -> Response:
        """How far the newest simulation of the request is; its figures are in the impact. 404 where there is none."""
        self.program(self.access, self.view_permission)
        return Response(self._newest(ChangeRequest.objects.get(pk=self.there(pk))))

    @extend_schema(request=None, responses={202: ChangeSimulationState})
    @action(detail=True, methods=["post"])
    def simulate(self, request: Request, code: str, pk: str) -> Response:
        """Ask a worker how likely finish and cost are before and after the edits; the figures join the impact."""
        return self.answer(simulating.simulate, _progress, http_status=202, change_request=self._found(pk))

    @extend_schema(request=None, responses={200: ChangeSimulationState})
    @action(detail=True, methods=["post"], url_path="stop-simulation")
    def stop_simulation(self, request: Request, code: str, pk: str) -> Response:
        """Stop the simulation of the request; 409 where none is waiting or running."""
        return self.answer(simulating.stop, self._newest, change_request=self._found(pk))

    def _newest(self, request: ChangeRequest) -> dict[str, Any]:
        newest = simulating.latest(request)
        if newest is None:
            raise Http404
        return _progress(newest)

    @extend_schema(request=NewChangeRequest, responses={201: ChangeRequestRow})
    def create(self, request: Request, code: str) -> Response:
        """Draft a request for a project; it has no edits yet."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PLAN, somewhere=True)
            given = self.accepted(NewChangeRequest)
        return self.answer(services.create, self._shown, http_status=201, program=program, **given)

    @extend_schema(request=ChangeRequestChanges, responses={200: ChangeRequestRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change the words of a draft or a submitted request; 409 if somebody changed it meanwhile."""
        found = self._found(pk)
        given = self.accepted(ChangeRequestChanges)
        version = given.pop("version")
        return self.answer(services.edit, self._shown, change_request=found, version=version, values=given)

    @extend_schema(request=NewEdit, responses={200: ChangeRequestRow})
    @action(detail=True, methods=["post"])
    def edits(self, request: Request, code: str, pk: str) -> Response:
        """Propose one edit of the plan; the request's figures are computed with it. The plan stays as it is."""
        found = self._found(pk)
        given = self.accepted(NewEdit)
        return self.answer(services.propose, self._shown, change_request=found, **given)

    @extend_schema(request=None, responses={200: ChangeRequestRow})
    @action(detail=True, methods=["post"])
    def compute(self, request: Request, code: str, pk: str) -> Response:
        """Work out again what the edits do, on the plan as it stands now."""
        return self.answer(services.compute, self._shown, change_request=self._found(pk))

    @extend_schema(request=None, responses={200: ChangeRequestRow})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, code: str, pk: str) -> Response:
        """Hand a draft over for decision."""
        return self.answer(services.submit, self._shown, change_request=self._found(pk))

    @extend_schema(request=None, responses={200: ChangeRequestRow})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """Take a request back before it is decided."""
        return self.answer(services.withdraw, self._shown, change_request=self._found(pk))

    def _found(self, pk: str) -> ChangeRequest:
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PLAN, somewhere=True)
            found = ChangeRequest.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            one: ChangeRequest = found
            return one

    def _shown(self, request: ChangeRequest) -> dict[str, Any]:
        return self.one(request.pk)
