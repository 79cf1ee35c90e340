"""Edits of the plan: the schedule's own commands, held where a committed milestone would move unnoticed.

Pages, the table and the API go through these; imports and decisions tell by themselves what they move.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from pmo import formats
from pmo.accounts.models import User
from pmo.refusals import Refused
from programs.baselines.models import BaselineActivity
from programs.master_plan.preview import days as in_days
from programs.master_plan.would_move import Move, WouldMove, told
from programs.portfolio.models import Program
from programs.schedule import services
from programs.schedule.models import Computation, ComputedDates
from programs.schedule.services import Outcome

NAMED = 3


class MovesCommitted(Refused):
    """The edit would move committed milestones later, and nobody has agreed to that yet. Nothing was saved."""

    api_status = 409
    seal = ""
    """What a form sends back as `agreed`: of these very changes."""

    def __init__(self, moves: WouldMove) -> None:
        self.moves = moves
        self.later = [one for one in moves.milestones if one.breaks]
        """The first of the committed milestones that would move later, the most first."""
        self.later.sort(key=lambda one: (-one.days, one.activity.code))
        super().__init__(in_words(self.later, moves.committed), code="moves-committed")
        self.told = {
            "milestones": [
                {
                    "activity_id": one.activity.activity_id,
                    "project": one.activity.project,
                    "activity": one.activity.code,
                    "name": one.activity.name,
                    "finish_before": one.finish[0].isoformat(),
                    "finish_after": one.finish[1].isoformat(),
                    "committed_finish": one.committed.isoformat() if one.committed else None,
                    "days": one.days,
                }
                for one in self.later
            ],
            "committed_milestones_later": moves.committed,
        }


def edit_activity(
    *,
    activity_id: int,
    changes: Mapping[str, Any],
    version: int | None,
    agreed: bool | str = False,
    by: User | None,
    at: datetime,
) -> Outcome:
    """`schedule.services.edit_activity`, refused with `MovesCommitted` where it moves a committed milestone later.

    Committed is a milestone that stands in the current baseline. `agreed` says that the person was told and wants it
    all the same (see `hold`). The dates are computed once: the refusal undoes the edit. Very large plans, whose dates
    a worker computes, are not held. Raises what `edit_activity` raises; so do the commands below.
    """
    edited = services.edit_activity(activity_id=activity_id, changes=changes, version=version, by=by, at=at)
    return hold(edited, agreed, _said(edit_activity, activity_id=activity_id, **changes))


def add_activity(*, agreed: bool | str = False, by: User | None, at: datetime, **given: Any) -> Outcome:
    """Add an activity: under a summary that others wait for, it may move them."""
    return hold(services.add_activity(by=by, at=at, **given), agreed, _said(add_activity, **given))


def remove_activity(*, agreed: bool | str = False, by: User | None, at: datetime, **given: Any) -> Outcome:
    """Take an activity out of the plan."""
    return hold(services.remove_activity(by=by, at=at, **given), agreed, _said(remove_activity, **given))


def add_dependency(*, agreed: bool | str = False, by: User | None, at: datetime, **link: Any) -> Outcome:
    """Let one activity wait for another."""
    return hold(services.add_dependency(by=by, at=at, **link), agreed, _said(add_dependency, **link))


def edit_dependency(*, agreed: bool | str = False, by: User | None, at: datetime, **given: Any) -> Outcome:
    """Change kind or lag of a link."""
    return hold(services.edit_dependency(by=by, at=at, **given), agreed, _said(edit_dependency, **given))


def remove_dependency(*, agreed: bool | str = False, by: User | None, at: datetime, **given: Any) -> Outcome:
    """Take a link out of the plan."""
    return hold(services.remove_dependency(by=by, at=at, **given), agreed, _said(remove_dependency, **given))


def _said(command: Callable[..., Any], **given: Any) -> str:
    """An edit in a text that no other has: its seal agrees to no other one."""
    return repr(
        (command.__name__, sorted((name, getattr(value, "pk", value)) for name, value in given.items()))
    )


def hold(outcome: Outcome, agreed: bool | str, what: str = "") -> Outcome:
    """The outcome; or MovesCommitted where it moves committed milestones later, unless `agreed`.

    `agreed` is True for "whatever it moves", or the seal that the refusal gave: it holds for the edit `what` (words or
    ids that no other edit has) and for as long as the edit moves the same milestones from and to the same dates.
    Two queries where nothing is held: the usual edit costs no more.
    """
    new = outcome.computation
    if agreed is True or new is None or not outcome.moved:
        return outcome
    later = _moved_committed(new)
    if not later:
        return outcome
    seal = _seal(what, later)
    if agreed == seal:
        return outcome
    moves = told(Program.objects.get(pk=new.program_id), outcome)
    if moves is None or not moves.committed:
        return outcome
    refusal = MovesCommitted(moves)
    refusal.seal = seal
    raise refusal


def in_words(later: list[Move], count: int) -> str:
    """What would move, in a sentence: labels of milestones with the days (on the clock) that each moves."""
    named = ", ".join(f"{one.activity.code} {one.activity.name} {in_days(one.days)}" for one in later[:NAMED])
    more = f" and {count - NAMED} more" if count > NAMED else ""
    milestones = formats.counted(count, "committed milestone", "committed milestones")
    return f"This moves {milestones} later: {named}{more}."


def seal_of(outcome: Outcome, what: str) -> str:
    """The seal that `hold` would ask for: of a trial that the person agrees to."""
    return _seal(what, _moved_committed(outcome.computation) if outcome.computation else [])


def _seal(what: str, later: list[tuple[int, str, str]]) -> str:
    return sha256(repr((what, later)).encode()).hexdigest()[:16]


def _moved_committed(computation: Computation) -> list[tuple[int, str, str]]:
    """What it moved later of the current baseline, with both finishes. One or two queries."""
    rows = ComputedDates.objects.filter(program_id=computation.program_id)
    committed = BaselineActivity.objects.filter(
        program_id=computation.program_id, baseline__is_current=True
    ).values("activity_id")
    now = dict(
        rows.filter(computation=computation, activity_id__in=committed).values_list(
            "activity_id", "early_finish"
        )
    )
    if not now:
        return []
    before = rows.filter(superseded_by=computation, activity_id__in=now)
    return sorted(
        (pk, finish.isoformat(), now[pk].isoformat())
        for pk, finish in before.values_list("activity_id", "early_finish")
        if now[pk] > finish
    )
