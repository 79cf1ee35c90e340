"""Laws of networks on one calendar, as soon as possible, without constraints or progress."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from programs.engine import Constraint, LagCalendar, LagUnit, LinkKind, Plan, schedule
from tests.programs.engine.networks import Features, network

LAWFUL = settings(max_examples=150, deadline=None, derandomize=True)


def _plain(count: int, links: int, seed: int, *, kinds: bool, lags: bool) -> Plan:
    plan, _ = network(
        Features(
            count, links, 1, 1, kinds, lags, milestones=False, constraints=False, deadlines=False,
            progress=False, groups=False, shuffled=False, seed=seed,
        )
    )  # fmt: skip
    frame = replace(plan.projects[0], lag_calendar=LagCalendar.PREDECESSOR)  # one calendar, for lags too
    return replace(plan, projects=[frame], lag_unit=[LagUnit.WORKING] * links if count > 1 else [])


PLAIN = st.builds(
    _plain,
    st.integers(2, 12),
    st.integers(0, 24),
    st.integers(0, 2**32),
    kinds=st.booleans(),
    lags=st.booleans(),
)


def work(plan: Plan, t: int) -> int:
    """Working minutes from the project start."""
    return plan.calendars[plan.calendar[0]].between(plan.projects[0].start, t)


@LAWFUL
@given(PLAIN, st.sampled_from(LinkKind), st.integers(-900, 900), st.integers(0, 2**32))
def test_one_more_link_never_makes_an_early_date_earlier(
    plan: Plan, kind: LinkKind, lag: int, seed: int
) -> None:
    i, j = sorted(Random(seed).sample(range(len(plan.duration)), 2))
    more = replace(
        plan,
        predecessor=[*plan.predecessor, i],
        successor=[*plan.successor, j],
        link_kind=[*plan.link_kind, kind],
        lag=[*plan.lag, lag],
        lag_unit=[*plan.lag_unit, LagUnit.WORKING],
    )
    before, after = schedule(plan), schedule(more)
    at = partial(work, plan)
    assert all(at(a) <= at(b) for a, b in zip(before.early_start, after.early_start, strict=True))
    assert all(at(a) <= at(b) for a, b in zip(before.early_finish, after.early_finish, strict=True))


@LAWFUL
@given(PLAIN)
def test_no_float_is_negative_and_none_is_free_that_is_not_total(plan: Plan) -> None:
    result = schedule(plan)
    assert all(0 <= f <= t for f, t in zip(result.free_float, result.total_float, strict=True))


@LAWFUL
@given(PLAIN, st.integers(1, 5_000), st.integers(0, 2**32))
def test_delaying_a_critical_activity_moves_the_finish_by_as_much(plan: Plan, delay: int, seed: int) -> None:
    before = schedule(plan)
    i = Random(seed).choice([i for i, on in enumerate(before.on_longest_path) if on])
    calendar = plan.calendars[plan.calendar[i]]
    held = [Constraint.START_NO_EARLIER_THAN * (k == i) for k in range(len(plan.duration))]
    until = calendar.start_time(calendar.work_at(before.early_start[i]) + delay)
    after = schedule(replace(plan, constraint=held, constraint_date=[until] * len(held)))
    assert work(plan, after.finish) - work(plan, before.finish) == delay


@LAWFUL
@given(PLAIN, st.integers(2, 7))
def test_a_plan_that_is_so_many_times_as_long_has_all_dates_and_floats_so_many_times(
    plan: Plan, times: int
) -> None:
    long = replace(plan, duration=[d * times for d in plan.duration], lag=[lag * times for lag in plan.lag])
    small, large = schedule(plan), schedule(long)
    for name in ("early_start", "early_finish", "late_start", "late_finish"):
        ours = [work(plan, t) * times for t in getattr(small, name)]
        assert ours == [work(plan, t) for t in getattr(large, name)]
    for name in ("total_float", "free_float"):
        assert [f * times for f in getattr(small, name)] == getattr(large, name)
    assert small.on_longest_path == large.on_longest_path
