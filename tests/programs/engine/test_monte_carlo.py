"""Simulated figures against closed forms, and what a seed, a portion or a threat of nonsense does to them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from math import erf, inf, nan, pi, sqrt

import pytest

from programs.engine import Kind, Plan, Project, WorkCalendar
from programs.engine.monte_carlo import (
    Cancelled,
    CannotSimulate,
    Correlation,
    Costs,
    Driver,
    Impact,
    RiskEvent,
    Simulation,
    Spread,
    simulate,
)
from tests.programs.engine.planner import FIRST, LAST, Worked, minute

ALWAYS = WorkCalendar.weekly([[(0, 1440)]] * 7, first=FIRST, last=LAST)
"""Works around the clock, so that wall minutes and working minutes are the same and closed forms apply to dates."""
START = minute("01-04")
RUNS = 20_000


def network(durations: list[int], links: list[tuple[int, int]], **more: object) -> Plan:
    """Activities on a calendar that never rests, joined finish to start."""
    return Plan(
        calendars=[ALWAYS],
        projects=[Project(START)],
        calendar=[0] * len(durations),
        duration=durations,
        predecessor=[i for i, _ in links],
        successor=[j for _, j in links],
        **more,  # type: ignore[arg-type]
    )


def chain(length: int, minutes: int = 1000) -> Plan:
    """One activity after the other."""
    return network([minutes] * length, [(i, i + 1) for i in range(length - 1)])


def within_three_errors(told: Simulation, mean: float, deviation: float) -> None:
    """Mean and standard deviation of the finish (minutes after the start) as they ought to be."""
    error = deviation / sqrt(told.iterations)
    assert abs(told.program.mean - START - mean) <= 3 * error + 0.5  # a minute is the grain of a date
    assert told.program.deviation == pytest.approx(deviation, rel=3 / sqrt(2 * told.iterations) + 0.003)


SHAPES = [
    Spread.pert(500, 1000, 2500),
    Spread.pert(500, 500, 2500),
    Spread.pert(613, 1000, 1731),  # its mode lies between two tables
    Spread.triangular(500, 1000, 2500),
    Spread.triangular(400, 2500, 2500),
    Spread.triangular(613, 1000, 1731),
    Spread.uniform(500, 2500),
    Spread.discrete([800, 1000, 3000], [0.5, 0.3, 0.2]),
]


@pytest.mark.parametrize("spread", SHAPES, ids=lambda s: f"{s.shape.value} {s.low:g} {s.likely:g} {s.high:g}")
def test_one_activity_has_the_moments_of_its_distribution(spread: Spread) -> None:
    told = simulate(chain(1), uncertainty={0: spread}, iterations=RUNS, seed=3)
    within_three_errors(told, spread.mean, spread.deviation)
    assert min(told.finishes) >= START + spread.low
    assert max(told.finishes) <= START + spread.high


def test_a_chain_adds_up_means_and_variances() -> None:
    spread = Spread.pert(500, 1000, 2500)
    told = simulate(chain(9), uncertainty=dict.fromkeys(range(9), spread), iterations=RUNS, seed=4)
    within_three_errors(told, 9 * spread.mean, 3 * spread.deviation)
    assert all(activity.criticality == 1 for activity in told.activities)
    # Nine alike in a row: each correlates with the sum by one third.
    assert all(activity.cruciality == pytest.approx(1 / 3, abs=0.03) for activity in told.activities)
    assert all(activity.sensitivity == pytest.approx(1 / 3, abs=0.02) for activity in told.activities)


def test_two_in_parallel_finish_with_the_later_one_and_merge_bias_shows() -> None:
    # The later of two uniform on 0..1 is 2/3 on average, with a variance of 1/18.
    told = simulate(
        network([1000, 1000], []),
        uncertainty={0: Spread.uniform(1000, 2000), 1: Spread.uniform(1000, 2000)},
        iterations=RUNS,
        seed=5,
    )
    within_three_errors(told, 1000 + 2000 / 3, 1000 / sqrt(18))
    first, second = told.activities
    assert first.criticality == pytest.approx(0.5, abs=3 * 0.5 / sqrt(RUNS))
    assert first.criticality + second.criticality == pytest.approx(1, abs=0.002)  # both only when they tie
    assert told.program.mean > first.finish.mean


def test_percentiles_are_those_of_the_distribution_and_never_cross() -> None:
    told = simulate(chain(1), uncertainty={0: Spread.uniform(0, 10_000)}, iterations=RUNS, seed=6)
    program = told.program
    for percent in (10, 50, 80, 90):
        error = 3 * 10_000 * sqrt(percent / 100 * (1 - percent / 100) / RUNS)
        assert program.at(percent) == pytest.approx(START + 100 * percent, abs=error)
        assert told.percentile(percent) == program.at(percent)
    assert told.confidence(int(program.p80)) == pytest.approx(0.8, abs=0.001)
    curve = told.s_curve(21)
    assert [finish for finish, _ in curve] == sorted(finish for finish, _ in curve)
    assert curve[16] == (program.p80, 0.8)


def test_drivers_make_durations_move_together_by_the_product_of_their_loadings() -> None:
    spread = Spread.uniform(1000, 2000)
    plan = network([1000, 1000], [(0, 1)])

    def spread_of(correlation: Correlation | None) -> float:
        told = simulate(
            plan, uncertainty={0: spread, 1: spread}, correlation=correlation, iterations=RUNS, seed=7
        )
        within_three_errors(told, 2 * spread.mean, told.program.deviation)  # the mean never moves
        return told.program.deviation / spread.deviation

    assert spread_of(None) == pytest.approx(sqrt(2), abs=0.03)
    assert spread_of(Correlation((Driver("team", {0: 1, 1: 1}),))) == pytest.approx(2, abs=0.03)
    assert spread_of(Correlation((Driver("team", {0: 1, 1: -1}),))) == pytest.approx(0, abs=0.03)
    # Two uniform quantities correlate by their rank correlation, 6 / pi x asin(r / 2).
    for r in (0.64, 0.3):
        rank = rank_correlation(r)
        told = spread_of(Correlation((Driver("team", {0: sqrt(r), 1: sqrt(r)}),)))
        assert told == pytest.approx(sqrt(2 + 2 * rank), abs=0.03)


def rank_correlation(r: float) -> float:
    """Spearman's correlation of two normals that correlate by `r`: the series of 6 / pi asin(r / 2)."""
    x = r / 2
    return 6 / pi * (x + x**3 / 6 + 3 * x**5 / 40 + 15 * x**7 / 336)


