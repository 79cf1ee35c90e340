"""Computing a program's schedule and storing what changed, with the version of the inputs it was made from."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import compress, count
from operator import ne
from typing import Any

from pmo.refusals import Refused
from programs.engine import BeyondCalendar, CycleFound, Schedule, schedule
from programs.portfolio.models import Program
from programs.schedule import remembered, spans, storing
from programs.schedule.inputs import Loaded
from programs.schedule.models import Activity, Computation
from programs.schedule.storing import Row
from programs.schedule.uncollected import uncollected

FINDINGS_KEPT = 500
READING, COMPUTING, COMPARING = "Reading the plan", "Computing dates", "Comparing with the dates in force"
IN_EACH_OTHER = "Groups of this plan would lie in each other: take one of them out of the other first."

Say = Callable[[str, int], None]
"""Told the step that begins, and how much of the work (percent) is done."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A computed schedule before it is kept: the rows that differ, and the computation's own figures."""

    plan_version: int
    changed: list[Row]
    moved: set[int]
    figures: dict[str, Any] = field(repr=False)


def compute(loaded: Loaded) -> Schedule:
    """Run the engine; a cycle or a date past a calendar's reach is refused in words with the codes concerned."""
    try:
        return schedule(loaded.plan, loaded.rules)
    except CycleFound as cycle:
        raise in_words(cycle, loaded.activity_ids) from cycle
    except BeyondCalendar as beyond:
        raise Refused(
            "This would move work more than a century away. Please check the dates and durations."
        ) from beyond


def in_words(cycle: CycleFound, activity_ids: list[int]) -> Refused:
    """A circle of links as a refusal that names the activities by their codes."""
    ids = [activity_ids[position] for position in cycle.path if position < len(activity_ids)]
    codes = dict(Activity.objects.filter(pk__in=ids).values_list("pk", "code"))
    path = " → ".join(codes.get(pk, "?") for pk in ids)
    return Refused(f"These activities would wait for each other: {path}.", code="cycle")


def _known(ids: list[int], index: int) -> int | None:
    """The id behind an index of the engine; None for none, and for what only carries a group's link."""
    return ids[index] if 0 <= index < len(ids) else None


def _findings(loaded: Loaded, result: Schedule) -> list[dict[str, Any]]:
    return [
        {
            "kind": one.kind.name.lower(),
            "text": one.kind.value,
            "activity": _known(loaded.activity_ids, one.activity),
            "dependency": _known(loaded.link_ids, one.link),
            "minutes": one.minutes,
        }
        for one in result.findings[:FINDINGS_KEPT]
    ]


def _unheard(step: str, percent: int) -> None:
    """Nobody watches."""


def prepare(program: Program, say: Say = _unheard) -> Prepared:
    """Compute the whole program, of the version that `program` names, and compare with the dates in force.

    Seven statements, whatever the size; writes nothing. Raises Refused for a cycle and for dates beyond a century.
    """
    with uncollected():  # around all of it: what is left at its end is little for the collector to look at
        return _prepared(program, say)


def _prepared(program: Program, say: Say) -> Prepared:
    begun = time.perf_counter()
    say(READING, 1)
    try:
        known = remembered.of(program.pk)
        read = remembered.read(program, known)
    except CycleFound as circle:
        raise Refused(IN_EACH_OTHER, code="cycle") from circle
    loaded, stored = read.loaded, read.in_force
    say(COMPUTING, 15)
    result = compute(loaded)
    say(COMPARING, 70)
    if known is None:
        rows = storing.rows_of(loaded, result)
    else:
        rows = storing.rows_again(loaded, result, (known.read.loaded, known.result, known.rows))
    changed = storing.changed(rows, stored)
    read = replace(read, in_force=storing.agreeing(rows, changed, stored))
    remembered.remember(program.pk, read, result, rows)
    on_path = list(compress(count(), result.on_longest_path))
    return Prepared(
        program.plan_version,
        changed,
        storing.moved(changed, stored),
        {
            "plan_finish": loaded.clock.instant(result.finish) if rows else None,
            "critical_minutes": _path_minutes(loaded, result, on_path),
            "activities": len(rows),
            "dependencies": len(loaded.link_ids),
            "findings": _findings(loaded, result),
            "project_dates": spans.in_order(
                loaded.project_of, [row[storing.START] for row in rows], [row[storing.FINISH] for row in rows]
            ),
            "cross_links": _cross_links(loaded),
            "milliseconds": round(1000 * (time.perf_counter() - begun)),
        },
    )


def keep(program: Program, prepared: Prepared) -> Computation:
    """Write a computation and the dates that it changes. The caller holds the program's row."""
    computation = Computation.objects.create(
        program=program,
        plan_version=prepared.plan_version,
        computed_at=datetime.now(UTC),
        **prepared.figures,
    )
    storing.store(program.pk, computation.pk, prepared.changed)
    return computation


def recalculate(program: Program) -> tuple[Computation, set[int]]:
    """Compute the whole program and store what changed. Returns the computation and the ids of moved activities.

    Runs inside the transaction of the command that changed the plan; the caller holds the program's row.
    """
    prepared = prepare(program)
    return keep(program, prepared), prepared.moved


def _cross_links(loaded: Loaded) -> int:
    """How many links lead from one project to another. A link of a group belongs to the group's project."""
    own, at = len(loaded.link_ids), loaded.plan.project.__getitem__
    return sum(map(ne, map(at, loaded.plan.predecessor[:own]), map(at, loaded.plan.successor[:own])))


def _path_minutes(loaded: Loaded, result: Schedule, on_path: list[int]) -> int:
    """Working minutes, on the program's calendar, from the first start to the last finish on the longest path."""
    if not on_path:
        return 0
    calendar = loaded.calendars.order[0]
    begin = min(result.early_start[i] for i in on_path)
    finish = max(result.early_finish[i] for i in on_path)
    return calendar.between(begin, finish)
