"""The API of the risk register."""

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
from programs.raid import acceptance, services
from programs.raid.models import Risk, RiskAcceptance
from programs.raid.serializers import AcceptanceRow, NewAcceptance, NewRisk, RiskChanges, RiskRow


class RiskFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    state = filters.Choice(choices=Risk.State.choices)
    response = filters.Choice(choices=Risk.Response.choices)
    code = filters.Words(lookup_expr="iexact")


class Risks(ProgramViewSet):
    """The risk register."""

    tag = "risks"
    queryset = Risk.objects.all()
    serializer_class = RiskRow
    filterset_class = RiskFilters

    @extend_schema(request=NewRisk, responses={201: RiskRow})
    def create(self, request: Request, code: str) -> Response:
        """Record a risk."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_RISKS, somewhere=True)
            given = self.accepted(NewRisk)
        return self.answer(services.add, self._shown, http_status=201, program=program, values=given)

    @extend_schema(request=RiskChanges, responses={200: RiskRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change a risk; 409 if somebody changed it meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_RISKS, somewhere=True)
            self.require_any(access, self.there(pk, "project_id"), Permission.EDIT_RISKS)
            given = self.accepted(RiskChanges)
        version = given.pop("version")
        return self.answer(services.edit, self._shown, risk_id=int(pk), changes=given, version=version)

    def _shown(self, risk: Risk) -> dict[str, Any]:
        return self.one(risk.pk)


class AcceptanceFilters(filters.FilterSet):
    state = filters.Choice(choices=RiskAcceptance.State.choices)
    risk = filters.Words(field_name="risk__code", lookup_expr="iexact")


class RiskAcceptances(ProgramViewSet):
    """Risks that a decision was asked to accept until a day; what is decided is found at `decisions`."""

    tag = "risks"
    queryset = RiskAcceptance.objects.all()
    serializer_class = AcceptanceRow
    filterset_class = AcceptanceFilters

    @extend_schema(request=NewAcceptance, responses={201: AcceptanceRow})
    def create(self, request: Request, code: str) -> Response:
        """Ask that a risk be carried as it is, until a day; 409 if the risk was changed meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.PROPOSE_DECISION)
            given = self.accepted(NewAcceptance)
        return self.answer(acceptance.ask, self._shown, http_status=201, **given)

    @extend_schema(request=None, responses={200: AcceptanceRow})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """Take back what is not decided yet."""
        with self.reading() as access:
            program = self.program(access, Permission.PROPOSE_DECISION)
            found = RiskAcceptance.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
        return self.answer(acceptance.withdraw, self._shown, acceptance=found)

    def _shown(self, made: RiskAcceptance) -> dict[str, Any]:
        return self.one(made.pk)
