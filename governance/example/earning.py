"""How some activities of the example earn: steps with weights, planned before work starts and reported as it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from finance.control_accounts import services as accounts
from finance.earned_value import earning
from finance.earned_value.earning import StepValues
from governance.example.people import Cast
from pmo.accounts.models import User
from pmo.zones import zone
from programs.portfolio.models import Program
from programs.schedule.models import Activity, Progress

STEPS: dict[tuple[str, str], tuple[tuple[str, int, int], ...]] = {
    ("ERP-FIN", "E220"): (
        ("Ledgers and company codes set up", 3, 30),
        ("Posting rules tested", 4, 70),
        ("Closing calendar in place", 3, 100),
    ),
    ("DC-MIG", "D340"): (
        ("First database moved", 2, 25),
        ("Half of the databases moved", 4, 60),
        ("All databases moved, old ones stopped", 4, 100),
    ),
}
"""(project, activity) -> name, weight and share of the time of each step."""


def plan_steps(
    *, program: Program, made: dict[tuple[str, str], Activity], by: User | None, at: datetime
) -> None:
    """Before the baseline: the activities with steps, and short ones that earn when they are done."""
    for key, steps in STEPS.items():
        earning.set_earning(
            activity_id=made[key].pk,
            technique=Activity.Technique.MILESTONES,
            steps=[StepValues(name, weight, Decimal(due)) for name, weight, due in steps],
            seen=None,
            by=by,
            at=at,
        )
    short = [pk.pk for pk in made.values() if pk.kind == "task" and 0 < pk.duration_minutes <= 6 * 480]
    Activity.objects.filter(pk__in=short).update(technique=Activity.Technique.FIFTY_FIFTY)


def name_accounts(
    *, program: Program, made: dict[tuple[str, str], Activity], cast: Cast, by: User | None, at: datetime
) -> None:
    """Each part of the two largest projects is a control account of its project manager."""
    managers = {"DC-MIG": cast["dc"], "ERP-FIN": cast["erp"]}
    for (project, _), activity in made.items():
        if project in managers and activity.kind == Activity.Kind.SUMMARY:
            accounts.create(program=program, activity=activity, manager=managers[project], by=by, at=at)


def report_steps(
    *, program: Program, made: dict[tuple[str, str], Activity], by: User | None, at: datetime
) -> None:
    """A step is done at the first status date whose progress is as far as the step was due."""
    for key in STEPS:
        activity = made[key]
        told = [
            (progress.percent_complete, progress.period.at.astimezone(zone(program.time_zone)).date())
            for progress in Progress.objects.filter(activity=activity)
            .select_related("period")
            .order_by("period__at")
        ]
        steps = [
            replace(step, done_on=next((day for percent, day in told if percent >= step.due_percent), None))
            for step in earning.steps_of(activity.pk)
        ]
        if any(step.done_on for step in steps):
            earning.set_earning(
                activity_id=activity.pk,
                technique=Activity.Technique.MILESTONES,
                steps=steps,
                seen=None,
                by=by,
                at=at,
            )
