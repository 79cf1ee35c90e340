"""Constraints, deadlines, as late as possible, must finish by: what holds, what wins and what is told."""

import pytest

from programs.engine import MICROSOFT_PROJECT, Alap, Finding, FindingKind, Rules, Why
from tests.programs.engine.planner import Worked, minute

CHAIN = """
    A 2d
    B 2d after=A {b}
    C 1d after=B
    Z 10d
    """
"""B can begin on Wednesday 6 January; Z ends on Friday 15 January, which leaves five days of float."""

CASES = {
    "start no earlier than": ("snet=01-08", "01-08 08:00 .. 01-11 17:00 3d 0d"),
    "start no earlier than a date already passed": ("snet=01-04", "01-06 08:00 .. 01-07 17:00 5d 0d"),
    "start no earlier than a Sunday": ("snet=01-10", "01-11 08:00 .. 01-12 17:00 2d 0d"),
    "finish no earlier than": ("fnet=01-11", "01-08 08:00 .. 01-11 17:00 3d 0d"),
    "start no later than bounds the late start": ("snlt=01-07", "01-06 08:00 .. 01-07 17:00 1d 0d"),
    "finish no later than bounds the late finish": ("fnlt=01-11", "01-06 08:00 .. 01-07 17:00 2d 0d"),
    "finish no later than a date out of reach": ("fnlt=01-06", "01-06 08:00 .. 01-07 17:00 -1d 0d"),
    "must start on": ("mso=01-11", "01-11 08:00 .. 01-12 17:00 0d 0d"),
    "must finish on": ("mfo=01-12", "01-11 08:00 .. 01-12 17:00 0d 0d"),
    "must start on, before its predecessor allows": ("mso=01-05", "01-05 08:00 .. 01-06 17:00 0d 0d"),
    "no earlier and no later": ("snet=01-08 2:fnlt=01-12", "01-08 08:00 .. 01-11 17:00 1d 0d"),
    "a deadline bounds the late finish": ("deadline=01-08", "01-06 08:00 .. 01-07 17:00 1d 0d"),
    "a missed deadline shows negative float": ("deadline=01-06", "01-06 08:00 .. 01-07 17:00 -1d 0d"),
    "as late as possible uses up free float only": ("alap", "01-06 08:00 .. 01-07 17:00 5d 0d"),
}


@pytest.mark.parametrize(("word", "expected"), CASES.values(), ids=list(CASES))
def test_a_constraint_holds_its_activity(word: str, expected: str) -> None:
    Worked(CHAIN.format(b=word)).check(f"B {expected}")


def test_negative_float_reaches_back_to_the_predecessors() -> None:
    worked = Worked(CHAIN.format(b="fnlt=01-06"))
    assert worked.floats("A") == "-1d 0d"
    assert worked.floats("C") == "5d 5d"


def test_a_late_constraint_pulls_the_early_dates_only_where_the_rules_say_so() -> None:
    text = CHAIN.format(b="fnlt=01-06")
    assert Worked(text).early("B") == "01-06 08:00 .. 01-07 17:00"
    pulled = Worked(text, Rules(late_constraints_pull=True))
    assert pulled.early("B") == "01-05 08:00 .. 01-06 17:00"
    assert pulled.early("C") == "01-07 08:00 .. 01-07 17:00"
    assert pulled.result.findings == [
        Finding(FindingKind.CONSTRAINT_BREAKS_LINK, activity=1, link=0, minutes=480)
    ]


def test_a_hard_constraint_wins_over_the_link_it_breaks_and_is_reported() -> None:
    worked = Worked(CHAIN.format(b="mso=01-05"))
    assert worked.early("C") == "01-07 08:00 .. 01-07 17:00"
    assert worked.result.findings == [
        Finding(FindingKind.CONSTRAINT_BREAKS_LINK, activity=1, link=0, minutes=480)
    ]
    assert worked.result.why[worked["B"]] is Why.CONSTRAINT
    assert worked.floats("A") == "-1d -1d"


