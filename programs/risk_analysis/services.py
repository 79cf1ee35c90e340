"""What can happen to simulations: ask for one, cancel one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.outbox.services import enqueue
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.portfolio.models import Program
from programs.raid.models import Risk
from programs.risk_analysis import selectors
from programs.risk_analysis.inputs import OPEN
from programs.risk_analysis.models import SimulationRun
from programs.schedule.models import Activity

TOPIC = "simulation.run"
MOST_OF_PERSON, MOST_OF_PROGRAM = 3, 10
"""Simulations of a program that may be waiting or running at once."""


def ask(
    *,
    program: Program,
    by: User | None,
    at: datetime,
    iterations: int = 2000,
    seed: int = 1,
    distribution: str = SimulationRun.Shape.PERT,
    low_percent: int = 80,
    high_percent: int = 150,
    risks: Sequence[int] | None = None,
) -> SimulationRun:
    """Ask for a simulation of the plan as it will be when a worker gets to it.

    `risks` are ids of open risks that may occur; None: all open ones. The percentages give optimistic and pessimistic
    durations to activities without three points of their own. Raises NotAllowed, Refused at the field or where too
    many of the program's simulations are not over.
    """
    access = current_access()
    if not access.may_somewhere(Permission.BUILD_REPORTS, program.pk):
        access.require(Permission.BUILD_REPORTS, program.pk)
    for field, value, least, most in (
        ("iterations", iterations, 100, 100_000),
        ("seed", seed, 0, 2**63 - 1),
        ("low_percent", low_percent, 0, 100),
        ("high_percent", high_percent, 100, 1000),
    ):
        if not least <= value <= most:
            raise Refused(f"Give a whole number from {least:,} to {most:,}.", field=field)
    if not Activity.objects.filter(program_id=program.pk).exists():
        raise Refused("There is no plan to simulate yet: the program has no activity.")
    open_ones = set(Risk.objects.filter(program_id=program.pk, state__in=OPEN).values_list("pk", flat=True))
    chosen = open_ones if risks is None else set(risks)
    if chosen - open_ones:
        raise Refused("Only open risks of this program can occur in a simulation.", field="risks")
    _room(program, by)
    run: SimulationRun = SimulationRun.objects.create(
        program_id=program.pk,
        iterations=iterations,
        seed=seed,
        distribution=distribution,
        low_percent=low_percent,
        high_percent=high_percent,
        risk_ids=sorted(chosen),
        requested_by=by,
        requested_at=at,
    )
    enqueue(
        topic=TOPIC,
        key=f"simulation:{run.pk}",
        payload={"run": run.pk},
        program_id=run.program_id,
        actor=by,
    )
    return run


def _room(program: Program, by: User | None) -> None:
    """Refuse what would keep the workers from everybody else; two who ask at once are counted one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"{TOPIC}:{program.pk}"])
    active = SimulationRun.objects.filter(program_id=program.pk, state__in=selectors.ACTIVE)
    own = active.filter(requested_by=by).count() if by is not None else 0
    if own >= MOST_OF_PERSON:
        raise Refused(
            f"You have {own} simulations of this program waiting or running, and no more than {MOST_OF_PERSON} are "
            "taken. Cancel one, or wait until one is done.",
            code="too-many-simulations",
        )
    if (waiting := active.count()) >= MOST_OF_PROGRAM:
        raise Refused(
            f"This program has {waiting} simulations waiting or running, and no more than {MOST_OF_PROGRAM} are "
            "taken. Wait until one is done.",
            code="too-many-simulations",
        )


def cancel(*, run: SimulationRun, by: User, at: datetime) -> SimulationRun:
    """Stop a run that is not over; a worker in the middle of it notices after the next portion of runs.

    Raises NotAllowed, and Conflict when it is over.
    """
    if run.state in selectors.ACTIVE and not selectors.may_cancel(current_access(), run):
        raise NotAllowed("Only who asked for this simulation, or who builds reports here, can cancel it.")
    changed = SimulationRun.objects.filter(pk=run.pk, state__in=selectors.ACTIVE).update(
        state=SimulationRun.State.CANCELLED, finished_at=at, step="Cancelled"
    )
    if not changed:
        raise Conflict("This simulation is already over: there is nothing left to cancel.")
    run.refresh_from_db()
    return run


def begin(*, run_id: int) -> SimulationRun | None:
    """A worker takes the run up; None where it was cancelled or done before."""
    begun = SimulationRun.objects.filter(pk=run_id, state__in=selectors.ACTIVE).update(
        state=SimulationRun.State.RUNNING, step="Reading the plan", percent=1, error=""
    )
    return SimulationRun.objects.get(pk=run_id) if begun else None


def keep(*, run_id: int, figures: dict[str, Any], by: User | None, at: datetime) -> SimulationRun | None:
    """The result with its headline figures; nothing where it was cancelled meanwhile. `figures` are field values."""
    run = (
        SimulationRun.objects.select_for_update().filter(pk=run_id, state=SimulationRun.State.RUNNING).first()
    )
    if run is None:
        return None
    for name, value in figures.items():
        setattr(run, name, value)
    run.state, run.step, run.percent, run.finished_at = SimulationRun.State.DONE, "Done", 100, at
    run.save()
    return run


def fail(*, program_id: int, payload: dict[str, Any], reason: str, by: User | None, at: datetime) -> None:
    """Say on the run why there is no result."""
    SimulationRun.objects.filter(pk=payload["run"], state__in=selectors.ACTIVE).update(
        state=SimulationRun.State.FAILED, error=reason[:300], finished_at=at
    )
