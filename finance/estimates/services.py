"""Everything that can happen to an estimate: begun, written, labour from the plan, issued; and rates entered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from finance.estimates import labour
from finance.estimates.models import Estimate, EstimateLine, RateCard
from finance.structure import periods
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program, Project
from programs.resources.models import Resource

MOST_LINES = 2_000
HEAD = frozenset(
    {
        "maturity",
        "as_of",
        "basis",
        "assumptions",
        "labour_nature",
        "labour_low_percent",
        "labour_high_percent",
    }
)
LINE = frozenset({"category", "nature", "period", "text", "basis", "low_minor", "likely_minor", "high_minor"})
CHANGED = "Somebody changed this after you opened it. Please look at it as it is now."


def create(
    *, program: Program, project: Project, values: Mapping[str, Any], by: User | None, at: datetime
) -> Estimate:
    """Begin the next estimate of a project, with the typed lines of the last one; its labour is computed at once."""
    current_access().require(Permission.EDIT_BUDGET, program.pk)
    with transaction.atomic():
        mine = Estimate.objects.filter(program=program, project=project)
        before = mine.order_by("-number").first()
        estimate = Estimate(
            program=program,
            project=project,
            made_by=by,
            number=(mine.aggregate(n=Max("number"))["n"] or 0) + 1,
        )
        _write(estimate, values, HEAD)
        _head(estimate)
        estimate.save(force_insert=True)
        if before is not None:
            EstimateLine.objects.bulk_create(
                EstimateLine(
                    program=program, estimate=estimate, **{name: getattr(line, name) for name in LINE}
                )
                for line in before.lines.filter(resource=None)
            )
        labour.compute(estimate, at)
    return estimate


def edit(
    *, estimate: Estimate, changes: Mapping[str, Any], version: int, by: User | None, at: datetime
) -> Estimate:
    """Change what a draft rests on; `version` is the one that was seen. Labour is computed anew with its range."""
    current_access().require(Permission.EDIT_BUDGET, estimate.program_id)
    with transaction.atomic():
        mine = _draft(estimate)
        if version != mine.version:
            raise Conflict(CHANGED, code="changed")
        _write(mine, changes, HEAD)
        _head(mine)
        mine.version += 1
        mine.save()
        if set(changes) & {"labour_nature", "labour_low_percent", "labour_high_percent"}:
            labour.compute(mine, at)
    return mine


def compute_labour(*, estimate: Estimate, by: User | None, at: datetime) -> Estimate:
    """Take the labour of a draft from the plan as it is scheduled now, at the rates of each day."""
    current_access().require(Permission.EDIT_BUDGET, estimate.program_id)
    with transaction.atomic():
        mine = _draft(estimate)
        labour.compute(mine, at)
    return mine


def issue(*, estimate: Estimate, by: User | None, at: datetime) -> Estimate:
    """Issue a draft: from here on it and its lines stay as they are."""
    current_access().require(Permission.EDIT_BUDGET, estimate.program_id)
    with transaction.atomic():
        mine = _draft(estimate)
        if not mine.lines.exists():
            raise Refused("An estimate needs at least one line before it is issued.")
        mine.state, mine.issued_by, mine.issued_at = Estimate.State.ISSUED, by, at
        mine.version += 1
        mine.save()
    return mine


def add_line(*, estimate: Estimate, values: Mapping[str, Any], by: User | None, at: datetime) -> EstimateLine:
    """Write a cost that is not labour of the plan into a draft, with its three points (minor units)."""
    current_access().require(Permission.EDIT_BUDGET, estimate.program_id)
    with transaction.atomic():
        mine = _draft(estimate)
        if mine.lines.count() >= MOST_LINES:
            raise Refused(f"An estimate has at most {MOST_LINES:,} lines.")
        line = EstimateLine(program_id=mine.program_id, estimate=mine)
        _write(line, values, LINE)
        _points(line)
        line.save(force_insert=True)
    return line


def edit_line(
    *, line: EstimateLine, changes: Mapping[str, Any], version: int, by: User | None, at: datetime
) -> EstimateLine:
    """Change a typed line of a draft; `version` is the one that was seen."""
    current_access().require(Permission.EDIT_BUDGET, line.program_id)
    with transaction.atomic():
        mine = _typed(line, version)
        _write(mine, changes, LINE)
        _points(mine)
        mine.version += 1
        mine.save()
    return mine


def remove_line(*, line: EstimateLine, version: int, by: User | None, at: datetime) -> None:
    """Take a typed line out of a draft."""
    current_access().require(Permission.EDIT_BUDGET, line.program_id)
    with transaction.atomic():
        _typed(line, version).delete()


def add_rate(
    *,
    program: Program,
    resource: Resource,
    from_day: date,
    cost_per_hour: Decimal,
    by: User | None,
    at: datetime,
    note: str = "",
) -> RateCard:
    """What an hour of a resource costs from a day on (minor units). Estimates that are issued keep their figures."""
    current_access().require(Permission.EDIT_BUDGET, program.pk)
    if not 0 <= cost_per_hour <= 10**12:
        raise Refused("A rate is zero or more.", field="cost_per_hour")
    with transaction.atomic():
        card: RateCard = RateCard.objects.create(
            program=program,
            resource=resource,
            from_day=from_day,
            cost_per_hour=cost_per_hour,
            note=note,
            entered_by=by,
            entered_at=at,
        )
    return card


def _draft(estimate: Estimate) -> Estimate:
    found: Estimate = (
        Estimate.objects.select_for_update(no_key=True, of=("self",))
        .select_related("program", "project")
        .get(pk=estimate.pk)
    )
    if found.state != Estimate.State.DRAFT:
        raise Refused("An issued estimate stays as it is. Begin the next one.")
    return found


def _typed(line: EstimateLine, version: int) -> EstimateLine:
    _draft(line.estimate)
    found: EstimateLine | None = EstimateLine.objects.filter(pk=line.pk).first()
    if found is None or found.version != version:
        raise Conflict(CHANGED, code="changed")
    if found.resource_id is not None:
        raise Refused("Labour comes from the plan: change the allocation or its rate.")
    return found


def _write(row: Any, values: Mapping[str, Any], known: frozenset[str]) -> None:
    if set(values) - known:
        raise Refused("This cannot be entered here.", code="not-editable")
    for name, value in values.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)


def _head(estimate: Estimate) -> None:
    if estimate.maturity not in Estimate.Maturity.values:
        raise Refused("The classes are 1 to 5.", field="maturity")
    if not estimate.basis:
        raise Refused("Say what the estimate rests on.", field="basis")
    if not estimate.labour_low_percent <= 100 <= estimate.labour_high_percent <= 1000:
        raise Refused("The range of labour holds 100 percent, and ends at 1000.", field="labour_high_percent")


def _points(line: EstimateLine) -> None:
    periods.first_day(line.period)
    if not line.text:
        raise Refused("Say what it is.", field="text")
    if not 0 <= line.low_minor <= line.likely_minor:
        raise Refused("The low amount is zero or more and not above the likely one.", field="low")
    if not line.likely_minor <= line.high_minor <= LIMIT:
        raise Refused("The high amount is not below the likely one.", field="high")
