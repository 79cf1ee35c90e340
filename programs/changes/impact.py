"""What edits do to a plan, in plain figures: what a request shows, and what a ballot is held on.

All of it is text, integers, lists and mappings of them, so that it has one canonical form. Instants are UTC text,
lengths working minutes of the program's calendar, bars of the two Gantts wall minutes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from programs.changes import reach
from programs.changes.edits import Edit, Ref, activities_in
from programs.changes.scratch import Tried
from programs.engine import Kind
from programs.portfolio.models import Program
from programs.schedule.models import Activity

LISTED = 100
"""Milestones, and activities that join or leave the critical path, that are named; the counts are of all."""
BARS = 60
"""Activities drawn before and after; the others are counted."""


def canonical(value: dict[str, Any]) -> bytes:
    """JSON with sorted keys and no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def measured(program: Program, edits: Sequence[Edit], tried: Tried) -> dict[str, Any]:
    """The impact of edits that were tried out. Seven queries more: names, gates, assignments, resources."""
    found, calendar = tried.difference, tried.loaded.calendars.order[0]
    day = tried.loaded.calendars.day_minutes()

    def minutes(pair: tuple[int, int]) -> int:
        """Working minutes from the one to the other, negative for earlier."""
        early, late = pair
        return calendar.between(early, late) if late >= early else -calendar.between(late, early)

    def stamp(wall: int) -> str:
        return tried.loaded.clock.instant(wall).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    finishes = {
        p: (found.before.project_finish[p], found.after.project_finish[p]) for p in found.project_finish
    }
    slip = max([minutes(found.finish), *map(minutes, finishes.values())])
    shown = _shown(tried, edits)
    concerned = {
        *found.milestones_moved[:LISTED], *found.became_critical[:LISTED], *found.no_longer_critical[:LISTED], *shown
    }  # fmt: skip
    crossing = reach.interfaces(tried)
    concerned |= {i for link in crossing[: reach.LISTED] for i in link}
    names = _names(tried, edits, concerned)
    # A link of a group makes points of its own in `project_finish`; programs without projects have one of no code.
    codes = [project.code for project in tried.projects]
    return {
        "edits": len(edits),
        "day_minutes": day,
        "finish": [stamp(found.finish[0]), stamp(found.finish[1])],
        "finish_minutes": minutes(found.finish),
        "slip_minutes": slip,
        "slip_days": max(0, -(-slip // day)),
        "projects": [
            {"project": codes[p], "before": stamp(a), "after": stamp(b), "minutes": minutes((a, b))}
            for p, (a, b) in finishes.items()
        ],
        "milestones": [
            {
                "label": names[i],
                "before": stamp(change.before.early_finish),
                "after": stamp(change.after.early_finish),
                "minutes": minutes((change.before.early_finish, change.after.early_finish)),
            }
            for i in found.milestones_moved[:LISTED]
            if (change := found.change(i)).before is not None and change.after is not None
        ],
        "milestones_moved": len(found.milestones_moved),
        "moved": len(found.moved),
        "critical_joined": [names[i] for i in found.became_critical[:LISTED]],
        "critical_joined_count": len(found.became_critical),
        "critical_left": [names[i] for i in found.no_longer_critical[:LISTED]],
        "critical_left_count": len(found.no_longer_critical),
        "least_float": [_least(tried, before=True), _least(tried, before=False)],
        "float_less": sum(1 for i in found.floats_changed if _float_gain(tried, i) < 0),
        "float_more": sum(1 for i in found.floats_changed if _float_gain(tried, i) > 0),
        "findings_new": sorted({one.kind.value for one in found.new_findings}),
        "findings_gone": sorted({one.kind.value for one in found.gone_findings}),
        "gates": reach.gates(program, tried, stamp, minutes),
        "interfaces": [f"{names[a]} → {names[b]}" for a, b in crossing[: reach.LISTED]],
        "interfaces_moved": len(crossing),
        "loads": reach.loads(program, tried, edits),
        "labour": reach.labour(program, tried, edits),
        "currency": program.currency,
        "bars": [[names[i], *_bar(tried, i)] for i in shown],
        "bars_left_out": max(0, len({*found.moved, *found.added, *found.removed}) - len(shown)),
    }


def _float_gain(tried: Tried, i: int) -> int:
    change = tried.difference.change(i)
    if change.before is None or change.after is None:
        return 0
    return change.after.total_float - change.before.total_float


def _least(tried: Tried, *, before: bool) -> int:
    """The least total float of the plan (working minutes of the activity's calendar), summaries left out."""
    found = tried.difference
    result = found.before if before else found.after
    kinds = tried.plan.kind
    own: list[int] = []
    for i, number in enumerate(found.numbers):
        if (kinds and kinds[i] == Kind.SUMMARY) or (before and i >= len(found.before.early_start)):
            continue
        place = i if before else number
        if place >= 0:
            own.append(result.total_float[place])
    return min(own, default=0)


def _shown(tried: Tried, edits: Sequence[Edit]) -> list[int]:
    """The activities to draw: those edited, added and removed, then those that move furthest; by project."""
    found, number = tried.difference, {ref: i for i, ref in enumerate(tried.refs)}
    chosen = dict.fromkeys(
        [*(number[pk] for pk in sorted(activities_in(edits))), *found.added, *found.removed]
    )
    kinds, projects = tried.plan.kind, tried.plan.project
    leaves = [i for i in found.moved if not kinds or kinds[i] != Kind.SUMMARY]
    for i in sorted(leaves, key=lambda i: (-_shift(tried, i), i)):
        chosen.setdefault(i)
    return sorted(list(chosen)[:BARS], key=lambda i: (projects[i] if projects else 0, i))


def _shift(tried: Tried, i: int) -> int:
    """How far an activity moves (wall minutes), by whichever of its ends moves more."""
    change = tried.difference.change(i)
    if change.before is None or change.after is None:
        return 0
    one, two = change.before, change.after
    return max(abs(two.early_start - one.early_start), abs(two.early_finish - one.early_finish))


def _bar(tried: Tried, i: int) -> list[Any]:
    """Kind, then start, finish and criticality before and after (None where it is not in the plan)."""
    change, kinds = tried.difference.change(i), tried.plan.kind
    point = not tried.plan.duration[i] or (
        kinds and kinds[i] in (Kind.START_MILESTONE, Kind.FINISH_MILESTONE)
    )
    if change.after is None:  # a ghost has no kind of its own left
        original = tried.loaded.given
        point = not original.duration[i]
    bar: list[Any] = ["milestone" if point else "task"]
    for stand in (change.before, change.after):
        bar += [None] * 3 if stand is None else [stand.early_start, stand.early_finish, stand.critical]
    return bar


def _names(tried: Tried, edits: Sequence[Edit], concerned: set[int]) -> dict[int, str]:
    refs: dict[int, Ref] = {i: tried.refs[i] for i in concerned}
    ids = [ref for ref in refs.values() if isinstance(ref, int)]
    known: dict[Ref, str] = {
        pk: f"{project}/{code} {name}"
        for pk, project, code, name in Activity.objects.filter(pk__in=ids).values_list(
            "pk", "project__code", "code", "name"
        )
    }
    known |= {one["key"]: f"{one['key']} {one['to']['name']}" for one in edits if one["do"] == "add"}
    return {i: known[ref] for i, ref in refs.items()}
