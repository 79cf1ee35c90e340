"""Networks: circles that are refused, and links between projects."""

import pytest

from programs.engine import CycleFound, LatestFinish, Project, Rules
from tests.programs.engine.planner import Worked, minute


def test_a_circle_is_refused_with_its_path_in_the_direction_of_the_links() -> None:
    plan = """
        A 1d
        B 1d after=A,D
        C 1d after=B
        D 1d after=C
        E 1d after=D
        """
    with pytest.raises(CycleFound) as refused:
        Worked(plan)
    path = refused.value.path
    assert path[0] == path[-1]
    assert "".join("ABCDE"[i] for i in path) in ("BCDB", "CDBC", "DBCD")


def test_an_activity_linked_to_itself_is_a_circle_of_one() -> None:
    with pytest.raises(CycleFound) as refused:
        Worked("A 1d after=A")
    assert refused.value.path == [0, 0]


def test_projects_wait_for_each_other_and_begin_on_their_own_dates() -> None:
    plan = """
        A 3d in=0
        B 2d in=0 after=A
        C 1d in=1
        D 1d in=1 after=A,C
        """
    worked = Worked(plan, projects=[Project(minute("01-04")), Project(minute("01-05"))])
    worked.check(
        """
        A 01-04 08:00 .. 01-06 17:00 0d 0d
        B 01-07 08:00 .. 01-08 17:00 0d 0d
        C 01-05 08:00 .. 01-05 17:00 2d 1d
        D 01-07 08:00 .. 01-07 17:00 1d 1d
        """
    )
    assert worked.path() == "AB"
    assert [minute("01-08T17:00"), minute("01-07T17:00")] == worked.result.project_finish
    assert worked.result.finish == minute("01-08T17:00")
    own = Worked(
        plan,
        Rules(float_to=LatestFinish.EACH_PROJECT, longest_path_to=LatestFinish.EACH_PROJECT),
        projects=worked.plan.projects,
    )
    assert own.floats("D") == "0d 0d"
    assert own.path() == "ABD"
