"""Commands about the simulation of a request: ask for one, stop it, and what a worker makes of it.

The figures join the request's impact under a new digest, as long as nobody decides on the old one: what a body votes on
is never changed by a worker.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.outbox.services import enqueue
from pmo.refusals import Conflict, Refused
from programs.changes import revisions, scope
from programs.changes.holding import held
from programs.changes.models import ChangeRequest, ChangeSimulation
from programs.portfolio.models import Program
from programs.raid.models import Risk
from programs.risk_analysis.inputs import OPEN
from programs.risk_analysis.models import SimulationRun
from programs.risk_analysis.selectors import ACTIVE

State = ChangeSimulation.State
TOPIC, KEY = "simulation.change", "simulation-of-change"
MOST_OF_PERSON, MOST_OF_PROGRAM = 3, 10
"""Simulations of requests of a program that may be waiting or running at once."""
WAITING = (ChangeRequest.State.DRAFT, ChangeRequest.State.SUBMITTED)
MEANWHILE = (
    "The request or the plan moved on, or a body has it before it: nothing of this simulation is kept."
)
SETTINGS = ("iterations", "seed", "distribution", "low_percent", "high_percent", "risk_ids")
# More than a simulation of the plan has at first: who votes on these figures cannot ask for more runs.
USUAL: dict[str, Any] = {"iterations": 5000, "seed": 1, "low_percent": 80, "high_percent": 150}


def simulate(*, change_request: ChangeRequest, by: User | None, at: datetime) -> ChangeSimulation:
    """Ask a worker how likely finish and cost are before and after the edits of a request that nobody votes on yet.

    The settings are those of the newest simulation of the plan as it is; of an older plan or without any, its runs
    and ranges, or the usual ones, with all open risks. Raises Refused where there is nothing to simulate.
    """
    with transaction.atomic():
        request, access = held(change_request), current_access()
        access.require(Permission.EDIT_PLAN, request.program_id, request.project_id)
        if request.state not in WAITING:
            raise Refused(f"{request.code} is {request.get_state_display().lower()}: its figures stand.")
        program = Program.objects.select_for_update(no_key=True).get(pk=request.program_id)
        impact = revisions.impact(request)
        if not scope.of_plan(request.edits):
            raise Refused("No edit of the plan is proposed: there is nothing to simulate.")
        if impact is None or impact.plan_version != program.plan_version:
            raise Refused("Compute the request on the plan as it is now, then simulate it.", code="stale")
        _room(request, by)
        made: ChangeSimulation = ChangeSimulation.objects.create(
            program=program,
            request=request,
            impact_sha256=impact.sha256,
            requested_by=by,
            requested_at=at,
            **_settings(program),
        )
        enqueue(
            topic=TOPIC,
            key=f"{KEY}:{made.pk}",
            payload={"simulation": made.pk},
            program_id=program.pk,
            actor=by,
        )
        return made


def _settings(program: Program) -> dict[str, Any]:
    done = (
        SimulationRun.objects.filter(program=program, state=State.DONE)
        .defer("result")
        .order_by("-pk")
        .first()
    )
    if done is not None and done.plan_version == program.plan_version:
        return {name: getattr(done, name) for name in SETTINGS} | {"stored": done}
    settings = USUAL if done is None else {name: getattr(done, name) for name in SETTINGS}
    risks = Risk.objects.filter(program=program, state__in=OPEN).order_by("pk")
    return {**settings, "risk_ids": list(risks.values_list("pk", flat=True))}


def _room(request: ChangeRequest, by: User | None) -> None:
    """Refuse what would keep the workers from everybody else; the program's row is held, so all are counted."""
    active = ChangeSimulation.objects.filter(program_id=request.program_id, state__in=ACTIVE)
    if active.filter(request=request).exists():
        raise Refused(f"{request.code} is being simulated already.", code="too-many-simulations")
    if by is not None and active.filter(requested_by=by).count() >= MOST_OF_PERSON:
        raise Refused(
            f"You have {MOST_OF_PERSON} simulations of requests waiting or running. Stop one, or wait until one is "
            "done.", code="too-many-simulations",
        )  # fmt: skip
    if active.count() >= MOST_OF_PROGRAM:
        raise Refused(
            f"This program has {MOST_OF_PROGRAM} simulations of requests waiting or running. Wait until one is done.",
            code="too-many-simulations",
        )


def stop(*, change_request: ChangeRequest, by: User, at: datetime) -> ChangeRequest:
    """Stop the simulation of a request; a worker in the middle of it notices after the next portion of runs."""
    with transaction.atomic():
        request = held(change_request)
        current_access().require(Permission.EDIT_PLAN, request.program_id, request.project_id)
        changed = ChangeSimulation.objects.filter(request=request, state__in=ACTIVE).update(
            state=State.CANCELLED, finished_at=at, step="Stopped"
        )
        if not changed:
            raise Conflict("No simulation of this request is waiting or running: there is nothing to stop.")
        return request


def latest(request: ChangeRequest) -> ChangeSimulation | None:
    """The newest simulation that was asked for."""
    return ChangeSimulation.objects.filter(request=request).order_by("-pk").first()


def begin(*, pk: int) -> ChangeSimulation | None:
    """A worker takes it up; None where it was stopped or done before."""
    begun = ChangeSimulation.objects.filter(pk=pk, state__in=ACTIVE).update(
        state=State.RUNNING, step="Reading the plan", percent=1, error=""
    )
    return ChangeSimulation.objects.select_related("request").get(pk=pk) if begun else None


def keep(*, pk: int, figures: dict[str, Any], by: User | None, at: datetime) -> None:
    """Put the figures into the impact that they are about; nothing where it was stopped meanwhile.

    Where the request is another one by now, or before a body, nothing is kept and the simulation says why.
    """
    with transaction.atomic():
        found = ChangeSimulation.objects.select_related("request").get(pk=pk)
        request = held(found.request)
        running = (
            ChangeSimulation.objects.select_for_update(no_key=True).filter(pk=pk, state=State.RUNNING).first()
        )
        if running is None:
            return
        running.finished_at = at
        impact = revisions.impact(request)
        if (
            impact is None
            or impact.sha256 != running.impact_sha256
            or impact.plan_version != figures["plan_version"]
            or request.state not in WAITING
        ):
            running.state, running.error = State.FAILED, MEANWHILE
        else:
            revisions.add_simulation(impact, figures, by=by, at=at)
            request.version += 1
            request.save(update_fields=["version"])
            running.state, running.step, running.percent = State.DONE, "Done", 100
        running.save()


def fail(*, program_id: int, payload: dict[str, Any], reason: str, by: User | None, at: datetime) -> None:
    """Say why there are no figures."""
    ChangeSimulation.objects.filter(pk=payload["simulation"], state__in=ACTIVE).update(
        state=State.FAILED, error=reason[:300], finished_at=at
    )
