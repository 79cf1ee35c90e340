"""Who would work on what: proposed assignments against those of the plan, checked, read and applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pmo.refusals import Refused
from programs.changes.edits import Edit, Ref, named
from programs.portfolio.models import Program
from programs.resources.assigning import refuse_idle, units_of
from programs.resources.models import Assignment, Resource


@dataclass(frozen=True, slots=True)
class Staff:
    """The resources that edits name, and the units they have on the activities that edits name."""

    resources: dict[int, Resource]
    units: dict[tuple[int, int], Decimal]
    """By activity and resource."""

    @classmethod
    def of(cls, program: Program, edits: Sequence[Edit]) -> Staff:
        """Two queries; none where nobody is to be assigned."""
        ids = {one["resource"] for one in edits if one["do"] == "assign" and type(one.get("resource")) is int}
        if not ids:
            return cls({}, {})
        there = Assignment.objects.filter(
            program_id=program.pk, resource_id__in=ids, activity_id__in=named(edits, "assign", "activity")
        )
        return cls(
            {one.pk: one for one in Resource.objects.filter(program_id=program.pk, pk__in=ids)},
            {(a, r): units for a, r, units in there.values_list("activity_id", "resource_id", "units")},
        )


def text_of(units: Decimal) -> str:
    """Units as an edit holds them: no needless zeros, no exponent."""
    return f"{units.normalize():f}" if units else "0"


def assigned(staff: Staff, edits: list[Edit], edit: Mapping[str, Any], code: str, kind: str) -> list[Edit]:
    """The edits with one more assignment: one for each activity and resource. Raises Refused at the field.

    `code` and `kind` are the activity's. An assignment that is there already falls away.
    """
    ref, units = edit["activity"], units_of(edit["units"], none=True)
    resource = staff.resources.get(edit["resource"]) if type(edit["resource"]) is int else None
    if resource is None:
        raise Refused("There is no such resource in this program.", field="resource")
    refuse_idle(kind)
    others = [
        one
        for one in edits
        if not (one["do"] == "assign" and one["activity"] == ref and one["resource"] == resource.pk)
    ]
    now = staff.units.get((ref, resource.pk), Decimal(0)) if isinstance(ref, int) else Decimal(0)
    if units == now:
        return others
    made: Edit = {
        "do": "assign",
        "activity": ref,
        "resource": resource.pk,
        "units": text_of(units),
        "was": text_of(now),
        "label": f"{resource.code} {resource.name} on {code}",
    }
    return [*others, made]


def assignments(
    program: Program, edits: Sequence[Edit], *, after: bool
) -> Iterator[tuple[Ref, int, Decimal]]:
    """Activity, resource and units of the plan, before or after the edits. One query."""
    asked = {
        (one["activity"], one["resource"]): Decimal(one["units"])
        for one in edits
        if after and one["do"] == "assign"
    }
    rows = Assignment.objects.filter(program=program).order_by("pk")
    for activity, resource, units in rows.values_list("activity_id", "resource_id", "units"):
        wanted = asked.pop((activity, resource), units)
        if wanted:
            yield activity, resource, wanted
    for (ref, resource), units in asked.items():
        if units:
            yield ref, resource, units


def apply(program: Program, edits: Sequence[Edit], ids: Mapping[Ref, int]) -> None:
    """Write the proposed assignments; `ids` are those of the activities that are new. The caller has checked them."""
    for one in edits:
        if one["do"] != "assign":
            continue
        activity = ids.get(one["activity"], one["activity"])
        found = Assignment.objects.filter(
            program=program, activity_id=activity, resource_id=one["resource"]
        ).first()
        units = Decimal(one["units"])
        if found is None:
            Assignment.objects.create(
                program=program, activity_id=activity, resource_id=one["resource"], units=units
            )
        elif units:
            found.units = units
            found.version += 1
            found.save(update_fields=["units", "version"])
        else:
            found.delete()
