"""Rows of every kind in an office: one of each, or fifty, so that a page's price and a list's shape can be seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from pmo import commands
from programs.baselines.models import Baseline, BaselineActivity
from programs.calendars.models import CalendarException
from programs.deliverables.models import Deliverable, Requirement
from programs.exchange.models import PlanImport
from programs.portfolio.models import Objective, Project, Reading
from programs.raid.issue_models import Issue
from programs.raid.models import Risk
from programs.resources.models import Assignment, Resource
from programs.schedule import services
from programs.schedule.models import Activity, Dependency, Progress, StatusPeriod
from programs.schedule.spans import by_project, seconds
from programs.schedule_health import services as health
from programs.status.models import Narrative
from tests.cast import MORNING, Office, everything

DAY = date(2026, 3, 2)
LONG_AGO = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


def plan_rows(office: Office, count: int, start: int = 0, word: str = "Step") -> None:
    """`count` more of everything of programs: activities in a chain, risks, resources and the rest; computed."""
    program = office.program
    numbers = range(start, start + count)
    with everything(program):
        projects = Project.objects.bulk_create(
            Project(program=program, code=f"PRJ{n}", name=f"{word} project {n}", position=10 + n)
            for n in numbers
        )
        activities = Activity.objects.bulk_create(
            Activity(
                program=program,
                project=office.erp,
                code=f"A{n}",
                name=f"{word} {n}",
                duration_minutes=480,
                position=n + 1,
                percent_complete=Decimal("33.3333333333"),
                cost_per_hour=Decimal("12000.5"),
            )
            for n in numbers
        )
        links = [
            Dependency(program=program, predecessor=one, successor=other)
            for one, other in pairwise(activities)
        ]
        Dependency.objects.bulk_create(links)
        resources = Resource.objects.bulk_create(
            Resource(program=program, code=f"R{n}", name=f"{word} role {n}", cost_per_hour=Decimal("9000"))
            for n in numbers
        )
        Assignment.objects.bulk_create(
            Assignment(program=program, activity=activity, resource=resource, units=Decimal("0.5"))
            for activity, resource in zip(activities, resources, strict=True)
        )
        Risk.objects.bulk_create(
            Risk(
                program=program,
                project=office.erp,
                code=f"K{n}",
                title=f"{word} risk {n}",
                probability=1 + n % 5,
                impact=1 + n % 4,
                exposure_minor=100_00,
                owner=office.program_manager,
                raised_on=DAY,
            )
            for n in numbers
        )
        Issue.objects.bulk_create(
            Issue(
                program=program,
                project=office.erp,
                code=f"I-{1000 + n}",
                title=f"{word} issue {n}",
                owner=office.program_manager,
                raised_at=MORNING,
            )
            for n in numbers
        )
        objectives = Objective.objects.bulk_create(
            Objective(
                program=program,
                code=f"O{n}",
                name=f"{word} benefit {n}",
                measure="Days to close",
                unit="days",
                baseline_value=10,
                target_value=5,
                baseline_on=DAY,
                target_on=DAY + timedelta(days=300),
                owner=office.sponsor,
            )
            for n in numbers
        )
        Reading.objects.bulk_create(
            Reading(program=program, objective=one, taken_on=DAY, value=Decimal("9.5")) for one in objectives
        )
        deliverables = Deliverable.objects.bulk_create(
            Deliverable(
                program=program, project=office.erp, code=f"D{n}", name=f"{word} deliverable {n}", due_on=DAY
            )
            for n in numbers
        )
        Requirement.objects.bulk_create(
            Requirement(
                program=program,
                deliverable=one,
                code=f"Q{one.code}",
                text=f"{word} holds.",
                due_on=DAY,
                accepted_on=DAY,
                accepted_by=office.sponsor,
            )
            for one in deliverables
        )
        Narrative.objects.bulk_create(
            Narrative(
                program=program,
                project=office.erp,
                as_of=DAY - timedelta(days=n),
                achieved=f"{word} done.",
                author=office.erp_manager,
            )
            for n in numbers
        )
        CalendarException.objects.bulk_create(
            CalendarException(
                program=program,
                calendar=office.calendar,
                day=date(2030, 1, 1) + timedelta(days=n),
                reason=f"{word} day",
            )
            for n in numbers
        )
        periods = StatusPeriod.objects.bulk_create(
            StatusPeriod(program=program, project=office.erp, number=n + 1, at=LONG_AGO + timedelta(days=n))
            for n in numbers
        )
        Progress.objects.bulk_create(
            Progress(program=program, period=period, activity=activity, percent_complete=Decimal("33.3"))
            for period, activity in zip(periods, activities, strict=True)
        )
        PlanImport.objects.bulk_create(
            PlanImport(
                program=program,
                file_name=f"{word}{n}.xml",
                format="mspdi",
                digest=f"{n:064d}",
                state="refused",
                totals={"errors": 1, "warnings": 0, "more": 0},
                uploaded_by=office.program_manager,
                uploaded_at=MORNING,
            )
            for n in numbers
        )
        baseline = Baseline.objects.filter(program=program).first() or Baseline.objects.create(
            program=program,
            number=1,
            name="As imported",
            origin="imported",
            is_current=True,
            frozen_at=MORNING,
        )
        Baseline.objects.bulk_create(
            Baseline(
                program=program, number=n + 2, name=f"{word} B{n + 2}", origin="imported", frozen_at=MORNING
            )
            for n in numbers
        )
        BaselineActivity.objects.bulk_create(
            BaselineActivity(
                program=program,
                baseline=baseline,
                activity=activity,
                starts_at=MORNING,
                finishes_at=MORNING + timedelta(hours=9),
                duration_minutes=480,
                spread_cost=Decimal("96000.1234"),
            )
            for activity in activities
        )
        kept = baseline.activities.values_list("activity__project_id", "starts_at", "finishes_at")
        baseline.project_dates = by_project(
            (pk, seconds(start), seconds(finish)) for pk, start, finish in kept
        )
        baseline.save(update_fields=["project_dates"])
        assert len(projects) == count
    commands.run(services.recompute, actor=office.program_manager, program=program)
    commands.run(health.assess_program, actor=office.program_manager, program=program)
