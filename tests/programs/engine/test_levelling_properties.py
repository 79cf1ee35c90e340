"""What holds for every plan that competes for resources, drawn at random."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from programs.engine import LagCalendar, LagUnit, Plan, Project, schedule
from programs.engine import LinkKind as Link
from programs.engine.levelling import (
    ELAPSED,
    Infeasible,
    Levelling,
    Objective,
    Rule,
    Share,
    check,
    level,
    validate,
)
from programs.engine.levelling.axis import axis_of
from programs.engine.levelling.events import EventGenerator
from programs.engine.levelling.packed import PackedGenerator
from programs.engine.levelling.rules import order_by, values
from tests.programs.engine.planner import CALENDARS, minute

START = minute("01-04")
SEVERAL = [CALENDARS[name] for name in ("office", "six", "always", "nights")]


@st.composite
def problems(draw: st.DrawFn, *, calendars: int = 0, fixed: bool = True, steps: bool = True) -> Levelling:
    """Up to twelve activities on up to three resources that always end with enough for the largest demand."""
    count, resources = draw(st.integers(1, 12)), draw(st.integers(1, 3))
    origin, unit = (START, 60) if calendars else (0, 1)
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=16))
    pairs = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    per_link: dict[str, Any] = {"min_size": len(pairs), "max_size": len(pairs)}
    per_activity: dict[str, Any] = {"min_size": count, "max_size": count}
    need = st.lists(st.tuples(st.integers(0, resources - 1), st.integers(0, 2)), max_size=2)
    capacity = []
    for _ in range(resources):
        times = sorted(draw(st.sets(st.integers(-5, 40), max_size=3))) if steps else []
        amounts = [draw(st.integers(0, 6)) for _ in times]
        capacity.append(
            [*[(origin + t * unit, a) for t, a in zip(times, amounts, strict=True)], (origin + 45 * unit, 4)]
        )
    spans = st.one_of(st.none(), st.none(), st.tuples(st.integers(-4, 9), st.integers(0, 9)))
    held = draw(st.lists(spans, **per_activity)) if fixed else []
    problem = Levelling(
        duration=[d * unit for d in draw(st.lists(st.integers(0, 9), **per_activity))],
        demand=draw(st.lists(need, **per_activity)),
        capacity=capacity,
        predecessor=[i for i, _ in pairs],
        successor=[j for _, j in pairs],
        link_kind=draw(st.lists(st.sampled_from(Link), **per_link)),
        lag=[lag * unit for lag in draw(st.lists(st.integers(-4, 6), **per_link))],
        calendars=SEVERAL[:calendars],
        calendar=draw(st.lists(st.integers(0, calendars - 1), **per_activity)) if calendars else (),
        lag_calendar=draw(st.lists(st.integers(ELAPSED, calendars - 1), **per_link)) if calendars > 1 else (),
        projects=[
            Share(origin, draw(st.integers(0, 1)), draw(st.integers(0, 3))),
            Share(origin + unit * draw(st.integers(0, 9)), draw(st.integers(0, 1)), draw(st.integers(0, 3))),
        ],
        project=draw(st.lists(st.integers(0, 1), **per_activity)),
        release=[
            None if t is None else origin + unit * t
            for t in draw(st.lists(st.one_of(st.none(), st.integers(0, 20)), **per_activity))
        ],
        fixed=[span and (origin + span[0] * unit, origin + (span[0] + span[1]) * unit) for span in held],
        objective=draw(st.sampled_from(Objective)),
    )
    assert validate(problem) == []
    return problem


@settings(max_examples=150, deadline=None)
@given(problems(), st.sampled_from(Rule))
def test_every_schedule_can_be_carried_out_and_none_beats_the_bound(problem: Levelling, rule: Rule) -> None:
    result = level(problem, rule=rule)
    assert check(problem, result.start, result.finish) == []
    assert result.bound <= result.value


@settings(max_examples=80, deadline=None)
@given(problems(calendars=4), st.sampled_from(Rule))
def test_on_several_calendars_too(problem: Levelling, rule: Rule) -> None:
    result = level(problem, rule=rule)
    assert check(problem, result.start, result.finish) == []
    assert result.bound <= result.value


@settings(max_examples=60, deadline=None)
@given(problems(calendars=1))
def test_and_on_one_calendar(problem: Levelling) -> None:
    result = level(problem)
    assert check(problem, result.start, result.finish) == []
    assert result.bound <= result.value


@settings(max_examples=40, deadline=None)
@given(problems(), st.integers(0, 3))
def test_the_search_is_feasible_never_worse_and_the_same_for_the_same_seed(
    problem: Levelling, seed: int
) -> None:
    quick = level(problem)
    slow = level(problem, optimise=1e9, schedules=150, seed=seed)
    assert check(problem, slow.start, slow.finish) == []
    assert slow.value <= quick.value
    assert slow.bound >= quick.bound
    again = level(problem, optimise=1e9, schedules=150, seed=seed)
    assert (again.start, again.generated) == (slow.start, slow.generated)


@settings(max_examples=20, deadline=None)
@given(problems(calendars=3))
def test_the_search_on_several_calendars_is_feasible_and_never_worse(problem: Levelling) -> None:
    slow = level(problem, optimise=1e9, schedules=60)
    assert check(problem, slow.start, slow.finish) == []
    assert slow.value <= level(problem).value


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(1, 5))
def test_more_people_never_make_a_plan_impossible(problem: Levelling, more: int) -> None:
    richer = replace(problem, capacity=[[(t, a + more) for t, a in steps] for steps in problem.capacity])
    result = level(richer, optimise=1e9, schedules=40)
    assert check(richer, result.start, result.finish) == []
    assert result.bound <= level(problem).value


@settings(max_examples=100, deadline=None)
@given(problems(), st.sampled_from(Rule))
def test_both_generators_give_the_same_starts(problem: Levelling, rule: Rule) -> None:
    axis = axis_of(problem)
    order = order_by(axis, values(axis, rule))
    events = EventGenerator(axis).decode(order)
    for horizon in (max(events, default=0) + 1, 3):  # one that suffices, one that is left behind
        assert PackedGenerator(axis, horizon).decode(order) == events


@settings(max_examples=100, deadline=None)
@given(problems(calendars=4, fixed=False, steps=False), st.booleans())
def test_with_enough_of_everything_the_dates_are_those_of_the_critical_path(
    problem: Levelling, one: bool
) -> None:
    count = len(problem.duration)
    plenty = replace(
        problem,
        capacity=[[(START, 1000)]] * len(problem.capacity),
        projects=[Share(START)],
        project=(),
        release=(),
        lag_calendar=[ELAPSED] * len(problem.lag),
        calendar=[0] * count if one else problem.calendar,
    )
    if one:
        plenty = replace(plenty, lag_calendar=())
    result = level(plenty)
    plan = Plan(
        calendars=SEVERAL,
        projects=[Project(START, lag_calendar=LagCalendar.PREDECESSOR)],
        calendar=plenty.calendar,
        duration=plenty.duration,
        predecessor=plenty.predecessor,
        successor=plenty.successor,
        link_kind=plenty.link_kind,
        lag=plenty.lag,
        lag_unit=[LagUnit.WORKING if one else LagUnit.ELAPSED] * len(plenty.lag),
    )
    dates = schedule(plan)
    assert (result.start, result.finish) == (dates.early_start, dates.early_finish)
    assert result.gap == 0 and result.delays == []


@settings(max_examples=40, deadline=None)
@given(problems(fixed=False))
def test_a_demand_that_never_fits_is_named(problem: Levelling) -> None:
    demand = [*problem.demand[:-1], [(0, 99)]]
    greedy = replace(problem, demand=demand, duration=[*problem.duration[:-1], 1])
    try:
        level(greedy)
    except Infeasible as no:
        assert (no.activity, no.resource) == (len(demand) - 1, 0)
    else:
        raise AssertionError("99 of a resource were found")


@settings(max_examples=60, deadline=None)
@given(problems())
def test_who_waits_for_a_resource_could_not_have_begun_a_moment_earlier(problem: Levelling) -> None:
    result = level(problem)
    for delay in result.delays:
        if delay.resource >= 0:
            sooner = [s - (i == delay.activity) for i, s in enumerate(result.start)]
            ends = [f - (i == delay.activity) for i, f in enumerate(result.finish)]
            assert {fault.subject for fault in check(problem, sooner, ends)} & {delay.resource}
        else:
            assert delay.predecessor in problem.predecessor
