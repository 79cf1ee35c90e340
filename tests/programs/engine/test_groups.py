"""Links of groups: a group is waited for whole and held back whole, without a link for every pair."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from programs.engine.critical_path import schedule
from programs.engine.groups import with_group_links
from programs.engine.network import CycleFound
from programs.engine.plan import Kind, LagCalendar, LagUnit, LinkKind, Plan, Project, Rules
from programs.engine.worktime import WorkCalendar

WEEK = [[(480, 960)]] * 5 + [[], []]
MONDAY = (date(2027, 1, 4) - date(1970, 1, 1)).days * 1440
DAY = 1440


def plan(
    links: list[tuple[int, int]],
    lag: int = 0,
    unit: LagUnit = LagUnit.WORKING,
    setting: LagCalendar = LagCalendar.PREDECESSOR,
) -> Plan:
    """Group 0 holds 1 (8 h) and group 2 with 3 (16 h); group 4 holds 5 (8 h) and 6 (8 h); 7 (8 h) is alone."""
    return Plan(
        calendars=[WorkCalendar.weekly(WEEK, first=date(2027, 1, 1), last=date(2027, 12, 31))],
        projects=[Project(start=MONDAY, status_date=None, calendar=0, lag_calendar=setting)],
        calendar=[0] * 8,
        duration=[0, 480, 0, 960, 0, 480, 480, 480],
        project=[0] * 8,
        kind=[
            Kind.SUMMARY,
            Kind.TASK,
            Kind.SUMMARY,
            Kind.TASK,
            Kind.SUMMARY,
            Kind.TASK,
            Kind.TASK,
            Kind.TASK,
        ],
        parent=[-1, 0, 0, 2, -1, 4, 4, -1],
        predecessor=[source for source, _ in links],
        successor=[target for _, target in links],
        link_kind=[LinkKind.FINISH_START] * len(links),
        lag=[lag] * len(links),
        lag_unit=[unit] * len(links),
    )


def starts(given: Plan) -> list[int]:
    """Days after the Monday on which each activity starts."""
    found = schedule(with_group_links(given), Rules())
    return [(found.early_start[i] - MONDAY) // DAY for i in range(8)]


def test_a_plan_without_links_of_groups_is_left_as_it_is() -> None:
    given = plan([(1, 3)])
    assert with_group_links(given) is given


def test_what_follows_a_group_waits_for_all_in_it_at_any_depth() -> None:
    assert starts(plan([(0, 7)]))[7] == 2


def test_a_group_that_follows_holds_back_all_in_it_and_nothing_else() -> None:
    found = starts(plan([(7, 4)]))
    assert (found[5], found[6]) == (1, 1)
    assert (found[1], found[3]) == (0, 0)


def test_a_group_after_a_group_costs_the_sum_of_their_sizes_in_links() -> None:
    given = plan([(0, 4)])
    carried = with_group_links(given)
    assert len(carried.predecessor) == 1 + 2 + 2
    assert carried.predecessor[0] >= 8, "the plan's own link leads from point to point"
    assert starts(given)[5:7] == [2, 2]


@pytest.mark.parametrize(
    "setting", [LagCalendar.PREDECESSOR, LagCalendar.SUCCESSOR, LagCalendar.PROJECT_DEFAULT]
)
def test_a_lag_of_a_groups_link_runs_on_working_time_once(setting: LagCalendar) -> None:
    assert starts(plan([(0, 4)], lag=480, setting=setting))[5:7] == [3, 3]
    assert starts(plan([(1, 4)], lag=480, setting=setting))[5:7] == [2, 2]
    assert starts(plan([(0, 7)], lag=480, setting=setting))[7] == 3


def test_an_elapsed_lag_of_a_groups_link_runs_on_the_clock() -> None:
    assert starts(plan([(0, 7)], lag=480, setting=LagCalendar.ALL_HOURS))[7] == 2
    assert starts(plan([(0, 7)], lag=480, unit=LagUnit.ELAPSED))[7] == 2


def test_a_lag_in_percent_is_of_the_durations_inside() -> None:
    assert starts(plan([(0, 7)], lag=50, unit=LagUnit.PERCENT))[7] == 3


def test_a_group_with_nothing_in_it_holds_nothing() -> None:
    given = plan([(4, 7)])
    empty = replace(given, parent=[-1, 0, 0, 2, -1, -1, -1, -1])
    assert starts(empty)[7] == 0


def test_a_group_that_waits_for_something_inside_itself_is_a_circle() -> None:
    with pytest.raises(CycleFound):
        starts(plan([(1, 0)]))


def test_groups_that_lie_in_each_other_are_refused_with_their_circle() -> None:
    given = plan([(0, 4)])
    parent = list(given.parent)
    parent[0], parent[2] = 2, 0
    with pytest.raises(CycleFound) as circle:
        with_group_links(replace(given, parent=parent))
    assert set(circle.value.path) == {0, 2}
    assert circle.value.path[0] == circle.value.path[-1]
