"""Rows that an acceptance took out come back with its undo: with their ids, as far as what they stood on is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from programs.calendars.models import Calendar
from programs.portfolio.models import Program, Project
from programs.resources.models import Assignment, Resource
from programs.schedule.models import Activity, Dependency, Progress, StatusPeriod

from . import rows
from .effects import Image
from .undo_found import Kept, Undoing

_NOT_BACK = "does not come back"


def look(undoing: Undoing) -> None:
    """Find what comes back, and say why what does not. No query where nothing was taken out, else at most seven."""
    taken = {
        kind: {pk: dict(zip(one["fields"], values, strict=True)) for pk, *values in one["rows"]}
        for kind, one in undoing.effect.taken.items()
    }
    if taken:
        _activities(undoing, taken.get(rows.ACTIVITY, {}))
    there = _there(undoing, taken) if taken else {}
    _links(undoing, taken.get(rows.DEPENDENCY, {}), there)
    if rows.ASSIGNMENT in taken:
        _assignments(undoing, taken[rows.ASSIGNMENT], there)
    if rows.PROGRESS in taken:
        _progress(undoing, taken[rows.PROGRESS])


def put(program: Program, undoing: Undoing) -> None:
    """Write what comes back, under the ids that it had: whoever is referred to comes first."""
    models: tuple[tuple[str, Any], ...] = (
        (rows.ACTIVITY, Activity),
        (rows.DEPENDENCY, Dependency),
        (rows.ASSIGNMENT, Assignment),
        (rows.PROGRESS, Progress),
    )
    for kind, model in models:
        fields = {one.attname: one for one in model._meta.concrete_fields}
        model._default_manager.bulk_create(
            [
                model(
                    id=pk,
                    program_id=program.pk,
                    **{
                        name: value if fields[name].is_relation else fields[name].to_python(value)
                        for name, value in _newer(image).items()
                    },
                )
                for pk, image in undoing.bring.get(kind, {}).items()
            ]
        )


def _newer(image: Image) -> Image:
    return image | {"version": image["version"] + 1} if "version" in image else image


def _lost(undoing: Undoing, kind: str, pk: int, image: Image, why: str) -> None:
    undoing.lost[kind, pk] = (image, f"{why}: it {_NOT_BACK}")


def _activities(undoing: Undoing, taken: dict[int, Image]) -> None:
    """Parents first. An activity needs its project, its code, and a group to lie under; not its calendar."""
    projects = set(
        Project.objects.filter(pk__in={one["project_id"] for one in taken.values()}).values_list(
            "pk", flat=True
        )
    )
    calendars = {one["calendar_id"] for one in taken.values() if one["calendar_id"]}
    known = (
        set(Calendar.objects.filter(pk__in=calendars).values_list("pk", flat=True)) if calendars else set()
    )
    codes = {one["code"] for one in taken.values()}
    made = set(undoing.effect.created.get(Activity._meta.db_table, ()))
    used = {
        (project, code)
        for pk, project, code in Activity.objects.filter(project_id__in=projects, code__in=codes).values_list(
            "pk", "project_id", "code"
        )
        if pk not in made
    }
    groups = _groups(undoing, {one["parent_id"] for one in taken.values() if one["parent_id"]})
    back: dict[int, Image] = {}
    for pk, image in sorted(taken.items(), key=lambda one: (one[1]["level"], one[1]["position"], one[0])):
        parent = image["parent_id"]
        if image["project_id"] not in projects:
            _lost(undoing, rows.ACTIVITY, pk, image, "Its project is gone")
        elif (image["project_id"], image["code"]) in used:
            _lost(undoing, rows.ACTIVITY, pk, image, "Another activity has its code by now")
        elif parent is not None and parent not in groups:
            _lost(undoing, rows.ACTIVITY, pk, image, "What it lay under is no group any more")
        else:
            image["level"] = groups[parent] + 1 if parent is not None else 0
            if image["calendar_id"] and image["calendar_id"] not in known:
                image["calendar_id"] = None
                undoing.notes.append(
                    f"{image['code']} comes back on its project's calendar: its own was removed since."
                )
            back[pk] = image
            if image["kind"] == Activity.Kind.SUMMARY:
                groups[pk] = image["level"]
    if back:
        undoing.bring[rows.ACTIVITY] = back


def _groups(undoing: Undoing, parents: Iterable[int]) -> dict[int, int]:
    """Of these activities those that will be groups after the undo, with their levels."""
    found = {}
    restored = undoing.restore.get(rows.ACTIVITY, {})
    for pk, kind, level in Activity.objects.filter(pk__in=parents).values_list("pk", "kind", "level"):
        image = restored.get(pk, {})
        if image.get("kind", kind) == Activity.Kind.SUMMARY:
            found[pk] = image.get("level", level)
    return found


def _there(undoing: Undoing, taken: dict[str, dict[int, Image]]) -> set[int]:
    """Activities that are there or come back, of those that taken links and assignments name."""
    named = {
        image[column]
        for kind, columns in (
            (rows.DEPENDENCY, ("predecessor_id", "successor_id")),
            (rows.ASSIGNMENT, ("activity_id",)),
        )
        for image in taken.get(kind, {}).values()
        for column in columns
    }
    there = set(Activity.objects.filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    return there | set(undoing.bring.get(rows.ACTIVITY, {}))


def _links(undoing: Undoing, taken: dict[int, Image], there: Iterable[int]) -> None:
    """Links that come back, and links whose former type comes back, unless two are linked that way by now."""
    restored = {
        pk: image for pk, image in undoing.restore.get(rows.DEPENDENCY, {}).items() if "kind" in image
    }
    if not taken and not restored:
        return
    now = undoing.now[rows.DEPENDENCY]
    ends = {
        (one["predecessor_id"], one["successor_id"])
        for one in [*taken.values(), *(now[pk] for pk in restored)]
    }
    gone = {*undoing.effect.created.get(Dependency._meta.db_table, ()), *restored}
    used = {
        (before, after, kind)
        for pk, before, after, kind in Dependency.objects.filter(
            predecessor_id__in={one for one, _ in ends}, successor_id__in={one for _, one in ends}
        ).values_list("pk", "predecessor_id", "successor_id", "kind")
        if pk not in gone
    }
    for pk, image in restored.items():
        one = now[pk]
        if (one["predecessor_id"], one["successor_id"], image["kind"]) in used:
            undoing.kept.append(
                Kept(
                    (rows.DEPENDENCY, pk),
                    "kind",
                    one["kind"],
                    one["kind"],
                    "These two are linked that way by now",
                )
            )
            del image["kind"]
            if not image:
                del undoing.restore[rows.DEPENDENCY][pk]
    back: dict[int, Image] = {}
    for pk, image in taken.items():
        key = (image["predecessor_id"], image["successor_id"], image["kind"])
        if key[0] not in there or key[1] not in there:
            _lost(undoing, rows.DEPENDENCY, pk, image, "One of its ends is gone")
        elif key in used:
            _lost(undoing, rows.DEPENDENCY, pk, image, "These two are linked that way by now")
        else:
            back[pk] = image
    if back:
        undoing.bring[rows.DEPENDENCY] = back


def _assignments(undoing: Undoing, taken: dict[int, Image], there: Iterable[int]) -> None:
    retired = dict(
        Resource.objects.filter(pk__in={one["resource_id"] for one in taken.values()}).values_list(
            "pk", "retired_at"
        )
    )
    made = set(undoing.effect.created.get(Assignment._meta.db_table, ()))
    used = {
        (activity, resource)
        for pk, activity, resource in Assignment.objects.filter(
            activity_id__in={one["activity_id"] for one in taken.values()}
        ).values_list("pk", "activity_id", "resource_id")
        if pk not in made
    }
    back: dict[int, Image] = {}
    for pk, image in taken.items():
        if image["activity_id"] not in there:
            _lost(undoing, rows.ASSIGNMENT, pk, image, "Its activity is gone")
        elif image["resource_id"] not in retired:
            _lost(undoing, rows.ASSIGNMENT, pk, image, "Its resource is gone")
        elif retired[image["resource_id"]] is not None:
            _lost(undoing, rows.ASSIGNMENT, pk, image, "Its resource is retired by now")
        elif (image["activity_id"], image["resource_id"]) in used:
            _lost(undoing, rows.ASSIGNMENT, pk, image, "It was given anew since")
        else:
            back[pk] = image
    if back:
        undoing.bring[rows.ASSIGNMENT] = back


def _progress(undoing: Undoing, taken: dict[int, Image]) -> None:
    """That work had not begun at a status date: with its activity, as long as there is that date."""
    periods = set(
        StatusPeriod.objects.filter(pk__in={one["period_id"] for one in taken.values()}).values_list(
            "pk", flat=True
        )
    )
    back: dict[int, Image] = {}
    for pk, image in taken.items():
        if image["activity_id"] not in undoing.bring.get(rows.ACTIVITY, {}):
            _lost(undoing, rows.PROGRESS, pk, image, "Its activity is gone")
        elif image["period_id"] not in periods:
            _lost(undoing, rows.PROGRESS, pk, image, "Its status date is gone")
        else:
            back[pk] = image
    if back:
        undoing.bring[rows.PROGRESS] = back
