"""What holds for every plan, drawn at random."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from programs.engine import (
    Constraint,
    CycleFound,
    Kind,
    LagCalendar,
    LagUnit,
    LinkKind,
    Plan,
    Progress,
    Project,
    Rules,
    Schedule,
    Why,
    schedule,
    topological_order,
    validate,
)
from tests.programs.engine.planner import CALENDARS, minute

START = minute("01-04")
EXACT = Rules(late_finish_at_next_work=True)
SEVERAL = [CALENDARS[name] for name in ("office", "six", "always", "holiday", "nights")]


@st.composite
def plans(draw: st.DrawFn, calendars: int = len(SEVERAL), *, constraints: bool = False) -> Plan:
    """Any network of up to twelve activities, with every kind of link, lag, milestone and lag calendar."""
    count = draw(st.integers(1, 12))
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=20))
    pairs = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    per_link = {"min_size": len(pairs), "max_size": len(pairs)}
    per_activity = {"min_size": count, "max_size": count}
    kinds = st.sampled_from([Kind.TASK, Kind.TASK, Kind.TASK, Kind.START_MILESTONE, Kind.FINISH_MILESTONE])
    dates = st.one_of(st.none(), st.integers(START - 5000, START + 30000))
    plan = Plan(
        calendars=SEVERAL[:calendars],
        projects=[
            Project(START, lag_calendar=draw(st.sampled_from(LagCalendar)), calendar=calendars - 1),
            Project(START + draw(st.integers(0, 9999)), lag_calendar=draw(st.sampled_from(LagCalendar))),
        ],
        calendar=draw(st.lists(st.integers(0, calendars - 1), **per_activity)),
        duration=draw(st.lists(st.integers(0, 3000), **per_activity)),
        project=draw(st.lists(st.integers(0, 1), **per_activity)),
        kind=draw(st.lists(kinds, **per_activity)),
        predecessor=[i for i, _ in pairs],
        successor=[j for _, j in pairs],
        link_kind=draw(st.lists(st.sampled_from(LinkKind), **per_link)),
        lag=draw(st.lists(st.integers(-1500, 3000), **per_link)),
        lag_unit=draw(st.lists(st.sampled_from([LagUnit.WORKING, LagUnit.ELAPSED]), **per_link)),
    )
    if constraints:
        kinds_of = draw(st.lists(st.sampled_from(Constraint), **per_activity))
        at = [date if date is not None else START for date in draw(st.lists(dates, **per_activity))]
        plan = replace(plan, constraint=kinds_of, constraint_date=at)
        plan = replace(plan, deadline=draw(st.lists(dates, **per_activity)))
    assert validate(plan) == []
    return plan


def gap(plan: Plan, result: Schedule, k: int) -> int:
    """Working minutes of the successor between what a link without lag asks and what it gets (0: just enough)."""
    i, j, kind = plan.predecessor[k], plan.successor[k], plan.link_kind[k]
    leaves = result.early_start[i] if kind & 1 else result.early_finish[i]
    arrives = result.early_finish[j] if kind > 1 else result.early_start[j]
    return plan.calendars[plan.calendar[j]].between(leaves, arrives)


@given(plans())
def test_early_is_never_after_late_and_no_float_is_negative_without_constraints(plan: Plan) -> None:
    result = schedule(plan, EXACT)
    assert min(result.total_float) >= 0
    assert min(result.free_float) >= 0
    assert all(free <= total for free, total in zip(result.free_float, result.total_float, strict=True))
    for early, late in (
        (result.early_start, result.late_start),
        (result.early_finish, result.late_finish),
    ):
        assert all(e <= last for e, last in zip(early, late, strict=True))


@given(plans(calendars=1))
def test_on_one_calendar_the_defaults_need_no_exact_reading(plan: Plan) -> None:
    assert schedule(plan) == schedule(plan, EXACT)


@settings(max_examples=40)
@given(plans())
def test_every_activity_keeps_its_duration_and_begins_after_its_project(plan: Plan) -> None:
    result = schedule(plan)
    for i, calendar in enumerate(plan.calendar):
        length = 0 if plan.kind[i] else plan.duration[i]
        between = plan.calendars[calendar].between
        assert between(result.early_start[i], result.early_finish[i]) == length
        assert between(result.late_start[i], result.late_finish[i]) == length
        assert result.early_start[i] >= plan.projects[plan.project[i]].start


@settings(max_examples=40)
@given(plans())
def test_a_link_without_lag_is_kept_on_the_successors_clock(plan: Plan) -> None:
    plan = replace(plan, lag=[0] * len(plan.lag))
    result = schedule(plan)
    assert all(gap(plan, result, k) >= 0 for k in range(len(plan.predecessor)))


@settings(max_examples=40)
@given(plans())
def test_the_longest_path_ends_last_and_is_unbroken(plan: Plan) -> None:
    result = schedule(plan)
    on_path = [i for i, on in enumerate(result.on_longest_path) if on]
    assert on_path
    for i in on_path:
        drives = [
            result.on_longest_path[j]
            for k, j in enumerate(plan.successor)
            if plan.predecessor[k] == i and result.driving[k]
        ]
        assert any(drives) or result.early_finish[i] >= max(result.early_finish) - 7 * 1440
    first = [i for i in on_path if result.driver[i] < 0]
    assert first
    assert all(result.why[i] is Why.PROJECT_START for i in first)


@settings(max_examples=40)
@given(plans(constraints=True), st.randoms(use_true_random=False))
def test_the_order_in_which_a_plan_is_written_down_does_not_matter(plan: Plan, draw: Any) -> None:
    count, links = len(plan.duration), len(plan.predecessor)
    old = list(range(count))
    draw.shuffle(old)
    new = {was: now for now, was in enumerate(old)}
    order = list(range(links))
    draw.shuffle(order)
    shuffled = replace(
        plan,
        **{
            name: [getattr(plan, name)[i] for i in old]
            for name in (
                "calendar",
                "duration",
                "project",
                "kind",
                "constraint",
                "constraint_date",
                "deadline",
            )
        },
        **{name: [getattr(plan, name)[k] for k in order] for name in ("link_kind", "lag", "lag_unit")},
        predecessor=[new[plan.predecessor[k]] for k in order],
        successor=[new[plan.successor[k]] for k in order],
    )
    one, other = schedule(plan), schedule(shuffled)
    for name in ("early_start", "early_finish", "late_start", "late_finish", "total_float", "free_float"):
        assert [getattr(one, name)[i] for i in old] == getattr(other, name)
    assert [one.on_longest_path[i] for i in old] == other.on_longest_path
    assert (one.finish, one.project_finish) == (other.finish, other.project_finish)


@settings(max_examples=40)
@given(plans(), st.integers(0, 11), st.integers(1, 2000))
def test_more_work_never_finishes_a_finish_to_start_plan_earlier(plan: Plan, which: int, more: int) -> None:
    plan = replace(plan, link_kind=(), kind=())
    i = which % len(plan.duration)
    longer = replace(plan, duration=[d + more * (k == i) for k, d in enumerate(plan.duration)])
    before, after = schedule(plan, EXACT), schedule(longer, EXACT)
    assert after.finish >= before.finish


@settings(max_examples=40)
@given(plans(), st.integers(0, 11))
def test_beginning_at_the_late_start_leaves_the_program_finish_alone(plan: Plan, which: int) -> None:
    """Of work behind its predecessors' finishes: a link from a start may cost the gap in which nobody works."""
    plan = replace(plan, link_kind=[kind & 2 for kind in plan.link_kind], kind=())
    plan = replace(plan, duration=[max(minutes, 1) for minutes in plan.duration])
    result = schedule(plan, EXACT)
    i = which % len(plan.duration)
    held = [Constraint.START_NO_EARLIER_THAN * (k == i) for k in range(len(plan.duration))]
    slipped = schedule(replace(plan, constraint=held, constraint_date=result.late_start), EXACT)
    for c, late, finish in zip(plan.calendar, result.late_finish, slipped.early_finish, strict=True):
        assert plan.calendars[c].between(late, finish) <= 0


