"""A period of the ERP against the same period of the books: every step between the two totals, and what is left.

All amounts are minor units of the program's currency; rounding has parts of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection

from finance.reconciliation.models import ErpTotal
from finance.structure.models import FiscalPeriod


@dataclass(slots=True)
class Reconciliation:
    """The steps from the ERP's total to what was spent in the ledger."""

    entered: int = 0
    """Entered in the period itself, from files."""
    entered_late: int = 0
    """Costs of this period that were entered in a later one, since it was closed."""
    rounding: Decimal = Decimal(0)
    """What converting took away: exact less rounded."""
    waiting: int = 0
    """Read, without a fault, and not accepted yet."""
    left_out: int = 0
    """Left out of their files by somebody, with a reason."""
    faulty: int = 0
    """Read, with a fault, where day and amount can be read."""
    stated: ErpTotal | None = None
    earlier: dict[str, int] = field(default_factory=dict)
    """Late costs of earlier periods that were entered in this one, by their period."""
    plans: int = 0
    """Costs that came with plans, not from the ERP."""
    reversed: int = 0
    """Taken back in this period by reversals."""
    other: int = 0
    """Anything else that was spent in the ledger."""
    spent: int = 0

    @property
    def explained(self) -> Decimal:
        """What the books know of the ERP's total."""
        return self.entered + self.entered_late + self.waiting + self.faulty + self.left_out + self.rounding

    @property
    def unexplained(self) -> Decimal | None:
        """The ERP's total less what is explained; None where it is not known."""
        return None if self.stated is None else self.stated.amount_minor - self.explained


_SUMS = """
select b.source = 'plan' as plan, s.adjusts, s.period_id = %(period)s as here, sum(s.amount_minor)::bigint,
       sum(s.rounding)
  from finance_actualbatchsum s join finance_actualbatch b on b.id = s.batch_id
 where s.program_id = %(program)s and (s.period_id = %(period)s or s.adjusts = %(code)s)
 group by 1, 2, 3 order by 2
"""
_ON_TRIAL = """
select coalesce(sum(s.amount_minor) filter (where s.problem = ''), 0)::bigint,
       coalesce(sum(s.amount_minor) filter (where s.problem <> ''), 0)::bigint
  from finance_actualbatch b join finance_stagedactual s on s.batch_id = b.id
 where b.program_id = %(program)s and b.state = 'read' and b.source = 'file' and not s.known
   and s.effective between %(first)s and %(last)s
"""
_LEDGER = """
select coalesce(sum(t.amount), 0)::bigint,
       (select coalesce(sum(p.amount), 0)::bigint
          from finance_journal j join finance_journal o on o.id = j.reverses_id
          join finance_posting p on p.journal_id = j.id
          join finance_account a on a.id = p.account_id and a.kind = 'spent'
         where j.program_id = %(program)s and j.kind = 'reversal' and j.period_id = %(period)s)
  from finance_ledgertotal t
 where t.program_id = %(program)s and t.period_id = %(period)s and t.kind = 'spent'
"""


def reconcile(period: FiscalPeriod) -> Reconciliation:
    """The steps of one period, in five queries whatever it holds."""
    found = Reconciliation(stated=ErpTotal.objects.filter(period=period).select_related("entered_by").first())
    given: dict[str, Any] = {
        "program": period.program_id, "period": period.pk, "code": period.code, "first": period.starts_on,
        "last": period.ends_on,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, given)
        for plan, adjusts, here, amount, rounding in cursor.fetchall():
            if plan:
                found.plans += amount if here else 0
                continue
            if adjusts == period.code:
                found.entered_late += amount
            elif adjusts:
                found.earlier[adjusts] = amount
            else:
                found.entered += amount
            found.rounding += rounding if adjusts in ("", period.code) else 0
        cursor.execute(_ON_TRIAL, given)
        found.waiting, found.faulty = cursor.fetchone()
        cursor.execute(
            """select coalesce(sum(amount_minor), 0)::bigint from finance_leftoutrow
                where program_id = %(program)s and effective between %(first)s and %(last)s""",
            given,
        )
        found.left_out = cursor.fetchone()[0]
        cursor.execute(_LEDGER, given)
        found.spent, found.reversed = cursor.fetchone()
    found.other = found.spent - found.entered - sum(found.earlier.values()) - found.plans - found.reversed
    return found


def trail(period: FiscalPeriod) -> list[dict[str, Any]]:
    """What happened to a period: opened, closed, opened again; latest first."""
    events: Any = apps.get_model("finance", "FiscalPeriodEvent")
    rows = events.objects.filter(pgh_obj_id=period.pk).order_by("-pgh_id")[:50]
    return [
        {
            "at": one.pgh_created_at,
            "by": (one.pgh_context or {}).get("name", "the office"),
            "what": "Made"
            if one.pgh_label == "insert"
            else "Closed"
            if one.state == FiscalPeriod.State.CLOSED
            else "Opened again",
            "why": one.reopened_why if one.state == FiscalPeriod.State.OPEN else "",
        }
        for one in rows
    ]
