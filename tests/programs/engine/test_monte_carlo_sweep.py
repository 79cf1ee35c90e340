"""The sweep over runs gives what scheduling every run by itself gives, and one run without spread is the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from programs.engine import (
    MICROSOFT_PROJECT,
    Constraint,
    Kind,
    LagUnit,
    LatestFinish,
    LinkKind,
    Plan,
    Progress,
    Rules,
    schedule,
)
from programs.engine.monte_carlo import Costs, Impact, RiskEvent, Simulation, Spread, simulate
from tests.programs.engine.networks import Drawn, Features, cases
from tests.programs.engine.networks import network as drawn_network
from tests.programs.engine.test_properties import START, plans

RULES = [
    Rules(),
    Rules(longest_path_to=LatestFinish.EACH_PROJECT),
    Rules(progress=Progress.PROGRESS_OVERRIDE),
    Rules(late_constraints_pull=True),
    replace(MICROSOFT_PROJECT, longest_path_to=LatestFinish.EACH_PROJECT),
    MICROSOFT_PROJECT,
]


@st.composite
def begun(draw: st.DrawFn, *, late: bool = False) -> Plan:
    """Any plan, some of it complete, some started, with lags in percent and second constraints."""
    plan = draw(plans(constraints=True))
    count = len(plan.duration)
    dated = [
        Constraint.AS_SOON_AS_POSSIBLE if c == Constraint.AS_LATE_AS_POSSIBLE and not late else c
        for c in plan.constraint
    ]
    second = [c if i % 3 == 0 else Constraint.AS_SOON_AS_POSSIBLE for i, c in enumerate(reversed(dated))]
    units = [draw(st.sampled_from([LagUnit.WORKING, LagUnit.ELAPSED, LagUnit.PERCENT])) for _ in plan.lag]
    lags = [
        draw(st.integers(-120, 200)) if unit == LagUnit.PERCENT else lag
        for lag, unit in zip(plan.lag, units, strict=True)
    ]
    status = START + draw(st.integers(0, 12000))
    states = [draw(st.sampled_from(["open", "open", "started", "done"])) for _ in range(count)]
    starts = [None if state == "open" else draw(st.integers(START, status)) for state in states]
    ends = [
        draw(st.integers(start, status)) if state == "done" and start is not None else None
        for start, state in zip(starts, states, strict=True)
    ]
    left = [
        draw(st.one_of(st.none(), st.integers(0, minutes))) if state == "started" else None
        for minutes, state in zip(plan.duration, states, strict=True)
    ]
    known = draw(st.booleans())
    return replace(
        plan,
        projects=[replace(p, status_date=max(status, p.start) if known else None) for p in plan.projects],
        constraint=dated,
        second_constraint=second,
        second_constraint_date=plan.constraint_date,
        lag=lags,
        lag_unit=units,
        actual_start=starts,
        actual_finish=ends,
        remaining=left,
    )


def spreads(plan: Plan) -> dict[int, Spread]:
    """A range around every second duration, skewed."""
    return {
        i: Spread.pert(minutes * 0.5, minutes, minutes * 2.5)
        for i, minutes in enumerate(plan.duration)
        if minutes and i % 2 == 0 and plan.kind[i] == Kind.TASK
    }


def risks(plan: Plan) -> list[RiskEvent]:
    """One that delays, one that doubles."""
    works = [i for i, minutes in enumerate(plan.duration) if minutes and plan.kind[i] == Kind.TASK]
    if not works:
        return []
    return [
        RiskEvent("late delivery", 0.5, (Impact(works[0], minutes=Spread.uniform(-200, 900)),)),
        RiskEvent("rework", 0.3, tuple(Impact(i, factor=Spread.triangular(0.8, 1, 3)) for i in works[-2:])),
    ]


@settings(max_examples=60, deadline=None)
@given(begun(), st.sampled_from(RULES))
def test_the_sweep_and_scheduling_each_run_by_itself_agree_on_every_figure(plan: Plan, rules: Rules) -> None:
    given_: dict[str, Any] = {
        "uncertainty": spreads(plan), "risks": risks(plan), "iterations": 12, "seed": 7,
        "costs": Costs(fixed=[100.0] * len(plan.duration), per_hour=[50.0] * len(plan.duration)),
    }  # fmt: skip
    swept = simulate(plan, rules, **given_)
    by_hand = simulate(plan, rules, **given_, each_run=True)
    for one, other in zip(swept.activities, by_hand.activities, strict=True):
        assert one == other
    assert swept == by_hand


@settings(max_examples=60, deadline=None)
@given(begun(late=True), st.sampled_from(RULES))
def test_without_any_spread_the_simulation_is_the_schedule(plan: Plan, rules: Rules) -> None:
    fixed = {
        i: Spread.fixed(minutes)
        for i, minutes in enumerate(plan.duration)
        if minutes and plan.kind[i] == Kind.TASK
    }
    told = simulate(plan, rules, uncertainty=fixed, iterations=3)
    computed = schedule(plan, rules)
    same_as_planned(told, computed.finish)
    assert [p.p50 for p in told.projects] == computed.project_finish
    for activity in told.activities:
        i = activity.activity
        assert activity.finish.p10 == activity.finish.p90 == activity.finish.mean == computed.early_finish[i]
        assert activity.criticality == float(computed.on_longest_path[i])


def same_as_planned(told: Simulation, finish: int) -> None:
    """Every percentile, the mean and the plan are one date."""
    program = told.program
    assert {program.p10, program.p50, program.p80, program.p90, program.mean, program.planned} == {finish}
    assert program.deviation == 0
    assert program.confidence == 1


def without_alap(plan: Plan) -> Plan:
    """The same plan as early as its links allow: what the sweep does by itself."""
    return replace(
        plan,
        constraint=[c if c != Constraint.AS_LATE_AS_POSSIBLE else 0 for c in plan.constraint],
        second_constraint=[c if c != Constraint.AS_LATE_AS_POSSIBLE else 0 for c in plan.second_constraint],
    )


@settings(max_examples=15, deadline=None)
@given(cases(30, 80))
def test_calendars_to_the_minute_links_of_all_kinds_and_any_rules_change_nothing_about_that(
    case: Drawn,
) -> None:
    plan = without_alap(case.plan)
    given_: dict[str, Any] = {"uncertainty": spreads(plan), "iterations": 5, "seed": 3}
    assert simulate(plan, case.rules, **given_) == simulate(plan, case.rules, **given_, each_run=True)


def test_a_gate_that_two_hundred_activities_lead_to_opens_after_the_last_of_them_in_every_run() -> None:
    wide = Features(200, 150, 4, 3, True, True, True, False, False, False, False, True, 20270104)
    plan, _ = drawn_network(wide)
    gates = range(len(plan.duration), len(plan.duration) + 3)
    plan = replace(
        plan,
        calendar=[*plan.calendar, 0, 1, 2],
        duration=[*plan.duration, 0, 480, 0],
        project=[*plan.project, 0, 0, 1],
        kind=[*plan.kind, Kind.FINISH_MILESTONE, Kind.TASK, Kind.START_MILESTONE],
        actual_start=[],
        actual_finish=[],
        remaining=[],
        predecessor=[*plan.predecessor, *(i for _ in gates for i in range(200))],
        successor=[*plan.successor, *(gate for gate in gates for _ in range(200))],
        link_kind=[*plan.link_kind, *[LinkKind.FINISH_START] * 600],
        lag=[*plan.lag, *[0, 60, -60] * 200],
        lag_unit=[*plan.lag_unit, *[LagUnit.WORKING] * 600],
    )
    given_: dict[str, Any] = {"uncertainty": spreads(plan), "iterations": 9, "seed": 3}
    told = simulate(plan, **given_)
    assert told == simulate(plan, **given_, each_run=True)
    assert told.activities[gates[1]].length_deviation == 0
    assert told.activities[gates[1]].finish.p90 > told.activities[gates[1]].finish.p10
