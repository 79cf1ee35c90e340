"""The steps of a reconciliation in words and figures, for the page, its files and the API."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from finance.reconciliation.selectors import Reconciliation, Side
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
    if found.total is not None:
        note = found.stated.note if found.stated else "the totals of its sources"
        made.append(line("erp", "Total of the ERP", found.total, note, total=True))
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


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source (or all of them) in words: its total, what is explained of it, what is not; "" where not known."""

    name: str
    source_id: int | None
    erp: str
    explained: str
    unexplained: str
    note: str
    bad: bool


def by_source(found: Reconciliation, currency: str) -> list[SourceLine]:
    """A line for each source, and in the end what they come to; nothing where no source is named."""

    def line(side: Side, name: str, note: str) -> SourceLine:
        left = side.unexplained
        return SourceLine(
            name,
            side.source_id,
            "" if side.total is None else shown(Decimal(side.total), currency),
            shown(Decimal(side.explained), currency),
            "" if left is None else shown(left, currency),
            note,
            bool(left),
        )

    if not found.by_source:
        return []
    made = [line(side, side.name, _note(side)) for side in found.sides]
    return [*made, line(found, "All sources", sources_against_whole(found, currency))]


def _note(side: Side) -> str:
    """Where its total is from, or that it is silent."""
    if side.ended and side.total is not None and not (side.stated and side.total == side.stated.amount_minor):
        return (
            f"ended with {formats.period(side.ended)}: what its files told of later days counts as its total"
        )
    if side.stated:
        return side.stated.note
    return (
        "" if side.told else "told nothing of this period, and something of one before: enter its total, or 0"
    )


def sources_against_whole(found: Reconciliation, currency: str) -> str:
    """How the total of all hangs together with those of the sources, in words."""
    if found.stated is None:
        if found.summed is not None:
            return "the sum of the sources' totals"
        return "not known until every source has a total, or one is entered for all"
    if found.summed is None:
        return "entered for all sources together"
    apart = found.stated.amount_minor - found.summed
    if not apart:
        return "entered for all; the sources' totals add up to it"
    return f"entered for all; {shown(Decimal(apart), currency)} more than the sources' totals together"


def file_rows(found: Reconciliation, period: FiscalPeriod, currency: str) -> list[tuple[str, str, str]]:
    """What a file holds: each step, then each source's total, explained and unexplained; label, amount, note."""
    rows = [(one.label, one.plain, one.note) for one in steps(found, period, currency)]
    for side in found.sides if found.by_source else []:
        for what, amount in (
            ("total of the ERP", side.total),
            ("explained", side.explained),
            ("unexplained", side.unexplained),
        ):
            known = "" if amount is None else plain(Decimal(amount), currency)
            rows.append((f"{side.name}: {what}", known, "" if known else "not known"))
    return rows
