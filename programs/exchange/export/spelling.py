"""How numbers, durations and times are spelt in files that go out: exactly, and without needless digits."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ..draft import Shift, iso


class Hours(dict[int | None, str]):
    """Minutes as hours, spelt once each."""

    def __missing__(self, minutes: int | None) -> str:
        text = "" if minutes is None else plain((Decimal(minutes) / 60).quantize(Decimal("0.000001")))
        self[minutes] = text
        return text


class Moments(dict[int | None, str]):
    """Wall minutes as local times, spelt once each."""

    def __missing__(self, minutes: int | None) -> str:
        text = self[minutes] = "" if minutes is None else iso(minutes)
        return text


def plain(number: Decimal | None) -> str:
    """A number without exponent and needless zeros; nothing for None."""
    if number is None:
        return ""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def cost_or_nothing(number: Decimal) -> str:
    """An amount, or nothing for 0."""
    return plain(number) if number else ""


def shifts_text(shifts: Iterable[Shift]) -> str:
    """Working times of a day as `08:00-12:00 13:00-17:00`."""
    return " ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in shifts)
