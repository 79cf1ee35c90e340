"""The API of baselines. They are frozen by decisions and imports only."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.api import filters, paging
from pmo.api.views import ProgramViewSet
from programs.baselines import comparing
from programs.baselines.models import Baseline, BaselineActivity
from programs.baselines.serializers import BaselineLineRow, BaselineRow, ComparisonRow


class BaselineFilters(filters.FilterSet):
    current = filters.YesNo(field_name="is_current")
    origin = filters.Choice(choices=Baseline.Origin.choices)


class Baselines(ProgramViewSet):
    """Baselines of the plan."""

    tag = "plan"
    queryset = Baseline.objects.all()
    serializer_class = BaselineRow
    filterset_class = BaselineFilters

    @extend_schema(
        responses={200: ComparisonRow},
        parameters=[
            OpenApiParameter(
                "to", str, description="Number of another baseline (B2 or 2); `now` without it."
            ),
            *paging.parameters(),
        ],
        filters=False,
    )
    @action(detail=True, url_path="compare", pagination_class=None)
    def compare(self, request: Request, code: str, pk: str) -> Response:
        """What another baseline, or the plan of now, has different from this one: all sums, a page of differences."""
        program = self.program(self.access, self.view_permission)
        before = Baseline.objects.get(pk=self.there(pk))
        try:
            after = comparing.side_of(program, request.query_params.get("to", comparing.NOW))
        except Baseline.DoesNotExist as missing:
            raise ValidationError({"to": ["There is no such baseline."]}) from missing
        found = comparing.compared(program, before, after, money=self.sees_money)
        pages = paging.KeysetOfRows()
        differences = sorted(found.result.differences, key=lambda one: int(one.id))
        shown = pages.page_of(differences, request, key=lambda one: int(one.id))
        return Response(
            {
                "before": str(before),
                "after": str(after) if after else comparing.NOW,
                "stale": found.stale or None,
                "currency": program.currency,
                "counts": found.result.counts,
                "same": found.result.same,
                "finishes": [
                    {
                        "project": one.id,
                        "before": None if one.before is None else found.clock.instant(one.before),
                        "after": None if one.after is None else found.clock.instant(one.after),
                        "working_minutes": one.minutes,
                        "calendar_days": one.days,
                    }
                    for one in found.result.finishes
                ],
                "next": pages.get_next_link(),
                "previous": pages.get_previous_link(),
                "differences": comparing.rows(found, shown),
            }
        )

    def known_parameters(self) -> frozenset[str]:
        return super().known_parameters() | (
            {"to", "cursor", "page_size"} if self.action == "compare" else set()
        )


class BaselineLineFilters(filters.FilterSet):
    baseline = filters.Whole(field_name="baseline_id")
    activity = filters.Whole(field_name="activity_id")
    project = filters.Words(field_name="activity__project__code", lookup_expr="iexact")


class BaselineLines(ProgramViewSet):
    """Activities as baselines froze them."""

    tag = "plan"
    queryset = BaselineActivity.objects.all()
    serializer_class = BaselineLineRow
    filterset_class = BaselineLineFilters
