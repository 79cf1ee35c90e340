"""What the API answers about an activity beside its row: why its date is what it is, and what an edit would move."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Instant
from programs.master_plan.causes import Cause, Causes
from programs.master_plan.milestones import Trend
from programs.master_plan.would_move import Move, Named, Shift, WouldMove


class CauseRow(serializers.Serializer[Any]):
    """One activity of the chain, held by the next one, or by `why` itself where it is the last.

    Minutes: `work` of the predecessor and `lag` are working minutes, `wait` minutes on the clock until the
    activity's calendar works.
    """

    activity_id = serializers.IntegerField()
    project = serializers.CharField()
    activity = serializers.CharField()
    name = serializers.CharField()
    why = serializers.CharField()
    begins = Instant(help_text="Where the work still to do begins.")
    starts = Instant()
    finishes = Instant()
    link_id = serializers.IntegerField(allow_null=True, help_text="The driving link, from the next activity.")
    link_kind = serializers.CharField(allow_null=True)
    work_minutes = serializers.IntegerField()
    lag_minutes = serializers.IntegerField()
    wait_minutes = serializers.IntegerField()
    crosses_projects = serializers.BooleanField()
    sentence = serializers.CharField()


class WhyRow(serializers.Serializer[Any]):
    """The chain behind an activity's date, the activity itself first; no step where it has no dates yet."""

    steps = CauseRow(many=True)
    cut = serializers.BooleanField(help_text="The chain goes on beyond what is sent.")


def why_row(found: Causes, sentences: list[str]) -> dict[str, Any]:
    """A chain as `WhyRow` describes it."""
    return {
        "steps": [_cause(one, words) for one, words in zip(found.steps, sentences, strict=True)],
        "cut": found.cut,
    }


def _cause(one: Cause, sentence: str) -> dict[str, Any]:
    held, driven = one.held, one.before is not None
    return {
        "activity_id": held.activity_id,
        "project": held.project,
        "activity": held.code,
        "name": held.name,
        "why": one.why.name.lower(),
        "begins": one.begins,
        "starts": one.starts,
        "finishes": one.finishes,
        "link_id": held.link_id if driven else None,
        "link_kind": held.link_kind if driven else None,
        "work_minutes": one.work,
        "lag_minutes": one.lag,
        "wait_minutes": one.wait,
        "crosses_projects": one.crosses,
        "sentence": sentence,
    }


class NamedRow(serializers.Serializer[Any]):
    """An activity by its names."""

    activity_id = serializers.IntegerField()
    project = serializers.CharField()
    activity = serializers.CharField()
    name = serializers.CharField()


class MoveRow(NamedRow):
    """One activity that would move."""

    start_before = Instant()
    start_after = Instant()
    finish_before = Instant()
    finish_after = Instant()
    days = serializers.FloatField(help_text="Of the finish (or start) on the clock; later is positive.")
    committed_finish = Instant(
        allow_null=True, help_text="Of a milestone: its finish in the current baseline."
    )


class ShiftRow(serializers.Serializer[Any]):
    """A finish before and after."""

    name = serializers.CharField()
    before = Instant()
    after = Instant()
    days = serializers.FloatField()


class FoundRow(serializers.Serializer[Any]):
    """A finding that the edit would bring about; of no activity where it is a link's or project's."""

    text = serializers.CharField()
    activity = NamedRow(allow_null=True)


class WouldMoveRow(serializers.Serializer[Any]):
    """What an edit would move. Counts are whole, lists hold the first 20."""

    finish = ShiftRow()
    projects = ShiftRow(many=True)
    activities_moved = serializers.IntegerField()
    activities = MoveRow(many=True)
    milestones_moved = serializers.IntegerField()
    committed_milestones_later = serializers.IntegerField()
    milestones = MoveRow(many=True)
    became_critical = serializers.IntegerField()
    became_critical_first = NamedRow(many=True)
    no_longer_critical = serializers.IntegerField()
    no_longer_critical_first = NamedRow(many=True)
    new_findings = serializers.IntegerField()
    findings = FoundRow(many=True)
    promised_finish_missed = serializers.BooleanField()


def would_move_row(found: WouldMove) -> dict[str, Any]:
    """An answer as `WouldMoveRow` describes it."""
    return {
        "finish": _shift(found.finish),
        "projects": [_shift(one) for one in found.projects],
        "activities_moved": found.moved,
        "activities": [_move(one) for one in found.moves],
        "milestones_moved": found.milestones_moved,
        "committed_milestones_later": found.committed,
        "milestones": [_move(one) for one in found.milestones],
        "became_critical": found.joined,
        "became_critical_first": [_names(one) for one in found.joins],
        "no_longer_critical": found.left,
        "no_longer_critical_first": [_names(one) for one in found.leaves],
        "new_findings": found.new_findings,
        "findings": [
            {"text": text, "activity": _names(one) if one else None} for text, one in found.findings
        ],
        "promised_finish_missed": found.promised_missed,
    }


def _names(one: Named) -> dict[str, Any]:
    return {"activity_id": one.activity_id, "project": one.project, "activity": one.code, "name": one.name}


def _shift(one: Shift) -> dict[str, Any]:
    return {"name": one.name, "before": one.before, "after": one.after, "days": one.days}


def _move(one: Move) -> dict[str, Any]:
    return _names(one.activity) | {
        "start_before": one.start[0],
        "start_after": one.start[1],
        "finish_before": one.finish[0],
        "finish_after": one.finish[1],
        "days": one.days,
        "committed_finish": one.committed,
    }


class MilestoneForecast(serializers.Serializer[Any]):
    """One forecast of a milestone."""

    computed_at = Instant()
    finish = Instant()


class MilestoneRow(NamedRow):
    """A milestone with its forecasts, the oldest first; days are on the clock, later is positive."""

    critical = serializers.BooleanField()
    baseline_finish = Instant(allow_null=True)
    finish = Instant(allow_null=True)
    days_since_first = serializers.FloatField(allow_null=True)
    days_against_baseline = serializers.FloatField(allow_null=True)
    moves = serializers.IntegerField()
    forecasts = MilestoneForecast(many=True)


def milestone_row(one: Trend) -> dict[str, Any]:
    """A trend as `MilestoneRow` describes it."""
    return {
        "activity_id": one.activity_id,
        "project": one.project,
        "activity": one.code,
        "name": one.name,
        "critical": one.critical,
        "baseline_finish": one.baseline,
        "finish": one.now,
        "days_since_first": one.since_first,
        "days_against_baseline": one.against_baseline,
        "moves": one.moves,
        "forecasts": [{"computed_at": at, "finish": finish} for at, finish in one.points],
    }


class InterfaceRow(serializers.Serializer[Any]):
    """A link across projects, with the two dates that meet in it; `lag` is minutes of its unit, or percent."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.CharField(help_text="FS, SS, FF or SF.")
    lag = serializers.IntegerField()
    lag_unit = serializers.CharField()
    from_project = serializers.CharField()
    from_activity_id = serializers.IntegerField(source="from_id")
    from_activity = serializers.CharField(source="from_code")
    from_name = serializers.CharField()
    to_project = serializers.CharField()
    to_activity_id = serializers.IntegerField(source="to_id")
    to_activity = serializers.CharField(source="to_code")
    to_name = serializers.CharField()
    leaves = Instant(allow_null=True, help_text="The predecessor's date that the link starts from.")
    arrives = Instant(allow_null=True, help_text="The successor's date that it leads to.")
    driving = serializers.BooleanField(help_text="It holds the successor where it is.")
    critical = serializers.BooleanField(help_text="Both ends are critical.")
