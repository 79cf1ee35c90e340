"""Judges a schedule: given a plan, rules and dates, what of the plan do the dates not keep?

It computes no schedule. It takes the dates as they are shown, goes through links, constraints, calendars,
floats, summaries and finishes one by one, and says in words what does not hold. It also asks that nothing
begins later than something demands, so that dates which are merely late do not pass. Durations, lags and
conversions are those of `programs.engine.worktime`, which has proofs of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from programs.engine.plan import (
    Alap,
    Constraint,
    Kind,
    LagCalendar,
    LagUnit,
    LinkKind,
    Plan,
    Progress,
    Rules,
    StartFloor,
)
from programs.engine.result import FindingKind, Schedule
from programs.engine.worktime import WorkCalendar

_FINISHES = (LinkKind.FINISH_START, LinkKind.FINISH_FINISH)
_AT_START = (LinkKind.FINISH_START, LinkKind.START_START)


def check(plan: Plan, rules: Rules, schedule: Schedule) -> list[str]:
    """What does not hold, one sentence each; an empty list is a schedule that keeps its plan."""
    return list(_Judge(plan, rules, schedule).faults())


class _Judge:
    def __init__(self, plan: Plan, rules: Rules, schedule: Schedule) -> None:
        self.plan, self.rules, self.dates = plan, rules, schedule
        count = len(plan.duration)
        self.kinds = list(plan.kind) or [Kind.TASK] * count
        self.projects = list(plan.project) or [0] * count
        self.begun = list(plan.actual_start) or [None] * count
        self.ended = list(plan.actual_finish) or [None] * count
        self.settled = rules.progress is Progress.ACTUAL_DATES
        self.work = [i for i in range(count) if self.kinds[i] not in (Kind.LEVEL_OF_EFFORT, Kind.SUMMARY)]
        self.held = [self._held(p) for p in range(len(plan.projects))]
        self.length = {i: self._length(i) for i in self.work}
        self.links = [
            k
            for k, (i, j) in enumerate(zip(plan.predecessor, plan.successor, strict=True))
            if i in self.length and j in self.length
        ]

    def faults(self) -> Iterator[str]:
        for i in self.work:
            yield from self._activity(i)
            yield from self._constraints(i)
        yield from self._starts()
        yield from self._path()
        yield from self._summaries()
        yield from self._finishes()

    def cal(self, i: int) -> WorkCalendar:
        return self.plan.calendars[self.plan.calendar[i]]

    def at(self, i: int, t: int) -> int:
        return self.cal(i).work_at(t)

    def done(self, i: int) -> bool:
        return self.begun[i] is not None and self.ended[i] is not None

    def _held(self, p: int) -> int:
        frame = self.plan.projects[p]
        known = frame.status_date
        if known is None and not self.settled:
            own = [i for i, project in enumerate(self.projects) if project == p]
            known = max(
                (t for i in own for t in (self.begun[i], self.ended[i]) if t is not None), default=None
            )
        return frame.start if known is None or self.settled else max(frame.start, known)

    def _length(self, i: int) -> int:
        whole = self.plan.duration[i] if self.kinds[i] == Kind.TASK else 0
        begun, ended = self.begun[i], self.ended[i]
        if begun is None:
            return whole
        if ended is not None:
            return self.cal(i).between(begun, ended) if self.settled else 0
        left = self.plan.remaining[i] if self.plan.remaining else None
        return whole if self.settled or left is None or not whole else left

    def _limits(self, i: int) -> tuple[list[tuple[Constraint, int]], bool, bool]:
        """Dated constraints that count, whether one of them wins over links, as late as possible."""
        dated, late = [], False
        for kinds, dates in (
            (self.plan.constraint, self.plan.constraint_date),
            (self.plan.second_constraint, self.plan.second_constraint_date),
        ):
            kind = Constraint(kinds[i]) if kinds else Constraint.AS_SOON_AS_POSSIBLE
            t = dates[i] if dates else None
            late |= kind is Constraint.AS_LATE_AS_POSSIBLE
            if t is not None and kind not in (
                Constraint.AS_LATE_AS_POSSIBLE,
                Constraint.AS_SOON_AS_POSSIBLE,
            ):
                dated.append((kind, t))
        must = [d for d in dated if d[0] in (Constraint.MUST_START_ON, Constraint.MUST_FINISH_ON)]
        if len(must) > 1:  # the second one has the word
            dated.remove(must[0])
        return dated, bool(must), late

    def _activity(self, i: int) -> Iterator[str]:
        s, cal = self.dates, self.cal(i)
        if self.done(i):
            actual = (self.begun[i], self.ended[i])
            if actual != (s.early_start[i], s.early_finish[i]) or actual != (
                s.late_start[i],
                s.late_finish[i],
            ):
                yield f"activity {i} is not shown as it happened"
            if s.total_float[i] or s.free_float[i]:
                yield f"activity {i} is over and has float"
            return
        begins = s.remaining_start[i] if not self.settled else s.early_start[i]
        if cal.between(begins, s.early_finish[i]) != self.length[i]:
            yield f"activity {i} does not last {self.length[i]} minutes from its early start"
        if self.begun[i] is None:
            if cal.between(s.late_start[i], s.late_finish[i]) != self.length[i]:
                yield f"activity {i} does not last {self.length[i]} minutes from its late start"
        elif self.begun[i] != s.early_start[i]:
            yield f"activity {i} is not shown to begin when it began"
        if cal.between(s.early_finish[i], s.late_finish[i]) != s.total_float[i]:
            yield f"activity {i}: its total float is not what lies between its finishes"
        if s.interfering_float[i] != s.total_float[i] - s.free_float[i]:
            yield f"activity {i}: its interfering float is not total less free"

    def _constraints(self, i: int) -> Iterator[str]:
        if self.done(i):
            return
        s, length = self.dates, self.length[i]
        dated, must, _ = self._limits(i)
        start, late = self.at(i, s.early_start[i]), self.at(i, s.late_finish[i])
        pulls = self.rules.late_constraints_pull
        for kind, t in dated:
            finish = self.at(i, t) + (length if "START" in kind.name else 0)
            words = kind.name.lower().replace("_", " ")
            if kind.name.endswith("_EARLIER_THAN"):
                kept = self.begun[i] is not None or must or pulls or start + length >= finish
            elif kind.name.endswith("_LATER_THAN"):
                pulled = self.begun[i] is not None or must or not pulls or start + length <= finish
                kept = pulled and (must or late <= finish)
            elif self.begun[i] is not None:
                kept = late <= finish
            else:
                kept = start + length == finish
            if not kept:
                yield f"activity {i} does not keep '{words}'"
        deadline = self.plan.deadline[i] if self.plan.deadline else None
        if deadline is not None:
            if late > self.at(i, deadline):
                yield f"activity {i} has a late finish after its deadline"
            missed = self.cal(i).between(deadline, s.early_finish[i]) > 0
            if missed != any(f.kind is FindingKind.DEADLINE_MISSED and f.activity == i for f in s.findings):
                yield f"activity {i}: its deadline is missed ({missed}) and the findings say otherwise"

    def lag(self, k: int) -> tuple[int, WorkCalendar | None, bool]:
        """Minutes, the calendar they run on, whether that is the successor's own."""
        plan, i, j = self.plan, self.plan.predecessor[k], self.plan.successor[k]
        lag = plan.lag[k] if plan.lag else 0
        unit = plan.lag_unit[k] if plan.lag_unit else LagUnit.WORKING
        if unit == LagUnit.PERCENT:
            lag = (plan.duration[i] * lag + 50) // 100
        frame = plan.projects[self.projects[j]]
        if unit == LagUnit.ELAPSED or frame.lag_calendar is LagCalendar.ALL_HOURS or not lag:
            return lag, None, False
        if frame.lag_calendar is LagCalendar.PROJECT_DEFAULT:
            index = frame.calendar
        else:
            index = plan.calendar[i if frame.lag_calendar is LagCalendar.PREDECESSOR else j]
        own = index == plan.calendar[j] and index != plan.calendar[i]
        return lag, plan.calendars[index], own

    def demands(self, k: int) -> int | str | None:
        """The earliest start (work on the successor's calendar) a link allows; None: nothing; words: not to be seen
        in the dates."""
        plan, s = self.plan, self.dates
        i, j = plan.predecessor[k], plan.successor[k]
        kind = plan.link_kind[k] if plan.link_kind else LinkKind.FINISH_START
        at_finish = kind in _FINISHES
        lag, on, own = self.lag(k)
        if self.done(j) and not self.settled:
            return "a completed activity shows its actual dates"
        if self.settled and self.begun[j] is not None:
            return None
        if self.rules.progress is Progress.PROGRESS_OVERRIDE and (self.begun[j] is not None or self.done(i)):
            return None
        happened = None
        if not self.settled:
            happened = self.ended[i] if at_finish and self.done(i) else None if at_finish else self.begun[i]
        if happened is not None:
            t = self._later(happened, lag, on, at_finish)
            if t < self.held[self.projects[j]]:
                return "the lag is spent; what remains is the order in the network"
            lag, own = 0, False
        else:
            t = self._moment(i, s.early_finish[i] if at_finish else s.early_start[i], at_finish, lag and on)
            if not own:
                t, lag = self._later(t, lag, on, at_finish), 0
        return self.at(j, t) + lag - (0 if kind in _AT_START else self.length[j])

    def _later(self, t: int, lag: int, on: WorkCalendar | None, at_finish: bool) -> int:
        if not lag or on is None:
            return t + lag
        n = on.work_at(t) + lag
        return on.finish_time(n) if at_finish else on.start_time(n)

    def _moment(self, i: int, t: int, at_finish: bool, on: WorkCalendar | int | None) -> int:
        """The moment of an activity's shown date for others: at the begin or the end of its own work."""
        cal, n = self.cal(i), self.at(i, t)
        if on is cal:
            return t  # the lag begins by counting the work done; where in the gap it stands is the same
        end = self.kinds[i] == Kind.FINISH_MILESTONE or (
            self.kinds[i] == Kind.TASK and not self.plan.duration[i]
        )
        if self.kinds[i] == Kind.START_MILESTONE or (end and n <= self.at(i, self.held[self.projects[i]])):
            return cal.start_time(n)
        return cal.finish_time(n) if end or at_finish else cal.start_time(n)

    def _starts(self) -> Iterator[str]:
        """Every start is exactly where the last of its demands puts it, or a finding says why not."""
        s, plan = self.dates, self.plan
        into: dict[int, list[int]] = {i: [] for i in self.work}
        for k in self.links:
            into[plan.successor[k]].append(k)
        broken = {
            (f.activity, f.link): f.minutes
            for f in s.findings
            if f.kind is FindingKind.CONSTRAINT_BREAKS_LINK
        }
        expected: dict[tuple[int, int], int] = {}
        for j in self.work:
            if self.done(j) or (self.settled and self.begun[j] is not None):
                continue
            dated, must, late = self._limits(j)
            start = self.at(j, s.remaining_start[j])
            bounds, hidden = [], False
            for k in into[j]:
                bound = self.demands(k)
                if isinstance(bound, str):
                    hidden = True
                elif bound is not None:
                    if bound > start and self._moved_over_a_gap(k):
                        hidden = True
                        continue
                    bounds.append(bound)
                    if s.driving[k] != (bound == start):
                        yield f"link {k} drives ({s.driving[k]}) and asks for {bound - start:+} minutes"
                    if bound > start:
                        expected[j, k] = bound - start
            asked = max(bounds, default=None)
            free = self.rules.start_floor is StartFloor.OPEN_STARTS and (bounds or hidden)
            if self.rules.start_floor is StartFloor.OPEN_STARTS_AND_FINISH_LINKS and (bounds or hidden):
                free = not any((plan.link_kind[k] if plan.link_kind else 0) > 1 for k in into[j])
            floor = self.at(j, self.held[self.projects[j]])
            if not free:
                asked = floor if asked is None else max(asked, floor)
            for kind, t in dated:
                if kind.name.endswith("_EARLIER_THAN") and self.begun[j] is None:
                    on_start = self.at(j, t) - (0 if "START" in kind.name else self.length[j])
                    asked = on_start if asked is None else max(asked, on_start)
            if self.begun[j] is not None:
                must = late = False
            pulled = self.rules.late_constraints_pull and any(
                kind.name.endswith("_LATER_THAN") or (self.begun[j] is not None and "MUST" in kind.name)
                for kind, _ in dated
            )
            if must or asked is None:
                continue
            if start < asked and not pulled:
                yield f"activity {j} begins {asked - start} minutes before it may"
            if start > asked and not late and not hidden:
                yield f"activity {j} begins {start - asked} minutes after it could"
        for (j, k), minutes in expected.items():
            if self.begun[j] is None and broken.get((j, k)) != minutes:
                yield f"link {k} is broken by {minutes} minutes and no finding says so"

    def _moved_over_a_gap(self, k: int) -> bool:
        """Known (docs/limits.md): work moved as late as possible whose start holds work on another calendar."""
        i, j = self.plan.predecessor[k], self.plan.successor[k]
        kind = self.plan.link_kind[k] if self.plan.link_kind else LinkKind.FINISH_START
        across = self.plan.calendar[i] != self.plan.calendar[j] or self.lag(k)[1] is not self.cal(i)
        begins = kind not in _FINISHES or not self.length[i]  # a point may stand at the beginning of work too
        return begins and across and self._limits(i)[2]

    def _path(self) -> Iterator[str]:
        s = self.dates
        live = [i for i in self.work if not self.done(i)]
        if live and not any(s.on_longest_path[i] for i in live):
            yield "nothing lies on the longest path"
        if any(s.on_longest_path[i] for i in self.work if self.done(i)):
            yield "something that is over lies on the longest path"
        if live and self.rules.alap is Alap.FREE_FLOAT and not self.rules.late_constraints_pull:
            least = min(s.free_float[i] for i in live)
            if least < 0 and not any(self._limits(i)[1] for i in live) and not self._may_lose_a_gap():
                yield f"a free float of {least} minutes without anything that was forced"

    def _may_lose_a_gap(self) -> bool:
        """Whether a conversion between calendars or progress may show float as negative (ADR 54)."""
        return (
            len({self.plan.calendar[i] for i in self.work}) > 1
            or any(b is not None for b in self.begun)
            or any(unit == LagUnit.ELAPSED for unit in self.plan.lag_unit)
            or any(frame.lag_calendar is LagCalendar.ALL_HOURS for frame in self.plan.projects)
            or any(frame.lag_calendar is LagCalendar.PROJECT_DEFAULT for frame in self.plan.projects)
        )

    def _summaries(self) -> Iterator[str]:
        s = self.dates
        under: dict[int, list[int]] = {}
        for i, above in enumerate(self.plan.parent):
            if above >= 0:
                under.setdefault(above, []).append(i)

        def leaves(i: int) -> list[int]:
            below = under.get(i, [])
            return [x for j in below for x in ([j] if self.kinds[j] != Kind.SUMMARY else leaves(j))]

        for i in under:
            own = leaves(i)
            if own and (
                s.early_start[i] != min(s.early_start[j] for j in own)
                or s.early_finish[i] != max(s.early_finish[j] for j in own)
            ):
                yield f"summary {i} does not last from the first to the last under it"

    def _finishes(self) -> Iterator[str]:
        s = self.dates
        for p, frame in enumerate(self.plan.projects):
            own = [s.early_finish[i] for i in self.work if self.projects[i] == p]
            if s.project_finish[p] != max(own, default=frame.start):
                yield f"project {p} does not finish with the last of its activities"
        if s.finish != max(s.project_finish):
            yield "the program does not finish with the last of its projects"
