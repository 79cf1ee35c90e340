"""Activities with their computed dates, as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Choice, Exact, Instant, Related, Text, Whole
from pmo.api.rows import Row, plain
from pmo.api.views import StrictSerializer
from programs.calendars.models import Calendar
from programs.portfolio.models import CODE, Project
from programs.schedule.models import Activity, Constraint
from programs.schedule.serializers import activities

MOST_MINUTES = 60 * 24 * 366 * 30


def calendars(program_id: int) -> Any:
    """The calendars of one program."""
    return Calendar.objects.filter(program_id=program_id)


def projects(program_id: int) -> Any:
    """The component projects of one program."""
    return Project.objects.filter(program_id=program_id)


class ActivityRow(Row):
    """An activity as typed, with the dates that follow. Durations and floats are working minutes.

    `why` names what holds the early start. Amounts are minor units of the program's currency with four decimals,
    and null for who does not see money.
    """

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    parent_id = serializers.IntegerField(allow_null=True)
    code = serializers.CharField()
    wbs = serializers.CharField()
    position = serializers.IntegerField()
    level = serializers.IntegerField()
    kind = Choice(choices=Activity.Kind.choices)
    name = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    calendar_id = serializers.IntegerField(allow_null=True)
    constraint = Choice(choices=Constraint.choices)
    constraint_at = Instant(allow_null=True)
    deadline_at = Instant(allow_null=True)
    optimistic_minutes = serializers.IntegerField(allow_null=True)
    likely_minutes = serializers.IntegerField(allow_null=True)
    pessimistic_minutes = serializers.IntegerField(allow_null=True)
    technique = Choice(choices=Activity.Technique.choices)
    actual_start = Instant(allow_null=True)
    actual_finish = Instant(allow_null=True)
    remaining_minutes = serializers.IntegerField(allow_null=True)
    percent_complete = serializers.DecimalField(13, 10)
    notes = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()
    early_start = Instant(source="now__early_start", allow_null=True)
    early_finish = Instant(source="now__early_finish", allow_null=True)
    late_start = Instant(source="now__late_start", allow_null=True)
    late_finish = Instant(source="now__late_finish", allow_null=True)
    total_float_minutes = serializers.IntegerField(source="now__total_float", allow_null=True)
    free_float_minutes = serializers.IntegerField(source="now__free_float", allow_null=True)
    on_longest_path = serializers.BooleanField(source="now__on_longest_path", allow_null=True)
    critical = serializers.BooleanField(source="now__critical", allow_null=True)
    why = serializers.CharField(source="now__why", allow_null=True)
    driver_id = serializers.IntegerField(
        source="now__driver_id", allow_null=True, help_text="The link that holds the early start."
    )
    fixed_cost = serializers.DecimalField(22, 4, source="*", allow_null=True)
    cost_per_hour = serializers.DecimalField(18, 4, source="*", allow_null=True)
    currency = serializers.CharField(source="*")

    @classmethod
    def of(cls, queryset: Any) -> Any:
        return (
            super().of(queryset).values("id", "fixed_cost", "cost_per_hour", *(p for _, p, _ in cls.paths()))
        )

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        for name in ("fixed_cost", "cost_per_hour"):
            row[name] = plain(values[name]) if self.sees_money else None
        row["currency"] = self.program.currency
        return row


class LinkEnd(serializers.Serializer[Any]):
    """One predecessor or successor."""

    id = serializers.IntegerField(help_text="Of the link.")
    activity_id = serializers.IntegerField()
    activity = serializers.CharField()
    project = serializers.CharField()
    kind = serializers.CharField()
    lag = serializers.IntegerField()
    lag_unit = serializers.CharField()
    drives = serializers.BooleanField(help_text="Does it hold the early start?")


class ActivityDetail(ActivityRow):
    """An activity with its reason in words, its baseline and its links."""

    reason = serializers.CharField(source="*", help_text="Why the early start is what it is.")
    baseline_start = Instant(source="*", allow_null=True)
    baseline_finish = Instant(source="*", allow_null=True)
    predecessors = LinkEnd(many=True, source="*")
    successors = LinkEnd(many=True, source="*")


class _Typed(StrictSerializer):
    """The fields that a planner types, all optional."""

    name = Text(max_length=250, required=False)
    duration_minutes = Whole(max_value=MOST_MINUTES, required=False)
    calendar = Related(
        calendars, required=False, allow_null=True, help_text="Id of a calendar of this program."
    )
    constraint = Choice(choices=Constraint.choices, required=False)
    constraint_at = Instant(required=False, allow_null=True)
    deadline_at = Instant(required=False, allow_null=True)
    optimistic_minutes = Whole(max_value=MOST_MINUTES, required=False, allow_null=True)
    likely_minutes = Whole(max_value=MOST_MINUTES, required=False, allow_null=True)
    pessimistic_minutes = Whole(max_value=MOST_MINUTES, required=False, allow_null=True)
    technique = Choice(choices=Activity.Technique.choices, required=False)
    kind = Choice(choices=Activity.Kind.choices, required=False)
    notes = Text(max_length=4_000, required=False, allow_blank=True)


class NewActivity(_Typed):
    """An activity to add at the end of a project, or of a summary."""

    project = Related(projects, help_text="Id of a project of this program.")
    code = Text(max_length=60, validators=[CODE])
    name = Text(max_length=250)
    parent = Related(  # type: ignore[assignment]  # a field of that name, not the serializer it lies in
        activities, required=False, allow_null=True, help_text="Id of a summary of the project."
    )
    predecessor = Related(
        activities, required=False, allow_null=True, help_text="Id of what comes before it."
    )
    agreed = serializers.BooleanField(
        default=False, help_text="Save it although committed milestones move later; without it that is 409."
    )


class ActivityChanges(_Typed):
    """What of an activity changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=2**31 - 1)
    actual_start = Instant(required=False, allow_null=True)
    actual_finish = Instant(required=False, allow_null=True)
    remaining_minutes = Whole(max_value=MOST_MINUTES, required=False, allow_null=True)
    percent_complete = Exact(max_digits=13, decimal_places=10, min_value=0, max_value=100, required=False)
    agreed = serializers.BooleanField(
        default=False, help_text="Save it although committed milestones move later; without it that is 409."
    )
