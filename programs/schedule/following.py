"""What follows a change of the plan: new dates in the same transaction, or, for a very large plan, by a worker.

Up to `COMPUTE_IN_REQUEST_UP_TO` activities a command computes before it answers. Beyond, it commits with the plan one
version ahead of its dates; a row of `Recalculation` says so, and an outbox row asks a worker for the rest. There is
one such outbox row for a program at a time: whoever edits while a worker computes finds it there, and the worker asks
again for itself when the plan has moved on. So ten edits in a row are two or three computations, not ten.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection

from pmo.accounts.models import User
from pmo.outbox.models import Outbox
from pmo.outbox.services import enqueue
from pmo.refusals import Refused
from programs.engine import CycleFound, Kind, Plan, topological_order
from programs.engine import Project as EngineProject
from programs.engine.groups import with_group_links
from programs.portfolio.models import Program
from programs.schedule.computing import IN_EACH_OTHER, Prepared, in_words, keep, recalculate
from programs.schedule.inputs import KINDS
from programs.schedule.models import Activity, Computation, Recalculation
from programs.schedule.storing import alive

TOPIC = "schedule.recalculate"
_ORDER = """
select id, parent_id, kind from programs_activity where program_id = %(program)s order by id
"""
_LINKS = "select predecessor_id, successor_id from programs_dependency where program_id = %(program)s"


def in_request(program: Program) -> bool:
    """Is the plan small enough for its dates to be computed within the command? One query."""
    most = int(settings.COMPUTE_IN_REQUEST_UP_TO)
    return not Activity.objects.filter(program_id=program.pk).order_by()[most : most + 1].exists()


def follow(
    program: Program, *, at: datetime, order_changed: bool = False, at_once: bool = False
) -> tuple[Computation | None, set[int]]:
    """New dates for a plan that was just changed (its version is raised already). The caller holds the program's row.

    Returns the computation and the activities that moved; None and nothing where a worker was asked instead. Then
    only circles are looked for, where `order_changed` says that links or the tree are others than before. `at_once`
    says that the dates are needed now, whatever the size. Raises Refused for a circle, and in the request for dates
    beyond a century.
    """
    if at_once or in_request(program):
        computed = recalculate(program)
        Recalculation.objects.filter(program_id=program.pk).exclude(state=Recalculation.State.DONE).update(
            state=Recalculation.State.DONE, percent=100, ended_at=at, error=""
        )
        return computed
    if order_changed:
        _refuse_circles(program)
    ask(program, at=at)
    return None, set()


def ask(program: Program, *, at: datetime) -> None:
    """Say that the plan waits for new dates, and ask a worker for them if none was asked yet."""
    going = under_way(program.pk)
    asked = {
        "wanted_version": program.plan_version,
        "state": Recalculation.State.WAITING,
        "step": "",
        "percent": 0,
        "asked_at": at,
        "ended_at": None,
        "error": "",
    }
    running = (
        going
        and Recalculation.objects.filter(program_id=program.pk, state=Recalculation.State.RUNNING).exists()
    )
    Recalculation.objects.update_or_create(
        program_id=program.pk,
        defaults={"wanted_version": program.plan_version} if running else asked,
        create_defaults=asked,
    )
    if not going:
        enqueue(
            topic=TOPIC,
            key=f"{TOPIC}:{program.pk}:{program.plan_version}",
            payload={"version": program.plan_version},
            program_id=program.pk,
        )


def under_way(program_id: int) -> bool:
    """Does an outbox row wait for a worker, or lie with one?"""
    return Outbox.objects.filter(
        program_id=program_id, topic=TOPIC, state__in=(Outbox.State.PENDING, Outbox.State.HANDED)
    ).exists()


def keep_late(
    *, program_id: int, prepared: Prepared | None, newest: int, by: User | None, at: datetime
) -> Computation | None:
    """Keep what a worker computed of an earlier snapshot, and ask again if the plan has moved on since.

    `prepared` is None where the dates were fresh in the snapshot; `newest` is the id of the computation in force in
    it (0 for none). If another was kept meanwhile, by a request, the comparison no longer holds and nothing is kept.
    Dates of activities that were taken out meanwhile are left out.
    """
    program = Program.objects.select_for_update(no_key=True, of=("self",)).get(pk=program_id)
    latest = Computation.objects.filter(program_id=program_id).order_by("-pk").first()
    kept = None
    if prepared is not None and (latest.pk if latest else 0) == newest:
        if program.plan_version != prepared.plan_version:
            there = alive(program_id)
            prepared.changed[:] = [row for row in prepared.changed if row[0] in there]
        kept = keep(program, prepared)
    ask_if_behind(program, at=at)
    return kept


def ask_if_behind(program: Program, *, at: datetime) -> None:
    """A worker is through: ask for the next computation where the plan has moved on. The caller holds its row."""
    Recalculation.objects.filter(program_id=program.pk).update(
        state=Recalculation.State.DONE, step="", percent=100, ended_at=at, error=""
    )
    latest = Computation.objects.filter(program_id=program.pk).order_by("-pk").first()
    if latest is None or latest.plan_version != program.plan_version:
        ask(program, at=at)


def _refuse_circles(program: Program) -> None:
    """Raise Refused where links, those of groups among them, run in a circle. Two queries, no dates."""
    values = {"program": program.pk}
    with connection.cursor() as cursor:
        cursor.execute(_ORDER, values)
        rows = cursor.fetchall()
        cursor.execute(_LINKS, values)
        links = cursor.fetchall()
    ids = [row[0] for row in rows]
    index = {pk: position for position, pk in enumerate(ids)}
    given = Plan(
        calendars=[],
        projects=[EngineProject(start=0)],
        calendar=[0] * len(ids),
        duration=[0] * len(ids),
        kind=[KINDS[row[2]] for row in rows],
        parent=[-1 if row[1] is None else index[row[1]] for row in rows],
        predecessor=[index[before] for before, _ in links],
        successor=[index[after] for _, after in links],
    )
    try:
        plan = with_group_links(given)
    except CycleFound as circle:
        raise Refused(IN_EACH_OTHER, code="cycle") from circle
    idle = {position for position, kind in enumerate(plan.kind) if kind >= Kind.LEVEL_OF_EFFORT}
    ends = [
        (before, after)
        for before, after in zip(plan.predecessor, plan.successor, strict=True)
        if before not in idle and after not in idle
    ]
    try:
        topological_order(len(plan.duration), [before for before, _ in ends], [after for _, after in ends])
    except CycleFound as cycle:
        raise in_words(cycle, ids) from cycle
