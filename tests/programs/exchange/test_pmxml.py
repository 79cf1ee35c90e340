"""Primavera's P6 XML: the same plan as from XER, whatever the namespace, and nothing left out in silence."""

from __future__ import annotations

from decimal import Decimal

import pytest

from programs.engine.plan import Progress
from programs.exchange.network import rules_for
from programs.exchange.reading import parse_upload
from programs.exchange.sandbox import read_path
from tests.shared import shared

from .test_fuzz import _sweep

WEEK = "".join(
    f"<StandardWorkHours><DayOfWeek>{day}</DayOfWeek>{times}</StandardWorkHours>"
    for day, times in (
        *(
            (
                day,
                "<WorkTime><Start>08:00:00</Start><Finish>11:59:00</Finish></WorkTime>"
                "<WorkTime><Start>13:00:00</Start><Finish>16:59:00</Finish></WorkTime>",
            )
            for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
        ),
        ("Saturday", "<WorkTime/>"),
        ("Sunday", ""),
    )
)


def activity(number: int, hours: int, **more: str) -> str:
    """One activity, durations in hours."""
    rest = "".join(f"<{tag}>{text}</{tag}>" for tag, text in more.items())
    return (
        f"<Activity><CalendarObjectId>5</CalendarObjectId><Id>A{number}</Id><Name>Work {number}</Name>"
        f"<ObjectId>{number}</ObjectId><PlannedDuration>{hours}</PlannedDuration><RemainingDuration>{hours}"
        f"</RemainingDuration><Status>Not Started</Status><Type>Task Dependent</Type><WBSObjectId>2</WBSObjectId>"
        f"{rest}</Activity>"
    )


LINK = (
    "<Relationship><PredecessorActivityObjectId>1</PredecessorActivityObjectId><SuccessorActivityObjectId>2"
    "</SuccessorActivityObjectId><Lag>4</Lag><Type>Start to Start</Type></Relationship>"
)


def document(namespace: str, *activities: str, project: str = "") -> bytes:
    """A whole file with one project, a WBS element in it and a baseline project."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<APIBusinessObjects{namespace}>\n'
        "<Currency><Id>EUR</Id><IsBaseCurrency>1</IsBaseCurrency></Currency>\n"
        f"<Calendar><Name>Office</Name><ObjectId>5</ObjectId><StandardWorkWeek>{WEEK}</StandardWorkWeek>"
        "<HolidayOrExceptions><HolidayOrException><Date>2027-01-06T00:00:00</Date></HolidayOrException>"
        "</HolidayOrExceptions></Calendar>\n"
        "<Project><ActivityDefaultCalendarObjectId>5</ActivityDefaultCalendarObjectId>"
        "<DataDate>2027-01-04T08:00:00</DataDate><Id>PILOT</Id><Name>Pilot</Name><ObjectId>7</ObjectId>"
        f"<PlannedStartDate>2027-01-04T08:00:00</PlannedStartDate>{project}"
        "<WBS><Code>B</Code><Name>Build</Name><ObjectId>2</ObjectId></WBS>\n"
        f"{chr(10).join(activities)}{LINK}</Project>\n"
        "<BaselineProject><ObjectId>8</ObjectId></BaselineProject></APIBusinessObjects>"
    ).encode()


PILOT = document(
    ' xmlns="http://xmlns.oracle.com/Primavera/P6/V18.1/API/BusinessObjects"',
    activity(1, 16),
    activity(2, 8, PrimaryConstraintType="Finish On", PrimaryConstraintDate="2027-01-11T17:00:00"),
    "<ActivityNote><ActivityObjectId>1</ActivityObjectId><Note>&lt;p&gt;Ask &amp;amp; wait</Note></ActivityNote>",
)


def test_a_p6_project_is_read_with_calendar_wbs_link_and_constraint() -> None:
    draft = parse_upload(PILOT, "plan.xml").draft
    assert draft.source == "pmxml"
    assert [(a.code, a.kind, a.parent, a.duration) for a in draft.activities] == [
        ("W2", "summary", "", 0),
        ("A1", "task", "W2", 960),
        ("A2", "task", "W2", 480),
    ]
    [link] = draft.dependencies
    assert (link.from_activity, link.to_activity, link.type, link.lag) == ("A1", "A2", "SS", 240)
    assert (draft.activities[2].constraint, draft.activities[2].deadline is not None) == ("FNET", True)
    [calendar] = draft.calendars
    assert calendar.week == (((480, 720), (780, 1020)),) * 5 + ((), ())
    assert list(calendar.exceptions.values()) == [()]
    assert (draft.program.currency, draft.projects[0].name) == ("EUR", "Pilot")
    assert draft.dropped == ["1 baseline project"]


def test_no_namespace_and_the_settings_of_progress_are_read_too() -> None:
    read = parse_upload(
        document(
            "",
            activity(1, 16),
            activity(
                2,
                6,
                PercentCompleteType="Physical",
                PhysicalPercentComplete="0.4",
                ActualStartDate="2027-01-04T08:00:00",
            ).replace("Not Started", "In Progress"),
            project="<OutOfSequenceScheduleType>Progress Override</OutOfSequenceScheduleType>"
            "<RelationshipLagCalendar>Successor Activity Calendar</RelationshipLagCalendar>",
        ),
        "plan.xml",
    )
    assert read.errors == 0
    assert rules_for(read.draft).progress is Progress.PROGRESS_OVERRIDE
    assert read.draft.projects[0].lag_calendar == "successor"
    assert read.draft.activities[2].percent_complete == Decimal("40.0")


@pytest.mark.proof
def test_a_p6_xml_file_damaged_at_any_byte() -> None:
    refused, troubled, parsed = _sweep(PILOT, "plan.xml")
    assert refused + troubled + parsed == 3 * len(PILOT)
    assert min(refused, troubled, parsed) > 0


def test_the_p6_xml_file_of_the_collection_is_read_without_error() -> None:
    read = read_path(shared("plans/p6_lagcal_Predecessor_pmxml.xml"))
    assert (read.errors, read.totals.activities, read.draft.source) == (0, 1, "pmxml")
    assert read.draft.calendars[0].week[0] == ((420, 720), (750, 930))
