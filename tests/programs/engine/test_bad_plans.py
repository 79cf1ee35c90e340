"""What people and programs get wrong: every plan is refused in words, or scheduled rightly, within bounded work.

The suite draws the same plans each time; `PMO_LONG=1` draws ten times as many, others each time.
"""

from __future__ import annotations

import os
import time
from dataclasses import fields, replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from programs.engine import (
    BeyondCalendar,
    Constraint,
    CycleFound,
    Finding,
    FindingKind,
    Plan,
    Project,
    Rules,
    WorkCalendar,
    schedule,
    validate,
)
from tests.programs.engine.checker import check
from tests.programs.engine.networks import RULES, Drawn, Features, cases, features, network
from tests.programs.engine.planner import CALENDARS, FIVE_DAYS, Worked, minute

LONG = os.environ.get("PMO_LONG") == "1"
PLANS = 15_000 if LONG else 1_500
CENTURY = 100 * 366 * 1440
OFFICE = CALENDARS["office"]
ONE = Plan(calendars=[OFFICE], projects=[Project(minute("01-04"))], calendar=[0], duration=[480])
TWO = replace(ONE, calendar=[0, 0], duration=[480, 480], predecessor=[0], successor=[1])

NOT_NUMBERS: dict[str, tuple[dict[str, Any], str]] = {
    "NaN": ({"duration": [480, float("nan")]}, "activity 1: its duration nan is not a whole number"),
    "infinity": ({"remaining": [None, float("inf")]}, "activity 1: its remaining inf is not a whole number"),
    "half a minute": ({"duration": [480, 0.5]}, "activity 1: its duration 0.5 is not a whole number"),
    "text": ({"deadline": [None, "soon"]}, "activity 1: its deadline 'soon' is not a whole number"),
    "nothing": ({"duration": [480, None]}, "activity 1: its duration None is not a whole number"),
    "a lag of nothing": ({"lag": [None]}, "link 0: its lag None is not a whole number"),
    "a start of nothing": ({"projects": [Project(None)]}, "project 0: its start None is not a whole number"),  # type: ignore[arg-type]
    "a century of work": (
        {"duration": [480, CENTURY + 1]},
        f"activity 1: a duration of {CENTURY + 1} minutes is longer than a century",
    ),
    "a century left": (
        {"remaining": [None, CENTURY + 1]},
        f"activity 1: a remaining duration of {CENTURY + 1} minutes is longer than a century",
    ),
    "a century of lag": (
        {"lag": [-CENTURY - 1]},
        f"link 0: a lag of {-CENTURY - 1} minutes is longer than a century",
    ),
    "a thousandfold lag": (
        {"lag": [100_000], "lag_unit": [2]},
        "link 0: a lag of 100000 percent is more than a hundred durations",
    ),
    "a date after all dates": (
        {"deadline": [10**12, None]},
        "activity 0: its deadline (wall minute 1000000000000) lies outside the years 1 to 9999",
    ),
    "a project before all dates": (
        {"projects": [Project(-(10**12))]},
        "project 0: its start (wall minute -1000000000000) lies outside the years 1 to 9999",
    ),
}


@pytest.mark.parametrize(("wrong", "words"), NOT_NUMBERS.values(), ids=list(NOT_NUMBERS))
def test_what_no_plan_can_hold_is_said_in_words(wrong: dict[str, Any], words: str) -> None:
    assert validate(replace(TWO, **wrong)) == [words]


def test_a_circle_is_refused_with_its_activities_in_the_message_however_long_it_is() -> None:
    with pytest.raises(CycleFound, match=r"through 2 activities: (0 -> 1 -> 0|1 -> 0 -> 1)"):
        schedule(replace(TWO, predecessor=[0, 1], successor=[1, 0]))
    ring = range(50_000)
    with pytest.raises(CycleFound) as refused:
        schedule(
            replace(
                ONE,
                calendar=[0] * len(ring),
                duration=[60] * len(ring),
                predecessor=list(ring),
                successor=[*ring[1:], 0],
            )
        )
    assert len(refused.value.path) == 50_001
    assert len(str(refused.value)) < 300


def test_a_calendar_without_working_time_is_refused() -> None:
    for week, exceptions in (([[]] * 7, {}), ([[]] * 7, {date(2030, 1, 1): [(480, 720)]})):
        with pytest.raises(ValueError, match="without any working time"):
            WorkCalendar.weekly(week, exceptions, first=date(2027, 1, 1), last=date(2027, 12, 31))
    with pytest.raises(ValueError, match="without any working time"):
        WorkCalendar.intervals([])


