"""Dates of what takes no part in the passes: levels of effort span other work, summaries hold it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

from programs.engine.network import CycleFound, topological_order
from programs.engine.plan import Kind, Plan
from programs.engine.result import Finding, FindingKind, Schedule, Why


class HasBase(Protocol):
    """What this needs of a layout."""

    @property
    def base(self) -> Sequence[int]:
        """Per activity, its project's start (or status date) in work on its calendar."""


def roll_up(plan: Plan, layout: HasBase, result: Schedule) -> list[Finding]:
    """Fill in the dates and floats of levels of effort and then of summaries, in place; tell of those without any.

    A level of effort lasts from the earliest of the events linked to its start to the latest of those linked
    to its finish; where only one side is linked, the events of that side give both. A summary lasts from the
    first start to the last finish under it, is on the path when anything under it is, and has the least free
    float below it.
    """
    found: list[Finding] = []
    efforts = _of(Kind.LEVEL_OF_EFFORT, plan.kind)
    if efforts:
        starting, finishing = _linked_events(plan, set(efforts))
        for i in efforts:
            _span(plan, layout, result, i, starting.get(i, []), finishing.get(i, []))
            if i not in starting and i not in finishing:
                found.append(Finding(FindingKind.NO_SPAN, activity=i))
    if plan.parent:
        _summarise(plan, result)
    for i in _of(Kind.SUMMARY, plan.kind):
        if result.why[i] is not Why.CHILDREN:
            _place(plan, layout, result, i)  # nothing under it: it stands at its project's start
    return found


def _of(wanted: Kind, kinds: Sequence[int]) -> list[int]:
    """The activities of a kind, in ascending order."""
    return [i for i, kind in enumerate(kinds) if kind == wanted] if wanted in kinds else []


def _linked_events(
    plan: Plan, efforts: set[int]
) -> tuple[dict[int, list[tuple[int, bool]]], dict[int, list[tuple[int, bool]]]]:
    """Per level of effort, the events (activity, is it its finish) linked to its start and to its finish."""
    starting: dict[int, list[tuple[int, bool]]] = {}
    finishing: dict[int, list[tuple[int, bool]]] = {}
    kinds = plan.link_kind or bytes(len(plan.predecessor))
    for i, j, kind in zip(plan.predecessor, plan.successor, kinds, strict=True):
        if (i in efforts) == (j in efforts):
            continue  # neither end is one, or both: a chain of them supports nothing that has a date
        other = i if j in efforts else j
        if plan.kind[other] == Kind.SUMMARY:
            continue
        if j in efforts:
            side = finishing if kind > 1 else starting
            side.setdefault(j, []).append((i, not kind & 1))
        else:
            side = starting if kind & 1 else finishing
            side.setdefault(i, []).append((j, kind > 1))
    return starting, finishing


def _span(
    plan: Plan,
    layout: HasBase,
    result: Schedule,
    i: int,
    starting: list[tuple[int, bool]],
    finishing: list[tuple[int, bool]],
) -> None:
    if not starting and not finishing:
        _place(plan, layout, result, i)
        return
    result.why[i] = Why.SPAN
    for starts, finishes in (
        (result.early_start, result.early_finish),
        (result.late_start, result.late_finish),
    ):
        begins = [(finishes if at_finish else starts)[k] for k, at_finish in starting or finishing]
        ends = [(finishes if at_finish else starts)[k] for k, at_finish in finishing or starting]
        starts[i] = min(begins)
        finishes[i] = max(max(ends), starts[i])
    if plan.actual_start and (begun := plan.actual_start[i]) is not None:
        result.early_start[i] = result.late_start[i] = begun
    if plan.actual_finish and (ended := plan.actual_finish[i]) is not None:
        result.early_finish[i] = result.late_finish[i] = ended
    result.remaining_start[i] = result.early_start[i]
    calendar = plan.calendars[plan.calendar[i]]
    # It never holds anything, so all its float is its own.
    result.total_float[i] = calendar.between(result.early_finish[i], result.late_finish[i])
    result.free_float[i] = result.total_float[i]


def _place(plan: Plan, layout: HasBase, result: Schedule, i: int) -> None:
    """Where nothing else gives a date: at the project start (or status date) for its own duration."""
    calendar, start = plan.calendars[plan.calendar[i]], layout.base[i]
    finish = start + plan.duration[i]
    for starts, finishes in (
        (result.early_start, result.early_finish),
        (result.late_start, result.late_finish),
    ):
        starts[i] = calendar.start_time(start)
        finishes[i] = calendar.finish_time(finish) if plan.duration[i] else starts[i]
    result.remaining_start[i] = result.early_start[i]
    result.total_float[i] = result.free_float[i] = 0


def _summarise(plan: Plan, result: Schedule) -> None:
    """Children before their parents, so that each summary is complete when it is counted in the one above."""
    parent, kind, why = plan.parent, plan.kind, result.why
    held: dict[int, list[int]] = {}
    for above, run in groupby(range(len(parent)), key=parent.__getitem__):
        if above >= 0:
            held.setdefault(above, []).extend(run)
    # Only what holds something can stand in the way of another: the order of these few is enough.
    place = {i: at for at, i in enumerate(held)}
    below = [i for i in held if parent[i] >= 0]
    groups = list(held)
    try:
        order = topological_order(len(groups), [place[i] for i in below], [place[parent[i]] for i in below])
    except CycleFound as circle:
        raise CycleFound([groups[at] for at in circle.path]) from None
    least = (result.early_start, result.late_start, result.remaining_start, result.free_float)
    most = (result.early_finish, result.late_finish)
    for above in map(groups.__getitem__, order):
        if kind[above] != Kind.SUMMARY:
            continue
        # An empty summary has no dates to give.
        inside = [i for i in held[above] if kind[i] != Kind.SUMMARY or why[i] is Why.CHILDREN]
        if not inside:
            continue
        why[above] = Why.CHILDREN
        for values in least:
            values[above] = min(map(values.__getitem__, inside))
        for values in most:
            values[above] = max(map(values.__getitem__, inside))
        for hits in (result.on_longest_path, result.critical):
            hits[above] = any(map(hits.__getitem__, inside))
        calendar = plan.calendars[plan.calendar[above]]
        result.total_float[above] = calendar.between(result.early_finish[above], result.late_finish[above])
