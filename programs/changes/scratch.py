"""Edits tried out on a copy of the plan: nothing is written, the plan itself is never touched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pmo.refusals import Refused
from programs.changes.edits import Edit, Ref
from programs.engine import (
    BeyondCalendar,
    CycleFound,
    Difference,
    Edits,
    EditsRefused,
    Kind,
    NewLink,
    Plan,
    Schedule,
    Scheduled,
    difference,
    schedule,
    what_if,
)
from programs.engine.edits import edited
from programs.engine.groups import with_group_links
from programs.portfolio.models import Program, Project
from programs.schedule.inputs import CONSTRAINTS, KINDS, LAG_UNITS, LINKS, Loaded, load
from programs.schedule.models import Activity
from programs.schedule.uncollected import uncollected

_FIELDS = {"duration_minutes": "duration", "constraint_at": "constraint_date", "deadline_at": "deadline"}
_COLUMNS = (
    "early_start", "early_finish", "late_start", "late_finish", "remaining_start", "total_float", "free_float",
    "interfering_float", "why", "driver", "on_longest_path", "critical",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tried:
    """A plan before and after edits. One numbering: the plan's own activities and links, new ones behind."""

    loaded: Loaded
    difference: Difference
    plan: Plan
    """After the edits; what was taken out is a ghost in it."""
    refs: list[Ref]
    """Per activity, its id, or the key of a new one."""
    projects: list[Project]

    def place(self, ref: Ref) -> int:
        """The number of an activity."""
        return self.refs.index(ref)


def try_out(program: Program, edits: Sequence[Edit]) -> Tried:
    """Schedule the plan and the plan after the edits. Eight queries, whatever the size.

    Raises Refused for edits that make no sense, for a circle (with its path) and for dates beyond a century.
    """
    with uncollected():
        loaded = load(program)
        projects = list(Project.objects.filter(program_id=program.pk).order_by("position", "pk"))
        asked, refs = for_engine(loaded, projects, edits)
        try:
            found, plan = _tried(loaded, asked)
        except CycleFound as circle:
            raise _circle(circle, refs) from circle
        except BeyondCalendar as beyond:
            raise Refused("This would move work more than a century away.") from beyond
        except EditsRefused as refused:
            raise Refused(_with_codes(refused.problems[0], refs)) from refused
    return Tried(loaded, found, plan, refs, projects)


def _tried(loaded: Loaded, asked: Edits) -> tuple[Difference, Plan]:
    plan = loaded.given
    groups = bool(plan.kind) and any(
        plan.kind[end] == Kind.SUMMARY
        for link in asked.added_links
        for end in (link.predecessor, link.successor)
        if end < len(plan.duration)
    )
    if loaded.plan is plan and not groups:
        answer = what_if(Scheduled.of(plan, loaded.rules), asked)
        return answer.difference, answer.edited.plan
    # A link of a group is carried to what is in it, and what is in it may be edited: both plans are made anew.
    touching = {
        i: [
            k
            for k, ends in enumerate(zip(plan.predecessor, plan.successor, strict=True))
            if i in ends
        ]
        for i in asked.removed
    }  # fmt: skip
    change = edited(plan, asked, touching)
    after_plan = change.compact()
    numbers, links = change.numbers()
    before = _own(schedule(loaded.plan, loaded.rules), plan)
    after = _own(schedule(with_group_links(after_plan), loaded.rules), after_plan)
    found = difference(
        before, after, numbers=numbers, links=links, kind=change.plan.kind, duration=change.plan.duration
    )
    return found, change.plan


def _own(result: Schedule, plan: Plan) -> Schedule:
    """A schedule without the points that carry links of groups."""
    own, links = len(plan.duration), len(plan.predecessor)
    columns: dict[str, Any] = {name: getattr(result, name)[:own] for name in _COLUMNS}
    findings = [one for one in result.findings if one.activity < own and one.link < links]
    return replace(result, **columns, driving=result.driving[:links], findings=findings)


