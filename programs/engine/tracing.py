"""The longest path of a plan whose net is known: from the finish backwards."""

from __future__ import annotations

from programs.engine.growing import Net
from programs.engine.layout import Layout
from programs.engine.plan import LatestFinish, Plan, Rules


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
        for i in driven_to(plan, net, driving, last_of(live, finishes)) - done:
            on_path[i] = True
        return on_path
    members: dict[int, list[int]] = {}
    for i in live:
        members.setdefault(plan.project[i], []).append(i)
    for p, own in members.items():
        for i in driven_to(plan, net, driving, last_of(own, finishes)) - done:
            if plan.project[i] == p:
                on_path[i] = True
    return on_path


def last_of(activities: list[int], finishes: list[int]) -> list[int]:
    """Those of some activities that finish last; of none, none."""
    last = max(map(finishes.__getitem__, activities), default=None)
    return [i for i in activities if finishes[i] == last]


def driven_to(plan: Plan, net: Net, driving: list[bool], last: list[int]) -> set[int]:
    """Some activities and all that drives them."""
    waiting, seen = last[:], set(last)
    into, predecessor = net.into, plan.predecessor
    while waiting:
        for k in into[waiting.pop()]:
            if driving[k] and (i := predecessor[k]) not in seen:
                seen.add(i)
                waiting.append(i)
    return seen
