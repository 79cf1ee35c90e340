"""What is wrong with a plan, in words, before it is scheduled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from programs.engine.plan import Constraint, Kind, LagUnit, LinkKind, Plan

_PER_ACTIVITY = (
    "project",
    "kind",
    "parent",
    "constraint",
    "constraint_date",
    "second_constraint",
    "second_constraint_date",
    "deadline",
    "actual_start",
    "actual_finish",
    "remaining",
)
_PER_LINK = ("link_kind", "lag", "lag_unit")
_UNDATED = (Constraint.AS_SOON_AS_POSSIBLE, Constraint.AS_LATE_AS_POSSIBLE)


def validate(plan: Plan) -> list[str]:
    """Everything about a plan that `schedule` cannot work with or that makes no sense, one sentence each.

    Activities and links are named by index ("activity 3"). An empty list means the plan can be scheduled,
    unless its links run in a circle, which `schedule` itself refuses with the path.
    """
    problems = list(_shape(plan))
    if problems:
        return problems  # the rest would look things up in sequences that do not fit together
    return [*_frames(plan), *_activities(plan), *_constraints(plan), *_progress(plan), *_links(plan)]


def _shape(plan: Plan) -> Iterator[str]:
    count, links = len(plan.duration), len(plan.predecessor)
    if not plan.calendars:
        yield "a plan needs a calendar"
    if not plan.projects:
        yield "a plan needs a project"
    if len(plan.calendar) != count:
        yield f"calendar has {len(plan.calendar)} entries for {count} activities"
    for name in _PER_ACTIVITY:
        if len(getattr(plan, name)) not in (0, count):
            yield f"{name} has {len(getattr(plan, name))} entries for {count} activities"
    if len(plan.successor) != links:
        yield f"successor has {len(plan.successor)} entries for {links} links"
    for name in _PER_LINK:
        if len(getattr(plan, name)) not in (0, links):
            yield f"{name} has {len(getattr(plan, name))} entries for {links} links"


def _frames(plan: Plan) -> Iterator[str]:
    for p, project in enumerate(plan.projects):
        if not 0 <= project.calendar < len(plan.calendars):
            yield f"project {p}: there is no calendar {project.calendar}"


def _outside(indices: Sequence[int], size: int, lowest: int = 0) -> Iterator[tuple[int, int]]:
    return ((i, index) for i, index in enumerate(indices) if not lowest <= index < size)


def _activities(plan: Plan) -> Iterator[str]:
    for i, index in _outside(plan.calendar, len(plan.calendars)):
        yield f"activity {i}: there is no calendar {index}"
    for i, index in _outside(plan.project, len(plan.projects)):
        yield f"activity {i}: there is no project {index}"
    for i, index in _outside(plan.kind, len(Kind)):
        yield f"activity {i}: there is no kind of activity {index}"
    for i, minutes in enumerate(plan.duration):
        if minutes < 0:
            yield f"activity {i}: a duration of {minutes} minutes is negative"
    for i, minutes_left in enumerate(plan.remaining):
        if minutes_left is not None and minutes_left < 0:
            yield f"activity {i}: a remaining duration of {minutes_left} minutes is negative"
    yield from _parents(plan)


def _parents(plan: Plan) -> Iterator[str]:
    bad = dict(_outside(plan.parent, len(plan.duration), -1))
    for i, index in bad.items():
        yield f"activity {i}: there is no activity {index} to lie under"
    for i, above in enumerate(plan.parent):
        if i not in bad and above >= 0 and not (plan.kind and plan.kind[above] == Kind.SUMMARY):
            yield f"activity {i}: lies under activity {above}, which is not a summary"
    cleared: set[int] = set()
    for i in range(len(plan.parent)):
        walked: dict[int, None] = {}
        here = i
        while here >= 0 and here not in bad and here not in cleared:
            if here in walked:
                yield f"activity {here}: lies under itself"
                break
            walked[here] = None
            here = plan.parent[here]
        cleared.update(walked)


def _constraints(plan: Plan) -> Iterator[str]:
    for name, constraints, dates in (
        ("constraint", plan.constraint, plan.constraint_date),
        ("second constraint", plan.second_constraint, plan.second_constraint_date),
    ):
        for i, index in _outside(constraints, len(Constraint)):
            yield f"activity {i}: there is no {name} {index}"
        for i, constraint in enumerate(constraints):
            dated = bool(dates) and dates[i] is not None
            if 0 <= constraint < len(Constraint) and constraint not in _UNDATED and not dated:
                words = Constraint(constraint).name.lower().replace("_", " ")
                yield f"activity {i}: the {name} '{words}' needs a date"


def _progress(plan: Plan) -> Iterator[str]:
    if plan.actual_finish and not plan.actual_start:
        yield "actual finishes are given without actual starts"
        return
    for i, begun in enumerate(plan.actual_start):
        ended = plan.actual_finish[i] if plan.actual_finish else None
        p = plan.project[i] if plan.project else 0
        known = plan.projects[p].status_date if 0 <= p < len(plan.projects) else None
        if begun is None:
            if ended is not None:
                yield f"activity {i}: has an actual finish but no actual start"
            continue
        if ended is not None and ended < begun:
            yield f"activity {i}: finished before it started"
        for name, date in (("start", begun), ("finish", ended)):
            if known is not None and date is not None and date > known:
                yield f"activity {i}: its actual {name} lies after the status date"


def _links(plan: Plan) -> Iterator[str]:
    count = len(plan.duration)
    bad = set()
    for name, ends in (("predecessor", plan.predecessor), ("successor", plan.successor)):
        for k, index in _outside(ends, count):
            bad.add(k)
            yield f"link {k}: there is no {name} {index}"
    for k, (i, j) in enumerate(zip(plan.predecessor, plan.successor, strict=True)):
        if i == j and k not in bad:
            yield f"link {k}: links activity {i} to itself"
    for k, index in _outside(plan.link_kind, len(LinkKind)):
        yield f"link {k}: there is no kind of link {index}"
    for k, index in _outside(plan.lag_unit, len(LagUnit)):
        yield f"link {k}: there is no unit of lag {index}"
