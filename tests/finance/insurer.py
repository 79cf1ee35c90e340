"""The insurer's real program in the database, as an import leaves it, with its costs through the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from django.db import transaction

from finance.imports import plan_costs
from pmo import commands
from pmo.accounts.models import User
from pmo.scope import system_scope
from pmo.single_precision import restore_percent
from programs.baselines.models import Baseline, BaselineActivity
from programs.calendars.models import Calendar, CalendarException
from programs.exchange.draft import ActivityDraft, Draft, ProgressDraft
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program, Project
from programs.schedule.models import Activity, Progress, StatusPeriod
from tests.finance.engine import ghent

AT = datetime(2015, 1, 5, 9, 0, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def load() -> Program:
    """Ten component projects with baseline, progress and, through `import_bundle_costs`, their actual cost."""
    program: Program = commands.run(_make, actor=None, at=AT, scope=[])
    commands.run(_costs, actor=None, at=AT, scope=[program.pk], program=program)
    return program


def _make(*, by: User | None, at: datetime) -> Program:
    rows = ghent.rows
    program = portfolio.create_program(
        code="INSURER", name="Insurer", currency="EUR", starts_at=utc("2013-01-01T00:00"), by=None, at=at
    )
    with transaction.atomic(), system_scope([program.pk], reason="a test makes a program"):
        projects, periods, activities = {}, {}, {}
        week = {
            row["project_id"]: (row["working_hours"], row["non_working_weekdays_mon0"], row["holidays"])
            for row in rows(ghent.INSURER, "calendars.csv")
        }
        for n, row in enumerate(rows(ghent.INSURER, "projects.csv")):
            hours, free, holidays = week[row["project_id"]]
            day = _shifts([int(hour) for hour in hours.split()])
            off = {int(weekday) for weekday in free.split()}
            calendar = Calendar.objects.create(
                program=program,
                code=row["project_id"],
                name=row["project_id"],
                week=[[] if weekday in off else day for weekday in range(7)],
            )
            for holiday in holidays.split():
                CalendarException.objects.create(program=program, calendar=calendar, day=holiday)
            projects[row["project_id"]] = Project.objects.create(
                program=program, code=row["project_id"], name=row["name"], calendar=calendar, position=n
            )
        for row in rows(ghent.INSURER, "status_dates.csv"):
            periods[row["project_id"], row["period"]] = StatusPeriod.objects.create(
                program=program,
                project=projects[row["project_id"]],
                number=int(row["period"]),
                name=row["name"],
                at=utc(row["status_date"]),
            )
        baseline = Baseline.objects.create(
            program=program, number=1, name="Imported", origin="imported", is_current=True, frozen_at=AT
        )
        costs = ghent.costs(ghent.INSURER)
        frozen = []
        for n, row in enumerate(rows(ghent.INSURER, "activities.csv")):
            if row["kind"] == "group":
                continue
            key = row["project_id"], row["activity_id"]
            minutes = int(float(row["duration_hours"]) * 60)
            activities[key] = Activity.objects.create(
                program=program,
                project=projects[key[0]],
                code=key[1],
                name=row["name"],
                position=n,
                kind="task" if minutes else "finish_milestone",
                duration_minutes=minutes,
            )
            start, spread = costs[key]
            frozen.append(
                BaselineActivity(
                    program=program,
                    baseline=baseline,
                    activity=activities[key],
                    starts_at=utc(row["baseline_start"]),
                    finishes_at=utc(row["baseline_finish"]),
                    duration_minutes=minutes,
                    start_cost=round(Decimal(start.numerator) / start.denominator, 4),
                    spread_cost=round(Decimal(spread.numerator) / spread.denominator, 4),
                )
            )
        BaselineActivity.objects.bulk_create(frozen)
        Progress.objects.bulk_create(
            Progress(
                program=program,
                period=periods[row["project_id"], row["period"]],
                activity=activities[row["project_id"], row["activity_id"]],
                actual_start=utc(row["actual_start"]) if row["actual_start"] else None,
                percent_complete=round(
                    restore_percent(
                        Decimal(row["percent_complete"]),
                        done=int(row["actual_duration_hours"]),
                        left=int(row["remaining_duration_hours"]),
                    ),
                    10,
                ),
            )
            for row in rows(ghent.INSURER, "progress.csv")
        )
    return program


def _shifts(hours: list[int]) -> list[list[int]]:
    shifts: list[list[int]] = []
    for hour in hours:
        if shifts and shifts[-1][1] == hour * 60:
            shifts[-1][1] += 60
        else:
            shifts.append([hour * 60, hour * 60 + 60])
    return shifts


def draft() -> Draft:
    """What an importer read about cost: the cumulative cost of each activity at each status date."""
    return Draft(
        "bundle",
        activities=[
            ActivityDraft(row["project_id"], row["activity_id"], row["name"])
            for row in ghent.rows(ghent.INSURER, "activities.csv")
        ],
        progress=[
            ProgressDraft(
                row["project_id"],
                int(row["period"]),
                row["activity_id"],
                actual_cost=Decimal(row["actual_cost"]),
            )
            for row in ghent.rows(ghent.INSURER, "progress.csv")
        ],
    )


def _costs(*, program: Program, by: User | None, at: datetime) -> None:
    plan_costs.import_bundle_costs(program=program, draft=draft(), by=by, at=at)
