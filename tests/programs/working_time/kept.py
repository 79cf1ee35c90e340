"""A plan that was committed to and its one calendar, which somebody keeps in a browser."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.test import Client

from pmo import commands
from pmo.accounts.models import User
from programs.baselines.models import Baseline, BaselineActivity
from programs.calendars.models import Calendar
from programs.schedule import services as schedule
from programs.schedule.models import Activity, ComputedDates, Dependency
from programs.working_time import services
from tests.cast import Office, everything, make_office
from tests.fresh import sign_in

MORNING, AFTERNOON = [480, 720], [780, 1020]
HALF = [[MORNING]] * 5 + [[], []]


def kept_plan() -> Office:
    """A1, ten days from Monday 5 January 2026, and the milestone M1 after it, both in ERP-FIN and committed to."""
    made = make_office()
    with everything(made.program):
        one, other = Activity.objects.bulk_create(
            Activity(
                program=made.program, project=made.erp, code=code, name=code, kind=kind, position=position,
                duration_minutes=minutes,
            )
            for position, (code, kind, minutes) in enumerate((("A1", "task", 4800), ("M1", "finish_milestone", 0)))
        )  # fmt: skip
        Dependency.objects.create(program=made.program, predecessor=one, successor=other)
    commands.run(schedule.recompute, actor=made.program_manager, program=made.program)
    with everything(made.program):
        baseline = Baseline.objects.create(
            program=made.program, number=1, name="As planned", origin="imported", is_current=True,
            frozen_at=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        BaselineActivity.objects.bulk_create(
            BaselineActivity(
                program=made.program, baseline=baseline, activity_id=dates.activity_id, starts_at=dates.early_start,
                finishes_at=dates.early_finish, duration_minutes=0,
            )
            for dates in ComputedDates.objects.filter(program=made.program, superseded_by=None)
        )  # fmt: skip
    return made


def finish(office: Office) -> date:
    """The day on which A1 finishes, by the dates in force."""
    with everything(office.program):
        return ComputedDates.objects.get(activity__code="A1", superseded_by=None).early_finish.date()


def edit(
    office: Office, changes: dict[str, Any], *, agreed: bool = True, by: User | None = None
) -> services.Edited:
    with everything(office.program):
        live = Calendar.objects.get(pk=office.calendar.pk)
    found: services.Edited = commands.run(
        services.edit, actor=by or office.program_manager, calendar=live, version=live.version, changes=changes,
        agreed=agreed,
    )  # fmt: skip
    return found


def browser(who: User) -> Client:
    client = Client()
    sign_in(client, who)
    return client


def plain(text: str) -> str:
    """Without the spaces that keep numbers and units together."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def page_of(office: Office) -> str:
    return f"/p/ATLAS/calendars/{office.calendar.pk}/"