def test_a_matrix_of_rank_correlations_is_met() -> None:
    spread = Spread.uniform(1000, 2000)
    told = simulate(
        network([1000, 1000], [(0, 1)]),
        uncertainty={0: spread, 1: spread},
        correlation=Correlation(activities=(0, 1), matrix=((1, 0.7), (0.7, 1))),
        iterations=RUNS,
        seed=8,
    )
    assert told.program.deviation / spread.deviation == pytest.approx(sqrt(2 + 1.4), abs=0.03)


def test_an_impossible_matrix_is_refused_or_replaced_by_the_nearest_and_says_so() -> None:
    spread = Spread.uniform(1000, 2000)
    matrix = ((1.0, 0.9, -0.9), (0.9, 1.0, 0.9), (-0.9, 0.9, 1.0))
    plan, uncertain = chain(3), dict.fromkeys(range(3), spread)
    wanted = Correlation(activities=(0, 1, 2), matrix=matrix)
    with pytest.raises(CannotSimulate, match="no durations can correlate like this"):
        simulate(plan, uncertainty=uncertain, correlation=wanted)
    told = simulate(plan, uncertainty=uncertain, correlation=replace(wanted, nearest=True), iterations=100)
    assert "nearest one that is was used" in told.notes[0]


def test_a_risk_occurs_as_often_as_it_is_likely_and_delays_what_it_names() -> None:
    risk = RiskEvent(
        "vendor late", 0.25, (Impact(0, minutes=Spread.fixed(400)), Impact(-1, cost=Spread.fixed(900)))
    )
    told = simulate(chain(1), uncertainty={}, risks=[risk], costs=Costs(fixed=[100]), iterations=RUNS, seed=9)
    outcome = told.risks[0]
    assert outcome.occurred == pytest.approx(0.25, abs=3 * sqrt(0.25 * 0.75 / RUNS))
    assert (outcome.finish_without, outcome.finish_with) == (START + 1000, START + 1400)
    assert (outcome.cost_without, outcome.cost_with) == (100, 1000)
    assert told.program.p50 == START + 1000
    assert told.program.p80 == told.program.p90 == START + 1400
    assert told.program.confidence == 1 - outcome.occurred
    assert (told.tornado[0].risk, told.tornado[0].swing) == (0, pytest.approx(400))


def test_a_common_risk_hits_everything_it_names_equally_hard() -> None:
    factor = Spread.uniform(0.5, 1.5)
    risk = RiskEvent("productivity", 1, tuple(Impact(i, factor=factor) for i in range(4)))
    told = simulate(chain(4), uncertainty={}, risks=[risk], iterations=RUNS, seed=10)
    within_three_errors(told, 4000, 4000 * factor.deviation)


