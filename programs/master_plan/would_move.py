"""What would move: the answer to an edit that is not saved.

The edit is checked as if it were saved (`apply_changes`), then worked out on a copy of the plan by the engine's
`what_if`. Nothing is written and no lock is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from pmo import formats
from pmo.refusals import Refused
from programs.baselines.models import BaselineActivity
from programs.engine import (
    BeyondCalendar,
    CycleFound,
    Difference,
    Edits,
    EditsRefused,
    Finding,
    NewLink,
    Scheduled,
    difference,
    schedule,
    what_if,
)
from programs.portfolio.models import Program, Project
from programs.schedule.computing import in_words
from programs.schedule.following import in_request
from programs.schedule.inputs import CONSTRAINTS, KINDS, LAG_UNITS, LINKS, Loaded, load
from programs.schedule.models import Activity, Dependency
from programs.schedule.services import apply_changes
from programs.schedule.uncollected import uncollected

SHOWN = 20
"""Activities, milestones and findings that are named; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Named:
    """An activity by its names."""

    activity_id: int
    code: str
    name: str
    project: str


@dataclass(frozen=True, slots=True)
class Move:
    """One activity that would move."""

    activity: Named
    start: tuple[datetime, datetime]
    """Early (or actual) start before and after."""
    finish: tuple[datetime, datetime]
    days: float
    """By which its finish (or, where only that moves, its start) moves on the clock; later is positive."""
    committed: datetime | None = None
    """Its finish in the current baseline: of a milestone, what was committed to."""

    @property
    def breaks(self) -> bool:
        """Does a committed milestone move later?"""
        return self.committed is not None and self.days > 0


@dataclass(frozen=True, slots=True)
class Shift:
    """A finish before and after."""

    name: str
    before: datetime
    after: datetime
    days: float


@dataclass(frozen=True, slots=True)
class WouldMove:
    """Everything that an edit would bring about. Lists are the first `SHOWN`, their counts are whole."""

    finish: Shift
    """Of the program, moved or not."""
    projects: list[Shift]
    """Those whose finish moves."""
    moved: int
    moves: list[Move]
    """In the order of their new starts."""
    milestones_moved: int
    milestones: list[Move]
    """Committed ones first, then in the order of their new finishes."""
    committed: int
    """Committed milestones that would move later."""
    joined: int
    joins: list[Named]
    """Activities that would become critical."""
    left: int
    leaves: list[Named]
    new_findings: int
    findings: list[tuple[str, Named | None]]
    promised_missed: bool
    """The program's finish would come to lie after what was promised, and does not now."""

    def __bool__(self) -> bool:
        return bool(
            self.moved or self.joined or self.left or self.new_findings or self.finish.days or self.projects
        )


def would_move(
    program: Program, activity: Activity, changes: Mapping[str, Any], version: int | None = None
) -> WouldMove:
    """What an edit of an activity (read with its project) would move. `changes` and refusals as in `edit_activity`.

    Refused too above `COMPUTE_IN_REQUEST_UP_TO` activities, whose dates a worker computes. The activity given is
    changed in memory. At most ten statements.
    """
    apply_changes(activity, program, changes, version)
    if activity.kind == Activity.Kind.SUMMARY and "kind" in changes:
        raise Refused("What a summary would move is known once it is saved.", field="kind")
    return worked_out(program, lambda loaded: _edited(loaded, activity))


def link_would_move(program: Program, link: Dependency) -> WouldMove:
    """What a new link (`new_dependency`, not saved) would move; refused as `would_move` is, and for summaries."""
    if Activity.Kind.SUMMARY in (link.predecessor.kind, link.successor.kind):
        raise Refused("What a link of a summary would move is known once it is saved.", field="predecessor")
    return worked_out(program, lambda loaded: _linked(loaded, link))


def worked_out(program: Program, differ: Callable[[Loaded], Difference]) -> WouldMove:
    """What a difference of two schedules of the program means; refused and answered as `would_move` is."""
    if not in_request(program):
        most = formats.number(int(settings.COMPUTE_IN_REQUEST_UP_TO))
        raise Refused(
            f"What an edit would move is worked out for plans of up to {most} activities. "
            "This one is larger: save the edit, and a worker computes the new dates.",
            code="too-large",
        )
    with uncollected():
        loaded = load(program)
        try:
            return _answer(program, loaded, differ(loaded))
        except CycleFound as cycle:
            raise in_words(cycle, loaded.activity_ids) from cycle
        except EditsRefused as refused:
            raise Refused(f"{refused.problems[0][:1].upper()}{refused.problems[0][1:]}.") from refused
        except BeyondCalendar as beyond:
            raise Refused(
                "This would move work more than a century away. Please check the dates and durations."
            ) from beyond


def _linked(loaded: Loaded, link: Dependency) -> Difference:
    """The schedule as it is against the one with one more link."""
    index = loaded.activity_ids.index
    added = NewLink(
        index(link.predecessor_id),
        index(link.successor_id),
        LINKS[link.kind],
        link.lag,
        LAG_UNITS[link.lag_unit],
    )
    return what_if(Scheduled.of(loaded.plan, loaded.rules), Edits(added_links=[added])).difference


