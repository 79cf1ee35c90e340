"""Programs, projects and benefits as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from pmo.api.fields import Choice, Day, Instant
from pmo.api.rows import Row
from programs.portfolio.models import Program, Project


class ProgramRow(Row):
    """A program; `currency` is that of all its amounts."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    mandate = serializers.CharField()
    sponsor = serializers.CharField(source="sponsor__name", allow_null=True)
    manager = serializers.CharField(source="manager__name", allow_null=True)
    currency = serializers.CharField(help_text="ISO 4217.")
    time_zone = serializers.CharField()
    calendar_id = serializers.IntegerField(allow_null=True)
    phase = Choice(choices=Program.Phase.choices)
    starts_at = Instant(help_text="Earliest start of unconstrained work.")
    status_at = Instant(allow_null=True, help_text="Status date: up to here it is fact.")
    committed_finish = Day(allow_null=True, help_text="The finish promised to the sponsor.")
    fiscal_year_start_month = serializers.IntegerField()
    progress_rule = Choice(choices=Program.Progress.choices)
    criticality_rule = Choice(choices=Program.Criticality.choices)
    critical_float_minutes = serializers.IntegerField()
    plan_version = serializers.IntegerField(help_text="Goes up with every edit of the plan.")
    ledger_version = serializers.IntegerField(help_text="Goes up with every posting.")
    version = serializers.IntegerField()


class ProjectRow(Row):
    """A component project."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = Choice(choices=Project.Kind.choices)
    manager = serializers.CharField(source="manager__name", allow_null=True)
    outcomes = serializers.CharField()
    priority = serializers.IntegerField()
    state = Choice(choices=Project.State.choices)
    calendar_id = serializers.IntegerField(allow_null=True)
    lag_calendar = Choice(choices=Project.LagCalendar.choices)
    starts_at = Instant(allow_null=True)
    status_at = Instant(allow_null=True)
    position = serializers.IntegerField()
    version = serializers.IntegerField()


class ObjectiveRow(Row):
    """A benefit: from a baseline to a target."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    measure = serializers.CharField()
    unit = serializers.CharField()
    baseline_value = serializers.DecimalField(18, 4)
    target_value = serializers.DecimalField(18, 4)
    baseline_on = Day()
    target_on = Day()
    owner = serializers.CharField(source="owner__name", allow_null=True)
    retired_at = Instant(allow_null=True, help_text="It is asked for no longer since this instant.")
    retired_why = serializers.CharField()
    version = serializers.IntegerField()


class ReadingRow(Row):
    """A reading of a benefit's measure on a day."""

    id = serializers.IntegerField()
    objective_id = serializers.IntegerField()
    objective = serializers.CharField(source="objective__code")
    taken_on = Day()
    value = serializers.DecimalField(18, 4)
