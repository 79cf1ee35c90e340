"""The keys of one page of a register, newest first, each found by an index whatever is filtered.

A register is asked of places (or accounts, or a vendor) and of months. Which of their combinations hold anything is
told by the kept sums; of each of these the newest rows are read from one index, and the newest of all are the page.
Where there are too many combinations to be looked at one by one, a page of each month is read and filtered: where so
much is asked for, every month holds enough of it. Rows of other months or places are never walked through.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db import connection

from finance.ledger.choice import Choice
from finance.ledger.selectors import accounts_of
from pmo.clocks import AsOf

_FAR: Final = date.max
MOST_PROBED: Final = 600
"""Combinations that are looked at one by one."""

# What of a journal counts at a moment, as `selectors.recorded_by` says it.
_RECORDED: Final = """ and j.recorded_at <= %(known)s
   and case when j.kind = 'grant' then j.recorded_at <= %(at)s else j.effective <= %(day)s end"""
_JOURNAL: Final = " join finance_journal j on j.id = p.journal_id"
_PAIRS: Final = """select a.id, c.period_id from finance_account a
  join finance_ledgercell c on c.program_id = a.program_id and c.project_id is not distinct from a.project_id
   and c.category = a.category and c.nature = a.nature and c.kind = a.kind
 where a.program_id = %(program)s and a.id = any(%(accounts)s) and c.period_id = any(%(months)s) limit %(probed)s"""
# Where no month was chosen and nothing else either, the newest of all.
_NEWEST: Final = """select p.id from finance_posting p{journal}
 where p.program_id = %(program)s and p.id < %(before)s{counts}{accounts} order by p.id desc limit %(limit)s"""
_BY_PAIR: Final = """select found.id from unnest(%(firsts)s::bigint[], %(seconds)s::bigint[]) as o(account, period),
  lateral (select p.id from finance_posting p{journal}
            where p.account_id = o.account and p.period_id = o.period and p.id < %(before)s{counts}
            order by p.id desc limit %(limit)s) found
 order by 1 desc limit %(limit)s"""
_BY_MONTH: Final = """select found.id from unnest(%(months)s::bigint[]) as o(period),
  lateral (select p.id from finance_posting p{journal}
            where p.program_id = %(program)s and p.period_id = o.period and p.id < %(before)s{counts}{accounts}
            order by p.id desc limit %(limit)s) found
 order by 1 desc limit %(limit)s"""
# Of months that had not begun only grants count, which are few and have an index of their own.
_GRANTS: Final = """select p.id from finance_journal j join finance_posting p on p.journal_id = j.id
 where j.program_id = %(program)s and j.kind = 'grant' and j.period_id = any(%(later)s)
   and j.recorded_at <= least(%(at)s, %(known)s) and p.id < %(before)s{accounts} order by 1 desc limit %(limit)s"""


def of_entries(
    program_id: int, choice: Choice, account: str, when: AsOf | None, before: int, limit: int
) -> list[int]:
    """Keys of postings below `before`, newest first: in accounts of a kind ("": any) at the chosen places."""
    then = when is not None and not when.is_now
    held = accounts_of(program_id, choice)
    held = held.filter(kind=account) if account else held
    narrow = bool(account or choice.project_id or choice.own or choice.category or choice.nature)
    given: dict[str, Any] = {"program": program_id, "before": before, "limit": limit}
    given["accounts"] = list(held.values_list("pk", flat=True)) if narrow else []
    if narrow and not given["accounts"]:
        return []
    given |= _months(program_id, choice, when if then else None)
    parts = {
        "journal": _JOURNAL if then else "",
        "counts": _RECORDED if then else "",
        "accounts": " and p.account_id = any(%(accounts)s)" if narrow else "",
    }
    found: list[int] = []
    with connection.cursor() as cursor:
        if given["later"]:
            cursor.execute(_GRANTS.format(**parts), given)
            found += [row[0] for row in cursor.fetchall()]
        pairs: list[Any] | None = None
        if narrow:
            cursor.execute(_PAIRS, given | {"probed": MOST_PROBED + 1})
            pairs = cursor.fetchall()
        if pairs is not None and len(pairs) <= MOST_PROBED:
            given |= {"firsts": [one for one, _ in pairs], "seconds": [month for _, month in pairs]}
            statement = _BY_PAIR
        elif then or choice.first or choice.last:
            statement = _BY_MONTH
        else:
            statement = _NEWEST
        cursor.execute(statement.format(**parts), given)
        found += [row[0] for row in cursor.fetchall()]
    return sorted(found, reverse=True)[:limit]


# A line counts when its journal does; one of a group that adds up to nothing has none, and counts by itself.
_LINE_COUNTS: Final = """ and coalesce(j.recorded_at, p.recorded_at) <= %(known)s
   and coalesce(j.effective, greatest(p.effective, o.starts_on)) <= %(day)s"""
_LINE_JOURNAL: Final = " left join finance_journal j on j.id = p.journal_id"
_LINES: Final = """select found.id from (select * from finance_fiscalperiod where id = any(%(months)s)) as o,
  lateral (select p.id from finance_actualline p{journal}
            where p.program_id = %(program)s and p.period_id = o.id and p.id < %(before)s{counts}{places}
            order by p.id desc limit %(limit)s) found
 order by 1 desc limit %(limit)s"""
_NEWEST_LINES: Final = """select p.id from finance_actualline p
 where p.program_id = %(program)s and p.id < %(before)s order by p.id desc limit %(limit)s"""
_MONTHS_OF_VENDOR: Final = """select distinct p.period_id from finance_vendorcell p
 where p.program_id = %(program)s and p.period_id = any(%(months)s){places}"""
_MONTHS_OF_PLACE: Final = """select distinct p.period_id from finance_ledgercell p
 where p.program_id = %(program)s and p.kind = 'spent' and p.period_id = any(%(months)s){places}"""


def of_lines(
    program_id: int, choice: Choice, vendor: str | None, when: AsOf | None, before: int, limit: int
) -> list[int]:
    """Keys of cost lines below `before`, newest first, at the chosen places (of one vendor; "" names none)."""
    if choice.own:
        return []  # every line has a project
    then = when is not None and not when.is_now
    given: dict[str, Any] = {
        "program": program_id, "before": before, "limit": limit, "project": choice.project_id,
        "category": choice.category, "nature": choice.nature, "vendor": vendor,
    }  # fmt: skip
    places = "".join(
        f" and p.{column} = %({name})s"
        for name, column, chosen in (
            ("vendor", "vendor", vendor is not None),
            ("project", "project_id", choice.project_id),
            ("category", "category", choice.category),
            ("nature", "nature", choice.nature),
        )
        if chosen
    )
    with connection.cursor() as cursor:
        if not (places or then or choice.first or choice.last):
            cursor.execute(_NEWEST_LINES, given)
            return [row[0] for row in cursor.fetchall()]
        given |= _months(program_id, choice, when if then else None)
        if places:  # of the months that hold anything of it
            told = _MONTHS_OF_PLACE if vendor is None else _MONTHS_OF_VENDOR
            cursor.execute(told.format(places=places), given)
            given["months"] = [row[0] for row in cursor.fetchall()]
        parts = {
            "journal": _LINE_JOURNAL if then else "",
            "counts": _LINE_COUNTS if then else "",
            "places": places,
        }
        cursor.execute(_LINES.format(**parts), given)
        return [row[0] for row in cursor.fetchall()]


def _months(program_id: int, choice: Choice, when: AsOf | None) -> dict[str, Any]:
    """Keys of the chosen periods: those that had begun at a moment (which goes along), and those to come. One query."""
    statement = """select id, starts_on <= %(day)s from finance_fiscalperiod
                    where program_id = %(program)s and code >= %(first)s and (%(last)s = '' or code <= %(last)s)"""
    given: dict[str, Any] = {"program": program_id, "first": choice.first, "last": choice.last}
    day = when.day if when is not None else _FAR
    with connection.cursor() as cursor:
        cursor.execute(statement, given | {"day": day})
        rows = cursor.fetchall()
    found = {"months": [pk for pk, begun in rows if begun], "later": [pk for pk, begun in rows if not begun]}
    return found if when is None else found | {"at": when.at, "known": when.known, "day": when.day}
