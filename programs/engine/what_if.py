"""What if: edits to a copy of a scheduled plan, without working out again what cannot change.

    base = Scheduled.of(plan, rules)                       # once
    answer = what_if(base, Edits(activities={7: {"duration": 4800}}))
    answer.difference.moved, answer.difference.finish      # many times

The answer equals `schedule` of the edited plan in every field; the base is never touched. Where edits reach more than
a third of the activities, the finish of a very large plan moves, or as-late-as-possible work takes its successors
along, the edited plan is scheduled as a whole, and compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from programs.engine.critical_path import schedule
from programs.engine.delta import Difference, difference
from programs.engine.edits import Edited, Edits, edited
from programs.engine.ghosts import without
from programs.engine.network import CycleFound
from programs.engine.plan import Alap, Plan
from programs.engine.relaying import held_now, relay, touched_by
from programs.engine.rescheduling import PER_ACTIVITY, rescheduled
from programs.engine.result import Finding, Schedule
from programs.engine.scheduled import Scheduled

__all__ = ["Scheduled", "WhatIf", "what_if"]

WHOLE = 3
FEW = 100
"""Edits that touch more than one activity in three, and more than a hundred, are answered by scheduling everything."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer to edits."""

    schedule: Schedule
    """Of the edited plan, in the numbering of `plan()`."""
    difference: Difference
    edited: Edited

    def plan(self) -> Plan:
        """The edited plan as it would be written down, without what was taken out."""
        return self.edited.compact()


def what_if(base: Scheduled, edits: Edits) -> WhatIf:
    """The schedule after the edits and how it differs; times as in `schedule`.

    Raises `EditsRefused` for edits that make no sense, `CycleFound` (with numbers of the base, added activities
    behind) and `BeyondCalendar`. The base is the same afterwards, whatever happens.
    """
    plan, layout, net = base.plan, base.passes.layout, base.net
    touching = {i: [*net.into[i], *net.out_of[i]] for i in edits.removed if 0 <= i < len(plan.duration)}
    change = edited(plan, edits, touching)
    held_from = held_now(plan, layout, change)
    touched = touched_by(plan, layout, change, edits, held_from)
    if WHOLE * (len(touched) + len(change.gone)) > len(plan.duration) + WHOLE * FEW:
        return _whole(base, change)
    relaid = relay(plan, base.rules, layout, net, change, edits, touched, held_from)
    if base.rules.alap is Alap.TOTAL_FLOAT and any(
        held.late for part in (layout, relaid.layout) for held in part.bounds.values()
    ):
        return _whole(base, change)
    revised = rescheduled(base, change, relaid)
    if revised is None:
        return _whole(base, change)
    result, changed = revised
    everybody, every_link = range(len(change.plan.duration)), range(len(change.plan.predecessor))
    found = difference(
        base.schedule,
        result,
        numbers=everybody,
        links=every_link,
        kind=change.plan.kind,
        duration=change.plan.duration,
        among=changed,
        gone=change.gone,
    )
    if change.gone or change.cut:
        numbers, links = change.numbers()
        result = _compact(result, change, numbers, links)
        found = replace(found, after=result, numbers=numbers)
    return WhatIf(result, found, change)


def _whole(base: Scheduled, change: Edited) -> WhatIf:
    """The edited plan scheduled from scratch, and compared."""
    try:
        result = schedule(change.compact(), base.rules)
    except CycleFound as circle:
        known = [i for i, number in enumerate(change.numbers()[0]) if number >= 0]
        raise CycleFound([known[i] for i in circle.path]) from None
    plan = change.plan
    numbers, links = range(len(plan.duration)), range(len(plan.predecessor))
    some_left = change.gone or change.cut
    found = difference(
        base.schedule,
        result,
        numbers=change.numbers()[0] if some_left else numbers,
        links=change.numbers()[1] if some_left else links,
        kind=plan.kind,
        duration=plan.duration,
        gone=change.gone,
    )
    return WhatIf(result, found, change)


def _compact(result: Schedule, change: Edited, numbers: list[int], links: list[int]) -> Schedule:
    """The schedule in the numbering without ghosts; `numbers` and `links` as `Edited.numbers` gives them."""
    gone, cut = sorted(change.gone), sorted(change.cut)
    columns: dict[str, Any] = {}
    if gone:
        columns = {
            name: without(getattr(result, name), gone)
            for name in (*PER_ACTIVITY, "on_longest_path", "critical")
        }
    to_link, to_activity = [*links, -1], [*numbers, -1]
    if cut:
        driver = columns.get("driver", result.driver)
        columns["driver"] = list(map(to_link.__getitem__, driver))
        columns["driving"] = without(result.driving, cut)
    columns["findings"] = [
        Finding(one.kind, to_activity[one.activity], to_link[one.link], one.project, one.minutes)
        for one in result.findings
    ]
    return replace(result, **columns)
