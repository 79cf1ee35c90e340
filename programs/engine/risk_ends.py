"""Who may end last: settled once for all runs from the bounds of the dates, so that the sweep looks at few (numpy)."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from programs.engine.plan import LatestFinish
from programs.engine.risk_clock import Reader
from programs.engine.risk_flows import FAR
from programs.engine.risk_network import ALWAYS_FINISH, ALWAYS_START, Network
from programs.engine.sweep_clocks import Bools, Ints


class Ends(NamedTuple):
    """Finishes that may be the last of their group, sorted so that those read in one way stand together."""

    rows: Ints
    """Rows of the finishes, by way and then by group."""
    begins: Ints
    """Where a way and group begins."""
    groups: Ints
    """Which group that is."""
    ways: list[tuple[Reader, int, int]]
    """How a slice of `begins` is read."""


def project_ends(network: Network) -> tuple[Ints, Ends]:
    """Per project, the latest actual finish (or what a project without any work has), and who else may be its last."""
    columns, plan = network.columns, network.plan
    latest = np.full(len(plan.projects), -FAR)
    done = np.flatnonzero(columns.taking_part & columns.completed)
    np.maximum.at(latest, columns.project[done], columns.ended[done])
    alive = np.flatnonzero(network.alive)
    idle = np.ones(len(plan.projects), dtype=np.bool_)
    idle[columns.project[alive]] = False
    idle &= latest == -FAR
    latest[idle] = np.array([p.start for p in plan.projects], dtype=np.int64)[idle]
    return latest, _ends(network, columns.project, network.point, latest)


def last_ones(network: Network) -> Ends:
    """Who may end last: of the program, or of each project with the project's own activities."""
    group = network.columns.project
    if network.rules.longest_path_to is not LatestFinish.EACH_PROJECT:
        group = np.zeros_like(group)
    point = np.full(len(group), ALWAYS_FINISH)
    return _ends(network, group, point, np.full(len(network.plan.projects), -FAR))


def _overtaken(network: Network, group: Ints) -> Bools:
    """Who never ends last of its group: work that a later work of the group waits for the finish of."""
    columns, flows = network.columns, network.flows
    free = np.ones(len(columns.length), dtype=np.bool_)
    free[network.order[list(network.held)]] = False  # what is held may begin before its predecessors end
    works = (columns.length > 0) & ~columns.completed
    found = np.zeros(len(free), dtype=np.bool_)
    i, j = flows.source, flows.target
    after = flows.from_finish & ~flows.at_finish & (i >= 0) & (flows.lag >= 0) & (flows.percent >= 0)
    after &= works[i] & works[j] & free[j] & (group[i] == group[j])
    found[i[after]] = True
    return found


def _ends(network: Network, by_activity: Ints, point: Ints, latest: Ints) -> Ends:
    """Those whose latest finish is not before the earliest that the last one of their group can be."""
    columns, clocks = network.columns, network.columns.clocks
    members = np.flatnonzero(network.alive)
    group, point = by_activity[members], point[members]
    at = columns.at[members]
    low, high = (network.finishes(by_row)[members] for by_row in (network.low, network.high))
    first, last = clocks.clock(at, low, low > point), clocks.clock(at, high, high > point)
    network.span.touch(first)
    network.span.touch(last)
    least = latest.copy()
    np.maximum.at(least, group, first)
    which = np.flatnonzero((last >= least[group]) & ~_overtaken(network, by_activity)[members])
    members, group, point, low, high = (column[which] for column in (members, group, point, low, high))
    # A point that never lies at its base is always read in the same way; the others each have a way of their own.
    way = np.where(low > point, ALWAYS_FINISH, np.where(high <= point, ALWAYS_START, point))
    calendar = columns.calendar[members]
    order = np.lexsort((group, way, calendar))
    members, group, way, calendar = (column[order] for column in (members, group, way, calendar))
    new_way = _changes(way, calendar)
    new = _changes(group) | new_way
    begins = np.flatnonzero(new)
    edges = [*np.flatnonzero(new_way[begins]).tolist(), len(begins)]
    ways = [
        (reader_of(int(calendar[begins[a]]), int(way[begins[a]])), a, b) for a, b in itertools.pairwise(edges)
    ]
    return Ends(len(network.order) + network.rank[members], begins, group[begins], ways)


def _changes(*columns: Ints) -> Bools:
    changes = np.ones(len(columns[0]), dtype=np.bool_)
    changes[1:] = False
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    return changes


def reader_of(calendar: int, way: int) -> Reader:
    """The reader of a point: how places are read that lie on one side of it, or on both."""
    if way in (ALWAYS_START, ALWAYS_FINISH):
        return Reader(calendar, way == ALWAYS_FINISH)
    return Reader(calendar, True, way)
