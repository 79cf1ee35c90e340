"""Baselines as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Choice, Instant
from pmo.api.rows import Row, plain
from programs.baselines import scoping
from programs.baselines.linking import KINDS
from programs.baselines.models import Baseline


class BaselineRow(Row):
    """A frozen plan: approved by a decision, or brought along by an import."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    name = serializers.CharField()
    origin = Choice(choices=Baseline.Origin.choices)
    warrant = serializers.IntegerField(
        source="warrant__number", allow_null=True, help_text="Number of the decision's warrant."
    )
    is_current = serializers.BooleanField()
    frozen_at = Instant()
    plan_version = serializers.IntegerField()
    links_kept = serializers.IntegerField(allow_null=True, help_text="Null: it keeps no links.")
    scope_kept = serializers.IntegerField(allow_null=True, help_text="Null: it keeps no scope.")


class BaselineLineRow(Row):
    """One activity in a baseline. Costs in minor units with four decimals, null for who does not see money."""

    id = serializers.IntegerField()
    baseline_id = serializers.IntegerField()
    activity_id = serializers.IntegerField()
    activity = serializers.CharField(source="activity__code")
    project = serializers.CharField(source="activity__project__code")
    starts_at = Instant()
    finishes_at = Instant()
    duration_minutes = serializers.IntegerField()
    constraint = serializers.CharField(help_text="Empty where the baseline keeps none.")
    constraint_at = Instant(allow_null=True)
    critical = serializers.BooleanField(allow_null=True)
    start_cost = serializers.DecimalField(22, 4, allow_null=True, help_text="Planned in full at the start.")
    spread_cost = serializers.DecimalField(22, 4, allow_null=True, help_text="Planned evenly over the work.")
    currency = serializers.CharField(source="*")

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        for name in ("start_cost", "spread_cost"):
            row[name] = plain(values[name]) if self.sees_money else None
        return row | {"currency": self.program.currency}


class FinishRow(serializers.Serializer[Any]):
    """The finish of the program (project null) or of one project in both plans; later is positive."""

    project = serializers.CharField(allow_null=True)
    before = serializers.DateTimeField(allow_null=True)
    after = serializers.DateTimeField(allow_null=True)
    working_minutes = serializers.IntegerField(allow_null=True)
    calendar_days = serializers.IntegerField(allow_null=True)


class DifferenceRow(serializers.Serializer[Any]):
    """One activity that differs. Minutes are working minutes of its calendar; later, longer, dearer are positive."""

    activity_id = serializers.IntegerField()
    project = serializers.CharField()
    activity = serializers.CharField()
    name = serializers.CharField()
    change = serializers.CharField()
    start_before = serializers.DateTimeField(allow_null=True)
    finish_before = serializers.DateTimeField(allow_null=True)
    duration_minutes_before = serializers.IntegerField(allow_null=True)
    cost_minor_before = serializers.IntegerField(allow_null=True)
    start_after = serializers.DateTimeField(allow_null=True)
    finish_after = serializers.DateTimeField(allow_null=True)
    duration_minutes_after = serializers.IntegerField(allow_null=True)
    cost_minor_after = serializers.IntegerField(allow_null=True)
    start_minutes = serializers.IntegerField(allow_null=True)
    finish_minutes = serializers.IntegerField(allow_null=True)
    finish_days = serializers.IntegerField(allow_null=True, help_text="Calendar days.")
    longer_minutes = serializers.IntegerField(allow_null=True)
    dearer_minor = serializers.IntegerField(allow_null=True)


class ComparisonRow(serializers.Serializer[Any]):
    """Two plans side by side, the differences in pages; costs null for who does not see money."""

    before = serializers.CharField()
    after = serializers.CharField()
    stale = serializers.CharField(
        allow_null=True,
        help_text="Set while the dates of `now` are still being computed: they are older than its durations.",
    )
    currency = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    same = serializers.IntegerField()
    finishes = FinishRow(many=True)
    next = serializers.URLField(allow_null=True, help_text="The next page of differences.")
    previous = serializers.URLField(allow_null=True)
    differences = DifferenceRow(many=True, help_text="One page, by activity id.")


class LinkChange(serializers.Serializer[Any]):
    """A link, constraint or place on the critical path that differs; of a link, `activity` is the successor."""

    what = serializers.ChoiceField(choices=list(KINDS.items()))
    activity_id = serializers.IntegerField()
    project = serializers.CharField()
    activity = serializers.CharField()
    name = serializers.CharField()
    predecessor_id = serializers.IntegerField(source="other_id", allow_null=True)
    predecessor = serializers.CharField(source="other")
    before = serializers.CharField()
    after = serializers.CharField()


class LinkChanges(serializers.Serializer[Any]):
    """What two plans have different besides dates and costs, in pages."""

    before = serializers.CharField()
    after = serializers.CharField()
    keeps_none = serializers.CharField(
        allow_null=True, help_text="Which side keeps no links; null where both do."
    )
    counts = serializers.DictField(child=serializers.IntegerField())
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    changes = LinkChange(many=True)


class ScopeChange(serializers.Serializer[Any]):
    """A deliverable that differs, or (with `requirement`) a requirement of it."""

    what = serializers.ChoiceField(choices=list(scoping.KINDS.items()))
    project = serializers.CharField()
    deliverable = serializers.CharField()
    requirement = serializers.CharField(help_text="Empty for the deliverable itself.")
    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class ScopeChanges(serializers.Serializer[Any]):
    """What two sides have different in what is handed over, in pages."""

    before = serializers.CharField()
    after = serializers.CharField()
    keeps_none = serializers.CharField(
        allow_null=True, help_text="Which side keeps no scope; null where both do."
    )
    counts = serializers.DictField(child=serializers.IntegerField())
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    changes = ScopeChange(many=True)
