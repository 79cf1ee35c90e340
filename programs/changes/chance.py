"""How likely finish and cost are before and after a change: both plans simulated with the same random numbers.

What is made here is what a simulation of the plan would be made of, were the edits applied: an activity keeps its draws
(`programs.engine.random_numbers`), so that what differs is the change's doing and not chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from programs.changes.edits import Edit, Ref
from programs.changes.scratch import for_engine
from programs.changes.staffing import assignments
from programs.engine.edits import edited
from programs.engine.groups import with_group_links
from programs.portfolio.models import Program, Project
from programs.risk_analysis.inputs import NEW, Inputs, Named, gather
from programs.risk_analysis.models import Asked
from programs.schedule.inputs import Loaded
from programs.schedule.models import Activity

PLANNED, P50, P80, SURE = 6, 1, 2, 7
"""Places in a distribution as `programs.risk_analysis.stored` keeps it."""


def changed(program: Program, run: Asked, loaded: Loaded, edits: Sequence[Edit]) -> Inputs:
    """The inputs of the plan after the edits, from the plan that was loaded. Raises EditsRefused as `try_out`."""
    projects = list(Project.objects.filter(program_id=program.pk).order_by("position", "pk"))
    asked, refs = for_engine(loaded, projects, edits)
    gone = set(asked.removed)
    touching: dict[int, list[int]] = {i: [] for i in gone}
    for k, ends in enumerate(zip(loaded.given.predecessor, loaded.given.successor, strict=True)):
        for i in gone.intersection(ends):
            touching[i].append(k)
    change = edited(loaded.given, asked, touching)
    numbers, links = change.numbers()
    plan = change.compact()
    added = [one for one in edits if one["do"] == "add"]
    own: list[int] = [*loaded.project_of, *(one["project"] for one in added)]
    ids, new = _ids(refs, added)
    after = replace(
        loaded,
        plan=with_group_links(plan),
        given=plan,
        activity_ids=[pk for pk, at in zip(ids, numbers, strict=True) if at >= 0],
        project_of=[pk for pk, at in zip(own, numbers, strict=True) if at >= 0],
        link_ids=[pk for pk, at in zip(loaded.link_ids, links, strict=False) if at >= 0],
    )
    number = {one["key"]: pk for pk, one in zip(new, added, strict=True)}
    staff = [
        (number[ref] if isinstance(ref, str) else ref, resource, units)
        for ref, resource, units in assignments(program, edits, after=True)
    ]
    return gather(program, run, after, new, staff)


def _ids(refs: Sequence[Ref], added: Sequence[Edit]) -> tuple[list[int], dict[int, Named]]:
    """An id for each activity; those that do not exist yet get one, in the order in which they were proposed."""
    number = {one["key"]: NEW - at for at, one in enumerate(added)}
    new = {number[one["key"]]: Named(number[one["key"]], one["key"], one["to"]["name"]) for one in added}
    return [number[ref] if isinstance(ref, str) else ref for ref in refs], new


def own_ranges(edits: Sequence[Edit]) -> int:
    """How many changed durations are of activities with three points of their own, which stay as they are."""
    longer = [one["activity"] for one in edits if one["do"] == "change" and "duration_minutes" in one["to"]]
    ranged = Activity.objects.filter(
        pk__in=longer, optimistic_minutes__isnull=False, pessimistic_minutes__isnull=False
    )
    return int(ranged.count())


def compared(
    run: Asked,
    before: dict[str, Any],
    after: dict[str, Any],
    loaded: Loaded,
    codes: dict[int, str],
    currency: str,
) -> dict[str, Any]:
    """Both results side by side, as an impact holds figures: UTC text, working minutes, minor units, per mille.

    `before` and `after` are what `programs.risk_analysis.stored.to_json` gives; `codes` are those of the projects.
    """
    calendar = loaded.calendars.order[0]

    def dates(one: Sequence[float], two: Sequence[float], place: int) -> dict[str, Any]:
        early, late = int(one[place]), int(two[place])
        ahead = calendar.between(early, late) if late >= early else -calendar.between(late, early)
        stamps = [
            loaded.clock.instant(wall).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            for wall in (early, late)
        ]
        return {"before": stamps[0], "after": stamps[1], "minutes": ahead}

    def amounts(place: int) -> list[int]:
        return [round(one[place]) for one in costs]

    program = before["program"], after["program"]
    costs = [one for one in (before["cost"], after["cost"]) if one]
    own = {pk: numbers for pk, *numbers in before["projects"]}
    projects = [
        {"project": codes.get(pk, "?"), **dates(own[pk], numbers, P80)}
        for pk, *numbers in after["projects"]
        if pk in own and own[pk][P80] != numbers[P80]
    ]
    return {
        "iterations": run.iterations,
        "seed": run.seed,
        "distribution": run.distribution,
        "ranges": [run.low_percent, run.high_percent],
        "risks": len(run.risk_ids),
        "p50": dates(*program, P50),
        "p80": dates(*program, P80),
        "sure": [round(1000 * one[SURE]) for one in program],
        "projects": projects,
        "currency": currency,
        "cost": {"planned": amounts(PLANNED), "p50": amounts(P50), "p80": amounts(P80)}
        if len(costs) == 2
        else None,
        "curves": [[[int(at), round(1000 * share)] for at, share in one["curve"]] for one in (before, after)],
        "enough": bool(before["convergence"]["enough"] and after["convergence"]["enough"]),
        "notes": sorted({*before["notes"], *after["notes"]}),
    }
