"""Rates that were corrected after a file was read: what its rows were converted by, and what holds now. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from finance.imports.models import ActualBatch
from finance.rates.converting import plain
from pmo import formats
from pmo.money import format_exact

# Converted rows are grouped by day and rate before a rate is looked for, so that a million of them ask a few times.
_STALE = """
select s.source_currency, s.effective, s.rate, r.rate, s.rows, s.minor
  from (select source_currency, effective, rate, count(*) as rows, sum(source_minor)::bigint as minor
          from finance_stagedactual
         where batch_id = %(batch)s and rate is not null and not known
         group by 1, 2, 3) s
  left join lateral (select rate from finance_exchangerate x
                      where x.program_id = %(program)s and x.currency = s.source_currency
                        and x.from_day <= s.effective
                      order by x.from_day desc limit 1) r on true
 where s.rate is distinct from r.rate
 order by 1, 2, 3"""


@dataclass(frozen=True, slots=True)
class Restated:
    """Costs of one day in one currency (their sum in its minor units), the rate they were read at, and that of now."""

    currency: str
    day: str
    before: Decimal
    now: Decimal | None
    rows: int
    minor: int

    @property
    def sentence(self) -> str:
        """For people."""
        sum_ = format_exact(self.minor, self.currency)
        costs = f"{formats.counted(self.rows, 'cost', 'costs')} of {self.day}, {sum_}"
        now = f"{plain(self.now)} now" if self.now is not None else "without a rate now"
        return f"{costs}: read at {plain(self.before)}, {now}."


def restated(batch: ActualBatch) -> list[Restated]:
    """What was converted at a rate that holds no more, by currency and day."""
    with connection.cursor() as cursor:
        cursor.execute(_STALE, {"batch": batch.pk, "program": batch.program_id})
        return [
            Restated(currency, formats.day(day), before, now, rows, minor)
            for currency, day, before, now, rows, minor in cursor.fetchall()
        ]


def stale_rows(batch: ActualBatch) -> list[int]:
    """The numbers of the rows meant by `restated`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select s.row from finance_stagedactual s
                where s.batch_id = %(batch)s and s.rate is not null and not s.known
                  and s.rate is distinct from (
                      select x.rate from finance_exchangerate x
                       where x.program_id = %(program)s and x.currency = s.source_currency
                         and x.from_day <= s.effective
                       order by x.from_day desc limit 1)""",
            {"batch": batch.pk, "program": batch.program_id},
        )
        return [number for (number,) in cursor.fetchall()]
