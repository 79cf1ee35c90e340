"""What accepting a file would do: row by row created, changed (from what to what), left as it is, or only here."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from pmo import formats
from pmo.money import exponent
from pmo.zones import zone
from programs.portfolio.models import Program

from . import rows
from .draft import SUMMARY, Draft
from .gone import Gone
from .links_changed import follow_types
from .network import progress_of
from .origin import Origin
from .rows import Key, Present, Row, Tables
from .wanted import wanted

SHOWN = 100
"""Rows of each list that are named; the rest are counted."""

_MINUTES = {
    "duration_minutes",
    "optimistic_minutes",
    "likely_minutes",
    "pessimistic_minutes",
    "remaining_minutes",
    "actual_minutes",
}
_MONEY = {"fixed_cost", "start_cost", "spread_cost", "cost_per_use", "cost_per_hour"}
_NAMES = {
    "wbs": "WBS",
    "duration_minutes": "duration",
    "constraint_at": "constraint date",
    "deadline_at": "deadline",
    "optimistic_minutes": "optimistic",
    "likely_minutes": "most likely",
    "pessimistic_minutes": "pessimistic",
    "remaining_minutes": "remaining",
    "actual_minutes": "actual duration",
    "starts_at": "start",
    "finishes_at": "finish",
    "status_at": "status date",
    "at": "date",
}


@dataclass(slots=True)
class Side:
    """One kind of row. `changed` holds only the fields that differ, each with its value here and in the file."""

    created: list[Key] = field(default_factory=list)
    changed: dict[Key, dict[str, tuple[Any, Any]]] = field(default_factory=dict)
    unchanged: int = 0
    kept: list[Key] = field(default_factory=list)

    @property
    def work(self) -> int:
        """Rows that acceptance would write."""
        return len(self.created) + len(self.changed)


@dataclass(slots=True)
class Comparison:
    """The file's rows, the rows here, and kind by kind how they differ."""

    tables: Tables
    here: Present
    sides: dict[str, Side]
    gone: list[Gone] = field(default_factory=list)
    """Rows to be taken out, as who accepts has chosen; empty in a dry run."""

    @property
    def nothing(self) -> bool:
        """Whether the plan already is as the file has it."""
        return not any(side.work for side in self.sides.values())


def compare(draft: Draft, program: Program, here: Present, origin: Origin) -> Comparison:
    """Lay a draft without blocking problems beside the plan that is here.

    What is only here is kept, unless who accepts wants it gone (`missing`). `here` gets the file's types of links.
    """
    tables = wanted(draft, program, here)
    follow_types(tables, here, origin)
    return Comparison(tables, here, {kind: _side(tables[kind], here.tables[kind]) for kind in rows.KINDS})


def _side(file: dict[Key, Row], here: dict[Key, Row]) -> Side:
    side = Side(kept=[key for key in here if key not in file])
    for key, row in file.items():
        known = here.get(key)
        if known is None:
            side.created.append(key)
            continue
        differs = {name: (known[name], value) for name, value in row.items() if known[name] != value}
        if differs:
            side.changed[key] = differs
        else:
            side.unchanged += 1
    return side


def described(comparison: Comparison, draft: Draft, program: Program) -> dict[str, Any]:
    """The comparison in words and numbers, as JSON: what the dry run stores and shows."""
    show = shower(program)
    kinds = []
    for kind in rows.KINDS:
        side, file, here = comparison.sides[kind], comparison.tables[kind], comparison.here.tables[kind]
        taken = {one.key for one in comparison.gone if one.kind == kind}
        kept = [key for key in side.kept if key not in taken]
        if not (side.work or side.unchanged or side.kept):
            continue
        one, many = rows.WORDS[kind]
        kinds.append(
            {
                "kind": kind,
                "one": one,
                "many": many,
                "created": len(side.created),
                "changed": len(side.changed),
                "unchanged": side.unchanged,
                "taken": len(taken),
                "kept": len(kept),
                "names_created": [rows.label(kind, key, file[key]) for key in side.created[:SHOWN]],
                "names_kept": [rows.label(kind, key, here[key]) for key in kept[:SHOWN]],
                "rows_changed": [
                    {
                        "name": rows.label(kind, key, file[key]),
                        "fields": [
                            {
                                "field": field_name(name),
                                "before": show(name, before),
                                "after": show(name, after),
                            }
                            for name, (before, after) in differs.items()
                        ],
                    }
                    for key, differs in list(side.changed.items())[:SHOWN]
                ],
            }
        )
    return {
        "plan_version": program.plan_version,
        "nothing": comparison.nothing,
        "kinds": kinds,
        "baseline": _baseline_sentence(comparison),
        "other_projects": comparison.here.other_projects,
        "left_out": left_out(draft, program),
    }


