"""Commands on forecasts: begun for a period, written, computed, submitted; from then on they stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.db.models import F, Max

from finance.earned_value import refreshing
from finance.engine.forecasting import by_remaining_plan, by_trend
from finance.forecast import selectors
from finance.forecast.models import Forecast, ForecastCell, ForecastLine
from finance.forecast.pace import pace_of
from finance.structure import periods
from finance.structure.models import RESERVES, Category, FiscalPeriod, Nature
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program, Project

MOST_PERIODS = 36
AHEAD_WITHOUT_BUDGET = 6
NOTE = 4000
CHANGED = "Somebody changed this forecast after you opened it. Here is how it is now."


def begin(*, program: Program, project: Project, period_code: str, by: User | None, at: datetime) -> Forecast:
    """A new forecast of a project as of the end of a period, begun like the last one: its methods, what was written.

    Without an earlier one each line goes by remaining plan x rate. Raises Refused where one is being prepared, or
    for a period before that of the last.
    """
    current_access().require(Permission.FORECAST, program.pk, project.pk)
    Program.objects.select_for_update(no_key=True, of=("self",)).get(pk=program.pk)
    mine = Forecast.objects.filter(program=program, project=project)
    if mine.filter(state=Forecast.State.DRAFT).exists():
        raise Refused("A forecast of this project is being prepared already.", code="being-prepared")
    period = periods.ensure(program, [period_code])[period_code]
    last = mine.select_related("period").order_by("-number").first()
    if last is not None and last.period.starts_on > period.starts_on:
        raise Refused("The last forecast is of a later period.", field="period")
    number = (mine.aggregate(last=Max("number"))["last"] or 0) + 1
    made: Forecast = Forecast.objects.create(
        program=program, project=project, number=number, period=period, computed_at=at
    )
    if last is not None:
        for row in selectors.sheet(last).rows:
            line = ForecastLine.objects.create(
                program=program,
                forecast=made,
                category=row.line.category,
                nature=row.line.nature,
                method=row.line.method,
            )
            if line.method == ForecastLine.Method.MANUAL:
                _keep(line, row.cells)
    compute(made, at)
    return made


def write(
    *,
    forecast: Forecast,
    version: int,
    methods: Mapping[int, str],
    cells: Mapping[tuple[int, int], int],
    note: str,
    add: tuple[str, str] | None = None,
    by: User | None,
    at: datetime,
) -> Forecast:
    """Write a draft and compute it: methods by line id, amounts of written lines by (line, period) id, the note.

    `add` a cost line (category, nature) more. All of it or nothing. Raises Conflict for another version.
    """
    found = _locked(forecast, version)
    lines = {line.pk: line for line in ForecastLine.objects.filter(forecast=found)}
    if not set(methods) <= set(lines) or not {line for line, _ in cells} <= set(lines):
        raise Refused("This line is not in the forecast any more.", code="no-such-line")
    if len(note) > NOTE:
        raise Refused("At most 4,000 letters.", field="note")
    for pk, method in methods.items():
        if method not in ForecastLine.Method.values:
            raise Refused("There is no such method.", field="method")
        if lines[pk].method != method:
            lines[pk].method = method
            lines[pk].save(update_fields=["method"])
    if add is not None:
        category, nature = add
        if category not in Category.values or category in RESERVES or nature not in Nature.values:
            raise Refused("There is no such cost line.", field="add")
        if any((line.category, line.nature) == add for line in lines.values()):
            raise Refused("The forecast has this line already.", field="add")
        ForecastLine.objects.create(
            program_id=found.program_id,
            forecast=found,
            category=category,
            nature=nature,
            method=ForecastLine.Method.MANUAL,
        )
    coming = {one.pk for one in horizon(found)}
    written: dict[int, dict[int, int]] = {}
    for (line_id, period_id), amount in cells.items():
        if lines[line_id].method != ForecastLine.Method.MANUAL:
            continue
        if period_id not in coming:
            raise Refused("A forecast is written for periods to come.", field="period")
        if not 0 <= amount <= LIMIT:
            raise Refused(
                "An expected amount is zero or more, and not larger than money can be.", field="amount"
            )
        written.setdefault(line_id, {})[period_id] = amount
    for line_id, amounts in written.items():
        _keep(lines[line_id], amounts)
    found.note = note
    found.version += 1
    found.save(update_fields=["note", "version"])
    compute(found, at)
    return found


@dataclass(frozen=True, slots=True)
class LineValues:
    """A line by its names: method, and amounts of a written one by period code."""

    category: str
    nature: str
    method: str
    amounts: Mapping[str, int]


def write_lines(
    *,
    forecast: Forecast,
    version: int,
    lines: Sequence[LineValues],
    note: str | None,
    by: User | None,
    at: datetime,
) -> Forecast:
    """The same for a machine, which names lines and periods: `write` after what is missing was added."""
    found = _locked(forecast, version)
    there = {(line.category, line.nature): line for line in ForecastLine.objects.filter(forecast=found)}
    coming = {one.code: one.pk for one in horizon(found)}
    methods: dict[int, str] = {}
    cells: dict[tuple[int, int], int] = {}
    for one in lines:
        key = (one.category, one.nature)
        if key not in there:
            there[key] = ForecastLine.objects.create(
                program_id=found.program_id, forecast=found, category=one.category, nature=one.nature
            )
        if there[key].pk in methods:
            raise Refused("A line occurs twice.", field="lines")
        methods[there[key].pk] = one.method
        for code, amount in one.amounts.items():
            if code not in coming:
                raise Refused("A forecast is written for periods to come.", field="lines")
            cells[there[key].pk, coming[code]] = amount
    return write(
        forecast=found,
        version=version,
        methods=methods,
        cells=cells,
        note=found.note if note is None else note,
        by=by,
        at=at,
    )


def submit(*, forecast: Forecast, version: int, by: User, at: datetime) -> Forecast:
    """Compute a draft a last time and freeze it: it is the project's bottom-up estimate from now on."""
    found = _locked(forecast, version)
    compute(found, at)
    if not found.lines.exists():
        raise Refused("There is no cost line yet: neither budget nor cost.")
    found.state, found.submitted_by, found.submitted_at = Forecast.State.SUBMITTED, by, at
    found.version += 1
    found.save(update_fields=["state", "submitted_by", "submitted_at", "version"])
    Program.objects.filter(pk=found.program_id).update(ledger_version=F("ledger_version") + 1)
    refreshing.ask(found.program_id, by=by)
    return found


