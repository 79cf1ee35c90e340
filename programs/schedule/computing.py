"""Computing a program's schedule and storing what changed, with the version of the inputs it was made from."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from pmo.refusals import Refused
from programs.engine import BeyondCalendar, CycleFound, Schedule, schedule
from programs.portfolio.models import Program
from programs.schedule import spans, storing
from programs.schedule.inputs import Loaded, load
from programs.schedule.models import Activity, Computation
from programs.schedule.uncollected import uncollected

FINDINGS_KEPT = 500


def compute(loaded: Loaded) -> Schedule:
    """Run the engine; a cycle or a date past a calendar's reach is refused in words with the codes concerned."""
    try:
        return schedule(loaded.plan, loaded.rules)
    except CycleFound as cycle:
        ids = [
            loaded.activity_ids[position] for position in cycle.path if position < len(loaded.activity_ids)
        ]
        codes = dict(Activity.objects.filter(pk__in=ids).values_list("pk", "code"))
        path = " → ".join(codes.get(pk, "?") for pk in ids)
        raise Refused(f"These activities would wait for each other: {path}.", code="cycle") from cycle
    except BeyondCalendar as beyond:
        raise Refused(
            "This would move work more than a century away. Please check the dates and durations."
        ) from beyond


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


def recalculate(program: Program) -> tuple[Computation, set[int]]:
    """Compute the whole program and store what changed. Returns the computation and the ids of moved activities.

    Runs inside the transaction of the command that changed the plan; the caller holds the program's row. Seven
    statements, whatever the size.
    """
    begun = time.perf_counter()
    with uncollected():
        loaded = load(program)
        result = compute(loaded)
        rows = storing.rows_of(loaded, result)
        stored = storing.in_force(program.pk)
        changed = storing.changed(rows, stored)
    on_path = [i for i, hit in enumerate(result.on_longest_path) if hit]
    computation = Computation.objects.create(
        program=program,
        plan_version=program.plan_version,
        computed_at=datetime.now(UTC),
        plan_finish=loaded.clock.instant(result.finish) if rows else None,
        critical_minutes=_path_minutes(loaded, result, on_path),
        activities=len(rows),
        dependencies=len(loaded.link_ids),
        milliseconds=round(1000 * (time.perf_counter() - begun)),
        findings=_findings(loaded, result),
        project_dates=spans.by_project((row[1], row[storing.START], row[storing.FINISH]) for row in rows),
        cross_links=_cross_links(loaded),
    )
    storing.store(program.pk, computation.pk, changed)
    return computation, storing.moved(changed, stored)


def _cross_links(loaded: Loaded) -> int:
    """How many links lead from one project to another. A link of a group belongs to the group's project."""
    own, at = len(loaded.link_ids), loaded.plan.project
    return sum(
        at[before] != at[after]
        for before, after in zip(loaded.plan.predecessor[:own], loaded.plan.successor[:own], strict=True)
    )


def _path_minutes(loaded: Loaded, result: Schedule, on_path: list[int]) -> int:
    """Working minutes, on the program's calendar, from the first start to the last finish on the longest path."""
    if not on_path:
        return 0
    calendar = loaded.calendars.order[0]
    begin = min(result.early_start[i] for i in on_path)
    finish = max(result.early_finish[i] for i in on_path)
    return calendar.between(begin, finish)
