"""Proposed edits become the plan: every one of them, with the finish that was shown, or nothing.

The authority is the warrant that the caller has checked: who closes a ballot need not be able to edit a plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Max, Q

from pmo.refusals import Conflict
from pmo.warrants import Warrant
from programs.changes import scope, scope_figures, staffing
from programs.changes.edits import Edit, Ref, column, native
from programs.changes.merging import refreshed
from programs.portfolio.models import Program
from programs.resources.models import Assignment
from programs.schedule.following import follow
from programs.schedule.models import Activity, Dependency
from programs.schedule.services import bump


def apply(
    program: Program,
    edits: Sequence[Edit],
    shown: Mapping[str, Any],
    *,
    at: datetime,
    warrant: Warrant | None = None,
) -> None:
    """Write the edits, compute the new dates, and compare the program's finish with the one shown (`impact.measured`).

    The caller holds the program's row and has seen that the plan is of the version that was shown. Raises Conflict
    where the edits or that finish are not exactly those.
    """
    if refreshed(program, edits) != list(edits):
        raise Conflict("The plan is not the one that these edits were shown on.")
    scope_figures.apply(program, edits, shown, warrant, at=at)
    if not scope.of_plan(edits):
        return
    ids: dict[Ref, int] = {}
    for one in edits:  # new activities first: links name them
        if one["do"] == "add":
            ids[one["key"]] = _added(program, one)
    gone = [one["link"] for one in edits if one["do"] == "unlink"]
    if gone:  # before new ones between the same ends
        Dependency.objects.filter(program_id=program.pk, pk__in=gone).delete()
    for one in edits:
        if one["do"] == "change":
            _write(Activity.objects.get(program_id=program.pk, pk=one["activity"]), one["to"])
        elif one["do"] == "relink":
            _write(Dependency.objects.get(program_id=program.pk, pk=one["link"]), one["to"])
        elif one["do"] == "link":
            Dependency.objects.create(
                program=program,
                predecessor_id=_id(ids, one["predecessor"]),
                successor_id=_id(ids, one["successor"]),
                kind=one["kind"],
                lag=one["lag"],
                lag_unit=one["lag_unit"],
            )
    staffing.apply(program, edits, ids)
    out = [one["activity"] for one in edits if one["do"] == "remove"]
    if out:
        Dependency.objects.filter(Q(predecessor_id__in=out) | Q(successor_id__in=out)).delete()
        Assignment.objects.filter(activity_id__in=out).delete()
        Activity.objects.filter(program_id=program.pk, pk__in=out).delete()
    bump(program)
    computed, _ = follow(program, at=at, at_once=True)
    finish = computed.plan_finish if computed else None
    if finish is None or finish.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") != shown["finish"][1]:
        raise Conflict("The plan would finish at another time than was shown: compute the request again.")


def _id(ids: Mapping[Ref, int], ref: Ref) -> int:
    """The id of an activity, a new one's since it exists."""
    return ref if isinstance(ref, int) else ids[ref]


def _write(row: Activity | Dependency, to: Mapping[str, Any]) -> None:
    for name, value in to.items():
        setattr(row, column(name), native(name, value))
    row.version += 1
    row.save(update_fields=[*(column(name) for name in to), "version"])


def _added(program: Program, one: Edit) -> int:
    last = Activity.objects.filter(program_id=program.pk, project_id=one["project"]).aggregate(
        last=Max("position")
    )["last"]
    values = {column(name): native(name, value) for name, value in one["to"].items()}
    made = Activity.objects.create(
        program=program, project_id=one["project"], position=(last or 0) + 1, **values
    )
    return int(made.pk)
