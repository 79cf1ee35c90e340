"""What a simulation of a program is made of: the plan, ranges of durations, risks of the register, planned costs."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from programs.engine.monte_carlo import Costs, Impact, RiskEvent, Shape, Spread
from programs.engine.network import topological_order
from programs.engine.plan import Kind, Plan
from programs.portfolio.models import Program, Project
from programs.raid.models import Risk
from programs.resources.models import Assignment, Resource
from programs.risk_analysis.models import Asked, SimulationRun
from programs.schedule.inputs import Loaded, load
from programs.schedule.models import Activity

PROBABILITY = {1: 0.1, 2: 0.3, 3: 0.5, 4: 0.7, 5: 0.9}
"""A score of 1 to 5 stands for a fifth of all probabilities, taken in its middle."""
SEVERITY = (0.5, 1.0, 1.5)
"""How hard a risk hits when it occurs: least, most likely and most, as multiples of its exposure (triangular)."""
OPEN = (Risk.State.OPEN, Risk.State.MITIGATING)
SHAPES = {SimulationRun.Shape.PERT: Shape.PERT, SimulationRun.Shape.TRIANGULAR: Shape.TRIANGULAR}


@dataclass(frozen=True, slots=True)
class Named:
    """An activity or a risk as a result names it."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that `simulate` takes, and what its indices stand for."""

    loaded: Loaded
    uncertainty: dict[int, Spread]
    given: int
    """How many of the ranges come from three points of the activity's own."""
    risks: list[RiskEvent]
    costs: Costs
    keys: list[int]
    activities: list[Named]
    risk_names: list[Named]
    project_ids: list[int]
    """In the order of the plan's projects."""
    digest: str


NEW = -1_000_000_000
"""Ids of activities that a change proposes begin here and go down; those above are of the points of groups."""


def gather(
    program: Program,
    run: Asked,
    loaded: Loaded | None = None,
    new: Mapping[int, Named] | None = None,
    staff: Sequence[tuple[int, int, Decimal]] | None = None,
) -> Inputs:
    """Read what is simulated: the plan as it is now, or `loaded`, a changed copy of it.

    `new` names the activities of the copy that do not exist yet, by an id from `NEW` down: they cost what
    their people do and have the ranges that any activity without three points of its own has. Those taken out of the
    copy are left out. `staff` is activity, resource and units of the copy; None: as the plan has it.
    """
    loaded = loaded or load(program)
    plan, count = loaded.plan, len(loaded.activity_ids)
    index = {pk: i for i, pk in enumerate(loaded.activity_ids)}
    fixed, per_hour = [0.0] * len(plan.duration), [0.0] * len(plan.duration)
    names: list[Named] = [Named(0, "", "")] * count
    uncertainty: dict[int, Spread] = {}
    given = 0
    shape = SHAPES[SimulationRun.Shape(run.distribution)]
    columns = ("pk", "code", "name", "fixed_cost", "cost_per_hour")
    points = ("optimistic_minutes", "likely_minutes", "pessimistic_minutes")
    for pk, code, name, amount, rate, *three in Activity.objects.filter(program_id=program.pk).values_list(
        *columns, *points
    ):
        if pk not in index:
            continue
        i = index[pk]
        names[i] = Named(pk, code, name)
        fixed[i], per_hour[i] = float(amount), float(rate)
        if plan.kind[i] != Kind.TASK or not plan.duration[i]:
            continue
        planned, (low, likely, high) = plan.duration[i], three
        if low is not None and high is not None:
            given += 1
            uncertainty[i] = _spread(shape, low, planned if likely is None else likely, high)
        else:
            uncertainty[i] = _usual(shape, planned, run)
    for pk, named in (new or {}).items():
        i = index[pk]
        names[i] = named
        if plan.kind[i] == Kind.TASK and plan.duration[i]:
            uncertainty[i] = _usual(shape, plan.duration[i], run)
    if staff is None:
        rows = Assignment.objects.filter(program_id=program.pk).order_by("pk")
        staff = list(rows.values_list("activity_id", "resource_id", "units"))
    of_resource = Resource.objects.filter(program_id=program.pk)
    rates = {
        pk: (use, hour) for pk, use, hour in of_resource.values_list("pk", "cost_per_use", "cost_per_hour")
    }
    for pk, resource, units in staff:
        if pk in index:
            per_use, rate = rates[resource]
            fixed[index[pk]] += float(units * per_use)
            per_hour[index[pk]] += float(units * rate)
    risks, risk_names = _risks(program, run, loaded)
    keys = [*loaded.activity_ids, *range(-1, len(loaded.activity_ids) - len(plan.duration) - 1, -1)]
    inputs = Inputs(
        loaded=loaded,
        uncertainty=uncertainty,
        given=given,
        risks=risks,
        costs=Costs(fixed=fixed, per_hour=per_hour),
        keys=keys,
        activities=names,
        risk_names=risk_names,
        project_ids=list(
            Project.objects.filter(program_id=program.pk)
            .order_by("position", "pk")
            .values_list("pk", flat=True)
        ),
        digest="",
    )
    return _with_digest(inputs, run)


