"""The API of baselines. They are frozen by decisions and imports only."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.api import filters, paging
from pmo.api.views import ProgramViewSet
from programs.baselines import comparing, linking, scoping
from programs.baselines.found import Found
from programs.baselines.models import Baseline, BaselineActivity
from programs.baselines.serializers import (
    BaselineLineRow,
    BaselineRow,
    ComparisonRow,
    LinkChanges,
    ScopeChanges,
)

TO = OpenApiParameter("to", str, description="Number of another baseline (B2 or 2); `now` without it.")


class BaselineFilters(filters.FilterSet):
    current = filters.YesNo(field_name="is_current")
    origin = filters.Choice(choices=Baseline.Origin.choices)


class Baselines(ProgramViewSet):
    """Baselines of the plan."""

    tag = "plan"
    queryset = Baseline.objects.all()
    serializer_class = BaselineRow
    filterset_class = BaselineFilters

    def _sides(self, request: Request, pk: str) -> tuple[Any, Baseline, Baseline | None]:
        """The program, the baseline of the address and the other one; 400 for what is none."""
        program = self.program(self.access, self.view_permission)
        before = Baseline.objects.get(pk=self.there(pk))
        try:
            return program, before, comparing.side_of(program, request.query_params.get("to", comparing.NOW))
        except Baseline.DoesNotExist as missing:
            raise ValidationError({"to": ["There is no such baseline."]}) from missing

    @extend_schema(responses={200: LinkChanges}, parameters=[TO, *paging.parameters()], filters=False)
    @action(detail=True, url_path="compare-links", pagination_class=None)
    def compare_links(self, request: Request, code: str, pk: str) -> Response:
        """What differs in links, constraints and critical path; `keeps_none` says why where that was not kept."""
        program, before, after = self._sides(request, pk)
        found = linking.linked(program, before, after)
        return Response(LinkChanges(_answer(request, found, before, after)).data)

    @extend_schema(responses={200: ScopeChanges}, parameters=[TO, *paging.parameters()], filters=False)
    @action(detail=True, url_path="compare-scope", pagination_class=None)
    def compare_scope(self, request: Request, code: str, pk: str) -> Response:
        """What differs in deliverables and requirements; `keeps_none` says why where they were not kept."""
        program, before, after = self._sides(request, pk)
        found = scoping.scoped(program, before, after)
        return Response(ScopeChanges(_answer(request, found, before, after)).data)

    @extend_schema(
        responses={200: ComparisonRow},
        parameters=[
            TO,
            *paging.parameters(),
        ],
        filters=False,
    )
    @action(detail=True, url_path="compare", pagination_class=None)
    def compare(self, request: Request, code: str, pk: str) -> Response:
        """What another baseline, or the plan of now, has different from this one: all sums, a page of differences."""
        program, before, after = self._sides(request, pk)
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
            {"to", "cursor", "page_size"}
            if self.action in ("compare", "compare_links", "compare_scope")
            else set()
        )


def _answer(request: Request, found: Found[Any], before: Baseline, after: Baseline | None) -> dict[str, Any]:
    """One page of the rows that differ, with all counts."""
    pages = paging.KeysetOfRows()
    shown = pages.page_of(list(enumerate(found.changes, 1)), request, key=lambda one: one[0])
    return {
        "before": str(before),
        "after": str(after) if after else comparing.NOW,
        "keeps_none": found.keeps_none or None,
        "counts": found.counts(),
        "next": pages.get_next_link(),
        "previous": pages.get_previous_link(),
        "changes": [one for _, one in shown],
    }


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
