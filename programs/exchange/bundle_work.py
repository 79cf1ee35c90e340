"""The work in a bundle: its activities, links, resources and assignments, row by row into the draft."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import checks
from .cells import PROGRAM
from .draft import (
    MILESTONES,
    NO_CONSTRAINT,
    PERCENT,
    SUMMARY,
    TASK,
    WORKING,
    ActivityDraft,
    AssignmentDraft,
    BaselineCostDraft,
    DependencyDraft,
    Draft,
    ResourceDraft,
)
from .problems import Problems
from .table import Table

_ENDS = {"FNET", "FNLT", "MFO"}
"""Constraints on a finish: their date, given without time, is the end of that day."""


def activities(draft: Draft, table: Table, problems: Problems) -> None:
    """The WBS tree, one row each, in the order of the file."""
    projects = {project.code for project in draft.projects}
    seen: dict[Any, int] = {}
    positions: dict[str, int] = {}
    for row, values in table.rows:
        project, code = values["project_id"], values["activity_id"]
        if project not in projects:
            checks.unknown(table.file, row, "project_id", project, "project", problems)
            continue
        if checks.duplicate(seen, (project, code.casefold()), table.file, row, "activity_id", code, problems):
            continue
        activity = _activity(values, positions.setdefault(project, 0), row)
        positions[project] += 1
        draft.activities.append(activity)
        start, spread = values["baseline_start_cost"], values["baseline_spread_cost"]
        if start is not None or spread is not None:
            exact = BaselineCostDraft(project, code, start or Decimal(0), spread or Decimal(0))
            draft.baseline_costs.append(exact)
            activity.baseline_cost = exact.start + exact.spread
        _check_activity(activity, values, table, problems)


def _activity(values: dict[str, Any], position: int, row: int) -> ActivityDraft:
    zero = Decimal(0)
    kind, span = values["kind"], values["constraint_date"]
    constraint = values["constraint"] or NO_CONSTRAINT
    duration = values["duration_hours"] or 0
    if kind in MILESTONES and duration:
        kind = TASK
    direct = (values["fixed_cost"] or zero) + (values["cost_per_hour"] or zero) * duration / 60
    planned, frozen = values["total_cost"], values["baseline_duration_hours"]
    if frozen is None and values["baseline_start"] is not None:
        frozen = duration
    return ActivityDraft(
        project=values["project_id"],
        code=values["activity_id"],
        name=values["name"] or "",
        kind=kind,
        wbs=values["wbs"] or "",
        parent=values["parent_id"] or "",
        position=position,
        calendar=values["calendar_id"] or "",
        duration=0 if kind == SUMMARY else duration,
        constraint=constraint,
        constraint_date=None if span is None else span[1 if constraint in _ENDS else 0],
        deadline=values["deadline"],
        optimistic=values["dur_optimistic_h"],
        most_likely=values["dur_most_likely_h"],
        pessimistic=values["dur_pessimistic_h"],
        baseline_start=values["baseline_start"],
        baseline_finish=values["baseline_finish"],
        baseline_duration=frozen,
        baseline_cost=planned,
        fixed_cost=values["fixed_cost"] or zero,
        cost_per_hour=values["cost_per_hour"] or zero,
        resource_cost=values["resource_cost"] or zero,
        total_cost=planned if planned is not None else direct + (values["resource_cost"] or zero),
        cost_category=values["cost_category"] or "",
        cost_nature=values["cost_nature"] or "",
        actual_start=values["actual_start"],
        actual_finish=values["actual_finish"],
        remaining=values["remaining_duration_hours"],
        percent_complete=values["percent_complete"],
        priority=values["priority"],
        notes=values["notes"] or "",
        row=row,
    )


def _check_activity(
    activity: ActivityDraft, values: dict[str, Any], table: Table, problems: Problems
) -> None:
    """What only the file knows: cells that the draft has no room for."""
    if values["kind"] in MILESTONES and values["duration_hours"]:
        problems.warn(
            table.file,
            activity.row,
            "duration_hours",
            values["duration_hours"] / 60,
            "A milestone has no duration; this one is read as an activity.",
        )
    if "total_cost" in table.present and values["total_cost"] is not None:
        parts = activity.fixed_cost + activity.cost_per_hour * activity.duration / 60 + activity.resource_cost
        if abs(parts - activity.total_cost) > Decimal("0.01"):
            problems.warn(
                table.file,
                activity.row,
                "total_cost",
                activity.total_cost,
                f"The total is not fixed cost + cost per hour x hours + resource cost ({parts:.2f}).",
            )


def dependencies(draft: Draft, table: Table, problems: Problems) -> None:
    """The links, within a project or between projects of the bundle."""
    for row, values in table.rows:
        from_project = values["from_project"] or values["project_id"]
        to_project = values["to_project"] or values["project_id"]
        if from_project is None or to_project is None:
            column = "from_project" if from_project is None else "to_project"
            problems.error(table.file, row, column, "", "The project of this end of the link is not given.")
            continue
        unit, lag = values["lag_unit"] or WORKING, values["lag_hours"] or Decimal(0)
        minutes = round(lag if unit == PERCENT else lag * 60)
        if abs(minutes) > (1_000 if unit == PERCENT else checks.MAX_LAG) or (
            unit == PERCENT and minutes != lag
        ):
            problems.error(
                table.file,
                row,
                "lag_hours",
                lag,
                "The lag is longer than ten years or not a whole percentage.",
            )
            minutes = 0
        draft.dependencies.append(
            DependencyDraft(
                from_project,
                values["from_activity"],
                to_project,
                values["to_activity"],
                values["type"] or "FS",
                minutes,
                unit,
                row,
            )
        )


def resources(draft: Draft, table: Table, problems: Problems) -> None:
    """Who and what does the work, of one project or of the whole program."""
    projects = {project.code for project in draft.projects} | {None}
    seen: dict[Any, int] = {}
    zero = Decimal(0)
    for row, values in table.rows:
        project, code = values["project_id"], values["resource_id"]
        if project not in projects:
            checks.unknown(table.file, row, "project_id", project, "project", problems)
        elif not checks.duplicate(
            seen, (project, code.casefold()), table.file, row, "resource_id", code, problems
        ):
            draft.resources.append(
                ResourceDraft(
                    project=project or "",
                    code=code,
                    name=values["name"] or "",
                    kind=values["type"] or "role",
                    availability=Decimal(1) if values["availability"] is None else values["availability"],
                    cost_per_use=values["cost_per_use"] or zero,
                    cost_per_hour=values["cost_per_hour"] or zero,
                    email=values["email"] or "",
                    calendar=values["calendar_id"] or "",
                    row=row,
                )
            )


def assignments(draft: Draft, table: Table, problems: Problems) -> None:
    """Assignments; a resource is looked for in the activity's project first, then among the program's own.

    `resource_project` says whose it is where that would find another one.
    """
    resources = {(resource.project, resource.code) for resource in draft.resources}
    seen: dict[Any, int] = {}
    for row, values in table.rows:
        project, activity, code = values["project_id"], values["activity_id"], values["resource_id"]
        owner = values["resource_project"]
        if owner is None:
            owner = project if (project, code) in resources else ""
        elif owner == PROGRAM:
            owner = ""
        if (owner, code) not in resources:
            checks.unknown(table.file, row, "resource_id", code, "resource", problems)
            continue
        if checks.duplicate(
            seen, (project, activity, owner, code), table.file, row, "resource_id", code, problems
        ):
            continue
        units = Decimal(1) if values["units"] is None else values["units"]
        if not units:
            problems.error(table.file, row, "units", units, "An assignment needs more than 0 units.")
        draft.assignments.append(
            AssignmentDraft(
                project,
                activity,
                owner,
                code,
                units,
                bool(values["fixed_quantity"]),
                values["effort_hours"],
                row=row,
            )
        )
