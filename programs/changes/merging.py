"""A proposed edit put to those that a request has already: checked against the plan as it stands, and merged.

`refreshed` does it for all of them again, after the plan moved on. What is read is read once for all edits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pmo.refusals import Refused
from programs.changes import scope
from programs.changes.edits import (
    MOST,
    OF_LINKS,
    PROPOSABLE,
    Edit,
    Ref,
    column,
    fields_of,
    label_of,
    native,
    touches,
)
from programs.changes.ground import Ground
from programs.changes.staffing import assigned
from programs.portfolio.models import Program, Project
from programs.schedule.checking import check_dates, clean
from programs.schedule.models import Activity, Dependency

LONGEST = 60 * 24 * 366 * 30
"""Minutes of thirty years: what the table takes."""
_SHAPES = {
    "change": {"activity", "to"},
    "add": {"project", "to"},
    "remove": {"activity"},
    "link": {"predecessor", "successor", "kind", "lag", "lag_unit"},
    "relink": {"link", "to"},
    "unlink": {"link"},
    "assign": {"activity", "resource", "units"},
    **scope.SHAPES,
}


def shaped(edits: Sequence[Mapping[str, Any]]) -> list[Edit]:
    """The edits that have what they need, for `Ground`; the others are refused where they are merged."""
    return [dict(one) for one in edits if _SHAPES.get(str(one.get("do")), {"?"}) <= set(one)]


def refreshed(program: Program, edits: Sequence[Edit]) -> list[Edit]:
    """The edits against the plan as it stands: `was` is what is there now, and what is there already falls away.

    Raises Refused where an edit is about what is no longer there, or does not fit any more.
    """
    ground = Ground.of(program, edits)
    done: list[Edit] = []
    for number, one in enumerate(edits, 1):
        try:
            done = merged(ground, done, one)
        except Refused as refusal:
            about = one.get("label") or one.get("key", "")
            raise Refused(f"Edit {number} ({about}): {refusal.message}", field=refusal.field) from refusal
    return done


def merged(ground: Ground, edits: Sequence[Edit], edit: Mapping[str, Any]) -> list[Edit]:
    """The edits with one more: two changes of the same thing become one. Raises Refused at the field."""
    do = str(edit.get("do", ""))
    if do not in _SHAPES or not _SHAPES[do] <= set(edit):
        raise Refused("This is not an edit of a plan.", code="not-editable")
    if len(edits) >= MOST:
        raise Refused(f"A request holds at most {MOST} edits. Ask for the rest with another one.")
    if do in scope.KINDS:
        return _scoped(ground, list(edits), {**edit})
    return {
        "change": _change, "add": _add, "remove": _remove, "link": _link, "relink": _relink, "unlink": _unlink,
        "assign": _assign,
    }[do](ground, list(edits), edit)  # fmt: skip


def _scoped(ground: Ground, edits: list[Edit], edit: Edit) -> list[Edit]:
    if edit["do"] == "deliver":
        return scope.delivered(ground.scope, ground.projects, edits, edit)
    return (scope.redelivered if edit["do"] == "redeliver" else scope.withdrawn)(ground.scope, edits, edit)


def _new(edits: Sequence[Edit], key: Ref) -> Edit | None:
    return next((one for one in edits if one["do"] == "add" and one["key"] == key), None)


def _find(ground: Ground, ref: Ref, field: str | None = None) -> Activity:
    found = ground.activities.get(ref) if isinstance(ref, int) else None
    if found is None:
        raise Refused("There is no such activity in this program.", field=field)
    return found


def _checked(ground: Ground, activity: Activity, to: Mapping[str, Any], allowed: Sequence[str]) -> None:
    """Refuse values that the plan itself would refuse. Changes the instance, saves nothing."""
    if set(to) - set(allowed):
        raise Refused("This cannot be proposed: progress is reported, not asked for.", code="not-editable")
    if (calendar := to.get("calendar")) is not None and calendar not in ground.calendars:
        raise Refused("This program has no such calendar.", field="calendar")
    for name, value in to.items():
        try:
            setattr(activity, column(name), native(name, value))
        except (TypeError, ValueError):
            raise Refused("Write an instant such as 2027-03-31T08:00:00Z.", field=name) from None
    if activity.duration_minutes > LONGEST:
        raise Refused("No activity lasts longer than thirty years.", field="duration_minutes")
    clean(activity, {name: value for name, value in to.items() if name != "calendar"})
    check_dates(activity, ground.program)


def _change(ground: Ground, edits: list[Edit], edit: Mapping[str, Any]) -> list[Edit]:
    ref, to = edit["activity"], dict(edit["to"])
    new = _new(edits, ref)
    if new is not None:
        values = new["to"] | to
        _checked_new(ground, ground.projects[new["project"]], values)
        return [one if one is not new else {**new, "to": values} for one in edits]
    activity = _find(ground, ref)
    if any(one["do"] == "remove" and one["activity"] == ref for one in edits):
        raise Refused("This request takes the activity out of the plan.")
    before = next((one for one in edits if one["do"] == "change" and one["activity"] == ref), None)
    now = fields_of(activity)
    wanted = {**(before["to"] if before else {}), **to}
    wanted = {name: value for name, value in wanted.items() if name not in now or now[name] != value}
    scratch = Activity(**_copy(activity))
    scratch.project = activity.project
    if activity.kind == Activity.Kind.SUMMARY and set(wanted) - {"name"}:
        raise Refused("A summary takes its dates from the activities under it; only its name can be changed.")
    _checked(ground, scratch, wanted, PROPOSABLE)
    made: Edit = {
        "do": "change",
        "activity": ref,
        "label": label_of(activity),
        "was": {name: now[name] for name in wanted},
        "to": wanted,
    }
    others = [one for one in edits if one is not before]
    return [*others, made] if wanted else others


def _copy(activity: Activity) -> dict[str, Any]:
    return {field.attname: getattr(activity, field.attname) for field in Activity._meta.concrete_fields}


def _checked_new(ground: Ground, project: Project, to: Mapping[str, Any]) -> None:
    usual: dict[str, Any] = {"kind": "task", "duration_minutes": 0}
    scratch = Activity(program=ground.program, project=project)
    _checked(ground, scratch, usual | dict(to), (*PROPOSABLE, "code", "kind"))
    if scratch.kind == Activity.Kind.SUMMARY:
        raise Refused("A request adds work and milestones, not summaries.", field="kind")


def _add(ground: Ground, edits: list[Edit], edit: Mapping[str, Any]) -> list[Edit]:
    project = ground.projects.get(edit["project"]) if isinstance(edit["project"], int) else None
    if project is None:
        raise Refused("There is no such project in this program.", field="project")
    to = {"kind": "task", "duration_minutes": 0} | dict(edit["to"])
    code = str(to.get("code", "")) or str(edit.get("key", "/")).partition("/")[2]
    to = {"code": code, **to}
    _checked_new(ground, project, to)
    key = f"{project.code}/{code}"
    if key in ground.taken or _new(edits, key) is not None:
        raise Refused("This project has an activity of that code already.", field="code")
    return [*edits, {"do": "add", "key": key, "project": project.pk, "to": to}]


def _remove(ground: Ground, edits: list[Edit], edit: Mapping[str, Any]) -> list[Edit]:
    ref = edit["activity"]
    if (new := _new(edits, ref)) is not None:
        return [one for one in edits if one is not new and not touches(one, ref)]
    activity = _find(ground, ref)
    if activity.pk in ground.held:
        raise Refused(ground.held[activity.pk])
    mine = {pk for pk, link in ground.links.items() if ref in (link.predecessor_id, link.successor_id)}
    others = [
        one
        for one in edits
        if not touches(one, ref)
        and not (one["do"] in ("change", "remove") and one["activity"] == ref)
        and not (one["do"] in ("relink", "unlink") and one["link"] in mine)
    ]
    return [*others, {"do": "remove", "activity": ref, "label": label_of(activity)}]


def _end(ground: Ground, edits: Sequence[Edit], ref: Ref, field: str) -> str:
    """Code of an end of a link, for its label."""
    if _new(edits, ref) is not None:
        return str(ref)
    found = _find(ground, ref, field)
    if any(one["do"] == "remove" and one["activity"] == ref for one in edits):
        raise Refused("This request takes that activity out of the plan.", field=field)
    return f"{found.project.code}/{found.code}"


def _link(ground: Ground, edits: list[Edit], edit: Mapping[str, Any]) -> list[Edit]:
    before, after, kind = edit["predecessor"], edit["successor"], edit["kind"]
    label = f"{_end(ground, edits, before, 'predecessor')} → {_end(ground, edits, after, 'successor')}"
    if before == after:
        raise Refused("An activity cannot wait for itself.", field="predecessor")
    scratch = Dependency(program=ground.program)
    values = {"kind": kind, "lag": edit["lag"], "lag_unit": edit["lag_unit"]}
    for name, value in values.items():
        setattr(scratch, name, value)
    clean(scratch, values)
    freed = {
        (link.predecessor_id, link.successor_id, link.kind)
        for one in edits
        if one["do"] == "unlink" and (link := ground.links.get(one["link"]))
    }
    ties = [one for one in edits if one["do"] == "link"]
    same = any(touches(one, before) and touches(one, after) and one["kind"] == kind for one in ties)
    if same or (before, after, kind) in ground.tied - freed:
        raise Refused("These two are linked this way already.", field="predecessor")
    return [*edits, {"do": "link", "predecessor": before, "successor": after, "label": label, **values}]


def _assign(ground: Ground, edits: list[Edit], edit: Mapping[str, Any]) -> list[Edit]:
    ref = edit["activity"]
    label = _end(ground, edits, ref, "activity")
    new, there = _new(edits, ref), ground.activities.get(ref) if isinstance(ref, int) else None
    kind = new["to"]["kind"] if new else there.kind if there else ""
    return assigned(ground.staff, edits, edit, label, kind)


def _tie(ground: Ground, edits: Sequence[Edit], link_id: Any) -> tuple[Dependency, str]:
    link = ground.links.get(link_id) if isinstance(link_id, int) else None
    if link is None:
        raise Refused("There is no such link in this program.", field="link")
    before, after = link.predecessor, link.successor
    if any(one["do"] == "remove" and one["activity"] in (before.pk, after.pk) for one in edits):
        raise Refused("This request takes an end of that link out of the plan, and the link with it.")
    return link, f"{before.project.code}/{before.code} → {after.project.code}/{after.code}"


def _relink(ground: Ground, edits: list[Edit], edit: Mapping[str, Any]) -> list[Edit]:
    link, label = _tie(ground, edits, edit["link"])
    others = [one for one in edits if not (one["do"] in ("relink", "unlink") and one["link"] == link.pk)]
    before = next((one for one in edits if one["do"] == "relink" and one["link"] == link.pk), None)
    wanted = {**(before["to"] if before else {}), **edit["to"]}
    if set(wanted) - set(OF_LINKS):
        raise Refused("Only kind and lag of a link can be changed.", code="not-editable")
    wanted = {name: value for name, value in wanted.items() if getattr(link, name) != value}
    scratch = Dependency(program=ground.program)
    for name in OF_LINKS:
        setattr(scratch, name, wanted.get(name, getattr(link, name)))
    clean(scratch, wanted)
    made: Edit = {
        "do": "relink",
        "link": link.pk,
        "label": label,
        "was": {name: getattr(link, name) for name in wanted},
        "to": wanted,
    }
    return [*others, made] if wanted else others


def _unlink(ground: Ground, edits: list[Edit], edit: Mapping[str, Any]) -> list[Edit]:
    link, label = _tie(ground, edits, edit["link"])
    others = [one for one in edits if not (one["do"] in ("relink", "unlink") and one["link"] == link.pk)]
    return [*others, {"do": "unlink", "link": link.pk, "label": label}]