def _baseline_sentence(comparison: Comparison) -> str:
    side, known = comparison.sides[rows.BASELINE], comparison.here.baseline
    if not side.work:
        return ""
    if known is None:
        return "The file's baseline becomes B1, imported and said so everywhere."
    number, origin = known
    if origin == "approved":
        return (
            f"Baseline B{number} was approved by a decision and stays the current one; "
            "the file's baseline is kept beside it."
        )
    return f"The file's baseline follows B{number}, also imported, as the current one; B{number} is kept."


def left_out(draft: Draft, program: Program) -> list[str]:
    """What the file says and the plan has no place for: nothing is dropped in silence."""
    counted = formats.counted
    found = [
        (
            sum(a.priority not in (None, 500) for a in draft.activities),
            "priority of an activity",
            "priorities of activities",
        ),
        (sum(bool(r.email) for r in draft.resources), "e-mail address", "e-mail addresses of resources"),
        (
            sum(bool(r.calendar) for r in draft.resources),
            "calendar of a resource",
            "calendars of resources",
        ),
        (sum(a.effort is not None for a in draft.assignments), "effort", "efforts of assignments"),
        (
            sum(bool(p.manager) for p in draft.projects),
            "name of a project manager (choose the person on the project's page)",
            "names of project managers (choose the persons on the projects' pages)",
        ),
        (
            len({(b.number) for b in draft.baselines}),
            "further baseline",
            "further baselines (only the first set of each activity is read)",
        ),
    ]
    sentences = [counted(number, one, many) for number, one, many in found if number]
    if draft.program.time_zone and draft.program.time_zone != program.time_zone:
        sentences.append(
            f"the time zone {draft.program.time_zone}: times are read on this program's clock, {program.time_zone}"
        )
    sentences += _of_primavera(draft, program)
    return [*sentences, *draft.dropped, *(f"{name}: not understood" for name in draft.unknown)]


def _of_primavera(draft: Draft, program: Program) -> list[str]:
    """What Primavera schedules by and this program does not: dates can differ by these rules after acceptance."""
    sentences = []
    if draft.seconds:
        sentences.append(
            formats.counted(
                len(draft.seconds),
                "second constraint (the later half of a start-on, or a secondary one)",
                "second constraints (the later halves of start-on, or secondary ones)",
            )
        )
    bound = sum(one.must_finish_by is not None for one in draft.settings)
    if bound:
        sentences.append(
            formats.counted(bound, "must-finish-by date of a project", "must-finish-by dates of projects")
            + ": floats run to the computed finish instead"
        )
    if draft.settings and progress_of(draft) != program.progress_rule:
        names = {"retained_logic": "retained logic", "progress_override": "progress override"}
        sentences.append(
            f"the file's rule for progress, {names[progress_of(draft)]}: this program's is "
            f"{program.get_progress_rule_display().lower()}"
        )
    return sentences


def shower(program: Program) -> Callable[[str, Any], str]:
    """A function (field, value) -> text on the program's clock, in its currency, with units."""
    where = zone(program.time_zone)

    def show(name: str, value: Any) -> str:
        if value is None or value == "":
            return "—"
        if isinstance(value, datetime):
            return f"{value.astimezone(where):%Y-%m-%d %H:%M}"
        if name in _MINUTES:
            return f"{Decimal(value) / 60:.2f}".rstrip("0").rstrip(".") + " h"
        if name in _MONEY:
            major = Decimal(value).scaleb(-exponent(program.currency)).normalize()
            return f"{major:,f} {program.currency}"
        if name == "percent_complete":
            return f"{value:.2f} %"
        if name == "week":
            return " · ".join(_shifts(day) for day in value)
        if name == "shifts":
            return _shifts(value)
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        return str(value)[:120]

    return show


def field_name(name: str) -> str:
    """What a field is called in a list for people."""
    return _NAMES.get(name, name.replace("_", " "))


def _shifts(day: list[list[int]]) -> str:
    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    return " ".join(f"{clock(start)}-{clock(to)}" for start, to in day) or "off"


def summaries_with_others(draft: Draft, here: Present, gone: Collection[Key]) -> list[Key]:
    """Activities that are no summary in the file but hold, here, activities that the file does not have.

    `gone`: keys of activities that leave with the acceptance.
    """
    kinds = {(a.project, a.code): a.kind for a in draft.activities}
    found = {
        (key[0], row["parent"])
        for key, row in here.tables[rows.ACTIVITY].items()
        if row["parent"] and key not in kinds and key not in gone
    }
    return sorted(key for key in found if kinds.get(key, SUMMARY) != SUMMARY)
