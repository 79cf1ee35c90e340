"""Resources, assignments and costs of a Primavera plan."""

from __future__ import annotations

from decimal import Decimal

from .cells import NAME_LENGTH
from .draft import AssignmentDraft, Draft, ResourceDraft
from .p6_file import P6File
from .p6_met import Work
from .p6_values import RESOURCE_KINDS, Codes, Fields, Row, hours, line, number, positive

_ZERO = Decimal(0)
_LEAST = Decimal("0.0001")


def read_people(draft: Draft, found: P6File, work: Work, fields: Fields) -> None:
    """Resources that work on something, as the program's; who works on what; costs by activity.

    Primavera exports the whole pool of an enterprise: what is assigned to nothing in the file is counted, not read.
    """
    assigned = {row.get("rsrc_id", "") for row in found.rows("TASKRSRC")} - {""}
    rates = _rates(found.rows("RSRCRATE"))
    codes: dict[str, str] = {}
    taken, unused = Codes(), 0
    for row in found.rows("RSRC"):
        key = row.get("rsrc_id", "")
        if key in codes:
            fields.error(row, "rsrc_id", key, "A resource needs a number of its own.")
            continue
        if key not in assigned:
            unused += 1
            continue
        rate = rates.get(key, row)
        codes[key] = taken.take(row.get("rsrc_short_name", ""), f"R{key}"[:12])
        draft.resources.append(
            ResourceDraft(
                project="",
                code=codes[key],
                name=fields.text(row, "rsrc_name", NAME_LENGTH) or codes[key],
                kind=RESOURCE_KINDS.get(row.get("rsrc_type", ""), "role"),
                availability=fields.read(rate, "max_qty_per_hr", positive, Decimal(1)),
                cost_per_hour=fields.read(rate, "cost_per_qty", positive, _ZERO),
                email=fields.text(row, "email_addr", NAME_LENGTH),
                row=line(row),
            )
        )
    if unused:
        noun = "resource" if unused == 1 else "resources"
        draft.dropped.append(f"{unused:,} {noun} of Primavera's pool, without work in this file")
    _assignments(draft, found, work, codes, fields)
    _expenses(found, work, fields)


def _rates(rows: list[Row]) -> dict[str, Row]:
    """Each resource's first rate; later ones begin on a day of their own and are not read."""
    first: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: row.get("start_date", "")):
        first.setdefault(row.get("rsrc_id", ""), row)
    return first


def _assignments(draft: Draft, found: P6File, work: Work, codes: dict[str, str], fields: Fields) -> None:
    known: dict[tuple[str, str, str], AssignmentDraft] = {}
    roles = idle = 0
    for row in found.rows("TASKRSRC"):
        activity = work.activities.get(row.get("task_id", ""))
        resource = codes.get(row.get("rsrc_id", ""))
        cost = fields.read(row, "target_cost", number, _ZERO)
        if activity is None or resource is None:
            if not row.get("rsrc_id"):
                roles += 1
            elif row.get("task_id") not in work.left_out:
                fields.warn(
                    row,
                    "TASKRSRC",
                    row.get("task_id"),
                    "This assignment is to an activity or resource that is not in the file.",
                )
            continue
        activity.resource_cost += max(cost, _ZERO)
        activity.total_cost += max(cost, _ZERO)
        spent = sum(fields.read(row, name, number, _ZERO) for name in ("act_reg_cost", "act_ot_cost"))
        if spent > 0:
            activity.actual_cost = (activity.actual_cost or _ZERO) + spent
        units = round(fields.read(row, "target_qty_per_hr", positive, _ZERO), 4)
        effort = fields.read(row, "target_qty", hours, 0) if row.get("rsrc_type") != "RT_Mat" else None
        if units < _LEAST:
            idle += 1
            continue
        key = (activity.project, activity.code, resource)
        before = known.get(key)
        if before is not None:
            before.units += units
            before.effort = (before.effort or 0) + (effort or 0)
            before.cost = (before.cost or _ZERO) + cost
            continue
        known[key] = AssignmentDraft(
            activity.project,
            activity.code,
            "",
            resource,
            units,
            effort=effort,
            cost=max(cost, _ZERO),
            row=line(row),
        )
    draft.assignments = list(known.values())
    for count, what in ((roles, "of a role without a resource"), (idle, "without units")):
        if count:
            draft.dropped.append(f"{count:,} {'assignment' if count == 1 else 'assignments'} {what}")


def _expenses(found: P6File, work: Work, fields: Fields) -> None:
    """Expenses of an activity are its fixed cost."""
    for row in found.rows("PROJCOST"):
        activity = work.activities.get(row.get("task_id", ""))
        if activity is not None:
            cost = max(fields.read(row, "target_cost", number, _ZERO), _ZERO)
            activity.fixed_cost += cost
            activity.total_cost += cost
