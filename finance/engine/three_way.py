"""Order, receipt and invoice held against each other (three-way match), and where the money of an order line stands.

Pure arithmetic: quantities are exact decimals, money whole minor units, percentages exact decimals. The value of a
quantity is quantity times the ordered price, rounded half to even, so that parts add up to their line whatever their
order: what stands somewhere is always a difference of two such values.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Line:
    """One order line so far: ordered, received and invoiced in all, and the ordered price of one (minor units)."""

    ordered: Decimal
    price: int
    received: Decimal = Decimal(0)
    invoiced: Decimal = Decimal(0)

    def worth(self, quantity: Decimal) -> int:
        """What so many are worth at the ordered price, in minor units."""
        return round(Fraction(quantity) * self.price)


class Standing(NamedTuple):
    """Money of an order line: still promised, and received but not invoiced (minor units)."""

    committed: int
    accrued: int


def standing(line: Line, *, running: bool = True) -> Standing:
    """Where the line's money stands. `running`: what has not come is still expected (the order is not ended).

    committed = worth(ordered) - worth(max(received, invoiced)), at least nothing;
    accrued = worth(received) - worth(min(received, invoiced)).
    """
    came = min(line.ordered, max(line.received, line.invoiced))
    committed = line.worth(line.ordered) - line.worth(came) if running else 0
    accrued = line.worth(line.received) - line.worth(min(line.received, line.invoiced))
    return Standing(committed, accrued)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an invoice may go beyond: quantity in percent of what came, price in percent and minor units a line.

    Of the two limits of the price the stricter holds.
    """

    quantity_percent: Decimal = Decimal(0)
    price_percent: Decimal = Decimal(0)
    price_minor: int = 0


class Breach(NamedTuple):
    """What does not match: `quantity` (invoiced in all, against received) or `price` (of one, against ordered)."""

    what: str
    asked: Fraction
    known: Fraction


def match(line: Line, quantity: Decimal, price: int, tolerance: Tolerance) -> list[Breach]:
    """Hold an invoiced quantity and price of one (minor units) against a line as it was before this invoice.

    Cheaper than ordered, or fewer than received, is no breach. Bounds themselves are within tolerance.
    """
    found = []
    in_all = Fraction(line.invoiced) + Fraction(quantity)
    received = Fraction(line.received)
    if in_all > received * (1 + Fraction(tolerance.quantity_percent) / 100):
        found.append(Breach("quantity", in_all, received))
    more = price - line.price
    if more > 0 and (
        more * Fraction(quantity) > tolerance.price_minor
        or more > Fraction(line.price) * Fraction(tolerance.price_percent) / 100
    ):
        found.append(Breach("price", Fraction(price), Fraction(line.price)))
    return found


BUCKETS = ("not due", "0-30", "31-60", "61-90", "over 90")


def bucket(days_late: int) -> str:
    """The ageing bucket of an unpaid invoice, by days since it was due (0 on that day; below: not due yet)."""
    if days_late < 0:
        return BUCKETS[0]
    return BUCKETS[1 + min(3, max(0, days_late - 1) // 30)]
