"""What a web process remembers of large plans, so that the next computation reads only what changed since.

Nothing here is believed. The database is asked each time for the rows that were written since the horizon at which the
plan was read (the oldest transaction that was still under way then: PostgreSQL keeps with each row which transaction
wrote it), and for how many rows there are. A row that no younger transaction wrote is one that was read then; so where
the numbers agree, what is remembered with the new rows put in is the table, row for row, whoever wrote and through
whatever process. Where they do not agree, the server was started anew since, the database is another one, or this
transaction looks from an older moment than what is remembered, everything is read.

What a transaction read is remembered only when it is committed: its own rows are then among the young ones still.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from django.db import connection, transaction

from programs.engine import Schedule
from programs.portfolio.models import Program
from programs.schedule.framing import Frame, frame_of
from programs.schedule.inputs import (
    ACTIVITIES,
    ACTIVITY,
    LINK,
    LINKS_OF,
    Loaded,
    Row,
    fetched,
    loaded_of,
    patched,
)
from programs.schedule.storing import DATES, IN_FORCE

FROM = 1_000
"""Activities from which a plan is worth remembering."""
PLANS = 4
"""Plans that a process remembers: some ten megabytes each at 10,000 activities."""
MOST_YOUNG = 2
"""Read whole where more than one row in two is young."""

_HORIZON = """
select concat_ws(' ', pg_postmaster_start_time(), pg_stat_get_bgwriter_stat_reset_time(), oid, datname),
       pg_current_snapshot()::text, coalesce(pg_current_xact_id_if_assigned()::text::int8, 0)
  from pg_database where datname = current_database()
"""
"""Since when the server runs (statistics begin anew after a crash), which database this is, and what is seen of it."""
_SINCE = """
select count(*), coalesce(json_agg(json_build_array({columns})) filter (where age(xmin) <= age(%(horizon)s::xid)), '[]')
  from {rows}
"""
_TEXTS = ((ACTIVITY, ACTIVITIES), (LINK, LINKS_OF), (DATES, IN_FORCE))
"""Columns and rows of each table; every row begins with what names it."""
_WRAP = 1 << 32
_FAR = 1 << 30
"""Ages of transactions are told apart up to 2^31."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """A moment of a database: the transactions whose rows are seen."""

    server: str
    """Which database of which server, since when it runs."""
    oldest: int
    """Of the transactions that were under way: younger ones had written nothing that was seen."""
    upto: int
    """The first that had not ended yet, nor any behind it."""
    running: frozenset[int]
    """Those before `upto` that were under way."""
    own: int = 0
    """The transaction that looked, whose own rows it saw; 0: it had written none."""

    @classmethod
    def of(cls, server: str, snapshot: str, own: int = 0) -> Horizon:
        """Of a snapshot as PostgreSQL writes it: `10:20:10,14`."""
        oldest, upto, running = snapshot.split(":")
        return cls(server, int(oldest), int(upto), frozenset(map(int, filter(None, running.split(",")))), own)

    def sees(self, then: Horizon) -> bool:
        """Is everything seen that was seen then? Not by a transaction that looks from an older moment."""
        return (
            then.server == self.server
            and then.upto <= self.upto
            and not any(one < then.upto and one not in then.running for one in self.running)
            and (then.own in (0, self.own) or (then.own < self.upto and then.own not in self.running))
        )


@dataclass(frozen=True, slots=True)
class Read:
    """A plan as its rows are at a moment."""

    horizon: Horizon
    frame: Frame
    activities: Mapping[int, Row]
    links: Mapping[int, Row]
    in_force: dict[int, Row]
    """Dates by activity, as `storing.in_force`."""
    loaded: Loaded


@dataclass(frozen=True, slots=True)
class Remembered:
    """A plan as it was read, and what was computed of it then."""

    read: Read
    result: Schedule
    rows: list[Row]
    """As `storing.rows_of` made them."""


_plans: OrderedDict[int, Remembered] = OrderedDict()
_lock = Lock()


def forget() -> None:
    """Remember nothing of any plan (tests)."""
    with _lock:
        _plans.clear()


def of(program_id: int) -> Remembered | None:
    """What this process remembers of a plan. Believe nothing of it that `read` has not looked at again."""
    with _lock:
        found = _plans.get(program_id)
        if found is not None:
            _plans.move_to_end(program_id)
        return found


def remember(program_id: int, read: Read, result: Schedule, rows: list[Row]) -> None:
    """From the commit of this transaction on; small plans are not worth it."""
    if len(read.activities) < FROM:
        return

    def put() -> None:
        with _lock:
            _plans[program_id] = Remembered(read, result, rows)
            _plans.move_to_end(program_id)
            while len(_plans) > PLANS:
                _plans.popitem(last=False)

    transaction.on_commit(put)


def read(program: Program, known: Remembered | None) -> Read:
    """The plan as it is now: all of it, or what changed since it was known. Seven statements either way."""
    horizon = _horizon()
    frame = frame_of(program, known=known.read.frame if known else None)
    if known is not None and _comparable(known.read.horizon, horizon):
        found = _since(program, known.read, horizon, frame)
        if found is not None:
            return found
    rows = [fetched(program.pk, *texts) for texts in _TEXTS]
    activities, links, dates = ({row[0]: row for row in some} for some in rows)
    return Read(horizon, frame, activities, links, dates, loaded_of(frame, rows[0], rows[1]))


def _horizon() -> Horizon:
    with connection.cursor() as cursor:
        cursor.execute(_HORIZON)
        return Horizon.of(*cursor.fetchone())


def _comparable(then: Horizon, now: Horizon) -> bool:
    return now.sees(then) and now.upto - then.oldest < _FAR


def _since(program: Program, known: Read, horizon: Horizon, frame: Frame) -> Read | None:
    """What is known with the rows put in that were written since; None where that would not be the table."""
    fresh: list[dict[int, Row]] = []
    values: dict[str, int | str] = {"program": program.pk, "horizon": str(known.horizon.oldest % _WRAP)}
    tables: tuple[Mapping[int, Row], ...] = (known.activities, known.links, known.in_force)
    with connection.cursor() as cursor:
        for (columns, rows), before in zip(_TEXTS, tables, strict=True):
            cursor.execute(_SINCE.format(columns=columns, rows=rows), values)
            count, young = cursor.fetchone()
            if MOST_YOUNG * len(young) > len(before):
                return None
            found = {row[0]: tuple(row) for row in young}
            if len(before) + sum(pk not in before for pk in found) != count:
                return None  # some are gone
            fresh.append({pk: row for pk, row in found.items() if before.get(pk) != row})
    activities, links = ({**before, **new} for before, new in zip(tables[:2], fresh[:2], strict=True))
    loaded: Loaded | None = None
    if frame is known.frame and len(activities) == len(tables[0]) and len(links) == len(tables[1]):
        written, led = (
            {pk: (was[pk], row) for pk, row in new.items()}
            for was, new in zip(tables[:2], fresh[:2], strict=True)
        )
        loaded = patched(known.loaded, frame, written, led) if written or led else known.loaded
    if loaded is None:
        loaded = loaded_of(frame, list(activities.values()), list(links.values()))
    return Read(horizon, frame, activities, links, {**known.in_force, **fresh[2]}, loaded)
