"""The order and tree of a plan's rows: room for a new one, in and out of summaries, out of the plan."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q

from pmo.accounts.access import current_access
from pmo.accounts.roles import Permission
from pmo.refusals import Refused
from programs.master_plan.sheet.recorder import Recorder
from programs.resources.models import Assignment
from programs.schedule.models import Activity, Dependency

GAP = 16
"""Positions left between rows when they are numbered anew."""


NEIGHBOURS = 20
"""Rows above a removed one that are kept with it."""


def make_room(program_id: int, project_id: int, above: Activity | None) -> int:
    """A free position below a row (None: at the head of the project); rows are numbered anew where there is none."""
    siblings = Activity.objects.filter(program_id=program_id, project_id=project_id)
    for _ in range(2):
        low = -1
        if above is not None:
            above.position = low = siblings.values_list("position", flat=True).get(pk=above.pk)
        following = siblings.filter(Q(position__gt=low) | Q(position=low, pk__gt=above.pk if above else 0))
        next_one = following.order_by("position", "pk").values_list("position", flat=True).first()
        if next_one is None:
            return low + GAP if low >= 0 else GAP
        if next_one - low >= 2:
            return low + min(GAP, (next_one - low) // 2)
        with connection.cursor() as cursor:
            cursor.execute(
                "update programs_activity a set position = n.place * %s from (select id, row_number() over "
                "(order by position, id) as place from programs_activity where project_id = %s) n "
                "where a.id = n.id and a.program_id = %s",
                [GAP, project_id, program_id],
            )
    raise AssertionError("rows numbered anew have room between them")


def _above(activity: Activity) -> list[int]:
    """The activities above a row, the nearest first: enough of them that one is there when it comes back."""
    rows = Activity.objects.filter(program_id=activity.program_id, project_id=activity.project_id)
    before = Q(position__lt=activity.position) | Q(position=activity.position, pk__lt=activity.pk)
    return list(rows.filter(before).order_by("-position", "-pk").values_list("pk", flat=True)[:NEIGHBOURS])


def place_after(one: Activity, above: list[int]) -> None:
    """Give an activity that comes back its place below the nearest of these that is still there."""
    there = {
        row.pk: row
        for row in Activity.objects.filter(program_id=one.program_id, project_id=one.project_id, pk__in=above)
    }
    nearest = next((there[pk] for pk in above if pk in there), None)
    if nearest is not None or not above:
        one.position = make_room(one.program_id, one.project_id, nearest)


def take_out(activity: Activity, recorder: Recorder) -> None:
    """Delete an activity with its links and assignments; refused where other rows or records hang on it."""
    if activity.children.exists():
        raise Refused("Other activities lie under it: remove those first, or outdent them.", field="name")
    if activity.progress.exists() or activity.baselines.exists():
        raise Refused(
            "It has progress or stands in a baseline: set its remaining work to nothing instead.",
            field="name",
        )
    links = Dependency.objects.filter(Q(predecessor=activity) | Q(successor=activity))
    for link in links.select_related("successor"):
        # A link is its successor's: whoever may not edit that plan does not take its logic away.
        current_access().require(Permission.EDIT_PLAN, link.program_id, link.successor.project_id)
        recorder.gone(link)
        link.delete()
    for assignment in Assignment.objects.filter(activity=activity):
        recorder.gone(assignment)
        assignment.delete()
    recorder.gone(activity, after=_above(activity))
    pk = activity.pk
    activity.delete()
    activity.pk = pk  # its words are still said


def indent(activity: Activity, recorder: Recorder) -> list[int]:
    """Put a row (with those under it) under the row above it of the same level. Returns the ids that changed."""
    rows = _tree(activity)
    at = next(n for n, one in enumerate(rows) if one.pk == activity.pk)
    level = rows[at].level
    above = next((one for one in reversed(rows[:at]) if one.level <= level), None)
    if above is None or above.level < level:
        raise Refused("There is no row above it on its level to lie under.", field="name")
    return _levels(rows, at, 1, recorder)


def outdent(activity: Activity, recorder: Recorder) -> list[int]:
    """Take a row (with those under it) out of its summary; the rows that followed it there now lie under it."""
    rows = _tree(activity)
    at = next(n for n, one in enumerate(rows) if one.pk == activity.pk)
    if not rows[at].level:
        raise Refused("It lies under no other row.", field="name")
    return _levels(rows, at, -1, recorder)


def _tree(activity: Activity) -> list[Activity]:
    """The rows of its project in order, each with the level that its parents give it."""
    rows = list(
        Activity.objects.filter(program_id=activity.program_id, project_id=activity.project_id)
        .select_related("project", "calendar")
        .order_by("position", "pk")
    )
    depth: dict[int | None, int] = {None: -1}
    parents = {one.pk: one.parent_id for one in rows}

    def of(pk: int | None) -> int:
        chain: list[int | None] = []
        while pk not in depth:
            if pk in chain:
                raise Refused("Rows of this project lie under each other in a circle.", field="name")
            chain.append(pk)
            pk = parents.get(pk) if pk is not None else None
        for one in reversed(chain):
            depth[one] = depth[pk] + 1
            pk = one
        return depth[pk]

    for one in rows:
        one.level = of(one.pk)
    return rows


def _parents(rows: list[Activity]) -> dict[int, int | None]:
    """The parent of each row as levels and order tell it."""
    found: dict[int, int | None] = {}
    above: list[Activity] = []
    for one in rows:
        while above and above[-1].level >= one.level:
            above.pop()
        found[one.pk] = above[-1].pk if above else None
        above.append(one)
    return found


def _levels(rows: list[Activity], at: int, by: int, recorder: Recorder) -> list[int]:
    """Move a row and those under it a level in or out, and save what follows for parents and summaries."""
    before = _parents(rows)
    group = [rows[at]]
    for one in rows[at + 1 :]:
        if one.level <= rows[at].level:
            break
        group.append(one)
    old = {one.pk: one.level for one in group}
    shifted = {one.pk: one for one in group}
    by_pk = {one.pk: one for one in rows}
    for one in group:
        one.level += by
    after = _parents(rows)
    moved = {pk for pk in after if after[pk] != before[pk]}
    held = {after[pk] for pk in moved} | {before[pk] for pk in moved}
    groups = {parent for parent in after.values() if parent is not None}
    turned = {
        pk for pk in held if pk is not None and (by_pk[pk].kind == Activity.Kind.SUMMARY) != (pk in groups)
    }
    changed = [by_pk[pk] for pk in sorted(moved | turned | set(shifted))]
    for one in changed:
        new_level, one.level = one.level, old.get(one.pk, one.level)
        recorder.watch(one)
        one.level = new_level
        if one.pk in after:
            one.parent_id = after[one.pk]
        if one.pk in turned:
            _turn(one, pk_in_groups=one.pk in groups)
        one.version += 1
        one.save(update_fields=["level", "parent", "kind", "version"])
    return [one.pk for one in changed]


def _turn(one: Activity, *, pk_in_groups: bool) -> None:
    """A row that others lie under is a summary; one that nothing lies under any more is a task again."""
    if not pk_in_groups:
        one.kind = Activity.Kind.TASK
        return
    if one.actual_start is not None or one.progress.exists() or one.assignments.exists():
        raise Refused(
            f"{one.code} {one.name[:60]} has progress or resources of its own and cannot become a summary.",
            field="name",
        )
    one.kind = Activity.Kind.SUMMARY
