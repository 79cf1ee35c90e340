"""Progress typed into the plan: what is set with it, said, told at the status date, and undone as one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pmo import commands
from programs.portfolio.models import Project
from programs.schedule import services
from programs.schedule.models import Activity, Progress, StatusPeriod
from programs.status import services as statuses
from tests.cast import Office, everything, make_office
from tests.programs.planner import Planner, found

pytestmark = pytest.mark.django_db
STATUS = datetime(2026, 1, 23, 17, 0, tzinfo=UTC)  # a Friday, three weeks in


@pytest.fixture
def office() -> Office:
    """Ten days, five days and a milestone in one project; the status date is the end of the third week."""
    office = make_office()
    for code, days in (("A1", 10), ("A2", 5), ("M1", 0)):
        commands.run(
            services.add_activity,
            actor=office.program_manager,
            program=office.program,
            project_id=office.erp.pk,
            values={
                "code": code,
                "name": f"Step {code}",
                "duration_minutes": days * 480,
                "kind": "task" if days else "finish_milestone",
            },
        )
    commands.run(
        statuses.set_status_date,
        actor=office.program_manager,
        program=office.program,
        project=office.erp,
        status_at=STATUS,
        remark="Third week.",
        seen=0,
    )
    return office


def facts(office: Office, code: str) -> tuple[Any, ...]:
    one = found(office, code)
    days = None if one.remaining_minutes is None else one.remaining_minutes / 480
    return one.percent_complete, one.actual_start, one.actual_finish, days


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def test_a_percentage_sets_remaining_work_and_the_start_it_means_and_says_so(office: Office) -> None:
    planner = Planner(office)
    status, answer = planner.types("A1", "percent", "40")
    assert status == 200, answer
    # Four of ten days are done by Friday evening: it began on Tuesday morning.
    assert facts(office, "A1") == (Decimal(40), day("2026-01-20T08:00"), None, 6)
    assert "set with it: actual start 20 Jan 2026, 6 d remain" in answer["words"]
    with everything(office.program):
        told = Progress.objects.get(period__at=STATUS, activity__code="A1")
        assert (told.percent_complete, told.remaining_minutes) == (Decimal(40), 6 * 480)
    status, answer = planner.types("A1", "percent", "75")
    assert facts(office, "A1") == (Decimal(75), day("2026-01-20T08:00"), None, 2.5)
    assert planner.undoes()[0] == 200 and planner.undoes()[0] == 200
    assert facts(office, "A1") == (Decimal(0), None, None, None)
    with everything(office.program):
        assert Progress.objects.get(period__at=STATUS, activity__code="A1").percent_complete == 0


def test_a_hundred_finishes_at_the_status_date_and_less_takes_it_back(office: Office) -> None:
    planner = Planner(office)
    status, answer = planner.types("A2", "percent", "100")
    assert status == 200 and "actual finish 23 Jan 2026, no remaining work" in answer["words"]
    assert facts(office, "A2") == (Decimal(100), day("2026-01-19T08:00"), STATUS, 0)
    planner.types("A2", "percent", "80")
    assert facts(office, "A2") == (Decimal(80), day("2026-01-19T08:00"), None, 1)
    planner.types("A2", "percent", "0")
    assert facts(office, "A2") == (Decimal(0), None, None, None)


def test_a_milestone_is_reached_or_not(office: Office) -> None:
    planner = Planner(office)
    status, answer = planner.types("M1", "percent", "50")
    assert status == 422 and "reached or not" in answer["problems"][0]["message"]
    assert planner.types("M1", "actual_finish", "14 Jan 2026")[0] == 200
    assert facts(office, "M1") == (Decimal(100), day("2026-01-14T17:00"), day("2026-01-14T17:00"), 0)


def test_actual_dates_and_what_is_left_are_typed_too(office: Office) -> None:
    planner = Planner(office)
    status, answer = planner.types("A1", "remaining", "4")
    assert status == 422 and "type its actual start first" in answer["problems"][0]["message"]
    assert planner.types("A1", "actual_start", "12 Jan 2026")[0] == 200
    assert facts(office, "A1") == (Decimal(0), day("2026-01-12T08:00"), None, 10)
    assert planner.types("A1", "remaining", "4")[0] == 200
    assert facts(office, "A1") == (Decimal(0), day("2026-01-12T08:00"), None, 4)
    # The status date is a Friday evening: Wednesday is three working days on.
    assert planner.types("A1", "finish", "28 Jan 2026")[0] == 200
    assert facts(office, "A1")[3] == 3
    status, answer = planner.types("A1", "finish", "20 Jan 2026")
    assert status == 422 and "type the actual finish if it is done" in answer["problems"][0]["message"]
    assert planner.types("A1", "actual_finish", "22 Jan 2026")[0] == 200
    assert facts(office, "A1") == (Decimal(100), day("2026-01-12T08:00"), day("2026-01-22T17:00"), 0)
    status, answer = planner.types("A1", "actual_finish", "")
    assert status == 422 and "percent that is done" in answer["problems"][0]["message"]
    status, answer = planner.types("A1", "actual_finish", "26 Jan 2026")
    assert status == 422 and "after the status date" in answer["problems"][0]["message"]


def test_the_columns_are_there_and_the_plan_moves_with_what_is_left(office: Office) -> None:
    planner = Planner(office)
    planner.types("A1", "actual_start", "12 Jan 2026")
    page = planner.client.get("/p/ATLAS/plan/?cols=percent,actual_start,actual_finish,remaining,finish")
    html = page.content.decode()
    assert 'data-f="actual_start" data-was="12 Jan 2026 08:00"' in html and 'data-f="remaining"' in html
    assert "6 Feb 2026" in html  # ten days from the status date
    planner.types("A1", "percent", "90")
    html = planner.client.get("/p/ATLAS/plan/?cols=remaining,finish").content.decode()
    assert "26 Jan 2026" in html


def test_a_page_edit_of_progress_is_told_at_the_status_date_too(office: Office) -> None:
    commands.run(
        services.edit_activity,
        actor=office.erp_manager,
        activity_id=found(office, "A2").pk,
        version=None,
        changes={"actual_start": day("2026-01-12T08:00"), "percent_complete": Decimal(20)},
    )
    with everything(office.program):
        assert Progress.objects.get(period__at=STATUS, activity__code="A2").percent_complete == 20
        assert StatusPeriod.objects.filter(program=office.program).count() == 1
        assert Project.objects.get(pk=office.erp.pk).status_at == STATUS
        assert Activity.objects.get(project=office.erp, code="A2").percent_complete == 20
