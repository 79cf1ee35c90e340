"""The longest path after edits: traced again only where a link or a finish that made it what it was has changed."""

from __future__ import annotations

from collections.abc import Iterable

from programs.engine.growing import Net
from programs.engine.layout import Layout
from programs.engine.plan import LatestFinish, Plan, Rules
from programs.engine.scheduled import Scheduled


def path_after(
    base: Scheduled,
    plan: Plan,
    layout: Layout,
    net: Net,
    driving: list[bool],
    finishes: list[int],
    gone: frozenset[int],
    moved: Iterable[int],
    driven: Iterable[int],
) -> list[bool]:
    """The longest path of the edited plan, without summaries, as `longest_path.longest_path` marks it.

    `moved` are those that finish at another time or whose state is another, `driven` those at which a link began or
    ceased to drive.
    """
    old, path, known = base.passes, base.schedule.on_longest_path, len(base.reached)
    program = base.rules.longest_path_to is LatestFinish.PROGRAM or not plan.project
    same = program and layout.completed == old.layout.completed and base.last is not None
    if same and any(i >= known or path[i] or i in layout.completed for i in driven):
        same = False  # the chain may go another way
    if same and any(_at_the_end(base, layout, net, finishes, gone, i) for i in moved):
        same = False
    if not same:
        return trace(plan, base.rules, layout, net, driving, finishes)
    kept = path + [False] * (len(plan.duration) - known)
    for i in net.idle:
        kept[i] = False
    return kept


def _at_the_end(
    base: Scheduled, layout: Layout, net: Net, finishes: list[int], gone: frozenset[int], i: int
) -> bool:
    """Whether an activity is, or was, among those that finish last, or finishes later still."""
    last = base.last
    if last is None or i in net.idle or i in layout.completed:
        return False
    return (i not in gone and finishes[i] >= last) or (
        i < len(base.reached) and base.passes.finishes[i] == last
    )


def trace(
    plan: Plan, rules: Rules, layout: Layout, net: Net, driving: list[bool], finishes: list[int]
) -> list[bool]:
    """The longest path, as `longest_path.longest_path` marks it."""
    on_path = [False] * len(plan.duration)
    done, order = layout.completed, layout.order
    live = [i for i in order if i not in done] if done else order
    if not live:
        return on_path
    if rules.longest_path_to is LatestFinish.PROGRAM or not plan.project:
        for i in _driven(plan, net, driving, live, finishes) - done:
            on_path[i] = True
        return on_path
    members: dict[int, list[int]] = {}
    for i in live:
        members.setdefault(plan.project[i], []).append(i)
    for p, own in members.items():
        for i in _driven(plan, net, driving, own, finishes) - done:
            if plan.project[i] == p:
                on_path[i] = True
    return on_path


def _driven(
    plan: Plan, net: Net, driving: list[bool], activities: list[int], finishes: list[int]
) -> set[int]:
    """The last of some activities and all that drives them."""
    reached = [finishes[i] for i in activities]
    last = max(reached)
    waiting = [i for i, finish in zip(activities, reached, strict=True) if finish == last]
    seen = set(waiting)
    into, predecessor = net.into, plan.predecessor
    while waiting:
        for k in into[waiting.pop()]:
            if driving[k] and (i := predecessor[k]) not in seen:
                seen.add(i)
                waiting.append(i)
    return seen
