"""Whose hours a task of MS Project runs on: those of the people who work on it, where they are not the project's.

A task's duration counts the time in which any of its people works; with a calendar of its own, the part of that
calendar in which they do. Those hours are worked out as a calendar, so that our engine gives the same dates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from zlib import crc32

from . import mspdi_calendars
from .draft import DAY, SUMMARY, ActivityDraft, CalendarDraft, Draft, ProjectDraft, Shift, Week, from_wall
from .mspdi_values import Values
from .xml_stream import Element

NOT_READ = "people who keep other hours than the project work on it, which was not read"
_MOST_PEOPLE, _MOST_MADE, _MOST_LAID = 10, 200, 400
_MARGIN = timedelta(days=366)
"""A holiday further than this behind the plan does not make somebody's hours others."""

Shifts = tuple[Shift, ...]


def take_hours(
    draft: Draft, project: ProjectDraft, tasks: list[Element], resources: list[Element], values: Values
) -> None:
    """Give tasks the hours of their people. Call it once calendars, tasks and assignments are read."""
    calendars = {one.code: one for one in draft.calendars}
    theirs = {
        element.get("UID"): calendars[code]
        for element in resources
        if element.get("Type") == "1"
        and (code := mspdi_calendars.code_of(element.get("CalendarUID"))) in calendars
    }
    people: dict[str, dict[str, CalendarDraft]] = {}
    for one in draft.assignments:
        if one.resource in theirs:
            calendar = theirs[one.resource]
            people.setdefault(one.activity, {})[calendar.code] = calendar
    if not people:
        return
    free = {element.get("UID") for element in tasks if element.get("IgnoreResourceCalendar") == "1"}
    hours = _Hours(draft, project)
    changed = 0
    for activity in draft.activities:
        found = people.get(activity.code, {})
        if not found or activity.kind == SUMMARY or activity.calendar == mspdi_calendars.CLOCK:
            continue
        if activity.calendar and activity.code in free:
            continue
        taken = hours.of(activity, found)
        if taken is None:
            draft.marks[project.code, activity.code] = NOT_READ
        elif taken != (activity.calendar or project.calendar):
            activity.calendar = taken
            changed += 1
    draft.calendars += hours.made
    if changed:
        values.problems.warn(
            values.file,
            None,
            "Resource",
            changed,
            "On these tasks work people who keep other hours than the project; as in MS Project, the tasks run "
            "on those hours.",
        )


class _Hours:
    """The calendars of groups of people, each made once."""

    def __init__(self, draft: Draft, project: ProjectDraft) -> None:
        self.made: list[CalendarDraft] = []
        self._by_code = {one.code: one for one in draft.calendars}
        self._usual = project.calendar
        known = [project.start, project.finish]
        known += [at for one in draft.stored.values() for at in (one.early_finish, one.late_finish)]
        days = [from_wall(at).date() for at in known if at is not None]
        self._first = min(days, default=date.min)
        self._last = max(days, default=date.max - _MARGIN) + _MARGIN
        self._codes: dict[tuple[str, ...], str | None] = {}
        self._count = 0  # of groups whose hours were worked out, whatever became of them: that is what costs

    def of(self, activity: ActivityDraft, people: dict[str, CalendarDraft]) -> str | None:
        """The code of the calendar that a task with these people runs on; None where it cannot be made."""
        own = activity.calendar
        key = (own, *sorted(people))
        if key not in self._codes:
            self._codes[key] = self._code(own, people)
        return self._codes[key]

    def _code(self, own: str, people: dict[str, CalendarDraft]) -> str | None:
        base = self._by_code[own or self._usual]
        if all(self._same(one, base) for one in people.values()):
            return base.code
        if len(people) > _MOST_PEOPLE or len(self.made) == _MOST_MADE or self._count == _MOST_LAID:
            return None
        self._count += 1
        listed = [people[code] for code in sorted(people)]
        together = listed[0] if len(listed) == 1 else _laid(listed, _any_of)
        if own:
            together = _laid([base, together], _all_of)
        elif len(listed) == 1:
            return together.code
        if self._same(together, base):
            return base.code
        if not any(together.week):
            return None
        spelled = "-".join((own, *sorted(people)))
        together.code = f"CAL{crc32(spelled.encode()):08x}"
        together.name = " and ".join(dict.fromkeys(one.name for one in listed))[:100]
        if together.code in self._by_code:
            return None
        self._by_code[together.code] = together
        self.made.append(together)
        return together.code

    def _same(self, one: CalendarDraft, other: CalendarDraft) -> bool:
        """Whether two calendars mean the same hours in the time of the plan."""
        if one.week != other.week:
            return False
        if one.exceptions == other.exceptions:
            return True
        days = one.exceptions.keys() | other.exceptions.keys()
        return all(_day(one, day) == _day(other, day) for day in days if self._first <= day <= self._last)


def _day(one: CalendarDraft, day: date) -> Shifts:
    return one.exceptions.get(day, one.week[day.weekday()])


def _laid(calendars: list[CalendarDraft], by: Callable[[Iterable[Shifts]], Shifts]) -> CalendarDraft:
    week: Week = tuple(by([one.week[day] for one in calendars]) for day in range(7))
    days = {day for one in calendars for day in one.exceptions}
    return CalendarDraft(
        "", "", week, {day: by([_day(one, day) for one in calendars]) for day in sorted(days)}
    )


def _any_of(days: Iterable[Shifts]) -> Shifts:
    """The minutes of a day in which any of these works."""
    merged: list[Shift] = []
    for start, end in sorted(shift for shifts in days for shift in shifts):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _all_of(days: Iterable[Shifts]) -> Shifts:
    """The minutes of a day in which all of these work."""
    left: Shifts = ((0, DAY),)
    for shifts in days:
        left = tuple((max(a, c), min(b, d)) for a, b in left for c, d in shifts if max(a, c) < min(b, d))
    return left
