"""The two clocks in every address that shows figures: `at` (status date) and `known` (instant of knowledge)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_date, parse_datetime

from pmo.refusals import Refused
from pmo.zones import zone

EARLIEST, LATEST = 1900, 2200  # years, the last not included


@dataclass(frozen=True, slots=True)
class AsOf:
    """`at`: figures of the latest status at or before it; `known`: what was recorded by then. Aware, UTC."""

    at: datetime
    known: datetime
    is_now: bool
    label: str
    day: date

    @property
    def query(self) -> str:
        """What to append to an address to keep this view of time ("" for now)."""
        if self.is_now:
            return ""
        return f"?at={self.at.isoformat()}&known={self.known.isoformat()}".replace("+", "%2B")


def instant(text: str, time_zone: str) -> datetime:
    """An instant from an ISO date (its last moment in the zone) or date and time (in the zone unless it says).

    Raises Refused in words for anything else, and outside 1900 to 2200, where reckoning with days would run
    off the calendar.
    """
    clean = text.strip()
    if len(clean) <= 40:
        try:
            day = parse_date(clean)
            moment = parse_datetime(clean.replace(" ", "+") if "T" in clean else clean)
            if day is not None:
                moment = datetime.combine(day, time(23, 59, 59), zone(time_zone))
            if moment is not None and EARLIEST <= moment.year < LATEST:
                return (moment if moment.tzinfo else moment.replace(tzinfo=zone(time_zone))).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise Refused("That is not a date such as 2027-03-31.", field="at", code="bad-date")


def unmistakable(text: str, time_zone: str) -> datetime:
    """The same for a moment that people are held to: refused where the clock of the zone shows it never, or twice.

    A text with an offset of its own says which, and a bare date ends at 23:59:59. Raises Refused, as `instant` does.
    """
    moment = instant(text, time_zone)
    clean = text.strip()
    wall = parse_datetime(clean.replace(" ", "+") if "T" in clean else clean)
    if wall is None or wall.tzinfo is not None:
        return moment
    first, second = (wall.replace(tzinfo=zone(time_zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    shown = f"{wall:%H:%M} on {wall.day} {wall:%b %Y}"
    if first > second:
        raise Refused(
            f"The clock in {time_zone} does not show {shown}: it goes forward then.", code="bad-date"
        )
    if first < second:
        raise Refused(
            f"The clock in {time_zone} shows {shown} twice: it goes back then. Choose another time.",
            code="bad-date",
        )
    return moment


def as_of(request: HttpRequest | Any, program: Any, *, now: datetime | None = None) -> AsOf:
    """Read both clocks from the address; without them, now."""
    moment = now or datetime.now(UTC)
    at_text, known_text = request.GET.get("at", ""), request.GET.get("known", "")
    at = instant(at_text, program.time_zone) if at_text else moment
    known = min(instant(known_text, program.time_zone), moment) if known_text else moment
    local = at.astimezone(zone(program.time_zone))
    return AsOf(
        at=at,
        known=known,
        is_now=not at_text and not known_text,
        label=f"{local.day} {local:%b %Y}",
        day=local.date(),
    )
