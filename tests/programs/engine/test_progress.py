"""Work in progress: status date, retained logic and progress override, lags from actual dates, order not kept."""

import pytest

from programs.engine import (
    MICROSOFT_PROJECT,
    Finding,
    FindingKind,
    LatestFinish,
    Progress,
    Project,
    Rules,
    StartFloor,
    Why,
    explain,
)
from tests.programs.engine.planner import Worked, minute, wall

OVERRIDE = Rules(progress=Progress.PROGRESS_OVERRIDE)


def status(day: str) -> int:
    return minute(f"{day}T08:00")


def test_unstarted_work_is_not_scheduled_into_the_past() -> None:
    worked = Worked("A 2d\nB 1d after=A", status_date=status("01-06"))
    worked.check("A 01-06 08:00 .. 01-07 17:00 0d 0d\nB 01-08 08:00 .. 01-08 17:00 0d 0d")
    assert worked.result.why[0] is Why.STATUS_DATE


def test_a_status_date_before_the_project_start_holds_nothing() -> None:
    worked = Worked("A 2d", status_date=minute("2026-12-01T08:00"))
    worked.check("A 01-04 08:00 .. 01-05 17:00")
    assert worked.result.why[0] is Why.PROJECT_START


def test_a_status_date_within_the_day_begins_the_rest_of_that_day() -> None:
    Worked("A 1d", status_date=minute("01-06T09:40")).check("A 01-06 09:40 .. 01-07 09:40")


def test_completed_work_is_shown_as_it_happened_and_has_no_float() -> None:
    plan = """
        A 2d began=01-04T10:00 ended=01-05T12:00
        B 3d after=A
        C 9d
        """
    worked = Worked(plan, status_date=status("01-06"))
    worked.check(
        """
        A 01-04 10:00 .. 01-05 12:00 0d 0d
        B 01-06 08:00 .. 01-08 17:00 6d 6d
        """
    )
    assert worked.late("A") == worked.early("A")
    assert worked.result.why[worked["A"]] is Why.ACTUAL
    assert worked.path() == "C"


def test_remaining_work_goes_on_from_the_status_date() -> None:
    plan = """
        A 4d began=01-04 left=2d
        B 1d after=A
        """
    worked = Worked(plan, status_date=status("01-07"))
    worked.check("A 01-04 08:00 .. 01-08 17:00 0d 0d\nB 01-11 08:00 .. 01-11 17:00 0d 0d")
    assert wall(worked.result.remaining_start[0]) == "01-07 08:00"


def test_a_started_activity_without_a_remaining_duration_has_all_of_it_left() -> None:
    Worked("A 2d began=01-05", status_date=status("01-06")).check("A 01-05 08:00 .. 01-07 17:00")


def test_each_project_has_its_own_status_date() -> None:
    plan = """
        A 1d in=0
        B 1d in=1
        """
    worked = Worked(plan, projects=[Project(minute("01-04"), status("01-11")), Project(minute("01-04"))])
    worked.check("A 01-11 08:00 .. 01-11 17:00\nB 01-04 08:00 .. 01-04 17:00")


def test_progress_without_a_status_date_is_known_up_to_its_last_actual_date() -> None:
    plan = """
        A 2d began=01-04 ended=01-07T12:00
        B 2d after=A
        C 1d
        """
    worked = Worked(plan)
    worked.check("B 01-07 13:00 .. 01-11 12:00\nC 01-07 13:00 .. 01-08 12:00")


OUT_OF_SEQUENCE = """
    A 4d began=01-04 left=2d
    B 3d began=01-05 left=2d after=A
    C 1d after=B
    """


def test_retained_logic_holds_the_rest_of_work_begun_out_of_sequence() -> None:
    worked = Worked(OUT_OF_SEQUENCE, status_date=status("01-06"))
    worked.check(
        """
        A 01-04 08:00 .. 01-07 17:00 0d 0d
        B 01-05 08:00 .. 01-11 17:00 0d 0d
        C 01-12 08:00 .. 01-12 17:00 0d 0d
        """
    )
    assert wall(worked.result.remaining_start[worked["B"]]) == "01-08 08:00"
    assert worked.path() == "ABC"
    assert worked.result.why[worked["B"]] is Why.ACTUAL
    assert explain(worked.plan, worked.result, worked["B"]).predecessor == worked["A"]


def test_progress_override_lets_the_rest_go_on() -> None:
    worked = Worked(OUT_OF_SEQUENCE, OVERRIDE, status_date=status("01-06"))
    worked.check(
        """
        A 01-04 08:00 .. 01-07 17:00 1d 1d
        B 01-05 08:00 .. 01-07 17:00 0d 0d
        C 01-08 08:00 .. 01-08 17:00 0d 0d
        """
    )
    assert worked.path() == "BC"


def test_work_begun_out_of_sequence_is_reported_with_its_link() -> None:
    for rules in (Rules(), OVERRIDE, MICROSOFT_PROJECT):
        worked = Worked(OUT_OF_SEQUENCE, rules, status_date=status("01-06"))
        assert Finding(FindingKind.OUT_OF_SEQUENCE, activity=1, link=0) in worked.result.findings


