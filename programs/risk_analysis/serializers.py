"""Simulations as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.accounts.roles import Permission
from pmo.api.fields import Choice, Instant
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.risk_analysis.models import SimulationRun

MONEY = ("cost", "project_costs", "cost_curve", "frontier", "contours", "joint")
"""Figures of a result that only who sees money may see."""
RISK_COSTS = 6
"""Where in a row of `risks` the mean costs of runs without it and with it begin (see `stored.to_json`)."""


def without_money(result: dict[str, Any]) -> dict[str, Any]:
    """A result for who may not see money; in the rows of risks the two mean costs at the end are null."""
    kept = {name: value for name, value in result.items() if name not in MONEY}
    kept["risks"] = [[*row[:RISK_COSTS], *(None for _ in row[RISK_COSTS:])] for row in kept.get("risks", ())]
    return kept


class SimulationRow(Row):
    """One simulation with its headline figures."""

    id = serializers.IntegerField()
    iterations = serializers.IntegerField()
    seed = serializers.IntegerField()
    distribution = Choice(choices=SimulationRun.Shape.choices)
    low_percent = serializers.IntegerField()
    high_percent = serializers.IntegerField()
    state = Choice(choices=SimulationRun.State.choices)
    step = serializers.CharField()
    percent = serializers.IntegerField()
    plan_version = serializers.IntegerField(
        allow_null=True, help_text="Version of the plan that was simulated."
    )
    inputs_digest = serializers.CharField(help_text="SHA-256 of everything that decides the figures.")
    planned_finish = Instant(allow_null=True)
    p50_finish = Instant(allow_null=True)
    p80_finish = Instant(allow_null=True)
    confidence = serializers.FloatField(
        allow_null=True, help_text="Share of the runs that finish by the planned date, 0 to 1."
    )
    error = serializers.CharField()
    requested_by = serializers.CharField(source="requested_by__name", allow_null=True)
    requested_at = Instant()
    finished_at = Instant(allow_null=True)


class SimulationDetail(SimulationRow):
    """A simulation with all its figures; times in `result` are minutes since 1970 of the program's clock."""

    risk_ids = serializers.JSONField()
    result = serializers.JSONField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        view = self.context["view"]
        if shown["result"] and not view.scope().may(Permission.VIEW_MONEY, view.found.pk):
            shown["result"] = without_money(shown["result"])
        return shown


class NewSimulation(StrictSerializer):
    """A simulation to run on the plan as it is when a worker gets to it."""

    iterations = serializers.IntegerField(min_value=100, max_value=100_000, default=2000)
    seed = serializers.IntegerField(min_value=0, max_value=2**63 - 1, default=1)
    distribution = Choice(choices=SimulationRun.Shape.choices, default=SimulationRun.Shape.PERT)
    low_percent = serializers.IntegerField(min_value=0, max_value=100, default=80)
    high_percent = serializers.IntegerField(min_value=100, max_value=1000, default=150)
    risks = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        max_length=1000,
        help_text="Ids of open risks that may occur; without it all open ones.",
    )
