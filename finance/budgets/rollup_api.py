"""The API of the program's budget added up."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from finance.budgets.rollup import Node, rollup
from finance.spend.figures import SUMS
from finance.structure.models import Category, Nature
from pmo.accounts.roles import Permission
from pmo.api.views import ScopedView


class YearAmount(serializers.Serializer[Any]):
    """Budget in force in a fiscal year, minor units."""

    fiscal_year = serializers.CharField()
    amount_minor = serializers.IntegerField()


class RolledUp(serializers.Serializer[Any]):
    """Budget in force, and what the books say of it; `granted` equals `in_force` wherever all is well."""

    in_force_minor = serializers.IntegerField()
    granted_minor = serializers.IntegerField()
    moved_minor = serializers.IntegerField()
    budget_minor = serializers.IntegerField()
    reserved_minor = serializers.IntegerField()
    committed_minor = serializers.IntegerField()
    accrued_minor = serializers.IntegerField()
    actual_minor = serializers.IntegerField()
    left_minor = serializers.IntegerField()
    unfunded_minor = serializers.IntegerField()
    years = YearAmount(many=True)


class RolledUpLine(RolledUp):
    """The same of a cost line; without a project it is one of the program's reserves."""

    project = serializers.CharField(allow_null=True)
    category = serializers.ChoiceField(choices=Category.choices)
    nature = serializers.ChoiceField(choices=Nature.choices)


class RolledUpAnswer(serializers.Serializer[Any]):
    """The program's budget as it is now, whole and line by line."""

    currency = serializers.CharField()
    agrees = serializers.BooleanField(
        help_text="Whether versions in force and books are the same at every line."
    )
    whole = RolledUp()
    lines = RolledUpLine(many=True)


class BudgetRollup(ScopedView):
    """The program's budget added up."""

    tag = "money"

    @extend_schema(responses={200: RolledUpAnswer})
    def get(self, request: Request, code: str) -> Response:
        """Projects and reserves, line by line, beside what the books say of each."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        found = rollup(program, self.as_of())

        def figures(node: Node) -> dict[str, Any]:
            return {
                "in_force_minor": node.in_force,
                "granted_minor": node.granted,
                "moved_minor": node.moved,
                "years": [
                    {"fiscal_year": year.label, "amount_minor": node.years.get(year.begins, 0)}
                    for year in found.years
                ],
            } | {f"{name}_minor": getattr(node.money, name) for name in SUMS}

        return Response(
            {
                "currency": program.currency,
                "agrees": not found.disagreeing,
                "whole": figures(found.whole),
                "lines": [
                    figures(one)
                    | {
                        "project": one.project if one.project_id else None,
                        "category": one.category,
                        "nature": one.nature,
                    }
                    for one in found.lines
                ],
            }
        )
