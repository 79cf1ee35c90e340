"""Freezing the plan: a baseline that a decision approved, or one that came along with an imported plan.

Costs are minor units of the program's currency with four decimals. `start_cost` is planned in full at the start
(fixed cost and cost per use), `spread_cost` evenly over the working time (everything that goes by the hour): the
split that `finance.engine.phasing` plans and earns by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from django.db.models import Max

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.refusals import NotAllowed, Refused
from pmo.warrants import Warrant
from programs.baselines.models import Baseline, BaselineActivity, BaselineLink, BaselineScope
from programs.baselines.scoping import scope_of_now
from programs.portfolio.models import Program
from programs.resources.models import Assignment
from programs.schedule import spans
from programs.schedule.models import Activity, Computation, ComputedDates, Dependency

FOUR_DECIMALS = Decimal("0.0001")
AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Frozen:
    """One activity's line of a baseline: aware instants, working minutes, minor units with four decimals."""

    starts_at: datetime
    finishes_at: datetime
    duration_minutes: int
    start_cost: Decimal = Decimal(0)
    spread_cost: Decimal = Decimal(0)
    constraint: str = ""
    constraint_at: datetime | None = None
    critical: bool | None = None


def four_decimals(amount: Fraction) -> Decimal:
    """An exact amount as the columns hold it: four decimals, rounded half-even."""
    return Decimal(round(amount * 10_000)).scaleb(-4)


def freeze(*, program: Program, name: str, warrant: Warrant, by: User | None, at: datetime) -> Baseline:
    """Freeze the computed plan as the program's current baseline. The warrant is the authority; it is checked.

    Dates are the computed ones, summaries are left out (they follow). Cost: the activity's own fixed and hourly
    cost and what is assigned to it, at today's durations and rates. Links and scope (deliverables and requirements)
    are frozen in the same act. Raises Refused without a schedule or with a warrant for something else.
    """
    if warrant.program_id != program.pk or warrant.kind not in (
        Warrant.Kind.BASELINE,
        Warrant.Kind.CHANGE_REQUEST,
    ):
        raise Refused("This decision does not allow a new baseline of this program.", code="no-warrant")
    locked = Program.objects.select_for_update(no_key=True, of=("self",)).get(pk=program.pk)
    computed = Computation.objects.filter(program_id=locked.pk).order_by("-pk").values_list("plan_version")
    if (version := computed.first()) is not None and version != (locked.plan_version,):
        raise Refused("The dates of this version of the plan are not computed yet.")
    lines = lines_of_plan(locked)
    if not lines:
        raise Refused("There is nothing to freeze: the plan has no computed activities.")
    return _record(
        locked, name, Baseline.Origin.APPROVED, lines, warrant=warrant, current=True, at=at, whole=True
    )


def record_imported(
    *,
    program: Program,
    name: str,
    lines: Mapping[int, Frozen],
    by: User | None,
    at: datetime,
    current: bool = True,
) -> Baseline:
    """Record a baseline that came with an imported plan (activity id -> line). The caller holds the program's row.

    It becomes the current one unless `current` is False or the current one was approved by a decision: an import
    never displaces an approval. Raises Refused without lines, NotAllowed outside the program.
    """
    if program.pk not in current_access().program_ids:
        raise NotAllowed
    if not lines:
        raise Refused("A baseline needs at least one activity with its dates.")
    approved = Baseline.objects.filter(
        program_id=program.pk, is_current=True, origin=Baseline.Origin.APPROVED
    ).exists()
    return _record(program, name, Baseline.Origin.IMPORTED, lines, current=current and not approved, at=at)


