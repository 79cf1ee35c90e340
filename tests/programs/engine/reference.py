"""A second schedule engine: slow, obvious, and made without the first one's parts.

Calendars are lists of every single working minute. There is no order of activities: each date is computed from
all the others again and again until nothing changes any more. There are no axes to convert between: every link
is followed from the moment it leaves to the moment it arrives, on the wall clock. Of `programs.engine` it uses
the words (`Plan`, `Rules` and their enumerations) and nothing that computes. The rules are those of
`design/domain.md` ("Scheduling rules") and `design/engine.md` (section 4), and the docstrings of the words.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from programs.engine.plan import (
    Alap,
    Constraint,
    Kind,
    LagCalendar,
    LagUnit,
    LatestFinish,
    LinkKind,
    Plan,
    Progress,
    Rules,
    StartFloor,
)

Shifts = Sequence[tuple[int, int]]

_FINISHES = (LinkKind.FINISH_START, LinkKind.FINISH_FINISH)
_AT_START = (LinkKind.FINISH_START, LinkKind.START_START)
_START_DATES = (Constraint.START_NO_EARLIER_THAN, Constraint.START_NO_LATER_THAN, Constraint.MUST_START_ON)
_NO_EARLIER = (Constraint.START_NO_EARLIER_THAN, Constraint.FINISH_NO_EARLIER_THAN)
_NO_LATER = (Constraint.START_NO_LATER_THAN, Constraint.FINISH_NO_LATER_THAN)


class NeverSettles(Exception):
    """The dates go on changing: the links run in a circle."""


class Clock:
    """Every working minute between two days, one by one. `minutes[n]` is the wall minute of the n-th of them."""

    def __init__(
        self, week: Sequence[Shifts], exceptions: Mapping[date, Shifts], first: date, last: date
    ) -> None:
        self.minutes = array("i")
        epoch = date(1970, 1, 1).toordinal()
        for day in range(first.toordinal(), last.toordinal() + 1):
            today = date.fromordinal(day)
            for start, end in sorted(exceptions.get(today, week[today.weekday()])):
                self.minutes.extend(range((day - epoch) * 1440 + start, (day - epoch) * 1440 + end))

    def done(self, t: int) -> int:
        """How many working minutes have passed by wall minute `t`."""
        return bisect_left(self.minutes, t)

    def begins(self, n: int) -> int:
        """The moment at which the working minute after the first `n` begins."""
        return self.minutes[n]

    def ends(self, n: int) -> int:
        """The moment at which the n-th working minute is over."""
        return self.minutes[n - 1] + 1


@dataclass
class Answer:
    """What the engine should say, parallel to the activities; dates in wall minutes, floats in working minutes."""

    early_start: list[int]
    early_finish: list[int]
    late_start: list[int]
    late_finish: list[int]
    total_float: list[int]
    free_float: list[int]
    on_longest_path: list[bool]
    critical: list[bool]
    driving: list[bool]
    project_finish: list[int]
    finish: int


def settle(one: Callable[[int, list[int]], int], values: list[int]) -> list[int]:
    """Work every value out from all the others, over and over, until a whole round changes nothing."""
    for _ in range(len(values) + 2):
        again = [one(i, values) for i in range(len(values))]
        if again == values:
            return values
        values = again
    raise NeverSettles


class Reference:
    """One plan under one set of rules. A position is a count of working minutes on the activity's own clock."""

    def __init__(self, plan: Plan, rules: Rules, clocks: Sequence[Clock]) -> None:
        self.plan, self.rules, self.clocks = plan, rules, clocks
        self.all = range(len(plan.duration))
        self.links = range(len(plan.predecessor))
        self.settled = rules.progress is Progress.ACTUAL_DATES
        self.held = [self._held_from(p) for p in range(len(plan.projects))]
        self.length = [self._length(i) for i in self.all]
        self.base = [self.clock(i).done(self.held[self.project(i)]) for i in self.all]

    # What the plan says of one activity, with its defaults.

    def clock(self, i: int) -> Clock:
        return self.clocks[self.plan.calendar[i]]

    def project(self, i: int) -> int:
        return self.plan.project[i] if self.plan.project else 0

    def kind(self, i: int) -> int:
        return self.plan.kind[i] if self.plan.kind else Kind.TASK

    def begun(self, i: int) -> int | None:
        return self.plan.actual_start[i] if self.plan.actual_start else None

    def ended(self, i: int) -> int | None:
        return self.plan.actual_finish[i] if self.plan.actual_finish else None

    def left(self, i: int) -> int | None:
        return self.plan.remaining[i] if self.plan.remaining else None

    def done(self, i: int) -> bool:
        return self.begun(i) is not None and self.ended(i) is not None

    def ends_something(self, i: int) -> bool:
        """A point in time that stands at the end of the work before it."""
        return self.kind(i) == Kind.FINISH_MILESTONE or (
            self.kind(i) == Kind.TASK and self.plan.duration[i] == 0
        )

    def link_kind(self, k: int) -> int:
        return self.plan.link_kind[k] if self.plan.link_kind else LinkKind.FINISH_START

    def lag(self, k: int) -> tuple[int, Clock | None]:
        """Minutes and the clock they run on, None for the wall clock."""
        plan, i, j = self.plan, self.plan.predecessor[k], self.plan.successor[k]
        lag = plan.lag[k] if plan.lag else 0
        unit = plan.lag_unit[k] if plan.lag_unit else LagUnit.WORKING
        if unit == LagUnit.PERCENT:  # rounded to the nearest minute, half a minute upwards
            lag = (2 * plan.duration[i] * lag + 100) // 200
        frame = plan.projects[self.project(j)]
        on = {
            LagCalendar.PREDECESSOR: self.clock(i),
            LagCalendar.SUCCESSOR: self.clock(j),
            LagCalendar.PROJECT_DEFAULT: self.clocks[frame.calendar],
            LagCalendar.ALL_HOURS: None,
        }[frame.lag_calendar]
        return lag, None if unit == LagUnit.ELAPSED else on

    def _held_from(self, p: int) -> int:
        frame = self.plan.projects[p]
        if self.settled:
            return frame.start
        if frame.status_date is not None:
            return max(frame.start, frame.status_date)
        own = [i for i in self.all if self.project(i) == p]
        known = [t for i in own for t in (self.begun(i), self.ended(i)) if t is not None]
        return max([frame.start, *known])

    def _length(self, i: int) -> int:
        """Working minutes still to be placed."""
        whole = 0 if self.kind(i) in (Kind.START_MILESTONE, Kind.FINISH_MILESTONE) else self.plan.duration[i]
        begun, ended, left = self.begun(i), self.ended(i), self.left(i)
        if begun is None:
            return whole
        if ended is not None:
            return self.clock(i).done(ended) - self.clock(i).done(begun) if self.settled else 0
        return left if left is not None and whole and not self.settled else whole

    # Forwards.

    def leaves(self, k: int, early: list[int]) -> int:
        """The position (on the predecessor's clock) of the end that the link leaves from."""
        i = self.plan.predecessor[k]
        return early[i] + (self.length[i] if self.link_kind(k) in _FINISHES else 0)

    def moment(self, k: int, position: int) -> int:
        """When that position is, for somebody on another clock."""
        i = self.plan.predecessor[k]
        if self.kind(i) == Kind.START_MILESTONE:
            return self.clock(i).begins(position)
        if self.ends_something(i):
            at_the_start = position <= self.base[i]
            return self.clock(i).begins(position) if at_the_start else self.clock(i).ends(position)
        at_finish = self.link_kind(k) in _FINISHES
        return self.clock(i).ends(position) if at_finish else self.clock(i).begins(position)

    def after(self, k: int, t: int, lag: int, on: Clock | None) -> int:
        """The moment a lag after another one."""
        if not lag:
            return t
        if on is None:
            return t + lag
        n = on.done(t) + lag
        return on.ends(n) if self.link_kind(k) in _FINISHES else on.begins(n)

    def reaches(self, k: int, early: list[int]) -> int | None:
        """The earliest position of the successor's start that the link allows; None: it asks for nothing."""
        i, j = self.plan.predecessor[k], self.plan.successor[k]
        lag, on = self.lag(k)
        if self.settled and self.begun(j) is not None:
            return None
        if self.rules.progress is Progress.PROGRESS_OVERRIDE and (self.begun(j) is not None or self.done(i)):
            return None
        shorter = 0 if self.link_kind(k) in _AT_START else self.length[j]
        if not self.settled:
            happened = self.ended(i) if self.link_kind(k) in _FINISHES and self.done(i) else None
            if self.link_kind(k) not in _FINISHES:
                happened = self.begun(i)
            if happened is not None:
                until = self.after(k, happened, lag, on)
                if until >= self.held[self.project(j)]:
                    return self.clock(j).done(until) - shorter
                lag = 0  # it ran out in the past; what is left is the order
        position = self.leaves(k, early)
        if lag and on is self.clock(i):
            clock, at = self.clock(i), position + lag
            t = clock.ends(at) if self.link_kind(k) in _FINISHES else clock.begins(at)
            return self.clock(j).done(t) - shorter
        t = self.moment(k, position)
        if lag and on is self.clock(j):
            return self.clock(j).done(t) + lag - shorter
        return self.clock(j).done(self.after(k, t, lag, on)) - shorter

    def limits(self, i: int) -> tuple[int | None, int | None, int | None, bool]:
        """From the constraints: earliest start, latest finish, the one start that wins, as late as possible."""
        plan, clock = self.plan, self.clock(i)
        lowest: int | None = None
        highest: int | None = None
        must: int | None = None
        late = False
        if self.done(i):
            return lowest, highest, must, late
        for kinds, dates in (
            (plan.constraint, plan.constraint_date),
            (plan.second_constraint, plan.second_constraint_date),
        ):
            kind = kinds[i] if kinds else Constraint.AS_SOON_AS_POSSIBLE
            t = dates[i] if dates else None
            if kind == Constraint.AS_LATE_AS_POSSIBLE:
                late = self.begun(i) is None
            if t is None or kind in (Constraint.AS_SOON_AS_POSSIBLE, Constraint.AS_LATE_AS_POSSIBLE):
                continue
            start = clock.done(t) - (0 if kind in _START_DATES else self.length[i])
            if kind in _NO_EARLIER:
                if self.begun(i) is None:
                    lowest = start if lowest is None else max(lowest, start)
            elif kind in _NO_LATER or self.begun(i) is not None:
                end = start + self.length[i]
                highest = end if highest is None else min(highest, end)
            else:
                must = start
        return lowest, highest, must, late

    def free_of_project_start(self, i: int) -> bool:
        """Whether links alone may say where it begins."""
        into = [
            k for k in self.links if self.plan.successor[k] == i and self.reaches(k, self.base) is not None
        ]
        if self.rules.start_floor is StartFloor.EVERY_ACTIVITY or not into:
            return False
        held = any(self.plan.successor[k] == i and self.link_kind(k) not in _AT_START for k in self.links)
        return self.rules.start_floor is StartFloor.OPEN_STARTS or not held

    def early(self, pushed: Mapping[int, int]) -> list[int]:
        """Early starts; `pushed` are starts that some may not begin before, besides all else."""
        free = [self.free_of_project_start(i) for i in self.all]
        limits = [self.limits(i) for i in self.all]

        def one(i: int, early: list[int]) -> int:
            if self.settled and (begun := self.begun(i)) is not None:
                return self.clock(i).done(begun)
            lowest, highest, must, _ = limits[i]
            bounds = [] if free[i] else [self.base[i]]
            into = (k for k in self.links if self.plan.successor[k] == i)
            bounds += [b for k in into if (b := self.reaches(k, early)) is not None]
            bounds += [b for b in (lowest, pushed.get(i)) if b is not None]
            if must is not None:
                return must
            start = max(bounds)
            if self.rules.late_constraints_pull and highest is not None:
                start = min(start, highest - self.length[i])
            return start

        return settle(one, self.base)

    # Backwards.

    def allows(self, k: int, starts: list[int], finishes: list[int]) -> int | None:
        """The latest position of the predecessor's finish from which the successor's dates can still be kept."""
        i, j = self.plan.predecessor[k], self.plan.successor[k]
        lag, on = self.lag(k)
        leaves_start = self.link_kind(k) not in _FINISHES
        started = leaves_start and self.begun(i) is not None
        if self.settled:
            if self.done(i) or self.done(j) or started:
                return None
        elif self.rules.progress is Progress.PROGRESS_OVERRIDE:
            if self.begun(j) is not None or started:
                return None
        else:
            happened = self.begun(i) if leaves_start else self.ended(i)
            if started:
                lag = 0
            if happened is not None and self.after(k, happened, *self.lag(k)) < self.held[self.project(j)]:
                lag = 0
        position = starts[j] if self.link_kind(k) in _AT_START else finishes[j]
        if lag and on is self.clock(j) and on is not self.clock(i):
            t = self.clock(j).begins(position - lag)
            lag = 0
        else:
            ends = self.link_kind(k) not in _AT_START or self.ends_something(j)
            exact = self.rules.late_finish_at_next_work or (lag and on is None)
            t = self.clock(j).ends(position) if ends and not exact else self.clock(j).begins(position)
        longer = self.length[i] if leaves_start else 0
        if not lag or on is self.clock(i):
            return self.clock(i).done(t) - lag + longer
        if on is None:
            return self.clock(i).done(t - lag) + longer
        return self.clock(i).done(on.begins(on.done(t) - lag)) + longer

    def open_ends(self, early: list[int]) -> tuple[list[int], list[int]]:
        """Per activity, what its finish may slip to where nothing follows, and what its free float runs to."""
        ends: list[int | None] = []
        for p in range(len(self.plan.projects)):
            own = [
                self.end_of_work(i, early)
                for i in self.all
                if (self.project(i) == p or self.rules.float_to is LatestFinish.PROGRAM)
                and (self.settled or not self.done(i))
            ]
            ends.append(max(own, default=None))
        latest, furthest = [], []
        for i in self.all:
            p = self.project(i)
            end = ends[p]
            end = self.held[p] if end is None else end
            by = self.plan.projects[p].must_finish_by
            latest.append(self.clock(i).done(end if by is None else by))
            furthest.append(self.clock(i).done(end))
            if self.settled and self.done(i):
                latest[i] = furthest[i] = early[i] + self.length[i]
        return latest, furthest

    def end_of_work(self, i: int, early: list[int]) -> int:
        return self.clock(i).ends(early[i] + self.length[i])

    def late(self, early: list[int]) -> tuple[list[int], list[int]]:
        """Late starts and finishes."""
        latest, _ = self.open_ends(early)
        after_start = self.length[:]
        for i in self.all:
            if self.settled and self.begun(i) is not None and not self.done(i) and self.length[i]:
                left = self.left(i)
                after_start[i] = self.length[i] if left is None else left

        def one(i: int, late: list[int]) -> int:
            starts = [finish - after_start[j] for j, finish in enumerate(late)]
            out = (k for k in self.links if self.plan.predecessor[k] == i)
            last = min([latest[i], *[b for k in out if (b := self.allows(k, starts, late)) is not None]])
            _, highest, must, _ = self.limits(i)
            deadline = self.plan.deadline[i] if self.plan.deadline and not self.done(i) else None
            if must is not None:
                last = must + self.length[i]
            elif highest is not None:
                last = min(last, highest)
            return last if deadline is None else min(last, self.clock(i).done(deadline))

        finishes = settle(one, latest)
        return [finish - after_start[j] for j, finish in enumerate(finishes)], finishes

    def rooms(self, early: list[int]) -> tuple[list[int], list[int]]:
        """Free floats, and early starts once what wants to be late has moved by its own."""
        _, furthest = self.open_ends(early)

        def room(i: int, starts: list[int]) -> int:
            finishes = [start + self.length[j] for j, start in enumerate(starts)]
            out = (k for k in self.links if self.plan.predecessor[k] == i)
            bounds = [b for k in out if (b := self.allows(k, starts, finishes)) is not None]
            return min([furthest[i], *bounds]) - early[i] - self.length[i]

        def moved(i: int, starts: list[int]) -> int:
            _, highest, must, late = self.limits(i)
            if not late or must is not None or self.rules.alap is not Alap.FREE_FLOAT:
                return early[i]
            deadline = self.plan.deadline[i] if self.plan.deadline else None
            own = [] if highest is None else [highest]
            own += [] if deadline is None else [self.clock(i).done(deadline)]
            return early[i] + max(
                min([room(i, starts), *[last - early[i] - self.length[i] for last in own]]), 0
            )

        starts = settle(moved, early)
        return [room(i, starts) - (starts[i] - early[i]) for i in self.all], starts

    # Together.

    def answer(self) -> Answer:
        plan, every = self.plan, self.all
        early = self.early({})
        wants = [i for i in every if self.limits(i)[3]]
        if wants and self.rules.alap is Alap.TOTAL_FLOAT:
            starts, _ = self.late(early)
            early = self.early({i: starts[i] for i in wants})
        late_start, late_finish = self.late(early)
        free, early = self.rooms(early)
        driving = [self.reaches(k, early) == early[plan.successor[k]] for k in self.links]
        path = self.path(early, driving)
        total = [late_finish[i] - early[i] - self.length[i] for i in every]
        for i in every:
            if self.done(i):
                total[i] = free[i] = 0
        critical = path[:]
        for i in every:
            most = plan.projects[self.project(i)].critical_float
            if most is not None:
                critical[i] = not self.done(i) and total[i] <= most
        early_dates = [self.shown(i, early[i], early[i] + self.length[i]) for i in every]
        late_dates = [self.shown(i, late_start[i], late_finish[i]) for i in every]
        finishes = [
            max([early_dates[i][1] for i in every if self.project(i) == p], default=frame.start)
            for p, frame in enumerate(plan.projects)
        ]
        return Answer(
            early_start=[first for first, _ in early_dates],
            early_finish=[last for _, last in early_dates],
            late_start=[first for first, _ in late_dates],
            late_finish=[last for _, last in late_dates],
            total_float=total,
            free_float=free,
            on_longest_path=path,
            critical=critical,
            driving=driving,
            project_finish=finishes,
            finish=max(finishes),
        )

    def shown(self, i: int, start: int, finish: int) -> tuple[int, int]:
        """Two positions as dates: a point in time has one, and what has happened stays as it happened."""
        clock, begun, ended = self.clock(i), self.begun(i), self.ended(i)
        first, last = clock.begins(start), clock.ends(finish)
        if self.length[i] == 0:
            if self.kind(i) == Kind.START_MILESTONE or start <= self.base[i]:
                last = first
            else:
                first = last
        return first if begun is None else begun, last if not self.done(i) or ended is None else ended

    def path(self, early: list[int], driving: list[bool]) -> list[bool]:
        """Who is unfinished and reaches, over driving links, what finishes last (of the program or of a project)."""
        on_path = [False] * len(self.all)
        each = self.rules.longest_path_to is LatestFinish.EACH_PROJECT
        for p in range(len(self.plan.projects) if each else 1):
            own = [i for i in self.all if not self.done(i) and (not each or self.project(i) == p)]
            if not own:
                continue
            last = max(self.end_of_work(i, early) for i in own)
            marked = {i for i in own if self.end_of_work(i, early) == last}
            while True:
                more = {
                    self.plan.predecessor[k]
                    for k in self.links
                    if driving[k] and self.plan.successor[k] in marked
                }
                if more <= marked:
                    break
                marked |= more
            for i in own:
                on_path[i] |= i in marked
        return on_path
