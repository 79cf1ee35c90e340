"""MS Project's tasks run on the hours of their people, and split work takes its pauses along."""

from __future__ import annotations

import pytest

from programs.exchange import date_rules, mspdi_hours, mspdi_splits
from programs.exchange.reading import Read, parse_upload
from tests.shared import shared

from . import plans

SHIFT = (
    "<WeekDay><DayType>{day}</DayType><DayWorking>1</DayWorking><WorkingTimes><WorkingTime>"
    "<FromTime>{start}</FromTime><ToTime>{end}</ToTime></WorkingTime></WorkingTimes></WeekDay>"
)
LATE = "".join(SHIFT.format(day=day, start="17:00:00", end="21:00:00") for day in range(2, 7))
CALENDARS = plans.CALENDAR + (
    "<Calendar><UID>7</UID><Name>Evening</Name><IsBaseCalendar>0</IsBaseCalendar>"
    f"<BaseCalendarUID>1</BaseCalendarUID><WeekDays>{LATE}</WeekDays></Calendar>"
    "<Calendar><UID>8</UID><Name>Ann</Name><IsBaseCalendar>0</IsBaseCalendar>"
    "<BaseCalendarUID>1</BaseCalendarUID></Calendar>"
)


def people(**calendars: int) -> str:
    """Resources by name and calendar, numbered from 1."""
    return "<Resources>" + "".join(
        f"<Resource><UID>{uid}</UID><Name>{name}</Name><Type>1</Type><CalendarUID>{calendar}</CalendarUID></Resource>"
        for uid, (name, calendar) in enumerate(calendars.items(), 1)
    ) + "</Resources>"  # fmt: skip


def work(*pairs: tuple[int, int], more: str = "") -> str:
    """Assignments of a task and a resource."""
    return "<Assignments>" + "".join(
        f"<Assignment><TaskUID>{task}</TaskUID><ResourceUID>{who}</ResourceUID>{more}</Assignment>"
        for task, who in pairs
    ) + "</Assignments>"  # fmt: skip


def read(*tasks: str, rest: str) -> Read:
    found = parse_upload(plans.plan(*tasks, calendars=CALENDARS, rest=rest), "plan.xml")
    assert found.acceptable, found.problems
    return found


def dated(uid: int, hours: int, finish: str, **more: str) -> str:
    dates = {"Start": "2027-01-04T08:00:00", "Finish": finish}
    return plans.task(
        uid, hours=hours, **dates, EarlyStart=dates["Start"], EarlyFinish=finish, LateFinish=finish, **more
    )


def test_a_task_runs_on_the_hours_of_the_one_who_works_on_it() -> None:
    found = read(plans.task(1), plans.task(2), rest=people(Bo=7, Ann=8) + work((1, 1), (2, 2)))
    one, two = found.draft.activities
    assert (one.calendar, two.calendar) == ("CAL7", "")
    assert [(p.column, p.value) for p in found.problems] == [("Resource", "1")]
    assert {calendar.code for calendar in found.draft.calendars} == {"CAL1", "CAL7"}


def test_the_duration_counts_the_time_in_which_any_of_its_people_works() -> None:
    # Ann until five, Bo until nine: twelve hours a day, so 24 hours end on the second evening.
    task = dated(1, 24, "2027-01-05T21:00:00")
    found = read(task, rest=people(Bo=7, Ann=8) + work((1, 1), (1, 2)))
    (one,) = found.draft.activities
    calendar = next(c for c in found.draft.calendars if c.code == one.calendar)
    assert (calendar.name, calendar.week[0]) == ("Evening and Ann", ((480, 720), (780, 1260)))
    assert (found.totals.dates["agree"], found.totals.dates["activities"]) == (1, 1)
    assert parse_upload(plans.plan(task, calendars=CALENDARS, rest=people(Bo=7, Ann=8) + work((1, 1), (1, 2))),
                        "again.xml").draft.activities[0].calendar == one.calendar  # fmt: skip


