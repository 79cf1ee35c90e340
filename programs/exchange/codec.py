"""A draft as JSON and back: what crosses the pipe between the parsing child and the process that asked.

Also the draft's digest, by which the same plan read twice is recognised.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from . import draft as kinds
from .draft import CalendarDraft, Draft, ProgramDraft

_TABLES: dict[str, type] = {
    "projects": kinds.ProjectDraft,
    "activities": kinds.ActivityDraft,
    "dependencies": kinds.DependencyDraft,
    "resources": kinds.ResourceDraft,
    "assignments": kinds.AssignmentDraft,
    "status_dates": kinds.StatusDateDraft,
    "progress": kinds.ProgressDraft,
    "baselines": kinds.BaselineDraft,
    "budget": kinds.BudgetLineDraft,
    "actuals": kinds.ActualCostDraft,
    "seconds": kinds.SecondConstraintDraft,
    "settings": kinds.SettingsDraft,
    "baseline_costs": kinds.BaselineCostDraft,
    "progress_now": kinds.ProgressNowDraft,
}
_LATER = ("seconds", "settings", "baseline_costs", "progress_now")
"""Tables that came later: left out of a digest where they are empty, so that older digests stay what they were."""
_ORDERED = ("projects", "activities")
"""Tables whose row order is part of the content (it is the order in which a plan is shown)."""


class _Shape:
    """How the rows of one table look: which positions hold exact numbers and dates, and which the line number."""

    def __init__(self, kind: type) -> None:
        declared = [(at, each.name, str(each.type)) for at, each in enumerate(fields(kind))]
        self.kind: Callable[..., Any] = kind
        self.values: Callable[[Any], tuple[Any, ...]] = attrgetter(*(name for _, name, _ in declared))
        self.numbers = [at for at, _, text in declared if text.startswith("Decimal")]
        self.dates = [at for at, _, text in declared if text == "date"]
        self.line = next((at for at, name, _ in declared if name == "row"), None)

    def plain(self, record: Any, number: Callable[[Decimal], str]) -> list[Any]:
        """One record as JSON values in the order of its fields."""
        row = list(self.values(record))
        for at in self.numbers:
            if row[at] is not None:
                row[at] = number(row[at])
        for at in self.dates:
            row[at] = row[at].isoformat()
        return row

    def revived(self, row: list[Any]) -> Any:
        """The record back from its JSON values."""
        for at in self.numbers:
            if row[at] is not None:
                row[at] = Decimal(row[at])
        for at in self.dates:
            row[at] = date.fromisoformat(row[at])
        return self.kind(*row)


_SHAPES = {name: _Shape(kind) for name, kind in _TABLES.items()}
_PROGRAM = attrgetter(*(each.name for each in fields(ProgramDraft)))
_LINE = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


def encode(draft: Draft) -> dict[str, Any]:
    """The draft as plain JSON values: each table a list of rows, a row a list of fields in declared order."""
    out: dict[str, Any] = {
        "source": draft.source,
        "program": list(_PROGRAM(draft.program)),
        "calendars": [_calendar_row(calendar) for calendar in draft.calendars],
        "unknown": draft.unknown,
        "dropped": draft.dropped,
        "own_codes": draft.own_codes,
    }
    for name, shape in _SHAPES.items():
        out[name] = [shape.plain(record, str) for record in getattr(draft, name)]
    return out


def decode(data: dict[str, Any]) -> Draft:
    """The draft back from `encode`'s values. Trusts them: they come from our own child process or our own table."""
    draft = Draft(
        source=data["source"], program=ProgramDraft(*data["program"]), unknown=list(data["unknown"])
    )
    draft.own_codes = bool(data.get("own_codes", False))
    draft.dropped = list(data.get("dropped", ()))
    draft.calendars = [_calendar(row) for row in data["calendars"]]
    for name, shape in _SHAPES.items():
        setattr(draft, name, [shape.revived(list(row)) for row in data.get(name, ())])
    return draft


def digest(draft: Draft) -> str:
    """SHA-256 (hex) over the draft's content.

    Does not depend on how a file was zipped, on quoting, on line numbers, on how a number was written (1, 1.0), or
    on the order of rows except where that order is content (projects, activities).
    """
    spelling = _Spelling()
    total = hashlib.sha256()
    total.update(_LINE([draft.source, *_PROGRAM(draft.program)]).encode())
    parts = {"calendars": [_LINE(_calendar_row(calendar)) for calendar in draft.calendars]}
    for name, shape in _SHAPES.items():
        lines = []
        for record in getattr(draft, name):
            row = shape.plain(record, spelling)
            if shape.line is not None:
                row[shape.line] = 0
            lines.append(_LINE(row))
        parts[name] = lines
    for name, lines in sorted(parts.items()):
        if not lines and name in _LATER:
            continue
        if name not in _ORDERED:
            lines.sort()
        total.update(f"\n{name} {len(lines)}\n".encode())
        total.update("\n".join(lines).encode())
    return total.hexdigest()


class _Spelling(dict[Decimal, str]):
    """One spelling for one number: no trailing zeros, no exponent, no negative zero. Remembers what it spelt."""

    def __call__(self, number: Decimal) -> str:
        return self[number]

    def __missing__(self, number: Decimal) -> str:
        text = format(number, "f") if number else "0"
        self[number] = text = text.rstrip("0").rstrip(".") if "." in text else text
        return text


def _calendar_row(calendar: CalendarDraft) -> list[Any]:
    exceptions = {day.isoformat(): shifts for day, shifts in sorted(calendar.exceptions.items())}
    return [calendar.code, calendar.name, calendar.week, exceptions]


def _calendar(row: list[Any]) -> CalendarDraft:
    code, name, week, exceptions = row
    return CalendarDraft(
        code,
        name,
        tuple(_shifts(day) for day in week),
        {date.fromisoformat(day): _shifts(shifts) for day, shifts in exceptions.items()},
    )


def _shifts(pairs: list[list[int]]) -> tuple[kinds.Shift, ...]:
    return tuple((a, b) for a, b in pairs)
