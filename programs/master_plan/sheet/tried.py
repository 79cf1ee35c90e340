"""What a batch would bring about, in lines, before it is saved."""

from __future__ import annotations

from pmo import formats
from pmo.zones import zone
from programs.master_plan.preview import days
from programs.master_plan.would_move import Move, WouldMove, told
from programs.portfolio.models import Program
from programs.schedule.models import Computation
from programs.schedule.services import Outcome

SHOWN = 5


def brought_about(computation: Computation | None, moved: set[int], program: Program) -> list[str]:
    """What a saved batch moved, in the same lines."""
    return lines(program, told(program, Outcome(computation, moved)), would=False)


def lines(program: Program, moves: WouldMove | None, *, would: bool = True) -> list[str]:
    """The answer in a few lines; None where a worker computes the dates."""
    if moves is None:
        return ["A worker computes the new dates once it is saved."]
    if not moves.moved:
        return ["No date would move." if would else "No date moved."]
    on = zone(program.time_zone)

    def day(one: Move, place: int) -> str:
        return formats.day(one.finish[place].astimezone(on))

    count = formats.counted(moves.moved, "activity", "activities")
    have = "would have" if would else "has" if moves.moved == 1 else "have"
    said = [f"{count} {have} new dates."]
    finish = formats.day(moves.finish.after.astimezone(on))
    said.append(
        f"The program {'would finish' if would else 'finishes'} on {finish}, {days(moves.finish.days)}."
        if moves.finish.days
        else "The program’s finish stands."
    )
    promised = program.committed_finish
    if promised is not None and moves.finish.days and moves.finish.after.astimezone(on).date() > promised:
        said.append(f"That is after the day it is promised for, {formats.day(promised)}.")
    later = [one for one in moves.milestones if one.breaks]
    if later:
        count = formats.counted(moves.committed, "committed milestone", "committed milestones")
        said.append(f"This moves {count} later:")
        said += [
            f"◆ {one.activity.code} {one.activity.name[:60]}: from {day(one, 0)} to {day(one, 1)}, {days(one.days)}"
            for one in later[:SHOWN]
        ]
        if moves.committed > SHOWN:
            said.append(f"and {moves.committed - SHOWN} more milestones")
    said += [
        f"{one.activity.code} {one.activity.name[:60]}: "
        f"starts {formats.day(one.start[1].astimezone(on))}, finishes {day(one, 1)}"
        for one in moves.moves[:SHOWN]
    ]
    if moves.moved > SHOWN:
        said.append(f"and {moves.moved - SHOWN} more")
    return said
