"""What is wrong with the inputs of a simulation, in sentences; standard library only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

from programs.engine.plan import Kind, Plan
from programs.engine.risk_inputs import LONGEST, MOST_RUNS, Correlation, Costs, RiskEvent, Shape, Spread


def problems_of(
    plan: Plan,
    uncertainty: Mapping[int, Spread],
    risks: Sequence[RiskEvent],
    correlation: Correlation | None,
    costs: Costs | None,
    iterations: int,
    seed: int,
) -> list[str]:
    """Everything that is wrong with the inputs of a simulation, one sentence each; the plan itself is `validate`'s."""
    found = [*_frame(iterations, seed)]
    for i, spread in uncertainty.items():
        if (
            spread.shape is not Shape.DISCRETE
            and 0 <= spread.low <= spread.likely <= spread.high <= LONGEST
            and 0 <= i < len(plan.duration)
            and plan.duration[i] > 0
            and not (plan.kind and plan.kind[i])
        ):
            continue  # nothing is wrong with it, as with nearly all
        found += _target(plan, i, f"activity {i}")
        found += _spread(spread, f"activity {i}: its duration", 0, LONGEST)
    for at, risk in enumerate(risks):
        found += _risk(plan, risk, f"risk {at} ({risk.name})")
    if correlation is not None:
        found += _correlation(plan, correlation)
    if costs is not None:
        found += _costs(plan, costs)
    return found


def _frame(iterations: int, seed: int) -> Iterator[str]:
    if not 1 <= iterations <= MOST_RUNS:
        yield f"{iterations:,} runs: give a number from 1 to {MOST_RUNS:,}"
    if not 0 <= seed < 1 << 63:
        yield f"seed {seed}: give a whole number from 0 to {(1 << 63) - 1}"


def _target(plan: Plan, i: int, what: str) -> Iterator[str]:
    if not 0 <= i < len(plan.duration):
        yield f"{what}: there is no activity {i}"
    elif plan.kind and plan.kind[i] != Kind.TASK:
        kind = Kind(plan.kind[i]).name.lower().replace("_", " ")
        yield f"{what}: a {kind} has no duration of its own that could vary"
    elif plan.duration[i] <= 0:
        yield f"{what}: activity {i} has no length in the plan, so its duration cannot vary"


def _spread(spread: Spread, what: str, lowest: float, highest: float) -> Iterator[str]:
    numbers = (spread.low, spread.likely, spread.high, *spread.values, *spread.weights)
    if not all(isfinite(number) for number in numbers):
        yield f"{what} has a value that is not a number"
        return
    if spread.shape is Shape.DISCRETE:
        if not spread.values or len(spread.values) != len(spread.weights):
            yield f"{what} needs as many weights as values, and at least one"
            return
        if min(spread.weights) < 0 or sum(spread.weights) <= 0:
            yield f"{what} has weights that are negative or add up to nothing"
    if spread.low > spread.high:
        yield f"{what} has an optimistic value of {spread.low:g} above the pessimistic {spread.high:g}"
    elif not spread.low <= spread.likely <= spread.high:
        yield f"{what} has a most likely value of {spread.likely:g} outside {spread.low:g} to {spread.high:g}"
    if spread.low < lowest:
        yield f"{what} may not be less than {lowest:g}, and {spread.low:g} is"
    if spread.high > highest:
        yield f"{what} may not be more than {highest:g}, and {spread.high:g} is"


def _risk(plan: Plan, risk: RiskEvent, what: str) -> Iterator[str]:
    if not 0 <= risk.probability <= 1:  # which NaN is not either
        yield f"{what}: a probability lies between 0 and 1, and {risk.probability:g} does not"
    for impact in risk.impacts:
        if impact.minutes is None and impact.factor is None:
            if impact.activity >= len(plan.duration) or impact.activity < -1:
                yield f"{what}: there is no activity {impact.activity}"
        else:
            yield from _target(plan, impact.activity, what)
        if impact.activity < 0 and not 0 <= impact.project < len(plan.projects):
            yield f"{what}: there is no project {impact.project}"
        if impact.minutes is not None:
            yield from _spread(impact.minutes, f"{what}: its delay", -LONGEST, LONGEST)
        if impact.factor is not None:
            yield from _spread(impact.factor, f"{what}: its factor", 0, 1000)
        if impact.cost is not None:
            yield from _spread(impact.cost, f"{what}: its cost", -1e18, 1e18)


def _correlation(plan: Plan, correlation: Correlation) -> Iterator[str]:
    shares: dict[int, float] = {}
    for driver in correlation.drivers:
        for i, loading in driver.loadings.items():
            yield from _target(plan, i, f"driver {driver.name}")
            if not -1 <= loading <= 1:
                yield f"driver {driver.name}: activity {i} correlates by {loading:g}, not between -1 and 1"
            shares[i] = shares.get(i, 0.0) + loading * loading
    for i, share in shares.items():
        if share > 1 + 1e-9:
            yield f"activity {i}: its drivers explain {share:.0%} of its spread; squares add up to 1 at most"
    size = len(correlation.activities)
    for i in correlation.activities:
        yield from _target(plan, i, "correlation matrix")
        if i in shares:
            yield f"activity {i}: stands in the correlation matrix and on a driver; give one of them"
    if len(set(correlation.activities)) != size:
        yield "correlation matrix: an activity stands in it twice"
    if len(correlation.matrix) != size or any(len(row) != size for row in correlation.matrix):
        yield f"correlation matrix: {size} activities need {size} rows of {size} numbers"
        return
    for a, row in enumerate(correlation.matrix):
        for b, value in enumerate(row):
            if not -1 <= value <= 1 or (a == b and value != 1):
                yield f"correlation matrix: row {a + 1}, column {b + 1} cannot be {value:g}"
            elif abs(value - correlation.matrix[b][a]) > 1e-12:
                yield f"correlation matrix: row {a + 1}, column {b + 1} differs from its mirror image"


def _costs(plan: Plan, costs: Costs) -> Iterator[str]:
    for name, column in (("fixed", costs.fixed), ("per_hour", costs.per_hour)):
        if len(column) not in (0, len(plan.duration)):
            yield f"costs: {name} has {len(column)} entries for {len(plan.duration)} activities"
        elif not all(isfinite(value) for value in column):
            yield f"costs: {name} has a value that is not a number"
    for i, spread in (costs.uncertainty or {}).items():
        if not 0 <= i < len(plan.duration):
            yield f"costs: there is no activity {i}"
        yield from _spread(spread, f"activity {i}: its cost factor", 0, 1000)
