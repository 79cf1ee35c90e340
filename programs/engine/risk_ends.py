"""Who may end last: settled once for all runs from the bounds of the dates, so that the sweep looks at few."""

from __future__ import annotations

from typing import NamedTuple

from programs.engine.plan import LatestFinish
from programs.engine.risk_clock import Reader
from programs.engine.risk_flows import FAR
from programs.engine.risk_network import Network


class Ends(NamedTuple):
    """Activities of a project (or of all) that may be its last, with one way to read their finish."""

    reader: Reader
    rows: list[int]


Target = tuple[list[Ends], set[int] | None]
"""Who may be the last that a longest path leads to, and who is marked when on it (None: everybody)."""


def project_ends(network: Network) -> list[tuple[int, list[Ends]]]:
    """Per project, the latest actual finish (or what a project without any work has), and who else may be its last."""
    layout, plan = network.layout, network.plan
    project = plan.project or bytes(len(plan.duration))
    members: list[list[int]] = [[] for _ in plan.projects]
    ended: list[int | None] = [None] * len(plan.projects)
    for i in layout.order:
        p = project[i]
        if i in layout.completed:
            finish, known = plan.actual_finish[i], ended[p]
            if finish is not None and (known is None or finish > known):
                ended[p] = finish
        else:
            members[p].append(i)
    found: list[tuple[int, list[Ends]]] = []
    for frame, own, known in zip(plan.projects, members, ended, strict=True):
        if not own:
            found.append((frame.start if known is None else known, []))
        else:
            latest = -FAR if known is None else known
            found.append((latest, _ends(network, [(i, network.reader(i)) for i in own], latest)))
    return found


def last_ones(network: Network) -> list[Target]:
    """Who may end last: of the program, or of each project with the project's own activities."""
    plan, layout = network.plan, network.layout
    live = [i for i in layout.order if i not in layout.completed]
    groups: list[tuple[list[int], set[int] | None]] = [(live, None)]
    if network.rules.longest_path_to is LatestFinish.EACH_PROJECT and plan.project:
        own: dict[int, list[int]] = {}
        for i in live:
            own.setdefault(plan.project[i], []).append(i)
        groups = [(members, set(members)) for members in own.values()]
    return [
        (_ends(network, [(i, Reader(plan.calendar[i], True)) for i in members], -FAR), marks)
        for members, marks in groups
        if members
    ]


def _ends(network: Network, members: list[tuple[int, Reader]], latest: int) -> list[Ends]:
    """Those whose latest finish is not before the earliest that the last one of them (or `latest`) can be."""
    clock, low, high = network.clock, network.low, network.high
    groups: dict[Reader, list[int]] = {}
    for i, reader in members:
        groups.setdefault(reader, []).append(i)
    for reader, own in groups.items():
        latest = max(latest, clock.read(reader, max(low[2 * i + 1] for i in own)))
    found = []
    for reader, own in groups.items():
        clock.read(reader, max(high[2 * i + 1] for i in own))  # remembers how late it may become
        # Read one by one only where it can matter: the reading never falls.
        least = clock.work_at(reader.calendar, latest - 1)
        rows = [i for i in own if high[2 * i + 1] >= least and clock.read(reader, high[2 * i + 1]) >= latest]
        if rows:
            found.append(Ends(reader, rows))
    return found


def may_be_critical(network: Network, targets: list[Target]) -> set[int]:
    """Everything from which a chain of links leads to one that may end last."""
    predecessor, inflows = network.plan.predecessor, network.inflows
    seen = {i for ends, _ in targets for group in ends for i in group.rows}
    waiting = list(seen)
    while waiting:
        for flow in inflows[waiting.pop()]:
            if flow.link >= 0 and (i := predecessor[flow.link]) not in seen:
                seen.add(i)
                waiting.append(i)
    return seen
