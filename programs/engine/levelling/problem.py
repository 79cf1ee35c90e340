"""What the levelling is given: work, links, resources and their capacity over time, as plain sequences.

A sequence left empty means that the plan does not use that feature. Without calendars every time is a whole
number of any unit on one axis. With calendars times are wall minutes (minutes since 1970-01-01T00:00 on the
program's local clock), durations working minutes on the activity's calendar, and an activity needs its
resources only while its calendar works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from programs.engine.worktime import WorkCalendar

ELAPSED = -1
"""As a link's `lag_calendar`: its lag counts every minute of the wall clock."""

Steps = Sequence[tuple[int, int]]
"""A step function: `(from time, amount)` in order of time; the first amount also holds before its time."""


class Infeasible(ValueError):
    """No schedule exists: `activity` asks for more than there ever is.

    `resource` is the index of the resource that can never serve it, None where the activity's calendar has no
    time for it. The message names both by number; who knows their names says it again with them.
    """

    def __init__(self, sentence: str, activity: int, resource: int | None = None) -> None:
        super().__init__(sentence)
        self.activity, self.resource = activity, resource


class Objective(Enum):
    """What the search makes as small as it can."""

    FINISH = "finish of the whole"
    """The last finish over all projects; between equals, the weighted finishes of the projects."""
    PROJECTS = "weighted finishes of the projects"
    """The sum of each project's weight times its own length; between equals, the last finish."""


@dataclass(frozen=True, slots=True)
class Share:
    """One project among those that share the resources."""

    release: int = 0
    """Nothing in it begins earlier."""
    priority: int = 0
    """The priority rules serve lower numbers first; projects with equal numbers compete by the rule alone."""
    weight: int = 1
    """What a unit of its length costs under `Objective.PROJECTS`; not negative."""


@dataclass(frozen=True, slots=True)
class Levelling:
    """Activities that compete for resources; all but `duration`, `demand` and `capacity` may be left out."""

    duration: Sequence[int]
    """Per activity, its length in units or working minutes; 0 is a milestone."""
    demand: Sequence[Sequence[tuple[int, int]]]
    """Per activity, pairs of resource and amount needed all the time it works."""
    capacity: Sequence[Steps]
    """Per resource, how much of it there is over time."""

    predecessor: Sequence[int] = ()
    """Per link, index of an activity."""
    successor: Sequence[int] = ()
    link_kind: Sequence[int] = ()
    """Per link, a `LinkKind`; empty: all finish to start."""
    lag: Sequence[int] = ()
    """Per link, minutes or units, negative for a lead; empty: none."""
    lag_calendar: Sequence[int] = ()
    """Per link, index of the calendar that its lag runs on or `ELAPSED`; empty: the predecessor's."""

    calendars: Sequence[WorkCalendar] = ()
    calendar: Sequence[int] = ()
    """Per activity, index into `calendars`; empty: all on the first."""
    kind: Sequence[int] = ()
    """Per activity, a `Kind` of those that do work; tells at which end of a night a milestone stands."""

    projects: Sequence[Share] = field(default_factory=lambda: [Share()])
    project: Sequence[int] = ()
    """Per activity, index into `projects`; empty: all in the first."""
    release: Sequence[int | None] = ()
    """Per activity, its own earliest start besides that of its project."""
    fixed: Sequence[tuple[int, int] | None] = ()
    """Per activity, start and finish where it has started or is done: it stays, and uses its resources there,
    more than there are if need be."""
    objective: Objective = Objective.FINISH


def validate(problem: Levelling) -> list[str]:
    """What is wrong with a problem, a sentence each; `level` takes one about which there is nothing to say."""
    count, resources = len(problem.duration), len(problem.capacity)
    wrong: list[str] = []
    per_activity = ("demand", "calendar", "kind", "project", "release", "fixed")
    for name in per_activity:
        given = getattr(problem, name)
        if len(given) != count and (given or name == "demand"):
            wrong.append(f"{name} has {len(given)} entries for {count} activities")
    for name in ("successor", "link_kind", "lag", "lag_calendar"):
        given = getattr(problem, name)
        if len(given) != len(problem.predecessor) and (given or name == "successor"):
            wrong.append(f"{name} has {len(given)} entries for {len(problem.predecessor)} links")
    if wrong:
        return wrong
    for i, duration in enumerate(problem.duration):
        if duration < 0:
            wrong.append(f"activity {i} has the negative duration {duration}")
    for i, needs in enumerate(problem.demand):
        for k, amount in needs:
            if not 0 <= k < resources:
                wrong.append(f"activity {i} asks for resource {k}, and there are {resources}")
            if amount < 0:
                wrong.append(f"activity {i} asks for the negative amount {amount} of resource {k}")
    for k, steps in enumerate(problem.capacity):
        if not steps:
            wrong.append(f"resource {k} has no capacity at any time")
        for at, (time, amount) in enumerate(steps):
            if amount < 0:
                wrong.append(f"resource {k} has the negative capacity {amount}")
            if at and time <= steps[at - 1][0]:
                wrong.append(f"the steps of resource {k} are not in order of time at {time}")
    for link, (i, j) in enumerate(zip(problem.predecessor, problem.successor, strict=True)):
        if not (0 <= i < count and 0 <= j < count):
            wrong.append(f"link {link} joins activities {i} and {j}, and there are {count}")
        elif i == j:
            wrong.append(f"link {link} leads from activity {i} to itself")
    wrong.extend(_dangling(problem))
    for p, share in enumerate(problem.projects):
        if share.weight < 0:
            wrong.append(f"project {p} has the negative weight {share.weight}")
    return wrong


def _dangling(problem: Levelling) -> list[str]:
    """References to calendars, projects and fixed dates that cannot be."""
    wrong = []
    calendars, projects = len(problem.calendars), len(problem.projects)
    wrong += [
        f"activity {i} is on calendar {c}, and there are {calendars}"
        for i, c in enumerate(problem.calendar)
        if not 0 <= c < calendars
    ]
    wrong += [
        f"the lag of link {link} runs on calendar {c}, and there are {calendars}"
        for link, c in enumerate(problem.lag_calendar)
        if c != ELAPSED and not 0 <= c < max(calendars, 1)
    ]
    wrong += [
        f"activity {i} is in project {p}, and there are {projects}"
        for i, p in enumerate(problem.project)
        if not 0 <= p < projects
    ]
    wrong += [
        f"activity {i} is fixed from {at[0]} to {at[1]}, backwards"
        for i, at in enumerate(problem.fixed)
        if at and at[1] < at[0]
    ]
    return wrong