def test_cost_follows_time_and_both_can_be_promised_together() -> None:
    told = simulate(
        chain(1),
        uncertainty={0: Spread.uniform(6000, 12_000)},
        costs=Costs(fixed=[500], per_hour=[60]),
        iterations=RUNS,
        seed=11,
    )
    assert told.cost is not None
    assert told.cost.mean == pytest.approx(500 + 9000, rel=0.01)
    assert told.cost.planned == 500 + 1000
    assert [cost - 500 for cost in told.costs] == pytest.approx([finish - START for finish in told.finishes])
    # Time is money here, so the two promises are one: together they are kept as often as each alone.
    assert told.confidence(int(told.program.p80), told.cost.p80) == pytest.approx(0.8, abs=0.001)
    assert told.frontier(80) == [(told.program.p80, told.cost.p80)]


def test_the_joint_frontier_trades_time_for_money() -> None:
    told = simulate(
        network([1000, 1000], []),
        uncertainty={0: Spread.uniform(1000, 2000)},
        costs=Costs(fixed=[0, 1000], uncertainty={1: Spread.uniform(1, 2)}),
        iterations=2000,
        seed=12,
    )
    pairs = told.frontier(80)
    assert len(pairs) > 10
    assert [finish for finish, _ in pairs] == sorted(finish for finish, _ in pairs)
    assert [cost for _, cost in pairs] == sorted((cost for _, cost in pairs), reverse=True)
    assert all(told.confidence(finish, cost) >= 0.8 for finish, cost in pairs)
    assert all(told.confidence(finish, cost - 1e-6) < 0.8 for finish, cost in pairs)


def everything(**more: object) -> Simulation:
    """A simulation that uses all there is."""
    plan = Worked(
        """
        dig    5d
        order  3d cal=six
        build  8d after=dig,order:SS+1d
        paint  4d cal=mornings after=build:FF+50%
        party  0  after=paint kind=finish
        """
    ).plan
    given = {
        "uncertainty": {0: Spread.pert(2000, 2400, 4800), 1: Spread.triangular(900, 1440, 3000),
                        2: Spread.pert(3000, 3840, 8000), 3: Spread.uniform(1500, 3500)},
        "risks": [RiskEvent("strike", 0.3, (Impact(2, minutes=Spread.pert(0, 480, 2400)),))],
        "correlation": Correlation((Driver("weather", {0: 0.8, 3: 0.6}),)),
        "costs": Costs(fixed=[1, 2, 3, 4, 5], per_hour=[10] * 5, uncertainty={2: Spread.pert(0.9, 1, 1.4)}),
        "iterations": 3000, "seed": 13,
    } | more  # fmt: skip
    return simulate(plan, **given)  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_figures_in_portions_of_any_size() -> None:
    told = everything()
    assert everything(portion=256) == told
    assert everything(portion=1024) == told
    assert everything(seed=14) != told


def test_an_activity_more_leaves_the_draws_of_the_others_alone() -> None:
    spread = Spread.uniform(1000, 2000)
    alone = simulate(chain(2), uncertainty={0: spread, 1: spread}, keys=[71, 72], iterations=500)
    plan = network([1000, 10, 1000], [(0, 2)])
    joined = simulate(plan, uncertainty={0: spread, 1: spread, 2: spread}, keys=[71, 99, 72], iterations=500)
    assert [a.finish for a in alone.activities] == [joined.activities[i].finish for i in (0, 2)]


def test_many_activities_are_counted_in_bins_and_agree_with_what_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = everything()
    monkeypatch.setattr("programs.engine.risk_tally.KEPT_BYTES", 4 * 3000)
    binned = everything()
    assert [a.exact for a in binned.activities] == [False, False, False, False, True]
    assert binned.activities[4] == kept.activities[4]  # the milestone is always kept
    for one, other in zip(kept.activities, binned.activities, strict=True):
        assert one.finish.confidence == other.finish.confidence
        assert one.finish.mean == other.finish.mean
        if one.activity < 3:
            assert abs(one.finish.p80 - other.finish.p80) <= 0.05 * one.finish.deviation + 16 * 60


def test_more_runs_make_the_p80_surer_until_it_is_sure_enough() -> None:
    few, many = everything(iterations=100).convergence, everything(iterations=20_000).convergence
    assert many.p80_high - many.p80_low < (few.p80_high - few.p80_low) / 5
    assert many.mean_error < few.mean_error / 10
    assert many.enough
    assert [point.runs for point in many.course] == [1000 * k for k in range(1, 21)]


