"""Edits of scope: deliverables that a request adds, changes or withdraws, checked against those that are there.

    deliver     project, to, label             a new deliverable: code, name, due_on, requirements
    redeliver   deliverable, label, was, to    name or due_on of one; requirements that are added to it
    withdraw    deliverable, label, was        one is handed over no more

Days are ISO text; requirements are words when they are typed, and `code` and `text` in an edit that is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from pmo import formats
from pmo.refusals import Refused
from programs.deliverables import values
from programs.deliverables.models import Deliverable, Requirement
from programs.portfolio.models import Program, Project

Edit = dict[str, Any]
KINDS = ("deliver", "redeliver", "withdraw")
SHAPES = {"deliver": {"project", "to"}, "redeliver": {"deliverable", "to"}, "withdraw": {"deliverable"}}


def of_scope(edits: Sequence[Edit]) -> list[Edit]:
    """The edits of deliverables."""
    return [one for one in edits if one["do"] in KINDS]


def of_plan(edits: Sequence[Edit]) -> list[Edit]:
    """The edits of activities, links and assignments."""
    return [one for one in edits if one["do"] not in KINDS]


@dataclass(frozen=True, slots=True)
class Scope:
    """The deliverables that edits name, and the codes that new ones would have and that exist."""

    deliverables: dict[int, Deliverable]
    taken: set[str]
    requirements: set[str]

    @classmethod
    def of(cls, program: Program, edits: Sequence[Mapping[str, Any]]) -> Scope:
        """Three queries; none where scope is not concerned."""
        ids = {one["deliverable"] for one in edits if type(one.get("deliverable")) is int}
        codes = {
            str(one["to"].get("code"))
            for one in edits
            if one["do"] == "deliver" and isinstance(one.get("to"), Mapping)
        }
        if not ids and not codes:
            return cls({}, set(), set())
        rows = Deliverable.objects.filter(program_id=program.pk)
        found = {one.pk: one for one in rows.filter(pk__in=ids).select_related("project")}
        begun = Q(pk=None)
        for code in codes | {one.code for one in found.values()}:
            begun |= Q(code__startswith=f"{code}-R")
        return cls(
            found,
            set(rows.filter(code__in=codes).values_list("code", flat=True)),
            set(Requirement.objects.filter(begun, program_id=program.pk).values_list("code", flat=True)),
        )


def delivered(scope: Scope, projects: Mapping[int, Project], edits: list[Edit], edit: Edit) -> list[Edit]:
    """The edits with a new deliverable. Raises Refused at the field."""
    to = values.values(edit["to"], {"code", "name", "due_on", "requirements"})
    project = projects.get(edit["project"]) if type(edit["project"]) is int else None
    if project is None:
        raise Refused("There is no such project in this program.", field="project")
    values.refuse_closed(project)
    values.whole(to)
    code = to["code"]
    if code in scope.taken or any(one["do"] == "deliver" and one["to"]["code"] == code for one in edits):
        raise Refused("The program has a deliverable of that code already.", field="code")
    if not to.get("requirements"):
        raise Refused("Write at least one requirement: what is it accepted by?", field="requirements")
    to["requirements"] = values.numbered(scope.requirements, code, to["requirements"])
    label = f"{project.code}/{code} {to['name']}"
    return [*edits, {"do": "deliver", "project": project.pk, "label": label, "to": to}]


def redelivered(scope: Scope, edits: list[Edit], edit: Edit) -> list[Edit]:
    """The edits with one deliverable changed: two changes of it are one, and what is there already falls away."""
    found = _find(scope, edit)
    to = values.values(edit["to"], {"name", "due_on", "requirements"})
    if any(one["do"] == "withdraw" and one["deliverable"] == found.pk for one in edits):
        raise Refused("This request withdraws that deliverable.", field="deliverable")
    before = _mine(edits, found)
    now = {"name": found.name, "due_on": found.due_on.isoformat()}
    wanted = {**(before["to"] if before else {}), **to}
    asked = wanted.pop("requirements", [])
    wanted = {name: value for name, value in wanted.items() if value != now[name]}
    if asked:
        wanted["requirements"] = values.numbered(scope.requirements, found.code, values.requirements(asked))
    others = [one for one in edits if one is not before]
    if not wanted:
        return others
    was = {name: now[name] for name in wanted if name in now}
    made: Edit = {
        "do": "redeliver",
        "deliverable": found.pk,
        "label": _label(found),
        "was": was,
        "to": wanted,
    }
    return [*others, made]


def withdrawn(scope: Scope, edits: list[Edit], edit: Edit) -> list[Edit]:
    """The edits with one deliverable withdrawn; what else they asked of it falls away."""
    found = _find(scope, edit)
    others = [one for one in edits if one.get("deliverable") != found.pk]
    was = {"due_on": found.due_on.isoformat()}
    return [*others, {"do": "withdraw", "deliverable": found.pk, "label": _label(found), "was": was}]


def _find(scope: Scope, edit: Edit) -> Deliverable:
    pk = edit["deliverable"]
    found = scope.deliverables.get(pk) if type(pk) is int else None
    if found is None:
        raise Refused("There is no such deliverable in this program.", field="deliverable")
    if found.withdrawn_at is not None:
        raise Refused(f"{found.code} is withdrawn already.", field="deliverable")
    values.refuse_closed(found.project)
    return found


def _mine(edits: list[Edit], found: Deliverable) -> Edit | None:
    return next((one for one in edits if one["do"] == "redeliver" and one["deliverable"] == found.pk), None)


def _label(one: Deliverable) -> str:
    return f"{one.project.code}/{one.code} {one.name}"


def in_words(edit: Edit) -> dict[str, str]:
    """One edit of scope for people: what is done to what, from what, to what."""

    def told(values: Mapping[str, Any]) -> Iterator[str]:
        if edit["do"] == "redeliver" and "name" in values:
            yield f"name {values['name']}"
        if "due_on" in values:
            yield f"due {formats.day(date.fromisoformat(values['due_on']))}"
        if more := values.get("requirements"):
            yield f"{formats.counted(len(more), 'new requirement', 'new requirements')}: " + "; ".join(
                one["text"] for one in more
            )

    what = {
        "deliver": "New deliverable",
        "redeliver": "Deliverable changed",
        "withdraw": "Deliverable withdrawn",
    }
    was = "; ".join(told(edit.get("was", {})))
    to = "handed over no more" if edit["do"] == "withdraw" else "; ".join(told(edit["to"]))
    return {"what": what[edit["do"]], "on": edit["label"], "was": was, "to": to}
