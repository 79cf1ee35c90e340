"""Why a date is what it is, back to the first cause."""

from __future__ import annotations

from programs.engine import Why
from programs.engine.driver_chain import chain
from tests.programs.engine.planner import Worked, minute


def told(worked: Worked, name: str) -> list[str]:
    """Each step as `name why work lag wait`, in hours."""
    return [
        f"{worked.names[s.activity]} {s.why.value} {s.work / 60:g} {s.lag / 60:g} {s.wait / 60:g}"
        for s in chain(worked.plan, worked.result, worked[name])
    ]


def test_a_chain_leads_over_links_lags_and_a_weekend_to_the_project_start() -> None:
    worked = Worked(
        """
        dig    3d
        pour   2d  after=dig
        harden 1d  after=pour:FS+2e cal=always
        walls  5d  after=harden,dig
        """
    )
    assert told(worked, "walls") == [
        "walls link 8 0 7",  # hardening ends at one in the morning of Monday
        "harden link 16 48 0",
        "pour link 24 0 15",
        "dig project start 0 0 0",
    ]


def test_the_last_step_names_the_constraint() -> None:
    worked = Worked("A 1d snet=01-06\nB 1d after=A\nC 1d after=B:SS+4h")
    steps = chain(worked.plan, worked.result, worked["C"])
    assert [step.why for step in steps] == [Why.LINK, Why.LINK, Why.CONSTRAINT]
    assert steps[0].lag == 240 and steps[0].work == 0
    assert steps[-1].begins == minute("01-06")


def test_begun_work_is_followed_through_what_remains_and_ends_at_what_was_done() -> None:
    worked = Worked(
        """
        A  2d  began=01-04 ended=01-06
        B  4d  after=A began=01-05 left=2d
        C  1d  after=B
        """,
        status_date=minute("01-08"),
    )
    steps = chain(worked.plan, worked.result, worked["C"])
    assert [worked.names[step.activity] for step in steps] == ["C", "B"]
    assert steps[-1].why is Why.ACTUAL
    assert steps[-1].begins == minute("01-08")
    assert chain(worked.plan, worked.result, worked["A"])[0].begins == minute("01-04")


def test_a_long_chain_is_walked_without_recursion() -> None:
    lines = ["A0 1h"] + [f"A{n} 1h after=A{n - 1}" for n in range(1, 1500)]
    worked = Worked("\n".join(lines))
    assert len(chain(worked.plan, worked.result, 1499)) == 1500


def test_a_summary_has_the_dates_of_what_lies_under_it() -> None:
    worked = Worked("all 0d kind=summary\nA 2d under=all")
    assert told(worked, "all") == ["all activities under it 0 0 0"]
