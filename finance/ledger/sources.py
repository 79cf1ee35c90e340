"""Where the sums come from: SQL texts with the columns project, category, nature, period, kind, amount.

Now: what is kept with postings and cost lines. At another moment (`at` and its `day`, `known`) a posting counts when
it was recorded by `known` and is effective by `day`; a grant when it was recorded by `at` too, for whatever period.
Nothing is effective outside its period, so that is, without adding up every posting:

    the kept sums of the periods that had ended by the day,
    plus the kept sums, by day, of the period that the day is in,
    less what was recorded in either after `known`, and the grants recorded there after `at`,
    plus the grants of that period and of later ones.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

from finance.ledger.choice import Choice
from pmo.clocks import AsOf

ACCOUNTS: Final = """select project_id, category, nature, null::text as period, kind, balance as amount
  from finance_account where program_id = %(program)s"""
TOTALS: Final = """select t.project_id, null::text as category, null::text as nature, f.code as period, t.kind, t.amount
  from finance_ledgertotal t join finance_fiscalperiod f on f.id = t.period_id where t.program_id = %(program)s"""
CELLS: Final = """select c.project_id, c.category, c.nature, f.code as period, c.kind, c.amount
  from finance_ledgercell c join finance_fiscalperiod f on f.id = c.period_id where c.program_id = %(program)s"""
_POSTED = """select a.project_id, a.category, a.nature, f.code as period, a.kind, {sign}p.amount as amount
  from finance_journal j join finance_posting p on p.journal_id = j.id join finance_account a on a.id = p.account_id
  join finance_fiscalperiod f on f.id = j.period_id
 where j.program_id = %(program)s and {where}"""
OF_MONTH: Final = """(select id from finance_fiscalperiod where program_id = %(program)s
                                       and %(day)s between starts_on and ends_on - 1)"""
_DAYS = """select d.project_id, d.category, d.nature, f.code as period, d.kind, d.amount
  from finance_ledgerday d join finance_fiscalperiod f on f.id = d.period_id where d.program_id = %(program)s"""
_CORRECTED = [
    _POSTED.format(
        sign="-",
        where="""j.recorded_at > %(known)s
   and (f.ends_on <= %(day)s or (f.starts_on <= %(day)s and j.kind <> 'grant' and j.effective <= %(day)s))""",
    ),
    _POSTED.format(
        sign="-",
        where="f.ends_on <= %(day)s and j.kind = 'grant' and j.recorded_at > %(at)s and j.recorded_at <= %(known)s",
    ),
    _POSTED.format(
        sign="",
        where="f.ends_on > %(day)s and j.kind = 'grant' and j.recorded_at <= least(%(at)s, %(known)s)",
    ),
]
_THEN = [f"{_DAYS} and d.period_id = {OF_MONTH} and d.effective <= %(day)s", *_CORRECTED]
THEN: Final = "\nunion all\n".join([f"{CELLS} and f.ends_on <= %(day)s", *_THEN])
THEN_TOTALS: Final = "\nunion all\n".join([f"{TOTALS} and f.ends_on <= %(day)s", *_THEN])
"""The same where neither category nor nature is asked for: the months before are read from a twelfth of the rows."""


def narrowed(choice: Choice, *, vendor: bool = False) -> str:
    """The condition that keeps the rows of a source (named s) to a choice, with the places of `values`."""
    conditions = [
        "s.project_id is null" if choice.own else "s.project_id = %(project)s" if choice.project_id else "",
        "s.category = %(category)s" if choice.category else "",
        "s.nature = %(nature)s" if choice.nature else "",
        "s.period >= %(first)s" if choice.first else "",
        "s.period <= %(last)s" if choice.last else "",
        "s.vendor = %(vendor)s" if vendor else "",
    ]
    return " and ".join(one for one in conditions if one) or "true"


def values(program_id: int, when: AsOf | None, choice: Choice, vendor: str | None = None) -> dict[str, Any]:
    """What the places of a source and of `narrowed` stand for."""
    found: dict[str, Any] = {
        "program": program_id,
        "project": choice.project_id,
        "category": choice.category,
        "nature": choice.nature,
        "first": choice.first,
        "last": choice.last,
        "vendor": vendor,
    }
    if when is not None:
        found |= {"at": when.at, "known": when.known, "day": when.day}
    return found


def by_kind(source: str, choice: Choice, values: dict[str, Any], *, vendor: bool = False) -> dict[str, int]:
    """What a source adds up to in each kind of account, minor units. One statement."""
    where = narrowed(choice, vendor=vendor)
    statement = f"select s.kind, sum(s.amount)::bigint from ({source}) s where {where} group by 1"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return dict(cursor.fetchall())
