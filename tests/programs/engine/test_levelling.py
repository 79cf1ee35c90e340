"""Plans that compete for people, and what a planner would answer by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from programs.engine import Kind, LinkKind
from programs.engine.levelling import (
    ELAPSED,
    Breach,
    Infeasible,
    Levelled,
    Levelling,
    Objective,
    Rule,
    Share,
    check,
    level,
    validate,
)
from programs.engine.network import CycleFound
from tests.programs.engine.planner import CALENDARS, minute

FS, SS, FF, SF = LinkKind


def team(rows: str, *, capacity: Sequence[Any] = (1,), **more: Any) -> Levelling:
    """A table of `name length amount after,...` for one resource; `-` where nothing is needed or awaited.

    Links are `A`, `A:SS+2`, `A:FF-1`. A number in `capacity` holds for all time.
    """
    lines = [line.split() for line in rows.strip().splitlines()]
    at = {line[0]: i for i, line in enumerate(lines)}
    links = []
    for i, line in enumerate(lines):
        for word in (line[3] if len(line) > 3 else "-").split(","):
            if word != "-":
                name, _, how = word.partition(":")
                kind, lag = (
                    (LinkKind([FS, SS, FF, SF][["FS", "SS", "FF", "SF"].index(how[:2])]), how[2:])
                    if how
                    else (FS, "")
                )
                links.append((at[name], i, kind, int(lag or 0)))
    return Levelling(
        duration=[int(line[1]) for line in lines],
        demand=[
            [(k, int(amount)) for k, amount in enumerate(line[2].split(",")) if amount != "-"]
            for line in lines
        ],
        capacity=[[(0, steps)] if isinstance(steps, int) else steps for steps in capacity],
        predecessor=[link[0] for link in links],
        successor=[link[1] for link in links],
        link_kind=[link[2] for link in links],
        lag=[link[3] for link in links],
        **more,
    )


def levelled(problem: Levelling, **how: Any) -> Levelled:
    """The schedule at once, found feasible by the checker."""
    assert validate(problem) == []
    result = level(problem, **how)
    assert check(problem, result.start, result.finish) == []
    assert result.bound <= result.value
    return result


def test_two_who_need_the_same_person_work_one_after_the_other() -> None:
    result = levelled(team("A 5 1 \n B 3 1"))
    assert (result.start, result.finish) == ([0, 5], [5, 8])
    assert result.end == 8 and result.gap == 0


def test_those_whom_the_team_can_carry_work_at_once() -> None:
    assert levelled(team("A 5 1 \n B 3 1", capacity=[2])).end == 5


def test_the_longer_chain_goes_first_under_every_rule_that_looks_ahead() -> None:
    # C follows B for 9 days: to serve A first would cost the plan 4 days.
    problem = team("A 4 1 \n B 2 1 \n C 9 - B")
    for rule in (Rule.LFT, Rule.LST, Rule.MINSLK, Rule.GRPW, Rule.MTS):
        assert levelled(problem, rule=rule).end == 11, rule


def test_the_delayed_activity_names_the_resource_the_time_and_who_has_it() -> None:
    result = levelled(team("A 4 1 \n B 2 1 \n C 9 - B \n D 1 - A"))
    waiting, following = result.delays
    assert (waiting.activity, waiting.resource, waiting.holders) == (0, 0, (1,))
    assert (waiting.earliest, waiting.since, waiting.start) == (0, 0, 2)
    assert (following.activity, following.resource, following.predecessor) == (3, -1, 0)


@pytest.mark.parametrize(
    ("link", "start"), [("A", 5), ("A:SS+2", 2), ("A:FF+1", 3), ("A:SF+4", 1), ("A+0", None), ("A:FS-2", 3)]
)
def test_every_kind_of_link_holds_with_its_lag_or_lead(link: str, start: int | None) -> None:
    if start is None:
        link, start = "A:FS+0", 5
    assert levelled(team(f"A 5 1 \n B 3 - {link}")).start[1] == start


def test_a_second_shift_that_begins_on_day_ten_lets_the_big_job_wait_for_it() -> None:
    result = levelled(team("A 3 2 \n B 2 1", capacity=[[(0, 1), (10, 2)]]))
    assert result.start == [10, 0]


def test_nobody_works_in_a_shutdown_and_nothing_runs_across_it() -> None:
    result = levelled(team("A 4 1 \n B 3 1", capacity=[[(0, 1), (5, 0), (8, 1)]]))
    assert sorted(zip(result.start, result.finish, strict=True)) in ([(0, 3), (8, 12)], [(0, 4), (8, 11)])


def test_what_has_begun_stays_where_it_is_and_keeps_its_people() -> None:
    result = levelled(team("A 5 1 \n B 3 1", fixed=[None, (2, 5)]))
    assert result.start == [5, 2]


def test_those_who_overdrew_already_are_left_and_the_others_wait_for_the_end_of_it() -> None:
    problem = team("A 5 1 \n B 6 1 \n C 2 1", fixed=[(0, 5), (0, 6), None])
    assert levelled(problem).start == [0, 0, 6]


def test_a_release_holds_a_project_and_an_activity() -> None:
    problem = team("A 2 1 \n B 2 1", projects=[Share(), Share(release=7)], project=[0, 1], release=[3, None])
    result = levelled(problem)
    assert result.start == [3, 7] and result.project_finish == [5, 9]


def test_the_project_with_the_lower_priority_number_is_served_first() -> None:
    shares = [Share(priority=2), Share(priority=1)]
    problem = team("A 4 1 \n B 4 1", projects=shares, project=[0, 1])
    assert levelled(problem).start == [4, 0]


def test_the_heavier_project_is_finished_first_where_its_days_cost_more() -> None:
    shares = [Share(weight=1), Share(weight=10)]
    problem = team("A 4 1 \n B 4 1", projects=shares, project=[0, 1], objective=Objective.PROJECTS)
    result = levelled(problem, optimise=5.0, schedules=200)
    assert result.start == [4, 0]
    assert result.value == 10 * 4 + 8


def test_a_demand_above_every_capacity_is_refused_with_activity_and_resource() -> None:
    with pytest.raises(
        Infeasible, match="activity 1 asks for 3 of resource 0, which never has more than 2"
    ) as no:
        level(team("A 1 1 \n B 1 3", capacity=[2]))
    assert (no.value.activity, no.value.resource) == (1, 0)


def test_a_team_that_leaves_for_good_before_the_work_fits_is_refused() -> None:
    with pytest.raises(Infeasible, match="resource 0 never again has 1") as no:
        level(team("A 6 1", capacity=[[(0, 1), (5, 0)]]))
    assert (no.value.activity, no.value.resource) == (0, 0)


def test_a_circle_of_links_is_refused_with_its_path() -> None:
    with pytest.raises(CycleFound):
        level(team("A 1 1 B \n B 1 1 A"))


def test_nothing_to_do_takes_no_time() -> None:
    result = levelled(team("", capacity=[1]))
    assert (result.start, result.end, result.value, result.gap) == ([], 0, 0, 0)


def test_what_is_wrong_with_a_problem_is_said_in_sentences() -> None:
    problem = team("A 1 1 \n B 1 1")
    wrong = replace(problem, demand=[[(4, 1)], [(0, -1)]], project=[0, 3], predecessor=[0], successor=[0])
    wrong = replace(wrong, link_kind=(), lag=())
    assert validate(wrong) == [
        "activity 0 asks for resource 4, and there are 1",
        "activity 1 asks for the negative amount -1 of resource 0",
        "link 0 leads from activity 0 to itself",
        "activity 1 is in project 3, and there are 1",
    ]
    assert validate(replace(problem, duration=[1])) == ["demand has 2 entries for 1 activities"]


def office(rows: str, *names: str, **more: Any) -> Levelling:
    """A table in minutes on the named calendars, from Monday 4 January 2027 at 08:00."""
    calendar = more.pop("calendar", ())
    return team(
        rows,
        calendars=[CALENDARS[name] for name in names],
        calendar=calendar,
        projects=[Share(release=minute("01-04"))],
        **more,
    )


def test_on_one_calendar_the_second_goes_on_after_the_weekend() -> None:
    # Five days of eight hours for A, then B from Monday on.
    result = levelled(office("A 2400 1 \n B 480 1", "office"), rule=Rule.MTS)
    assert result.start == [minute("01-04"), minute("01-11")]
    assert result.finish == [minute("01-08T17:00"), minute("01-11T17:00")]


def test_a_milestone_stands_at_the_end_of_the_work_before_it() -> None:
    problem = office(
        "A 2400 1 \n M 0 - A \n S 0 - A",
        "office",
        kind=[Kind.TASK, Kind.FINISH_MILESTONE, Kind.START_MILESTONE],
    )
    result = levelled(problem)
    assert result.start[1:] == [minute("01-08T17:00"), minute("01-11")]


def test_on_two_calendars_a_resource_is_free_while_its_user_is_at_home() -> None:
    # A works in the office for two days; B, on all hours, takes the same machine for six hours in the night.
    problem = office("A 960 1 \n B 360 1", "office", "always", calendar=[0, 1])
    result = levelled(problem, rule=Rule.GRPW)
    assert result.start == [minute("01-04"), minute("01-04T17:00")]
    assert result.finish == [minute("01-05T17:00"), minute("01-04T23:00")]
    waiting = result.delays[0]
    assert (waiting.activity, waiting.resource, waiting.holders) == (1, 0, (0,))


def test_elapsed_lags_run_through_the_weekend() -> None:
    problem = office("A 2400 1 \n B 480 1 A:FS+2880", "office", "six", calendar=[0, 1])
    problem = replace(problem, lag_calendar=[ELAPSED])
    # Friday 17:00 and two days: Sunday 17:00, so Monday.
    assert levelled(problem).start[1] == minute("01-11")


def test_a_calendar_that_ends_is_refused_with_the_activity() -> None:
    from programs.engine import WorkCalendar

    short = WorkCalendar.intervals([(0, 100)])
    problem = Levelling(duration=[60, 60], demand=[[(0, 1)]] * 2, capacity=[[(0, 1)]], calendars=[short])
    with pytest.raises(Infeasible, match="the calendar of activity 1 has no time left for it") as no:
        level(problem)
    assert (no.value.activity, no.value.resource) == (1, None)


def test_the_checker_finds_each_kind_of_breach() -> None:
    problem = team("A 5 1 \n B 3 1 A", release=[None, 6], projects=[Share(release=1)])
    faults = check(problem, [1, 6], [6, 9])
    assert faults == []
    assert [fault.breach for fault in check(problem, [0, 6], [5, 9])] == [Breach.TOO_EARLY]
    assert [fault.breach for fault in check(problem, [1, 6], [6, 8])] == [Breach.LENGTH]
    assert {fault.breach for fault in check(problem, [2, 6], [7, 9])} == {Breach.LINK, Breach.CAPACITY}
    stays = replace(problem, fixed=[(1, 6), None])
    assert [fault.breach for fault in check(stays, [2, 8], [7, 11])] == [Breach.MOVED]
    night = office("A 480 1", "office")
    at = minute("01-04T12:30")
    assert Breach.NOT_WORKING in {fault.breach for fault in check(night, [at], [at + 510])}


def test_a_search_tells_how_far_it_is_and_stops_when_told() -> None:
    rows = "\n".join(f"T{i} {1 + i * 7 % 5} {1 + i % 3},{1 + i * 5 % 4}" for i in range(40))
    problem = team(rows, capacity=[4, 5])
    told: list[tuple[int, int]] = []
    ticks = iter(range(1_000_000))
    result = level(
        problem,
        optimise=1e9,
        progress=lambda n, best: told.append((n, best)),
        clock=lambda: float(next(ticks)),
        cancel=lambda: len(told) >= 3,
    )
    assert check(problem, result.start, result.finish) == []
    assert 3 <= len(told) <= 6  # it is told once more where a generation ends
    assert result.generated < 200
