"""The API of what the program hands over."""

from __future__ import annotations

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.deliverables import serializers as shapes
from programs.deliverables import services
from programs.deliverables.models import Deliverable, Requirement
from programs.deliverables.serializers import DeliverableRow, RequirementRow


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    """Days as ISO text, as the commands take them."""
    return {name: one.isoformat() if isinstance(one, date) else one for name, one in given.items()}


class Withdrawn(filters.YesNo):
    """`true`: those withdrawn; `false`: those that count. Without it, those that count, as in the register."""

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.filter(**{f"{self.field_name}__isnull": value != "true"})


class DeliverableFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    due_until = filters.Day(field_name="due_on", lookup_expr="lte")
    withdrawn = Withdrawn(field_name="withdrawn_at")


class Deliverables(ProgramViewSet):
    """Things to be handed over. Written here while their project stands in no baseline, later by change requests."""

    tag = "deliverables"
    queryset = Deliverable.objects.all()
    serializer_class = DeliverableRow
    filterset_class = DeliverableFilters

    @extend_schema(request=shapes.NewDeliverable, responses={201: DeliverableRow})
    def create(self, request: Request, code: str) -> Response:
        """Add one with what it is accepted by."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PLAN, somewhere=True)
            given = _plain(self.accepted(shapes.NewDeliverable))
        project = given.pop("project")
        return self.answer(
            services.add,
            lambda made: self.one(made.pk),
            http_status=201,
            program=program,
            project=project,
            given=given,
        )

    @extend_schema(request=shapes.DeliverableChanges, responses={200: DeliverableRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Another name or day, or requirements that are added; 409 if somebody changed it meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN, somewhere=True)
            self.require_any(access, self.there(pk, "project_id"), Permission.EDIT_PLAN)
            found = Deliverable.objects.get(pk=pk)
            given = _plain(self.accepted(shapes.DeliverableChanges))
        version = given.pop("version")
        return self.answer(
            services.edit, lambda made: self.one(made.pk), deliverable=found, version=version, given=given
        )


class RequirementFilters(filters.FilterSet):
    deliverable = filters.Whole(field_name="deliverable_id")
    due_until = filters.Day(field_name="due_on", lookup_expr="lte")
    withdrawn = Withdrawn(field_name="deliverable__withdrawn_at")


class Requirements(ProgramViewSet):
    """What deliverables must satisfy, and who accepted it."""

    tag = "deliverables"
    queryset = Requirement.objects.all()
    serializer_class = RequirementRow
    filterset_class = RequirementFilters

    @extend_schema(request=shapes.RequirementChanges, responses={200: RequirementRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Other words or day, while its project stands in no baseline; or who produces it."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN, somewhere=True)
            self.require_any(access, self.there(pk, "deliverable__project_id"), Permission.EDIT_PLAN)
            found = Requirement.objects.get(pk=pk)
            given = _plain(self.accepted(shapes.RequirementChanges))
        version = given.pop("version")
        return self._written(services.edit_requirement, requirement=found, version=version, changes=given)

    @extend_schema(request=shapes.Acceptance, responses={200: RequirementRow})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, code: str, pk: str) -> Response:
        """Say that it is met, as of a day, and by what it is seen; not by its producer or its project's manager."""
        found = self._met(pk)
        return self._written(services.accept, requirement=found, **self.accepted(shapes.Acceptance))

    @extend_schema(request=shapes.AcceptanceTakenBack, responses={200: RequirementRow})
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, code: str, pk: str) -> Response:
        """Take its acceptance back; the reason is kept in the history."""
        found = self._met(pk)
        given = self.accepted(shapes.AcceptanceTakenBack)
        return self._written(services.take_back, requirement=found, why=given["reason"], **given)

    def _met(self, pk: str) -> Requirement:
        with self.reading() as access:
            self.program(access, Permission.ACCEPT_DELIVERY)
            self.there(pk)
            found: Requirement = Requirement.objects.get(pk=pk)
            return found

    def _written(self, service: Any, **given: Any) -> Response:
        return self.answer(service, lambda made: self.one(made.pk), **given)
