"""Simulations of change requests in the background: one snapshot of the plan, simulated before and after."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from pmo.outbox.models import Outbox
from pmo.outbox.progress import Cancelled, Say, shown
from pmo.outbox.tasks import Work, outbox_task
from pmo.refusals import Refused
from pmo.scope import system_scope
from programs.changes import chance, revisions, simulating
from programs.changes.models import ChangeSimulation
from programs.engine import BeyondCalendar, CycleFound, EditsRefused
from programs.engine.monte_carlo import CannotSimulate, Simulation
from programs.engine.monte_carlo import simulate as monte_carlo
from programs.portfolio.models import Program, Project
from programs.risk_analysis import stored
from programs.risk_analysis.inputs import Inputs, gather
from programs.schedule.inputs import load

_READ, _SIMULATED = 5, 97
"""Percent shown when the plan is read, and when all runs are done."""


@outbox_task(simulating.TOPIC, staged=True, as_office=True, failed=simulating.fail)
def simulate(work: Work) -> None:
    """Simulate the plan after the edits (and before, where no stored run is of the same inputs), and keep both."""
    pk = int(work.payload["simulation"])
    with work.scope("a simulation of a change begins"):
        begun = simulating.begin(pk=pk)
    if begun is None:
        work.settle(Outbox.State.SENT)  # stopped or done before
        return
    with shown(work, ChangeSimulation._meta.db_table, pk) as say:
        try:
            figures = _simulated(work, begun, say)
        except Cancelled:
            work.settle(Outbox.State.SENT)
            return
        except (CannotSimulate, BeyondCalendar, CycleFound, EditsRefused) as fault:
            raise Refused(f"The plan cannot be simulated: {fault}.") from fault
    work.finish(simulating.keep, pk=pk, figures=figures)


def _simulated(work: Work, begun: ChangeSimulation, say: Say) -> dict[str, Any]:
    edits = begun.request.edits
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        with system_scope([begun.program_id], reason="a simulation reads its whole program", user=work.actor):
            program = Program.objects.get(pk=begun.program_id)
            impact = revisions.impact(begun.request)
            if impact is None or (impact.sha256, impact.plan_version) != (
                begun.impact_sha256, program.plan_version,
            ):  # fmt: skip
                raise Refused(simulating.MEANWHILE)
            loaded = load(program)
            before = gather(program, begun, loaded)
            after = chance.changed(program, begun, loaded, edits)
            ranged = chance.own_ranges(edits)
            codes = dict(Project.objects.filter(program=program).values_list("pk", "code"))
            kept = begun.stored
    known = kept is not None and kept.inputs_digest == before.digest
    parts = 1 if known else 2
    first = kept.result if known and kept is not None else _of(before, _run(begun, before, say, 0, parts))
    second = _of(after, _run(begun, after, say, parts - 1, parts))
    return chance.compared(begun, first, second, loaded, codes, program.currency) | {
        "plan_version": program.plan_version,
        "run": kept.pk if known and kept is not None else None,
        "inputs": [before.digest, after.digest],
        "own_ranges": ranged,
    }


def _of(inputs: Inputs, told: Simulation) -> dict[str, Any]:
    return stored.to_json(told, inputs)


def _run(begun: ChangeSimulation, inputs: Inputs, say: Say, part: int, parts: int) -> Simulation:
    """All runs of one of the two plans; `part` of `parts` of the work."""
    what = "after the change" if part == parts - 1 else "before the change"

    def progress(done: int, of: int) -> None:
        share = (part * of + done) / (parts * of)
        say(f"{done:,} of {of:,} runs {what}", _READ + round((_SIMULATED - _READ) * share))

    return monte_carlo(
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
