"""The API of estimates and rate cards: the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.budgets.selectors import active_lines
from finance.estimates import selectors, services
from finance.estimates.models import Estimate, EstimateLine, RateCard
from finance.estimates.serializers import (
    EstimateChanges,
    EstimateLineRow,
    EstimateRow,
    EstimateSummary,
    LineFields,
    NewEstimate,
    NewRateCard,
    RateCardRow,
)
from finance.structure.choices import SPENDABLE
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class RateCardFilters(filters.FilterSet):
    resource = filters.Words(field_name="resource__code", lookup_expr="iexact")


class RateCards(ProgramViewSet):
    """What an hour of a resource costs, from which day on."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = RateCard.objects.all()
    serializer_class = RateCardRow
    filterset_class = RateCardFilters

    @extend_schema(request=NewRateCard, responses={201: RateCardRow})
    def create(self, request: Request, code: str) -> Response:
        """Enter a dated rate."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_BUDGET)
            given = self.accepted(NewRateCard)
        return self.answer(
            services.add_rate, lambda made: self.one(made.pk), http_status=201, program=program, **given
        )


class EstimateFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    state = filters.Choice(choices=Estimate.State.choices)


class Estimates(ProgramViewSet):
    """Bottom-up cost estimates."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Estimate.objects.all()
    serializer_class = EstimateRow
    filterset_class = EstimateFilters

    @extend_schema(request=NewEstimate, responses={201: EstimateRow})
    def create(self, request: Request, code: str) -> Response:
        """Begin a project's next estimate, with the typed lines of the last one and labour from the plan."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_BUDGET)
            given = self.accepted(NewEstimate)
        project = given.pop("project")
        return self.answer(
            services.create, self._shown, http_status=201, program=program, project=project, values=given
        )

    @extend_schema(request=EstimateChanges, responses={200: EstimateRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change what a draft rests on; 409 if somebody changed it meanwhile."""
        found = self._found(pk)
        given = self.accepted(EstimateChanges)
        version = given.pop("version")
        return self.answer(services.edit, self._shown, estimate=found, changes=given, version=version)

    @extend_schema(request=None, responses={200: EstimateRow})
    @action(detail=True, methods=["post"])
    def labour(self, request: Request, code: str, pk: str) -> Response:
        """Take the labour of a draft from the plan as it is now."""
        return self.answer(services.compute_labour, self._shown, estimate=self._found(pk))

    @extend_schema(request=None, responses={200: EstimateRow})
    @action(detail=True, methods=["post"])
    def issue(self, request: Request, code: str, pk: str) -> Response:
        """Issue a draft: it stays as it is from then on."""
        return self.answer(services.issue, self._shown, estimate=self._found(pk))

    @extend_schema(request=LineFields, responses={201: EstimateLineRow})
    @action(detail=True, methods=["post"])
    def lines(self, request: Request, code: str, pk: str) -> Response:
        """Write a cost that is not labour of the plan into a draft."""
        found = self._found(pk)
        given = self.accepted(LineFields)
        return self.answer(
            services.add_line, lambda line: _line(line), http_status=201, estimate=found, values=given
        )

    @extend_schema(responses={200: EstimateSummary})
    @action(detail=True, methods=["get"], filterset_class=None)
    def summary(self, request: Request, code: str, pk: str) -> Response:
        """Sums, what moves the estimate most, and the budget in force beside it."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        found = Estimate.objects.filter(program_id=program.pk, pk=pk).select_related("program").first()
        if found is None:
            raise Http404
        read = selectors.read(found)
        total = read.total
        labels = {year.begins: year.label for year in read.years}
        body = {
            "currency": program.currency,
            "low_minor": total.low,
            "likely_minor": total.likely,
            "high_minor": total.high,
            "mean_minor": total.mean,
            "deviation_minor": total.deviation,
            "p80_minor": total.p80,
            "budget_minor": read.budget,
            "contingency_minor": read.contingency,
            "joint": selectors.joint(
                program, sum(active_lines(program).values_list("amount_minor", flat=True))
            ),
            "swings": read.swings,
            "differences": [
                {
                    "category": one.line[0],
                    "nature": one.line[1],
                    "why": one.why.value,
                    "estimate_minor": one.estimate,
                    "budget_minor": one.budget,
                    "difference_minor": one.difference,
                    "shifted_minor": one.shifted,
                }
                for one in read.causes
            ],
            "differences_by_year": [
                {
                    "category": one.group,
                    "nature": one.line,
                    "fiscal_year": labels[one.year],
                    "why": one.why.value,
                    "difference_minor": one.difference,
                    "rest_minor": one.rest,
                    "other_nature_minor": one.elsewhere,
                    "other_year_minor": one.shifted,
                }
                for one in read.by_year
            ],
            "beside_budget": [
                {
                    "category": row.category,
                    "nature": row.nature,
                    "fiscal_year": year.label,
                    "estimate_minor": row.estimate.get(year.begins, 0),
                    "budget_minor": row.budget.get(year.begins, 0),
                }
                for row in read.rows
                for year in read.years
            ],
        }
        return Response(EstimateSummary(body).data)

    def _found(self, pk: str) -> Estimate:
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_BUDGET)
            found: Estimate | None = Estimate.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            return found

    def _shown(self, estimate: Estimate) -> dict[str, Any]:
        return self.one(estimate.pk)


def _line(line: EstimateLine) -> dict[str, Any]:
    names = (
        "id",
        "estimate_id",
        "category",
        "nature",
        "period",
        "text",
        "basis",
        "low_minor",
        "likely_minor",
    )
    return {name: getattr(line, name) for name in names} | {
        "high_minor": line.high_minor,
        "resource": None,
        "hours": None,
        "version": line.version,
    }


class EstimateLineFilters(filters.FilterSet):
    estimate = filters.Whole(field_name="estimate_id")
    category = filters.Choice(choices=SPENDABLE)
    period = filters.Words()


class EstimateLines(ProgramViewSet):
    """Lines of estimates; written through their estimate."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = EstimateLine.objects.all()
    serializer_class = EstimateLineRow
    filterset_class = EstimateLineFilters
    write_parameters = frozenset({"version"})

    @extend_schema(
        parameters=[OpenApiParameter("version", int, description="The line's version that was seen.")],
        responses={204: None},
    )
    def destroy(self, request: Request, code: str, pk: str) -> Response:
        """Take a typed line out of a draft (`?version=` is the one that was seen)."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_BUDGET)
            line = (
                EstimateLine.objects.filter(program_id=program.pk, pk=pk).select_related("estimate").first()
            )
            if line is None:
                raise Http404
        seen = self.whole_parameter("version")
        return self.answer(
            services.remove_line,
            lambda _: None,
            http_status=204,
            line=line,
            version=line.version if seen is None else seen,
        )
