"""The numpy sweep and the plain passes are two writings of the same rules: every field of a schedule is equal."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.engine import in_progress, synthetic
from programs.engine import (
    MICROSOFT_PROJECT,
    PRIMAVERA,
    Alap,
    BeyondCalendar,
    Constraint,
    CycleFound,
    Kind,
    LagCalendar,
    LagUnit,
    LatestFinish,
    LinkKind,
    Plan,
    Progress,
    Project,
    Rules,
    Schedule,
    StartFloor,
    WorkCalendar,
    schedule,
)
from programs.engine.critical_path import SWEPT_FROM
from programs.engine.sweep import swept
from tests.programs.engine.neutral import read
from tests.programs.engine.planner import CALENDARS, minute
from tests.programs.engine.test_oracles import MISSES

START = minute("01-04")
SHORT = WorkCalendar.weekly(
    [[(480, 720), (780, 1020)]] * 5 + [[], []], first=date(2027, 1, 4), last=date(2027, 1, 15)
)
"""Worked out for two weeks only: it has to extend itself."""
BARE = WorkCalendar.intervals([(START + day * 1440, START + day * 1440 + 480) for day in range(400)])
"""Given intervals: nothing is known of what lies behind them."""
SEVERAL = [*(CALENDARS[name] for name in ("office", "six", "always", "holiday", "nights")), SHORT, BARE]

RULES = st.builds(
    Rules,
    progress=st.sampled_from(Progress),
    start_floor=st.sampled_from(StartFloor),
    late_constraints_pull=st.booleans(),
    alap=st.sampled_from(Alap),
    float_to=st.sampled_from(LatestFinish),
    longest_path_to=st.sampled_from(LatestFinish),
    late_finish_at_next_work=st.booleans(),
)


@st.composite
def anything(draw: st.DrawFn) -> Plan:
    """A plan with all that a plan may have: it need not make sense, only be computed the same way twice."""
    count = draw(st.integers(1, 14))
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=24))
    pairs = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    place = draw(st.permutations(range(count)))
    projects = draw(st.integers(1, 3))

    def per(number: int, values: st.SearchStrategy[int]) -> list[int]:
        return draw(st.lists(values, min_size=number, max_size=number))

    def maybe(number: int, values: st.SearchStrategy[int]) -> list[int | None]:
        return draw(st.lists(st.none() | values, min_size=number, max_size=number))

    moments, links = st.integers(START - 3000, START + 20_000), len(pairs)
    kinds = per(count, st.sampled_from([0, 0, 0, 0, *Kind])) if draw(st.booleans()) else []
    plan = Plan(
        calendars=SEVERAL,
        projects=[
            Project(
                START + draw(st.integers(0, 5000)),
                status_date=draw(st.none() | st.integers(START, START + 9000)),
                must_finish_by=draw(st.none() | moments),
                lag_calendar=draw(st.sampled_from(LagCalendar)),
                calendar=draw(st.integers(0, 4)),
                critical_float=draw(st.none() | st.integers(-500, 2000)),
            )
            for _ in range(projects)
        ],
        calendar=per(count, st.integers(0, draw(st.sampled_from([0, 2, len(SEVERAL) - 1])))),
        duration=per(count, st.integers(-100, 3000) | st.sampled_from([0, 480])),
        project=per(count, st.integers(0, projects - 1)) if draw(st.booleans()) else [],
        kind=kinds,
        predecessor=[place[i] for i, _ in pairs],
        successor=[place[j] for _, j in pairs],
        link_kind=per(links, st.sampled_from(LinkKind)) if draw(st.booleans()) else [],
    )
    if kinds and draw(st.booleans()):
        above = [
            draw(st.sampled_from([-1, *(p for p in range(i) if kinds[p] == Kind.SUMMARY)]))
            for i in range(count)
        ]
        plan = replace(plan, parent=above)
    if draw(st.booleans()):
        lags = per(links, st.sampled_from([0, 0]) | st.integers(-1500, 3000))
        plan = replace(plan, lag=lags)
        if draw(st.booleans()):
            plan = replace(plan, lag_unit=per(links, st.sampled_from(LagUnit)))
    if draw(st.booleans()):
        plan = replace(
            plan,
            constraint=per(count, st.sampled_from([0, 0, *Constraint])),
            constraint_date=maybe(count, moments),
        )
        if draw(st.booleans()):
            second = per(count, st.sampled_from([0, 0, *Constraint]))
            plan = replace(plan, second_constraint=second, second_constraint_date=maybe(count, moments))
    if draw(st.booleans()):
        plan = replace(plan, deadline=maybe(count, moments))
    if draw(st.booleans()):
        plan = replace(plan, actual_start=maybe(count, moments))
        if draw(st.booleans()):
            plan = replace(plan, actual_finish=maybe(count, moments))
        if draw(st.booleans()):
            plan = replace(plan, remaining=maybe(count, st.integers(0, 2000)))
    return plan


def outcome(plan: Plan, rules: Rules, *, sweep: bool) -> Schedule | type[Exception] | list[int]:
    """The schedule, or what refused it."""
    try:
        if not sweep:
            return schedule(plan, rules, sweep=False)
        result = swept(plan, rules, narrowest=1)
    except CycleFound as circle:
        return circle.path
    except BeyondCalendar:
        return BeyondCalendar
    assert result is not None
    return result


def assert_same(plan: Plan, rules: Rules) -> Schedule:
    plain, by_levels = outcome(plan, rules, sweep=False), outcome(plan, rules, sweep=True)
    if isinstance(plain, Schedule) and isinstance(by_levels, Schedule):
        for field in fields(Schedule):
            assert getattr(by_levels, field.name) == getattr(plain, field.name), field.name
        return by_levels
    assert by_levels == plain
    return schedule(Plan([SHORT], [Project(START)], [0], [480]))


@settings(max_examples=100, deadline=None)
@given(anything(), RULES)
def test_any_plan_gives_the_same_schedule_both_ways(plan: Plan, rules: Rules) -> None:
    assert_same(plan, rules)


@pytest.mark.proof
@pytest.mark.parametrize("rules", [PRIMAVERA, MICROSOFT_PROJECT], ids=["primavera", "microsoft"])
def test_large_programs_are_the_same_both_ways(rules: Rules) -> None:
    plain = synthetic(3000)
    progressed = in_progress(plain, schedule(plain))
    grouped = replace(
        progressed,
        kind=[Kind.SUMMARY if i % 50 == 0 else Kind.LEVEL_OF_EFFORT * (i % 50 == 1) for i in range(3000)],
        parent=[-1 if i % 50 == 0 else i // 50 * 50 for i in range(3000)],
        deadline=[d if i % 7 == 0 else None for i, d in enumerate(plain.constraint_date)],
        lag_unit=[k % 3 for k in range(len(plain.predecessor))],
        lag=[lag // 100 if k % 3 == LagUnit.PERCENT else lag for k, lag in enumerate(plain.lag)],
    )
    for plan in (synthetic(3000, one_calendar=True), plain, progressed, grouped):
        assert_same(plan, rules)
    found = Counter(finding.kind for finding in assert_same(grouped, rules).findings)
    assert len(found) >= 3


@pytest.mark.proof
@pytest.mark.parametrize("name", MISSES)
def test_real_plans_are_the_same_both_ways(name: str) -> None:
    dump = read(name)
    assert len(assert_same(dump.plan, dump.rules).early_start) == len(dump.ids)


def test_from_ten_thousand_activities_on_levels_are_swept() -> None:
    """Told apart by what each of the two writes: only the sweep refuses networks of narrow levels."""
    calendar = CALENDARS["office"]
    wide = Plan([calendar], [Project(START)], [0] * SWEPT_FROM, [60] * SWEPT_FROM)
    assert schedule(wide) == schedule(wide, sweep=False)
    assert swept(wide, PRIMAVERA) is not None
    before, after = list(range(SWEPT_FROM - 1)), list(range(1, SWEPT_FROM))
    chain = replace(wide, duration=[1] * SWEPT_FROM, predecessor=before, successor=after)
    assert swept(chain, PRIMAVERA) is None
    assert schedule(chain, sweep=True).total_float == [0] * SWEPT_FROM


def test_a_circle_in_a_large_plan_is_shown_as_in_a_small_one() -> None:
    plan = Plan(
        [CALENDARS["office"]],
        [Project(START)],
        [0] * 100,
        [60] * 100,
        predecessor=[0, 5, 6, 7, 90],
        successor=[5, 6, 7, 5, 91],
    )
    with pytest.raises(CycleFound) as plain:
        schedule(plan, sweep=False)
    with pytest.raises(CycleFound) as by_levels:
        schedule(plan, sweep=True)
    assert by_levels.value.path == plain.value.path == [5, 6, 7, 5]


def test_absurd_numbers_are_left_to_the_plain_passes() -> None:
    """Sums of them would leave 64 bits, where Python's own numbers do not."""
    plan = Plan([CALENDARS["office"]], [Project(START)], [0], [1 << 70])
    assert swept(plan, PRIMAVERA) is None
    with pytest.raises(BeyondCalendar):
        schedule(plan, sweep=True)


