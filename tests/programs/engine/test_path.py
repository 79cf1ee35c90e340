"""The longest path, what is critical, why a date is what it is, and what is rolled up."""

from dataclasses import replace

import pytest

from programs.engine import FindingKind, LatestFinish, Project, Rules, Why, explain, schedule
from tests.programs.engine.planner import Worked, minute


def test_the_longest_path_is_traced_through_driving_links_and_keeps_ties() -> None:
    plan = """
        A 2d
        B 3d after=A
        C 3d after=A
        D 1d after=A
        E 1d after=B,C,D
        """
    assert Worked(plan).path() == "ABCE"


def test_work_that_waits_for_anothers_weekend_is_on_the_path_although_it_has_float() -> None:
    worked = Worked("A 5d cal=six\nB 1d after=A")
    worked.check("A 01-04 08:00 .. 01-08 17:00 1d 1d\nB 01-11 08:00 .. 01-11 17:00 0d 0d")
    assert worked.path() == "AB"


def test_a_threshold_on_float_replaces_the_longest_path_where_a_project_asks_for_it() -> None:
    plan = """
        A 5d
        B 3d
        C 1d
        """
    worked = Worked(plan, critical_float=2 * 480)
    assert worked.path() == "A"
    assert worked.result.critical == [True, True, False]
    assert Worked(plan).result.critical == [True, False, False]


def test_each_project_sets_its_own_rule_of_what_is_critical() -> None:
    plan = """
        A 5d in=0
        B 3d in=0
        C 3d in=1
        """
    frames = [Project(minute("01-04")), Project(minute("01-04"), critical_float=960)]
    assert Worked(plan, projects=frames).result.critical == [True, False, True]


def test_each_projects_path_marks_its_own_activities_only() -> None:
    plan = """
        A 1d in=0
        B 3d in=0
        C 1d in=1 after=A
        """
    frames = [Project(minute("01-04"))] * 2
    assert Worked(plan, projects=frames).path() == "B"
    assert Worked(plan, Rules(longest_path_to=LatestFinish.EACH_PROJECT), projects=frames).path() == "BC"


def test_interfering_float_is_what_a_delay_takes_from_successors() -> None:
    worked = Worked("A 1d\nB 1d after=A\nZ 5d")
    assert worked.floats("A") == "3d 0d"
    assert worked.result.interfering_float == [3 * 480, 0, 0]
    assert worked.floats("B") == "3d 3d"


def test_every_date_says_why() -> None:
    plan = """
        A 2d
        B 2d after=A cal=six
        C 1d after=B,D
        D 4d
        E 1d snet=01-11
        """
    worked = Worked(plan)
    assert [worked.result.why[worked[name]] for name in "ABCDE"] == [
        Why.PROJECT_START, Why.LINK, Why.LINK, Why.PROJECT_START, Why.CONSTRAINT,
    ]  # fmt: skip
    reason = explain(worked.plan, worked.result, worked["C"])
    assert (reason.why, reason.predecessor, reason.others) == (Why.LINK, worked["B"], (2,))
    assert (reason.calendar, reason.predecessor_calendar) == (0, 1)
    assert reason.date == worked.result.early_start[worked["C"]]
    assert explain(worked.plan, worked.result, worked["A"]).link == -1
    lagged = Worked("A 2d cal=six\nB 1d after=A:FS+1d")
    reason = explain(lagged.plan, lagged.result, lagged["B"])
    assert (reason.lag, reason.lag_calendar) == (480, lagged.plan.calendar[0])


def test_driving_links_are_told_from_the_others() -> None:
    worked = Worked("A 2d\nB 3d\nC 1d after=A,B,A:SS+3d")
    assert worked.result.driving == [False, True, True]
    assert worked.result.driver == [-1, -1, 1]


def test_a_level_of_effort_spans_the_work_it_supports_and_moves_nothing() -> None:
    plan = """
        A 2d
        B 3d after=A
        L 0d kind=effort after=A:SS,B:FF
        C 1d after=B
        """
    worked = Worked(plan)
    worked.check("L 01-04 08:00 .. 01-08 17:00 0d 0d")
    assert worked.result.why[worked["L"]] is Why.SPAN
    assert worked.path() == "ABC"
    assert worked.result.finish == minute("01-11T17:00")


def test_a_level_of_effort_may_begin_when_one_ends_and_last_until_another_begins() -> None:
    plan = """
        A 2d
        L 0d kind=effort after=A
        B 1d snet=01-13 after=L
        """
    worked = Worked(plan)
    worked.check("L 01-05 17:00 .. 01-13 08:00")
    worked.check("B 01-13 08:00 .. 01-13 17:00 0d 0d")


def test_a_level_of_effort_without_work_to_support_is_reported() -> None:
    worked = Worked("A 5d\nL 2d kind=effort")
    worked.check("L 01-04 08:00 .. 01-05 17:00 0d 0d")
    assert [(f.kind, f.activity) for f in worked.result.findings] == [(FindingKind.NO_SPAN, 1)]


def test_summaries_last_from_the_first_to_the_last_of_what_is_under_them() -> None:
    plan = """
        P 0d kind=summary
        S 0d kind=summary under=P
        A 2d under=S
        B 3d under=S after=A
        T 0d kind=summary under=P
        C 1d under=T
        Z 10d
        """
    worked = Worked(plan)
    worked.check(
        """
        P 01-04 08:00 .. 01-08 17:00 5d 0d
        S 01-04 08:00 .. 01-08 17:00 5d 0d
        T 01-04 08:00 .. 01-04 17:00 9d 9d
        """
    )
    assert worked.late("P") == "01-11 08:00 .. 01-15 17:00"
    assert worked.result.why[worked["P"]] is Why.CHILDREN
    assert worked.path() == "Z"
    assert Worked(plan.replace("Z 10d", "Z 1d")).path() == "PSAB"


def test_an_empty_summary_stands_at_the_project_start() -> None:
    worked = Worked("P 0d kind=summary\nS 0d kind=summary under=P\nA 2d under=P snet=01-06")
    worked.check("S 01-04 08:00 .. 01-04 08:00\nP 01-06 08:00 .. 01-07 17:00")


def test_a_link_to_a_summary_is_left_out_and_reported() -> None:
    worked = Worked("S 0d kind=summary\nA 2d under=S\nB 1d after=S")
    worked.check("B 01-04 08:00 .. 01-04 17:00")
    assert [(f.kind, f.link) for f in worked.result.findings] == [(FindingKind.LINK_IGNORED, 0)]


def test_an_empty_plan_has_an_empty_schedule() -> None:
    worked = Worked("A 1d")
    empty = replace(
        worked.plan, **{name: () for name in worked.plan.__slots__ if name not in ("calendars", "projects")}
    )
    result = schedule(empty)
    assert result.early_start == [] and result.finish == minute("01-04")


@pytest.mark.parametrize("year", [2027, 2090])
def test_dates_past_the_calendar_are_worked_out(year: int) -> None:
    worked = Worked(f"A 1d snet={year}-03-01T08:00\nB 400d after=A")
    assert worked.early("A").startswith("03-01 08:00" if year == 2027 else "2090-03-01 08:00")
    assert worked.floats("B") == "0d 0d"