def test_progress_is_told_and_the_simulation_stops_when_asked() -> None:
    heard: list[tuple[int, int]] = []

    def listen(done: int, of: int) -> bool:
        heard.append((done, of))
        return done < 512

    with pytest.raises(Cancelled, match="stopped after 512 of 3,000 runs"):
        everything(portion=256, progress=listen)
    assert heard == [(256, 3000), (512, 3000)]


def test_only_work_that_is_left_varies() -> None:
    plan = network(
        [1000, 1000], [(0, 1)],
        actual_start=[START, START + 1000], actual_finish=[START + 1000, None], remaining=[None, 250],
    )  # fmt: skip
    plan = replace(plan, projects=[Project(START, status_date=START + 1750)])
    told = simulate(
        plan,
        uncertainty={0: Spread.uniform(500, 9000), 1: Spread.uniform(1000, 2000)},
        iterations=2000,
        seed=15,
    )
    done, left = told.activities
    assert done.finish.p10 == done.finish.p90 == START + 1000
    assert START + 2000 <= left.finish.p10 < left.finish.p90 <= START + 2250
    assert left.mean_length == pytest.approx(375, abs=5)


BAD: list[tuple[str, Callable[[], Simulation]]] = [
    ("optimistic value of 9 above the pessimistic 5", lambda: one(Spread.pert(9, 7, 5))),
    ("most likely value of 1 outside 2 to 5", lambda: one(Spread.pert(2, 1, 5))),
    ("not a number", lambda: one(Spread.pert(nan, 1, 5))),
    ("not a number", lambda: one(Spread.pert(1, 2, inf))),
    ("may not be less than 0", lambda: one(Spread.pert(-4, 2, 5))),
    ("may not be more than", lambda: one(Spread.pert(1, 2, 1e12))),
    ("as many weights as values", lambda: one(Spread.discrete([1, 2], [1]))),
    ("there is no activity 7", lambda: simulate(chain(1), uncertainty={7: Spread.fixed(3)})),
    ("has no length in the plan", lambda: simulate(chain(1, 0), uncertainty={0: Spread.fixed(3)})),
    (
        "a summary has no duration",
        lambda: simulate(network([5], [], kind=[Kind.SUMMARY]), uncertainty={0: Spread.fixed(3)}),
    ),
    (
        "a probability lies between 0 and 1",
        lambda: simulate(chain(1), uncertainty={}, risks=[RiskEvent("x", nan, ())]),
    ),
    ("0 runs", lambda: simulate(chain(1), uncertainty={}, iterations=0)),
    ("seed -1", lambda: simulate(chain(1), uncertainty={}, seed=-1)),
    (
        "drivers explain 200%",
        lambda: simulate(
            chain(1), uncertainty={}, correlation=Correlation((Driver("a", {0: 1}), Driver("b", {0: 1})))
        ),
    ),
    (
        "differs from its mirror image",
        lambda: simulate(
            chain(2), uncertainty={}, correlation=Correlation(activities=(0, 1), matrix=((1, 0.5), (0.4, 1)))
        ),
    ),
    ("fixed has 2 entries for 1", lambda: simulate(chain(1), uncertainty={}, costs=Costs(fixed=[1, 2]))),
]


def one(spread: Spread) -> Simulation:
    """A single activity with this range."""
    return simulate(chain(1), uncertainty={0: spread})


@pytest.mark.parametrize(("sentence", "attempt"), BAD, ids=[sentence for sentence, _ in BAD])
def test_nonsense_is_refused_with_a_sentence(sentence: str, attempt: Callable[[], Simulation]) -> None:
    with pytest.raises(CannotSimulate) as refusal:
        attempt()
    assert any(sentence in problem for problem in refusal.value.problems)


def test_a_plan_of_nothing_and_a_plan_of_one_can_be_simulated() -> None:
    nothing = simulate(network([], []), uncertainty={}, iterations=10)
    assert (nothing.program.p80, nothing.activities, nothing.tornado) == (START, [], [])
    single = simulate(chain(1), uncertainty={0: Spread.fixed(1000)}, iterations=1)
    assert single.program.p10 == single.program.p90 == START + 1000


def test_the_engine_alone_does_not_load_numpy() -> None:
    code = "import sys, programs.engine, programs.engine.monte_carlo; print('numpy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_the_normal_table_of_the_copula_is_the_normal_distribution() -> None:
    from programs.engine.correlation import _tables

    below, quantile = _tables()
    assert below[len(below) // 2] == pytest.approx(0.5)
    assert quantile[int(0.975 * 65536)] == pytest.approx(1.959964, abs=1e-3)
    assert 0.5 * (1 + erf(1 / sqrt(2))) == pytest.approx(
        below[round((1 + 6) / 12 * (len(below) - 1))], abs=1e-4
    )
