"""A small plan under the committee: activities with dates, a baseline by decision, progress, risks, requirements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from finance.earned_value import services as earned_value
from governance.decisions import services as decisions
from programs.deliverables.models import Deliverable, Requirement
from programs.portfolio.models import Objective, Reading
from programs.raid import services as raid
from programs.resources.models import Assignment, Resource
from programs.schedule import services as plan
from programs.schedule.models import Activity, Progress, StatusPeriod
from tests.governance.committee import Committee

DAY = 480
STATUS = datetime(2026, 2, 20, 17, 0, tzinfo=UTC)


def planned(committee: Committee) -> None:
    """Two projects of two activities each (ERP: 40 and 40 days, IAM: 20 and 20), baselined by a real decision."""
    program, manager = committee.program, committee.program_manager
    with committee.looking():
        tester = Resource.objects.create(program=program, code="TEST", name="Tester", cost_per_hour=100_00)
    for project, code, days in (
        (committee.erp, "E1", 40),
        (committee.erp, "E2", 40),
        (committee.iam, "I1", 20),
        (committee.iam, "I2", 20),
    ):
        made = committee.does(
            manager,
            plan.add_activity,
            program=program,
            project_id=project.pk,
            values={"code": code, "name": f"Work {code}", "duration_minutes": days * DAY},
        )
        with committee.looking():
            Assignment.objects.create(program=program, activity=made.activity, resource=tester, units=1)
    with committee.looking():
        pairs = [
            (
                Activity.objects.get(program=program, code=a).pk,
                Activity.objects.get(program=program, code=b).pk,
            )
            for a, b in (("E1", "E2"), ("I1", "I2"))
        ]
    for before, after in pairs:
        committee.does(
            manager,
            plan.add_dependency,
            program=program,
            predecessor_id=before,
            successor_id=after,
            kind="FS",
            lag=0,
            lag_unit="working",
        )
    with committee.looking():
        program.refresh_from_db()
    decision = committee.does(
        committee.staff, decisions.propose, baseline_of=program, question="Shall this be the baseline?"
    )
    decision = committee.does(committee.chair, decisions.open_ballot, decision=decision)
    committee.all_vote(decision)
    closed = committee.closes(decision)
    assert closed.outcome == "approved"
    _reported(committee)
    committee.does(None, earned_value.refresh, program=program)


def _reported(committee: Committee) -> None:
    """Status of 20 Feb 2026: E1 80 %, I1 done; a requirement accepted late, a measure half way."""
    program = committee.program
    with committee.looking():
        for project, code, percent in ((committee.erp, "E1", 80), (committee.iam, "I1", 100)):
            period = StatusPeriod.objects.create(program=program, project=project, number=1, at=STATUS)
            activity = Activity.objects.get(program=program, code=code)
            Progress.objects.create(
                program=program,
                period=period,
                activity=activity,
                percent_complete=percent,
                actual_start=program.starts_at,
            )
        product = Deliverable.objects.create(
            program=program, project=committee.erp, code="DL-1", name="Ledger", due_on=date(2026, 2, 1)
        )
        for number, accepted in ((1, date(2026, 1, 20)), (2, date(2026, 2, 10))):
            Requirement.objects.create(
                program=program,
                deliverable=product,
                code=f"RQ-{number}",
                text="It adds up",
                due_on=date(2026, 2, 1),
                accepted_on=accepted,
                accepted_by=committee.auditor,
            )
        measure = Objective.objects.create(
            program=program,
            code="B-1",
            name="Days to close",
            measure="Days",
            unit="d",
            baseline_value=Decimal(10),
            target_value=Decimal(4),
            baseline_on=date(2026, 1, 1),
            target_on=date.today() + timedelta(days=400),
        )
        Reading.objects.create(
            program=program, objective=measure, taken_on=date(2026, 2, 1), value=Decimal(4)
        )
    committee.does(
        committee.program_manager,
        raid.add,
        program=program,
        values={
            "code": "RSK-1",
            "title": "Vendor late",
            "probability": 3,
            "impact": 4,
            "exposure_minor": 50_000_00,
        },
    )


__all__ = ["planned"]
