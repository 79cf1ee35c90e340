"""What an edit would move, as the form shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from pmo import formats
from pmo.zones import zone
from programs.master_plan.would_move import Move, Named, Shift, WouldMove
from programs.portfolio.models import Program


@dataclass(frozen=True, slots=True)
class Row:
    """One activity, milestone or project that moves, in strings."""

    activity_id: int | None
    label: str
    project: str
    before: str
    after: str
    days: str
    later: bool
    committed: str = ""
    """The day it was committed for, empty where it was not."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A `WouldMove` in words and strings; lists are its first ones, `more_...` how many others there are."""

    headline: str
    warnings: list[str]
    finishes: list[Row]
    milestones: list[Row]
    more_milestones: int
    moves: list[Row]
    more_moves: int
    path: list[tuple[str, list[Named], int]]
    """(what happens, to whom, how many others)."""
    findings: list[tuple[str, Named | None]]
    more_findings: int


def told(program: Program, found: WouldMove) -> Preview:
    """The answer in words, on the program's clock."""
    on = zone(program.time_zone)

    def row(one: Move) -> Row:
        moved = one.finish if one.finish[0] != one.finish[1] else one.start
        return Row(
            one.activity.activity_id,
            f"{one.activity.code} {one.activity.name}",
            one.activity.project,
            formats.moment(moved[0], on),
            formats.moment(moved[1], on),
            days(one.days),
            one.days > 0,
            formats.day(one.committed.astimezone(on)) if one.committed else "",
        )

    def finish(one: Shift) -> Row:
        return Row(
            None,
            one.name,
            "",
            formats.moment(one.before, on),
            formats.moment(one.after, on),
            days(one.days),
            one.days > 0,
        )

    return Preview(
        headline=_headline(found),
        warnings=_warnings(program, found),
        finishes=[finish(found.finish), *map(finish, found.projects)],
        milestones=[row(one) for one in found.milestones],
        more_milestones=found.milestones_moved - len(found.milestones),
        moves=[row(one) for one in found.moves],
        more_moves=found.moved - len(found.moves),
        path=[
            (what, who, count - len(who))
            for what, who, count in (
                ("Would become critical", found.joins, found.joined),
                ("Would no longer be critical", found.leaves, found.left),
            )
            if count
        ],
        findings=found.findings,
        more_findings=found.new_findings - len(found.findings),
    )


def days(value: float) -> str:
    """`+3 d`, `−0.4 d`: days on the clock, with a tenth only where there is one."""
    rounded = round(value, 1)
    return formats.delta_days(rounded, 0 if rounded == int(rounded) else 1)


def seal(changes: Mapping[str, Any]) -> str:
    """A short text that only these changes have: who agreed to them did not agree to others."""
    plain = sorted((name, getattr(value, "pk", value)) for name, value in changes.items())
    text = repr(
        [(name, value.isoformat() if isinstance(value, datetime) else str(value)) for name, value in plain]
    )
    return sha256(text.encode()).hexdigest()[:16]


def _headline(found: WouldMove) -> str:
    if not found:
        return "Nothing would move: all dates and the critical path stay, and no finding is new."
    moved = formats.counted(found.moved, "activity", "activities")
    finish = (
        f"the program’s finish moves {days(found.finish.days)}"
        if found.finish.days
        else "the program’s finish stands"
    )
    milestones = formats.counted(found.milestones_moved, "milestone", "milestones")
    return f"{moved} would move, {milestones} among them; {finish}."


def _warnings(program: Program, found: WouldMove) -> list[str]:
    said = []
    if found.committed:
        said.append(
            f"{formats.counted(found.committed, 'committed milestone', 'committed milestones')} would move later."
        )
    if found.promised_missed:
        said.append(f"The finish promised for {formats.day(program.committed_finish)} would be missed.")
    return said
