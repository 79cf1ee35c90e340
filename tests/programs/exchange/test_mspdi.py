"""What an MS Project plan may say, and how it comes out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from programs.engine.critical_path import schedule
from programs.exchange.draft import iso
from programs.exchange.network import network_of, rules_for

from .plans import CALENDAR, link, plan, read, task


def test_summaries_are_recognised_by_what_is_below_them() -> None:
    draft, problems = read(
        plan(
            task(0, 0),
            task(1, 1, 99, Cost="5000", FixedCost="200"),
            task(2, 2),
            task(3, 3, 0, Milestone="1"),
            task(4, 1),
        )
    )
    assert problems == []
    assert [(a.code, a.kind, a.parent, a.duration) for a in draft.activities] == [
        ("1", "summary", "", 0),
        ("2", "summary", "1", 0),
        ("3", "finish_milestone", "2", 0),
        ("4", "task", "", 480),
    ]
    assert draft.activities[0].total_cost == Decimal(2)  # its own; what is below it is counted below
    assert draft.projects[0].code == "Pilot-plan"


def test_all_links_with_lag_units() -> None:
    links = link(1, 0, 4800) + link(2, 1, -9600) + link(3, 2, 600, 6) + link(4, 3, 50, 19)
    draft, problems = read(plan(*(task(uid) for uid in (1, 2, 3, 4)), task(5, links=links)))
    assert problems == []
    assert [(d.from_activity, d.type, d.lag, d.lag_unit) for d in draft.dependencies] == [
        ("1", "FF", 480, "working"),
        ("2", "FS", -960, "working"),
        ("3", "SF", 60, "elapsed"),
        ("4", "SS", 50, "percent"),
    ]


def test_elapsed_durations_run_around_the_clock() -> None:
    draft, _ = read(plan(task(1, hours=72, DurationFormat="8"), task(2, links=link(1))))
    assert draft.activities[0].calendar == "24-hours"
    network = network_of(draft)
    computed = schedule(network.plan, rules_for(draft))
    assert iso(computed.early_finish[0]) == "2027-01-07T08:00"
    assert iso(computed.early_finish[1]) == "2027-01-07T17:00"


def test_calendars_inherit_their_week_and_exceptions() -> None:
    exception = (
        "<Exceptions><Exception><Type>1</Type><TimePeriod><FromDate>2027-01-06T00:00:00</FromDate>"
        "<ToDate>2027-01-07T23:59:00</ToDate></TimePeriod><DayWorking>0</DayWorking></Exception></Exceptions>"
    )
    base = CALENDAR.replace("</Calendar>", exception + "</Calendar>")
    own = (
        "<Calendar><UID>2</UID><Name>Saturdays</Name><IsBaseCalendar>1</IsBaseCalendar><BaseCalendarUID>1"
        "</BaseCalendarUID><WeekDays><WeekDay><DayType>7</DayType><DayWorking>1</DayWorking><WorkingTimes>"
        "<WorkingTime><FromTime>22:00:00</FromTime><ToTime>00:00:00</ToTime></WorkingTime></WorkingTimes></WeekDay>"
        "<WeekDay><DayType>0</DayType><DayWorking>0</DayWorking><TimePeriod><FromDate>2027-02-01T00:00:00</FromDate>"
        "<ToDate>2027-02-01T23:59:00</ToDate></TimePeriod></WeekDay></WeekDays></Calendar>"
    )
    draft, problems = read(plan(task(1, CalendarUID="2"), calendars=base + own))
    assert problems == []
    first, second = draft.calendars
    assert (draft.activities[0].calendar, draft.projects[0].calendar) == ("CAL2", "CAL1")
    assert first.exceptions == {date(2027, 1, 6): (), date(2027, 1, 7): ()}
    assert second.week == (*first.week[:5], ((1320, 1440),), ())
    assert second.exceptions == {**first.exceptions, date(2027, 2, 1): ()}


def test_a_calendar_that_inherits_from_itself_is_refused() -> None:
    turning = CALENDAR.replace("<WeekDays>", "<BaseCalendarUID>1</BaseCalendarUID><WeekDays>")
    _, problems = read(plan(task(1), calendars=turning))
    assert [(p.severity, p.column) for p in problems] == [("error", "BaseCalendarUID")]


def test_constraints_deadline_progress_and_baselines() -> None:
    baselines = (
        "<Baseline><Number>0</Number><Start>2027-01-04T08:00:00</Start><Finish>2027-01-04T17:00:00</Finish>"
        "<Duration>PT8H0M0S</Duration><Cost>12345</Cost></Baseline>"
        "<Baseline><Number>3</Number><Cost>100</Cost></Baseline>"
    )
    draft, problems = read(
        plan(
            task(
                1,
                ConstraintType="7",
                ConstraintDate="2027-01-08T17:00:00",
                Deadline="2027-01-09T17:00:00",
                ActualStart="2027-01-05T08:00:00",
                RemainingDuration="PT4H30M0S",
                PercentComplete="44",
                ActualCost="9999",
                links=baselines,
            ),
            task(2, ConstraintType="0", ConstraintDate="2027-01-08T17:00:00"),
        )
    )
    assert problems == []
    first, second = draft.activities
    assert (first.constraint, iso(first.constraint_date or 0), iso(first.deadline or 0)) == (
        "FNLT",
        "2027-01-08T17:00",
        "2027-01-09T17:00",
    )
    assert (first.remaining, first.percent_complete, first.actual_cost) == (
        270,
        Decimal(44),
        Decimal("99.99"),
    )
    assert (first.baseline_duration, first.baseline_cost) == (480, Decimal("123.45"))
    assert [(b.number, b.cost) for b in draft.baselines] == [(3, Decimal(1))]
    assert (second.constraint, second.constraint_date) == ("ASAP", None)


def test_a_manual_task_stays_where_the_planner_put_it() -> None:
    manual = task(2, links=link(1), Manual="1", ManualStart="2027-01-04T13:00:00", ManualDuration="PT2H0M0S")
    draft, _ = read(plan(task(1), manual))
    assert (draft.activities[1].manual, draft.activities[1].constraint, draft.activities[1].duration) == (
        True,
        "MSO",
        120,
    )
    computed = schedule(network_of(draft).plan, rules_for(draft))
    assert iso(computed.early_start[1]) == "2027-01-04T13:00"


def test_inactive_and_external_tasks_are_left_out_and_said_so() -> None:
    draft, problems = read(
        plan(
            task(1, Active="0"),
            task(2, ExternalTask="1"),
            task(3, links=link(1) + link(2)),
            task(4, links=link(9)),
        )
    )
    assert [a.code for a in draft.activities] == ["3", "4"]
    assert [(p.severity, p.column, p.value) for p in problems] == [
        ("error", "from_activity", "Pilot-plan/9"),
        ("warning", "Task", "Task 1"),
        ("warning", "Task", "Task 2"),
        ("warning", "PredecessorUID", "1"),
        ("warning", "PredecessorUID", "2"),
    ]


def test_resources_and_assignments() -> None:
    rest = (
        "<Resources><Resource><UID>0</UID></Resource><Resource><UID>1</UID><Name>Ann</Name><Type>1</Type>"
        "<MaxUnits>2.00</MaxUnits><StandardRate>80.5</StandardRate><CostPerUse>1000</CostPerUse></Resource></Resources>"
        "<Assignments><Assignment><TaskUID>1</TaskUID><ResourceUID>1</ResourceUID><Units>0.5</Units>"
        "<Work>PT4H0M0S</Work><TimephasedData><Value>PT4H0M0S</Value></TimephasedData></Assignment>"
        "<Assignment><TaskUID>1</TaskUID><ResourceUID>-65535</ResourceUID></Assignment></Assignments>"
    )
    draft, problems = read(plan(task(1), rest=rest))
    assert problems == []
    ann = draft.resources[0]
    assert (ann.code, ann.kind, ann.availability, ann.cost_per_hour, ann.cost_per_use) == (
        "1",
        "person",
        Decimal("2.00"),
        Decimal("80.5"),
        Decimal(10),
    )
    assert [(a.activity, a.resource, a.units, a.effort) for a in draft.assignments] == [
        ("1", "1", Decimal("0.5"), 240)
    ]


def test_bad_values_are_reported_with_the_line_of_their_element() -> None:
    draft, problems = read(
        plan(
            task(1, ConstraintType="4", ConstraintDate="soon"),
            task(1),
            task(2, PercentComplete="101", Deadline="2027-02-30T00:00:00", links=link(1, 7)),
            task(3).replace("PT8H", "-PT8H"),
        )
    )
    assert [(p.row, p.column) for p in problems if p.severity == "error"] == [
        (6, "ConstraintDate"),
        (7, "UID"),
        (8, "Deadline"),
        (8, "PercentComplete"),
        (9, "Duration"),
        (8, "Type"),
        (6, "constraint_date"),
    ]
    assert len(draft.activities) == 3


def test_a_circle_of_links_is_refused_with_its_path() -> None:
    _, problems = read(plan(task(1, links=link(3)), task(2, links=link(1)), task(3, links=link(2))))
    assert [p.severity for p in problems] == ["error"]
    assert "1 → 2 → 3 → 1" in problems[0].sentence


def test_elements_that_the_format_does_not_define_are_listed() -> None:
    draft, problems = read(plan(task(1, Mood="good"), header="<Weather>fine</Weather>"))
    assert draft.unknown == ["Project/Weather", "Task/Mood"]
    assert [p.severity for p in problems] == ["warning", "warning"]


def test_a_link_to_a_group_holds_back_all_in_it_and_one_from_it_waits_for_all() -> None:
    draft, problems = read(
        plan(task(1), task(2, links=link(1)), task(3, 2, 16), task(4, 2), task(5, links=link(2, lag=4800)))
    )
    assert problems == []
    network = network_of(draft)
    computed = schedule(network.plan, rules_for(draft))
    starts = {code: iso(computed.early_start[at]) for at, (_, code) in enumerate(network.keys)}
    assert starts["3"] == starts["4"] == starts["2"] == "2027-01-05T08:00"
    assert starts["5"] == "2027-01-08T08:00"
    floats = {code: computed.total_float[at] for at, (_, code) in enumerate(network.keys)}
    assert (floats["3"], floats["4"]) == (0, 480)
