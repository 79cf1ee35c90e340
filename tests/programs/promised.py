"""A small plan with a milestone that was committed to, and somebody who asks what an edit would move."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from pmo import commands
from programs.baselines.models import Baseline, BaselineActivity
from programs.master_plan.would_move import Tried, WouldMove, trial
from programs.portfolio.models import Program
from programs.schedule import services
from programs.schedule.models import Activity, ComputedDates, Dependency
from tests.cast import Office, everything, make_office

DAY = 480
HTMX = {"HX-Request": "true"}


def promised_plan() -> Office:
    """A1 (5 days), A2 (3) and the milestone GO in ERP-FIN, one after the other; B1 (2) alone in IAM; baselined."""
    made = make_office()
    with everything(made.program):
        rows = [
            Activity(
                program=made.program, project=project, code=code, name=f"Step <{code}>", kind=kind,
                duration_minutes=days * DAY, position=position,
            )
            for position, (project, code, days, kind) in enumerate((
                (made.erp, "A1", 5, "task"), (made.erp, "A2", 3, "task"), (made.erp, "GO", 0, "finish_milestone"),
                (made.iam, "B1", 2, "task"),
            ))
        ]  # fmt: skip
        Activity.objects.bulk_create(rows)
        for one, other in ((0, 1), (1, 2)):
            Dependency.objects.create(program=made.program, predecessor=rows[one], successor=rows[other])
    commands.run(services.recompute, actor=made.program_manager, program=made.program)
    with everything(made.program):
        baseline = Baseline.objects.create(
            program=made.program, number=1, name="As planned", origin="imported", is_current=True,
            frozen_at=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        BaselineActivity.objects.bulk_create(
            BaselineActivity(
                program=made.program, baseline=baseline, activity_id=one.activity_id, starts_at=one.early_start,
                finishes_at=one.early_finish, duration_minutes=0,
            )
            for one in ComputedDates.objects.filter(program=made.program, superseded_by=None)
        )  # fmt: skip
    return made


def found(office: Office, code: str) -> Activity:
    return Activity.objects.select_related("project").get(program_id=office.program.pk, code=code)


def asked(office: Office, code: str, version: int | None = None, **changes: Any) -> WouldMove:
    with everything(office.program):
        program = Program.objects.get(pk=office.program.pk)
    with pytest.raises(Tried) as tried:
        commands.run(
            trial,
            actor=office.program_manager,
            command=services.edit_activity,
            of=program,
            activity_id=at(office, code),
            changes=changes,
            version=version,
        )
    return tried.value.known()


def at(office: Office, code: str) -> int:
    with everything(office.program):
        return found(office, code).pk


def client_of(office: Office, role: str = "erp_manager") -> Client:
    client = Client()
    client.force_login(office.people[role])
    return client


def form(office: Office, code: str, **typed: str) -> dict[str, str]:
    """What a browser sends of the activity's form."""
    with everything(office.program):
        one = found(office, code)
        shown = {"name": one.name, "days": f"{one.duration_minutes / DAY:g}", "constraint": one.constraint,
                 "percent_complete": "0", "version": str(one.version)}  # fmt: skip
    return shown | typed


def sent(office: Office, method: str, path: str, body: Any = None, role: str = "erp_manager") -> Any:
    return getattr(client_of(office, role), method)(
        f"/api/v1/programs/ATLAS/{path}", body, content_type="application/json"
    )
