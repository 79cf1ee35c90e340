"""What is wrong with a plan, in words, before it is scheduled."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence

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
_MAY_BE_NONE = ("deadline", "actual_start", "actual_finish", "remaining")
_CENTURY = 100 * 366 * 1440
_MOST_PERCENT = 10_000
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_FIRST, _LAST = (1 - _EPOCH) * 1440, (datetime.date.max.toordinal() - _EPOCH + 1) * 1440
"""The first wall minute of the year 1, and the one after the last of the year 9999."""
_UNDATED = (Constraint.AS_SOON_AS_POSSIBLE, Constraint.AS_LATE_AS_POSSIBLE)


def validate(plan: Plan) -> list[str]:
    """Everything about a plan that `schedule` cannot work with or that makes no sense, one sentence each.

    Activities and links are named by index ("activity 3"). An empty list means the plan can be scheduled,
    unless its links run in a circle, which `schedule` itself refuses with the path.
    """
    problems = list(_shape(plan))
    problems = problems or list(_whole_numbers(plan))
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


def _whole_numbers(plan: Plan) -> Iterator[str]:
    """Entries that are no whole numbers (a fraction, NaN, text, nothing where something must be)."""
    for name in ("calendar", "duration", *_PER_ACTIVITY):
        nothing_is_fine = name.endswith("_date") or name in _MAY_BE_NONE
        for i, value in enumerate(getattr(plan, name)):
            if not _whole(value) and not (value is None and nothing_is_fine):
                yield f"activity {i}: its {name.replace('_', ' ')} {value!r} is not a whole number"
    for name in ("predecessor", "successor", *_PER_LINK):
        for k, value in enumerate(getattr(plan, name)):
            if not _whole(value):
                yield f"link {k}: its {name.replace('_', ' ')} {value!r} is not a whole number"
    for p, frame in enumerate(plan.projects):
        for name in ("start", "status_date", "must_finish_by", "calendar", "critical_float"):
            value = getattr(frame, name)
            if not _whole(value) and not (value is None and name not in ("start", "calendar")):
                yield f"project {p}: its {name.replace('_', ' ')} {value!r} is not a whole number"


def _whole(value: object) -> bool:
    """Any integer, numpy's too."""
    return isinstance(value, int) or hasattr(value, "__index__")


def _dates(noun: str, name: str, dates: Iterable[int | None]) -> Iterator[str]:
    for i, at in enumerate(dates):
        if at is not None and not _FIRST <= at < _LAST:
            yield f"{noun} {i}: its {name} (wall minute {at}) lies outside the years 1 to 9999"


def _frames(plan: Plan) -> Iterator[str]:
    for p, project in enumerate(plan.projects):
        if not 0 <= project.calendar < len(plan.calendars):
            yield f"project {p}: there is no calendar {project.calendar}"
    for name in ("start", "status_date", "must_finish_by"):
        yield from _dates("project", name.replace("_", " "), (getattr(p, name) for p in plan.projects))


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
        elif minutes > _CENTURY:
            yield f"activity {i}: a duration of {minutes} minutes is longer than a century"
    for i, minutes_left in enumerate(plan.remaining):
        if minutes_left is not None and minutes_left < 0:
            yield f"activity {i}: a remaining duration of {minutes_left} minutes is negative"
        elif minutes_left is not None and minutes_left > _CENTURY:
            yield f"activity {i}: a remaining duration of {minutes_left} minutes is longer than a century"
    for name in ("deadline", "actual_start", "actual_finish", "constraint_date", "second_constraint_date"):
        yield from _dates("activity", name.replace("_", " "), getattr(plan, name))
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
    for k, lag in enumerate(plan.lag):
        if plan.lag_unit and plan.lag_unit[k] == LagUnit.PERCENT:
            if abs(lag) > _MOST_PERCENT:
                yield f"link {k}: a lag of {lag} percent is more than a hundred durations"
        elif abs(lag) > _CENTURY:
            yield f"link {k}: a lag of {lag} minutes is longer than a century"
