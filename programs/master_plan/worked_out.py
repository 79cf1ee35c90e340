"""What a difference of two schedules of a program moves, where nothing can be tried by saving it: other rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from pmo.refusals import Refused
from programs.baselines.models import BaselineActivity
from programs.engine import BeyondCalendar, CycleFound, Difference, EditsRefused, Finding
from programs.master_plan.would_move import SHOWN, Move, Named, Shift, WouldMove, too_large
from programs.portfolio.models import Program, Project
from programs.schedule.computing import IN_EACH_OTHER, in_words
from programs.schedule.following import in_request
from programs.schedule.inputs import Loaded, load
from programs.schedule.models import Activity
from programs.schedule.uncollected import uncollected


def worked_out(program: Program, differ: Callable[[Loaded], Difference]) -> WouldMove:
    """What a difference of two schedules of the program means; refused and answered as `would_move` is."""
    if not in_request(program):
        raise too_large()
    with uncollected():
        try:
            loaded = load(program)
        except CycleFound as circle:
            raise Refused(IN_EACH_OTHER, code="cycle") from circle
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
