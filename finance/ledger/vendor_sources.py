"""Where costs by vendor come from: the smallest of the kept sums that tells what is asked (columns as in `sources`).

Kept at every place (project, category, nature) by month, quarter, year and of all time; and by month alone, of
everything and by nature. Where months are cut by, a source has one row for each vendor and month; where a range of
months is chosen without being cut by, they are taken in as few pieces as possible (`cover`).
"""

from __future__ import annotations

from typing import Any, Final, Literal

from django.db import connection

from finance.ledger import cover
from finance.ledger.choice import Choice
from finance.ledger.sources import OF_MONTH
from pmo.clocks import AsOf

PLACES: Final = """select v.project_id, v.category, v.nature, null::text as period, v.vendor,
       'spent' as kind, v.amount
  from finance_vendorplace v where v.program_id = %(program)s"""
CELLS: Final = """select v.project_id, v.category, v.nature, f.code as period, v.vendor,
       'spent' as kind, v.amount
  from finance_vendorcell v join finance_fiscalperiod f on f.id = v.period_id where v.program_id = %(program)s"""
# One row for each vendor and month: of everything, of a nature, and of a place, which is read from an index that has
# its rows in that order. What is not chosen is null here.
MONTHS: Final = """select null::bigint as project_id, null::text as category, null::text as nature,
       f.code as period, v.vendor, 'spent' as kind, v.amount
  from finance_vendormonth v join finance_fiscalperiod f on f.id = v.period_id where v.program_id = %(program)s"""
MONTHS_OF_NATURE: Final = """select null::bigint as project_id, null::text as category, %(nature)s::text as nature,
       f.code as period, v.vendor, 'spent' as kind, v.amount
  from finance_vendornature v join finance_fiscalperiod f on f.id = v.period_id
 where v.program_id = %(program)s and v.nature = %(nature)s"""
_MONTHS_OF_PLACE = """select %(project)s::bigint as project_id, %(category)s::text as category,
       %(nature)s::text as nature, f.code as period, v.vendor, 'spent' as kind, v.amount
  from (select vendor, period_id, sum(amount)::bigint as amount from finance_vendorcell
         where program_id = %(program)s and {place} group by 1, 2) v
  join finance_fiscalperiod f on f.id = v.period_id where true"""
# The months that are taken in pieces all stand under one end of what was chosen, so that they are narrowed to it.
_PIECE = """select v.project_id, v.category, v.nature, coalesce(nullif(%(first)s, ''), nullif(%(last)s, '')) as period,
       v.vendor, 'spent' as kind, {sign}v.amount
  from {table} v where v.program_id = %(program)s and {where}"""
_OF_MONTHS = """v.period_id = any(array(select id from finance_fiscalperiod
        where program_id = %(program)s and code = any(%({name}_months)s)))"""


def _pieces() -> list[str]:
    found = [_PIECE.format(sign="", table="finance_vendorplace", where="%(all_time)s")]
    for name, sign in (("plus", ""), ("minus", "-")):
        for table, where in (
            ("finance_vendoryear", "v.year = any(%({name}_years)s)"),
            ("finance_vendorquarter", "v.quarter = any(%({name}_quarters)s)"),
            ("finance_vendorcell", _OF_MONTHS),
        ):
            found.append(_PIECE.format(sign=sign, table=table, where=where.format(name=name)))
    return found


# A line counts in the ledger when its journal does; a line of a group that adds up to nothing has none, and counts by
# its own day, if that is in its period.
_COSTS = """select l.project_id, l.category, l.nature, f.code as period, l.vendor, 'spent' as kind,
       {sign}l.amount_minor as amount
  from {lines} join finance_fiscalperiod f on f.id = l.period_id
 where l.program_id = %(program)s and {where}"""
_JOURNALS = "finance_journal j join finance_actualline l on l.journal_id = j.id"
_SINCE = [
    _COSTS.format(
        sign="-",
        lines=_JOURNALS,
        where="j.program_id = %(program)s and f.ends_on <= %(day)s and j.recorded_at > %(known)s",
    ),
    _COSTS.format(
        sign="-",
        lines="finance_actualline l",
        where="l.journal_id is null and f.ends_on <= %(day)s and l.recorded_at > %(known)s",
    ),
    _COSTS.format(
        sign="",
        lines=_JOURNALS,
        # By the month of both, so that the lines are read from one stretch of an index and not journal by journal.
        where=f"""j.period_id = {OF_MONTH} and l.period_id = {OF_MONTH}
   and j.recorded_at <= %(known)s and j.effective <= %(day)s""",
    ),
    _COSTS.format(
        sign="",
        lines="finance_actualline l",
        where="""l.journal_id is null and %(day)s between f.starts_on and f.ends_on - 1
   and l.recorded_at <= %(known)s and greatest(l.effective, f.starts_on) <= %(day)s""",
    ),
]


# Put where rows are added up inside a source: the planner takes no condition on the sums in there by itself.
_OF_KEYS = {
    "": "",
    "vendor": "vendor = any(%(keys)s)",
    "period": """period_id = any(array(select id from finance_fiscalperiod
        where program_id = %(program)s and code = any(%(keys)s)))""",
}


def by_vendor(
    choice: Choice,
    *,
    cuts: frozenset[str],
    now: bool,
    one: bool = False,
    keyed: Literal["", "vendor", "period"] = "",
) -> str:
    """The smallest source of costs by vendor that tells what is chosen and what they are cut by.

    `one`: of one vendor, who is shown month by month. `keyed`: the column of which only the `keys` among the values
    are asked for; whoever asks still says so of the rows that come out.
    """
    if one:
        return CELLS if now else _then(CELLS)
    if "period" in cuts:
        months = _by_month(choice, _OF_KEYS[keyed])
        return months if now else _then(months)
    ranged = bool(choice.first or choice.last)
    if now and not ranged:
        return PLACES
    if not (cuts & {"project", "category", "nature"} or _at_a_place(choice)):
        months = MONTHS_OF_NATURE if choice.nature else MONTHS
        return months if now else _then(months)
    return "\nunion all\n".join(_pieces() if now else [*_pieces(), *_SINCE])


def values(program_id: int, when: AsOf | None, choice: Choice) -> dict[str, Any]:
    """What stands for the months that are taken in pieces. One query, none where all time is asked for."""
    then = when is not None and not when.is_now
    if not (then or choice.first or choice.last):
        return cover.values([])
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct left(code, 4) from finance_fiscalperiod where program_id = %s order by 1",
            [program_id],
        )
        years = [row[0] for row in cursor.fetchall()]
    last = choice.last
    if when is not None and then:
        ended = cover.last_ended(when.day)
        last = min(last, ended) if last else ended
    return cover.values(cover.between(choice.first, last, years))


def _at_a_place(choice: Choice) -> bool:
    return bool(choice.project_id or choice.own or choice.category)


def _by_month(choice: Choice, of_keys: str) -> str:
    if not _at_a_place(choice):
        return MONTHS_OF_NATURE if choice.nature else MONTHS
    conditions = [
        "project_id is null" if choice.own else "project_id = %(project)s" if choice.project_id else "",
        "category = %(category)s" if choice.category else "",
        "nature = %(nature)s" if choice.nature else "",
        of_keys,
    ]
    return _MONTHS_OF_PLACE.format(place=" and ".join(one for one in conditions if one))


def _then(source: str) -> str:
    return "\nunion all\n".join([f"{source} and f.ends_on <= %(day)s", *_SINCE])
