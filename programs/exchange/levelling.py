"""A draft's resources as whole numbers: what levelling of a plan file counts with, and what it cannot count."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from math import gcd

from .draft import LEVEL_OF_EFFORT, SUMMARY, Draft
from .network import Key

MATERIAL = "material"
_PARTS = 10_000
"""Units have four decimals."""


@dataclass(slots=True)
class Supply:
    """Who is needed where, in whole parts of each resource's own choosing."""

    names: list[Key] = field(default_factory=list)
    """Per resource, its project's code (empty: the program's) and its own."""
    capacity: list[list[tuple[int, int]]] = field(default_factory=list)
    demand: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """Per activity of the draft, resource and amount."""
    notes: list[str] = field(default_factory=list)
    """What was passed over or counted differently, a sentence each."""


def supply_of(draft: Draft) -> Supply:
    """Assignments of persons, roles and machines against the units available, which are the same at all times.

    Material, fixed quantities and what has no units available is not levelled; who needs more than there is gets
    all there is. Both are said.
    """
    supply = Supply()
    given = {(one.project, one.code): one.availability for one in draft.resources if one.kind != MATERIAL}
    without = [key for key, units in given.items() if units <= 0]
    places = {(one.project, one.code): at for at, one in enumerate(draft.activities)}
    passed_over = {at for at, one in enumerate(draft.activities) if one.kind in (SUMMARY, LEVEL_OF_EFFORT)}
    wanted: dict[Key, list[tuple[int, int]]] = {}
    too_much: list[str] = []
    unplaced = 0
    for one in draft.assignments:
        resource, at = (one.resource_project, one.resource), places[one.project, one.activity]
        if one.fixed_quantity or resource not in given or resource in without:
            continue
        if at in passed_over:
            unplaced += 1
            continue
        units = min(one.units, given[resource])
        if units < one.units:
            too_much.append(
                f"{one.project} {one.activity} needs {_said(one.units)} of {_named(resource)}, of which there is "
                f"{_said(given[resource])}: it gets all of it."
            )
        wanted.setdefault(resource, []).append((at, _parts(units)))
    for resource, rows in wanted.items():
        whole = _parts(given[resource])
        unit = gcd(whole, *(amount for _, amount in rows)) or 1
        for at, amount in rows:
            supply.demand.setdefault(at, []).append((len(supply.names), amount // unit))
        supply.names.append(resource)
        supply.capacity.append([(0, whole // unit)])
    _tell(supply, [_named(key) for key in without], unplaced, too_much)
    return supply


def _tell(supply: Supply, without: list[str], unplaced: int, too_much: list[str]) -> None:
    if without:
        supply.notes.append(f"Without available units, so not levelled: {', '.join(sorted(without))}.")
    if unplaced:
        supply.notes.append(
            f"Not levelled: {unplaced:,} assignments to summaries and levels of effort, which last as long as "
            "other work does."
        )
    supply.notes += too_much


def _parts(units: Decimal) -> int:
    return max(1, round(units * _PARTS))


def _said(units: Decimal) -> str:
    return f"{units.normalize():f}"


def _named(resource: Key) -> str:
    return resource[1]
