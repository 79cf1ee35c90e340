"""Random plans for two engines: the same calendars as the engine's and as the reference's list of minutes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from programs.engine import (
    Alap,
    Constraint,
    Kind,
    LagCalendar,
    LagUnit,
    LatestFinish,
    LinkKind,
    Plan,
    Progress,
    Project,
    Rules,
    StartFloor,
    WorkCalendar,
    validate,
)
from tests.programs.engine.planner import FIVE_DAYS, OFFICE, minute
from tests.programs.engine.reference import Clock

START = minute("01-04")
_BUILT = date(2027, 1, 1), date(2027, 3, 1)
"""What the engine's calendars are built for at once; for all else they must extend themselves."""
_WINDOW = date(2025, 6, 1), date(2029, 12, 31)
"""The reference's clocks do not extend; no plan drawn here leaves this window."""
_DRAWN = 16

Frame = tuple[list[list[tuple[int, int]]], dict[date, list[tuple[int, int]]]]


def _frames() -> list[Frame]:
    """Weeks with their exceptions: five that people know, then random ones of at least 20 hours a week."""
    none: dict[date, list[tuple[int, int]]] = {}
    closed = {date(2027, 1, 6): [], date(2027, 1, 9): OFFICE, date(2027, 1, 18): [(0, 1440)]}
    frames: list[Frame] = [
        (FIVE_DAYS, none),
        ([OFFICE] * 6 + [[]], none),
        ([[(0, 1440)]] * 7, none),
        ([[(0, 360), (1320, 1440)]] * 7, none),
        (FIVE_DAYS, closed),
    ]
    random = Random(20270104)
    while len(frames) < _DRAWN:
        week = [_shifts(random) if random.random() < 0.75 else [] for _ in range(7)]
        if sum(end - start for day in week for start, end in day) < 1200:
            continue
        days = [date(2027, 1, 1) + timedelta(days=random.randrange(120)) for _ in range(12)]
        frames.append((week, {day: random.choice([[], [], _shifts(random)]) for day in days}))
    return frames


def _shifts(random: Random) -> list[tuple[int, int]]:
    """Up to three shifts of a day, touching or with breaks, some to the very minute."""
    edges = sorted({random.choice([random.randrange(1441), 15 * random.randrange(97)]) for _ in range(6)})
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    if pairs and random.random() < 0.3:
        pairs = [pairs[0], (pairs[0][1], min(pairs[0][1] + 45, 1440)), *pairs[1:]]
    kept: list[tuple[int, int]] = []
    for start, end in pairs:
        if start < end and (not kept or start >= kept[-1][1]):
            kept.append((start, end))
    return kept


FRAMES = _frames()


@cache
def engines(n: int) -> WorkCalendar:
    """The n-th calendar as the engine has it."""
    week, exceptions = FRAMES[n]
    return WorkCalendar.weekly(week, exceptions, first=_BUILT[0], last=_BUILT[1])


@cache
def clocks(n: int) -> Clock:
    """The n-th calendar as a list of minutes."""
    week, exceptions = FRAMES[n]
    return Clock(week, exceptions, *_WINDOW)


RULES = st.builds(
    Rules,
    progress=st.sampled_from(Progress),
    start_floor=st.sampled_from(StartFloor),
    late_constraints_pull=st.booleans(),
    alap=st.sampled_from(Alap),
    float_to=st.sampled_from(LatestFinish),
    longest_path_to=st.sampled_from(LatestFinish),
    late_finish_at_next_work=st.booleans(),
)

_KINDS = [Kind.TASK, Kind.TASK, Kind.TASK, Kind.START_MILESTONE, Kind.FINISH_MILESTONE]


@dataclass(frozen=True)
class Features:
    """What a drawn plan makes use of: shrinking a failure takes one after the other away."""

    activities: int
    links: int
    calendars: int
    projects: int
    kinds: bool
    lags: bool
    milestones: bool
    constraints: bool
    deadlines: bool
    progress: bool
    groups: bool
    shuffled: bool
    seed: int
    """Of all numbers that the above leave open."""


