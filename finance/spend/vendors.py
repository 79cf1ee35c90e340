"""Cost by vendor: whole, or so that only the parts of the lines on a page are read one by one.

What the ledger holds and no cost line tells the vendor of stands under `NOT_BY_LINE`. Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

from finance.ledger import sources, vendor_sources
from finance.spend.adding import COLUMNS, NOT_BY_LINE, Places, sums
from finance.spend.asking import Question

Months = dict[str, dict[str, int]]
"""Period -> kind of account -> minor units."""


@dataclass(frozen=True, slots=True)
class Told:
    """Costs cut twice, before their parts are read: key of a line -> minor units and how many parts it has.

    `rests` is what no cost line tells the vendor of, by the cut that is not the vendor.
    """

    lines: dict[str | None, tuple[int, int]]
    rests: dict[str | None, int]
    months: Months


def costs(question: Question, now: bool, values: dict[str, Any]) -> tuple[Places, Months]:
    """All of it, by both keys and by month."""
    by, then = question.by, question.then
    one = question.vendor is not None
    lines, months = sums(_source(question, now), by, then, question.choice, values, months=one, vendor=one)
    if one:
        return lines, months
    told: dict[str | None, int] = {}
    for place, kinds in lines.items():
        key = place[0 if by != "vendor" else 1]
        told[key] = told.get(key, 0) + kinds["spent"]
    rests, months = _rests(question, now, values, told)
    for key, rest in rests.items():
        lines[(NOT_BY_LINE, key) if by == "vendor" else (key, NOT_BY_LINE)] = {"spent": rest}
    return lines, months


def told(question: Question, now: bool, values: dict[str, Any]) -> Told:
    """The lines of costs that are cut twice, with what is not told by any. Two statements, each adding up in SQL."""
    by, source = question.by, _source(question, now)
    # Where the source has one row for both keys, it is not grouped by them first.
    single = now and {by, question.then} == {"vendor", "period"}
    amount, groups = ("s.amount", "") if single else ("sum(s.amount)", " group by 1, 2")
    statement = f"""select x, y, grouping(y), sum(amount)::bigint, count(*) filter (where amount <> 0) from (
        select {COLUMNS[by]} as x, {COLUMNS[question.then]} as y, {amount} as amount
          from ({source}) s where {sources.narrowed(question.choice)}{groups}) t
        group by grouping sets ((x), (y))"""  # noqa: S608
    lines: dict[str | None, tuple[int, int]] = {}
    other: dict[str | None, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for x, y, is_line, total, parts in cursor.fetchall():
            if is_line:
                lines[x] = total, parts
            else:
                other[y] = total
    if by != "vendor":
        other = {key: total for key, (total, _) in lines.items()}
    rests, months = _rests(question, now, values, other)
    if by != "vendor":
        for key, rest in rests.items():
            total, parts = lines.get(key, (0, 0))
            lines[key] = total + rest, parts + 1
    elif rests:
        lines[NOT_BY_LINE] = sum(rests.values()), len(rests)
    return Told(lines, rests, months)


def parts(
    question: Question, now: bool, values: dict[str, Any], keys: Sequence[str | None]
) -> dict[str | None, list[tuple[str | None, int]]]:
    """The parts of these lines, without what no line tells: second key and minor units. One statement."""
    by = COLUMNS[question.by]
    keyed: Literal["", "vendor", "period"] = (
        "vendor" if question.by == "vendor" else "period" if question.by == "period" else ""
    )
    source = _source(question, now, keyed)
    statement = f"""select {by}, {COLUMNS[question.then]}, sum(s.amount)::bigint from ({source}) s
         where {sources.narrowed(question.choice)} and {by} = any(%(keys)s)
         group by 1, 2 having sum(s.amount) <> 0"""  # noqa: S608
    found: dict[str | None, list[tuple[str | None, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, values | {"keys": list(keys)})
        for x, y, amount in cursor.fetchall():
            found.setdefault(x, []).append((y, amount))
    return found


def _rests(
    question: Question, now: bool, values: dict[str, Any], told: dict[str | None, int]
) -> tuple[dict[str | None, int], Months]:
    """What the ledger holds beyond what was `told`, by the cut that is not the vendor; and all of it by month."""
    by, choice = question.by, question.choice
    other = question.then if by == "vendor" else by
    fine = bool({"category", "nature"} & {by, question.then} or choice.category or choice.nature)
    kept = (sources.CELLS, sources.THEN) if fine else (sources.TOTALS, sources.THEN_TOTALS)
    source = kept[0 if now else 1]
    held, months = sums(source, other, "", choice, values, months=True, kind="spent")
    rests = {
        key: rest
        for key in [*(x for x, _ in held), *(key for key in told if (key, None) not in held)]
        if (rest := held.get((key, None), {}).get("spent", 0) - told.get(key, 0))
    }
    return rests, months


def _source(question: Question, now: bool, keyed: Literal["", "vendor", "period"] = "") -> str:
    cuts = frozenset({question.by, question.then})
    one = question.vendor is not None
    return vendor_sources.by_vendor(question.choice, cuts=cuts, now=now, one=one, keyed=keyed)
