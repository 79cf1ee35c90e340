"""Commands on a plan: everything that can happen to activities and dependencies. New dates follow each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from pmo import formats
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.lives.services import refuse_planning
from programs.portfolio.models import Program
from programs.schedule.checking import check_dates, clean
from programs.schedule.following import follow
from programs.schedule.models import Activity, Computation, Dependency
from programs.schedule.reported import record_again

EDITABLE = frozenset(
    {
        "name",
        "duration_minutes",
        "calendar",
        "constraint",
        "constraint_at",
        "deadline_at",
        "optimistic_minutes",
        "likely_minutes",
        "pessimistic_minutes",
        "technique",
        "kind",
        "notes",
    }
)
PROGRESS_FIELDS = frozenset({"actual_start", "actual_finish", "remaining_minutes", "percent_complete"})


@dataclass(frozen=True)
class Outcome:
    """What a command on the plan brought about. No computation: a worker is asked for the new dates."""

    computation: Computation | None
    moved: set[int]
    activity: Activity | None = None
    dependency: Dependency | None = None

    @property
    def words(self) -> str:
        """What became of the dates, in a sentence."""
        if self.computation is None:
            return "The new dates are being computed."
        moved = len(self.moved)
        if not moved:
            return "No date moved."
        return f"{formats.counted(moved, 'activity has', 'activities have')} new dates."


def lock_plan(program_id: int) -> Program:
    """Take the program's row: edits of one plan are one after the other, so that each computes on the last."""
    return Program.objects.select_for_update(no_key=True, of=("self",)).get(pk=program_id)


def bump(program: Program) -> None:
    """The plan's inputs changed: results quote the new version."""
    Program.objects.filter(pk=program.pk).update(plan_version=F("plan_version") + 1)
    program.plan_version += 1


def recompute(*, program: Program, by: User | None, at: datetime) -> Outcome:
    """Compute anew without an edit (after a status date, a setting or an import changed)."""
    current_access().require(Permission.EDIT_PLAN, program.pk)
    locked = lock_plan(program.pk)
    bump(locked)
    computation, moved = follow(locked, at=at)
    return Outcome(computation, moved)


def apply_changes(
    activity: Activity, program: Program, changes: Mapping[str, Any], version: int | None
) -> None:
    """Put changes on an activity that was read with its project, without saving it; for edits and what-ifs alike.

    Raises NotAllowed, Conflict and Refused as `edit_activity` does.
    """
    unknown = set(changes) - EDITABLE - PROGRESS_FIELDS
    if unknown:
        raise Refused(f"This cannot be edited here: {', '.join(sorted(unknown))[:120]}.", code="not-editable")
    refuse_planning(activity.project)
    access = current_access()
    if set(changes) & EDITABLE:
        access.require(Permission.EDIT_PLAN, program.pk, activity.project_id)
    if set(changes) & PROGRESS_FIELDS:
        access.require(Permission.REPORT_PROGRESS, program.pk, activity.project_id)
    if version is not None and version != activity.version:
        raise Conflict(
            "Somebody changed this activity after you opened it. Here is how it is now.", code="changed"
        )
    if activity.kind == Activity.Kind.SUMMARY and set(changes) - {"name", "notes"}:
        raise Refused(
            "A summary takes its dates from the activities under it; only its name and notes can be edited."
        )
    for name, value in changes.items():
        setattr(activity, name, value)
    if "percent_complete" in changes and activity.percent_complete == 100 and activity.remaining_minutes:
        activity.remaining_minutes = 0
    clean(activity, changes)
    check_dates(activity, program)


def edit_activity(
    *, activity_id: int, changes: Mapping[str, Any], version: int | None, by: User | None, at: datetime
) -> Outcome:
    """Change some fields of an activity and compute the new dates.

    `changes` may name fields of EDITABLE and PROGRESS_FIELDS. `version` is the one the person saw: a later edit
    in between is a Conflict. Raises Refused at the field for a value that does not fit.
    """
    program_id = Activity.objects.values_list("program_id", flat=True).get(pk=activity_id)
    program = lock_plan(program_id)
    activity = (
        Activity.objects.select_for_update(of=("self",), no_key=True)
        .select_related("project")
        .get(pk=activity_id)
    )
    apply_changes(activity, program, changes, version)
    activity.version += 1
    activity.save(update_fields=[*changes, "remaining_minutes", "version"])
    bump(program)
    if PROGRESS_FIELDS & set(changes):
        record_again(program, [activity.pk], by=by)
    computation, moved = follow(program, at=at, order_changed="kind" in changes)
    return Outcome(computation, moved, activity=activity)


def add_activity(
    *,
    program: Program,
    project_id: int,
    values: Mapping[str, Any],
    by: User | None,
    at: datetime,
    after_id: int | None = None,
) -> Outcome:
    """Add an activity at the end of its project (or of its summary), waiting for `after_id` if given, and compute."""
    current_access().require(Permission.EDIT_PLAN, program.pk, project_id)
    locked = lock_plan(program.pk)
    siblings = Activity.objects.filter(program_id=program.pk, project_id=project_id)
    last = siblings.order_by("-position").first()
    activity = Activity(
        program=locked, project_id=project_id, position=(last.position + 1) if last else 1, **values
    )
    if activity.parent is not None:
        if activity.parent.kind != Activity.Kind.SUMMARY or activity.parent.project_id != project_id:
            raise Refused("Only a summary of the same project can hold other activities.", field="parent")
        activity.level = activity.parent.level + 1
    if siblings.filter(code=activity.code).exists():
        raise Refused("This project has an activity of that code already.", field="code")
    clean(activity)
    check_dates(activity, locked)
    activity.save()
    if after_id is not None:
        if not Activity.objects.filter(program_id=program.pk, pk=after_id).exists():
            raise Refused("There is no such activity in this program.", field="predecessor")
        Dependency.objects.create(program=locked, predecessor_id=after_id, successor=activity)
    bump(locked)
    computation, moved = follow(locked, at=at, order_changed=True)
    return Outcome(computation, moved, activity=activity)


