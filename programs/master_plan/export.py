"""The plan as a file: exactly the activities shown, with exact dates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pmo.clocks import AsOf
from programs.baselines.models import Baseline
from programs.master_plan.listing import Filters, rows_of
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock

EXPORT_COLUMNS = (
    "project",
    "activity",
    "wbs",
    "name",
    "kind",
    "duration_minutes",
    "early_start",
    "early_finish",
    "late_start",
    "late_finish",
    "total_float_minutes",
    "free_float_minutes",
    "critical",
    "percent_complete",
    "baseline_start",
    "baseline_finish",
)


def export(program: Program, as_of: AsOf, filters: Filters) -> list[list[Any]]:
    """The activities shown, in their order: exact local dates (ISO, minutes), floats in working minutes."""
    zone = ProgramClock(program.time_zone).zone
    baseline = Baseline.objects.filter(program_id=program.pk, is_current=True).first()
    rows = rows_of(program, as_of, filters, baseline).values_list(
        "project__code",
        "code",
        "wbs",
        "name",
        "kind",
        "duration_minutes",
        "now__early_start",
        "now__early_finish",
        "now__late_start",
        "now__late_finish",
        "now__total_float",
        "now__free_float",
        "now__critical",
        "percent_complete",
        "base__starts_at",
        "base__finishes_at",
    )
    return [
        [
            value.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else value
            for value in row
        ]
        for row in rows
    ]
