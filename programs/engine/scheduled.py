"""A plan with its schedule and all that a what-if starts from."""

from __future__ import annotations

from dataclasses import dataclass

from programs.engine.critical_path import Passes, computed, ends_of, limits_at, limits_of
from programs.engine.growing import Net, net_of
from programs.engine.plan import Plan, Rules
from programs.engine.result import Finding, Schedule
from programs.engine.revision import disorder
from programs.engine.tracing import driven_to, last_of

_OURS = Rules()


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A plan with its schedule and what lies in between: made once, asked many times. Nothing in it changes."""

    plan: Plan
    rules: Rules
    schedule: Schedule
    passes: Passes
    net: Net
    reached: list[int]
    """Per activity, its early finish in wall minutes before anything was moved as late as possible."""
    last: list[int]
    """The unfinished activities that finish last, as late as possible included."""
    chain: set[int]
    """They and all that drives them, finished work too."""
    ends: list[int | None]
    """As `ends_of` gives them."""
    latest: list[int]
    furthest: list[int]
    """As `limits_of` gives them, and by project and calendar: """
    limits: dict[tuple[int, int], tuple[int, int]]
    members: list[list[int]]
    """Per project, its activities that take part in the passes."""
    unkept: dict[int, Finding]
    """Per link that progress did not keep to, the finding."""

    @classmethod
    def of(cls, plan: Plan, rules: Rules = _OURS) -> Scheduled:
        """Schedule a valid plan and keep the work. Raises what `schedule` raises."""
        result, passes = computed(plan, rules)
        layout, reached = passes.layout, passes.finishes[:]
        for i in passes.moved:
            reached[i] = plan.calendars[plan.calendar[i]].finish_time(passes.first[2 * i + 1])
        project = plan.project or bytes(len(plan.duration))
        members: list[list[int]] = [[] for _ in plan.projects]
        for i in layout.order:
            members[project[i]].append(i)
        ends = ends_of(plan, rules, layout, reached)
        net, live = net_of(plan, layout), [i for i in layout.order if i not in layout.completed]
        last = last_of(live, passes.finishes)
        latest, furthest = limits_of(plan, rules, layout, reached)
        return cls(
            plan,
            rules,
            result,
            passes,
            net,
            reached,
            last,
            driven_to(plan, net, result.driving, last),
            ends,
            latest,
            furthest,
            limits_at(plan, layout, ends, set(zip(project, plan.calendar, strict=True))),
            members,
            disorder(plan, range(len(plan.predecessor))),
        )
