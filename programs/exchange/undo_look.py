"""What undoing an accepted import would do: what goes, what gets its former value back, what is kept and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from psycopg2 import sql

from programs.baselines.models import Baseline, BaselineActivity
from programs.calendars.models import Calendar
from programs.portfolio.models import Program

from . import rows, undo_bring, undo_fits, undo_refusals, undo_tree
from .effects import PROGRAM, TABLES, Image, images
from .models import ImportEffect, PlanImport
from .undo_found import Kept, Row, Undoing
from .writing import MODELS

TOGETHER = (
    {"actual_start", "actual_finish", "remaining_minutes", "percent_complete"},
    {"constraint", "constraint_at"},
    {"optimistic_minutes", "likely_minutes", "pessimistic_minutes"},
    {"kind", "duration_minutes"},
    {"parent_id", "level"},
)
"""Columns that mean something only together: where somebody changed one since, all of them are kept."""
_PLACES = {"position", "level"}
"""Move along when a neighbour is inserted or moved: nobody's word about this row."""
_PLAN = {*TABLES.values(), BaselineActivity}


def look(program: Program, found: PlanImport) -> Undoing | None:
    """Work out what undoing would do now. At most 15 queries; None where nothing was kept of what the import did."""
    effect = ImportEffect.objects.filter(program_id=program.pk, plan_import_id=found.pk).first()
    if effect is None:
        return None
    made: dict[Row, Image] = {}
    changed: dict[Row, dict[str, list[Any]]] = {}
    for kind, one in effect.kept.items():
        for pk, *values in one["created"]:
            made[kind, pk] = dict(zip(one["fields"], values, strict=True))
        for pk, differs in one["changed"]:
            changed[kind, pk] = differs
    baselines = [(rows.BASELINE, pk) for pk in effect.created.get(TABLES[rows.BASELINE]._meta.db_table, ())]
    wanted: dict[str, list[int]] = {kind: [] for kind in TABLES}
    for kind, pk in [*made, *changed, *baselines]:
        wanted[kind].append(pk)
    undoing = Undoing(program, effect, images(program.pk, wanted))
    _former_values(undoing, changed)
    _without_calendars(undoing)
    undo_bring.look(undoing)
    tree = _tree(undoing)
    _staying(undoing, made, set(baselines))
    _what_goes(undoing, [*made, *baselines])
    _groups(undoing, tree)
    undo_fits.leave_out(undoing, tree)
    _next_baseline(undoing)
    undo_refusals.refuse(undoing)
    return undoing


def _former_values(undoing: Undoing, changed: dict[Row, dict[str, list[Any]]]) -> None:
    for (kind, pk), differs in changed.items():
        now = undoing.now[kind].get(pk)
        if now is None:
            undoing.gone += 1
            continue
        touched = {name for name, (_, after) in differs.items() if now[name] != after}
        touched |= {name for group in TOGETHER if touched & group for name in group & set(differs)}
        back = {name: was for name, (was, _) in differs.items() if name not in touched}
        if back:
            undoing.restore.setdefault(kind, {})[pk] = back
        for name in sorted(touched):
            undoing.kept.append(Kept((kind, pk), name, differs[name][1], now[name]))