@settings(max_examples=40)
@given(plans(constraints=True), st.sampled_from(Progress), st.integers(0, 15_000), st.data())
def test_any_progress_can_be_scheduled(
    plan: Plan, progress: Progress, done: int, data: st.DataObject
) -> None:
    now = START + done
    begun = [
        start if start <= now and data.draw(st.booleans()) else None for start in schedule(plan).early_start
    ]
    ended = [
        None if b is None else data.draw(st.one_of(st.none(), st.integers(b, max(b, now)))) for b in begun
    ]
    plan = replace(
        plan,
        projects=[replace(project, status_date=now) for project in plan.projects],
        actual_start=begun,
        actual_finish=ended,
        remaining=[data.draw(st.one_of(st.none(), st.integers(0, 2000))) for _ in begun],
    )
    assert validate(plan) == []
    result = schedule(plan, Rules(progress=progress))
    for i, b in enumerate(begun):
        if b is not None:
            assert result.early_start[i] == b
        if ended[i] is not None:
            assert (result.early_finish[i], result.total_float[i]) == (ended[i], 0)
    floats = zip(result.total_float, result.free_float, result.interfering_float, strict=True)
    assert all(total - free == interfering for total, free, interfering in floats)


@given(st.integers(1, 15), st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40))
def test_an_order_is_found_or_a_circle_is_shown(count: int, pairs: list[tuple[int, int]]) -> None:
    pairs = [(i % count, j % count) for i, j in pairs]
    try:
        order = topological_order(count, [i for i, _ in pairs], [j for _, j in pairs])
    except CycleFound as refused:
        path = refused.path
        assert path[0] == path[-1]
        assert len(path) > 1 and len(set(path)) == len(path) - 1
        assert all(step in pairs for step in itertools.pairwise(path))
    else:
        place = {i: k for k, i in enumerate(order)}
        assert sorted(order) == list(range(count))
        assert all(place[i] < place[j] for i, j in pairs)
