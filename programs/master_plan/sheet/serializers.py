"""Batches of plan edits as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Choice, Instant
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.master_plan.models import PlanEdit
from programs.master_plan.sheet.reading import FIELDS
from programs.master_plan.sheet.services import MOST_OPS

MOST_ID = 2**63 - 1


class PlanEditRow(Row):
    """One batch of edits that somebody made, undone or not."""

    id = serializers.IntegerField()
    by = serializers.CharField(source="by__name")
    at = Instant()
    words = serializers.CharField()
    state = Choice(choices=PlanEdit.State.choices)


class PlanOp(StrictSerializer):
    """One edit. `set` needs an activity, field and value; `add` a name in `cells`, and `below` or `project`; `assign`
    an activity and in `value` who is put on it besides the others (`Jo [50%]; Kim`)."""

    do = serializers.ChoiceField(choices=["set", "add", "remove", "indent", "outdent", "link", "assign"])
    activity = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    activity_key = serializers.CharField(
        required=False,
        max_length=60,
        help_text="Instead of `activity`: the `key` of a row added in this batch.",
    )
    predecessor = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    below = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    project = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    key = serializers.CharField(required=False, max_length=60)
    alias = serializers.CharField(
        required=False, max_length=60, help_text="What predecessors of this batch call the added row."
    )
    field = serializers.ChoiceField(choices=FIELDS, required=False)
    value = serializers.CharField(required=False, max_length=2_000, allow_blank=True)
    was = serializers.CharField(
        required=False,
        max_length=2_000,
        allow_blank=True,
        help_text="What the cell held when the edit began.",
    )
    cells = serializers.DictField(
        required=False, child=serializers.CharField(max_length=2_000, allow_blank=True), help_text="By field."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        key = attrs.pop("activity_key", None)
        if key is not None:
            attrs["activity"] = key
        return attrs


class NewPlanEdit(StrictSerializer):
    """Edits that are saved all together or not at all."""

    ops = serializers.ListField(child=PlanOp(), min_length=1, max_length=MOST_OPS)
    agreed = serializers.BooleanField(
        default=False, help_text="Save it although committed milestones move later."
    )


class Agreed(StrictSerializer):
    """What undo and redo take."""

    agreed = serializers.BooleanField(default=False)


class SavedEdit(serializers.Serializer[Any]):
    """What a batch brought about."""

    edit = serializers.IntegerField(allow_null=True, help_text="Of the batch; none where nothing changed.")
    words = serializers.CharField()
    rows = serializers.IntegerField(help_text="Activities and links that changed.")
    moved = serializers.IntegerField(help_text="Activities with new dates.")
    made = serializers.DictField(
        child=serializers.IntegerField(), help_text="Ids of added rows by their `key`."
    )
