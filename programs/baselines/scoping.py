"""Deliverables and requirements of two baselines (or of one and the program of now), held against each other in words.

Baselines keep their scope since it is kept with them; an older one, and one that came with an import, keeps none, and
says so. Five queries at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pmo import formats
from programs.baselines.found import Found
from programs.baselines.models import Baseline, BaselineScope
from programs.deliverables.models import Deliverable, Requirement
from programs.portfolio.models import Program

KINDS = {
    "added": "Added",
    "removed": "Taken out",
    "reworded": "Reworded",
    "due": "Due on another day",
}
Key = tuple[int, int | None]
"""A deliverable, and of a requirement its own number."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row: what differs, of which deliverable or requirement, and how it was and is."""

    what: str
    project: str
    deliverable: str
    requirement: str
    name: str
    before: str
    after: str


def scoped(program: Program, before: Baseline | None, after: Baseline | None) -> Found[Change]:
    """What two sides have different in deliverables and requirements; None stands for the program of now.

    A requirement whose deliverable came or went as a whole is listed with it.
    """
    silent = [str(one) for one in (before, after) if one is not None and one.scope_kept is None]
    if silent:
        word = "keeps" if len(silent) == 1 else "keep"
        return Found([], KINDS, f"{' and '.join(silent)} {word} no deliverables and requirements")
    was, now = (_side(program, one) for one in (before, after))
    codes = {
        pk: (project, code)
        for pk, project, code in Deliverable.objects.filter(program_id=program.pk).values_list(
            "pk", "project__code", "code"
        )
    }
    asked = dict(Requirement.objects.filter(program_id=program.pk).values_list("pk", "code"))
    changes = []
    for key in sorted(was.keys() | now.keys(), key=lambda one: (codes[one[0]], asked.get(one[1] or 0, ""))):
        project, deliverable = codes[key[0]]
        for what, then, since in _differences(was.get(key), now.get(key)):
            name = (now.get(key) or was[key])[0]
            changes.append(Change(what, project, deliverable, asked.get(key[1] or 0, ""), name, then, since))
    return Found(changes, KINDS)


def _differences(was: tuple[str, date] | None, now: tuple[str, date] | None) -> list[tuple[str, str, str]]:
    """Kind, how it was, how it is: empty where a side does not have it."""
    if was is None or now is None:
        return [("added" if was is None else "removed", _due(was), _due(now))]
    found = [("reworded", was[0], now[0])] if was[0] != now[0] else []
    return [*found, ("due", _due(was), _due(now))] if was[1] != now[1] else found


def _due(one: tuple[str, date] | None) -> str:
    return f"due {formats.day(one[1])}" if one else ""


def _side(program: Program, side: Baseline | None) -> dict[Key, tuple[str, date]]:
    if side is None:
        return scope_of_now(program)
    rows = BaselineScope.objects.filter(program_id=program.pk, baseline_id=side.pk)
    return {
        (of, pk): (name, due_on)
        for of, pk, name, due_on in rows.values_list("deliverable_id", "requirement_id", "name", "due_on")
    }


def scope_of_now(program: Program) -> dict[Key, tuple[str, date]]:
    """Name (of a requirement: its text) and due day of all that stands: nothing of what was withdrawn."""
    stands = Deliverable.objects.filter(program_id=program.pk, withdrawn_at=None).order_by("pk")
    asked = Requirement.objects.filter(program_id=program.pk, deliverable__withdrawn_at=None).order_by("pk")
    found: dict[Key, tuple[str, date]] = {
        (pk, None): (name, due) for pk, name, due in stands.values_list("pk", "name", "due_on")
    }
    for of, pk, text, due in asked.values_list("deliverable_id", "pk", "text", "due_on"):
        found[of, pk] = (text, due)
    return found