def _record(
    program: Program,
    name: str,
    origin: str,
    lines: Mapping[int, Frozen],
    *,
    at: datetime,
    current: bool,
    warrant: Warrant | None = None,
    whole: bool = False,
) -> Baseline:
    """Write head and lines, and (`whole`) links and scope of the plan; of the baselines of a program one is current."""
    if current:
        Baseline.objects.filter(program_id=program.pk, is_current=True).update(is_current=False)
    last = Baseline.objects.filter(program_id=program.pk).aggregate(last=Max("number"))["last"] or 0
    kept = _links(program) if whole else None
    scope = _scope(program) if whole else None
    baseline = Baseline.objects.create(
        program=program,
        number=last + 1,
        name=name[:120],
        origin=origin,
        warrant=warrant,
        is_current=current,
        frozen_at=at,
        plan_version=program.plan_version,
        project_dates=_project_dates(program, lines),
        links_kept=None if kept is None else len(kept),
        scope_kept=None if scope is None else len(scope),
    )
    BaselineActivity.objects.bulk_create(
        (
            BaselineActivity(
                program_id=program.pk,
                baseline=baseline,
                activity_id=activity_id,
                starts_at=line.starts_at,
                finishes_at=line.finishes_at,
                duration_minutes=line.duration_minutes,
                start_cost=line.start_cost.quantize(FOUR_DECIMALS, ROUND_HALF_EVEN),
                spread_cost=line.spread_cost.quantize(FOUR_DECIMALS, ROUND_HALF_EVEN),
                constraint=line.constraint,
                constraint_at=line.constraint_at,
                critical=line.critical,
            )
            for activity_id, line in lines.items()
        ),
        batch_size=AT_ONCE,
    )
    BaselineLink.objects.bulk_create(
        (
            BaselineLink(
                program_id=program.pk,
                baseline=baseline,
                predecessor_id=before,
                successor_id=after,
                kind=kind,
                lag=lag,
                lag_unit=unit,
            )
            for before, after, kind, lag, unit in kept or ()
        ),
        batch_size=AT_ONCE,
    )
    for row in scope or ():
        row.baseline = baseline
    BaselineScope.objects.bulk_create(scope or (), batch_size=AT_ONCE)
    return baseline


def _scope(program: Program) -> list[BaselineScope]:
    """What the program hands over as it stands."""
    return [
        BaselineScope(program_id=program.pk, deliverable_id=of, requirement_id=pk, name=name, due_on=due_on)
        for (of, pk), (name, due_on) in scope_of_now(program).items()
    ]


def _links(program: Program) -> list[tuple[int, int, str, int, str]]:
    """The links of the plan as it stands: predecessor, successor, kind, lag, unit."""
    return list(
        Dependency.objects.filter(program_id=program.pk)
        .order_by("pk")
        .values_list("predecessor_id", "successor_id", "kind", "lag", "lag_unit")
    )


def _project_dates(program: Program, lines: Mapping[int, Frozen]) -> dict[str, list[int]]:
    """First start, last finish and number of lines of each project (`Baseline.project_dates`): one query."""
    project_of = dict(Activity.objects.filter(program_id=program.pk).values_list("pk", "project_id"))
    return spans.by_project(
        (project_of[pk], spans.seconds(line.starts_at), spans.seconds(line.finishes_at))
        for pk, line in lines.items()
    )


def lines_of_plan(program: Program) -> dict[int, Frozen]:
    """The computed plan as it stands, with its planned costs."""
    hourly: dict[int, Fraction] = {}
    per_use: dict[int, Fraction] = {}
    for activity_id, units, use, rate in Assignment.objects.filter(program_id=program.pk).values_list(
        "activity_id", "units", "resource__cost_per_use", "resource__cost_per_hour"
    ):
        hourly[activity_id] = hourly.get(activity_id, Fraction(0)) + Fraction(units) * Fraction(rate)
        per_use[activity_id] = per_use.get(activity_id, Fraction(0)) + Fraction(units) * Fraction(use)
    dates = ComputedDates.objects.filter(program_id=program.pk, superseded_by=None).exclude(
        activity__kind=Activity.Kind.SUMMARY
    )
    nothing = Fraction(0)
    return {
        activity_id: Frozen(
            start,
            finish,
            minutes,
            start_cost=four_decimals(Fraction(fixed) + per_use.get(activity_id, nothing)),
            spread_cost=four_decimals((Fraction(rate) + hourly.get(activity_id, nothing)) * minutes / 60),
            constraint=constraint,
            constraint_at=constraint_at,
            critical=critical,
        )
        for activity_id, start, finish, critical, minutes, fixed, rate, constraint, constraint_at in dates.values_list(
            "activity_id",
            "early_start",
            "early_finish",
            "critical",
            "activity__duration_minutes",
            "activity__fixed_cost",
            "activity__cost_per_hour",
            "activity__constraint",
            "activity__constraint_at",
        )
    }
