"""Computing a program's earned value anew and keeping it, with the versions of what it was computed from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection, transaction

from finance.earned_value import inputs as reading
from finance.earned_value import keeping, valuing
from finance.earned_value.inputs import UNALLOCATED, Inputs
from finance.earned_value.models import (
    EarnedValueRow,
    EarnedValueRun,
    EarnedValueSnapshot,
    PlannedValuePoint,
)
from finance.earned_value.valuing import Rolled, Valued
from finance.engine.columns import evm_columns
from finance.engine.earned_value import Figures
from finance.engine.explained import Measure
from finance.engine.phasing import PeriodKind, Phased, period_bounds
from pmo.accounts.models import User
from pmo.copy import copy_rows
from programs.portfolio.models import Program

AFTER: list[Callable[..., Any]] = []
"""What follows a computation: called with program, run, by, at. Slices to the right add themselves when ready."""

_ONE_AT_A_TIME = 0x4556  # the advisory lock under which a program's earned value is computed


def refresh(*, program: Program, by: User | None, at: datetime) -> EarnedValueRun | None:
    """Compute a program's earned value at all its status dates and keep it as the newest run.

    Nothing is done (the newest run is returned) when neither plan nor ledger has changed since; None when
    there is no baseline. Snapshots of earlier runs stay, so that what was known then can be shown, with those of
    their rows that this run changed; the others of their rows go, and their curves.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_ONE_AT_A_TIME, program.pk % 2**31])
        began = time.perf_counter()
        loaded = reading.load(program)
        newest = EarnedValueRun.objects.filter(program=program).order_by("-pk").first()
        versions = (loaded.plan_version, loaded.ledger_version)
        if newest is not None and (newest.plan_version, newest.ledger_version) == versions:
            return newest
        if not loaded.projects:
            return None
        valued = valuing.value_program(loaded)
        run: EarnedValueRun = EarnedValueRun.objects.create(
            program=program,
            plan_version=versions[0],
            ledger_version=versions[1],
            computed_at=at,
            rows_kept=True,
        )
        _keep(run, loaded, valued)
        if newest is not None:
            keeping.thin(run)
        PlannedValuePoint.objects.filter(program=program).exclude(run=run).delete()
        run.milliseconds = int((time.perf_counter() - began) * 1000)
        run.save(update_fields=["milliseconds"])
        for follow in AFTER:
            follow(program=program, run=run, by=by, at=at)
        return run


def _keep(run: EarnedValueRun, loaded: Inputs, valued: dict[int, list[Valued]]) -> None:
    listed = [one for project in loaded.projects for one in valued[project.id]]
    snapshots = EarnedValueSnapshot.objects.bulk_create(
        _of_project(run, one, loaded.program.currency) for one in listed
    )
    EarnedValueSnapshot.objects.bulk_create(_of_program(run, one) for one in valuing.roll_ups(loaded, valued))
    copy_rows(
        EarnedValueRow._meta.db_table,
        ("program_id", "snapshot_id", "activity_id", "bac", "pv", "ev", "ac", "pv_then"),
        (
            (run.program_id, snapshot.pk, value.key, *_four(value.exact), _decimal(then, 4))
            for snapshot, one in zip(snapshots, listed, strict=True)
            for value, then in zip(one.valuation.activities, one.valuation.schedule.planned_then, strict=True)
            if value.key != UNALLOCATED
        ),
    )
    copy_rows(
        PlannedValuePoint._meta.db_table,
        ("program_id", "run_id", "project_id", "at", "pv"),
        _curve(run, loaded),
    )


def _of_project(run: EarnedValueRun, one: Valued, currency: str) -> EarnedValueSnapshot:
    per_day = one.project.minutes_per_day
    columns = evm_columns(one.valuation, one.measures, currency, minutes_per_day=per_day)
    bac, pv, ev, ac = _four(one.valuation.total.exact)
    return EarnedValueSnapshot(
        program_id=run.program_id,
        run=run,
        project_id=one.project.id,
        period_id=one.status.id,
        at=one.status.at,
        bac=bac,
        pv=pv,
        ev=ev,
        ac=ac,
        figures={
            "measures": [_explained(measure) for measure in one.measures.values()],
            "columns": columns,
            "minutes_per_day": per_day,
        },
    )


def _of_program(run: EarnedValueRun, one: Rolled) -> EarnedValueSnapshot:
    bac, pv, ev, ac = _four(one.value.exact)
    return EarnedValueSnapshot(
        program_id=run.program_id,
        run=run,
        at=one.at,
        bac=bac,
        pv=pv,
        ev=ev,
        ac=ac,
        figures={
            "measures": [_explained(measure) for measure in one.measures.values()],
            "reporting": one.reporting,
            "projects": one.projects,
        },
    )


def _explained(measure: Measure) -> dict[str, Any]:
    """A measure as it is kept: its value with eight decimals (money in minor units, time in working minutes)."""
    return {
        "name": measure.name,
        "label": measure.label,
        "unit": measure.unit.value,
        "formula": measure.formula,
        "worked": measure.worked,
        "value": None if measure.value is None else f"{_decimal(Fraction(measure.value), 8):f}",
        "why": measure.why_not,
    }


def _curve(run: EarnedValueRun, loaded: Inputs) -> Iterator[tuple[Any, ...]]:
    """Planned value week by week: of every project, and of the program as their sum."""
    plans = {project.id: Phased(project.activities, project.calendars) for project in loaded.projects}
    start, finish = min(p.start for p in plans.values()), max(p.finish for p in plans.values())
    for t in period_bounds(start, finish, PeriodKind.WEEK):
        instant, total = loaded.clock.instant(t), Fraction(0)
        for project_id, plan in plans.items():
            value = plan.at(t)
            total += value
            if plan.start <= t + 7 * 1440 and t <= plan.finish + 7 * 1440:
                yield run.program_id, run.pk, project_id, instant, _decimal(value, 4)
        yield run.program_id, run.pk, None, instant, _decimal(total, 4)


def _four(figures: Figures) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    return (
        _decimal(figures.bac, 4),
        _decimal(figures.pv, 4),
        _decimal(figures.ev, 4),
        _decimal(figures.ac, 4),
    )


def _decimal(value: Fraction, places: int) -> Decimal:
    return Decimal(round(value * 10**places)).scaleb(-places)
