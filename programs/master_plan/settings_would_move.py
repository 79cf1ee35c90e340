"""What a change of the program's own rules of scheduling would move; nothing is saved."""

from __future__ import annotations

from dataclasses import replace

from programs.engine import Difference, Rules, difference, schedule
from programs.master_plan.worked_out import worked_out
from programs.master_plan.would_move import WouldMove
from programs.portfolio.models import Program
from programs.schedule.inputs import PROGRESS, Loaded


def settings_would_move(program: Program, tried: Program) -> WouldMove:
    """`tried` is the program with other rules (progress, criticality, its float in working minutes), not saved.

    Refused above `COMPUTE_IN_REQUEST_UP_TO` activities, whose dates a worker computes.
    """
    threshold = (
        tried.critical_float_minutes if tried.criticality_rule == Program.Criticality.TOTAL_FLOAT else None
    )

    def differ(loaded: Loaded) -> Difference:
        plan = loaded.plan
        other = replace(plan, projects=[replace(one, critical_float=threshold) for one in plan.projects])
        rules: Rules = replace(loaded.rules, progress=PROGRESS[Program.Progress(tried.progress_rule)])
        return difference(
            schedule(plan, loaded.rules),
            schedule(other, rules),
            numbers=range(len(plan.duration)),
            links=range(len(plan.predecessor)),
            kind=plan.kind,
            duration=plan.duration,
        )

    return worked_out(program, differ)
