"""The API of links, computations and reported progress. (Activities with their dates: programs.master_plan.api.)"""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.schedule.freshness import behind
from programs.schedule.models import Computation, Progress, StatusPeriod
from programs.schedule.serializers import (
    ComputationRow,
    LatestComputationRow,
    ProgressRow,
    StatusPeriodRow,
)

KNOWN = OpenApiParameter("known", str, description="As known at this instant (ISO 8601); now without it.")


class Computations(ProgramViewSet):
    """Calculations of the program's dates, with what a planner should look at (`findings`)."""

    tag = "plan"
    queryset = Computation.objects.all()
    serializer_class = ComputationRow
    filterset_class = filters.FilterSet

    @extend_schema(responses={200: LatestComputationRow}, parameters=[KNOWN], filters=False)
    @action(detail=False, url_path="latest", pagination_class=None)
    def latest(self, request: Request, code: str) -> Response:
        """The computation in force (and, where the plan is ahead of it, how far the next is), or with `known` the one
        that was."""
        self.program(self.access, self.view_permission)
        chosen = self.as_of()
        found = Computation.objects.filter(program_id=self.found.pk, computed_at__lte=chosen.known)
        row = self.one(found.order_by("-pk").values_list("pk", flat=True).first() or 0)
        late = behind(self.found, row["plan_version"]) if chosen.is_now else None
        return Response(
            row
            | {
                "plan_is_at": self.found.plan_version,
                "state": (late.state or "behind") if late else "fresh",
                "step": late.step if late else "",
                "percent": late.percent if late else 100,
                "error": late.error if late else "",
            }
        )

    def known_parameters(self) -> frozenset[str]:
        return super().known_parameters() | ({"known"} if self.action == "latest" else set())


class StatusPeriodFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")


@extend_schema_view(list=extend_schema(summary="Status dates of the projects"))
class StatusPeriods(ProgramViewSet):
    """Status dates of the projects."""

    tag = "progress"
    queryset = StatusPeriod.objects.all()
    serializer_class = StatusPeriodRow
    filterset_class = StatusPeriodFilters


class ProgressFilters(filters.FilterSet):
    period = filters.Whole(field_name="period_id")
    activity = filters.Whole(field_name="activity_id")
    project = filters.Words(field_name="activity__project__code", lookup_expr="iexact")


class ProgressReports(ProgramViewSet):
    """What was reported of each activity at each status date."""

    tag = "progress"
    queryset = Progress.objects.all()
    serializer_class = ProgressRow
    filterset_class = ProgressFilters
