"""Links: the four kinds, lags and leads in every unit, and links between calendars."""

import pytest

from programs.engine import LagCalendar, Project, Rules, StartFloor
from tests.programs.engine.planner import Worked, minute

CASES = {
    "finish to start": (
        """
        A 2d
        B 3d after=A
        C 1d after=A
        D 1d after=B,C
        """,
        """
        A 01-04 08:00 .. 01-05 17:00  0d 0d
        B 01-06 08:00 .. 01-08 17:00  0d 0d
        C 01-06 08:00 .. 01-06 17:00  2d 2d
        D 01-11 08:00 .. 01-11 17:00  0d 0d
        """,
    ),
    "an open end may slip to the end of the program": (
        """
        A 5d
        B 2d
        C 1d after=B
        """,
        """
        A 01-04 08:00 .. 01-08 17:00  0d 0d
        B 01-04 08:00 .. 01-05 17:00  2d 0d
        C 01-06 08:00 .. 01-06 17:00  2d 2d
        """,
    ),
    "start to start with a lag": (
        """
        A 5d
        B 2d after=A:SS+1d
        """,
        """
        A 01-04 08:00 .. 01-08 17:00  0d 0d
        B 01-05 08:00 .. 01-06 17:00  2d 2d
        """,
    ),
    "finish to finish holds the end, so the start waits": (
        """
        A 5d
        B 2d after=A:FF+1d
        """,
        """
        A 01-04 08:00 .. 01-08 17:00  0d 0d
        B 01-08 08:00 .. 01-11 17:00  0d 0d
        """,
    ),
    "start to finish": (
        """
        A 2d snet=01-13
        B 3d after=A:SF
        """,
        """
        A 01-13 08:00 .. 01-14 17:00  0d 0d
        B 01-08 08:00 .. 01-12 17:00  2d 2d
        """,
    ),
    "a lead starts before the predecessor ends": (
        """
        A 5d
        B 3d after=A:FS-2d
        """,
        """
        A 01-04 08:00 .. 01-08 17:00  0d 0d
        B 01-07 08:00 .. 01-11 17:00  0d 0d
        """,
    ),
    "a lag of working days steps over the weekend": (
        """
        A 4d
        B 1d after=A:FS+2d
        """,
        """
        A 01-04 08:00 .. 01-07 17:00  0d 0d
        B 01-12 08:00 .. 01-12 17:00  0d 0d
        """,
    ),
    "an elapsed lag runs through the weekend": (
        """
        A 5d
        B 1d after=A:FS+2e
        """,
        """
        A 01-04 08:00 .. 01-08 17:00  0d 0d
        B 01-11 08:00 .. 01-11 17:00  0d 0d
        """,
    ),
    "an elapsed lag ends within a working day": (
        """
        A 2d
        B 1d after=A:FS+0.75e
        """,
        """
        A 01-04 08:00 .. 01-05 17:00  0d 0d
        B 01-06 11:00 .. 01-07 11:00  0d 0d
        """,
    ),
    "a lag in percent of the predecessor's duration": (
        """
        A 4d
        B 1d after=A:SS+50%
        C 1d after=A:FS-25%
        """,
        """
        A 01-04 08:00 .. 01-07 17:00  0d 0d
        B 01-06 08:00 .. 01-06 17:00  1d 1d
        C 01-07 08:00 .. 01-07 17:00  0d 0d
        """,
    ),
    "a predecessor on six days hands over on Monday": (
        """
        A 6d cal=six
        B 1d after=A
        """,
        """
        A 01-04 08:00 .. 01-09 17:00  0d 0d
        B 01-11 08:00 .. 01-11 17:00  0d 0d
        """,
    ),
    "a predecessor on five days may slip through a Saturday that it does not work": (
        """
        A 5d
        B 1d after=A cal=six
        C 7d cal=six
        """,
        """
        A 01-04 08:00 .. 01-08 17:00  0d 0d
        B 01-09 08:00 .. 01-09 17:00  1d 1d
        C 01-04 08:00 .. 01-11 17:00  0d 0d
        """,
    ),
    "a day off on one calendar only": (
        """
        A 3d cal=holiday
        B 3d
        C 1d after=A,B
        """,
        """
        A 01-04 08:00 .. 01-07 17:00  0d 0d
        B 01-04 08:00 .. 01-06 17:00  1d 1d
        C 01-08 08:00 .. 01-08 17:00  0d 0d
        """,
    ),
    "the night shift takes over in the evening and hands back in the morning": (
        """
        A 1d
        N 8h cal=nights after=A
        B 1d after=N
        """,
        """
        A 01-04 08:00 .. 01-04 17:00  0d 0d
        N 01-04 22:00 .. 01-05 06:00  0d 0d
        B 01-05 08:00 .. 01-05 17:00  0d 0d
        """,
    ),
    "a finish milestone stands where the work before it ends": (
        """
        A 5d
        M 0d kind=finish after=A
        B 1d after=M
        """,
        """
        A 01-04 08:00 .. 01-08 17:00  0d 0d
        M 01-08 17:00 .. 01-08 17:00  0d 0d
        B 01-11 08:00 .. 01-11 17:00  0d 0d
        """,
    ),
    "a start milestone stands where the next work begins": (
        """
        A 5d
        M 0d kind=start after=A
        B 1d after=M
        """,
        """
        A 01-04 08:00 .. 01-08 17:00  0d 0d
        M 01-11 08:00 .. 01-11 08:00  0d 0d
        B 01-11 08:00 .. 01-11 17:00  0d 0d
        """,
    ),
    "a milestone at the very beginning is not shown on the Friday before": (
        """
        M 0d kind=finish
        A 1d after=M
        """,
        """
        M 01-04 08:00 .. 01-04 08:00  0d 0d
        A 01-04 08:00 .. 01-04 17:00  0d 0d
        """,
    ),
    "two links between the same two activities both hold": (
        """
        A 5d
        B 2d after=A:SS+1d,A:FF+1d
        """,
        """
        A 01-04 08:00 .. 01-08 17:00  0d 0d
        B 01-08 08:00 .. 01-11 17:00  0d 0d
        """,
    ),
}