def _edited(loaded: Loaded, activity: Activity) -> Difference:
    """The schedule as it is against the one with the activity as it would be."""
    plan, i = loaded.plan, loaded.activity_ids.index(activity.pk)
    wall = loaded.clock.wall_or_none
    project = plan.projects[plan.project[i]]
    calendar = activity.calendar_id
    fields: dict[str, Any] = {
        "calendar": project.calendar if calendar is None else loaded.calendars.index[calendar],
        "duration": activity.duration_minutes,
        "constraint": CONSTRAINTS[activity.constraint],
        "constraint_date": wall(activity.constraint_at),
        "deadline": wall(activity.deadline_at),
        "actual_start": wall(activity.actual_start),
        "actual_finish": wall(activity.actual_finish),
        "remaining": activity.remaining_minutes,
    }
    other: Any = {name: value for name, value in fields.items() if getattr(plan, name)[i] != value}
    kind = KINDS[activity.kind]
    if kind == plan.kind[i]:
        return what_if(Scheduled.of(plan, loaded.rules), Edits(activities={i: other})).difference
    columns: dict[str, Any] = {name: _with(getattr(plan, name), i, value) for name, value in other.items()}
    edited = replace(plan, kind=_with(plan.kind, i, kind), **columns)
    return difference(
        schedule(plan, loaded.rules),
        schedule(edited, loaded.rules),
        numbers=range(len(plan.duration)),
        links=range(len(plan.predecessor)),
        kind=edited.kind,
        duration=edited.duration,
    )


def _with(column: Sequence[Any], i: int, value: Any) -> list[Any]:
    changed = list(column)
    changed[i] = value
    return changed


def _answer(program: Program, loaded: Loaded, found: Difference) -> WouldMove:
    own = len(loaded.activity_ids)  # behind them lie the points that carry links of groups

    def known(activities: Iterable[int]) -> list[int]:
        return [i for i in activities if i < own]

    after = found.after
    moved = sorted(known(found.moved), key=lambda i: (after.early_start[i], i))
    joins, leaves = known(found.became_critical), known(found.no_longer_critical)
    findings = [one for one in found.new_findings if one.activity < own]
    milestones = known(found.milestones_moved)
    committed = _committed(program, [loaded.activity_ids[i] for i in milestones])
    ids = loaded.activity_ids
    milestones.sort(key=lambda i: (ids[i] not in committed, after.early_finish[i], i))
    shown = {
        *moved[:SHOWN],
        *milestones[:SHOWN],
        *joins[:SHOWN],
        *leaves[:SHOWN],
        *(one.activity for one in findings[:SHOWN] if one.activity >= 0),
    }
    named = _named({ids[i] for i in shown})
    projects = _projects(program, loaded, found) if found.project_finish else []
    finish = _shift(loaded, "Program", found.finish)
    return WouldMove(
        finish=finish,
        projects=projects,
        moved=len(moved),
        moves=[_move(loaded, found, i, named, committed) for i in moved[:SHOWN]],
        milestones_moved=len(milestones),
        milestones=[_move(loaded, found, i, named, committed) for i in milestones[:SHOWN]],
        committed=sum(1 for i in milestones if ids[i] in committed and _days(found, i) > 0),
        joined=len(joins),
        joins=[named[ids[i]] for i in joins[:SHOWN]],
        left=len(leaves),
        leaves=[named[ids[i]] for i in leaves[:SHOWN]],
        new_findings=len(findings),
        findings=[(_says(one), named.get(ids[one.activity])) for one in findings[:SHOWN]],
        promised_missed=_past(program, loaded, finish.after) and not _past(program, loaded, finish.before),
    )


def _days(found: Difference, i: int) -> float:
    """Days on the clock by which an activity moves; as in `Move`."""
    minutes = found.after.early_finish[i] - found.before.early_finish[i]
    return (minutes or found.after.early_start[i] - found.before.early_start[i]) / 1440


def _move(
    loaded: Loaded, found: Difference, i: int, named: dict[int, Named], committed: dict[int, datetime]
) -> Move:
    instant, pk = loaded.clock.instant, loaded.activity_ids[i]
    return Move(
        named[pk],
        (instant(found.before.early_start[i]), instant(found.after.early_start[i])),
        (instant(found.before.early_finish[i]), instant(found.after.early_finish[i])),
        _days(found, i),
        committed.get(pk),
    )


def _shift(loaded: Loaded, name: str, finish: tuple[int, int]) -> Shift:
    before, after = finish
    return Shift(name, loaded.clock.instant(before), loaded.clock.instant(after), (after - before) / 1440)


def _past(program: Program, loaded: Loaded, finish: datetime) -> bool:
    promised = program.committed_finish
    return promised is not None and finish.astimezone(loaded.clock.zone).date() > promised


def _projects(program: Program, loaded: Loaded, found: Difference) -> list[Shift]:
    pks = dict(zip(loaded.plan.project, loaded.project_of, strict=False))
    codes = dict(Project.objects.filter(program_id=program.pk).values_list("pk", "code"))
    return [_shift(loaded, codes[pks[p]], pair) for p, pair in found.project_finish.items() if p in pks]


def _named(ids: set[int]) -> dict[int, Named]:
    rows = Activity.objects.filter(pk__in=ids).values_list("pk", "code", "name", "project__code")
    return {row[0]: Named(*row) for row in rows}


def _committed(program: Program, ids: list[int]) -> dict[int, datetime]:
    """Of some milestones, those that the current baseline has, with their finish in it."""
    if not ids:
        return {}
    return dict(
        BaselineActivity.objects.filter(
            program_id=program.pk, baseline__is_current=True, activity_id__in=ids
        ).values_list("activity_id", "finishes_at")
    )


def _says(one: Finding) -> str:
    text = one.kind.value
    return f"{text[:1].upper()}{text[1:]}"
