"""Earned value as the API shows it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from finance.earned_value.earning import MOST_STEPS
from finance.engine.explained import Unit
from pmo.api.fields import Choice, Day, Exact, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.schedule.models import Activity


class MeasureOut(serializers.Serializer[Any]):
    """A measure: `value` as exact text (money in minor units, time in working minutes), null where `why` says why."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    unit = serializers.ChoiceField(choices=[one.value for one in Unit])
    formula = serializers.CharField()
    worked = serializers.CharField()
    value = serializers.CharField(allow_null=True)
    why = serializers.CharField()


class EstimateOut(serializers.Serializer[Any]):
    """An estimate at completion: what it asks of the rest, and whether that can be believed (null: not defined)."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    eac_minor = serializers.IntegerField()
    vac_minor = serializers.IntegerField()
    tcpi = serializers.CharField(allow_null=True)
    gap_to_cpi = serializers.CharField(allow_null=True)
    credible = serializers.BooleanField(allow_null=True)
    why = serializers.CharField()


class FiguresOut(serializers.Serializer[Any]):
    """The program (project null) or one project at its latest status."""

    project = serializers.CharField(allow_null=True)
    status_at = serializers.DateTimeField()
    bac_minor = serializers.IntegerField()
    pv_minor = serializers.IntegerField()
    ev_minor = serializers.IntegerField()
    ac_minor = serializers.IntegerField()
    measures = MeasureOut(many=True)
    estimates = EstimateOut(many=True)


class EarnedValueAnswer(serializers.Serializer[Any]):
    """Earned value as of a moment, with the versions of plan and ledger it was computed from."""

    at = serializers.DateTimeField()
    known = serializers.DateTimeField()
    currency = serializers.CharField()
    computed_at = serializers.DateTimeField(allow_null=True)
    plan_version = serializers.IntegerField(allow_null=True)
    ledger_version = serializers.IntegerField(allow_null=True)
    program = FiguresOut(allow_null=True)
    projects = FiguresOut(many=True)


class SeriesPoint(serializers.Serializer[Any]):
    """One status date: cumulative figures, what fell into the time since the last date, and indices as text."""

    status_at = serializers.DateTimeField()
    period = serializers.CharField()
    bac_minor = serializers.IntegerField()
    pv_minor = serializers.IntegerField()
    ev_minor = serializers.IntegerField()
    ac_minor = serializers.IntegerField()
    pv_in_period_minor = serializers.IntegerField()
    ev_in_period_minor = serializers.IntegerField()
    ac_in_period_minor = serializers.IntegerField()
    eac_minor = serializers.IntegerField(allow_null=True)
    vac_minor = serializers.IntegerField(allow_null=True)
    cpi = serializers.CharField(allow_null=True)
    spi = serializers.CharField(allow_null=True)
    spi_t = serializers.CharField(allow_null=True)
    tcpi_bac = serializers.CharField(allow_null=True)
    tcpi_eac = serializers.CharField(allow_null=True)
    tspi = serializers.CharField(allow_null=True)
    p_factor = serializers.CharField(allow_null=True)


class SeriesAnswer(serializers.Serializer[Any]):
    """Earned value at each status date, oldest first: of one project, or of the program (project null)."""

    at = serializers.DateTimeField()
    known = serializers.DateTimeField()
    currency = serializers.CharField()
    project = serializers.CharField(allow_null=True)
    points = SeriesPoint(many=True)


class EarningStepRow(Row):
    """A step of an activity's weighted milestones."""

    id = serializers.IntegerField()
    activity_id = serializers.IntegerField()
    activity = serializers.CharField(source="activity__code")
    project = serializers.CharField(source="activity__project__code")
    n = serializers.IntegerField()
    name = serializers.CharField()
    weight = serializers.IntegerField()
    due_percent = serializers.DecimalField(max_digits=5, decimal_places=2)
    done_on = Day(allow_null=True)


class StepOut(serializers.Serializer[Any]):
    """A step."""

    name = serializers.CharField()
    weight = serializers.IntegerField()
    due_percent = serializers.CharField()
    done_on = Day(allow_null=True)


class EarningOut(serializers.Serializer[Any]):
    """How an activity earns; `started`: only the days of steps can be written."""

    activity_id = serializers.IntegerField()
    technique = Choice(choices=Activity.Technique.choices)
    started = serializers.BooleanField()
    seen = serializers.CharField()
    steps = StepOut(many=True)


class StepIn(StrictSerializer):
    """A step to write."""

    name = Text(max_length=120)
    weight = Whole(min_value=1, max_value=1_000_000)
    due_percent = Exact(max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100))
    done_on = Day(allow_null=True, required=False)


class EarningIn(StrictSerializer):
    """How an activity shall earn; `seen` as it was read."""

    technique = Choice(choices=Activity.Technique.choices)
    steps = serializers.ListField(
        child=StepIn(), max_length=MOST_STEPS, help_text="In the order in which they are due."
    )
    seen = Text(max_length=16)
