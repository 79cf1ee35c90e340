"""Sums of a source of the ledger by two keys and by month: one statement, whatever is asked."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

from finance.ledger import sources
from finance.ledger.choice import Choice

NOT_BY_LINE: Final = "\x00"
"""Key of what the ledger holds and no cost line tells the vendor of."""

Places = dict[tuple[str | None, str | None], dict[str, int]]
"""First and second key -> kind of account -> minor units."""

COLUMNS = {
    "": "null::text",
    "project": "s.project_id::text",
    "category": "s.category::text",
    "nature": "s.nature::text",
    "vendor": "s.vendor::text",
    "period": "s.period::text",
}


def sums(
    source: str,
    by: str,
    then: str,
    choice: Choice,
    values: dict[str, Any],
    *,
    months: bool,
    cut: bool = True,
    vendor: bool = False,
    kind: str = "",
) -> tuple[Places, dict[str, dict[str, int]]]:
    """Sums of a source by two keys and by month; one statement, its texts all from this file."""
    where = sources.narrowed(choice, vendor=vendor) + (" and s.kind = %(kind)s" if kind else "")
    sets = [*(["(x, y, kind)"] if cut else []), *(["(m, kind)"] if months else [])]
    shown = ("x, y" if cut else "null, null") + (", m, grouping(m)" if months else ", null, 1")
    statement = f"""select {shown}, kind, sum(amount)::bigint from (
        select {COLUMNS[by]} as x, {COLUMNS[then]} as y, s.period::text as m, s.kind, s.amount
          from ({source}) s where {where}) t group by grouping sets ({", ".join(sets)})"""  # noqa: S608
    places: Places = {}
    by_month: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, values | {"kind": kind})
        for x, y, m, is_place, kind, amount in cursor.fetchall():
            if is_place:
                places.setdefault((x, y), {})[kind] = amount
            else:
                by_month.setdefault(m, {})[kind] = amount
    return places, by_month
