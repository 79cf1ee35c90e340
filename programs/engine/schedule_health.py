"""Schedule health: the 14 points of the DCMA assessment, each done as published, and what to repair first.

Source: `standards.md` (DCMA-EA PAM 200.1 in our own words). Values in, values out: no clock, no database. Points
1 to 11 are counted in `health_counts`, 12 to 14 in `health_path`, prices of repairs in `health_repair`, the GAO's
ten practices in `good_practice`.
"""

from __future__ import annotations

from dataclasses import dataclass

from programs.engine.assessment import PUBLISHED, Check, Facts, Point, Thresholds, Verdict
from programs.engine.health_counts import Population, counted
from programs.engine.health_path import critical_path_test, execution_index, length_index, own_path
from programs.engine.health_repair import Repair, repairs
from programs.engine.plan import Plan, Rules
from programs.engine.result import Schedule


@dataclass(frozen=True, slots=True)
class Assessment:
    """The 14 points in their order, and the failed ones in the order to repair them."""

    points: tuple[Point, ...]
    repairs: tuple[Repair, ...]
    open: int
    """Incomplete activities that last: the population of most points."""
    links: int
    """Links that hold work left to do."""

    def __getitem__(self, check: Check) -> Point:
        return self.points[check - 1]

    @property
    def failed(self) -> int:
        return sum(one.verdict is Verdict.FAIL for one in self.points)

    @property
    def applicable(self) -> int:
        return sum(one.verdict is not Verdict.NOT_APPLICABLE for one in self.points)


def assess(
    plan: Plan,
    rules: Rules,
    result: Schedule,
    facts: Facts,
    limits: Thresholds = PUBLISHED,
    *,
    project: int | None = None,
    priced: bool = True,
) -> Assessment:
    """The 14 points of a scheduled plan, of all of it or of one `project` (an index).

    `result` is `schedule(plan, rules)`. Costs one pass for the critical path test, one for each failed point whose
    repair can be scheduled (2, 3, 4, 5, 9), and one more for a project's own path; with `priced` False no repair is
    priced and none is listed. Raises `ValueError` for facts
    that do not fit the plan.
    """
    _check(plan, facts, project)
    of = Population(plan, rules, result, facts, limits, project)
    path = own_path(of)
    points = (*counted(of), critical_path_test(of, path), length_index(of, path), execution_index(of))
    return Assessment(points, tuple(repairs(of, points)) if priced else (), len(of.left), len(of.links))


def _check(plan: Plan, facts: Facts, project: int | None) -> None:
    count = len(facts.day)
    if count > len(plan.duration):
        raise ValueError(f"facts about {count} activities for a plan of {len(plan.duration)}")
    for name in ("baseline_finish", "baseline_duration", "loaded"):
        if len(getattr(facts, name)) not in (0, count):
            raise ValueError(f"{name} has {len(getattr(facts, name))} entries for {count} activities")
    if any(day <= 0 for day in facts.day):
        raise ValueError("a working day lasts longer than nothing")
    if project is not None and not 0 <= project < len(plan.projects):
        raise ValueError(f"there is no project {project}")
