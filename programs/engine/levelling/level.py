"""The door: a feasible schedule at once, a better one within a time limit, and how far from the best it may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from programs.engine.levelling.axis import Axis, axis_of, one_calendar
from programs.engine.levelling.bounds import finish_bound
from programs.engine.levelling.calendars import CalendarPlacer
from programs.engine.levelling.improve import Placer
from programs.engine.levelling.problem import Infeasible, Levelling, Objective, Share
from programs.engine.levelling.reasons import Delay, waits
from programs.engine.levelling.rules import Rule
from programs.engine.levelling.search import Score, search
from programs.engine.plan import Kind
from programs.engine.worktime import BeyondCalendar

Progress = Callable[[int, int], None]
"""Called with the schedules generated so far and the best value found: see `Levelled.value`."""

MOST_TWICE = 250
"""Up to so many activities a second rule is tried at once: it costs about as much again as the first."""


@dataclass(frozen=True, slots=True)
class Levelled:
    """A feasible schedule in the problem's own times, and what is known about its quality."""

    start: list[int]
    finish: list[int]
    project_finish: list[int]
    """Per project, its last finish; its release where it has no activities."""
    end: int
    """The last finish of all."""
    value: int
    """What was made small. The whole length from the earliest release to the end, or the weighted lengths of the
    projects: in units, on one calendar in working minutes, on several in minutes of the wall clock."""
    bound: int
    """No schedule has a smaller value."""
    generated: int
    """Schedules generated on the way."""
    seconds: float
    delays: list[Delay]
    """The movable activities that begin later than their links alone would let them, by start."""

    @property
    def gap(self) -> float:
        """How much longer this schedule may be than the best one, as a fraction of the bound; 0: it is the best."""
        return (self.value - self.bound) / self.bound if self.bound else float(self.value > 0)


