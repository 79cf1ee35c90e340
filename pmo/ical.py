"""Calendars for other programs to read (RFC 5545): events with stable names, lines folded at 75 octets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

PRODUCT = "-//Program Office//EN"
WIDTH = 75
"""Octets in a line before it is folded."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `uid` stays the same for the same thing for ever; `sequence` grows with each change of it.

    `starts` and `ends` are aware instants, or days (`ends` is then the last day, included).
    """

    uid: str
    title: str
    starts: datetime | date
    ends: datetime | date
    changed: datetime
    sequence: int = 0
    place: str = ""
    text: str = ""
    url: str = ""
    cancelled: bool = False


def calendar(name: str, events: Iterable[Event]) -> str:
    """The whole file; its lines end in CR LF, as the format asks."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(event: Event) -> list[str]:
    if isinstance(event.starts, datetime):
        times = [f"DTSTART:{_instant(event.starts)}", f"DTEND:{_instant(event.ends)}"]
    else:
        after = event.ends + timedelta(days=1)  # the format's end is the first day that is not in it
        times = [f"DTSTART;VALUE=DATE:{event.starts:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}"]
    more = [
        f"{key}:{_text(value)}"
        for key, value in (("LOCATION", event.place), ("DESCRIPTION", event.text))
        if value
    ]
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{_instant(event.changed)}",
        f"LAST-MODIFIED:{_instant(event.changed)}",
        f"SEQUENCE:{event.sequence}",
        *times,
        f"SUMMARY:{_text(event.title)}",
        *more,
        *([f"URL:{event.url}"] if event.url else []),
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
        "END:VEVENT",
    ]


def _instant(moment: datetime | date) -> str:
    if not isinstance(moment, datetime):
        raise ValueError("an event begins and ends at instants, or on days, not on one of each")
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """A text value: the format's own signs escaped, and no control sign that could begin a line of its own."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    escaped = escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(sign for sign in escaped if sign >= " " and sign != "\x7f")


def _folded(line: str) -> list[str]:
    """The line in pieces of at most 75 octets, continued by a space; no letter is cut in two."""
    pieces, piece, size = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > WIDTH:
            pieces.append(piece)
            piece, size = " ", 1
        piece += sign
        size += octets
    return [*pieces, piece]
