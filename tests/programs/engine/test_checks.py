"""Plans that cannot be scheduled are told apart in words."""

from dataclasses import replace
from typing import Any

import pytest

from programs.engine import Constraint, Kind, Plan, Project, validate
from tests.programs.engine.planner import CALENDARS, Worked, minute

SOUND = Plan(
    calendars=[CALENDARS["office"]],
    projects=[Project(minute("01-04"), status_date=minute("01-06"))],
    calendar=[0, 0],
    duration=[480, 480],
    predecessor=[0],
    successor=[1],
)

UNSOUND: dict[str, tuple[dict[str, Any], str]] = {
    "negative duration": ({"duration": [480, -1]}, "activity 1: a duration of -1 minutes is negative"),
    "negative remaining": (
        {"remaining": [None, -5]},
        "activity 1: a remaining duration of -5 minutes is negative",
    ),
    "unknown calendar": ({"calendar": [0, 1]}, "activity 1: there is no calendar 1"),
    "unknown project": ({"project": [0, -1]}, "activity 1: there is no project -1"),
    "unknown kind": ({"kind": [0, 9]}, "activity 1: there is no kind of activity 9"),
    "unknown predecessor": ({"predecessor": [7]}, "link 0: there is no predecessor 7"),
    "unknown successor": ({"successor": [-1]}, "link 0: there is no successor -1"),
    "self link": ({"successor": [0]}, "link 0: links activity 0 to itself"),
    "unknown link kind": ({"link_kind": [4]}, "link 0: there is no kind of link 4"),
    "unknown lag unit": ({"lag_unit": [3]}, "link 0: there is no unit of lag 3"),
    "unknown constraint": ({"constraint": [0, 8]}, "activity 1: there is no constraint 8"),
    "constraint without date": (
        {"constraint": [Constraint.MUST_START_ON, 0]},
        "activity 0: the constraint 'must start on' needs a date",
    ),
    "second constraint without date": (
        {"second_constraint": [0, Constraint.FINISH_NO_LATER_THAN]},
        "activity 1: the second constraint 'finish no later than' needs a date",
    ),
    "parent not a summary": (
        {"parent": [-1, 0]},
        "activity 1: lies under activity 0, which is not a summary",
    ),
    "parent unknown": ({"parent": [-1, 5]}, "activity 1: there is no activity 5 to lie under"),
    "under itself": (
        {"kind": [Kind.SUMMARY, Kind.SUMMARY], "parent": [1, 0]},
        "activity 0: lies under itself",
    ),
    "finish without start": (
        {"actual_start": [None, None], "actual_finish": [None, 1]},
        "activity 1: has an actual finish but no actual start",
    ),
    "finishes without starts": (
        {"actual_finish": [None, 1]},
        "actual finishes are given without actual starts",
    ),
    "finish before start": (
        {"actual_start": [None, 20], "actual_finish": [None, 10]},
        "activity 1: finished before it started",
    ),
    "actual in the future": (
        {"actual_start": [minute("01-07"), None]},
        "activity 0: its actual start lies after the status date",
    ),
    "missing entry": ({"deadline": [None]}, "deadline has 1 entries for 2 activities"),
    "missing lag": ({"lag": [1, 2]}, "lag has 2 entries for 1 links"),
    "missing end": ({"successor": [1, 1]}, "successor has 2 entries for 1 links"),
    "no calendar": ({"calendars": []}, "a plan needs a calendar"),
    "no project": ({"projects": []}, "a plan needs a project"),
    "project calendar": ({"projects": [Project(0, calendar=3)]}, "project 0: there is no calendar 3"),
}


@pytest.mark.parametrize(("wrong", "words"), UNSOUND.values(), ids=list(UNSOUND))
def test_what_is_wrong_with_a_plan_is_said_in_words(wrong: dict[str, Any], words: str) -> None:
    assert validate(replace(SOUND, **wrong)) == [words]


def test_a_sound_plan_has_no_problems() -> None:
    assert validate(SOUND) == []
    assert (
        validate(Worked("S 0d kind=summary\nA 2d under=S snet=01-06 2:fnlt=01-20\nB 1d after=A").plan) == []
    )


def test_everything_wrong_is_told_at_once() -> None:
    assert len(validate(replace(SOUND, duration=[-1, -1], calendar=[4, 4]))) == 4
