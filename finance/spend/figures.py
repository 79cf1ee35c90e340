"""The figures of one thing's money and how they hang together; no database, no Django.

Money that came to a place (granted, or moved there) is, at any moment, reserved, committed, accrued, spent, or left;
what was spent without it is `unfunded`. So for every line, and for every sum of lines:

    budget = reserved + committed + accrued + actual + left - unfunded
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, overload

KINDS: Final = {
    "available": "left",
    "reserve": "reserved",
    "committed": "committed",
    "accrued": "accrued",
    "spent": "actual",
}
"""Kind of account -> the figure that it is."""
SUMS: Final = ("budget", "reserved", "committed", "accrued", "actual", "left", "unfunded")
TITLES: Final = {
    "budget": "Budget",
    "reserved": "Reserved",
    "committed": "Committed",
    "accrued": "Accrued",
    "actual": "Actual",
    "left": "Left",
    "unfunded": "Without funding",
    "forecast": "Forecast (EAC)",
    "variance": "Budget − forecast",
    "used": "Used",
}


@dataclass(slots=True)
class Line:
    """Sums for one thing, minor units: `budget` granted and moved here, `left` of it not promised to anything.

    `unfunded` is the part of `actual` and `accrued` that nobody granted; `forecast` the estimate at completion
    where the thing has one. `parts` are the same figures cut once more.
    """

    key: Any
    label: str
    budget: int = 0
    reserved: int = 0
    committed: int = 0
    accrued: int = 0
    actual: int = 0
    left: int = 0
    unfunded: int = 0
    forecast: int | None = None
    parts: Sequence[Line] = field(default_factory=list)

    @property
    def used(self) -> int:
        """Committed, accrued and spent together."""
        return self.committed + self.accrued + self.actual

    @property
    def variance(self) -> int | None:
        """Budget less forecast; None without a forecast."""
        return None if self.forecast is None else self.budget - self.forecast

    def add(self, kind: str, amount: int) -> None:
        """Count what stands in accounts of a kind: all but `funding` is money that is, or was, here."""
        if kind == "funding":
            return
        self.budget += amount
        if kind == "unfunded":
            self.unfunded -= amount
        else:
            name = KINDS[kind]
            setattr(self, name, getattr(self, name) + amount)

    def merge(self, other: Line) -> None:
        """Add another line's sums to this one."""
        for name in SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not any(getattr(self, name) for name in SUMS)

    def used_percent(self) -> float | None:
        """Used in percent of the budget; None without one."""
        return 100 * self.used / self.budget if self.budget > 0 else None


class CostParts(Sequence[Line]):
    """Parts that are cost and nothing else, each made into a line when it is looked at.

    Vendors by month are ten thousands, and a page shows a hundred of them. `costs` are keys and minor units, in order.
    """

    def __init__(self, costs: list[tuple[Any, int]], make: Callable[[Any, int], Line]) -> None:
        self._costs, self._make = costs, make

    def __len__(self) -> int:
        return len(self._costs)

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> list[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | list[Line]:
        if isinstance(at, slice):
            return [self._make(*cost) for cost in self._costs[at]]
        return self._make(*self._costs[at])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CostParts) and self._costs == other._costs

    __hash__ = None  # type: ignore[assignment]


class Unread(Sequence[Line]):
    """Parts of which only the number is known: they are read (`Cut.fill`) before one is looked at."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> list[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | list[Line]:
        raise LookupError("these parts were only counted: fill the cut first")


def total(lines: Iterable[Line], label: str = "Total") -> Line:
    """The sum of lines; its forecast is left open."""
    found = Line(None, label)
    for line in lines:
        found.merge(line)
    return found


def forecast_total(lines: Iterable[Line], forecast: dict[int | None, int]) -> tuple[int | None, int | None]:
    """Sum of the forecasts of these projects, and of budget less forecast; None where none has a forecast.

    In minor units. A project (or the reserves) without a forecast counts in neither sum, as in the spend report.
    """
    known = [(line.budget, forecast[line.key]) for line in lines if line.key in forecast]
    if not known:
        return None, None
    return sum(estimate for _, estimate in known), sum(budget - estimate for budget, estimate in known)
