"""A period of the ERP against the same period of the books: every step between the two totals, and what is left.

In all, and of each source of cost files. All amounts are minor units of the program's currency; rounding has parts
of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection

from finance.reconciliation.models import ErpTotal
from finance.structure.models import FiscalPeriod

STEPS = ("entered", "entered_late", "rounding", "waiting", "faulty", "left_out")
"""What the total of a source is explained by; each may cancel another."""


@dataclass(slots=True)
class Side:
    """What the books know of the ERP's costs of a period, of one source or of all of them."""

    name: str = ""
    source_id: int | None = None
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
    awaited: bool = False
    """It told costs of an earlier period and has not ended: where it is silent, its total is asked for (0 counts)."""
    ended: str = ""
    """The period it ended with, where that was before this one: nobody can say a total of it."""

    @property
    def told(self) -> bool:
        """Whether anything is known of it in this period, even where it adds up to nothing."""
        return self.stated is not None or any(getattr(self, name) for name in STEPS)

    @property
    def explained(self) -> Decimal:
        """What the books know of the ERP's total."""
        return self.entered + self.entered_late + self.waiting + self.faulty + self.left_out + self.rounding

    @property
    def total(self) -> int | None:
        """What the ERP says; None where nobody said it.

        Of a source that had ended nobody can: what its files told of later days, and nothing of which is entered, is
        all there is to know, and must not leave the month unknown for ever.
        """
        if self.ended and not (
            self.entered or self.entered_late or (self.stated and self.stated.amount_minor)
        ):
            return int(self.explained)
        return None if self.stated is None else self.stated.amount_minor

    @property
    def unexplained(self) -> Decimal | None:
        """The ERP's total less what is explained; None where it is not known."""
        return None if self.total is None else self.total - self.explained


@dataclass(slots=True)
class Reconciliation(Side):
    """The steps from the ERP's total to what was spent in the ledger, in all and source by source."""

    sides: list[Side] = field(default_factory=list)
    """By name, of each source that told costs of the period, or of one before it, or whose total was said; last what
    came from none."""
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
    def by_source(self) -> bool:
        """Whether there is a source to tell apart."""
        return any(side.source_id is not None for side in self.sides)

    @property
    def summed(self) -> int | None:
        """What the sources' own totals add up to; None unless every one of them was said that can be."""
        totals = [side.total for side in self.sides]
        known = [total for total in totals if total is not None]
        said = any(side.stated for side in self.sides)
        return sum(known) if said and len(known) == len(totals) else None

    @property
    def total(self) -> int | None:
        """What the ERP says of all sources together: said as such, or else the sum of theirs."""
        return self.summed if self.stated is None else self.stated.amount_minor


# Of each source of files; those that were read without one stand under none.
_SUMS = """
select b.cost_source_id, b.source = 'plan' as plan, s.adjusts, s.period_id = %(period)s as here,
       sum(s.amount_minor)::bigint, sum(s.rounding)
  from finance_actualbatchsum s join finance_actualbatch b on b.id = s.batch_id
 where s.program_id = %(program)s and (s.period_id = %(period)s or s.adjusts = %(code)s)
 group by 1, 2, 3, 4 order by 3
"""
_ON_TRIAL = """
select b.cost_source_id, coalesce(sum(s.amount_minor) filter (where s.problem = ''), 0)::bigint,
       coalesce(sum(s.amount_minor) filter (where s.problem <> ''), 0)::bigint
  from finance_actualbatch b join finance_stagedactual s on s.batch_id = b.id
 where b.program_id = %(program)s and b.state = 'read' and b.source = 'file' and not s.known
   and s.effective between %(first)s and %(last)s
 group by 1
"""
_LEFT_OUT = """
select b.cost_source_id, coalesce(sum(l.amount_minor), 0)::bigint
  from finance_leftoutrow l join finance_actualbatch b on b.id = l.batch_id
 where l.program_id = %(program)s and l.effective between %(first)s and %(last)s
 group by 1
"""
# With costs of an earlier period, by the day they are of: silence of such a source is a question, not a nought, until
# it ended.
_SOURCES = """
select c.id, c.name, case when c.last_period < %(code)s then c.last_period else '' end,
       (c.last_period = '' or c.last_period >= %(code)s) and
       exists (select from finance_actualbatch b join finance_actualbatchsum s on s.batch_id = b.id
                 join finance_fiscalperiod p on p.id = s.period_id
                where b.program_id = c.program_id and b.cost_source_id = c.id and b.source = 'file'
                  and coalesce(nullif(s.adjusts, ''), p.code) < %(code)s)
  from finance_costsource c
 where c.program_id = %(program)s
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
    """The steps of one period and of each source in it, in six queries whatever it holds."""
    found = Reconciliation()
    sides: dict[int | None, Side] = {}
    for total in ErpTotal.objects.filter(period=period).select_related("entered_by"):
        if total.source_id is None:
            found.stated = total
        else:
            sides[total.source_id] = Side(source_id=total.source_id, stated=total)
    given: dict[str, Any] = {
        "program": period.program_id, "period": period.pk, "code": period.code, "first": period.starts_on,
        "last": period.ends_on,
    }  # fmt: skip

    def side(source: int | None) -> Side:
        return sides.setdefault(source, Side(source_id=source))

    with connection.cursor() as cursor:
        cursor.execute(_SUMS, given)
        for source, plan, adjusts, here, amount, rounding in cursor.fetchall():
            if plan:
                found.plans += amount if here else 0
            elif adjusts == period.code:
                side(source).entered_late += amount
            elif adjusts:
                found.earlier[adjusts] = found.earlier.get(adjusts, 0) + amount
            else:
                side(source).entered += amount
            if not plan and adjusts in ("", period.code):
                side(source).rounding += rounding
        cursor.execute(_ON_TRIAL, given)
        for source, waiting, faulty in cursor.fetchall():
            side(source).waiting, side(source).faulty = waiting, faulty
        cursor.execute(_LEFT_OUT, given)
        for source, left_out in cursor.fetchall():
            side(source).left_out = left_out
        cursor.execute(_LEDGER, given)
        found.spent, found.reversed = cursor.fetchone()
        cursor.execute(_SOURCES, given)
        names: dict[int | None, str] = {None: "No source named"}
        for source, name, ended, earlier in cursor.fetchall():
            names[source] = name
            if source in sides:
                sides[source].ended = ended
            if earlier:
                side(source).awaited = True
    _add_up(found, sides, names)
    found.other = found.spent - found.entered - sum(found.earlier.values()) - found.plans - found.reversed
    return found


def _add_up(found: Reconciliation, sides: dict[int | None, Side], names: dict[int | None, str]) -> None:
    """Name the sides, put them in order, and make the whole their sum."""
    for source, side in sides.items():
        side.name = names[source]
        for name in STEPS:
            setattr(found, name, getattr(found, name) + getattr(side, name))
    kept = [side for side in sides.values() if side.told or side.awaited]
    found.sides = sorted(kept, key=lambda side: (side.source_id is None, side.name))


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
