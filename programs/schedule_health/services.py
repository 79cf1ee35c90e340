"""Assessing a program's schedule and keeping what was found, of the whole and of each project."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import NotAllowed, Refused
from pmo.zones import zone
from programs.baselines.models import Baseline
from programs.engine.assessment import Facts
from programs.engine.good_practice import Surroundings, practices
from programs.engine.result import Schedule
from programs.engine.schedule_health import Assessment, assess
from programs.portfolio.models import Program, Project
from programs.risk_analysis.models import SimulationRun
from programs.schedule.computing import compute
from programs.schedule.inputs import Loaded, load
from programs.schedule.models import Computation, StatusPeriod
from programs.schedule.uncollected import uncollected
from programs.schedule_health.facts import facts_of
from programs.schedule_health.models import HealthAssessment
from programs.schedule_health.replaying import plans_at
from programs.schedule_health.selectors import COURSE

AT_ONCE = 1_500
"""Activities up to which a person's request assesses by itself: some tenths of a second."""
QUIET_SECONDS = 30
"""So long the clock waits after an edit, since another one may follow."""


def assess_now(*, program: Program, by: User | None, at: datetime) -> list[HealthAssessment]:
    """Assess because a person asks: the program and all projects, or only those whose plan the person may edit.

    Raises Refused for a plan so large that the clock does it, and without a plan; NotAllowed without any right.
    """
    access = current_access()
    mine = None
    if not access.may(Permission.EDIT_PLAN, program.pk):
        mine = set(access.projects_with(Permission.EDIT_PLAN, program.pk))
        if not mine:
            raise NotAllowed
    program.refresh_from_db(fields=["plan_version"])  # it was read before this transaction
    last = _last(program)
    if last is None or not last.activities:
        raise Refused("There is nothing to assess: the plan has no activities.")
    if last.plan_version != program.plan_version:
        raise Refused("The plan's dates are just being computed. Please try again in a moment.")
    if last.activities > AT_ONCE:
        raise Refused("A plan of this size is assessed in the background, a minute after its last edit.")
    return assess_program(program=program, by=by, at=at, only=mine)


def assess_when_stale(*, program_id: int, by: User | None, at: datetime) -> bool:
    """What the clock does: assess a plan whose dates or last simulation are newer than that. Whether it did."""
    program = Program.objects.get(pk=program_id)
    last = _last(program)
    if last is None or not last.activities or last.plan_version != program.plan_version:
        return False  # nothing to assess, or its dates are not computed yet
    if (at - last.computed_at).total_seconds() < QUIET_SECONDS:
        return False
    latest = HealthAssessment.objects.filter(program_id=program_id, project=None).order_by("-day")
    known = latest.values_list("computation_id", "assessed_at").first()
    simulated = _simulated(program)
    if known and known[0] == last.pk and (simulated is None or simulated <= known[1]):
        return False
    assess_program(program=program, by=by, at=at)
    assess_status_dates(program=program, by=by, at=at)
    return True


def assess_program(
    *, program: Program, by: User | None, at: datetime, only: Set[int] | None = None
) -> list[HealthAssessment]:
    """The 14 points of the program and of each of its projects, kept for the day of `at` on the program's clock.

    With `only` (project ids) of these projects, and not of the program. Returns what was kept, the program's first.
    """
    last = _last(program)
    if last is None:
        return []
    with uncollected():
        loaded = load(program)
        result = compute(loaded)
    facts, baseline = facts_of(program, loaded)
    day = at.astimezone(loaded.clock.zone).date()
    kept: list[HealthAssessment] = []
    simulated = _simulated(program)
    projects = list(Project.objects.filter(program_id=program.pk).order_by("position", "pk"))
    alone = replace(facts, promised=None)  # what the program promised says nothing about one project
    for index, project in enumerate([None, *projects]):
        if only is not None and (project is None or project.pk not in only):
            continue
        number = None if project is None else index - 1
        told = facts if project is None else alone
        found = assess(loaded.plan, loaded.rules, result, told, project=number)
        row = _row(program, loaded, result, told, found, number, baseline, last, day, at, simulated)
        made, _ = HealthAssessment.objects.update_or_create(
            program_id=program.pk, project=project, day=day, defaults=row
        )
        made.project = project  # known here; whoever shows it stands outside the scope
        kept.append(made)
    earlier = HealthAssessment.objects.filter(program_id=program.pk, day__lt=day).exclude(found={})
    (earlier if only is None else earlier.filter(project_id__in=only)).update(found={})
    return kept


