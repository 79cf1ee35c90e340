"""Edits to a plan: what a what-if changes, and the plan that comes of it.

While a what-if is worked out, everything keeps its number: activities and links that were taken out stay behind
as ghosts that take part in nothing, added ones come behind the plan's own. `Edited.compact` gives the plan as it
would be written down.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

from programs.engine.checks import validate
from programs.engine.ghosts import numbering, without
from programs.engine.plan import Kind, LagUnit, LinkKind, Plan, Project


class ActivityFields(TypedDict, total=False):
    """What may be changed about an activity: the columns of `Plan` by name, wall minutes and working minutes."""

    calendar: int
    duration: int
    constraint: int
    constraint_date: int | None
    second_constraint: int
    second_constraint_date: int | None
    deadline: int | None
    actual_start: int | None
    actual_finish: int | None
    remaining: int | None


class NewActivity(ActivityFields, total=False):
    """An activity to add; what is left out is a task of no length on the first calendar of the first project."""

    project: int
    kind: int
    parent: int


class LinkFields(TypedDict, total=False):
    """What may be changed about a link."""

    link_kind: int
    lag: int
    lag_unit: int


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to add; its ends may be activities that are added along with it."""

    predecessor: int
    successor: int
    link_kind: int = LinkKind.FINISH_START
    lag: int = 0
    lag_unit: int = LagUnit.WORKING


@dataclass(frozen=True, slots=True)
class Edits:
    """A batch of changes to a plan of `n` activities and `m` links, all of them at once.

    Numbers are those of the plan; the first added activity is number `n`, the first added link number `m`. The
    links of a removed activity go with it; what lay under a removed summary lies under the one above it.
    """

    activities: Mapping[int, ActivityFields] = field(default_factory=dict)
    added: Sequence[NewActivity] = ()
    removed: Collection[int] = ()
    links: Mapping[int, LinkFields] = field(default_factory=dict)
    added_links: Sequence[NewLink] = ()
    removed_links: Collection[int] = ()
    projects: Mapping[int, Project] = field(default_factory=dict)
    """Per project, its whole new frame: start, status date, must finish by and so on."""


