"""Where open ends run to after edits: finishes of projects, limits of late dates and free floats, the longest path.

Each is a maximum over many activities of which few changed: it is looked for again only where one that held it fell.
"""

from __future__ import annotations

from collections.abc import Iterable

from programs.engine.critical_path import ends_of, limits_at
from programs.engine.growing import Net
from programs.engine.layout import Layout
from programs.engine.plan import LatestFinish, Plan
from programs.engine.scheduled import Scheduled
from programs.engine.tracing import driven_to, trace


def ends_after(
    base: Scheduled,
    plan: Plan,
    layout: Layout,
    reached: list[int],
    idle: frozenset[int],
    gone: frozenset[int],
    suspects: Iterable[int],
) -> list[int | None]:
    """`ends_of` the edited plan. `suspects` are those whose finish or state may be another than in the base."""
    old, known = base.passes.layout, len(base.reached)
    project = plan.project or bytes(len(plan.duration))
    one = base.rules.float_to is LatestFinish.PROGRAM
    if not base.ends or (one and base.ends[0] is None):
        return ends_of(plan, base.rules, layout, reached)
    held, ends = base.ends, base.ends[:]
    counts = [p for p in (range(len(ends)) if not one else [0]) if ends[p] is not None]
    raised: dict[int, int | None] = dict.fromkeys(counts)
    fallen: set[int] = set()
    for i in suspects:
        p = 0 if one else project[i]
        took_part = i < known and i not in base.net.idle and (old.settled or i not in old.completed)
        takes_part = i not in idle and i not in gone and (layout.settled or i not in layout.completed)
        end = held[p]
        if end is None:
            if takes_part:
                return ends_of(plan, base.rules, layout, reached)
            continue
        if takes_part and reached[i] >= end:
            highest = raised[p]
            raised[p] = reached[i] if highest is None else max(highest, reached[i])
        elif took_part and base.reached[i] == end:
            fallen.add(p)
    if any(raised[p] is None for p in fallen):
        return ends_of(plan, base.rules, layout, reached)
    for p, highest in raised.items():
        if highest is not None:
            ends[p] = highest
    return ends[:1] * len(ends) if one else ends


def limits_after(
    base: Scheduled, plan: Plan, layout: Layout, ends: list[int | None], touched: set[int]
) -> tuple[list[int], list[int], set[int]]:
    """`limits_of` the edited plan, and the activities for which they are others than in the base."""
    project = plan.project or bytes(len(plan.duration))
    latest, furthest, affected = base.latest, base.furthest, touched
    frames = plan.projects
    if (
        ends == base.ends
        and frames is base.plan.projects
        and layout.held_from == base.passes.layout.held_from
    ):
        now = base.limits
        new = {key for i in touched if (key := (project[i], plan.calendar[i])) not in now}
        if new:
            now = now | limits_at(plan, layout, ends, new)
    else:
        keys = base.limits.keys() | {(project[i], plan.calendar[i]) for i in touched}
        now = limits_at(plan, layout, ends, keys)
        other = {key for key, value in base.limits.items() if now[key] != value}
        if other:
            affected = touched.union(
                i for i, key in enumerate(zip(project, plan.calendar, strict=True)) if key in other
            )
    more = len(plan.duration) - len(latest)
    if more or any((latest[i], furthest[i]) != now[project[i], plan.calendar[i]] for i in affected):
        latest, furthest = latest + [0] * more, furthest + [0] * more
        for i in affected:
            latest[i], furthest[i] = now[project[i], plan.calendar[i]]
    return latest, furthest, affected


def finishes_after(
    base: Scheduled,
    plan: Plan,
    idle: frozenset[int],
    gone: frozenset[int],
    early_finish: list[int],
    changed: Iterable[int],
) -> list[int]:
    """`project_finishes` of the edited plan; `changed` are those whose early finish may be another, new ones too."""
    project = plan.project or bytes(len(plan.duration))
    known, before, old = len(base.reached), base.schedule.project_finish, base.schedule.early_finish
    finishes, fallen = before[:], {project[i] for i in gone}
    for i in changed:
        p = project[i]
        if early_finish[i] > finishes[p]:
            finishes[p] = early_finish[i]
        elif i >= known or (old[i] == before[p] and early_finish[i] < old[i]):
            fallen.add(p)
    for p in fallen if plan.projects is base.plan.projects else range(len(finishes)):
        members = [i for i in base.members[p] if i not in gone]
        members += [i for i in range(known, len(plan.duration)) if project[i] == p and i not in idle]
        finishes[p] = max(map(early_finish.__getitem__, members), default=plan.projects[p].start)
    return finishes


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
    program = base.rules.longest_path_to is LatestFinish.PROGRAM or not plan.project
    same = program and base.last and layout.completed == base.passes.layout.completed
    if not same or any(_at_the_end(base, layout, net, finishes, gone, i) for i in moved):
        return trace(plan, base.rules, layout, net, driving, finishes)
    if base.chain.isdisjoint(driven):
        path = base.schedule.on_longest_path + [False] * (len(plan.duration) - len(base.reached))
        for i in net.idle:
            path[i] = False
        return path
    path = [False] * len(plan.duration)
    for i in driven_to(plan, net, driving, base.last) - layout.completed:
        path[i] = True
    return path


def _at_the_end(
    base: Scheduled, layout: Layout, net: Net, finishes: list[int], gone: frozenset[int], i: int
) -> bool:
    """Whether an activity is, or was, among those that finish last, or finishes later still."""
    if i in net.idle or i in layout.completed:
        return False
    last = base.passes.finishes[base.last[0]]
    return (i not in gone and finishes[i] >= last) or (
        i < len(base.reached) and base.passes.finishes[i] == last
    )
