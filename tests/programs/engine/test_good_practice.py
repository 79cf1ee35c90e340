"""The GAO's ten practices: what a computation can see of them, and where it says that a person must look."""

from __future__ import annotations

from dataclasses import replace

from programs.engine.assessment import Facts
from programs.engine.good_practice import Practice, State, Surroundings, practices
from programs.engine.schedule_health import assess
from tests.programs.engine.planner import Worked, minute


def judged(
    text: str, *, baseline: bool = True, loaded: bool = True, around: Surroundings | None = None
) -> list[Practice]:
    worked = Worked(text, status_date=minute("01-02"))
    facts = Facts(
        day=[480] * len(worked.names),
        baseline_finish=worked.result.early_finish if baseline else (),
        baseline_duration=worked.plan.duration if baseline else (),
        loaded=[True] * len(worked.names) if loaded else (),
    )
    found = assess(worked.plan, worked.rules, worked.result, facts)
    return practices(worked.plan, facts, found, around or Surroundings())


GOOD = """
    M 0d kind=start
    A 5d after=M
    B 5d after=A
    E 0d after=B kind=finish
    """


def test_a_sound_plan_meets_what_can_be_computed_and_one_practice_is_left_to_a_person() -> None:
    found = judged(GOOD, around=Surroundings(risk_analysis_days=3, status_age_days=10))
    assert [one.number for one in found] == list(range(1, 11))
    assert [one.state for one in found] == [State.PERSON] + [State.MET] * 9
    assert found[0].person.startswith("Whether all work of the scope")


def test_open_ends_make_sequence_and_traceability_partly_met() -> None:
    found = judged("A 5d\nB 5d\nC 5d after=A")
    assert found[1].state is State.PARTLY
    assert "logic fails" in found[1].evidence
    assert found[4].state is State.PARTLY


def test_an_unloaded_plan_without_baseline_or_simulation_says_what_is_missing() -> None:
    found = judged(GOOD, baseline=False, loaded=False)
    assert found[2].state is State.PERSON
    assert (found[7].state, found[7].evidence) == (State.NOT_MET, "no simulation of this plan is kept")
    assert (found[8].state, found[8].evidence) == (State.NOT_MET, "no status date is set")
    assert (found[9].state, found[9].evidence) == (State.NOT_MET, "there is no baseline")


def test_an_old_status_date_and_an_old_simulation_are_half_of_it() -> None:
    found = judged(GOOD, around=Surroundings(risk_analysis_days=36, status_age_days=36))
    assert (found[7].state, found[8].state) == (State.PARTLY, State.PARTLY)
    found = judged(GOOD, around=Surroundings(risk_analysis_days=35, status_age_days=35))
    assert (found[7].state, found[8].state) == (State.MET, State.MET)


def test_a_baseline_that_lacks_some_activities_is_partly_maintained() -> None:
    worked = Worked(GOOD, status_date=minute("01-02"))
    facts = Facts(day=[480] * 4, baseline_finish=[None, *worked.result.early_finish[1:]])
    found = assess(worked.plan, worked.rules, worked.result, facts)
    last = practices(worked.plan, facts, found, Surroundings())[9]
    assert last.state is State.PARTLY
    assert last.evidence.startswith("3 of 4 activities stand in the baseline")


def test_a_project_without_activities_is_told_of() -> None:
    worked = Worked("A 5d in=0")
    plan = replace(worked.plan, projects=[*worked.plan.projects, *worked.plan.projects])
    facts = Facts(day=[480])
    found = assess(plan, worked.rules, worked.result, facts)
    assert "1 of 2 projects without any" in practices(plan, facts, found, Surroundings())[0].evidence
