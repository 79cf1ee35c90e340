"""Computed dates in the database: what is in force, what of a new computation differs, and writing just that.

A row here is (activity, project, ES, EF, LS, LF, TF, FF, on the longest path, critical, driver, why): ids, instants as
whole seconds since 1970-01-01T00:00 UTC, floats in working minutes. Numbers and not `datetime`s, for both sides of
the comparison: 10,000 rows are then read and compared in a sixth of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress
from operator import is_not, itemgetter, ne
from typing import Any

from django.db import connection

from programs.engine import Schedule, Why
from programs.schedule.inputs import SECONDS, Loaded, Row, fetched

START, FINISH = 2, 3
"""Where a row has its early start and finish."""

DATES = f"""
activity_id, project_id, {SECONDS.format("early_start")}, {SECONDS.format("early_finish")},
{SECONDS.format("late_start")}, {SECONDS.format("late_finish")}, total_float, free_float, on_longest_path,
critical, driver_id, why
"""
IN_FORCE = "programs_computeddates where program_id = %(program)s and superseded_by_id is null"
STORE = """
with new_dates as (
  select * from unnest(%(activity)s::bigint[], %(project)s::bigint[], %(es)s::float8[], %(ef)s::float8[],
    %(ls)s::float8[], %(lf)s::float8[], %(tf)s::int[], %(ff)s::int[], %(lp)s::bool[], %(cr)s::bool[],
    %(driver)s::bigint[], %(why)s::text[])
    as n (activity_id, project_id, es, ef, ls, lf, tf, ff, lp, cr, driver_id, why)
), closed as (
  update programs_computeddates d set superseded_by_id = %(computation)s
    from new_dates n where d.activity_id = n.activity_id and d.superseded_by_id is null
  returning d.activity_id
)
insert into programs_computeddates (program_id, computation_id, activity_id, project_id, early_start, early_finish,
  late_start, late_finish, total_float, free_float, on_longest_path, critical, driver_id, why)
select %(program)s, %(computation)s, n.activity_id, n.project_id, to_timestamp(n.es), to_timestamp(n.ef),
  to_timestamp(n.ls), to_timestamp(n.lf), n.tf, n.ff, n.lp, n.cr, n.driver_id, n.why
  from new_dates n left join closed c using (activity_id)
"""
SHOWN = (
    "early_start",
    "early_finish",
    "late_start",
    "late_finish",
    "total_float",
    "free_float",
    "on_longest_path",
    "critical",
    "driver",
    "why",
)
"""What of a schedule stands in a row."""
COLUMNS = ("activity", "project", "es", "ef", "ls", "lf", "tf", "ff", "lp", "cr", "driver", "why")
WHY = {one: one.name.lower() for one in Why}


def rows_of(loaded: Loaded, result: Schedule) -> list[Row]:
    """A computed schedule as rows, in the order of the plan's own activities."""
    return _rows(loaded, result, range(len(loaded.activity_ids)))


def _rows(loaded: Loaded, result: Schedule, places: Sequence[int]) -> list[Row]:
    """The rows of some activities; places are in ascending order."""
    second, links = loaded.clock.second_of_wall, loaded.link_ids
    count = len(links)

    def of(column: Sequence[Any]) -> Sequence[Any]:
        return column[: len(places)] if isinstance(places, range) else [column[i] for i in places]

    dates = (result.early_start, result.early_finish, result.late_start, result.late_finish)
    return list(
        zip(
            of(loaded.activity_ids),
            of(loaded.project_of),
            *([second[wall] for wall in of(column)] for column in dates),
            of(result.total_float),
            of(result.free_float),
            of(result.on_longest_path),
            of(result.critical),
            # None for no driver, and for one that only carries a group's link.
            [links[k] if 0 <= k < count else None for k in of(result.driver)],
            [WHY[why] for why in of(result.why)],
            strict=True,
        )
    )


def rows_again(loaded: Loaded, result: Schedule, before: tuple[Loaded, Schedule, list[Row]]) -> list[Row]:
    """`rows_of`, where nearly all rows are those of an earlier schedule of a plan that stands and leads as this one.

    A row that says the same is the same object.
    """
    then, was, kept = before
    own = len(loaded.activity_ids)
    if loaded.activity_ids is not then.activity_ids or loaded.link_ids is not then.link_ids:
        return rows_of(loaded, result)
    others: set[int] = set()
    for name in SHOWN:
        others.update(compress(range(own), map(ne, getattr(was, name), getattr(result, name))))
    rows = kept[:]
    fresh = _rows(loaded, result, sorted(others))
    for at, row in zip(sorted(others), fresh, strict=True):
        rows[at] = row
    return rows


def in_force(program_id: int) -> dict[int, Row]:
    """The program's rows in force by activity: one query."""
    return {row[0]: row for row in fetched(program_id, DATES, IN_FORCE)}


def changed(rows: Sequence[Row], stored: dict[int, Row]) -> list[Row]:
    """Those that are not in force as they are."""
    known = map(stored.get, map(itemgetter(0), rows))
    # Of a plan that is remembered nearly all are the same objects: the others are looked at one by one.
    return [row for row in compress(rows, map(is_not, rows, known)) if stored.get(row[0]) != row]


def agreeing(rows: Iterable[Row], changed: Iterable[Row], stored: dict[int, Row]) -> dict[int, Row]:
    """The same rows in force, and those that are as computed are the same objects."""
    found = stored | {row[0]: row for row in rows}
    for row in changed:
        if row[0] in stored:
            found[row[0]] = stored[row[0]]
        else:
            del found[row[0]]
    return found


def moved(rows: Iterable[Row], stored: dict[int, Row]) -> set[int]:
    """Of changed rows, the activities that had an early start and finish before, and now have others."""
    return {
        row[0]
        for row in rows
        if (before := stored.get(row[0])) is not None
        and before[START : FINISH + 1] != row[START : FINISH + 1]
    }


def store(program_id: int, computation_id: int, rows: Sequence[Row]) -> None:
    """Put rows in force from a computation on, in one statement; the former ones of their activities are closed."""
    if not rows:
        return
    columns = zip(COLUMNS, zip(*rows, strict=True), strict=True)
    values = {name: "{" + ",".join(map(_element, column)) + "}" for name, column in columns}
    with connection.cursor() as cursor:
        cursor.execute(STORE, values | {"program": program_id, "computation": computation_id})


def _element(value: Any) -> str:
    """A number, truth value or word of our own in the text form of an array."""
    return "NULL" if value is None else str(value)


def alive(program_id: int) -> set[int]:
    """Ids of the program's activities as they are now."""
    with connection.cursor() as cursor:
        cursor.execute("select id from programs_activity where program_id = %s", [program_id])
        return {row[0] for row in cursor.fetchall()}