def features(activities: int = 12, links: int = 24, *, groups: bool = False) -> st.SearchStrategy[Features]:
    """Plans of up to so many activities and links."""
    return st.builds(
        Features,
        activities=st.integers(1, activities) | st.integers(activities // 2, activities),
        links=st.integers(0, links) | st.integers(links // 3, links),
        calendars=st.integers(1, 4),
        projects=st.integers(1, 3),
        kinds=st.booleans(),
        lags=st.booleans(),
        milestones=st.booleans(),
        constraints=st.booleans(),
        deadlines=st.booleans(),
        progress=st.booleans(),
        groups=st.booleans() if groups else st.just(False),
        shuffled=st.booleans(),
        seed=st.integers(0, 2**32),
    )


class Drawn(NamedTuple):
    """A valid plan, rules, and the plan's calendars for the reference."""

    plan: Plan
    rules: Rules
    clocks: list[Clock]


def cases(activities: int = 12, links: int = 24, *, groups: bool = False) -> st.SearchStrategy[Drawn]:
    """Any network with all that a plan can hold, under any rules."""
    return st.builds(_drawn, features(activities, links, groups=groups), RULES)


def _drawn(wanted: Features, rules: Rules) -> Drawn:
    plan, picked = network(wanted)
    return Drawn(plan, rules, [clocks(n) for n in picked])


def network(wanted: Features) -> tuple[Plan, list[int]]:
    """The plan with these features, and which of `FRAMES` its calendars are."""
    random = Random(wanted.seed)
    count = wanted.activities
    picked = random.sample(range(_DRAWN), wanted.calendars)
    projects = [_project(random, wanted) for _ in range(wanted.projects)]
    project = [random.randrange(wanted.projects) for _ in range(count)]
    begun, ended = (
        _progress(random, projects, project) if wanted.progress else ([None] * count, [None] * count)
    )
    links = _links(random, wanted)
    first, second = _constraints(random, count, 0.4), _constraints(random, count, 0.15)
    plan = Plan(
        calendars=[engines(n) for n in picked],
        projects=projects,
        calendar=[random.randrange(wanted.calendars) for _ in range(count)],
        duration=[random.choice([0, 240, 480, 960, random.randrange(2_400)]) for _ in range(count)],
        project=project,
        kind=[random.choice(_KINDS) if wanted.milestones else Kind.TASK for _ in range(count)],
        actual_start=begun,
        actual_finish=ended,
        remaining=[random.choice([None, None, 0, random.randrange(2_000)]) for _ in range(count)],
        predecessor=[link[0] for link in links],
        successor=[link[1] for link in links],
        link_kind=[link[2] for link in links],
        lag=[link[3] for link in links],
        lag_unit=[link[4] for link in links],
    )
    if wanted.constraints:
        plan = replace(
            plan,
            constraint=first,
            constraint_date=[_moment(random) for _ in range(count)],
            second_constraint=second,
            second_constraint_date=[_moment(random) for _ in range(count)],
        )
    if wanted.deadlines:
        plan = replace(plan, deadline=[random.choice([None, _moment(random)]) for _ in range(count)])
    if wanted.groups:
        plan = _grouped(random, plan)
    assert validate(plan) == []
    return plan, picked


def _moment(random: Random) -> int:
    """Around the plan, half of them at the edges of an office day."""
    if random.random() < 0.5:
        return START - 480 + 1440 * random.randrange(-3, 28) + random.choice([480, 720, 1020])
    return START + random.randrange(-5_000, 40_000)


def _project(random: Random, wanted: Features) -> Project:
    known = START + random.randrange(-3_000, 20_000)
    return Project(
        START + random.choice([0, 0, random.randrange(6_000)]),
        status_date=known if wanted.progress and random.random() < 0.7 else None,
        must_finish_by=_moment(random) + 20_000 if wanted.deadlines and random.random() < 0.4 else None,
        lag_calendar=random.choice(list(LagCalendar)),
        calendar=random.randrange(wanted.calendars),
        critical_float=random.choice([None, None, random.randrange(-1_000, 3_000)]),
    )


def _progress(
    random: Random, projects: list[Project], project: list[int]
) -> tuple[list[int | None], list[int | None]]:
    """Actual dates up to the status date, in any order that people can have worked in."""
    begun: list[int | None] = []
    ended: list[int | None] = []
    for p in project:
        known = projects[p].status_date
        now = START + random.randrange(15_000) if known is None else known
        start = now - random.randrange(20_000)
        begun.append(start if random.random() < 0.5 else None)
        ended.append(
            random.randrange(start, now + 1) if begun[-1] is not None and random.random() < 0.5 else None
        )
    return begun, ended


def _links(random: Random, wanted: Features) -> list[tuple[int, int, int, int, int]]:
    count = wanted.activities
    links: list[tuple[int, int, int, int, int]] = []
    named = random.sample(range(count), count) if wanted.shuffled else list(range(count))
    for _ in range(wanted.links if count > 1 else 0):
        i, j = sorted(random.sample(range(count), 2))
        kind = random.choice(list(LinkKind)) if wanted.kinds else LinkKind.FINISH_START
        unit, lag = LagUnit.WORKING, 0
        if wanted.lags and random.random() < 0.6:
            unit = random.choice(list(LagUnit))
            lag = random.choice([-480, 480, 1440, random.randrange(-1_500, 2_400)])
            if unit == LagUnit.PERCENT:
                lag = random.choice([50, 100, random.randrange(-150, 250)])
        links.append((named[i], named[j], kind, lag, unit))
    return links


def _constraints(random: Random, count: int, share: float) -> list[int]:
    kinds: list[int] = list(Constraint)
    return [random.choice(kinds) if random.random() < share else 0 for _ in range(count)]


def _grouped(random: Random, plan: Plan) -> Plan:
    """Some activities become summaries with others under them, some levels of effort."""
    count = len(plan.duration)
    kinds = list(plan.kind)
    for i in range(count):
        if random.random() < 0.3:
            kinds[i] = random.choice([Kind.SUMMARY, Kind.SUMMARY, Kind.LEVEL_OF_EFFORT])
    groups = [i for i, kind in enumerate(kinds) if kind == Kind.SUMMARY]
    above = [[g for g in groups if g < i] or [-1] for i in range(count)]
    return replace(plan, kind=kinds, parent=[random.choice([-1, *above[i]]) for i in range(count)])
