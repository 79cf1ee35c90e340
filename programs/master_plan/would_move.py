"""What an edit moves, told from what its command computed: before it is saved (a trial), or when it is held.

There is one way to know: carry the edit out, compute the dates as ever, and read the difference between the rows of the
new computation and those they replace. A trial is then undone. So any command can be asked, whatever it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.conf import settings
from django.db.models import Exists, F, OuterRef

from pmo import formats
from pmo.accounts.models import User
from pmo.refusals import Refused
from programs.baselines.models import BaselineActivity
from programs.portfolio.models import Program, Project
from programs.schedule.clock import ProgramClock
from programs.schedule.following import in_request
from programs.schedule.models import Activity, Computation, ComputedDates
from programs.schedule.services import Outcome
from programs.schedule.spans import read

SHOWN = 20
"""Activities, milestones and findings that are named; all of them are counted."""
MILESTONES = (Activity.Kind.START_MILESTONE, Activity.Kind.FINISH_MILESTONE)


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


class Tried(Refused):
    """The command would do this. Nothing was saved: raising it undoes everything."""

    status = 200

    def __init__(self, moves: WouldMove | None, seal: str = "") -> None:
        super().__init__("Nothing is saved yet.", code="tried")
        self.seal = seal
        """What agrees to this edit and these moves (`master_plan.services.hold`)."""
        self.moves = moves
        """None where a worker computes the dates of a plan of that size."""

    def known(self) -> WouldMove:
        """The answer; Refused where there is none yet."""
        if self.moves is None:
            raise too_large()
        return self.moves


def too_large() -> Refused:
    """What an edit moves is not known before a worker computed it."""
    most = formats.number(int(settings.COMPUTE_IN_REQUEST_UP_TO))
    return Refused(
        f"What an edit would move is worked out for plans of up to {most} activities. "
        "This one is larger: save the edit, and a worker computes the new dates.",
        code="too-large",
    )


def trial(
    *, command: Callable[..., Outcome], of: Program, by: User | None, at: datetime, **given: Any
) -> NoReturn:
    """Carry out a command on the plan `of` a program and raise Tried with what it moves, which undoes it.

    Refused too above `COMPUTE_IN_REQUEST_UP_TO` activities, whose dates a worker computes. Holds the plan's lock.
    Raises what the command raises.
    """
    if not in_request(of):
        raise too_large()
    raise Tried(told(of, command(by=by, at=at, **given)))


@dataclass(frozen=True, slots=True)
class _Dates:
    """Of one activity: start and finish as instants, and whether it is critical."""

    start: datetime
    finish: datetime
    critical: bool


def told(program: Program, outcome: Outcome) -> WouldMove | None:
    """What the computation of a command moved; None where a worker computes. At most eight queries."""
    new = outcome.computation
    if new is None:
        return None
    old = Computation.objects.filter(program_id=program.pk, pk__lt=new.pk).order_by("-pk").first()
    rows = ComputedDates.objects.filter(program_id=program.pk)
    after, before = _dates(rows.filter(computation=new)), _dates(rows.filter(superseded_by=new))
    both = [pk for pk in after if pk in before]
    moved = sorted((pk for pk in both if pk in outcome.moved), key=lambda pk: (after[pk].start, pk))
    milestones, committed = _milestones(program, moved)
    broken = {pk for pk in committed if _days(before[pk], after[pk]) > 0}
    milestones.sort(key=lambda pk: (pk not in broken, pk not in committed, after[pk].finish, pk))
    joins = [pk for pk in both if after[pk].critical and not before[pk].critical]
    leaves = [pk for pk in both if before[pk].critical and not after[pk].critical]
    findings = _new_findings(old, new)
    named = _named({*moved[:SHOWN], *milestones[:SHOWN], *joins[:SHOWN], *leaves[:SHOWN]} | {
        pk for _, pk in findings[:SHOWN] if pk is not None
    })  # fmt: skip

    def move(pk: int) -> Move:
        one, other = before[pk], after[pk]
        return Move(
            named[pk],
            (one.start, other.start),
            (one.finish, other.finish),
            _days(one, other),
            committed.get(pk),
        )

    finish = _shift("Program", old.plan_finish if old else None, new.plan_finish)
    return WouldMove(
        finish=finish,
        projects=_projects(program, old, new),
        moved=len(moved),
        moves=[move(pk) for pk in moved[:SHOWN]],
        milestones_moved=len(milestones),
        milestones=[move(pk) for pk in milestones[:SHOWN]],
        committed=len(broken),
        joined=len(joins),
        joins=[named[pk] for pk in joins[:SHOWN]],
        left=len(leaves),
        leaves=[named[pk] for pk in leaves[:SHOWN]],
        new_findings=len(findings),
        findings=[(text, named.get(pk) if pk else None) for text, pk in findings[:SHOWN]],
        promised_missed=_past(program, finish.after) and not _past(program, finish.before),
    )


def unmoved(program: Program) -> WouldMove:
    """The answer to an edit that changes nothing."""
    now = Computation.objects.filter(program_id=program.pk).order_by("-pk").first()
    finish = _shift("Program", now.plan_finish if now else None, None)
    return WouldMove(finish, [], 0, [], 0, [], 0, 0, [], 0, [], 0, [], False)


def _dates(rows: Any) -> dict[int, _Dates]:
    found = rows.order_by("activity_id").values_list("activity_id", "early_start", "early_finish", "critical")
    return {pk: _Dates(start, finish, critical) for pk, start, finish, critical in found}


def _days(before: _Dates, after: _Dates) -> float:
    """Days on the clock by which an activity moves; as in `Move`."""
    by = (after.finish - before.finish) or (after.start - before.start)
    return by.total_seconds() / 86_400


def _milestones(program: Program, ids: list[int]) -> tuple[list[int], dict[int, datetime]]:
    """Of some activities the milestones, and those of them that the current baseline has, with their finish in it.

    Milestones are those of the kind, work of no duration, and what the baseline froze as a moment: who gives a
    committed milestone a duration, or puts work under it, keeps what was committed. A group that was a moment only for
    the milestones in it is none itself.
    """
    frozen = BaselineActivity.objects.filter(program_id=program.pk, baseline__is_current=True)
    moment = frozen.filter(starts_at=F("finishes_at"))
    kept = {
        pk: (begin, finish)
        for pk, begin, finish in frozen.filter(activity_id__in=ids).values_list(
            "activity_id", "starts_at", "finishes_at"
        )
    }
    inner = Activity.objects.filter(program_id=program.pk, pk__in=moment.values("activity_id"))
    rows = Activity.objects.filter(program_id=program.pk, pk__in=ids).annotate(
        holds=Exists(inner.filter(parent_id=OuterRef("pk")))
    )
    milestones = []
    for pk, kind, minutes, holds in rows.values_list("pk", "kind", "duration_minutes", "holds"):
        begin, finish = kept.get(pk, (None, None))
        promised = pk in kept and begin == finish and not (kind == Activity.Kind.SUMMARY and holds)
        if promised or kind in MILESTONES or (kind == Activity.Kind.TASK and not minutes):
            milestones.append(pk)
    return milestones, {pk: kept[pk][1] for pk in milestones if pk in kept}


def _named(ids: set[int]) -> dict[int, Named]:
    rows = Activity.objects.filter(pk__in=ids).values_list("pk", "code", "name", "project__code")
    return {row[0]: Named(*row) for row in rows}


def _new_findings(old: Computation | None, new: Computation) -> list[tuple[str, int | None]]:
    """What a planner should look at now and did not have to before, with the activity it is about."""

    def mark(one: Mapping[str, Any]) -> tuple[Any, ...]:
        return one["kind"], one["activity"], one["dependency"]

    known = {mark(one) for one in old.findings} if old else set()
    return [
        (f"{one['text'][:1].upper()}{one['text'][1:]}", one["activity"])
        for one in new.findings
        if mark(one) not in known
    ]


def _shift(name: str, before: datetime | None, after: datetime | None) -> Shift:
    """A finish before and after; a plan that had none, or has none any more, does not shift."""
    one, other = before or after, after or before
    if one is None or other is None:
        one = other = datetime.fromtimestamp(0, UTC)
    return Shift(name, one, other, (other - one).total_seconds() / 86_400)


def _past(program: Program, finish: datetime) -> bool:
    promised = program.committed_finish
    zone = ProgramClock(program.time_zone).zone
    return promised is not None and finish.astimezone(zone).date() > promised


def _projects(program: Program, old: Computation | None, new: Computation) -> list[Shift]:
    before, after = read(old.project_dates) if old else {}, read(new.project_dates)
    there = [pk for pk in after if pk in before and before[pk].finish != after[pk].finish]
    if not there:
        return []
    codes = Project.objects.filter(pk__in=there).order_by("position", "pk").values_list("pk", "code")
    return [_shift(code, before[pk].finish, after[pk].finish) for pk, code in codes]
