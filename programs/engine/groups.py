"""Links to and from summaries, carried over to the work inside them: the engine itself schedules work only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from programs.engine.network import CycleFound
from programs.engine.plan import Constraint, Kind, LagCalendar, LagUnit, LinkKind, Plan
from programs.engine.worktime import WorkCalendar

_AROUND_THE_CLOCK = (((0, 1440),),) * 7
_EPOCH = date(1970, 1, 1)


def with_group_links(plan: Plan) -> Plan:
    """The plan in which a link from a summary waits for all in it, and a link to one holds back all in it.

    Points in time on a calendar that never rests stand in between, so that a group of n before a group of m costs
    n + m links, not n x m. Only a lag that runs on the calendars of those inside is a link to each of them. What is
    added comes behind the plan's own activities and links: whoever reads a schedule by the plan's own indices need
    not know of it. The same plan is returned where no link touches a summary. Raises `CycleFound` for groups that
    lie in each other. Linear in activities (times the depth
    of the tree) and links.
    """
    if Kind.SUMMARY not in plan.kind:
        return plan
    groups = {i for i, kind in enumerate(plan.kind) if kind == Kind.SUMMARY}
    wanted = groups.intersection(plan.predecessor) | groups.intersection(plan.successor)
    return _Carried(plan, wanted).plan() if wanted else plan


class _Carried:
    """The links of a plan while those of groups are carried over."""

    def __init__(self, given: Plan, wanted: set[int]) -> None:
        self.given = given
        self.inside = _inside(given, wanted)
        links = len(given.predecessor)
        self.source, self.target = list(given.predecessor), list(given.successor)
        self.kind: list[int] = list(given.link_kind) or [LinkKind.FINISH_START] * links
        self.lag = list(given.lag) or [0] * links
        self.unit: list[int] = list(given.lag_unit) or [LagUnit.WORKING] * links
        self.points: list[int] = []  # the group that each point stands for
        self.known: dict[tuple[int, bool], int] = {}
        for number in range(links):
            self._carry(number)

    def _carry(self, number: int) -> None:
        """One link: its ends become points or members; a second and further pair becomes a link of its own."""
        source, target = self.source[number], self.target[number]
        pairs = [
            (one, other)
            for one in self._ends(source, True, number, target)
            for other in self._ends(target, False, number, target)
        ]
        if not pairs:
            return  # a group with nothing in it holds nothing: the engine passes the link over
        self.source[number], self.target[number] = pairs[0]
        for one, other in pairs[1:]:
            self._link(one, other, self.kind[number], self.lag[number], self.unit[number])

    def _ends(self, end: int, leaves: bool, number: int, target: int) -> list[int]:
        members = self.inside.get(end)
        if members is None:
            return [end]
        if self._lag_is_theirs(leaves, number, target):
            return members
        point = self.known.get((end, leaves))
        if point is None:
            point = self.known[end, leaves] = len(self.given.duration) + len(self.points)
            self.points.append(end)
            for member in members:
                ends = (member, point) if leaves else (point, member)
                self._link(*ends, LinkKind.FINISH_START, 0, LagUnit.WORKING)
        return [point] if members else []

    def _lag_is_theirs(self, leaves: bool, number: int, target: int) -> bool:
        """Whether the lag is counted on the calendars (or, in percent, by the durations) of a group's members."""
        unit = self.unit[number]
        if not self.lag[number] or unit == LagUnit.ELAPSED:
            return False
        if leaves and unit == LagUnit.PERCENT:
            return True
        setting = self.given.projects[self.given.project[target] if self.given.project else 0].lag_calendar
        return setting is (LagCalendar.PREDECESSOR if leaves else LagCalendar.SUCCESSOR)

    def _link(self, source: int, target: int, kind: int, lag: int, unit: int) -> None:
        for column, value in zip(
            (self.source, self.target, self.kind, self.lag, self.unit),
            (source, target, kind, lag, unit),
            strict=True,
        ):
            column.append(value)

    def plan(self) -> Plan:
        """The given plan with points behind its activities and their links behind its own."""
        given, extra = self.given, len(self.points)
        first = _EPOCH + timedelta(minutes=min(project.start for project in given.projects))
        clock = WorkCalendar.weekly(_AROUND_THE_CLOCK, first=first, last=first + timedelta(days=3 * 366))
        soon = [Constraint.AS_SOON_AS_POSSIBLE] * extra
        return replace(
            given,
            calendars=[*given.calendars, clock],
            calendar=[*given.calendar, *[len(given.calendars)] * extra],
            duration=[*given.duration, *[0] * extra],
            kind=[*given.kind, *[Kind.FINISH_MILESTONE] * extra],
            project=_longer(
                given.project, [given.project[group] for group in self.points] if given.project else []
            ),
            parent=_longer(given.parent, [-1] * extra),
            constraint=_longer(given.constraint, soon),
            second_constraint=_longer(given.second_constraint, soon),
            **{name: _longer(getattr(given, name), [None] * extra) for name in _DATED},
            predecessor=self.source,
            successor=self.target,
            link_kind=self.kind,
            lag=self.lag,
            lag_unit=self.unit,
        )


_DATED = (
    "constraint_date",
    "second_constraint_date",
    "deadline",
    "actual_start",
    "actual_finish",
    "remaining",
)


def _longer(column: Sequence[Any], more: list[Any]) -> list[Any]:
    """A column with further values; one that was left out stays so."""
    return [*column, *more] if column else []


def _inside(plan: Plan, wanted: set[int]) -> dict[int, list[int]]:
    """What lies in each wanted group at any depth, groups themselves left out. Raises `CycleFound`."""
    inside: dict[int, list[int]] = {group: [] for group in wanted}
    for i, kind in enumerate(plan.kind):
        above = plan.parent[i] if plan.parent and kind != Kind.SUMMARY else -1
        steps = 0
        while above >= 0:
            if above in inside:
                inside[above].append(i)
            above = plan.parent[above]
            steps += 1
            if steps > len(plan.kind):  # more groups than there are activities: it has walked in a circle
                raise CycleFound(_ring(plan, above))
    return inside


def _ring(plan: Plan, first: int) -> list[int]:
    """The circle of groups that lie in each other, from one of them back to it."""
    ring = [first, plan.parent[first]]
    while ring[-1] != first:
        ring.append(plan.parent[ring[-1]])
    return ring