class EditsRefused(ValueError):
    """Edits that make no sense; `problems` says why, a sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


_USUAL: dict[str, Any] = {
    "calendar": 0,
    "duration": 0,
    "project": 0,
    "kind": int(Kind.TASK),
    "parent": -1,
    "constraint": 0,
    "constraint_date": None,
    "second_constraint": 0,
    "second_constraint_date": None,
    "deadline": None,
    "actual_start": None,
    "actual_finish": None,
    "remaining": None,
}
"""Per column of activities, what an empty one means."""
_USUAL_LINK: dict[str, int] = {
    "link_kind": int(LinkKind.FINISH_START),
    "lag": 0,
    "lag_unit": int(LagUnit.WORKING),
}
_NO_GHOST = ("kind", "parent", "constraint", "second_constraint", "deadline", "actual_start", "actual_finish")


@dataclass(frozen=True, slots=True)
class Edited:
    """A plan after edits, with ghosts in the place of what was taken out."""

    plan: Plan
    gone: frozenset[int]
    """Activities taken out: tasks without links, dates or constraints, under nothing."""
    cut: frozenset[int]
    """Links taken out, those of the activities gone among them: they lead from an activity to itself."""

    def numbers(self) -> tuple[list[int], list[int]]:
        """Per activity and per link of `plan`, its number in `compact()`; -1 for ghosts."""
        return numbering(len(self.plan.duration), self.gone), numbering(len(self.plan.predecessor), self.cut)

    def compact(self) -> Plan:
        """The plan without ghosts; the same object where there are none. Linear in activities and links."""
        plan = self.plan
        if not self.gone and not self.cut:
            return plan
        gone, cut = sorted(self.gone), sorted(self.cut)
        number = [*numbering(len(plan.duration), gone), -1]  # the last for "under nothing"
        columns: dict[str, Any] = {
            name: without(column, gone) for name in _USUAL if (column := getattr(plan, name))
        }
        columns |= {name: without(column, cut) for name in _USUAL_LINK if (column := getattr(plan, name))}
        columns |= {
            name: [number[i] for i in without(getattr(plan, name), cut)]
            for name in ("predecessor", "successor")
        }
        if plan.parent:
            columns["parent"] = [number[i] for i in columns["parent"]]
        return replace(plan, **columns)


def edited(plan: Plan, edits: Edits, touching: Mapping[int, Collection[int]]) -> Edited:
    """The plan after the edits; the given one is untouched.

    `touching` holds the links of each removed activity. Copies the columns that change and no others. Raises
    `EditsRefused` for numbers that are not in the plan, edits of what is removed, and values that `validate` would
    not take; problems that the plan had before are not the edits'.
    """
    _refuse_numbers(plan, edits)
    gone = frozenset(edits.removed)
    cut = frozenset(edits.removed_links).union(*[touching[i] for i in gone])
    columns: dict[str, Any] = {}
    rows: dict[int, Mapping[str, Any]] = dict(edits.activities)
    for offset, new in enumerate(edits.added):
        rows[len(plan.duration) + offset] = {**_USUAL, **new}
    for i in gone:
        rows[i] = {name: _USUAL[name] for name in _NO_GHOST}
    if gone and plan.parent:
        for i, above in enumerate(plan.parent):
            if above in gone and i not in gone:
                while above in gone:
                    above = plan.parent[above]
                rows[i] = {**rows.get(i, {}), "parent": above}
    _write(plan, columns, _USUAL, rows, len(edits.added))
    ties: dict[int, Mapping[str, Any]] = dict(edits.links)
    for offset, link in enumerate(edits.added_links):
        ties[len(plan.predecessor) + offset] = {name: getattr(link, name) for name in _USUAL_LINK}
    _write(plan, columns, _USUAL_LINK, ties, len(edits.added_links))
    if edits.added_links or cut:
        columns["predecessor"] = [*plan.predecessor, *[link.predecessor for link in edits.added_links]]
        columns["successor"] = successor = [*plan.successor, *[link.successor for link in edits.added_links]]
        for k in cut:
            successor[k] = columns["predecessor"][k]
    if edits.projects:
        columns["projects"] = [edits.projects.get(p, frame) for p, frame in enumerate(plan.projects)]
    changed = replace(plan, **columns)
    _refuse_values(plan, changed, edits, cut)
    return Edited(changed, gone, cut)


def _write(
    plan: Plan,
    columns: dict[str, Any],
    usual: Mapping[str, Any],
    rows: Mapping[int, Mapping[str, Any]],
    more: int,
) -> None:
    """Copy each column in which a row says something, or that grows, and write into the copy.

    A column that the plan leaves out is made only where something other than its usual value is written.
    """
    size = len(plan.duration if usual is _USUAL else plan.predecessor)
    for name, value in usual.items():
        column = getattr(plan, name)
        given = {i: row[name] for i, row in rows.items() if name in row}
        left_out = not column and (size or name not in ("calendar", "duration"))
        if left_out and all(v == value for v in given.values()):
            continue
        if not given and not more:
            continue
        columns[name] = copy = [*(column or [value] * size), *[value] * more]
        for i, v in given.items():
            copy[i] = v


def _refuse_numbers(plan: Plan, edits: Edits) -> None:
    count, links = len(plan.duration), len(plan.predecessor)
    total = count + len(edits.added)
    gone, problems = set(edits.removed), []
    for what, numbers, size in (
        ("activity", [*edits.activities, *edits.removed], count),
        ("link", [*edits.links, *edits.removed_links], links),
        ("project", edits.projects, len(plan.projects)),
    ):
        problems += [f"there is no {what} {i} to change" for i in numbers if not 0 <= i < size]
    problems += [f"activity {i} is both changed and removed" for i in edits.activities if i in gone]
    problems += [
        f"link {k} is both changed and removed" for k in edits.links if k in set(edits.removed_links)
    ]
    for offset, link in enumerate(edits.added_links):
        for i in (link.predecessor, link.successor):
            if not 0 <= i < total or i in gone:
                problems.append(f"link {links + offset}: there is no activity {i}")
    for offset, new in enumerate(edits.added):
        above = new.get("parent", -1)
        if above >= count + offset or above < -1 or above in gone:
            problems.append(f"activity {count + offset}: there is no activity {above} to lie under")
    for kind, allowed, given in (
        ("an activity", ActivityFields.__annotations__, edits.activities.values()),
        ("a new activity", NewActivity.__annotations__, edits.added),
        ("a link", LinkFields.__annotations__, edits.links.values()),
    ):
        problems += [
            f"{name} is nothing that {kind} has" for row in given for name in row if name not in allowed
        ]
    if problems:
        raise EditsRefused(problems)


def _refuse_values(plan: Plan, changed: Plan, edits: Edits, cut: frozenset[int]) -> None:
    """What `validate` says about the edited activities and links that it did not say about them before."""
    count, links = len(plan.duration), len(plan.predecessor)
    who = {*edits.activities, *range(count, len(changed.duration))}
    above = {new["parent"] for new in edits.added if new.get("parent", -1) >= 0}
    if edits.projects:
        project = plan.project or bytes(count)
        gone = set(edits.removed)
        who.update(i for i in range(count) if project[i] in edits.projects and i not in gone)
    ties = [*(k for k in edits.links if k not in cut), *range(links, len(changed.predecessor))]
    who |= above | {changed.predecessor[k] for k in ties} | {changed.successor[k] for k in ties}
    told = _told(plan, sorted(i for i in who if i < count), sorted(edits.links))
    problems = [text for text in _told(changed, sorted(who), sorted(ties)) if text not in set(told)]
    if problems:
        raise EditsRefused(problems)


def _told(plan: Plan, who: list[int], ties: list[int]) -> list[str]:
    """What `validate` says of some activities and links alone, under their own numbers."""
    number = {i: at for at, i in enumerate(who)}
    few: dict[str, Any] = {
        name: [column[i] for i in who] for name in _USUAL if (column := getattr(plan, name))
    }
    few |= {name: [column[k] for k in ties] for name in _USUAL_LINK if (column := getattr(plan, name))}
    if plan.parent:
        few["parent"] = [number.get(i, -1) for i in few["parent"]]
    for name in ("predecessor", "successor"):
        few[name] = [number.get(getattr(plan, name)[k], -1) for k in ties]
    said = validate(
        Plan(**dict.fromkeys(_USUAL, ()) | few | {"calendars": plan.calendars, "projects": plan.projects})
    )

    def own(match: re.Match[str]) -> str:
        numbers = who if match[1] == "activity" else ties
        return f"{match[1]} {numbers[int(match[2])]}"

    return [re.sub(r"\b(activity|link) (\d+)\b", own, text) for text in said]
