"""A calendar file as RFC 5545 writes it: folded by octets, escaped, and nothing smuggled in by a title."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmo.ical import Event, calendar

AT = datetime(2026, 12, 8, 13, 0, tzinfo=UTC)


def one(**more: object) -> str:
    values = {"uid": "a@office", "title": "Steering", "starts": AT, "ends": AT, "changed": AT} | more
    return calendar("ATLAS", [Event(**values)])  # type: ignore[arg-type]


def unfolded(file: str) -> list[str]:
    return file.replace("\r\n ", "").split("\r\n")


def test_an_event_has_its_name_times_and_state() -> None:
    lines = unfolded(one(sequence=3, place="Room 4, north", cancelled=True))
    for line in (
        "UID:a@office", "SEQUENCE:3", "DTSTART:20261208T130000Z", "SUMMARY:Steering",
        "LOCATION:Room 4\\, north", "STATUS:CANCELLED",
    ):  # fmt: skip
        assert line in lines


def test_a_whole_day_ends_where_the_next_begins() -> None:
    lines = unfolded(one(starts=date(2026, 12, 31), ends=date(2026, 12, 31)))
    assert "DTSTART;VALUE=DATE:20261231" in lines and "DTEND;VALUE=DATE:20270101" in lines


@given(st.text(min_size=1, max_size=300))
def test_no_title_breaks_a_line_or_begins_one_of_its_own(title: str) -> None:
    file = one(title=title)
    assert all(len(line.encode()) <= 75 for line in file.split("\r\n"))
    names = [line.split(":")[0].split(";")[0] for line in unfolded(file) if line]
    assert names == [
        "BEGIN", "VERSION", "PRODID", "CALSCALE", "X-WR-CALNAME", "BEGIN", "UID", "DTSTAMP", "LAST-MODIFIED",
        "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "STATUS", "END", "END",
    ]  # fmt: skip


def test_an_instant_and_a_day_do_not_mix() -> None:
    with pytest.raises(ValueError, match="instants"):
        one(ends=date(2026, 12, 8))
