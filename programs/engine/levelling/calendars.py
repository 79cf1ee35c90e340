"""Serial schedule generation where calendars meet: exact dates, resources used only in working time.

Positions are kept on each activity's own work axis, as the critical path does, and profiles on the wall clock.
Improvement needs no backward pass of its own: the plan just found, in wall minutes, is an ordinary problem on one
axis, whose backward schedule only says in which order the next exact forward pass serves the activities.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from operator import sub

from programs.engine.levelling.axis import Axis
from programs.engine.levelling.events import Profile, take
from programs.engine.levelling.improve import Placer
from programs.engine.levelling.problem import ELAPSED, Infeasible, Levelling
from programs.engine.levelling.rules import order_by
from programs.engine.plan import Kind
from programs.engine.worktime import BeyondCalendar

Bound = tuple[int, int, int, int]
"""Predecessor, link kind, lag, index of the lag's calendar or `ELAPSED`."""

_EVER = -(1 << 62)
"""Before every date."""


class CalendarPlacer(Placer):
    """Schedules of a plan on several calendars; starts and finishes are wall minutes.

    `axis` is the estimate on one axis that ranks activities; `exact` holds the work done by each start.
    """

    def __init__(self, problem: Levelling, axis: Axis) -> None:
        super().__init__(axis)
        self._problem = problem
        count = len(problem.duration)
        self._calendar = [problem.calendars[c] for c in problem.calendar or [0] * count]
        self._floors = [problem.projects[p].release for p in problem.project or [0] * count]
        for i, release in enumerate(problem.release):
            if release is not None:
                self._floors[i] = max(self._floors[i], release)
        self._links: list[list[Bound]] = [[] for _ in range(count)]
        for link, (i, j) in enumerate(zip(problem.predecessor, problem.successor, strict=True)):
            lag = problem.lag[link] if problem.lag else 0
            where = problem.lag_calendar[link] if problem.lag_calendar else ELAPSED - 1
            kind = problem.link_kind[link] if problem.link_kind else 0
            self._links[j].append((i, kind, lag, where))
        self._kind = list(problem.kind) or [0] * count
        self._unlimited = False
        users: list[set[int]] = [set() for _ in problem.capacity]
        for i, needs in enumerate(axis.needs):
            for k, _ in needs:
                users[k].add(problem.calendar[i] if problem.calendar else 0)
        self._alone = [len(calendars) < 2 for calendars in users]
        """Per resource, whether all who need it are on one calendar: nobody asks what is free at night."""

    def finish(self, start: Sequence[int]) -> int:
        """The last finish, in wall minutes."""
        return max(self.finishes(start), default=0)

    def finishes(self, start: Sequence[int]) -> list[int]:
        """Every finish, in wall minutes."""
        fixed, duration = self.axis.fixed, self._problem.duration
        return [
            self._fixed(i)[1]
            if i in fixed
            else (s if not d else calendar.finish_time(calendar.work_at(s) + d))
            for i, (s, d, calendar) in enumerate(zip(start, duration, self._calendar, strict=True))
        ]

    def unlimited(self) -> list[int]:
        """Starts if resources were free for the asking: the critical path's dates."""
        self._unlimited = True
        try:
            return self._decoded(self.axis.movable)
        finally:
            self._unlimited = False

    def ready(self, start: Sequence[int]) -> list[int]:
        """Per activity, when its release and its predecessors in this schedule let it begin."""
        finish = self.finishes(start)
        return [
            start[i] if i in self.axis.fixed else self._shown(i, self._earliest(i, start, finish))[0]
            for i in range(len(start))
        ]

    def driver(self, i: int, start: Sequence[int]) -> int:
        """The predecessor that holds an activity longest, -1 for none."""
        finish = self.finishes(start)
        return max(
            self._links[i], key=lambda link: self._bound(i, link, start, finish), default=(-1, 0, 0, 0)
        )[0]

    def prepare(self, finish: int) -> None:
        """Nothing: each improvement lies on a wall clock of its own."""

    def decode(self, order: Sequence[int]) -> list[int]:
        """One schedule. Raises `Infeasible`, also where a calendar ends too early."""
        self.generated += 1
        return self._decoded(order)

    def order_of(self, start: Sequence[int]) -> list[int]:
        """The movable activities by start, predecessors first."""
        key = [s * len(start) + r for s, r in zip(start, self._rank, strict=True)]
        return order_by(self.axis, key, priorities=False)

    def justify(self, start: Sequence[int]) -> list[int]:
        """The exact schedule of the order in which the plan, pushed late on the wall clock, begins."""
        finish = self.finishes(start)
        origin = min(start, default=0)
        wall = replace(
            self.axis,
            duration=list(map(sub, finish, start)),
            capacity=[[(t - origin, a) for t, a in steps] for steps in self._problem.capacity],
            floor=[0] * len(self._kind),
            fixed={i: (start[i] - origin, finish[i] - origin) for i in self.axis.fixed},
            into=self._spaced(start, finish, into=True),
            out_of=self._spaced(start, finish, into=False),
        )
        rough = Placer(wall)
        shifted = [s - origin for s in start]
        late = rough.late(shifted)
        self.generated += 1
        return self.decode(self.order_of(late))

    def _spaced(
        self, start: Sequence[int], finish: Sequence[int], *, into: bool
    ) -> list[list[tuple[int, int]]]:
        """Arcs in wall minutes: what each link asks for without its waiting for the next shift."""
        arcs: list[list[tuple[int, int]]] = [[] for _ in start]
        for j, links in enumerate(self._links):
            for i, kind, lag, _ in links:
                w = (
                    lag
                    + (0 if kind & 1 else finish[i] - start[i])
                    - (finish[j] - start[j] if kind > 1 else 0)
                )
                w = min(w, start[j] - start[i])
                arcs[j if into else i].append((i if into else j, w))
        return arcs

    def _fixed(self, i: int) -> tuple[int, int]:
        span = self._problem.fixed[i]
        if span is None:
            raise LookupError(f"activity {i} is not fixed")
        return span

    def _decoded(self, order: Sequence[int]) -> list[int]:
        problem = self._problem
        profiles: list[Profile] = [
            ([_EVER, *[t for t, _ in steps[1:]]], [amount for _, amount in steps])
            for steps in problem.capacity
        ]
        start, finish = [0] * len(self._kind), [0] * len(self._kind)
        for i in self.axis.fixed:
            start[i], finish[i] = self._fixed(i)
            if start[i] < finish[i]:
                self._use(i, start[i], finish[i], profiles)
        for i in order:
            try:
                start[i], finish[i] = self._place(i, start, finish, profiles)
            except BeyondCalendar as beyond:
                raise Infeasible(
                    f"the calendar of activity {i} has no time left for it: {beyond}", i
                ) from beyond
        return start

    def _place(self, i: int, start: list[int], finish: list[int], profiles: list[Profile]) -> tuple[int, int]:
        """The earliest start and finish of an activity whose predecessors are placed, and its resources taken."""
        calendar, duration = self._calendar[i], self._problem.duration[i]
        work = self._earliest(i, start, finish)
        needs = self.axis.needs[i]
        if self._unlimited or not needs:
            return self._shown(i, work)
        agreed, at = 0, 0
        while agreed < len(needs):  # until every resource agrees with the moment that the last one found
            k, amount = needs[at]
            found = self._fit(i, work, profiles[k], amount)
            if found is None:
                raise Infeasible(
                    f"resource {k} never again has {amount} for as long as activity {i} takes", i, k
                )
            agreed = agreed + 1 if found == work else 1
            work = found
            at = at + 1 if at + 1 < len(needs) else 0
        begin, end = calendar.start_time(work), calendar.finish_time(work + duration)
        self._use(i, begin, end, profiles)
        return begin, end

    def _use(self, i: int, begin: int, end: int, profiles: list[Profile]) -> None:
        """Take what an activity needs while its calendar works; nights too where nobody else could have them."""
        spans: list[tuple[int, int]] | None = None
        for k, amount in self.axis.needs[i]:
            if self._alone[k]:
                take(profiles[k], begin, end, amount)
                continue
            spans = self._calendar[i].spans(begin, end) if spans is None else spans
            for a, b in spans:
                take(profiles[k], a, b, amount)

    def _earliest(self, i: int, start: Sequence[int], finish: Sequence[int]) -> int:
        """The work on an activity's own axis by the start that its release and its predecessors allow."""
        return max(
            self._calendar[i].work_at(self._floors[i]),
            *[self._bound(i, link, start, finish) for link in self._links[i]],
            _EVER,
        )

    def _bound(self, i: int, link: Bound, start: Sequence[int], finish: Sequence[int]) -> int:
        """What one link asks of the start of `i`, on its own work axis."""
        p, kind, lag, where = link
        point = start[p] if kind & 1 else finish[p]
        if lag:
            point, lag = self._lagged(p, i, point, lag, where, kind)
        return self._calendar[i].work_at(point) + lag - (self._problem.duration[i] if kind > 1 else 0)

    def _shown(self, i: int, work: int) -> tuple[int, int]:
        """Start and finish of an activity at a position on its axis: milestones stand at the end of work."""
        calendar, duration = self._calendar[i], self._problem.duration[i]
        if duration:
            return calendar.start_time(work), calendar.finish_time(work + duration)
        end = calendar.finish_time(work)
        at_end = self._kind[i] != Kind.START_MILESTONE and end >= self._floors[i]
        point = end if at_end else calendar.start_time(work)
        return point, point

    def _lagged(self, p: int, i: int, point: int, lag: int, where: int, kind: int) -> tuple[int, int]:
        """The point a lag later, or the point and the lag, where it runs on the successor's own calendar."""
        if where == ELAPSED:
            return point + lag, 0
        runs_on = self._calendar[p] if where < ELAPSED else self._problem.calendars[where]
        if runs_on is self._calendar[i]:
            return point, lag
        work = runs_on.work_at(point) + lag
        return (runs_on.start_time(work) if kind & 1 else runs_on.finish_time(work)), 0

    def _fit(self, i: int, work: int, profile: Profile, amount: int) -> int | None:
        """The earliest start from `work` on, on the activity's own axis, with `amount` free whenever it works.

        None if there never is. Each step is looked at once: what ends before the start asked for is behind it.
        """
        calendar, duration = self._calendar[i], self._problem.duration[i]
        times, free = profile
        begin, end = calendar.start_time(work), calendar.finish_time(work + duration)
        y, last = bisect_right(times, begin) - 1, len(times)
        while y < last and times[y] < end:
            if free[y] < amount:
                since, until = max(times[y], begin), times[y + 1] if y + 1 < last else end
                if calendar.work_at(min(until, end)) > calendar.work_at(since):
                    if y + 1 == last:
                        return None
                    work = calendar.work_at(until)
                    begin, end = calendar.start_time(work), calendar.finish_time(work + duration)
            y += 1
        return work
