"""What a draft's activities cost and who works on them, as Primavera's records."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ..draft import SUMMARY
from ..p6_values import RESOURCE_KINDS
from .xer_work import Record, Work, hours

RESOURCES = {ours: theirs for theirs, ours in RESOURCE_KINDS.items()}
"""Kinds of resources as Primavera's; all others are labour."""


def expenses(work: Work) -> list[Record]:
    """What an activity costs besides its assignments, as one expense."""
    records: list[Record] = []
    for at, one in enumerate(work.draft.activities):
        cost = _cost(one.fixed_cost + one.cost_per_hour * one.duration / 60)
        if cost and one.kind != SUMMARY:
            records.append(
                {
                    "cost_item_id": len(records) + 1,
                    "proj_id": work.project_id[one.project],
                    "task_id": at + 1,
                    "cost_name": "Planned cost",
                    "target_cost": cost,
                    "act_cost": 0,
                    "remain_cost": cost,
                }
            )
    return records


def assignments(work: Work, resources: Mapping[tuple[str, str], int]) -> list[Record]:
    """Who works on what, in hours at the planned rate; `resources` are their numbers."""
    at = {(one.project, one.code): number for number, one in enumerate(work.draft.activities)}
    known = {(one.project, one.code): one for one in work.draft.resources}
    spent = {at[one.project, one.code]: one.actual_cost for one in work.draft.activities}
    records: list[Record] = []
    for number, each in enumerate(work.draft.assignments, 1):
        task = at[each.project, each.activity]
        activity, resource = work.draft.activities[task], known[each.resource_project, each.resource]
        if activity.kind == SUMMARY:
            continue
        effort = round(activity.duration * each.units) if each.effort is None else each.effort
        cost = each.cost
        if cost is None:
            hourly = resource.cost_per_hour * activity.duration / 60
            cost = each.units * (resource.cost_per_use + hourly)
        records.append(
            {
                "taskrsrc_id": number,
                "task_id": task + 1,
                "proj_id": work.project_id[each.project],
                "cost_qty_link_flag": "N",
                "rsrc_id": resources[each.resource_project, each.resource],
                "target_qty": hours(effort),
                "remain_qty": hours(effort),
                "target_qty_per_hr": each.units,
                "cost_per_qty": resource.cost_per_hour,
                "target_cost": _cost(cost),
                "act_reg_cost": spent.pop(task, None) or 0,
                "rate_type": "COST_PER_QTY",
                "rsrc_type": RESOURCES.get(resource.kind, "RT_Labor"),
            }
        )
    return records


def _cost(amount: Decimal) -> Decimal:
    """A planned cost to the millionth: sums of products of rates may be finer than a number that P6 holds."""
    return amount.quantize(Decimal("0.000001"))