def test_a_calendar_that_works_on_one_day_only_holds_no_more_work_than_that() -> None:
    once = WorkCalendar.weekly(
        [[]] * 7, {date(2027, 1, 5): [(480, 720)]}, first=date(2027, 1, 1), last=date(2027, 12, 31)
    )
    result = schedule(replace(ONE, calendars=[once], duration=[240]))
    assert (result.early_start, result.early_finish) == ([minute("01-05T08:00")], [minute("01-05T12:00")])
    before = time.process_time()
    with pytest.raises(BeyondCalendar, match="no plan reaches that far"):
        schedule(replace(ONE, calendars=[once], duration=[241]))
    assert time.process_time() - before < 5


@pytest.mark.parametrize("duration", [20 * 52 * 5 * 480, CENTURY])
def test_decades_of_work_are_worked_out_or_refused_never_cut_short(duration: int) -> None:
    calendar = WorkCalendar.weekly(FIVE_DAYS, first=date(2027, 1, 1), last=date(2027, 12, 31))
    plan = replace(ONE, calendars=[calendar], duration=[duration])
    assert validate(plan) == []
    if duration == CENTURY:  # of eight-hour days: it would end in the year 2454
        with pytest.raises(BeyondCalendar):
            schedule(plan)
        return
    result = schedule(plan)
    assert check(plan, Rules(), result) == []
    assert calendar.between(result.early_start[0], result.early_finish[0]) == duration
    assert result.early_finish[0] - result.early_start[0] == (20 * 52 * 7 - 3) * 1440 + 540


def test_a_constraint_after_the_deadline_is_kept_and_the_deadline_reported_missed() -> None:
    worked = Worked("A 1d snet=01-20 deadline=01-13")
    worked.check("A 01-20 08:00 .. 01-20 17:00 -5d 0d")
    assert worked.result.findings == [Finding(FindingKind.DEADLINE_MISSED, activity=0, minutes=5 * 480)]


def test_constraints_that_contradict_each_other_show_as_negative_float() -> None:
    Worked("A 2d snet=01-20 2:fnlt=01-15").check("A 01-20 08:00 .. 01-21 17:00 -4d 0d")
    Worked("A 2d mso=01-20 2:mso=01-25").check("A 01-25 08:00 .. 01-26 17:00 0d 0d")


def test_actual_dates_after_the_status_date_are_told_apart_by_activity() -> None:
    plan = replace(
        TWO,
        projects=[Project(minute("01-04"), status_date=minute("01-06"))],
        actual_start=[minute("01-04"), minute("01-07")],
        actual_finish=[minute("01-08"), None],
    )
    assert validate(plan) == [
        "activity 0: its actual finish lies after the status date",
        "activity 1: its actual start lies after the status date",
    ]


def test_no_activity_and_one_activity_are_plans() -> None:
    none = replace(ONE, calendar=[], duration=[])
    assert (validate(none), schedule(none).finish) == ([], minute("01-04T08:00"))
    assert (validate(ONE), schedule(ONE).finish) == ([], minute("01-04T17:00"))


def test_a_chain_of_a_hundred_thousand_is_scheduled_without_recursion() -> None:
    count = 100_000
    plan = replace(
        ONE,
        calendars=[WorkCalendar.weekly([[(0, 1440)]] * 7, first=date(2027, 1, 1), last=date(2027, 12, 31))],
        calendar=[0] * count,
        duration=[1] * count,
        predecessor=list(range(count - 1)),
        successor=list(range(1, count)),
    )
    before = time.process_time()
    result = schedule(plan)
    assert result.finish - plan.projects[0].start == count
    assert all(result.on_longest_path)
    assert time.process_time() - before < 60


@pytest.mark.skipif(not LONG, reason="a million activities take a minute and 2 GB: PMO_LONG=1")
def test_a_million_activities_are_checked_and_scheduled() -> None:
    """A thousand rows of a thousand, each linked to two of the row before: the last row ends a thousand lengths on."""
    wide, rows = 1_000, 1_000
    count = wide * rows
    later = range(wide, count)
    plan = replace(
        ONE,
        calendars=[WorkCalendar.weekly([[(0, 1440)]] * 7, first=date(2027, 1, 1), last=date(2027, 12, 31))],
        calendar=[0] * count,
        duration=[5] * count,
        predecessor=[*(i - wide for i in later), *(i - wide - i % wide + (i + 1) % wide for i in later)],
        successor=[*later, *later],
    )
    before = time.process_time()
    assert validate(plan) == []
    result = schedule(plan)
    assert result.finish - plan.projects[0].start == 5 * rows
    assert all(result.on_longest_path)
    assert set(result.total_float) == {0}
    assert time.process_time() - before < 120
    with pytest.raises(CycleFound):
        schedule(replace(plan, predecessor=[*plan.predecessor, count - 1], successor=[*plan.successor, 0]))