def _without_calendars(undoing: Undoing) -> None:
    """Keep what would go by a calendar again that somebody removed since. One query, where any is named."""
    kinds = [rows.ACTIVITY, rows.PROJECT, PROGRAM]
    back = {kind: undoing.restore.get(kind, {}) for kind in kinds}
    wanted = {
        image["calendar_id"]
        for images in back.values()
        for image in images.values()
        if image.get("calendar_id")
    }
    if not wanted:
        return
    gone = wanted - set(Calendar.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    for kind, images_back in back.items():
        for pk, image in images_back.items():
            if image.get("calendar_id") in gone:
                del image["calendar_id"]
                now = undoing.now[kind][pk]["calendar_id"]
                undoing.kept.append(
                    Kept((kind, pk), "calendar_id", now, now, "Its calendar was removed since")
                )
    undoing.restore = {
        kind: left
        for kind, images_back in undoing.restore.items()
        if (left := {pk: image for pk, image in images_back.items() if image})
    }


def _tree(undoing: Undoing) -> undo_tree.Tree:
    """Keep where an activity lies if it cannot go back there. The tree as it is, empty where none of it goes back."""
    back = undoing.restore.get(rows.ACTIVITY, {})
    if not any({"parent_id", "level", "kind"} & set(image) for image in back.values()):
        return {}
    tree = undo_tree.tree_of(undoing.program.pk) | {
        pk: (image["parent_id"], image["kind"]) for pk, image in undoing.bring.get(rows.ACTIVITY, {}).items()
    }
    for pk, why in undo_tree.stay_where_they_are(tree, back).items():
        _keep(undoing, pk, ("parent_id", "level"), why)
    return tree


def _groups(undoing: Undoing, tree: undo_tree.Tree) -> None:
    """Keep what would be no group any more though work lies under it, and give levels by the tree that results."""
    back = undoing.restore.get(rows.ACTIVITY, {})
    if not tree or not back:
        return
    for pk in undo_tree.remain_groups(tree, back, set(undoing.take.get(rows.ACTIVITY, ()))):
        _keep(undoing, pk, ("kind", "duration_minutes"), undo_tree.HOLDS)
    for pk, depth in undo_tree.depths(tree, back).items():
        if depth == undoing.now[rows.ACTIVITY][pk]["level"]:
            del back[pk]["level"]
        else:
            back[pk]["level"] = depth
    undoing.restore = {
        kind: left
        for kind, images_back in undoing.restore.items()
        if (left := {pk: image for pk, image in images_back.items() if image})
    }


def _keep(undoing: Undoing, pk: int, names: tuple[str, ...], why: str) -> None:
    back, now = undoing.restore[rows.ACTIVITY], undoing.now[rows.ACTIVITY][pk]
    for name in names:
        if name in back[pk]:
            del back[pk][name]
            undoing.kept.append(Kept((rows.ACTIVITY, pk), name, now[name], now[name], why))


def _next_baseline(undoing: Undoing) -> None:
    """Where the current baseline goes, the one before it becomes current, or the newest that remains. One query."""
    gone = undoing.take.get(rows.BASELINE, ())
    if not gone:
        return
    there = list(Baseline.objects.filter(program_id=undoing.program.pk).order_by("-number"))
    if not any(one.is_current and one.pk in gone for one in there):
        return
    left = [one for one in there if one.pk not in gone]
    one = next((one for one in left if one.pk == undoing.effect.former_baseline), left[0] if left else None)
    if one is not None:
        undoing.next_baseline = one.pk
    undoing.notes.append(
        f"{one} {one.name} becomes the current baseline." if one else "No baseline is left to be current."
    )


def _staying(undoing: Undoing, made: dict[Row, Image], baselines: set[Row]) -> None:
    """Rows that somebody changed, and whatever they or rows added since stand on."""
    for (kind, pk), image in made.items():
        now = undoing.now[kind].get(pk)
        if now is None:
            undoing.gone += 1
            continue
        for name in sorted(set(image) - _PLACES):
            if now[name] != image[name]:
                undoing.kept.append(Kept((kind, pk), name, image[name], now[name]))
                undoing.staying[kind, pk] = "changed since"
    for target, user in _added_since(undoing, made, baselines):
        undoing.staying.setdefault(target, f"a row added or changed since stands on it ({user})")
    todo = list(undoing.staying)
    while todo:
        kind, pk = todo.pop()
        for target in _stands_on(kind, undoing.now[kind][pk]):
            if target in made and target not in undoing.staying:
                undoing.staying[target] = "what stays stands on it"
                todo.append(target)


def _stands_on(kind: str, image: Image) -> Iterator[Row]:
    for column, target in references(kind):
        if image[column] is not None:
            yield target, image[column]


def references(kind: str) -> list[tuple[str, str]]:
    """Columns of a kind of row that name another row of the plan, with the kind of that."""
    kinds = {model: kind for kind, model in MODELS.items()}
    return [
        (one.attname, kinds[one.related_model])
        for one in TABLES[kind]._meta.concrete_fields
        if one.is_relation and one.related_model in kinds
    ]


def _added_since(undoing: Undoing, made: dict[Row, Image], baselines: set[Row]) -> list[tuple[Row, str]]:
    """Rows of the plan that the import did not make and that name one it made, as they will be. One query."""
    ours: dict[str, list[int]] = {}
    for kind, pk in [*made, *baselines]:
        ours.setdefault(kind, []).append(pk)
    parts: list[sql.Composed] = []
    values: list[Any] = []
    for kind in (*MODELS, PROGRAM):
        own = "id" if kind == PROGRAM else "program_id"
        for column, target in references(kind):
            if target in ours:
                back = [pk for pk, image in undoing.restore.get(kind, {}).items() if column in image]
                parts.append(
                    sql.SQL(
                        "select distinct {target}, {column}, {kind} from {table} where {own} = %s"
                        " and {column} = any(%s) and not id = any(%s)"
                    ).format(
                        target=sql.Literal(target),
                        column=sql.Identifier(column),
                        kind=sql.Literal("program" if kind == PROGRAM else rows.WORDS[kind][0]),
                        table=sql.Identifier(TABLES[kind]._meta.db_table),
                        own=sql.Identifier(own),
                    )
                )
                values += [undoing.program.pk, ours[target], [*ours.get(kind, ()), *back]]
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" union all ").join(parts), values)
        return [((target, pk), kind) for target, pk, kind in cursor.fetchall() if pk in undoing.now[target]]


def _what_goes(undoing: Undoing, made: list[Row]) -> None:
    for kind, pk in made:
        if pk in undoing.now[kind] and (kind, pk) not in undoing.staying:
            undoing.take.setdefault(kind, []).append(pk)