def for_engine(loaded: Loaded, projects: Sequence[Project], edits: Sequence[Edit]) -> tuple[Edits, list[Ref]]:
    """The edits in the engine's numbers, and what its numbers stand for."""
    at = {project.pk: position for position, project in enumerate(projects)}
    refs: list[Ref] = [*loaded.activity_ids, *(one["key"] for one in edits if one["do"] == "add")]
    number = {ref: i for i, ref in enumerate(refs)}
    link_number = {pk: k for k, pk in enumerate(loaded.link_ids)}

    def values(to: Mapping[str, Any], project_id: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in to.items():
            if name in ("name", "kind", "code"):
                continue
            if name == "calendar":
                own = projects[at[project_id]].calendar_id if value is None else value
                found["calendar"] = loaded.calendars.index.get(own, 0)
            elif name == "constraint":
                found["constraint"] = CONSTRAINTS[value]
            elif name in ("constraint_at", "deadline_at"):
                moment = datetime.fromisoformat(value) if value else None
                found[_FIELDS[name]] = loaded.clock.wall_or_none(moment)
            else:
                found[_FIELDS[name]] = value
        return found

    changes: dict[int, Any] = {}
    added: list[Any] = []
    links: dict[int, Any] = {}
    new_links: list[NewLink] = []
    for one in edits:
        match one["do"]:
            case "change":
                i = number[one["activity"]]
                changes[i] = values(one["to"], loaded.project_of[i])
            case "add":
                added.append(
                    {
                        "calendar": 0,
                        **values({"calendar": None} | one["to"], one["project"]),
                        "project": at[one["project"]],
                        "kind": KINDS[one["to"]["kind"]],
                    }
                )
            case "relink":
                links[link_number[one["link"]]] = _link_values(one["to"])
            case "link":
                ends = number[one["predecessor"]], number[one["successor"]]
                new_links.append(NewLink(*ends, **_link_values(one)))
    return (
        Edits(
            activities={i: to for i, to in changes.items() if to},
            added=added,
            removed=[number[one["activity"]] for one in edits if one["do"] == "remove"],
            links=links,
            added_links=new_links,
            removed_links=[link_number[one["link"]] for one in edits if one["do"] == "unlink"],
        ),
        refs,
    )


def _link_values(to: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "kind" in to:
        found["link_kind"] = LINKS[to["kind"]]
    if "lag" in to:
        found["lag"] = to["lag"]
    if "lag_unit" in to:
        found["lag_unit"] = LAG_UNITS[to["lag_unit"]]
    return found


def codes_of(refs: Sequence[Ref]) -> dict[Ref, str]:
    """Per activity `PROJECT/CODE`: one query."""
    ids = [ref for ref in refs if isinstance(ref, int)]
    found: dict[Ref, str] = {
        pk: f"{project}/{code}"
        for pk, project, code in Activity.objects.filter(pk__in=ids).values_list(
            "pk", "project__code", "code"
        )
    }
    return found | {ref: ref for ref in refs if isinstance(ref, str)}


def _circle(circle: CycleFound, refs: Sequence[Ref]) -> Refused:
    path = [refs[i] for i in circle.path if i < len(refs)]
    codes = codes_of(path)
    told = " → ".join(codes.get(ref, "?") for ref in path)
    return Refused(f"These activities would wait for each other: {told}.", code="cycle")


def _with_codes(text: str, refs: Sequence[Ref]) -> str:
    """The engine's sentence, with codes in the place of its numbers."""
    found = re.search(r"\bactivity (\d+)\b", text)
    if found is None or int(found[1]) >= len(refs):
        return text[:1].upper() + text[1:] + "."
    ref = refs[int(found[1])]
    return re.sub(r"\bactivity \d+\b", codes_of([ref]).get(ref, "an activity"), text, count=1) + "."