def test_an_order_that_was_not_kept_in_the_past_is_reported_with_the_time_of_overlap() -> None:
    plan = """
        A 2d began=01-04 ended=01-06T12:00
        B 2d began=01-05 ended=01-06 after=A
        C 2d began=01-06T13:00 ended=01-07 after=A
        """
    worked = Worked(plan, status_date=status("01-11"))
    assert worked.result.findings == [
        Finding(FindingKind.OUT_OF_SEQUENCE, activity=1, link=0, minutes=480 + 240)
    ]


def test_a_completed_activity_still_waits_for_its_predecessor_under_retained_logic() -> None:
    plan = """
        A 3d
        B 1d began=01-04 ended=01-04 after=A
        C 1d after=B
        """
    held = Worked(plan, status_date=status("01-06"))
    held.check("C 01-11 08:00 .. 01-11 17:00 0d 0d")
    assert held.path() == "AC"
    free = Worked(plan, OVERRIDE, status_date=status("01-06"))
    free.check("C 01-06 08:00 .. 01-06 17:00 2d 2d")


def test_a_lag_runs_from_the_actual_finish() -> None:
    plan = """
        A 1d began=01-04 ended=01-05T12:00
        B 1d after=A:FS+3d
        """
    worked = Worked(plan, status_date=status("01-06"))
    worked.check("B 01-08 13:00 .. 01-11 12:00")
    assert worked.result.why[worked["B"]] is Why.LINK


def test_a_lag_from_an_actual_start_runs_while_the_work_goes_on() -> None:
    plan = """
        A 5d began=01-04 left=4d
        B 1d after=A:SS+4d
        """
    Worked(plan, status_date=status("01-06")).check("B 01-08 08:00 .. 01-08 17:00")


def test_a_lag_that_ran_out_before_the_status_date_is_spent() -> None:
    plan = """
        A 1d began=01-04 ended=01-04
        B 1d after=A:FS+1d
        """
    Worked(plan, status_date=status("01-11")).check("B 01-11 08:00 .. 01-11 17:00")


def test_microsoft_project_leaves_started_work_at_its_actual_start() -> None:
    plan = """
        A 4d began=01-05 left=2d
        B 1d after=A
        C 2d began=01-04 ended=01-06
        D 1d after=C
        """
    worked = Worked(plan, MICROSOFT_PROJECT, status_date=status("01-11"))
    worked.check(
        """
        A 01-05 08:00 .. 01-08 17:00 0d 0d
        B 01-11 08:00 .. 01-11 17:00 0d 0d
        C 01-04 08:00 .. 01-06 17:00 0d 0d
        D 01-07 08:00 .. 01-07 17:00 2d 2d
        """
    )


def test_a_constraint_on_the_start_of_begun_work_is_spent_one_on_its_finish_holds() -> None:
    worked = Worked("A 4d began=01-04 left=2d snet=01-20 2:fnlt=01-06", status_date=status("01-06"))
    worked.check("A 01-04 08:00 .. 01-07 17:00 -1d 0d")


def test_work_whose_links_progress_let_go_of_still_waits_for_the_status_date() -> None:
    plan = """
        A 1d began=01-04 ended=01-04
        B 1d after=A
        """
    for floor in StartFloor:
        rules = Rules(progress=Progress.PROGRESS_OVERRIDE, start_floor=floor)
        Worked(plan, rules, status_date=status("01-06")).check("B 01-06 08:00 .. 01-06 17:00 0d 0d")


def test_a_program_that_is_finished_shows_when_it_finished() -> None:
    plan = """
        A 1d began=01-04 ended=01-05
        B 1d began=01-06 ended=01-07 after=A
        """
    for rules in (Rules(), OVERRIDE, MICROSOFT_PROJECT, Rules(float_to=LatestFinish.EACH_PROJECT)):
        worked = Worked(plan, rules, status_date=status("01-11"))
        assert wall(worked.result.finish) == "01-07 17:00"
        assert worked.path() == "" or rules is MICROSOFT_PROJECT
        assert worked.result.total_float == [0, 0]


@pytest.mark.parametrize(
    ("rules", "begun", "waiting"),
    [
        (Rules(), "0d 0d", "0d 0d"),
        (OVERRIDE, "1d 1d", "0d 0d"),
        (Rules(progress=Progress.ACTUAL_DATES), "1d 1d", "0d 0d"),
    ],
)
def test_a_lag_from_a_start_holds_late_dates_only_until_that_start_has_happened(
    rules: Rules, begun: str, waiting: str
) -> None:
    """Retained logic keeps the link without its lag; the others let go of what has begun."""
    now = minute("01-06")
    assert Worked("A 5d began=01-04 left=3d\nB 4d after=A:SS+2d", rules, status_date=now).floats("A") == begun
    assert Worked("A 5d\nB 4d after=A:SS+2d", rules, status_date=now).floats("A") == waiting
