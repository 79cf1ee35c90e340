"""Reads of the sources of cost files: until when one told something, and what happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection

from finance.imports.models import CostSource
from pmo import formats

TRAIL = 50
_LAST = """
select told, what from (
  select coalesce(nullif(s.adjusts, ''), p.code) as told, 'costs' as what
    from finance_actualbatch b join finance_actualbatchsum s on s.batch_id = b.id
    join finance_fiscalperiod p on p.id = s.period_id
   where b.program_id = %(program)s and b.cost_source_id = %(source)s and b.source = 'file'
  union all
  select p.code, 'a total' from finance_erptotal t join finance_fiscalperiod p on p.id = t.period_id
   where t.program_id = %(program)s and t.source_id = %(source)s and t.amount_minor <> 0) all_of_it
 order by told desc, what desc limit 1
"""


def last_told(source: CostSource) -> tuple[str, str]:
    """The last period (2026-03) of which it told costs, or has a total other than 0, and which of them; "" if none."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, {"program": source.program_id, "source": source.pk})
        found = cursor.fetchone()
    return (found[0], found[1]) if found else ("", "")


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the life of a source."""

    at: datetime
    who: str
    what: str
    why: str = ""


def trail(source: CostSource) -> list[Step]:
    """The latest 50 steps, latest first: described, changed, ended, opened again."""
    events: Any = apps.get_model("finance", "CostSourceEvent")
    rows = list(events.objects.filter(pgh_obj_id=source.pk).order_by("-pgh_id")[: TRAIL + 1])
    steps = []
    for one, before in zip(rows, [*rows[1:], None], strict=True):
        what, why = "described it", ""
        if before is not None:
            what = "changed how its files are read"
            if one.last_period != before.last_period:
                what = (
                    f"ended it with {formats.period(one.last_period)}"
                    if one.last_period
                    else "opened it again"
                )
                why = one.end_why
        steps.append(Step(one.pgh_created_at, (one.pgh_context or {}).get("name", "the office"), what, why))
    return steps[:TRAIL]
