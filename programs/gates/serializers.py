"""Gates as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import SMALL, Choice, Day, Flag, Instant, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.gates import selectors
from programs.gates.models import Gate, GateCriterion, GateOpinion, Outcome
from programs.gates.services import MILESTONES
from programs.portfolio.models import CODE, Project
from programs.schedule.models import Activity


def projects(program_id: int) -> Any:
    """The component projects of one program."""
    return Project.objects.filter(program_id=program_id)


def milestones(program_id: int) -> Any:
    """The milestones of one program."""
    return Activity.objects.filter(program_id=program_id, kind__in=MILESTONES).select_related("project")


def gates(program_id: int) -> Any:
    """The gates of one program."""
    return Gate.objects.filter(program_id=program_id)


class GateRow(Row):
    """A gate: `forecast` is when the schedule reaches its milestone; mandatory criteria are counted."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    position = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    activity_id = serializers.IntegerField(allow_null=True)
    due_on = Day()
    forecast = Instant(allow_null=True)
    mandatory = serializers.IntegerField(source="wanted")
    mandatory_met = serializers.IntegerField(source="shown")
    mandatory_without_evidence = serializers.IntegerField(source="without")
    state = Choice(choices=Gate.State.choices)
    revision = serializers.IntegerField()
    asked = Choice(choices=Outcome.choices, allow_blank=True)
    conditions = serializers.CharField()
    outcome = Choice(choices=Outcome.choices, allow_blank=True)
    decided_at = Instant(allow_null=True)
    decision = serializers.CharField(source="warrant__number", allow_null=True)
    version = serializers.IntegerField()


class _GateFields(StrictSerializer):
    activity = Related(milestones, required=False, allow_null=True, help_text="Id of a milestone.")


class NewGate(_GateFields):
    """A gate to plan."""

    project = Related(projects)
    code = Text(max_length=30, validators=[CODE])
    name = Text(max_length=200)
    position = Whole(max_value=99)
    due_on = Day()


class GateChanges(_GateFields):
    """What of a gate changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    code = Text(max_length=30, validators=[CODE], required=False)
    name = Text(max_length=200, required=False)
    position = Whole(max_value=99, required=False)
    due_on = Day(required=False)


class GateReadiness(serializers.Serializer[Any]):
    """Between which percents of the simulated runs the milestone is reached by the gate's day."""

    low_percent = serializers.IntegerField(allow_null=True)
    high_percent = serializers.IntegerField(allow_null=True)
    simulation = serializers.IntegerField(allow_null=True)
    plan_moved_since = serializers.BooleanField(allow_null=True)


class GateSubmission(StrictSerializer):
    """The outcome that is asked for; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    asked = Choice(choices=Outcome.choices)
    conditions = Text(max_length=4000, allow_blank=True, required=False)


class GateTakenBack(StrictSerializer):
    """The version that was seen."""

    version = Whole(min_value=1, max_value=SMALL)


class GateCriterionRow(Row):
    """What must be true for a gate, and what shows it."""

    id = serializers.IntegerField()
    gate_id = serializers.IntegerField()
    gate = serializers.CharField(source="gate__code")
    position = serializers.IntegerField()
    text = serializers.CharField()
    mandatory = serializers.BooleanField()
    state = Choice(choices=GateCriterion.State.choices)
    evidence = serializers.CharField()
    link = serializers.CharField()
    assessed_by = serializers.CharField(source="assessed_by__name", allow_null=True)
    assessed_at = Instant(allow_null=True)
    version = serializers.IntegerField()


class NewGateCriterion(StrictSerializer):
    """A criterion to add; `version` is that of the gate as it was seen."""

    gate = Related(gates)
    version = Whole(min_value=1, max_value=SMALL)
    text = Text(max_length=500)
    mandatory = Flag(required=False)


class GateCriterionChanges(StrictSerializer):
    """Its words; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    text = Text(max_length=500, required=False)
    mandatory = Flag(required=False)
    position = Whole(max_value=999, required=False)


class GateEvidence(StrictSerializer):
    """Whether a criterion is met and what shows it; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    state = Choice(choices=GateCriterion.State.choices)
    evidence = Text(max_length=4000, allow_blank=True, required=False)
    link = Text(max_length=500, allow_blank=True, required=False)


class GateReviewerRow(Row):
    """Who looks at a gate."""

    id = serializers.IntegerField()
    gate_id = serializers.IntegerField()
    person = serializers.CharField(source="person__name")


class NewGateReviewer(StrictSerializer):
    """Somebody with a role in the program, to look at a gate."""

    gate = Related(gates)
    person = Related(selectors.people)


class GateOpinionRow(Row):
    """What a reviewer said about one revision of a gate."""

    id = serializers.IntegerField()
    gate_id = serializers.IntegerField()
    person = serializers.CharField(source="person__name")
    revision = serializers.IntegerField()
    opinion = Choice(choices=GateOpinion.Opinion.choices)
    remarks = serializers.CharField()
    at = Instant()