def _usual(shape: Shape, planned: int, run: Asked) -> Spread:
    """The range of what has no three points of its own."""
    return Spread(shape, planned * run.low_percent / 100, planned, planned * run.high_percent / 100)


def _spread(shape: Shape, low: int, likely: int, high: int) -> Spread:
    """Three points as they were entered, put in order: a likely duration outside its range lies at its edge."""
    least, most = min(low, high), max(low, high)
    return Spread(shape, least, min(max(likely, least), most), most)


def _risks(program: Program, run: Asked, loaded: Loaded) -> tuple[list[RiskEvent], list[Named]]:
    """The chosen risks: days fall on the closing work of the risk's project, money on the project."""
    plan = loaded.plan
    project_at = {pk: plan.project[i] for i, pk in enumerate(loaded.project_of)}
    closing: dict[int, list[int]] = defaultdict(list)
    for i in closing_work(plan, len(loaded.activity_ids)):
        closing[plan.project[i]].append(i)
    day = {at: loaded.calendars.day_minutes(pk) for pk, at in loaded.calendars.index.items()}
    events, names = [], []
    chosen = Risk.objects.filter(program_id=program.pk, pk__in=run.risk_ids).order_by("pk")
    for risk in chosen:
        project = project_at.get(risk.project_id) if risk.project_id else None
        if risk.project_id and project is None:
            continue  # a project without any activity: nothing of it is simulated
        hit = closing[project] if project is not None else [i for own in closing.values() for i in own]
        impacts = []
        if risk.exposure_days:
            days = float(risk.exposure_days)
            impacts += [Impact(i, minutes=_hit(days * day[plan.calendar[i]])) for i in hit]
        if risk.exposure_minor:
            impacts.append(Impact(-1, cost=_hit(risk.exposure_minor), project=project or 0))
        if impacts:
            events.append(RiskEvent(risk.code, PROBABILITY[risk.probability], tuple(impacts), key=risk.pk))
            names.append(Named(risk.pk, risk.code, risk.title))
    return events, names


def _hit(amount: float) -> Spread:
    low, likely, high = (part * amount for part in SEVERITY)
    return Spread.triangular(low, likely, high)


def closing_work(plan: Plan, count: int) -> list[int]:
    """Unfinished tasks of each project that no other unfinished task of the project waits for, at whatever remove."""
    ended: Sequence[Any] = plan.actual_finish or [None] * len(plan.duration)
    work = [
        i < count and plan.kind[i] == Kind.TASK and plan.duration[i] > 0 and ended[i] is None
        for i in range(len(plan.duration))
    ]
    after: list[list[int]] = [[] for _ in plan.duration]
    for i, j in zip(plan.predecessor, plan.successor, strict=True):
        after[i].append(j)
    waiting = [0] * len(plan.duration)  # a bit for each project that has work further on
    for i in reversed(topological_order(len(plan.duration), plan.predecessor, plan.successor)):
        for j in after[i]:
            waiting[i] |= waiting[j] | work[j] << plan.project[j]
    return [i for i in range(count) if work[i] and not waiting[i] >> plan.project[i] & 1]


def _with_digest(inputs: Inputs, run: Asked) -> Inputs:
    """The SHA-256 of all that decides the figures: the same digest and seed, the same result.

    Of the plan that is every field the engine is given, of its calendars what they are made of (weeks, and exceptions
    however far away), not how far they happen to be worked out.
    """
    plan = inputs.loaded.plan
    told = {
        "plan": {
            field.name: list(getattr(plan, field.name))
            for field in fields(Plan)
            if field.name not in ("calendars", "projects")
        },
        "projects": [repr(project) for project in plan.projects],
        "calendars": [calendar.made_of() for calendar in plan.calendars],
        "rules": repr(inputs.loaded.rules),
        "ranges": [[i, repr(spread)] for i, spread in sorted(inputs.uncertainty.items())],
        "risks": [repr(risk) for risk in inputs.risks],
        "costs": repr(inputs.costs),
        "run": [run.iterations, run.seed, run.distribution],
        "keys": inputs.keys,
    }
    text = json.dumps(told, sort_keys=True)
    return replace(inputs, digest=hashlib.sha256(text.encode()).hexdigest())