def discard(*, forecast: Forecast, version: int, by: User | None, at: datetime) -> None:
    """Throw a draft away."""
    _locked(forecast, version).delete()


def _locked(forecast: Forecast, version: int) -> Forecast:
    found: Forecast = (
        Forecast.objects.select_for_update(of=("self",))
        .select_related("program", "project", "period")
        .get(pk=forecast.pk)
    )
    current_access().require(Permission.FORECAST, found.program_id, found.project_id)
    if found.version != version:
        raise Conflict(CHANGED, code="changed")
    if found.state != Forecast.State.DRAFT:
        raise Refused("A submitted forecast stays as it is. Begin a new one.")
    return found


def horizon(forecast: Forecast) -> list[FiscalPeriod]:
    """The periods to come: after the forecast's own until the last with a budget, at least six; made where missing."""
    program, first = forecast.program, forecast.period.starts_on
    budget = selectors.budget_by_line(forecast.project_id, program)
    last = max((day for amounts in budget.values() for day in amounts), default=first)
    count = (last.year - first.year) * 12 + last.month - first.month
    count = min(MOST_PERIODS, count if count > 0 else AHEAD_WITHOUT_BUDGET)
    codes = []
    for n in range(1, count + 1):
        month = first.month - 1 + n
        codes.append(periods.code_of(date(first.year + month // 12, month % 12 + 1, 1)))
    return sorted(periods.ensure(program, codes).values(), key=lambda one: one.starts_on)


def compute(forecast: Forecast, at: datetime) -> None:
    """Fill a draft: lines of budget and books, their actual cost and budget, and the cells of computed lines."""
    program, project_id = forecast.program, forecast.project_id
    spent = selectors.spent_by_line(project_id, program)
    budget = selectors.budget_by_line(project_id, program)
    lines = {(line.category, line.nature): line for line in ForecastLine.objects.filter(forecast=forecast)}
    for category, nature in sorted({*spent, *budget} - set(lines)):
        lines[category, nature] = ForecastLine.objects.create(
            program=program, forecast=forecast, category=category, nature=nature
        )
    coming, first = horizon(forecast), forecast.period.starts_on
    forecast.rate, forecast.slipped = pace_of(forecast)
    etc = actual = whole = 0
    for key, line in lines.items():
        past = {day: amount for day, amount in spent.get(key, {}).items() if day <= first}
        planned = budget.get(key, {})
        line.actual_minor, line.budget_minor = sum(past.values()), sum(planned.values())
        line.save(update_fields=["actual_minor", "budget_minor"])
        match line.method:
            case ForecastLine.Method.PLAN:
                plan = [Fraction(planned.get(one.starts_on, 0)) for one in coming]
                # What was planned by now and is not earned yet is still to be done: next.
                due = sum(amount for day, amount in planned.items() if day <= first)
                plan[0] += min(due * Fraction(forecast.slipped), Fraction(max(due - line.actual_minor, 0)))
                amounts = by_remaining_plan(plan, Fraction(forecast.rate))
            case ForecastLine.Method.TREND:
                amounts = by_trend(_last_three(past, first), len(coming))
            case _:
                kept = dict(ForecastCell.objects.filter(line=line).values_list("period_id", "amount_minor"))
                amounts = [kept.get(one.pk, 0) for one in coming]
        _keep(line, {one.pk: max(amount, 0) for one, amount in zip(coming, amounts, strict=True)})
        etc += sum(max(amount, 0) for amount in amounts)
        actual += line.actual_minor
        whole += line.budget_minor
    forecast.etc_minor, forecast.actual_minor, forecast.budget_minor = etc, actual, whole
    forecast.computed_at = at
    forecast.save(
        update_fields=["etc_minor", "actual_minor", "budget_minor", "rate", "slipped", "computed_at"]
    )


def _last_three(past: Mapping[date, int], last: date) -> list[int]:
    """The cost of the three months up to `last` (a first day), nothing where nothing was spent; from the first cost."""
    if not past:
        return []
    found, month = [], last
    for _ in range(3):
        if month < min(past):
            break
        found.append(past.get(month, 0))
        month = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    return found[::-1]


def _keep(line: ForecastLine, amounts: Mapping[int, int]) -> None:
    """The line's cells are these and no others."""
    ForecastCell.objects.filter(line=line).delete()
    ForecastCell.objects.bulk_create(
        ForecastCell(program_id=line.program_id, line=line, period_id=period_id, amount_minor=amount)
        for period_id, amount in amounts.items()
    )