@pytest.mark.parametrize(("plan", "expected"), CASES.values(), ids=list(CASES))
def test_dates_and_floats_follow_the_links(plan: str, expected: str) -> None:
    Worked(plan).check(expected)


@pytest.mark.parametrize(
    ("lag_calendar", "start"),
    [
        # A ends on Friday 8 January at 17:00; two days of lag ...
        (LagCalendar.PREDECESSOR, "01-13 08:00"),  # ... Monday and Tuesday
        (LagCalendar.SUCCESSOR, "01-12 08:00"),  # ... Saturday and Monday
        (LagCalendar.ALL_HOURS, "01-09 09:00"),  # ... sixteen hours of the night
        (LagCalendar.PROJECT_DEFAULT, "01-12 08:00"),  # ... on the project's six days
    ],
)
def test_the_project_says_whose_calendar_a_lag_runs_on(lag_calendar: LagCalendar, start: str) -> None:
    plan = """
        A 5d
        B 1d cal=six after=A:FS+2d
        """
    worked = Worked(plan, lag_calendar=lag_calendar, calendar=1)
    assert worked.early("B").startswith(start)


def test_a_lag_on_a_third_calendar_goes_by_way_of_it() -> None:
    plan = """
        A 5d
        B 1d cal=holiday after=A:FS+2d
        Z 10d
        """
    worked = Worked(plan, lag_calendar=LagCalendar.PROJECT_DEFAULT, calendar=1)
    worked.check("B 01-12 08:00 .. 01-12 17:00 3d 3d")
    # then two days of lag on six days a week, then B on the 15th
    assert worked.late("A") == "01-06 08:00 .. 01-12 17:00"


def test_the_lag_setting_of_the_successors_project_counts() -> None:
    plan = """
        A 5d in=0
        B 1d in=1 cal=six after=A:FS+2d
        """
    start = minute("01-04")
    mixed = [Project(start), Project(start, lag_calendar=LagCalendar.SUCCESSOR)]
    assert Worked(plan, projects=mixed).early("B").startswith("01-12 08:00")


@pytest.mark.parametrize(
    ("floor", "start_b", "start_c"),
    [
        (StartFloor.EVERY_ACTIVITY, "01-04 08:00", "01-04 08:00"),
        (StartFloor.OPEN_STARTS_AND_FINISH_LINKS, "2026-12-31 08:00", "01-04 08:00"),
        (StartFloor.OPEN_STARTS, "2026-12-31 08:00", "2026-12-31 08:00"),
    ],
)
def test_whether_a_link_may_pull_work_before_the_project_start(
    floor: StartFloor, start_b: str, start_c: str
) -> None:
    plan = """
        A 1d
        B 1d after=A:FS-3d
        C 3d after=A:FF
        """
    worked = Worked(plan, Rules(start_floor=floor))
    assert worked.early("B").startswith(start_b)
    assert worked.early("C").startswith(start_c)


def test_a_link_between_starts_holds_the_late_start_across_calendars_and_one_between_finishes_the_late_finish() -> (
    None
):
    starts = Worked("A 2d\nB 3d cal=six after=A:SS")
    starts.check("A 01-04 08:00 .. 01-05 17:00 0d 0d")
    assert starts.late("A") == "01-04 08:00 .. 01-05 17:00"
    finishes = Worked("A 2d\nB 3d cal=six after=A:FF deadline=01-06\nC 5d")
    assert finishes.late("A") == "01-05 08:00 .. 01-06 17:00"
    assert finishes.late("B") == "01-04 08:00 .. 01-06 17:00"
    crossed = Worked("A 2d snet=01-06\nB 3d cal=six after=A:SF\nC 5d")
    assert crossed.late("A") == "01-07 08:00 .. 01-08 17:00"


def test_a_link_reads_the_end_of_its_predecessor_that_it_leaves_across_calendars_too() -> None:
    worked = Worked("A 2d snet=01-06\nB 3d cal=six after=A:SS\nC 3d cal=six after=A\nD 1d cal=six after=A:FF")
    worked.check(
        """
        B 01-06 08:00 .. 01-08 17:00
        C 01-08 08:00 .. 01-11 17:00
        D 01-07 08:00 .. 01-07 17:00
        """
    )
