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

from pmo.api import filters
from pmo.api.fields import Day
from pmo.api.views import ProgramViewSet
from pmo.refusals import Refused
from pmo.zones import zone
from programs.resources import workload
from programs.resources.models import Resource
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