def assess_status_dates(*, program: Program, by: User | None, at: datetime) -> int:
    """Begin the program's course with the status dates before its first assessment; how many were added.

    Each is assessed with the progress reported by then, and with activities, links and baseline of today, which its
    row says. One that is there already stays.
    """
    there = HealthAssessment.objects.filter(program_id=program.pk, project=None)
    first = there.filter(from_progress=False).order_by("day").values_list("day", flat=True).first()
    last = _last(program)
    if first is None or last is None:
        return 0
    known = set(there.values_list("day", flat=True))
    local = zone(program.time_zone)
    dates: dict[date, datetime] = {}
    for instant in (
        StatusPeriod.objects.filter(program_id=program.pk).order_by("at").values_list("at", flat=True)
    ):
        day = instant.astimezone(local).date()
        if day < first and day not in known:
            dates[day] = instant
    if not dates:
        return 0
    with uncollected():
        loaded = load(program)
        facts, baseline = facts_of(program, loaded)
        made = []
        for instant, plan in plans_at(program, loaded, sorted(dates.values())[-COURSE:]):
            then = replace(loaded, plan=plan)
            result = compute(then)
            found = assess(plan, then.rules, result, facts, priced=False)
            day = instant.astimezone(local).date()
            row = _row(program, then, result, facts, found, None, baseline, last, day, at)
            made.append(
                HealthAssessment(
                    program_id=program.pk, day=day, from_progress=True, **row | {"found": {}, "practices": []}
                )
            )
    HealthAssessment.objects.bulk_create(made)
    return len(made)


def _last(program: Program) -> Computation | None:
    return Computation.objects.filter(program_id=program.pk).order_by("-pk").first()


def _simulated(program: Program) -> datetime | None:
    """When the newest finished simulation of the plan was made."""
    done = SimulationRun.objects.filter(program_id=program.pk, state=SimulationRun.State.DONE)
    return done.order_by("-finished_at").values_list("finished_at", flat=True).first()


def _id(ids: Sequence[int], index: int) -> int | None:
    """The id behind an index; None for none, and for what only carries a group's link."""
    return ids[index] if 0 <= index < len(ids) else None


def _row(
    program: Program,
    loaded: Loaded,
    result: Schedule,
    facts: Facts,
    found: Assessment,
    project: int | None,
    baseline: Baseline | None,
    computation: Computation,
    day: date,
    at: datetime,
    simulated: datetime | None = None,
) -> dict[str, Any]:
    """An assessment as its row holds it: ids for indices, exact fractions as text."""
    dates = [
        frame.status_date
        for p, frame in enumerate(loaded.plan.projects)
        if frame.status_date is not None and project in (None, p)
    ]
    age = (
        (day - loaded.clock.instant(min(dates)).astimezone(loaded.clock.zone).date()).days if dates else None
    )
    since = (day - simulated.astimezone(loaded.clock.zone).date()).days if simulated else None
    around = Surroundings(status_age_days=age, risk_analysis_days=since)
    judged = practices(loaded.plan, facts, found, around, project=project)
    return {
        "computation": computation,
        "baseline": baseline,
        "assessed_at": at,
        "plan_version": computation.plan_version,
        "open_activities": found.open,
        "links": found.links,
        "failed": found.failed,
        "applicable": found.applicable,
        "points": [
            {
                "check": int(one.check),
                "numerator": one.numerator,
                "denominator": one.denominator,
                "limit": str(one.limit),
                "at_least": one.at_least,
                "verdict": one.verdict.name.lower(),
                "reason": one.reason,
                "found": len(one.offences),
            }
            for one in found.points
        ],
        "found": {
            str(int(one.check)): [
                [
                    _id(loaded.activity_ids, offence.activity),
                    _id(loaded.link_ids, offence.link),
                    offence.minutes,
                ]
                for offence in one.offences
            ]
            for one in found.points
            if one.offences
        },
        "repairs": [asdict(one) | {"check": int(one.check)} for one in found.repairs],
        "practices": [asdict(one) | {"state": one.state.name.lower()} for one in judged],
    }
