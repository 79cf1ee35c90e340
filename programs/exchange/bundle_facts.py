"""The facts in a bundle: status dates, progress, budget lines and actual costs; and what the sender says it holds."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from pmo.currencies import EXPONENTS

from . import checks
from .draft import (
    MILESTONES,
    SUMMARY,
    ActualCostDraft,
    BudgetLineDraft,
    Draft,
    ProgressDraft,
    StatusDateDraft,
    iso,
)
from .problems import Problems
from .table import Table


def read(draft: Draft, rows: dict[str, Table], problems: Problems) -> None:
    """Everything that happened or was promised, by project and activity."""
    status_dates(draft, rows["status_dates.csv"], problems)
    progress(draft, rows["progress.csv"], problems)
    _not_in_the_future(draft, problems)
    _budget(draft, rows["budget.csv"], problems)
    _actuals(draft, rows["actuals.csv"], problems)


def status_dates(draft: Draft, table: Table, problems: Problems) -> None:
    """The moments at which progress was taken, in order."""
    projects = {project.code: project for project in draft.projects}
    seen: dict[Any, int] = {}
    latest: dict[str, StatusDateDraft] = {}
    for row, values in table.rows:
        code, period, at = values["project_id"], values["period"], values["status_date"]
        project = projects.get(code)
        if project is None:
            checks.unknown(table.file, row, "project_id", code, "project", problems)
            continue
        if checks.duplicate(seen, (code, period), table.file, row, "period", period, problems):
            continue
        status = StatusDateDraft(code, period, values["name"] or "", at, row)
        before = latest.get(code)
        if (before is not None and (period < before.period) != (at < before.at)) or (
            before is not None and at == before.at
        ):
            problems.error(
                table.file,
                row,
                "status_date",
                iso(at),
                f"The status dates are out of order: period {before.period} is at {iso(before.at)}.",
            )
        if before is None or at > before.at:
            latest[code] = status
            project.status_date = at
        draft.status_dates.append(status)


def progress(draft: Draft, table: Table, problems: Problems) -> None:
    """How far each activity was at a status date."""
    kinds = {(activity.project, activity.code): activity.kind for activity in draft.activities}
    dates = {(status.project, status.period): status.at for status in draft.status_dates}
    seen: dict[Any, int] = {}
    file = table.file
    for row, values in table.rows:
        project, period, code = values["project_id"], values["period"], values["activity_id"]
        kind, at = kinds.get((project, code)), dates.get((project, period))
        if kind is None:
            checks.unknown(file, row, "activity_id", f"{project}/{code}", "activity", problems)
        elif kind == SUMMARY:
            problems.error(file, row, "activity_id", code, "A group has no progress of its own.")
        elif at is None:
            checks.unknown(file, row, "period", f"{project}, {period}", "status date", problems)
        elif not checks.duplicate(seen, (project, period, code), file, row, "activity_id", code, problems):
            record = ProgressDraft(
                project=project,
                period=period,
                activity=code,
                actual_start=values["actual_start"],
                actual_finish=values["actual_finish"],
                actual_duration=values["actual_duration_hours"],
                remaining=values["remaining_duration_hours"],
                percent_complete=values["percent_complete"],
                actual_cost=values["actual_cost"],
                row=row,
            )
            _check_progress(record, at, file, problems)
            draft.progress.append(record)


def _check_progress(record: ProgressDraft, at: int, file: str, problems: Problems) -> None:
    start, finish, percent = record.actual_start, record.actual_finish, record.percent_complete
    for column, actual in (("actual_start", start), ("actual_finish", finish)):
        if actual is not None and actual > at:
            problems.error(
                file, record.row, column, iso(actual), f"This is after the status date ({iso(at)})."
            )
    if finish is not None and (start is None or finish < start):
        problems.error(file, record.row, "actual_finish", iso(finish), "It finished before it started.")
    if percent and start is None:
        problems.warn(file, record.row, "percent_complete", percent, "There is progress but no actual start.")
    if percent == 100 and record.remaining:
        problems.warn(
            file, record.row, "remaining_duration_hours", record.remaining / 60, "Complete, yet work remains."
        )


def _not_in_the_future(draft: Draft, problems: Problems) -> None:
    """Actual dates given with the activities themselves lie before the latest status date, where there is one.

    Where the activities say that they are newer than it, they need not.
    """
    newer = {one.project for one in draft.progress_now}
    known = {project.code: project.status_date for project in draft.projects if project.code not in newer}
    for activity in draft.activities:
        at = known.get(activity.project)
        for column in ("actual_start", "actual_finish"):
            actual = getattr(activity, column)
            if at is not None and actual is not None and actual > at:
                sentence = f"This is after the latest status date ({iso(at)})."
                problems.error(checks.BUNDLE.activities, activity.row, column, iso(actual), sentence)


def _amount(draft: Draft, values: dict[str, Any], file: str, row: int, problems: Problems) -> Decimal | None:
    """An amount that can be posted: whole minor units of the program's currency."""
    currency = draft.program.currency
    if values["currency"] and values["currency"] != currency:
        problems.error(
            file, row, "currency", values["currency"], f"The program is in {currency or 'no known currency'}."
        )
        return None
    amount: Decimal = values["amount"]
    decimals = EXPONENTS.get(currency, 2)
    if amount != round(amount, decimals):
        problems.error(
            file, row, "amount", amount, f"An amount in {currency} has at most {decimals} decimals."
        )
        return None
    return amount


