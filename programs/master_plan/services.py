"""Edits on the plan's pages: the schedule's own commands, held where a committed milestone would move unnoticed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from pmo import formats
from pmo.accounts.models import User
from pmo.refusals import Refused
from programs.baselines.models import BaselineActivity
from programs.master_plan.preview import days as in_days
from programs.schedule import services
from programs.schedule.models import Activity, Computation, ComputedDates

MILESTONES = Q(activity__kind__in=(Activity.Kind.START_MILESTONE, Activity.Kind.FINISH_MILESTONE)) | Q(
    activity__kind=Activity.Kind.TASK, activity__duration_minutes=0
)
NAMED = 3


class MovesCommitted(Refused):
    """The edit would move committed milestones later, and nobody has agreed to that yet. Nothing was saved."""

    seal = ""
    """What a form sends back as `agreed`: of these very changes."""


def edit_activity(
    *,
    activity_id: int,
    changes: Mapping[str, Any],
    version: int | None,
    agreed: bool,
    by: User | None,
    at: datetime,
) -> services.Outcome:
    """`schedule.services.edit_activity`, refused with `MovesCommitted` where it moves a committed milestone later.

    Committed is a milestone that stands in the current baseline. `agreed` says that the person was told and wants it
    all the same. The dates are computed once: the refusal undoes the edit. Very large plans, whose dates a worker
    computes, are not held. Raises what `edit_activity` raises.
    """
    outcome = services.edit_activity(activity_id=activity_id, changes=changes, version=version, by=by, at=at)
    hold(outcome, agreed)
    return outcome


def add_dependency(*, agreed: bool, by: User | None, at: datetime, **link: Any) -> services.Outcome:
    """`schedule.services.add_dependency`, held in the same way as `edit_activity`."""
    outcome = services.add_dependency(by=by, at=at, **link)
    hold(outcome, agreed)
    return outcome


def hold(outcome: services.Outcome, agreed: bool) -> None:
    """Raise MovesCommitted where what was just computed moves committed milestones later, unless `agreed`."""
    if agreed or outcome.computation is None or not outcome.moved:
        return
    later = moved_later(outcome.computation)
    if later:
        raise MovesCommitted(in_words(later), code="moves-committed")


def in_words(later: list[tuple[str, float]]) -> str:
    """What would move, in a sentence: labels of milestones with the days (on the clock) that each moves."""
    named = ", ".join(f"{label} {in_days(days)}" for label, days in later[:NAMED])
    more = f" and {len(later) - NAMED} more" if len(later) > NAMED else ""
    count = formats.counted(len(later), "committed milestone", "committed milestones")
    return f"This moves {count} later: {named}{more}."


def moved_later(computation: Computation) -> list[tuple[str, float]]:
    """The committed milestones that a computation moved later, the most first, with days. Two queries."""
    dates = ComputedDates.objects.filter(program_id=computation.program_id)
    now = {
        row[0]: row[1:]
        for row in dates.filter(MILESTONES, computation=computation)
        .filter(
            activity_id__in=BaselineActivity.objects.filter(
                program_id=computation.program_id, baseline__is_current=True
            ).values("activity_id")
        )
        .values_list("activity_id", "early_finish", "activity__code", "activity__name")
    }
    if not now:
        return []
    before = dates.filter(superseded_by=computation, activity_id__in=now).values_list(
        "activity_id", "early_finish"
    )
    found = [
        (f"{now[pk][1]} {now[pk][2]}", (now[pk][0] - finish).total_seconds() / 86_400)
        for pk, finish in before
        if now[pk][0] > finish
    ]
    return sorted(found, key=lambda one: (-one[1], one[0]))
