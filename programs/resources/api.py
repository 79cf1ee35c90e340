"""The API of resources and of what is asked of them. (Assignments: programs.resources.assign_api.)"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import Day
from pmo.api.views import ProgramViewSet
from pmo.refusals import Refused
from pmo.zones import zone
from programs.resources import serializers as shapes
from programs.resources import services, workload
from programs.resources.models import Availability, Resource
from programs.resources.serializers import LoadRow, ResourceRow

BY = OpenApiParameter("by", OpenApiTypes.STR, enum=[workload.WEEK, workload.MONTH], default=workload.WEEK)
FROM = OpenApiParameter("from", OpenApiTypes.DATE, description="A day of the first period; today by default.")


def _day(text: str) -> Any:
    try:
        return Day().to_internal_value(text)
    except exceptions.ValidationError as error:
        raise exceptions.ValidationError({"from": error.detail}) from error


class ResourceFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    kind = filters.Choice(choices=Resource.Kind.choices)
    code = filters.Words(lookup_expr="iexact")
    retired = filters.YesNo(field_name="retired_at", lookup_expr="isnull", exclude=True)


class Resources(ProgramViewSet):
    """Who and what does the work."""

    tag = "resources"
    queryset = Resource.objects.all()
    serializer_class = ResourceRow
    filterset_class = ResourceFilters

    def known_parameters(self) -> frozenset[str]:
        """Those of the loads besides."""
        more = {"by", "from"} if self.action == "workload" else set()
        return super().known_parameters() | more

    @extend_schema(request=shapes.NewResource, responses={201: ResourceRow})
    def create(self, request: Request, code: str) -> Response:
        """Add a resource of the program, or of a project whose plan you edit."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PLAN, somewhere=True)
            given = self.accepted(shapes.NewResource)
        return self.answer(
            services.add, lambda made: self.one(made.pk), http_status=201, program=program, values=given
        )

    @extend_schema(request=shapes.ResourceChanges, responses={200: ResourceRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change it; 409 if somebody changed it meanwhile."""
        found, given = self._asked(pk, shapes.ResourceChanges)
        version = given.pop("version")
        return self.answer(
            services.edit, lambda made: self.one(made.pk), resource=found, version=version, changes=given
        )

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, code: str, pk: str) -> Response:
        """Remove one that never had work; any other is retired."""
        found, _ = self._asked(pk, None)
        return self.answer(services.remove, lambda _: None, http_status=204, resource=found, version=None)

    @extend_schema(request=shapes.ResourceCopy, responses={201: ResourceRow})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, code: str, pk: str) -> Response:
        """Another one with the same capacity, calendar and cost."""
        found, given = self._asked(pk, shapes.ResourceCopy)
        return self.answer(
            services.copy, lambda made: self.one(made.pk), http_status=201, resource=found, **given
        )

    @extend_schema(request=shapes.ResourceRetirement, responses={200: ResourceRow})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, code: str, pk: str) -> Response:
        """It takes no new work from now on; the work that it has stays with it."""
        found, given = self._asked(pk, shapes.ResourceRetirement)
        return self.answer(services.retire, lambda made: self.one(made.pk), resource=found, **given)

    @extend_schema(request=shapes.ResourceVersion, responses={200: ResourceRow})
    @action(detail=True, methods=["post"])
    def back(self, request: Request, code: str, pk: str) -> Response:
        """A retired one takes work again."""
        found, given = self._asked(pk, shapes.ResourceVersion)
        return self.answer(services.bring_back, lambda made: self.one(made.pk), resource=found, **given)

    def _asked(self, pk: str, shape: Any) -> tuple[Resource, dict[str, Any]]:
        """The resource, and the body once it is clear that its sender may."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN, somewhere=True)
            self.require_any(access, self.there(pk, "project_id"), Permission.EDIT_PLAN)
            found = Resource.objects.get(pk=pk)
            return found, self.accepted(shape) if shape else {}

    @extend_schema(parameters=[BY, FROM], responses={200: LoadRow(many=True)}, filters=False)
    @action(detail=True, pagination_class=None)
    def workload(self, request: Request, code: str, pk: str) -> Response:
        """What it is asked for in each of 26 weeks or 18 months, against what there is. Materials have no load."""
        program = self.program(self.access, self.view_permission)
        self.there(pk)
        one = Resource.objects.select_related("project").get(pk=pk)
        asked = request.query_params.get("from")
        first: date = (
            timezone.now().astimezone(zone(program.time_zone)).date() if asked is None else _day(asked)
        )
        by = request.query_params.get("by", workload.WEEK)
        try:
            spans = workload.periods(program, by, first)
        except Refused as refusal:
            raise exceptions.ValidationError({refusal.field or "by": [refusal.message]}) from refusal
        found = workload.loads(program, [one], spans)[one.pk]
        return Response(
            LoadRow(
                [
                    {
                        "period": span.name,
                        "first": span.first,
                        "after": span.after,
                        "hours_asked": load.demand,
                        "hours_available": load.available,
                        "percent": load.percent,
                        "most_units": load.peak,
                        "over": load.over,
                        "clash": load.clash,
                    }
                    for span, load in zip(spans, found, strict=True)
                ],
                many=True,
            ).data
        )


class AvailabilityFilters(filters.FilterSet):
    resource = filters.Whole(field_name="resource_id")
    since = filters.Day(field_name="last", lookup_expr="gte")
    until = filters.Day(field_name="first", lookup_expr="lte")


class Availabilities(ProgramViewSet):
    """Days on which there is more or less of a resource than ever, or nothing: loads count them."""

    tag = "resources"
    queryset = Availability.objects.all()
    serializer_class = shapes.AvailabilityRow
    filterset_class = AvailabilityFilters

    @extend_schema(request=shapes.NewAvailability, responses={201: shapes.AvailabilityRow})
    def create(self, request: Request, code: str) -> Response:
        """Say how much of it there is on some days; they overlap with no others."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN, somewhere=True)
            given = self.accepted(shapes.NewAvailability)
        return self.answer(
            services.set_availability, lambda made: self.one(made.pk), http_status=201, **given
        )

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, code: str, pk: str) -> Response:
        """In these days there is as much of it as ever."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN, somewhere=True)
            self.require_any(access, self.there(pk, "resource__project_id"), Permission.EDIT_PLAN)
            found = Availability.objects.select_related("resource").get(pk=pk)
        return self.answer(
            services.end_availability, lambda _: None, http_status=204, availability=found, version=None
        )
