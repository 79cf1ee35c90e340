"""Hours as people write them, weeks and years as they are shown."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from programs.schedule.inputs import OFFICE_WEEK
from programs.working_time import drawing
from programs.working_time.words import NotHours, read_shifts, runs, shifts_text, week_text
from tests.programs.working_time.kept import AFTERNOON, MORNING


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("08:00-12:00, 13:00-17:00", [MORNING, AFTERNOON]),
        ("13-17; 8 to 12", [MORNING, AFTERNOON]),
        ("8h00–12h00", [MORNING]),
        ("0-24", [[0, 1440]]),
        ("off", []),
        ("  ", []),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, found: Any) -> None:
    assert read_shifts(text) == found
    assert read_shifts(shifts_text(found)) == found


@pytest.mark.parametrize("text", ["8", "8-25", "12-8", "8-12, 11-13", "eight to five", "8:75-9", "9-9"])
def test_what_is_no_hours_is_refused_in_words(text: str) -> None:
    with pytest.raises(NotHours) as said:
        read_shifts(text)
    assert len(str(said.value)) > 15


def test_a_week_and_days_in_a_row_are_one_line() -> None:
    assert week_text(OFFICE_WEEK) == "Mon–Fri 08:00-12:00, 13:00-17:00"
    assert week_text([[MORNING], [], [MORNING], [], [], [], []]) == "Mon 08:00-12:00; Wed 08:00-12:00"
    rows: list[Any] = [(date(2026, 12, n), [], "Works holiday") for n in (24, 25, 26)] + [
        (date(2026, 12, 28), [], "")
    ]
    assert [(run.days, run.reason) for run in runs(rows)] == [(3, "Works holiday"), (1, "")]


def test_a_year_counts_its_days() -> None:
    extra: dict[date, Any] = {
        date(2026, 1, 1): ([], "New Year"),  # a Thursday
        date(2026, 1, 3): ([MORNING], "Move"),  # a Saturday
        date(2026, 1, 5): ([MORNING], ""),
    }
    year = drawing.draw(2026, OFFICE_WEEK, 480, extra, date(2026, 1, 5))
    assert year.working_days == 261 - 1 + 1
    assert year.days_off == 1
    assert year.hours == "2,080 h"
    january = str(year.months[0])
    assert "day holiday" in january and "day extra" in january and "day short today" in january
    assert "New Year: off" in january