def _budget(draft: Draft, table: Table, problems: Problems) -> None:
    projects = {project.code for project in draft.projects}
    for row, values in table.rows:
        if values["project_id"] not in projects:
            checks.unknown(table.file, row, "project_id", values["project_id"], "project", problems)
            continue
        amount = _amount(draft, values, table.file, row, problems)
        if amount is not None:
            draft.budget.append(
                BudgetLineDraft(
                    values["project_id"],
                    values["category"],
                    values["nature"],
                    values["period"] or "",
                    amount,
                    values["description"] or "",
                    row,
                )
            )


def _actuals(draft: Draft, table: Table, problems: Problems) -> None:
    projects = {project.code for project in draft.projects}
    activities = {(activity.project, activity.code) for activity in draft.activities}
    seen: dict[Any, int] = {}
    for row, values in table.rows:
        project, activity = values["project_id"], values["activity_id"] or ""
        if project not in projects:
            checks.unknown(table.file, row, "project_id", project, "project", problems)
            continue
        if activity and (project, activity) not in activities:
            checks.unknown(table.file, row, "activity_id", activity, "activity", problems)
            continue
        reference = values["reference"]
        if checks.duplicate(seen, reference, table.file, row, "reference", reference, problems):
            continue
        amount = _amount(draft, values, table.file, row, problems)
        if amount is not None:
            draft.actuals.append(
                ActualCostDraft(
                    project,
                    activity,
                    values["date"],
                    values["category"],
                    values["nature"],
                    amount,
                    reference,
                    values["description"] or "",
                    values["vendor"] or "",
                    row,
                )
            )


def compare_with_stated(draft: Draft, table: Table, files: frozenset[str], problems: Problems) -> None:
    """Warn where projects.csv states another number of rows, or another sum, than the bundle holds."""
    work = Counter(a.project for a in draft.activities if a.kind != SUMMARY)
    milestones = Counter(a.project for a in draft.activities if a.kind in MILESTONES)
    links = Counter(d.to_project for d in draft.dependencies)
    reports = Counter(s.project for s in draft.status_dates)
    cost: dict[str, Decimal] = {}
    for activity in draft.activities:
        cost[activity.project] = cost.get(activity.project, Decimal(0)) + activity.total_cost
    held: list[tuple[str, str, Any]] = [
        ("activities", "activities.csv", work),
        ("milestones", "activities.csv", milestones),
        ("dependencies", "dependencies.csv", links),
        ("status_dates", "status_dates.csv", reports),
    ]
    for row, values in table.rows:
        project = values["project_id"]
        for column, file, count in held:
            stated = values[column]
            if stated is not None and file in files and stated != count[project]:
                problems.warn(
                    table.file,
                    row,
                    column,
                    stated,
                    f"The project states {stated} {column}; {file} holds {count[project]}.",
                )
        stated = values["bac"]
        if stated is not None and abs(stated - cost.get(project, Decimal(0))) >= Decimal("0.01"):
            problems.warn(
                table.file,
                row,
                "bac",
                stated,
                f"The project states this budget; its activities add up to {cost.get(project, Decimal(0)):.2f}.",
            )