def test_a_hard_constraint_before_the_status_date_is_reported() -> None:
    worked = Worked("A 2d mso=01-04", status_date=minute("01-06"))
    assert worked.early("A") == "01-04 08:00 .. 01-05 17:00"
    assert worked.result.findings == [Finding(FindingKind.CONSTRAINT_BEFORE_START, activity=0, minutes=960)]


def test_a_constraint_that_breaks_nothing_is_no_finding() -> None:
    assert Worked(CHAIN.format(b="mso=01-11")).result.findings == []


def test_a_missed_deadline_is_reported_in_working_time() -> None:
    worked = Worked("A 7d deadline=01-08")
    assert worked.early("A") == "01-04 08:00 .. 01-12 17:00"
    assert worked.result.findings == [Finding(FindingKind.DEADLINE_MISSED, activity=0, minutes=960)]


def test_must_finish_by_replaces_the_latest_finish_but_not_the_free_float() -> None:
    plan = """
        A 5d
        B 2d
        """
    early = Worked(plan, must_finish_by=minute("01-07T17:00"))
    assert early.floats("A") == "-1d 0d"
    assert early.floats("B") == "2d 3d"
    assert early.result.findings == [
        Finding(FindingKind.MUST_FINISH_BY_MISSED, activity=0, project=0, minutes=480)
    ]
    late = Worked(plan, must_finish_by=minute("01-12T17:00"))
    assert late.floats("A") == "2d 0d"
    assert late.path() == "A"
    assert late.result.findings == []


ALAP = """
    A 5d
    B 1d alap
    C 2d after=B alap
    D 1d after=A,C
    E 1d after=B
    Z 10d
    """


def test_as_late_as_possible_moves_as_far_as_no_successor_notices() -> None:
    worked = Worked(ALAP)
    worked.check(
        """
        C 01-07 08:00 .. 01-08 17:00 4d 0d
        D 01-11 08:00 .. 01-11 17:00 4d 4d
        B 01-04 08:00 .. 01-04 17:00 6d 0d
        E 01-05 08:00 .. 01-05 17:00 8d 8d
        """
    )
    assert worked.result.why[worked["C"]] is Why.AS_LATE_AS_POSSIBLE
    assert worked.result.why[worked["B"]] is Why.PROJECT_START


def test_as_late_as_possible_is_not_past_a_date_of_its_own() -> None:
    plan = """
        A 1d alap deadline=01-06
        B 1d alap 2:fnlt=01-07
        C 1d alap 2:mso=01-05
        D 9d
        """
    worked = Worked(plan)
    worked.check(
        """
        A 01-06 08:00 .. 01-06 17:00 0d 6d
        B 01-07 08:00 .. 01-07 17:00 0d 5d
        C 01-05 08:00 .. 01-05 17:00 0d 7d
        """
    )
    assert worked.result.findings == []


def test_as_late_as_possible_can_take_its_successors_along() -> None:
    worked = Worked(ALAP, Rules(alap=Alap.TOTAL_FLOAT))
    worked.check(
        """
        B 01-12 08:00 .. 01-12 17:00 0d 0d
        C 01-13 08:00 .. 01-14 17:00 0d 0d
        D 01-15 08:00 .. 01-15 17:00 0d 0d
        E 01-13 08:00 .. 01-13 17:00 2d 2d
        Z 01-04 08:00 .. 01-15 17:00 0d 0d
        """
    )
    assert worked.result.why[worked["B"]] is Why.AS_LATE_AS_POSSIBLE


def test_microsoft_project_holds_a_finish_date_against_the_links() -> None:
    worked = Worked(CHAIN.format(b="snlt=01-05"), MICROSOFT_PROJECT)
    assert worked.early("B") == "01-05 08:00 .. 01-06 17:00"
    assert [f.kind for f in worked.result.findings] == [FindingKind.CONSTRAINT_BREAKS_LINK]
