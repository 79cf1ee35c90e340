"""The values of GanttProject's XML: attributes as days, numbers and amounts; its calendar of whole days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from .cells import UNPRINTABLE
from .cells import day as day_of
from .draft import CalendarDraft, Shift, wall
from .mspdi_values import number, whole
from .problems import Problems
from .xml_stream import Element

T = TypeVar("T")
WHOLE_DAY: tuple[Shift, ...] = ((480, 720), (780, 1020))
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_DAYS = 3_660
_FARTHEST = 366 * 40


@dataclass(frozen=True, slots=True)
class Given:
    """Reads attributes of one file; what cannot be read is a problem at its line."""

    file: str
    problems: Problems

    def text(self, element: Element, name: str, most: int) -> str:
        """An attribute as text of one line."""
        return " ".join(UNPRINTABLE.sub(" ", element.attributes.get(name, "")).split())[:most]

    def error(self, element: Element, name: str, sentence: str) -> None:
        """What forbids accepting the file, at this element."""
        self.problems.error(self.file, element.line, name, element.attributes.get(name, ""), sentence)

    def _read(self, element: Element, name: str, read: Callable[[str], T], usual: T) -> T:
        text = element.attributes.get(name, "").strip()
        if not text:
            return usual
        try:
            return read(text)
        except ValueError as fault:
            self.error(element, name, f"The {name} {fault}.")
            return usual

    def whole(self, element: Element, name: str, usual: int, least: int, most: int) -> int:
        """A whole number between two bounds."""
        found = self._read(element, name, whole, usual)
        if least <= found <= most:
            return found
        self.error(element, name, f"The {name} is not between {least:,} and {most:,}.")
        return usual

    def number(self, element: Element, name: str, usual: Decimal) -> Decimal:
        """A plain decimal number."""
        return self._read(element, name, number, usual)

    def amount(self, element: Element, name: str) -> Decimal:
        """An amount in major units, not negative."""
        found = self.number(element, name, Decimal(0))
        if found < 0:
            self.error(element, name, f"The {name} is a negative amount.")
        return max(found, Decimal(0))

    def day(self, element: Element, name: str) -> date | None:
        """A day such as 2027-03-31; None where there is none."""
        return self._read(element, name, _day, None)


def _day(text: str) -> date | None:
    found = day_of(text)
    if not 1950 <= found.year <= 2150:
        raise ValueError("lies outside the years 1950 to 2150")
    return found


def moment_of(day: date) -> int:
    """The wall minute at which work begins on a day."""
    return wall(datetime(day.year, day.month, day.day, 8))


@dataclass(frozen=True, slots=True)
class Days:
    """The project's calendar, and counting working days on it."""

    calendar: CalendarDraft

    def works(self, day: date) -> bool:
        """Is it a working day?"""
        return bool(self.calendar.exceptions.get(day, self.calendar.week[day.weekday()]))

    def working_from(self, day: date) -> date:
        """The day itself, or the next working day."""
        for _ in range(_FARTHEST):
            if self.works(day):
                return day
            day += timedelta(days=1)
        return day

    def last(self, first: date, days: int) -> date:
        """The last of so many working days from `first` on, which is one; not farther than forty years."""
        day, left = first, days - 1
        for _ in range(_FARTHEST):
            if left <= 0:
                return day
            day += timedelta(days=1)
            left -= self.works(day)
        return day


def calendar(element: Element | None, years: range, given: Given) -> Days:
    """The week, and the days that differ from it; a day without a year comes in each of `years`."""
    week = [WHOLE_DAY] * 5 + [()] * 2
    exceptions: dict[date, tuple[Shift, ...]] = {}
    if element is not None:
        for types in element.all("day-types"):
            shown = any(one.attributes.get("value") == "true" for one in types.all("only-show-weekends"))
            for one in types.all("default-week"):
                for at, name in enumerate(_WEEK):
                    off = one.attributes.get(name, "0") == "1" and not shown
                    week[at] = () if off else WHOLE_DAY
        for one in element.all("date"):
            _exception(one, exceptions, years, given)
    if not any(week):
        given.problems.warn(
            given.file, None, "default-week", "", "No day of the week is worked; Monday to Friday is taken."
        )
        week = [WHOLE_DAY] * 5 + [()] * 2
    return Days(CalendarDraft("gan", "GanttProject", tuple(week), exceptions))


def _exception(one: Element, exceptions: dict[date, tuple[Shift, ...]], years: range, given: Given) -> None:
    kind = one.attributes.get("type", "HOLIDAY")
    month, day = given.whole(one, "month", 0, 1, 12), given.whole(one, "date", 0, 1, 31)
    if kind == "NEUTRAL" or not month or not day:
        return
    if len(exceptions) >= _MOST_DAYS:
        given.error(one, "date", f"A calendar has at most {_MOST_DAYS:,} days of its own.")
        return
    year = given.whole(one, "year", 0, 1950, 2150) if one.attributes.get("year", "").strip() else 0
    for each in [year] if year else years:
        try:
            exceptions[date(each, month, day)] = WHOLE_DAY if kind == "WORKING_DAY" else ()
        except ValueError:
            if year or (month, day) != (2, 29):
                given.error(one, "date", "This day is not in the calendar.")
                return
