"""What an undo would do, in words: for the page that asks, its file and the API."""

from __future__ import annotations

import csv
import io
from typing import Any

from pmo.cells import csv_cell
from programs.portfolio.models import Project
from programs.schedule.models import Activity

from . import rows
from .comparison import field_name, shower
from .effects import PROGRAM, TABLES, Image
from .undo_found import Row, Undoing

KEPT_COLUMNS = ("row", "field", "as imported", "now", "why it stays")


def described(undoing: Undoing) -> dict[str, Any]:
    """Counts by kind, every value and row that stays, and the refusals. Two queries for names."""
    names = _names(undoing)
    show = shower(undoing.program)
    kept = [
        {
            "row": names[one.row],
            "field": field_name(one.column.removesuffix("_id")),
            "imported": _shown(show, one.row[0], one.column, one.imported),
            "now": _shown(show, one.row[0], one.column, one.now),
            "why": one.why,
        }
        for one in undoing.kept
    ]
    changed = {one.row for one in undoing.kept}
    kept += [
        {"row": names[row], "field": "", "imported": "", "now": "", "why": why[:1].upper() + why[1:]}
        for row, why in undoing.staying.items()
        if row not in changed
    ]
    kept += [
        {"row": names[row], "field": "", "imported": "", "now": "", "why": why}
        for row, (_, why) in undoing.lost.items()
    ]
    return {
        "plan_version": undoing.program.plan_version,
        "kinds": [
            {"rows": what, "taken": taken, "restored": restored, "returned": returned, "kept": staying}
            for what, taken, restored, returned, staying in undoing.counted()
        ],
        "kept": kept,
        "gone": undoing.gone,
        "notes": undoing.notes,
        "refusals": undoing.refusals,
    }


def kept_csv(undoing: Undoing) -> str:
    """The values and rows that stay, as CSV; what looks like a formula is text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(KEPT_COLUMNS)
    writer.writerows([csv_cell(value) for value in one.values()] for one in described(undoing)["kept"])
    return out.getvalue()


def _shown(show: Any, kind: str, column: str, plain: Any) -> str:
    """A kept value for people; a reference to another row by its number, for its name may be gone."""
    field = next(one for one in TABLES[kind]._meta.concrete_fields if one.attname == column)
    if field.is_relation:
        return "—" if plain is None else f"#{plain}"
    return str(show(column, field.to_python(plain)))


def _names(undoing: Undoing) -> dict[Row, str]:
    """What the rows that stay are called."""
    listed = dict.fromkeys([*(one.row for one in undoing.kept), *undoing.staying])
    images = {row: undoing.now[row[0]][row[1]] for row in listed} | {
        row: image for row, (image, _) in undoing.lost.items()
    }
    columns = ("activity_id", "predecessor_id", "successor_id")
    wanted = {image[name] for image in images.values() for name in columns if name in image}
    wanted |= {pk for kind, pk in listed if kind == rows.ACTIVITY}
    activities = {
        pk: f"{project}/{code}"
        for pk, project, code in Activity.objects.filter(pk__in=wanted).values_list(
            "pk", "project__code", "code"
        )
    }
    projects = dict(Project.objects.filter(program_id=undoing.program.pk).values_list("pk", "code"))
    activities |= {
        pk: f"{projects.get(image['project_id'], '')}/{image['code']}"
        for image_of in (undoing.bring.get(rows.ACTIVITY, {}), _lost_activities(undoing))
        for pk, image in image_of.items()
    }
    return {row: _name(row, image, activities, projects) for row, image in images.items()}


def _lost_activities(undoing: Undoing) -> dict[int, Image]:
    return {pk: image for (kind, pk), (image, _) in undoing.lost.items() if kind == rows.ACTIVITY}


def _name(row: Row, image: Image, activities: dict[int, str], projects: dict[int, str]) -> str:
    kind, pk = row
    if kind == PROGRAM:
        return "The program"
    if kind == rows.ACTIVITY:
        return f"{activities.get(pk, '')} {image['name']}"
    if kind == rows.DEPENDENCY:
        before, after = activities.get(image["predecessor_id"], ""), activities.get(image["successor_id"], "")
        return f"{before} → {after} {image['kind']}"
    what = rows.WORDS[kind][0].capitalize()
    if kind in (rows.ASSIGNMENT, rows.PROGRESS):
        return f"{what} of {activities.get(image['activity_id'], '')}"
    if kind == rows.STATUS:
        return f"{what} {image['number']} of {projects.get(image['project_id'], '')}"
    if kind == rows.EXCEPTION:
        return f"{what} {image['day']}"
    return f"{what} {image.get('code', '')} {image.get('name', '')}".rstrip()
