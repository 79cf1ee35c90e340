"""What-if at the edges: empty plans, everything taken out, lengths that come and go, limits that fall and rise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from programs.engine import (
    CycleFound,
    Edits,
    EditsRefused,
    LatestFinish,
    NewLink,
    Plan,
    Project,
    Rules,
    Scheduled,
    schedule,
    what_if,
)
from tests.programs.engine.planner import CALENDARS, Worked, minute, minutes
from tests.programs.engine.test_what_if_properties import must_equal

EMPTY = Plan(
    calendars=[CALENDARS["office"]], projects=[Project(minute("01-04"))] * 2, calendar=[], duration=[]
)
EACH = Rules(float_to=LatestFinish.EACH_PROJECT, longest_path_to=LatestFinish.EACH_PROJECT)


@pytest.mark.parametrize("rules", [Rules(), EACH], ids=["program", "each project"])
def test_the_first_activity_of_a_plan_is_its_finish(rules: Rules) -> None:
    edits = Edits(added=[{"duration": 480}, {"duration": 960, "project": 1}], added_links=[NewLink(0, 1)])
    must_equal(Scheduled.of(EMPTY, rules), edits)
    told = what_if(Scheduled.of(EMPTY, rules), edits).difference
    assert told.added == [0, 1]
    assert told.finish == (minute("01-04T08:00"), minute("01-06T17:00"))


@pytest.mark.parametrize("rules", [Rules(), EACH], ids=["program", "each project"])
def test_when_everything_is_taken_out_the_project_start_is_left(rules: Rules) -> None:
    base = Scheduled.of(Worked("A 2d\nB 1d after=A\nC 1d in=0").plan, rules)
    must_equal(base, Edits(removed=[0, 1, 2]))
    told = what_if(base, Edits(removed=[0, 1, 2])).difference
    assert told.removed == [0, 1, 2]
    assert told.moved == told.late_moved == told.floats_changed == told.became_critical == []
    assert told.finish[1] == minute("01-04T08:00")


HOUSE = """
    A 2d
    B 3d after=A
    C 1d after=A:SS+1d
    D 2d cal=six after=B:FF,C
    E 1d after=A:FS+50% deadline=01-08
    M 0d after=D
    F 1d in=1
    """


@pytest.mark.parametrize("rules", [Rules(), EACH], ids=["program", "each project"])
@pytest.mark.parametrize("name", ["A", "B", "C", "D", "E", "M", "F"])
@pytest.mark.parametrize("length", ["0d", "1d", "2d", "9d"])
def test_another_length_alone_gives_the_schedule_of_the_plan_with_that_length(
    rules: Rules, name: str, length: str
) -> None:
    """A length of nothing makes a point of an activity; links to finishes, from starts and percents follow lengths."""
    worked = Worked(HOUSE, projects=[Project(minute("01-04")), Project(minute("01-05"))])
    must_equal(
        Scheduled.of(worked.plan, rules), Edits(activities={worked[name]: {"duration": minutes(length)}})
    )


def test_the_last_to_finish_may_become_another_and_the_path_with_it() -> None:
    worked = Worked("A 5d\nB 4d\nC 3d in=0")
    base = Scheduled.of(worked.plan)
    told = what_if(base, Edits(activities={0: {"duration": minutes("1d")}})).difference
    assert (told.became_critical, told.no_longer_critical) == ([1], [0])
    assert told.finish[1] == minute("01-07T17:00")
    told = what_if(base, Edits(activities={1: {"duration": minutes("5d")}})).difference
    assert (told.became_critical, told.no_longer_critical) == ([1], [])
    told = what_if(base, Edits(removed=[0])).difference
    assert (told.became_critical, told.finish[1]) == ([1], minute("01-07T17:00"))
    for edits in (Edits(removed=[0]), Edits(activities={0: {"duration": 480}, 2: {"duration": 2400}})):
        must_equal(base, edits)


def test_a_link_in_the_way_of_others_is_taken_out_and_the_path_goes_another_way() -> None:
    worked = Worked("A 2d\nB 1d\nC 1d after=A,B\nD 1d after=C")
    base = Scheduled.of(worked.plan)
    told = what_if(base, Edits(removed_links=[0])).difference
    assert told.moved == [2, 3]
    assert told.became_critical == [1]
    assert told.no_longer_critical == [0]
    must_equal(base, Edits(removed_links=[0]))


def test_edits_that_no_plan_can_hold_are_refused_and_the_base_answers_the_next_question() -> None:
    plan = replace(
        Worked("A 2d\nB 1d after=A").plan, projects=[Project(minute("01-04"), status_date=minute("01-06"))]
    )
    base = Scheduled.of(plan)
    for edits, words in (
        (Edits(activities={0: {"duration": -1}}), "activity 0: a duration of -1 minutes is negative"),
        (
            Edits(activities={1: {"actual_start": minute("01-07")}}),
            "activity 1: its actual start lies after the status date",
        ),
        (Edits(activities={2: {"duration": 1}}), "there is no activity 2 to change"),
        (Edits(added_links=[NewLink(0, 5)]), "link 1: there is no activity 5"),
        (Edits(added_links=[NewLink(1, 1)]), "link 1: links activity 1 to itself"),
    ):
        with pytest.raises(EditsRefused) as refused:
            what_if(base, edits)
        assert words in refused.value.problems
    with pytest.raises(CycleFound) as circle:
        what_if(base, Edits(added_links=[NewLink(1, 0)]))
    assert sorted(set(circle.value.path)) == [0, 1]
    assert what_if(base, Edits()).schedule == schedule(plan)
