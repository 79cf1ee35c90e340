"""How an activity earns its budget: its technique and, for weighted milestones, its steps. Commands and reads.

What is earned when is part of the performance measurement baseline: technique, names, weights and due shares of the
steps stay as they are once work has started (EIA-748: open work packages are not replanned); from then on only the
days on which steps were done are written. The database holds the same rules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from finance.earned_value import refreshing
from finance.earned_value.models import EarningStep
from finance.earned_value.steps import steps_known
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from pmo.zones import zone
from programs.portfolio.models import Program
from programs.schedule.following import follow
from programs.schedule.models import Activity
from programs.schedule.services import Outcome, apply_changes, bump, lock_plan

MOST_STEPS = 20
LOCKED = "Work has started: how it earns stays as it was planned. Only the days of its steps can be written."

WORDS = {
    "percent_complete": "Start costs when it starts, the rest by physical percent complete.",
    "zero_hundred": "Nothing until it is finished, then all of it. For work within one period.",
    "fifty_fifty": "Half when it starts, half when it is finished. For work within two periods.",
    "weighted_milestones": "The share of each step when the step is done. For longer work with steps one can see.",
    "level_of_effort": "What is planned by the status date: it can never be late. For support only.",
}
"""What each technique means, for who chooses one."""


@dataclass(frozen=True, slots=True)
class StepValues:
    """A step as somebody writes it; `due_percent` 0..100 of the activity's baseline working time."""

    name: str
    weight: int
    due_percent: Decimal
    done_on: date | None = None

    @property
    def planned(self) -> tuple[str, int, Decimal]:
        """What stays once work has started."""
        return self.name, self.weight, self.due_percent


def steps_of(activity_id: int, known: datetime | None = None) -> list[StepValues]:
    """The activity's steps in order, as they were known by an instant (None: now). One query."""
    kept = EarningStep.objects.all() if known is None else steps_known(known)
    return [
        StepValues(*row)
        for row in kept.filter(activity_id=activity_id)
        .order_by("n")
        .values_list("name", "weight", "due_percent", "done_on")
    ]


def has_started(activity: Activity) -> bool:
    """Is there work done on it? A step that was done counts as well, also after its start was taken back."""
    return (
        activity.actual_start is not None
        or activity.percent_complete > 0
        or EarningStep.objects.filter(activity=activity, done_on__isnull=False).exists()
    )


def seal(technique: str, steps: Sequence[StepValues]) -> str:
    """A digest of how it earns, to notice that somebody else changed it meanwhile."""
    said = [technique, *([s.name, s.weight, f"{s.due_percent:.2f}", str(s.done_on)] for s in steps)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def set_earning(
    *,
    activity_id: int,
    technique: str,
    steps: Sequence[StepValues],
    seen: str | None,
    by: User | None,
    at: datetime,
) -> Outcome:
    """Choose how an activity earns and write its steps, all of them at once.

    `seen` is the `seal` of what the person saw: another one is a Conflict. Needs the right to edit the plan of the
    project; where only days of steps differ, that to report its progress. Raises Refused at `technique` or at
    `steps` for what does not fit.
    """
    program = lock_plan(Activity.objects.values_list("program_id", flat=True).get(pk=activity_id))
    activity = (
        Activity.objects.select_for_update(of=("self",), no_key=True)
        .select_related("project")
        .get(pk=activity_id)
    )
    before = steps_of(activity.pk)
    if seen is not None and seen != seal(activity.technique, before):
        raise Conflict("Somebody changed how this activity earns after you opened it.", code="changed")
    replanned = technique != activity.technique or [s.planned for s in steps] != [s.planned for s in before]
    access = current_access()
    access.require(
        Permission.EDIT_PLAN if replanned else Permission.REPORT_PROGRESS, program.pk, activity.project_id
    )
    if replanned and has_started(activity):
        raise Refused(LOCKED, field="technique", code="started")
    _check(program, activity, technique, steps)
    if technique != activity.technique:
        apply_changes(activity, program, {"technique": technique}, None)
        activity.version += 1
        activity.save(update_fields=["technique", "version"])
    if replanned:
        EarningStep.objects.filter(activity=activity).delete()
        EarningStep.objects.bulk_create(
            EarningStep(
                program_id=program.pk,
                activity=activity,
                n=n,
                name=step.name,
                weight=step.weight,
                due_percent=step.due_percent,
                done_on=step.done_on,
            )
            for n, step in enumerate(steps, 1)
        )
    else:
        for n, (step, old) in enumerate(zip(steps, before, strict=True), 1):
            if step.done_on != old.done_on:
                EarningStep.objects.filter(activity=activity, n=n).update(done_on=step.done_on)
    bump(program)
    computation, moved = follow(program, at=at)
    refreshing.ask(program.pk, by=by)
    return Outcome(computation, moved, activity=activity)


def _check(program: Program, activity: Activity, technique: str, steps: Sequence[StepValues]) -> None:
    if activity.kind == Activity.Kind.SUMMARY:
        raise Refused("A summary earns what the activities under it earn.", field="technique")
    if technique not in Activity.Technique.values:
        raise Refused("There is no such technique.", field="technique")
    if technique != Activity.Technique.MILESTONES and steps:
        raise Refused("Only weighted milestones have steps: choose that technique, or clear the steps.")
    if technique == Activity.Technique.MILESTONES and not steps:
        raise Refused("Weighted milestones need at least one step.", field="technique")
    if len(steps) > MOST_STEPS:
        raise Refused(f"An activity has at most {MOST_STEPS} steps.")
    status = activity.project.status_at or program.status_at
    last = status.astimezone(zone(program.time_zone)).date() if status else None
    for n, step in enumerate(steps, 1):
        if not step.name.strip() or len(step.name) > 120:
            raise Refused(f"Step {n} needs a name of at most 120 letters.")
        if not 1 <= step.weight <= 1_000_000:
            raise Refused(f"Step {n}: a weight is a whole number from 1 to 1,000,000.")
        if not 0 <= step.due_percent <= 100:
            raise Refused(f"Step {n}: a step is due between 0 and 100 % of the activity's time.")
        if step.done_on is not None and last is not None and step.done_on > last:
            raise Refused(f"Step {n}: it cannot have been done after the status date, {last:%-d %b %Y}.")
    if (
        any(step.done_on for step in steps)
        and activity.actual_start is None
        and not activity.percent_complete
    ):
        raise Refused("Work has not started: no step is done yet. Report its start first.")
    if any(late.due_percent < early.due_percent for early, late in pairwise(steps)):
        raise Refused("Steps stand in the order in which they are due.")
