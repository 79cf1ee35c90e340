"""Simulations in the background: one snapshot of the plan, many runs of it, one result."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from pmo.outbox.models import Outbox
from pmo.outbox.progress import Cancelled, Say, shown
from pmo.outbox.tasks import Work, outbox_task
from pmo.refusals import Refused
from pmo.scope import system_scope
from programs.engine import BeyondCalendar, CycleFound
from programs.engine.monte_carlo import CannotSimulate, simulate
from programs.portfolio.models import Program
from programs.risk_analysis import services, stored
from programs.risk_analysis.inputs import Inputs, gather
from programs.risk_analysis.models import SimulationRun

_READ, _SIMULATED = 5, 97
"""Percent shown when the plan is read, and when all runs are done."""


@outbox_task("simulation.run", staged=True, as_office=True, failed=services.fail)
def run(work: Work) -> None:
    """Simulate and keep; the plan's version and the inputs' digest with it. Raises Refused with a sentence."""
    run_id = int(work.payload["run"])
    with work.scope("a simulation begins"):
        begun = services.begin(run_id=run_id)
    if begun is None:
        work.settle(Outbox.State.SENT)  # cancelled or done before
        return
    with shown(work, SimulationRun._meta.db_table, run_id) as say:
        try:
            figures = _simulated(work, begun, say)
        except Cancelled:
            work.settle(Outbox.State.SENT)
            return
    work.finish(services.keep, run_id=run_id, figures=figures)


def _read(work: Work, begun: SimulationRun) -> tuple[Program, Inputs]:
    """Plan, risks and costs from one REPEATABLE READ, READ ONLY snapshot."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        with system_scope([begun.program_id], reason="a simulation reads its whole program", user=work.actor):
            program = Program.objects.get(pk=begun.program_id)
            return program, gather(program, begun)


def _simulated(work: Work, begun: SimulationRun, say: Say) -> dict[str, Any]:
    try:
        program, inputs = _read(work, begun)
        say(f"Simulating {begun.iterations:,} runs", _READ)

        def progress(done: int, of: int) -> None:
            say(f"{done:,} of {of:,} runs", _READ + (_SIMULATED - _READ) * done // of)

        told = simulate(
            inputs.loaded.plan,
            inputs.loaded.rules,
            uncertainty=inputs.uncertainty,
            risks=inputs.risks,
            costs=inputs.costs,
            iterations=begun.iterations,
            seed=begun.seed,
            keys=inputs.keys,
            progress=progress,
        )
    except (CannotSimulate, BeyondCalendar, CycleFound) as fault:
        raise Refused(f"The plan cannot be simulated: {fault}.") from fault
    instant = inputs.loaded.clock.instant
    return {
        "plan_version": program.plan_version,
        "inputs_digest": inputs.digest,
        "planned_finish": instant(int(told.program.planned)),
        "p50_finish": instant(int(told.program.p50)),
        "p80_finish": instant(int(told.program.p80)),
        "confidence": told.program.confidence,
        "result": stored.to_json(told, inputs),
    }
