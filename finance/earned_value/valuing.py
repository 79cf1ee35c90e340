"""A program's earned value over its status dates: each project valued at each of its dates, and rolled up.

The program at an instant is the plain sum of its projects at the latest status of each at or before it; a
project without a status by then counts with its budget only. Indices are taken from the sums, never averaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from finance.earned_value.inputs import Inputs, ProjectInputs, Status
from finance.engine.earned_value import Figures, Minor, Valuation, Value, earned_value, program_total
from finance.engine.explained import Measure
from finance.engine.measures import measures
from finance.engine.phasing import Phased
from pmo.money import round_half_even


@dataclass(frozen=True, slots=True)
class Valued:
    """One project at one of its status dates: the valuation and all its measures by name."""

    project: ProjectInputs
    status: Status
    valuation: Valuation
    measures: dict[str, Measure]
    bottom_up: Fraction | None = None
    """What its owners expect the rest to cost, minor units; None without a forecast by then."""


@dataclass(frozen=True, slots=True)
class Rolled:
    """The program at an instant: sums and measures, and how many of its projects have a status by then."""

    at: datetime
    value: Value
    measures: dict[str, Measure]
    reporting: int
    projects: int


def value_project(project: ProjectInputs, currency: str) -> list[Valued]:
    """The project at every status date, in order of time."""
    plan = Phased(project.activities, project.calendars)
    valued: list[Valued] = []
    for status in project.statuses:
        valuation = earned_value(
            project.id,
            project.activities,
            project.calendars,
            status.wall,
            project_calendar=project.calendar,
            plan=plan,
        )
        rest = _bottom_up(project, status, valuation.total.exact)
        found = measures(
            valuation.total.exact,
            currency,
            schedule=valuation.schedule,
            three_back=_three_back(valued),
            bottom_up_etc=rest,
        )
        valued.append(Valued(project, status, valuation, found, rest))
    return valued


def _bottom_up(project: ProjectInputs, status: Status, figures: Figures) -> Fraction | None:
    """What is left of the estimate of the last forecast whose period had begun by the status date.

    A forecast says what the whole will cost; what was spent since is part of it. Less than nothing is never left.
    """
    told = [estimate for since, estimate in project.forecasts if since <= status.wall]
    return max(told[-1] - figures.ac, Fraction(0)) if told else None


def _three_back(before: list[Valued]) -> Figures | None:
    """The figures of three status dates ago: nothing at the third date, unknown before it."""
    if len(before) < 2:
        return None
    return Figures() if len(before) == 2 else before[-3].valuation.total.exact


def value_program(inputs: Inputs) -> dict[int, list[Valued]]:
    """Every project at every status date, by the project's id."""
    return {project.id: value_project(project, inputs.program.currency) for project in inputs.projects}


def latest(valued: list[Valued], at: datetime) -> Valued | None:
    """The project at its latest status at or before an instant."""
    return next((one for one in reversed(valued) if one.status.at <= at), None)


def roll_up(inputs: Inputs, valued: dict[int, list[Valued]], at: datetime) -> Rolled:
    """The program at an instant."""
    values, reporting = [], 0
    rests: list[Fraction | None] = []
    for project in inputs.projects:
        now = latest(valued[project.id], at)
        reporting += now is not None
        values.append(now.valuation.total if now else _budget_only(project))
        rests.append(now.bottom_up if now else None)
    total = program_total(inputs.program.pk, values)
    # Bottom-up only where every project has estimated its rest: half a sum would look like a whole one.
    whole = [rest for rest in rests if rest is not None]
    bottom_up = sum(whole, Fraction(0)) if whole and len(whole) == len(rests) else None
    found = measures(total.exact, inputs.program.currency, bottom_up_etc=bottom_up)
    return Rolled(at, total, found, reporting, len(inputs.projects))


def roll_ups(inputs: Inputs, valued: dict[int, list[Valued]]) -> Iterator[Rolled]:
    """The program at every instant at which one of its projects has a status."""
    for at in sorted({one.status.at for listed in valued.values() for one in listed}):
        yield roll_up(inputs, valued, at)


def _budget_only(project: ProjectInputs) -> Value:
    budget = sum((activity.budget for activity in project.activities), start=Figures().bac)
    return Value(project.id, Figures(bac=budget), Minor(bac=round_half_even(budget)))
