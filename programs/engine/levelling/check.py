"""Whether a levelled plan can be carried out: looked at link by link and instant by instant.

Shares nothing with the generators: it reads the problem as it was given, on the wall clock, and adds up what
is in use at every moment at which something changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from programs.engine.levelling.problem import ELAPSED, Levelling


class Breach(Enum):
    """What a schedule breaks."""

    TOO_EARLY = "begins before its release"
    LENGTH = "does not last as long as its work"
    MOVED = "stays not where it is fixed"
    LINK = "breaks a link"
    CAPACITY = "needs more than there is"
    NOT_WORKING = "begins or ends where its calendar does not work"


@dataclass(frozen=True, slots=True)
class Fault:
    """One breach: the activity, the link or resource it concerns, and the time."""

    breach: Breach
    activity: int
    subject: int = -1
    time: int = 0


def check(problem: Levelling, start: Sequence[int], finish: Sequence[int]) -> list[Fault]:
    """Every breach of a schedule, none if it is feasible; times in the problem's own terms.

    A resource may be used beyond its capacity only by what is fixed, and only at moments when nothing movable
    uses it.
    """
    faults = [
        fault for i in range(len(problem.duration)) for fault in _alone(problem, i, start[i], finish[i])
    ]
    for link in range(len(problem.predecessor)):
        j = problem.successor[link]
        if not _is_fixed(problem, j) and not _holds(problem, link, start, finish):
            faults.append(Fault(Breach.LINK, j, link, start[j]))
    for resource in range(len(problem.capacity)):
        faults.extend(_overloads(problem, resource, start, finish))
    return faults


def _is_fixed(problem: Levelling, i: int) -> bool:
    return bool(problem.fixed) and problem.fixed[i] is not None


def _calendar(problem: Levelling, i: int):  # type: ignore[no-untyped-def]
    if not problem.calendars:
        return None
    return problem.calendars[problem.calendar[i]] if problem.calendar else problem.calendars[0]


def _alone(problem: Levelling, i: int, begin: int, end: int) -> list[Fault]:
    """What is wrong with an activity whatever the others do."""
    fixed = problem.fixed[i] if problem.fixed else None
    if fixed is not None:
        return [] if (begin, end) == tuple(fixed) else [Fault(Breach.MOVED, i, time=begin)]
    faults = []
    release = problem.projects[problem.project[i] if problem.project else 0].release
    own = problem.release[i] if problem.release else None
    if own is not None and own > release:
        release = own
    calendar = _calendar(problem, i)
    early = begin < release if calendar is None else calendar.work_at(begin) < calendar.work_at(release)
    if early:
        faults.append(Fault(Breach.TOO_EARLY, i, time=begin))
    length = end - begin if calendar is None else calendar.between(begin, end)
    if length != problem.duration[i] or end < begin:
        faults.append(Fault(Breach.LENGTH, i, time=begin))
    if calendar is not None and problem.duration[i]:
        first, last = calendar.between(begin, begin + 1), calendar.between(end - 1, end)
        if (first, last) != (1, 1):  # the minute after the start and the one before the finish are work
            faults.append(Fault(Breach.NOT_WORKING, i, time=begin))
    return faults


def _holds(problem: Levelling, link: int, start: Sequence[int], finish: Sequence[int]) -> bool:
    """Whether a link's end comes late enough after the end it leaves, its lag run on its calendar."""
    i, j = problem.predecessor[link], problem.successor[link]
    kind = problem.link_kind[link] if problem.link_kind else 0
    lag = problem.lag[link] if problem.lag else 0
    leaves = start[i] if kind in (1, 3) else finish[i]
    arrives = finish[j] if kind in (2, 3) else start[j]
    here, there = _calendar(problem, i), _calendar(problem, j)
    if here is None or there is None:
        return arrives >= leaves + lag
    if not lag:
        return bool(there.work_at(arrives) >= there.work_at(leaves))
    runs = problem.lag_calendar[link] if problem.lag_calendar else None
    if runs == ELAPSED:
        return bool(there.work_at(arrives) >= there.work_at(leaves + lag))
    axis = here if runs is None else problem.calendars[runs]
    if axis is there:
        return bool(axis.work_at(arrives) - axis.work_at(leaves) >= lag)
    # On a calendar that is not the successor's the lag has run by the end of its work, and the successor then
    # waits for its own next work.
    run = axis.finish_time(axis.work_at(leaves) + lag)
    return bool(there.work_at(arrives) >= there.work_at(run))


def _overloads(problem: Levelling, resource: int, start: Sequence[int], finish: Sequence[int]) -> list[Fault]:
    """Movable activities at work on a resource at a moment when more of it is in use than there is."""
    events: list[tuple[int, int, int, int]] = []  # time, ends before beginnings, activity, amount
    for i, needs in enumerate(problem.demand):
        amount = sum(a for k, a in needs if k == resource)
        if not amount or start[i] >= finish[i]:  # what is fixed may have lasted longer than was planned
            continue
        calendar = _calendar(problem, i)
        spans = [(start[i], finish[i])] if calendar is None else calendar.spans(start[i], finish[i])
        for a, b in spans:
            events.append((a, 1, i, amount))
            events.append((b, 0, i, -amount))
    steps = problem.capacity[resource]
    events.extend((time, 2, -1, amount) for time, amount in steps)
    events.sort()
    there_is, in_use = steps[0][1], 0
    at_work: set[int] = set()
    faults: dict[int, int] = {}
    for at, (time, what, i, amount) in enumerate(events):
        if what == 2:
            there_is = amount
        else:
            in_use += amount
            (at_work.add if what else at_work.discard)(i)
        settled = at + 1 == len(events) or events[at + 1][0] > time
        if settled and in_use > there_is:
            for active in at_work:
                if not _is_fixed(problem, active):
                    faults.setdefault(active, time)
    return [Fault(Breach.CAPACITY, i, resource, time) for i, time in sorted(faults.items())]
