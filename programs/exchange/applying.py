"""Carrying out what a dry run showed: rows, settings, baseline, and the schedule that follows from them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from pmo.accounts.models import User
from programs.baselines.models import Baseline, BaselineActivity
from programs.baselines.services import Frozen, record_imported
from programs.portfolio.models import Program
from programs.schedule.following import follow
from programs.schedule.models import Computation
from programs.schedule.reported import settle_status_date, tell
from programs.schedule.services import bump

from . import effects, rows
from .comparison import Comparison
from .models import PlanImport
from .taking_out import take_out
from .writing import Ids, write


def apply(
    program: Program, comparison: Comparison, found: PlanImport, *, by: User | None, at: datetime
) -> tuple[Computation | None, set[int], Baseline | None]:
    """Write, take out what was chosen, freeze the file's baseline, compute; returns also which activities moved.

    Writes nothing where the plan is as the file has it.

    The caller holds the program's row and has checked the rights.
    """
    if comparison.nothing and not comparison.gone:
        return None, set(), None
    former = effects.before(program, comparison)
    current = (
        Baseline.objects.filter(program_id=program.pk, is_current=True).values_list("pk", flat=True).first()
    )
    ids = write(program, comparison)
    taken = take_out(program, comparison.gone) if comparison.gone else {}
    _settings(program, ids, comparison)
    bump(program)
    baseline = _baseline(program, comparison, ids, found, by=by, at=at)
    effects.record(
        program, found, comparison, ids, former, baseline=baseline, former_baseline=current, taken=taken
    )
    # The comparison has looked for circles already.
    computation, moved = follow(program, at=at)
    if any(comparison.sides[kind].work for kind in (rows.STATUS, rows.PROGRESS)):
        tell(program, by=by)
    return computation, moved, baseline


def _settings(program: Program, ids: Ids, comparison: Comparison) -> None:
    """A program without a calendar takes the one most of the file's projects use.

    Its status date follows those of its projects.
    """
    changed = []
    if program.calendar_id is None and comparison.tables[rows.PROJECT]:
        used = Counter(row["calendar"] for row in comparison.tables[rows.PROJECT].values())
        program.calendar_id = ids[rows.CALENDAR][used.most_common(1)[0][0],]
        changed.append("calendar")
    if settle_status_date(program):
        changed.append("status_at")
    if changed:
        program.version += 1
        program.save(update_fields=[*changed, "version"])


def _baseline(
    program: Program,
    comparison: Comparison,
    ids: Ids,
    found: PlanImport,
    *,
    by: User | None,
    at: datetime,
) -> Baseline | None:
    """The file's baseline, with the lines of the current one for whatever the file does not name."""
    if not comparison.sides[rows.BASELINE].work:
        return None
    lines = {
        row[0]: Frozen(*row[1:])
        for row in BaselineActivity.objects.filter(
            program_id=program.pk, baseline__is_current=True
        ).values_list(
            "activity_id", "starts_at", "finishes_at", "duration_minutes", "start_cost", "spread_cost"
        )
    }
    lines |= {ids[rows.ACTIVITY][key]: Frozen(**row) for key, row in comparison.tables[rows.BASELINE].items()}
    return record_imported(program=program, name=found.file_name, lines=lines, by=by, at=at)
