"""A program's earned value over its status dates: each project valued at each of its dates, and rolled up.

The program at an instant is the plain sum of its projects at the latest status of each at or before it; a
project without a status by then counts with its budget only. Indices are taken from the sums, never averaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

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
        found = measures(
            valuation.total.exact,
            currency,
            schedule=valuation.schedule,
            three_back=_three_back(valued),
        )
        valued.append(Valued(project, status, valuation, found))
    return valued


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
    for project in inputs.projects:
        now = latest(valued[project.id], at)
        reporting += now is not None
        values.append(now.valuation.total if now else _budget_only(project))
    total = program_total(inputs.program.pk, values)
    found = measures(total.exact, inputs.program.currency)
    return Rolled(at, total, found, reporting, len(inputs.projects))


def roll_ups(inputs: Inputs, valued: dict[int, list[Valued]]) -> Iterator[Rolled]:
    """The program at every instant at which one of its projects has a status."""
    for at in sorted({one.status.at for listed in valued.values() for one in listed}):
        yield roll_up(inputs, valued, at)


def _budget_only(project: ProjectInputs) -> Value:
    budget = sum((activity.budget for activity in project.activities), start=Figures().bac)
    return Value(project.id, Figures(bac=budget), Minor(bac=round_half_even(budget)))
