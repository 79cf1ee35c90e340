"""Estimates, their lines and rate cards as the API shows and takes them. Amounts are minor units."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.engine.reconciling import Why
from finance.estimates.models import Estimate
from finance.structure.choices import SPENDABLE, projects
from finance.structure.models import PERIOD_CODE, Category, Nature
from pmo.api.fields import SMALL, Choice, Day, Exact, Minor, Related, Text, Whole
from pmo.api.rows import Row, plain
from pmo.api.views import StrictSerializer
from programs.resources.models import Resource


def resources(program_id: int) -> Any:
    """The resources of one program."""
    return Resource.objects.filter(program_id=program_id)


class RateCardRow(Row):
    """What an hour of a resource costs from a day on (minor units, four decimals)."""

    id = serializers.IntegerField()
    resource_id = serializers.IntegerField()
    resource = serializers.CharField(source="resource__code")
    from_day = Day()
    cost_per_hour = serializers.DecimalField(18, 4)
    note = serializers.CharField()
    entered_at = serializers.DateTimeField()


class NewRateCard(StrictSerializer):
    """A dated rate."""

    resource = Related(resources)
    from_day = Day()
    cost_per_hour = Exact(18, 4)
    note = Text(max_length=200, required=False, allow_blank=True)


class EstimateRow(Row):
    """A version of a project's cost estimate."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    number = serializers.IntegerField()
    state = Choice(choices=Estimate.State.choices)
    maturity = serializers.IntegerField()
    as_of = Day()
    basis = serializers.CharField()
    assumptions = serializers.CharField()
    labour_nature = Choice(choices=Nature.choices)
    labour_low_percent = serializers.IntegerField()
    labour_high_percent = serializers.IntegerField()
    labour_at = serializers.DateTimeField(allow_null=True)
    plan_version = serializers.IntegerField(allow_null=True)
    issued_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class EstimateChanges(StrictSerializer):
    """What a draft rests on; `version` is the one that was seen."""

    maturity = Whole(min_value=1, max_value=5, required=False)
    as_of = Day(required=False)
    basis = Text(max_length=8000, required=False)
    assumptions = Text(max_length=8000, required=False, allow_blank=True)
    labour_nature = Choice(choices=Nature.choices, required=False)
    labour_low_percent = Whole(max_value=100, required=False)
    labour_high_percent = Whole(min_value=100, max_value=1000, required=False)
    version = Whole(max_value=SMALL)


class NewEstimate(StrictSerializer):
    """Whose estimate is begun, and what it rests on."""

    project = Related(projects)
    maturity = Whole(min_value=1, max_value=5)
    as_of = Day()
    basis = Text(max_length=8000)
    assumptions = Text(max_length=8000, required=False, allow_blank=True)
    labour_nature = Choice(choices=Nature.choices, required=False)
    labour_low_percent = Whole(max_value=100, required=False)
    labour_high_percent = Whole(min_value=100, max_value=1000, required=False)


class EstimateLineRow(Row):
    """A cost in a month with its three points; with a resource it is labour computed from the plan."""

    id = serializers.IntegerField()
    estimate_id = serializers.IntegerField()
    category = Choice(choices=SPENDABLE)
    nature = Choice(choices=Nature.choices)
    period = serializers.CharField()
    text = serializers.CharField()
    basis = serializers.CharField()
    low_minor = serializers.IntegerField()
    likely_minor = serializers.IntegerField()
    high_minor = serializers.IntegerField()
    resource = serializers.CharField(source="resource__code", allow_null=True)
    hours = serializers.DecimalField(14, 2, allow_null=True)
    version = serializers.IntegerField()

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        row["hours"] = plain(values["hours"])
        return row


class LineFields(StrictSerializer):
    """The fields of a typed line."""

    category = Choice(choices=SPENDABLE)
    nature = Choice(choices=Nature.choices)
    period = Text(max_length=7, validators=[PERIOD_CODE])
    text = Text(max_length=200)
    basis = Text(max_length=400, required=False, allow_blank=True)
    low_minor = Minor()
    likely_minor = Minor()
    high_minor = Minor()


class SwingRow(serializers.Serializer[Any]):
    """The whole with one line at its low and at its high, all others at their likely amount."""

    line = serializers.CharField(source="label")
    low_minor = serializers.IntegerField(source="low")
    high_minor = serializers.IntegerField(source="high")


class BesideBudget(serializers.Serializer[Any]):
    """A category and nature in a fiscal year: the estimate and the budget in force, reserves left out."""

    category = serializers.ChoiceField(choices=Category.choices)
    nature = serializers.ChoiceField(choices=Nature.choices)
    fiscal_year = serializers.CharField()
    estimate_minor = serializers.IntegerField()
    budget_minor = serializers.IntegerField()


class WhyDifferent(serializers.Serializer[Any]):
    """Why budget and estimate differ at a category and nature; all differences add up to budget less likely.

    `shifted_minor`: of both, what is estimated in another fiscal year than it is budgeted in.
    """

    category = serializers.ChoiceField(choices=Category.choices)
    nature = serializers.ChoiceField(choices=Nature.choices)
    why = serializers.ChoiceField(choices=[one.value for one in Why])
    estimate_minor = serializers.IntegerField()
    budget_minor = serializers.IntegerField()
    difference_minor = serializers.IntegerField()
    shifted_minor = serializers.IntegerField()


class DifferentByYear(serializers.Serializer[Any]):
    """Budget less estimate of a category and nature in a fiscal year: rest + other nature + other year.

    `other_year_minor` adds up to nothing over the years of a line, `other_nature_minor` over the natures of a category
    in a year; all `rest_minor`, which `why` names, add up to budget less likely.
    """

    category = serializers.ChoiceField(choices=Category.choices)
    nature = serializers.ChoiceField(choices=Nature.choices)
    fiscal_year = serializers.CharField()
    why = serializers.ChoiceField(choices=[one.value for one in Why])
    difference_minor = serializers.IntegerField()
    rest_minor = serializers.IntegerField()
    other_nature_minor = serializers.IntegerField()
    other_year_minor = serializers.IntegerField()


class JointShare(serializers.Serializer[Any]):
    """How many of the program's simulated runs keep a day and an amount together: at least, and less than (percent)."""

    simulation = serializers.IntegerField(source="run")
    finish = serializers.DateTimeField()
    amount_minor = serializers.IntegerField(source="amount")
    at_least = serializers.IntegerField(source="low")
    less_than = serializers.IntegerField(source="high", help_text="100 is open.")


class EstimateSummary(serializers.Serializer[Any]):
    """What follows from an estimate's lines."""

    currency = serializers.CharField()
    low_minor = serializers.IntegerField()
    likely_minor = serializers.IntegerField()
    high_minor = serializers.IntegerField()
    mean_minor = serializers.IntegerField()
    deviation_minor = serializers.IntegerField()
    p80_minor = serializers.IntegerField()
    budget_minor = serializers.IntegerField()
    contingency_minor = serializers.IntegerField()
    swings = SwingRow(many=True)
    beside_budget = BesideBudget(many=True)
    differences = WhyDifferent(many=True)
    differences_by_year = DifferentByYear(many=True)
    joint = JointShare(allow_null=True, help_text="Planned finish and budget in force of the whole program.")
