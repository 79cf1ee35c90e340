"""Computing a program's schedule and storing what changed, with the version of the inputs it was made from."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from pmo.refusals import Refused
from programs.engine import BeyondCalendar, CycleFound, Schedule, schedule
from programs.portfolio.models import Program
from programs.schedule.inputs import Loaded, load
from programs.schedule.models import Activity, Computation, ComputedDates

FINDINGS_KEPT = 500

STORE = """
with new_dates as (
  select * from unnest(%(activity)s::bigint[], %(project)s::bigint[], %(es)s::timestamptz[], %(ef)s::timestamptz[],
    %(ls)s::timestamptz[], %(lf)s::timestamptz[], %(tf)s::int[], %(ff)s::int[], %(lp)s::bool[], %(cr)s::bool[],
    %(driver)s::bigint[], %(why)s::text[])
    as n (activity_id, project_id, es, ef, ls, lf, tf, ff, lp, cr, driver_id, why)
), closed as (
  update programs_computeddates d set superseded_by_id = %(computation)s
    from new_dates n where d.activity_id = n.activity_id and d.superseded_by_id is null
  returning d.activity_id
)
insert into programs_computeddates (program_id, computation_id, activity_id, project_id, early_start, early_finish,
  late_start, late_finish, total_float, free_float, on_longest_path, critical, driver_id, why)
select %(program)s, %(computation)s, n.activity_id, n.project_id, n.es, n.ef, n.ls, n.lf, n.tf, n.ff, n.lp, n.cr,
  n.driver_id, n.why
  from new_dates n left join closed c using (activity_id)
"""


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


def rows_of(loaded: Loaded, result: Schedule) -> list[tuple[Any, ...]]:
    """(activity, project, ES, EF, LS, LF, TF, FF, longest path, critical, driver link, why) with UTC instants."""
    instant = loaded.clock.instant
    return [
        (
            activity_id,
            loaded.project_of[i],
            instant(result.early_start[i]),
            instant(result.early_finish[i]),
            instant(result.late_start[i]),
            instant(result.late_finish[i]),
            result.total_float[i],
            result.free_float[i],
            result.on_longest_path[i],
            result.critical[i],
            _known(loaded.link_ids, result.driver[i]),
            result.why[i].name.lower(),
        )
        for i, activity_id in enumerate(loaded.activity_ids)
    ]


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

    Runs inside the transaction of the command that changed the plan; the caller holds the program's row.
    """
    begun = time.perf_counter()
    loaded = load(program)
    result = compute(loaded)
    rows = rows_of(loaded, result)
    stored = {
        row[0]: row
        for row in ComputedDates.objects.filter(program_id=program.pk, superseded_by=None).values_list(
            "activity_id",
            "project_id",
            "early_start",
            "early_finish",
            "late_start",
            "late_finish",
            "total_float",
            "free_float",
            "on_longest_path",
            "critical",
            "driver_id",
            "why",
        )
    }
    changed = [row for row in rows if stored.get(row[0]) != row]
    on_path = [i for i, hit in enumerate(result.on_longest_path) if hit]
    computation = Computation.objects.create(
        program=program,
        plan_version=program.plan_version,
        computed_at=datetime.now(UTC),
        plan_finish=loaded.clock.instant(result.finish) if rows else None,
        critical_minutes=_path_minutes(loaded, result, on_path),
        activities=len(rows),
        dependencies=len(loaded.link_ids),
        milliseconds=0,
        findings=_findings(loaded, result),
    )
    if changed:
        columns = list(zip(*changed, strict=True))
        names = ("activity", "project", "es", "ef", "ls", "lf", "tf", "ff", "lp", "cr", "driver", "why")
        values = {name: list(column) for name, column in zip(names, columns, strict=True)}
        with connection.cursor() as cursor:
            cursor.execute(STORE, values | {"program": program.pk, "computation": computation.pk})
    Computation.objects.filter(pk=computation.pk).update(
        milliseconds=round(1000 * (time.perf_counter() - begun))
    )
    moved = {row[0] for row in changed if row[0] in stored and stored[row[0]][2:4] != row[2:4]}
    return computation, moved


def _path_minutes(loaded: Loaded, result: Schedule, on_path: list[int]) -> int:
    """Working minutes, on the program's calendar, from the first start to the last finish on the longest path."""
    if not on_path:
        return 0
    calendar = loaded.calendars.order[0]
    begin = min(result.early_start[i] for i in on_path)
    finish = max(result.early_finish[i] for i in on_path)
    return calendar.between(begin, finish)