def level(
    problem: Levelling,
    *,
    rule: Rule | None = None,
    optimise: float | None = None,
    schedules: int = 1_000_000,
    seed: int = 1,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Levelled:
    """A feasible schedule of a valid problem (see `validate`), resources never overdrawn by what can move.

    At once: one pass by a priority rule and forward-backward improvement; `rule` None: by latest finish, and on
    one axis and up to `MOST_TWICE` activities also by earliest start, the better of the two. With `optimise`, a
    search goes on for at most so many seconds of `clock` and about so many `schedules`, until the bound is
    reached or `cancel` answers True; it never gives a worse one. The result depends on seed and number of
    schedules alone; the time limit only cuts. `progress` is called a few times a second. Raises `CycleFound`, and
    `Infeasible` with the activity and the resource.
    """
    began = clock()
    axis = axis_of(problem)
    one = one_calendar(problem)
    placer = Placer(axis) if one else CalendarPlacer(problem, axis)
    rules = _at_once(rule, axis, one)
    least = finish_bound(axis, thorough=optimise is not None) if one else 0
    placer.prepare(least + least // 4)
    start = placer.first(rules[0])
    judge = _Judge(problem, placer, axis, one)
    start = _improved(placer, start, judge, rounds=50)
    bound = judge.bound(least)
    for other in rules[1:]:
        if judge.score(start)[0] > bound:
            start = min(start, _improved(placer, placer.first(other), judge, rounds=50), key=judge.score)
    if optimise is not None and judge.score(start)[0] > bound:
        for other in Rule:
            if other not in rules and not (cancel and cancel()) and clock() - began < optimise:
                start = min(start, _improved(placer, placer.first(other), judge, rounds=50), key=judge.score)
        placer.prepare(placer.finish(start))
        told = began

        def enough(best: Score) -> bool:
            nonlocal told
            now = clock()
            if progress is not None and now - told >= 0.3:
                told = now
                progress(placer.generated, best[0])
            return now - began >= optimise or (cancel is not None and cancel())

        start = search(placer, start, judge.score, bound, seed=seed, schedules=schedules, enough=enough)
    return _result(problem, placer, axis, start, judge, bound, clock() - began)


def _at_once(rule: Rule | None, axis: Axis, one: bool) -> list[Rule]:
    """The rules whose schedules are improved at once."""
    if rule is not None:
        return [rule]
    return [Rule.LFT, Rule.EST] if one and len(axis.movable) <= MOST_TWICE else [Rule.LFT]


def _improved(placer: Placer, start: list[int], judge: _Judge, rounds: int) -> list[int]:
    """Forward-backward improvement, judged by the objective."""
    best = judge.score(start)
    for _ in range(rounds):
        again = placer.justify(start)
        score = judge.score(again)
        if score >= best:
            break
        start, best = again, score
    return start


class _Judge:
    """What a schedule is worth."""

    def __init__(self, problem: Levelling, placer: Placer, axis: Axis, one: bool) -> None:
        self._placer = placer
        self._axis = axis
        self._one = one
        self._objective = problem.objective
        self._weights = [share.weight for share in problem.projects]
        self._several = len(problem.projects) > 1
        count, projects = len(axis.duration), len(problem.projects)
        movable = [i for i in range(count) if i not in axis.fixed] or list(range(count))
        self._release = [0] * projects
        self.origin = 0
        if not one:
            self.origin = min((floor_of(problem, i) for i in movable), default=0)
            self._release = [share.release for share in problem.projects]
        else:
            for p in range(projects):
                self._release[p] = min((axis.floor[i] for i in movable if axis.project[i] == p), default=0)
        # The last finish of a project is that of one of these: nothing of its own must finish after them.
        self._ends: list[list[int]] = [[] for _ in range(projects)]
        for i, arcs in enumerate(axis.out_of):
            later = one and any(
                w + axis.duration[j] >= axis.duration[i]
                and axis.project[j] == axis.project[i]
                and j not in axis.fixed
                for j, w in arcs
            )
            if not later:
                self._ends[axis.project[i]].append(i)

    def score(self, start: list[int]) -> Score:
        """Whole length, then weighted lengths of the projects, or the other way round."""
        if not self._several:
            return self._placer.finish(start) - self.origin, 0
        finish = self._placer.finishes(start)
        whole = max(finish) - self.origin
        weighted = sum(
            weight * (max(map(finish.__getitem__, ends)) - release)
            for weight, ends, release in zip(self._weights, self._ends, self._release, strict=True)
            if ends
        )
        return (whole, weighted) if self._objective is Objective.FINISH else (weighted, whole)

    def bound(self, least: int) -> int:
        """No schedule's score begins with less; `least` is the `finish_bound` on one axis."""
        whole, _ = self.score(self._placer.unlimited())
        if self._objective is Objective.PROJECTS and self._several:
            return whole
        return max(whole, least - self.origin) if self._one else whole


def floor_of(problem: Levelling, i: int) -> int:
    """An activity's earliest start by its own release and that of its project."""
    share: Share = problem.projects[problem.project[i] if problem.project else 0]
    own = problem.release[i] if problem.release else None
    return share.release if own is None else max(own, share.release)


def _result(
    problem: Levelling,
    placer: Placer,
    axis: Axis,
    start: list[int],
    judge: _Judge,
    bound: int,
    seconds: float,
) -> Levelled:
    early, ready, ends = placer.unlimited(), placer.ready(start), placer.finishes(start)
    shown = _Clock(problem, axis)
    begin, finish = [0] * len(start), [0] * len(start)
    for i in range(len(start)):
        try:
            begin[i], finish[i] = shown.both(i, start[i], ends[i])
        except BeyondCalendar as beyond:
            raise Infeasible(f"the calendar of activity {i} has no time left for it: {beyond}", i) from beyond
    moved = [i for i in axis.movable if start[i] > early[i]]
    held = [i for i in moved if start[i] > ready[i] and axis.needs[i]]
    short = waits(
        [(i, shown.just_before(i, begin[i])) for i in held],
        axis.needs,
        problem.capacity,
        begin,
        finish,
        None if shown.one else shown.working,
    )
    delays = []
    for i in moved:
        earliest = shown.both(i, early[i], early[i])[0]
        if i in short:
            since = shown.both(i, ready[i], ready[i])[0]
            delays.append(Delay(i, earliest, begin[i], short[i][0], since, short[i][1]))
        else:
            delays.append(Delay(i, earliest, begin[i], predecessor=placer.driver(i, start)))
    delays.sort(key=lambda delay: (delay.start, delay.activity))
    project_finish = [share.release for share in problem.projects]
    for i, p in enumerate(axis.project):
        project_finish[p] = max(project_finish[p], finish[i])
    unit = axis.unit if shown.one else 1
    return Levelled(
        start=begin,
        finish=finish,
        project_finish=project_finish,
        end=max(finish, default=0),
        value=judge.score(start)[0] * unit,
        bound=bound * unit,
        generated=placer.generated,
        seconds=seconds,
        delays=delays,
    )


class _Clock:
    """From a placer's starts to the problem's own times."""

    def __init__(self, problem: Levelling, axis: Axis) -> None:
        self._problem, self._axis = problem, axis
        self.one = one_calendar(problem)
        self._calendars: Sequence[int] = problem.calendar or [0] * len(problem.duration)

    def both(self, i: int, start: int, end: int) -> tuple[int, int]:
        """Start and finish of an activity."""
        problem, axis = self._problem, self._axis
        span = problem.fixed[i] if problem.fixed else None
        if span is not None:
            return span[0], span[1]
        if not self.one:
            return start, end
        work, done = axis.origin + start * axis.unit, axis.origin + end * axis.unit
        if not problem.calendars:
            return work, done
        calendar = problem.calendars[self._calendars[i]]
        if problem.duration[i]:
            return calendar.start_time(work), calendar.finish_time(done)
        at_end = calendar.finish_time(work)
        starts = problem.kind and problem.kind[i] == Kind.START_MILESTONE
        point = calendar.start_time(work) if starts or at_end < floor_of(problem, i) else at_end
        return point, point

    def just_before(self, i: int, begin: int) -> int:
        """The last instant before an activity's start at which it could have worked."""
        if not self._problem.calendars:
            return begin - 1
        calendar = self._problem.calendars[self._calendars[i]]
        return calendar.finish_time(calendar.work_at(begin)) - 1

    def working(self, i: int, instant: int) -> bool:
        """Whether an activity's calendar works at an instant."""
        if not self._problem.calendars:
            return True
        try:
            return self._problem.calendars[self._calendars[i]].between(instant, instant + 1) == 1
        except BeyondCalendar:
            return False
