"""Plans and expectations as a planner writes them down, for the engine's tests.

An activity is a line: its name, its duration (`5d` of eight hours, `4h`, `30m`), then words:

    after=A,B:SS+2d,C:FF-1d   links, finish to start unless said; lags `2d 4h` working, `2e` elapsed days, `50%`
    snet= snlt= fnet= fnlt= mso= mfo= alap   constraints; a second one with `2:` in front (`2:fnlt=01-20`)
    deadline= began= ended= left=3d   deadline, actual start and finish, remaining duration
    cal=six  kind=start|finish|effort|summary  under=S  in=1   calendar, kind, parent, project

Dates are month-day of 2027 (4 January is a Monday), with `T13:00` or else 08:00 for starts and 17:00 for
finishes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from programs.engine import (
    Constraint,
    Kind,
    LagUnit,
    LinkKind,
    Plan,
    Project,
    Rules,
    Schedule,
    Shift,
    WorkCalendar,
    schedule,
)

OFFICE: list[Shift] = [(480, 720), (780, 1020)]
FIVE_DAYS: list[list[Shift]] = [OFFICE] * 5 + [[], []]
FIRST, LAST = date(2027, 1, 1), date(2027, 12, 31)
_EPOCH = datetime(1970, 1, 1)

_KINDS = {"start": Kind.START_MILESTONE, "finish": Kind.FINISH_MILESTONE}
_KINDS |= {"effort": Kind.LEVEL_OF_EFFORT, "summary": Kind.SUMMARY}
_LINKS = {"FS": LinkKind.FINISH_START, "SS": LinkKind.START_START}
_LINKS |= {"FF": LinkKind.FINISH_FINISH, "SF": LinkKind.START_FINISH}
_CONSTRAINTS = {
    "alap": Constraint.AS_LATE_AS_POSSIBLE,
    "snet": Constraint.START_NO_EARLIER_THAN,
    "snlt": Constraint.START_NO_LATER_THAN,
    "fnet": Constraint.FINISH_NO_EARLIER_THAN,
    "fnlt": Constraint.FINISH_NO_LATER_THAN,
    "mso": Constraint.MUST_START_ON,
    "mfo": Constraint.MUST_FINISH_ON,
}
_DATED = {*_CONSTRAINTS, "deadline", "began", "ended"}
_COLUMNS = (
    *("calendar", "duration", "project", "kind", "parent", "constraint", "constraint_date"),
    *(
        "second_constraint",
        "second_constraint_date",
        "deadline",
        "actual_start",
        "actual_finish",
        "remaining",
    ),
)
_AT_FINISH = {"fnet", "fnlt", "mfo", "deadline", "ended"}


def week(days: Sequence[Sequence[Shift]], *closed: str, **opened: list[Shift]) -> WorkCalendar:
    """A working week of 2027 with holidays (`"01-06"`) and other days (`d01_09=OFFICE`)."""
    exceptions: dict[date, Sequence[Shift]] = {date.fromisoformat(f"2027-{day}"): [] for day in closed}
    for name, shifts in opened.items():
        exceptions[date.fromisoformat(f"2027-{name[1:].replace('_', '-')}")] = shifts
    return WorkCalendar.weekly(days, exceptions, first=FIRST, last=LAST)


CALENDARS = {
    "office": week(FIVE_DAYS),
    "six": week([OFFICE] * 6 + [[]]),
    "always": week([[(0, 1440)]] * 7),
    "nights": week([[(0, 360), (1320, 1440)]] * 7),
    "holiday": week(FIVE_DAYS, "01-06"),
    "mornings": week([[(480, 720)]] * 5 + [[], []]),
}


def minute(text: str, clock: str = "08:00") -> int:
    """`01-06` or `01-06T13:00` of 2027, or a full ISO date and time, as a wall minute."""
    text = text if len(text) > 11 else f"2027-{text}"
    moment = datetime.fromisoformat(text if "T" in text else f"{text}T{clock}")
    return int((moment - _EPOCH).total_seconds()) // 60


def wall(t: int) -> str:
    """A wall minute as `01-06 13:00` (with the year where it is not 2027)."""
    moment = _EPOCH + timedelta(minutes=t)
    return moment.strftime("%m-%d %H:%M" if moment.year == 2027 else "%Y-%m-%d %H:%M")


def minutes(text: str) -> int:
    """`2d`, `-4h`, `30m` or `0` as working minutes."""
    number, unit = float(text.rstrip("dhm")), text[-1]
    return round(number * {"d": 480, "h": 60}.get(unit, 1))


def days(work: int) -> str:
    """Working minutes as `2d`, `0.5d`."""
    return f"{work / 480:g}d"


class Worked:
    """A plan from text, and its schedule by names."""

    def __init__(
        self,
        text: str,
        rules: Rules | None = None,
        *,
        projects: Sequence[Project] | None = None,
        **frame: object,
    ):
        lines = [line.split() for line in text.strip().splitlines() if line.strip()]
        self.names = [line[0] for line in lines]
        calendar_names = list(CALENDARS)
        columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
        links: list[tuple[int, int, int, int, int]] = []
        for j, (_, duration, *words) in enumerate(lines):
            row: dict[str, object] = {
                "calendar": 0, "duration": minutes(duration), "project": 0, "kind": 0, "parent": -1,
                "constraint": 0, "second_constraint": 0,
            }  # fmt: skip
            for word in words:
                key, _, value = word.partition("=")
                second = key.startswith("2:")
                key = key.removeprefix("2:")
                date_at = (
                    minute(value, "17:00" if key in _AT_FINISH else "08:00")
                    if key in _DATED and value
                    else None
                )
                if key == "after":
                    links += [self._link(j, link) for link in value.split(",")]
                elif key in _CONSTRAINTS:
                    prefix = "second_" if second else ""
                    row[f"{prefix}constraint"], row[f"{prefix}constraint_date"] = _CONSTRAINTS[key], date_at
                elif key in ("deadline", "began", "ended"):
                    row[{"began": "actual_start", "ended": "actual_finish"}.get(key, key)] = date_at
                elif key == "left":
                    row["remaining"] = minutes(value)
                elif key == "cal":
                    row["calendar"] = calendar_names.index(value)
                elif key == "kind":
                    row["kind"] = _KINDS[value]
                elif key == "under":
                    row["parent"] = self.names.index(value)
                elif key == "in":
                    row["project"] = int(value)
                else:
                    raise ValueError(f"unknown word {word}")
            for key, column in columns.items():
                column.append(row.get(key))
        start = Project(start=minute("01-04"))
        self.plan = Plan(
            calendars=list(CALENDARS.values()),
            projects=list(projects) if projects else [replace(start, **frame)],  # type: ignore[arg-type]
            predecessor=[link[0] for link in links],
            successor=[link[1] for link in links],
            link_kind=[link[2] for link in links],
            lag=[link[3] for link in links],
            lag_unit=[link[4] for link in links],
            **columns,
        )
        self.rules = rules or Rules()
        self.result: Schedule = schedule(self.plan, self.rules)

    def _link(self, j: int, text: str) -> tuple[int, int, int, int, int]:
        match = re.fullmatch(r"(\w+)(?::(FS|SS|FF|SF)([+-][\d.]+[dhme%])?)?", text)
        assert match, text
        name, kind, lag = match.groups()
        number, unit = 0, LagUnit.WORKING
        if lag and lag[-1] == "e":
            number, unit = round(float(lag[:-1]) * 1440), LagUnit.ELAPSED
        elif lag and lag[-1] == "%":
            number, unit = int(lag[:-1]), LagUnit.PERCENT
        elif lag:
            number = minutes(lag)
        return self.names.index(name), j, _LINKS[kind or "FS"], number, unit

    def __getitem__(self, name: str) -> int:
        return self.names.index(name)

    def early(self, name: str) -> str:
        """Early start and finish, as `01-06 08:00 .. 01-08 17:00`."""
        i = self[name]
        return f"{wall(self.result.early_start[i])} .. {wall(self.result.early_finish[i])}"

    def late(self, name: str) -> str:
        """Late start and finish."""
        i = self[name]
        return f"{wall(self.result.late_start[i])} .. {wall(self.result.late_finish[i])}"

    def floats(self, name: str) -> str:
        """Total and free float, as `2d 0d`."""
        i = self[name]
        return f"{days(self.result.total_float[i])} {days(self.result.free_float[i])}"

    def path(self) -> str:
        """The names on the longest path, in the order of the table."""
        return "".join(name for name, on in zip(self.names, self.result.on_longest_path, strict=True) if on)

    def check(self, expected: str) -> None:
        """Compare with lines of `name early-start .. early-finish [total free]`."""
        lines = [line.split(maxsplit=1) for line in expected.strip().splitlines()]
        assert lines
        got, want = [], []
        for name, rest in lines:
            rest = " ".join(rest.split())
            want.append(f"{name} {rest}")
            full = f"{name} {self.early(name)} {self.floats(name)}"
            got.append(full if len(rest.split()) > 5 else f"{name} {self.early(name)}")
        assert got == want
