"""How far a change reaches: gates, links between projects, and who would be asked for more than there is.

Plain values for `programs.changes.impact`; five queries, whatever the size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from typing import Any

from programs.changes.edits import Edit
from programs.changes.scratch import Tried
from programs.changes.staffing import assignments
from programs.engine import Kind
from programs.gates.models import Gate
from programs.portfolio.models import Program
from programs.resources.models import Resource

LISTED = 20
"""Gates, links between projects and resources that are named; the counts are of all."""
_DAY = 1440


def gates(
    program: Program, tried: Tried, stamp: Callable[[int], str], minutes: Callable[[tuple[int, int]], int]
) -> list[dict[str, Any]]:
    """The gates that are not decided and whose milestone would come at another time, or leave the plan."""
    at = {ref: i for i, ref in enumerate(tried.refs)}
    moved = {*tried.difference.moved, *tried.difference.removed}
    rows = Gate.objects.filter(program=program, state__in=(Gate.State.OPEN, Gate.State.SUBMITTED))
    found = []
    for gate in (
        rows.exclude(activity=None).select_related("project").order_by("project__position", "position")
    ):
        i = at.get(gate.activity_id or 0)
        if i is None or i not in moved:
            continue
        change = tried.difference.change(i)
        if change.before is None:
            continue
        before = change.before.early_finish
        after = None if change.after is None else change.after.early_finish
        found.append(
            {
                "label": f"Gate {gate.project.code}/{gate.code} {gate.name}",
                "before": stamp(before),
                "after": None if after is None else stamp(after),
                "minutes": None if after is None else minutes((before, after)),
            }
        )
    return found[:LISTED]


def interfaces(tried: Tried) -> list[tuple[int, int]]:
    """The links from one project into another at which what is delivered would come at another time, or not at all."""
    given, own = tried.loaded.given, tried.loaded.project_of
    moved = {*tried.difference.moved, *tried.difference.removed}
    return [
        (before, after)
        for before, after in zip(given.predecessor, given.successor, strict=True)
        if own[before] != own[after] and before in moved
    ]


def loads(program: Program, tried: Tried, edits: Sequence[Edit] = ()) -> list[dict[str, Any]]:
    """The resources that would be asked for beyond their units on more or fewer days: calendar days, before and after.

    A day counts where at any minute of it more units are at work than there are. Materials are used up, not asked for
    at once. New activities have whom the edits assign; those removed ask for nobody.
    """
    at = {ref: i for i, ref in enumerate(tried.refs)}
    stands: list[dict[int, list[tuple[int, Decimal]]]] = []
    for proposed in (False, True):
        of: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
        for ref, resource_id, units in assignments(program, edits, after=proposed):
            of[resource_id].append((at[ref], units))
        stands.append(of)
    touched = {*tried.difference.moved, *tried.difference.removed}
    reached = {pk for of in stands for pk, work in of.items() if any(i in touched for i, _ in work)}
    reached |= {one["resource"] for one in edits if one["do"] == "assign"}
    rows = Resource.objects.filter(pk__in=reached).exclude(kind=Resource.Kind.MATERIAL)
    found: list[dict[str, Any]] = []
    for pk, code, name, capacity in rows.order_by("code", "pk").values_list("pk", "code", "name", "capacity"):
        before, after = (
            overloaded_days(_spans(tried, of.get(pk, ()), before=of is stands[0]), capacity) for of in stands
        )
        if before != after:
            found.append({"label": f"{code} {name}", "before": before, "after": after})
    return sorted(found, key=lambda one: (one["before"] - one["after"], one["label"]))[:LISTED]


def _spans(
    tried: Tried, work: Iterable[tuple[int, Decimal]], *, before: bool
) -> list[tuple[int, int, Decimal]]:
    """From, to (wall minutes) and units of the unfinished work that a resource is assigned to."""
    ended = tried.loaded.given.actual_finish
    kinds = tried.plan.kind
    found = []
    for i, units in work:
        if (i < len(ended) and ended[i] is not None) or (kinds and kinds[i] == Kind.SUMMARY):
            continue
        change = tried.difference.change(i)
        stand = change.before if before else change.after
        if stand is not None and stand.early_finish > stand.early_start:
            found.append((stand.early_start, stand.early_finish, units))
    return found


def overloaded_days(spans: Iterable[tuple[int, int, Decimal]], capacity: Decimal) -> int:
    """Calendar days with a minute at which the units of these spans (wall minutes) are more than the capacity."""
    steps: dict[int, Decimal] = defaultdict(Decimal)
    for begin, end, units in spans:
        steps[begin] += units
        steps[end] -= units
    asked, days, last = Decimal(0), 0, -1
    ordered = sorted(steps)
    for now, then in pairwise(ordered):
        asked += steps[now]
        if asked > capacity:
            first, end = max(now // _DAY, last + 1), (then - 1) // _DAY
            days += max(0, end - first + 1)
            last = max(last, end)
    return days


def labour(program: Program, tried: Tried, edits: Sequence[Edit]) -> list[int]:
    """What resources would cost over the whole of the planned durations, before and after (minor units).

    Units times the cost of a use, and units times hours times the cost of an hour, as the simulation counts it.
    """
    at = {ref: i for i, ref in enumerate(tried.refs)}
    rates = {
        pk: (use, hour)
        for pk, use, hour in Resource.objects.filter(program=program).values_list(
            "pk", "cost_per_use", "cost_per_hour"
        )
    }
    gone = set(tried.difference.removed)
    totals = []
    for after in (False, True):
        lengths = tried.plan.duration if after else tried.loaded.given.duration
        total = Decimal(0)
        for ref, resource, units in assignments(program, edits, after=after):
            i = at[ref]
            if not (after and i in gone):
                use, hour = rates[resource]
                total += units * (use + hour * Decimal(lengths[i]) / 60)
        totals.append(int(total.to_integral_value(ROUND_HALF_EVEN)))
    return totals
