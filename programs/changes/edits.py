"""Proposed edits: plain values that a request keeps, shows, hashes and, once approved, applies.

An edit is a mapping with `do`:

    change   activity, label, was, to       fields of one activity
    add      key, project, to               a new activity, known as "PROJECT/CODE" until it exists
    remove   activity, label
    link     predecessor, successor, kind, lag, lag_unit, label
    relink   link, label, was, to           kind, lag or lag unit of one link
    unlink   link, label
    assign   activity, resource, units, was, label       units of a resource on an activity for all of its duration

Activities are named by id, new ones by key. Instants are UTC text, lengths working minutes, a calendar its id,
units text without needless zeros ("0.5"; "0": not assigned). The activity of `assign` may be a new one, by its key.
Edits of deliverables are described in `programs.changes.scope`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from pmo import formats
from pmo.zones import zone
from programs.changes import scope
from programs.schedule.models import Activity, Constraint, Dependency

Edit = dict[str, Any]
Ref = int | str
PROPOSABLE = ("name", "duration_minutes", "calendar", "constraint", "constraint_at", "deadline_at")
"""Fields of an activity that a request may change; progress is fact and is reported, not asked for."""
OF_LINKS = ("kind", "lag", "lag_unit")
MOST = 500
MOMENTS = frozenset({"constraint_at", "deadline_at"})
_LABELS = {
    "name": "name",
    "duration_minutes": "duration",
    "calendar": "calendar",
    "constraint": "constraint",
    "constraint_at": "constraint date",
    "deadline_at": "deadline",
    "kind": "link",
    "lag": "lag",
    "lag_unit": "lag in",
}


def plain(name: str, value: Any) -> Any:
    """A field's value as an edit holds it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if name == "calendar" and value is not None and not isinstance(value, int):
        return value.pk
    return value


def native(name: str, value: Any) -> Any:
    """The value for the model's column: instants as such; a calendar stays an id."""
    if name in MOMENTS and value is not None:
        return datetime.fromisoformat(value)
    return value


def column(name: str) -> str:
    """Where a model keeps the field."""
    return "calendar_id" if name == "calendar" else name


def fields_of(activity: Activity) -> dict[str, Any]:
    """What of an activity could be changed, as edits hold it."""
    return {name: plain(name, getattr(activity, column(name))) for name in PROPOSABLE}


def label_of(activity: Activity) -> str:
    """`PROJECT/CODE name`."""
    return f"{activity.project.code}/{activity.code} {activity.name}"


def named(edits: Iterable[Edit], kind: str, name: str) -> set[int]:
    """The ids under `name` of all edits of a kind; keys of new activities are left out."""
    return {one[name] for one in edits if one["do"] == kind and isinstance(one[name], int)}


def activities_in(edits: Sequence[Edit]) -> set[int]:
    """Ids of every existing activity that an edit names."""
    found = named(edits, "change", "activity") | named(edits, "remove", "activity")
    found |= named(edits, "assign", "activity")
    return found | named(edits, "link", "predecessor") | named(edits, "link", "successor")


def links_in(edits: Sequence[Edit]) -> set[int]:
    """Ids of every existing link that an edit names."""
    return named(edits, "relink", "link") | named(edits, "unlink", "link")


def touches(edit: Edit, ref: Ref) -> bool:
    """Does a proposed link begin or end at this activity, or is somebody put to it or taken from it?"""
    if edit["do"] == "assign":
        return bool(edit["activity"] == ref)
    return edit["do"] == "link" and ref in (edit["predecessor"], edit["successor"])


def in_words(edit: Edit, day_minutes: int, time_zone: str, calendars: Mapping[int, str]) -> dict[str, str]:
    """One edit for people: what is done to what, from what, to what."""
    if edit["do"] in scope.KINDS:
        return scope.in_words(edit)
    if edit["do"] == "link":
        lag = _value("lag", edit["lag"], day_minutes, time_zone, calendars) if edit["lag"] else ""
        kind = Dependency.Kind(edit["kind"]).label
        return {
            "what": "New link",
            "on": edit["label"],
            "was": "",
            "to": f"{kind}{', lag ' + lag if lag else ''}",
        }
    if edit["do"] == "add":
        to = edit["to"]
        length = (
            _value("duration_minutes", to["duration_minutes"], day_minutes, time_zone, calendars)
            if to["duration_minutes"]
            else Activity.Kind(to["kind"]).label.lower()
        )
        return {"what": "New activity", "on": f"{edit['key']} {to['name']}", "was": "", "to": length}
    if edit["do"] == "assign":
        was, to = (
            f"{edit[name]} units" if edit[name] != "0" else "not assigned" for name in ("was", "units")
        )
        return {"what": "Assignment", "on": edit["label"], "was": was, "to": to}
    if edit["do"] in ("remove", "unlink"):
        what = "Activity removed" if edit["do"] == "remove" else "Link removed"
        return {"what": what, "on": edit["label"], "was": "in the plan", "to": "out"}

    def told(values: Mapping[str, Any]) -> str:
        return "; ".join(
            f"{_LABELS[name]} {_value(name, value, day_minutes, time_zone, calendars)}"
            for name, value in values.items()
        )

    what = "Activity changed" if edit["do"] == "change" else "Link changed"
    return {"what": what, "on": edit["label"], "was": told(edit["was"]), "to": told(edit["to"])}


def _value(name: str, value: Any, day: int, time_zone: str, calendars: Mapping[int, str]) -> str:
    if name in ("duration_minutes", "lag"):
        return f"{formats.number((value or 0) / day, 2).rstrip('0').rstrip('.')} d"
    if name == "calendar":
        return "the project's" if value is None else calendars.get(value, "another")
    if value in (None, ""):
        return "none"
    if name in MOMENTS:
        return formats.moment(datetime.fromisoformat(value), zone(time_zone))
    if name == "constraint":
        return Constraint(value).label.lower()
    if name == "kind":
        return Dependency.Kind(value).label.lower()
    if name == "lag_unit":
        return Dependency.LagUnit(value).label.lower()
    return str(value)