@pytest.mark.proof
def test_a_chain_of_a_hundred_thousand_does_not_recurse() -> None:
    count = 100_000
    chain = Plan(
        [CALENDARS["always"]],
        [Project(START)],
        [0] * count,
        [10] * count,
        predecessor=list(range(count - 1)),
        successor=list(range(1, count)),
    )
    result = schedule(chain)
    assert result.finish == START + 10 * count
    assert all(result.on_longest_path)
    with pytest.raises(CycleFound) as circle:
        schedule(replace(chain, predecessor=[*chain.predecessor, count - 1], successor=[*chain.successor, 0]))
    assert len(circle.value.path) == count + 1


def test_small_plans_do_not_load_numpy() -> None:
    """A web worker pays 0.2 s and 25 MB for it: not before somebody schedules a large program."""
    program = (
        "import sys; from datetime import date; from programs.engine import *;"
        "c = WorkCalendar.weekly([[(480, 1020)]] * 7, first=date(2027, 1, 1), last=date(2027, 12, 31));"
        f"schedule(Plan([c], [Project({START})], [0] * 9999, [60] * 9999));"
        "assert 'numpy' not in sys.modules;"
        f"schedule(Plan([c], [Project({START})], [0] * 10000, [60] * 10000));"
        "assert 'numpy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
