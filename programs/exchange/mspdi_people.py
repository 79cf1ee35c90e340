"""Resources and assignments of an MS Project plan."""

from __future__ import annotations

from decimal import Decimal

from .cells import NAME_LENGTH
from .draft import SUMMARY, AssignmentDraft, Draft, ProjectDraft, ResourceDraft
from .mspdi_values import Values, duration, money, number
from .xml_stream import Element

_NOBODY = ("", "0", "-65535")
_ZERO = Decimal(0)


def read_resources(draft: Draft, project: ProjectDraft, elements: list[Element], values: Values) -> None:
    """Work resources become persons, material and cost resources material; the nameless first one is nobody."""
    seen: dict[str, int] = {}
    for element in elements:
        uid = element.get("UID")
        if uid in _NOBODY or element.get("IsNull") == "1":
            continue
        if uid in seen or not uid.isascii() or not uid.isdigit() or len(uid) > 12:
            values.problems.error(
                values.file, element.line, "UID", uid, "A resource needs a number of its own as UID."
            )
            continue
        seen[uid] = element.line
        draft.resources.append(
            ResourceDraft(
                project=project.code,
                code=uid,
                name=values.text(element, "Name", NAME_LENGTH) or f"Resource {uid}",
                kind="person" if element.get("Type") == "1" else "material",
                availability=max(values.read(element, "MaxUnits", number, Decimal(1)), _ZERO),
                cost_per_use=values.read(element, "CostPerUse", money, _ZERO),
                cost_per_hour=max(values.read(element, "StandardRate", number, _ZERO), _ZERO),
                email=values.text(element, "EmailAddress", NAME_LENGTH),
                row=element.line,
            )
        )


def read_assignments(draft: Draft, project: ProjectDraft, elements: list[Element], values: Values) -> None:
    """Who works on what; what MS Project keeps for unassigned work is passed over."""
    activities = {activity.code for activity in draft.activities if activity.kind != SUMMARY}
    resources = {resource.code for resource in draft.resources}
    known: dict[tuple[str, str], AssignmentDraft] = {}
    for element in elements:
        task, resource = element.get("TaskUID"), element.get("ResourceUID")
        if resource in _NOBODY:
            continue
        if task not in activities or resource not in resources:
            values.problems.warn(
                values.file,
                element.line,
                "Assignment",
                f"task {task}, resource {resource}",
                "This assignment is to a summary, or to a task or resource that was left out; it was not read.",
            )
            continue
        units = values.read(element, "Units", number, Decimal(1))
        if units <= 0:
            units = Decimal(1)  # cost resources carry their cost, not units
        work, cost = values.read(element, "Work", duration), values.read(element, "Cost", money)
        before = known.get((task, resource))
        if before is not None:
            before.units += units
            before.effort = (before.effort or 0) + (work or 0)
            before.cost = (before.cost or _ZERO) + (cost or _ZERO)
            continue
        known[task, resource] = AssignmentDraft(
            project.code,
            task,
            project.code,
            resource,
            round(units, 4),
            effort=work,
            cost=cost,
            row=element.line,
        )
    draft.assignments = list(known.values())
