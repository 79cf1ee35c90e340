"""The steps of a reconciliation in words and figures, for the page, its files and the API."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from finance.reconciliation.selectors import Reconciliation
from finance.structure.models import FiscalPeriod
from finance.structure.shown import plain, shown
from pmo import formats


@dataclass(frozen=True, slots=True)
class Step:
    """One line: what it is, how much (minor units, as text where it has parts of one), and how it is meant."""

    key: str
    label: str
    minor: Decimal
    text: str
    plain: str
    note: str = ""
    total: bool = False
    bad: bool = False


def steps(found: Reconciliation, period: FiscalPeriod, currency: str) -> list[Step]:
    """From the ERP's total down to what is unexplained, then from what was entered to what the ledger says."""
    shut = formats.period(period.code)

    def line(key: str, label: str, amount: Decimal | int, note: str = "", *, total: bool = False) -> Step:
        minor = Decimal(amount)
        return Step(key, label, minor, shown(minor, currency), plain(minor, currency), note, total)

    made = []
    if found.stated is not None:
        made.append(line("erp", "Total of the ERP", found.stated.amount_minor, found.stated.note, total=True))
    made += [
        line("entered", f"Entered in {shut}", found.entered, "from cost files"),
        line("late", "Entered later", found.entered_late, f"adjustments of {shut}, since it was closed"),
        line("waiting", "Waiting for acceptance", found.waiting, "read without a fault"),
        line("faulty", "With a fault", found.faulty, "where day and amount can be read"),
        line("left-out", "Left out", found.left_out, "with a reason, where day and amount can be read"),
        line("rounding", "Rounding of converted costs", found.rounding, "exact less rounded"),
        line("explained", "Explained", found.explained, "", total=True),
    ]
    if found.unexplained is not None:
        left = found.unexplained
        step = line("unexplained", "Unexplained", left, "the ERP's total less what is explained", total=True)
        made.append(
            Step(step.key, step.label, left, step.text, step.plain, step.note, total=True, bad=bool(left))
        )
    made.append(line("entered-again", f"Entered in {shut}", found.entered, "as above"))
    made += [
        line(f"adjusts-{code}", f"Adjustments of {formats.period(code)}", amount, "late costs entered here")
        for code, amount in sorted(found.earlier.items())
    ]
    made += [
        line("plans", "From plans", found.plans, "told by imported plans, not by the ERP"),
        line("reversed", "Taken back", found.reversed, "by reversals"),
        line("other", "Other journals", found.other),
        line("spent", "Spent in the ledger", found.spent, "", total=True),
    ]
    return made
