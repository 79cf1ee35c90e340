"""Periods and budgets as the API shows and takes them. Amounts are minor units of the program's currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.budgets.lines import MOST_AT_ONCE
from finance.budgets.models import Budget
from finance.structure.choices import projects
from finance.structure.models import PERIOD_CODE, Category, FiscalPeriod, Nature
from pmo.api.fields import SMALL, Choice, Day, Minor, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer


class PeriodRow(Row):
    """A fiscal period."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    starts_on = Day()
    ends_on = Day()
    state = Choice(choices=FiscalPeriod.State.choices)
    closed_at = serializers.DateTimeField(allow_null=True)
    reopened_at = serializers.DateTimeField(allow_null=True)
    reopened_why = serializers.CharField()
    closed_by = serializers.CharField(source="closed_by__name", allow_null=True)


class ReopeningReason(StrictSerializer):
    """Why."""

    why = Text(max_length=400)


class BudgetRow(Row):
    """A budget version; without a project it holds the program's reserves."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField(allow_null=True)
    project = serializers.CharField(source="project__code", allow_null=True)
    number = serializers.IntegerField()
    state = Choice(choices=Budget.State.choices)
    origin = Choice(choices=Budget.Origin.choices)
    decision = serializers.CharField(source="warrant__number", allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    submitted_by = serializers.CharField(source="submitted_by__name", allow_null=True)
    activated_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class BudgetLineRow(Row):
    """An amount of a budget version, by category, nature and period."""

    id = serializers.IntegerField()
    budget_id = serializers.IntegerField()
    project = serializers.CharField(source="budget__project__code", allow_null=True)
    category = Choice(choices=Category.choices)
    nature = Choice(choices=Nature.choices)
    period = serializers.CharField(source="period__code")
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField(source="*")
    version = serializers.IntegerField()

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        row["currency"] = self.program.currency
        return row


class NewBudget(StrictSerializer):
    """Whose budget is prepared."""

    project = Related(
        projects,
        required=False,
        allow_null=True,
        help_text="Id of a project; the program's reserves without.",
    )


class LineAmount(StrictSerializer):
    """One amount of a draft; zero takes the line out. `version` is the line's that was seen, 0 for none."""

    category = Choice(choices=Category.choices)
    nature = Choice(choices=Nature.choices)
    period = Text(max_length=7, validators=[PERIOD_CODE])
    amount_minor = Minor()
    version = Whole(max_value=SMALL)


class LineAmounts(StrictSerializer):
    """Many amounts of a draft, written together: all of them or none."""

    lines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=LineAmount(), max_length=MOST_AT_ONCE
    )


class CellDifference(serializers.Serializer[Any]):
    """An amount that differs between two versions, in minor units."""

    category = serializers.ChoiceField(choices=Category.choices)
    nature = serializers.ChoiceField(choices=Nature.choices)
    period = serializers.CharField()
    before_minor = serializers.IntegerField()
    after_minor = serializers.IntegerField()
    difference_minor = serializers.IntegerField()


class VersionDifference(serializers.Serializer[Any]):
    """What differs from one budget version to another: the sums, and every amount that is not the same."""

    before = serializers.IntegerField(
        allow_null=True, help_text="Id of the version compared with; null for none."
    )
    after = serializers.IntegerField()
    currency = serializers.CharField()
    before_minor = serializers.IntegerField()
    after_minor = serializers.IntegerField()
    difference_minor = serializers.IntegerField()
    cells = CellDifference(many=True)