def remove_activity(*, activity_id: int, version: int | None, by: User | None, at: datetime) -> Outcome:
    """Take an activity out of the plan with its links, if nothing of record hangs on it."""
    program = lock_plan(Activity.objects.values_list("program_id", flat=True).get(pk=activity_id))
    activity = Activity.objects.select_related("project").get(pk=activity_id)  # as it is under the lock
    current_access().require(Permission.EDIT_PLAN, activity.program_id, activity.project_id)
    refuse_planning(activity.project)
    if version is not None and version != activity.version:
        raise Conflict("Somebody changed this activity after you opened it.", code="changed")
    if activity.children.exists():
        raise Refused("Other activities lie under it: move or remove those first.")
    if activity.progress.exists() or activity.baselines.exists():
        raise Refused("It has progress or stands in a baseline: set its remaining work to nothing instead.")
    Dependency.objects.filter(Q(predecessor=activity) | Q(successor=activity)).delete()
    activity.assignments.all().delete()
    activity.delete()
    bump(program)
    computation, moved = follow(program, at=at)
    return Outcome(computation, moved)


def new_dependency(
    program: Program, *, predecessor_id: int, successor_id: int, kind: str, lag: int, lag_unit: str
) -> Dependency:
    """A link between two activities of the program, checked and not saved; for commands and what-ifs alike.

    Whether it closes a circle is found when dates are computed. Raises NotAllowed, and Refused at the field.
    """
    ends = {
        one.pk: one
        for one in Activity.objects.filter(
            pk__in=[predecessor_id, successor_id], program_id=program.pk
        ).select_related("project")
    }
    if predecessor_id not in ends:
        raise Refused("There is no such activity in this program.", field="predecessor")
    if successor_id not in ends:
        raise Refused("There is no such activity in this program.", field="successor")
    if predecessor_id == successor_id:
        raise Refused("An activity cannot wait for itself.", field="predecessor")
    current_access().require(Permission.EDIT_PLAN, program.pk, ends[successor_id].project_id)
    refuse_planning(ends[successor_id].project)
    if Dependency.objects.filter(
        predecessor_id=predecessor_id, successor_id=successor_id, kind=kind
    ).exists():
        raise Refused("These two are linked this way already.", field="predecessor")
    dependency = Dependency(
        program=program,
        predecessor=ends[predecessor_id],
        successor=ends[successor_id],
        kind=kind,
        lag=lag,
        lag_unit=lag_unit,
    )
    clean(dependency)
    return dependency


def add_dependency(
    *,
    program: Program,
    predecessor_id: int,
    successor_id: int,
    kind: str,
    lag: int,
    lag_unit: str,
    by: User | None,
    at: datetime,
) -> Outcome:
    """Link two activities of the program, in one project or across; a cycle is refused with its path."""
    locked = lock_plan(program.pk)
    dependency = new_dependency(
        locked,
        predecessor_id=predecessor_id,
        successor_id=successor_id,
        kind=kind,
        lag=lag,
        lag_unit=lag_unit,
    )
    dependency.save()
    bump(locked)
    computation, moved = follow(locked, at=at, order_changed=True)
    return Outcome(computation, moved, dependency=dependency)


def edit_dependency(
    *, dependency_id: int, changes: Mapping[str, Any], version: int | None, by: User | None, at: datetime
) -> Outcome:
    """Change kind, lag or lag unit of a link."""
    program = lock_plan(Dependency.objects.values_list("program_id", flat=True).get(pk=dependency_id))
    dependency = Dependency.objects.select_related("successor__project").get(
        pk=dependency_id
    )  # under the lock
    current_access().require(Permission.EDIT_PLAN, dependency.program_id, dependency.successor.project_id)
    refuse_planning(dependency.successor.project)
    if version is not None and version != dependency.version:
        raise Conflict("Somebody changed this link after you opened it.", code="changed")
    if set(changes) - {"kind", "lag", "lag_unit"}:
        raise Refused("Only kind and lag of a link can be edited.", code="not-editable")
    for name, value in changes.items():
        setattr(dependency, name, value)
    clean(dependency, changes)
    dependency.version += 1
    dependency.save(update_fields=[*changes, "version"])
    bump(program)
    computation, moved = follow(program, at=at)
    return Outcome(computation, moved, dependency=dependency)


def remove_dependency(*, dependency_id: int, by: User | None, at: datetime) -> Outcome:
    """Take a link out of the plan."""
    program = lock_plan(Dependency.objects.values_list("program_id", flat=True).get(pk=dependency_id))
    dependency = Dependency.objects.select_related("successor__project").get(
        pk=dependency_id
    )  # under the lock
    current_access().require(Permission.EDIT_PLAN, dependency.program_id, dependency.successor.project_id)
    refuse_planning(dependency.successor.project)
    dependency.delete()
    bump(program)
    computation, moved = follow(program, at=at)
    return Outcome(computation, moved)
