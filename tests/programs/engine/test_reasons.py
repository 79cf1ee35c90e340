"""Why this date: what is said where a constraint, a floor or nothing at all holds a start."""

from __future__ import annotations

from dataclasses import replace

import pytest

from programs.engine import Project, Rules, Why, explain, schedule
from tests.programs.engine.planner import Worked, minute

PULL = Rules(late_constraints_pull=True)


@pytest.mark.parametrize("word", ["fnlt=01-07", "snlt=01-06"])
def test_a_date_that_pulls_work_before_its_predecessor_is_the_reason(word: str) -> None:
    worked = Worked(f"A 5d\nB 2d after=A {word}", PULL)
    worked.check("B 01-06 08:00 .. 01-07 17:00")
    assert worked.result.why == [Why.PROJECT_START, Why.CONSTRAINT]
    assert explain(worked.plan, worked.result, 1).link == -1


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("snet=01-06", Why.CONSTRAINT),
        ("fnet=01-07", Why.CONSTRAINT),
        ("mso=01-06", Why.CONSTRAINT),
        ("mfo=01-07", Why.CONSTRAINT),
        ("mso=01-04", Why.CONSTRAINT),
        ("snet=01-04", Why.PROJECT_START),
        ("fnlt=01-05", Why.PROJECT_START),
        ("snlt=01-20", Why.PROJECT_START),
        ("deadline=01-05", Why.PROJECT_START),
        ("alap", Why.PROJECT_START),
    ],
)
def test_a_constraint_is_the_reason_only_where_it_holds_the_start(word: str, why: Why) -> None:
    assert Worked(f"A 2d {word}").result.why == [why]


def test_a_link_that_is_later_than_the_constraint_is_the_reason_and_one_that_ties_too() -> None:
    assert Worked("A 3d\nB 2d after=A snet=01-06").result.why[1] is Why.LINK
    assert Worked("A 2d\nB 2d after=A snet=01-06").result.why[1] is Why.LINK
    assert Worked("A 1d\nB 2d after=A snet=01-06").result.why[1] is Why.CONSTRAINT


def test_the_status_date_holds_what_has_not_begun_and_an_actual_date_what_has() -> None:
    worked = Worked(
        "A 3d began=01-04\nB 1d\nC 1d snet=01-11\nD 1d mso=01-04",
        status_date=minute("01-06"),
        start=minute("01-04"),
    )
    assert worked.result.why == [Why.ACTUAL, Why.STATUS_DATE, Why.CONSTRAINT, Why.CONSTRAINT]


def test_a_plan_without_lags_names_none() -> None:
    worked = Worked("A 2d\nB 1d after=A")
    plain = replace(
        worked.plan, lag=(), lag_unit=(), link_kind=(), project=(), projects=[Project(minute("01-04"))]
    )
    reason = explain(plain, schedule(plain), 1)
    assert (reason.why, reason.link, reason.predecessor, reason.lag, reason.lag_calendar) == (
        Why.LINK,
        0,
        0,
        0,
        -1,
    )


def test_work_moved_as_late_as_possible_by_a_single_minute_is_moved() -> None:
    worked = Worked("A 479m alap\nB 1d\nC 1d after=A,B")
    worked.check("A 01-04 08:01 .. 01-04 17:00 0d 0d")
    assert worked.result.why == [Why.AS_LATE_AS_POSSIBLE, Why.PROJECT_START, Why.LINK]


def test_a_lag_is_told_with_the_calendar_it_runs_on_and_none_where_no_link_holds() -> None:
    worked = Worked("A 2d\nB 1d cal=six after=A:FS+1d\nC 1d after=A:FS+2e")
    told = [explain(worked.plan, worked.result, i) for i in range(3)]
    assert [(one.link, one.predecessor, one.predecessor_calendar) for one in told] == [
        (-1, -1, -1),
        (0, 0, 0),
        (1, 0, 0),
    ]
    assert [(one.lag, one.lag_calendar) for one in told] == [(0, -1), (480, 0), (2 * 1440, -1)]
    assert [one.calendar for one in told] == [0, 1, 0]


def test_a_plan_whose_links_are_all_finish_to_start_says_so_by_naming_no_kind_and_is_read_alike() -> None:
    worked = Worked("A 3d began=01-04\nB 2d began=01-05 after=A", status_date=minute("01-06"))
    plain = replace(worked.plan, lag=(), lag_unit=(), link_kind=())
    assert schedule(plain) == worked.result
    assert [(one.activity, one.link) for one in worked.result.findings] == [(1, 0)]