# What junk does to a plan: one entry of one column, or one end of a link, becomes this.
JUNK: list[Any] = [
    -1,
    0,
    1,
    7,
    8,
    99,
    10**6,
    CENTURY,
    -CENTURY,
    10**12,
    -(10**12),
    10**30,
    None,
    0.5,
    float("nan"),
    "x",
]
COLUMNS = [field.name for field in fields(Plan) if field.name not in ("calendars", "projects")]
FRAMES = ["start", "status_date", "must_finish_by", "calendar", "critical_float"]


def _spoilt(wanted: Features, rules: Rules, seeds: list[int]) -> Drawn:
    """A drawn plan with so many random entries replaced by junk, some of it harmless."""
    plan, _ = network(wanted)
    for seed in seeds:
        random = Random(seed)
        junk = random.choice(JUNK[:5] if random.random() < 0.5 else JUNK)
        if random.random() < 0.15:
            frames = list(plan.projects)
            p = random.randrange(len(frames))
            frames[p] = replace(frames[p], **{random.choice(FRAMES): junk})
            plan = replace(plan, projects=frames)
            continue
        name = random.choice(COLUMNS)
        column = list(getattr(plan, name))
        if random.random() < 0.05:
            column.append(junk)
        elif column:
            column[random.randrange(len(column))] = junk
        plan = replace(plan, **{name: column})
    return Drawn(plan, rules, [])


SEEDS = st.lists(st.integers(0, 2**32), max_size=4)


@pytest.mark.proof
@settings(max_examples=PLANS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=not LONG)
@given(st.builds(_spoilt, features(8, 14, groups=True), RULES, SEEDS))
def test_junk_is_named_or_scheduled_to_dates_that_the_checker_accepts(case: Drawn) -> None:
    plan, rules, _ = case
    before = time.process_time()
    problems = validate(plan)
    assert all(isinstance(problem, str) for problem in problems)
    if not problems:
        try:
            result = schedule(plan, rules)
        except CycleFound as refused:
            steps = set(zip(plan.predecessor, plan.successor, strict=True))
            assert set(zip(refused.path, refused.path[1:], strict=False)) <= steps
        except BeyondCalendar as refused:
            assert str(refused)
        else:
            assert check(plan, rules, result) == []
    assert time.process_time() - before < 10


@pytest.mark.proof
@settings(max_examples=PLANS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=not LONG)
@given(cases(groups=True))
def test_the_checker_accepts_every_schedule_of_a_sound_plan(case: Drawn) -> None:
    assert check(case.plan, case.rules, schedule(case.plan, case.rules)) == []


def test_the_checker_notices_a_date_a_float_a_link_or_a_path_that_is_wrong() -> None:
    worked = Worked(
        "A 2d\nB 1d after=A\nC 1d snet=01-06\nD 1d mso=01-04 after=A\nE 1d deadline=01-05 after=A"
    )
    plan, result = worked.plan, worked.result
    assert check(plan, Rules(), result) == []

    def told(**wrong: Any) -> str:
        return "; ".join(check(plan, Rules(), replace(result, **wrong)))

    earlier = [t - 1440 for t in result.early_start]
    assert "begins 480 minutes before it may" in told(
        early_start=earlier, remaining_start=earlier, early_finish=[t - 1440 for t in result.early_finish]
    )
    later = {
        name: [t + 1440 * (i == 1) for i, t in enumerate(getattr(result, name))]
        for name in ("early_start", "remaining_start", "early_finish")
    }
    assert "activity 1 begins 480 minutes after it could" in told(**later)
    assert "does not last" in told(early_finish=[t - 60 for t in result.early_finish])
    assert "total float is not" in told(total_float=[0] * 5)
    assert "nothing lies on the longest path" in told(on_longest_path=[False] * 5)
    assert "no finding says so" in told(findings=[])
    assert "its deadline is missed (True)" in told(findings=[])
    assert "drives (False)" in told(driving=[False] * 3)
    assert "the program does not finish" in told(finish=result.finish + 1)
    assert Constraint.MUST_START_ON in plan.constraint