def test_a_task_with_a_calendar_of_its_own_runs_where_both_work_unless_it_does_not_care() -> None:
    busy = plans.task(1, CalendarUID="7")
    free = plans.task(2, CalendarUID="7", IgnoreResourceCalendar="1")
    found = read(busy, free, rest=people(Ann=8) + work((1, 1), (2, 1)))
    # Ann's day and the evening shift have no hour in common: the task keeps its calendar, and the rule says so.
    assert [one.calendar for one in found.draft.activities] == ["CAL7", "CAL7"]
    assert found.draft.marks == {(found.draft.projects[0].code, "1"): mspdi_hours.NOT_READ}


def pieces(*days: tuple[str, str, int]) -> str:
    return "".join(
        f"<TimephasedData><Type>1</Type><Start>{start}</Start><Finish>{finish}</Finish>"
        f"<Value>PT{hours}H0M0S</Value></TimephasedData>"
        for start, finish, hours in days
    )


PAUSED = pieces(
    ("2027-01-04T08:00:00", "2027-01-04T17:00:00", 8),
    ("2027-01-04T17:00:00", "2027-01-05T17:00:00", 0),
    ("2027-01-05T17:00:00", "2027-01-06T17:00:00", 8),
)


def test_the_pauses_of_split_work_are_in_its_duration_and_are_told() -> None:
    found = read(
        dated(1, 16, "2027-01-06T17:00:00", RemainingDuration="PT16H0M0S"),
        rest=people(Ann=8) + work((1, 1), more=PAUSED),
    )
    (one,) = found.draft.activities
    assert (one.duration, one.remaining) == (24 * 60, 24 * 60)
    assert "it pauses from 2027-01-04 17:00 to 2027-01-06 08:00" in found.problems[0].sentence
    assert found.draft.dropped == ["the pauses in the work of 1 task, which is as much longer"]
    assert found.totals.dates["agree"] == 1


def test_work_spread_out_without_a_pause_in_the_file_keeps_its_duration_and_has_its_rule() -> None:
    found = read(dated(1, 16, "2027-01-06T17:00:00"), rest=people(Ann=8) + work((1, 1)))
    assert found.draft.activities[0].duration == 16 * 60
    assert [one["rule"] for one in found.totals.dates["rules"]] == [mspdi_splits.SPREAD]


def test_late_dates_that_ms_project_left_behind_are_named() -> None:
    left = plans.task(
        1, hours=8, EarlyStart="2027-01-04T08:00:00", EarlyFinish="2027-01-04T17:00:00",
        LateStart="2027-01-05T08:00:00", LateFinish="2027-01-05T17:00:00",
    )  # fmt: skip
    second = plans.task(2, hours=16, EarlyStart="2027-01-04T08:00:00", EarlyFinish="2027-01-05T17:00:00")
    last = plans.task(3, hours=24, EarlyStart="2027-01-04T08:00:00", EarlyFinish="2027-01-06T17:00:00")
    found = read(left, second, last, rest="")
    assert [(one["rule"], one["activities"]) for one in found.totals.dates["rules"]] == [
        (date_rules.OLD_FINISH, 1)
    ]
    other = left.replace("2027-01-05T", "2027-01-04T")  # nobody's finish but its own
    assert read(other.replace("17:00:00</LateFinish>", "16:00:00</LateFinish>"), second, last, rest="").totals.dates[
        "rules"
    ][0]["rule"] == date_rules.UNEXPLAINED  # fmt: skip


def test_dates_that_leave_no_room_for_the_work_are_no_schedule() -> None:
    found = read(dated(1, 16, "2027-01-04T12:00:00"), rest="")
    assert [one["rule"] for one in found.totals.dates["rules"]] == [date_rules.NO_ROOM]


@pytest.mark.proof
def test_every_differing_date_of_every_plan_file_has_a_rule() -> None:
    files = [
        path
        for folder in ("plans", "12_exchange_formats")
        for path in sorted(shared(folder).iterdir())
        if path.suffix in (".xml", ".xer")
    ]
    assert len(files) >= 30
    for path in files:
        rules = parse_upload(path.read_bytes(), path.name).totals.dates.get("rules", ())
        assert date_rules.UNEXPLAINED not in [one["rule"] for one in rules], path.name
