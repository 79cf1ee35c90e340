"""The API of periods and budgets. A budget becomes active by a decision, never here."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.budgets import difference, services
from finance.budgets.difference import Pair
from finance.budgets.lines import Cell, LineChange
from finance.budgets.models import Budget, BudgetLine
from finance.budgets.serializers import (
    BudgetLineRow,
    BudgetRow,
    LineAmount,
    LineAmounts,
    NewBudget,
    PeriodRow,
    ReopeningReason,
    VersionDifference,
)
from finance.structure import periods
from finance.structure.models import Category, FiscalPeriod, Nature
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class PeriodFilters(filters.FilterSet):
    state = filters.Choice(choices=FiscalPeriod.State.choices)
    code = filters.Words()


class Periods(ProgramViewSet):
    """Fiscal periods."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = FiscalPeriod.objects.all()
    serializer_class = PeriodRow
    filterset_class = PeriodFilters

    @extend_schema(request=None, responses={200: PeriodRow})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, code: str, pk: str) -> Response:
        """Close a period: nothing can be entered in it from then on."""
        return self.answer(periods.close, lambda made: self.one(made.pk), period=self._found(pk))

    @extend_schema(request=ReopeningReason, responses={200: PeriodRow})
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, code: str, pk: str) -> Response:
        """Open a closed period again, for a reason."""
        found, given = self._found(pk), self.accepted(ReopeningReason)
        return self.answer(periods.reopen, lambda made: self.one(made.pk), period=found, reason=given["why"])

    def _found(self, pk: str) -> FiscalPeriod:
        with self.reading() as access:
            program = self.program(access, Permission.CLOSE_PERIOD)
            found = FiscalPeriod.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            period: FiscalPeriod = found
            return period


def _pair(pair: Pair) -> dict[str, int]:
    return {
        "before_minor": pair.before,
        "after_minor": pair.after,
        "difference_minor": pair.difference,
    }


class BudgetFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    state = filters.Choice(choices=Budget.State.choices)


class Budgets(ProgramViewSet):
    """Budget versions."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Budget.objects.all()
    serializer_class = BudgetRow
    filterset_class = BudgetFilters

    def known_parameters(self) -> frozenset[str]:
        return super().known_parameters() | ({"against"} if self.action == "difference" else set())

    @extend_schema(request=NewBudget, responses={201: BudgetRow})
    def create(self, request: Request, code: str) -> Response:
        """Begin a new version, as a copy of the active one."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_BUDGET)
            given = self.accepted(NewBudget)
        return self.answer(
            services.create_draft, self._shown, http_status=201, program=program, project=given.get("project")
        )

    @extend_schema(request=LineAmount, responses={200: BudgetRow})
    @action(detail=True, methods=["put"])
    def line(self, request: Request, code: str, pk: str) -> Response:
        """Write one amount of a draft; 409 if somebody changed it meanwhile."""
        budget = self._found(pk)
        given = self.accepted(LineAmount)
        given["period_code"] = given.pop("period")
        return self.answer(services.set_line, lambda made: self.one(budget.pk), budget=budget, **given)

    @extend_schema(request=LineAmounts, responses={200: BudgetRow})
    @action(detail=True, methods=["put"])
    def lines(self, request: Request, code: str, pk: str) -> Response:
        """Write many amounts of a draft, all or none; `errors` names each that is refused by its place, from 0."""
        budget = self._found(pk)
        changes = [
            LineChange(
                Cell(one["category"], one["nature"], one["period"]), one["amount_minor"], one.get("version")
            )
            for one in self.accepted(LineAmounts)["lines"]
        ]
        return self.answer(services.set_lines, self._shown, budget=budget, changes=changes)

    @extend_schema(request=None, responses={200: BudgetRow})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, code: str, pk: str) -> Response:
        """Hand a version over for decision."""
        return self.answer(services.submit, self._shown, budget=self._found(pk))

    @extend_schema(request=None, responses={200: BudgetRow})
    @action(detail=True, methods=["post"])
    def recall(self, request: Request, code: str, pk: str) -> Response:
        """Take a submitted version back."""
        return self.answer(services.recall, self._shown, budget=self._found(pk))

    @extend_schema(
        parameters=[
            OpenApiParameter("against", int, description="Id of another version; without, the one in force.")
        ],
        responses={200: VersionDifference},
    )
    @action(detail=True, methods=["get"], filterset_class=None)
    def difference(self, request: Request, code: str, pk: str) -> Response:
        """What differs from another version to this one."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        mine = Budget.objects.filter(program_id=program.pk).select_related("program", "project")
        after, against = mine.filter(pk=pk).first(), self.whole_parameter("against")
        before = mine.filter(pk=against).first() if against else None
        if after is None or (against and before is None):
            raise Http404
        before = before or difference.default_before(after)
        found = difference.versions(before, after)
        return Response(
            {"before": before.pk if before else None, "after": after.pk, "currency": program.currency}
            | _pair(found.of())
            | {
                "cells": [
                    {"category": line[0], "nature": line[1], "period": period} | _pair(pair)
                    for line, period, pair in found.changed()
                ]
            }
        )

    def _found(self, pk: str) -> Budget:
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_BUDGET)
            found = Budget.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            budget: Budget = found
            return budget

    def _shown(self, budget: Budget) -> dict[str, Any]:
        return self.one(budget.pk)


class BudgetLineFilters(filters.FilterSet):
    budget = filters.Whole(field_name="budget_id")
    project = filters.Words(field_name="budget__project__code", lookup_expr="iexact")
    state = filters.Choice(field_name="budget__state", choices=Budget.State.choices)
    category = filters.Choice(choices=Category.choices)
    nature = filters.Choice(choices=Nature.choices)
    period = filters.Words(field_name="period__code")


class BudgetLines(ProgramViewSet):
    """Amounts of budget versions; written through their budget."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = BudgetLine.objects.all()
    serializer_class = BudgetLineRow
    filterset_class = BudgetLineFilters
