"""Change requests as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import SMALL, Choice, Day, Instant, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.changes import scope
from programs.changes.edits import plain
from programs.changes.models import ChangeRequest
from programs.deliverables.values import MOST
from programs.portfolio.models import Project
from programs.raid.models import Risk
from programs.schedule.models import Constraint, Dependency


def projects(program_id: int) -> Any:
    """The component projects of one program."""
    return Project.objects.filter(program_id=program_id)


def risks(program_id: int) -> Any:
    """The risks of one program."""
    return Risk.objects.filter(program_id=program_id)


class ChangeRequestRow(Row):
    """A change request. `edits` are in order, each with `do` and what it is about; instants UTC, lengths minutes."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    code = serializers.CharField()
    title = serializers.CharField()
    reason = serializers.CharField()
    alternatives = serializers.CharField()
    offered = serializers.CharField()
    tolerated_until = Day(allow_null=True)
    risk_id = serializers.IntegerField(allow_null=True)
    edits = serializers.ListField(child=serializers.DictField())
    state = Choice(choices=ChangeRequest.State.choices)
    requester = serializers.CharField(source="requester__name")
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField(source="warrant__number", allow_null=True)
    version = serializers.IntegerField()


class _Typed(StrictSerializer):
    alternatives = Text(max_length=8_000, allow_blank=True, required=False)
    offered = Text(max_length=8_000, allow_blank=True, required=False)
    tolerated_until = Day(allow_null=True, required=False)
    risk = Related(risks, allow_null=True, required=False)


class NewChangeRequest(_Typed):
    """A change request to draft."""

    project = Related(projects)
    title = Text(max_length=200)
    reason = Text(max_length=8_000)


class ChangeRequestChanges(_Typed):
    """What of a request's words changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    title = Text(max_length=200, required=False)
    reason = Text(max_length=8_000, required=False)


class LikelyDates(serializers.Serializer[Any]):
    """A finish by a share of the runs, before and after: instants UTC; the difference in working minutes."""

    before = serializers.CharField()
    after = serializers.CharField()
    minutes = serializers.IntegerField(help_text="Working minutes; negative for earlier.")


class ChangeSimulationOut(serializers.Serializer[Any]):
    """How likely the program's finish is before and after: as it was simulated, under the impact's digest."""

    iterations = serializers.IntegerField()
    seed = serializers.IntegerField()
    run = serializers.IntegerField(
        allow_null=True, help_text="The kept simulation of the plan whose figures are those before."
    )
    inputs = serializers.ListField(child=serializers.CharField(), help_text="Digests of both plans' inputs.")
    p50 = LikelyDates()
    p80 = LikelyDates()
    sure = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Runs per mille that keep their planned finish, before and after.",
    )
    own_ranges = serializers.IntegerField(
        help_text="Changed durations of activities with three points of their own, which the simulation takes."
    )
    enough = serializers.BooleanField(help_text="Whether both plans' figures have settled.")


class ChangeSimulationState(serializers.Serializer[Any]):
    """A simulation that was asked for: how far it is, and why it gave nothing."""

    state = serializers.CharField()
    step = serializers.CharField()
    percent = serializers.IntegerField()
    error = serializers.CharField()


class ImpactOut(serializers.Serializer[Any]):
    """What the edits do to the plan: as it was computed, with the digest that a ballot would be held on."""

    plan_version = serializers.IntegerField()
    stale = serializers.CharField(help_text="Why the figures no longer hold; empty where they do.")
    sha256 = serializers.CharField()
    computed_at = serializers.DateTimeField()
    finish_minutes = serializers.IntegerField(help_text="Working minutes; negative for earlier.")
    slip_minutes = serializers.IntegerField(help_text="The greatest slip of the program and its projects.")
    finish_before = serializers.CharField()
    finish_after = serializers.CharField()
    activities_moved = serializers.IntegerField()
    critical_joined = serializers.ListField(child=serializers.CharField())
    critical_left = serializers.ListField(child=serializers.CharField())
    simulation = ChangeSimulationOut(allow_null=True, help_text="null: not simulated.")
    deliverables = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="How many before and after; empty where no edit is of scope.",
    )
    requirements = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="How many before and after; empty where no edit is of scope.",
    )
    benefits_lost = serializers.ListField(
        child=serializers.CharField(), help_text="Benefits that lose their last contributor."
    )


class EditValues(StrictSerializer):
    """Fields to change, or of a new activity: lengths in working minutes, instants UTC, a calendar by its id."""

    code = Text(max_length=60, required=False)
    name = Text(max_length=250, required=False)
    kind = Text(max_length=16, required=False, help_text="Of a new activity, or of a link.")
    duration_minutes = Whole(max_value=SMALL, required=False)
    calendar = Whole(allow_null=True, required=False)
    constraint = Choice(choices=Constraint.choices, required=False)
    constraint_at = Instant(allow_null=True, required=False)
    deadline_at = Instant(allow_null=True, required=False)
    lag = Whole(min_value=-SMALL, max_value=SMALL, required=False)
    lag_unit = Choice(choices=Dependency.LagUnit.choices, required=False)
    due_on = Day(required=False, help_text="Of a deliverable.")
    requirements = serializers.ListField(
        child=Text(max_length=400), max_length=MOST, required=False,
        help_text="Of a deliverable: requirements to add, in words; they are numbered.",
    )  # fmt: skip


class NewEdit(StrictSerializer):
    """One edit: `change`, `add` and `remove` an activity, `link`, `relink`, `unlink`, `assign`; `deliver` (a new one),
    `redeliver` or `withdraw` a deliverable. An activity that does not exist yet is named by `PROJECT/CODE`, in
    `predecessor_code`, `successor_code` or (to assign) `activity_code`."""

    version = Whole(min_value=1, max_value=SMALL)
    do = Choice(choices=["change", "add", "remove", "link", "relink", "unlink", "assign", *scope.KINDS])
    activity = Whole(required=False)
    activity_code = Text(max_length=91, required=False)
    project = Whole(required=False)
    link = Whole(required=False)
    deliverable = Whole(required=False)
    resource = Whole(required=False)
    units = Text(max_length=20, required=False, help_text="A number such as 0.5; 0: not assigned.")
    predecessor = Whole(required=False)
    predecessor_code = Text(max_length=91, required=False)
    successor = Whole(required=False)
    successor_code = Text(max_length=91, required=False)
    to = EditValues(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Version, and the edit as `programs.changes.edits` describes it."""
        do, to = attrs["do"], {name: plain(name, value) for name, value in attrs.get("to", {}).items()}
        edit: dict[str, Any] = {"do": do} | {
            name: attrs[name] for name in ("activity", "project", "link", "deliverable") if name in attrs
        }
        if do == "link":
            edit |= {"kind": "FS", "lag": 0, "lag_unit": "working"} | to
            for end in ("predecessor", "successor"):
                edit[end] = attrs.get(end, attrs.get(f"{end}_code", ""))
        elif do == "assign":
            edit["activity"] = attrs.get("activity", attrs.get("activity_code", ""))
            edit |= {name: attrs[name] for name in ("resource", "units") if name in attrs}
        elif do in ("change", "add", "relink", "deliver", "redeliver"):
            edit["to"] = to
        return {"version": attrs["version"], "edit": edit}
