"""Writing in the books: accounts made when first needed, journals and postings entered in one lock order.

Amounts are whole minor units. What may be written is decided by the services; that it is whole, by the database.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F

from pmo.refusals import Refused
from programs.portfolio.models import Program


class Place(NamedTuple):
    """Whose money of which sort: a project (None: the program itself), a cost category, capital or operating."""

    project_id: int | None
    category: str
    nature: str


class Leg(NamedTuple):
    """An amount (minor units, signed) for the account of this kind at this place."""

    place: Place
    kind: str
    amount: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal to be entered. `id` is chosen by the caller: the same id twice enters it once."""

    kind: str
    legs: Sequence[Leg]
    period_id: int
    effective: date
    text: str
    source_kind: str = ""
    source_id: str = ""
    warrant_id: int | None = None
    request_id: int | None = None
    reverses_id: uuid.UUID | None = None
    adjusts: str = ""
    id: uuid.UUID = field(default_factory=uuid.uuid4)


Key = tuple[int | None, str, str, str]
"""project, category, nature, kind of account."""


def accounts(program: Program, keys: Iterable[Key]) -> dict[Key, int]:
    """The ids of these accounts, made where missing; two people making the same one get the same one."""
    wanted = sorted(set(keys), key=lambda key: (key[0] or 0, *key[1:]))
    found = _find(program, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        with connection.cursor() as cursor:
            cursor.execute(
                """insert into finance_account (program_id, project_id, category, nature, currency, kind)
                   select %s, k.project, k.category, k.nature, %s, k.kind
                     from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
                          as k(project, category, nature, kind)
                   on conflict (program_id, project_id, category, nature, currency, kind) do nothing""",
                [program.pk, program.currency, *_columns(missing)],
            )
        found |= _find(program, missing)
    return found


def _columns(keys: Sequence[Key]) -> list[list[Any]]:
    return [list(column) for column in zip(*keys, strict=True)] if keys else [[], [], [], []]


def _find(program: Program, keys: Sequence[Key]) -> dict[Key, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """select a.id, a.project_id, a.category, a.nature, a.kind
                 from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
                      as k(project, category, nature, kind)
                 join finance_account a on a.program_id = %s and a.currency = %s and a.category = k.category
                  and a.nature = k.nature and a.kind = k.kind and a.project_id is not distinct from k.project""",
            [*_columns(keys), program.pk, program.currency],
        )
        return {(row[1], row[2], row[3], row[4]): row[0] for row in cursor.fetchall()}


def locked_balances(ids: Iterable[int]) -> dict[int, int]:
    """Balances (minor units) of these accounts, held until the end of the transaction, locked in order of id."""
    with connection.cursor() as cursor:
        cursor.execute("select id, balance from finance_lock_accounts(%s::bigint[])", [sorted(set(ids))])
        return dict(cursor.fetchall())


def of_requests(ids: Iterable[int]) -> dict[int, int]:
    """How much in these accounts (minor units) belongs to capital requests; ask while the accounts are locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select p.account_id, sum(p.amount)::bigint from finance_journal j
                 join finance_posting p on p.journal_id = j.id
                where j.request_id is not null and p.account_id = any(%s::bigint[]) group by 1""",
            [sorted(set(ids))],
        )
        return dict(cursor.fetchall())


def enter(program: Program, entries: Sequence[Entry]) -> list[uuid.UUID]:
    """Enter journals with their postings, all in three statements, postings in order of account id (no deadlocks).

    Returns the ids of all of them; those that were entered before are left as they are. Counts one ledger
    version for the program. Raises Refused when a journal has fewer than two legs; the database refuses
    overdrafts, closed periods and journals that are not whole.
    """
    if not entries:
        return []
    legs = {entry.id: _merged(entry) for entry in entries}
    ids = accounts(program, ((*leg.place, leg.kind) for merged in legs.values() for leg in merged))
    fresh = _insert_journals(program, entries, legs)
    rows = sorted(
        (ids[(*leg.place, leg.kind)], str(journal), leg.amount) for journal in fresh for leg in legs[journal]
    )
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                """insert into finance_posting (journal_id, program_id, currency, account_id, amount)
                   select p.journal, %s, %s, p.account, p.amount
                     from unnest(%s::bigint[], %s::uuid[], %s::bigint[]) as p(account, journal, amount)
                    order by p.account, p.journal""",
                [program.pk, program.currency, *([list(column) for column in zip(*rows, strict=True)])],
            )
        Program.objects.filter(pk=program.pk).update(ledger_version=F("ledger_version") + 1)
    return [entry.id for entry in entries]


def _merged(entry: Entry) -> list[Leg]:
    """Legs on the same account become one; those that cancel out vanish."""
    sums: dict[tuple[Place, str], int] = {}
    for leg in entry.legs:
        sums[leg.place, leg.kind] = sums.get((leg.place, leg.kind), 0) + leg.amount
    legs = [Leg(place, kind, amount) for (place, kind), amount in sums.items() if amount]
    if len(legs) < 2:
        raise Refused("A journal needs at least two postings.", code="journal-legs")
    return legs


def _insert_journals(
    program: Program, entries: Sequence[Entry], legs: dict[uuid.UUID, list[Leg]]
) -> list[uuid.UUID]:
    rows = [
        (
            str(entry.id), entry.kind, entry.period_id, entry.effective, entry.text[:400], entry.source_kind,
            entry.source_id, len(legs[entry.id]), entry.warrant_id, entry.request_id,
            str(entry.reverses_id) if entry.reverses_id else None, entry.adjusts,
        )
        for entry in entries
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into finance_journal (id, program_id, currency, kind, period_id, effective, text, source_kind,
                                            source_id, legs, warrant_id, request_id, reverses_id, adjusts)
               select j.id, %s, %s, j.kind, j.period, j.effective, j.text, j.source_kind, j.source_id, j.legs,
                      j.warrant, j.request, j.reverses, j.adjusts
                 from unnest(%s::uuid[], %s::text[], %s::bigint[], %s::date[], %s::text[], %s::text[],
                             %s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::uuid[], %s::text[])
                      as j(id, kind, period, effective, text, source_kind, source_id, legs, warrant, request,
                           reverses, adjusts)
               on conflict (id) do nothing returning id""",
            [program.pk, program.currency, *([list(column) for column in zip(*rows, strict=True)])],
        )
        return [row[0] for row in cursor.fetchall()]
