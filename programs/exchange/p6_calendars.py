"""Primavera's calendars: the nested text that XER files keep them in, weeks, exceptions and inheritance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from .draft import CalendarDraft, Shift, Week
from .p6_values import Fields, Row

STANDARD: tuple[Shift, ...] = ((480, 720), (780, 1020))
_MAX_DEPTH = 12
_MOST_EXCEPTIONS = 20_000
_EXCEL_EPOCH = date(1899, 12, 30)
_HEAD = re.compile(r"\(0\|\|([A-Za-z0-9]*)\(")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?\s*([AaPp][Mm])?", re.ASCII)
_BLANK = re.compile(r"[\s\x7f]*")


@dataclass(slots=True)
class Own:
    """What a calendar itself says: days from Monday (absent: inherited), exceptions, the calendar below it."""

    row: Row
    days: dict[int, tuple[Shift, ...]] = field(default_factory=dict)
    exceptions: dict[date, tuple[Shift, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class _Node:
    name: str
    values: str
    children: list[_Node]


def code_of(number: str) -> str:
    """The code of the calendar with this id."""
    return f"CAL{number}"


def from_text(row: Row, fields: Fields) -> Own:
    """A calendar from its `clndr_data`; without any, Monday to Friday, 8 to 12 and 13 to 17, is taken and said."""
    own = Own(row)
    text = row.get("clndr_data", "")
    try:
        root = _nodes(text) if text.strip() else []
        for node in _walk(root):
            if node.name == "DaysOfWeek":
                for day in node.children:
                    if day.name.isdigit() and 1 <= int(day.name) <= 7:
                        own.days[(int(day.name) + 5) % 7] = _shifts(day, row, fields)  # 1 is Sunday
            elif node.name == "Exceptions":
                for each in node.children[:_MOST_EXCEPTIONS]:
                    serial = _value(each.values, "d")
                    if serial.isascii() and serial.isdigit() and len(serial) < 6:
                        own.exceptions[_EXCEL_EPOCH + timedelta(days=int(serial))] = _shifts(
                            each, row, fields
                        )
    except ValueError as fault:
        fields.error(row, "clndr_data", row.get("clndr_name", ""), f"The calendar's hours {fault}.")
    return own


def resolved(every: Sequence[Own], fields: Fields) -> list[CalendarDraft]:
    """All calendars with what they inherit worked out: days they do not name, and exceptions."""
    by_id = {own.row["clndr_id"]: own for own in every}
    done: dict[str, CalendarDraft] = {}

    def resolve(number: str, waiting: tuple[str, ...]) -> CalendarDraft:
        if number not in done:
            own, base = by_id[number], None
            above = own.row.get("base_clndr_id", "")
            if above in waiting or above == number or len(waiting) > 20:
                fields.error(own.row, "base_clndr_id", above, "This calendar inherits from itself.")
            elif above in by_id:
                base = resolve(above, (*waiting, number))
            done[number] = _calendar(own, base, fields)
        return done[number]

    for number in by_id:
        resolve(number, ())
    return list(done.values())


def _calendar(own: Own, base: CalendarDraft | None, fields: Fields) -> CalendarDraft:
    number = own.row["clndr_id"]
    name = fields.text(own.row, "clndr_name", 120) or f"Calendar {number}"
    below: Week = base.week if base else (STANDARD,) * 5 + ((), ()) if not own.days else ((),) * 7
    week = tuple(own.days.get(day, below[day]) for day in range(7))
    if not own.days and base is None:
        fields.warn(
            own.row, "clndr_data", name, "This calendar names no hours; Monday to Friday, 8 to 17, is taken."
        )
    if not any(week):
        fields.warn(
            own.row,
            "clndr_data",
            name,
            "This calendar has no working time in the week; Monday to Friday is taken.",
        )
        week = (STANDARD,) * 5 + ((), ())
    exceptions = (dict(base.exceptions) if base else {}) | own.exceptions
    return CalendarDraft(code_of(number), name, week, dict(sorted(exceptions.items())))


def tidy(shifts: list[Shift], row: Row, fields: Fields) -> tuple[Shift, ...]:
    """Shifts of one day in order; those that overlap are joined, those that run backwards left out, both said."""
    kept: list[Shift] = []
    for start, end in sorted(shifts):
        if end <= start:
            fields.warn(
                row, "clndr_data", f"{start}-{end}", "A working time that ends before it begins was left out."
            )
        elif kept and start < kept[-1][1]:
            fields.warn(row, "clndr_data", f"{start}-{end}", "Working times that overlap were joined.")
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return tuple(kept)


def clock(text: str) -> int:
    """`17:00` or `5:00 PM` into minutes of the day. Raises `ValueError`."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError("hold something that is not a time of day such as 17:00")
    hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 24 or minute > 59 or hour * 60 + minute > 1440:
        raise ValueError("hold something that is not a time of day such as 17:00")
    return hour * 60 + minute


def _shifts(day: _Node, row: Row, fields: Fields) -> tuple[Shift, ...]:
    shifts = []
    for each in day.children:
        start, end = _value(each.values, "s"), _value(each.values, "f")
        if start and end:
            shifts.append((clock(start), clock(end) or 1440))  # midnight ends the day
    return tidy(shifts, row, fields)


def _value(values: str, name: str) -> str:
    parts = values.split("|")
    return next(
        (value for key, value in zip(parts[::2], parts[1::2], strict=False) if key.strip() == name), ""
    )


def _walk(nodes: list[_Node]) -> list[_Node]:
    found, waiting = [], list(nodes)
    while waiting:
        node = waiting.pop()
        found.append(node)
        if node.name not in ("DaysOfWeek", "Exceptions"):
            waiting.extend(node.children)
    return found


def _nodes(text: str) -> list[_Node]:
    """`(0||name(values)(children))` nested; anything else raises `ValueError`."""
    nodes, at = _list(text, _skip(text, 0), 0)
    if at < len(text):
        raise ValueError("go on after their end")
    return nodes


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _list(text: str, at: int, depth: int) -> tuple[list[_Node], int]:
    if depth > _MAX_DEPTH:
        raise ValueError("nest too deep")
    nodes = []
    while head := _HEAD.match(text, at):
        end = text.find(")", head.end())
        if end < 0:
            break
        values, at = text[head.end() : end], _skip(text, end + 1)
        if text[at : at + 1] != "(":
            raise ValueError("are not written as Primavera writes them")
        children, at = _list(text, _skip(text, at + 1), depth + 1)
        for _ in range(2):  # the children's bracket, then the node's own
            if text[at : at + 1] != ")":
                raise ValueError("are not written as Primavera writes them")
            at = _skip(text, at + 1)
        nodes.append(_Node(head[1], values, children))
    return nodes, at
