"""The progress sheet: what it asks for, whose projects it shows, and what saving a cell tells."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from pmo import commands
from programs.portfolio.models import Project
from programs.schedule import services as plan
from programs.schedule.models import Activity
from programs.status import services
from tests.cast import Office, everything, make_office

pytestmark = pytest.mark.django_db
STATUS = datetime(2026, 1, 16, 17, 0, tzinfo=UTC)  # a Friday, two weeks in
URL = "/p/ATLAS/status/progress/"


@pytest.fixture
def office() -> Office:
    """In each of two projects work of ten days that should have begun, and work long after the status date."""
    office = make_office()
    for project in (office.erp, office.iam):
        for code, days, begins in (("1", 10, None), ("9", 5, STATUS + timedelta(days=60))):
            commands.run(
                plan.add_activity, actor=office.program_manager, program=office.program, project_id=project.pk,
                values={
                    "code": f"{project.code[:1]}{code}", "name": f"Step {code} of {project.code}",
                    "duration_minutes": days * 480,
                    **({"constraint": "SNET", "constraint_at": begins} if begins else {}),
                },
            )  # fmt: skip
    with everything(office.program):
        Project.objects.filter(pk=office.erp.pk).update(manager=office.erp_manager)
        Project.objects.filter(pk=office.iam.pk).update(manager=office.iam_manager)
    commands.run(
        services.set_status_date, actor=office.program_manager, program=office.program, project=None,
        status_at=STATUS, remark="Two weeks.", seen=0,
    )  # fmt: skip
    return office


def browser(office: Office, role: str) -> Client:
    client = Client()
    client.force_login(office.people[role])
    return client


def types(office: Office, client: Client, code: str, field: str, value: str) -> Any:
    with everything(office.program):
        pk = Activity.objects.get(program=office.program, code=code).pk
    ops = [{"do": "set", "activity": pk, "field": field, "value": value}]
    return client.post(f"{URL}edit/", {"ops": json.dumps(ops)})


def test_it_asks_for_what_is_due_in_ones_own_projects_only(office: Office) -> None:
    page = browser(office, "erp_manager").get(URL).content.decode()
    assert "Step 1 of ERP-FIN" in page and "Step 1 of IAM" not in page and "Step 9" not in page
    assert 'data-f="name"' not in page and 'data-f="actual_start"' in page
    page = browser(office, "program_manager").get(URL).content.decode()
    assert "Step 1 of ERP-FIN" in page and "Step 1 of IAM" in page
    page = browser(office, "program_manager").get(f"{URL}?manager={office.iam_manager.pk}").content.decode()
    assert "Step 1 of ERP-FIN" not in page and "Step 1 of IAM" in page
    assert browser(office, "auditor").get(URL).status_code == 403


def test_a_cell_is_saved_with_what_moved_and_a_fault_stands_at_it(office: Office) -> None:
    client = browser(office, "erp_manager")
    answer = types(office, client, "E1", "percent", "50")
    assert answer.status_code == 200, answer.content
    html = answer.json()["html"].replace("\xa0", " ")
    assert "1 activity has new dates." in html and "E1 Step 1 of ERP-FIN: " in html
    refused = types(office, client, "E1", "actual_finish", "1 Jun 2026")
    assert refused.status_code == 422
    assert "after the status date" in refused.json()["problems"][0]["message"]
    assert refused.json()["problems"][0]["field"] == "actual_finish"
    assert types(office, client, "I1", "percent", "50").status_code == 403
    with everything(office.program):
        assert Activity.objects.get(program=office.program, code="I1").percent_complete == 0
    undone = client.post(f"{URL}undo/")
    assert undone.status_code == 200
    assert undone.json()["words"].startswith("Undone: E1: percent complete is 0 again.")


def test_percent_is_read_with_one_decimal_and_compared_exactly(office: Office) -> None:
    client = browser(office, "erp_manager")
    answer = types(office, client, "E1", "percent", "30.88")
    assert 'data-was="30.88">30.9</td>' in answer.json()["html"]


def test_all_of_what_has_not_begun_is_left(office: Office) -> None:
    client = browser(office, "erp_manager")
    with everything(office.program):
        one = Activity.objects.get(program=office.program, code="E1")
    row = client.get(URL).content.decode().split(f'data-row="{one.pk}"')[1].split("</tr>")[0]
    days = f"{one.duration_minutes / 480:g}"
    assert f'data-f="remaining" data-was="">{days}</td>' in row
    assert types(office, client, "E1", "percent", "50").status_code == 200
    row = client.get(URL).content.decode().split(f'data-row="{one.pk}"')[1].split("</tr>")[0]
    assert 'data-f="remaining" data-was=""' not in row


def test_what_is_latest_stands_first(office: Office) -> None:
    with everything(office.program):
        Activity.objects.filter(program=office.program, code="I1").update(duration_minutes=480)
    assert (
        types(office, browser(office, "erp_manager"), "E1", "actual_start", "2 Jan 2026").status_code == 200
    )
    page = browser(office, "program_manager").get(URL).content.decode()
    assert page.index("Step 1 of IAM") < page.index("Step 1 of ERP-FIN")


def test_what_was_finished_stays_until_the_next_status_date(office: Office) -> None:
    client = browser(office, "program_manager")
    assert types(office, client, "E1", "percent", "100").status_code == 200
    assert "Step 1 of ERP-FIN" in client.get(URL).content.decode()
    assert "Step 1 of ERP-FIN" not in client.get(f"{URL}?late=1").content.decode()
    commands.run(
        services.set_status_date, actor=office.program_manager, program=office.program, project=None,
        status_at=STATUS + timedelta(days=7), remark="Three weeks.", seen=_newest(office),
    )  # fmt: skip
    page = client.get(URL).content.decode()
    assert "Step 1 of ERP-FIN" not in page and "Step 1 of IAM" in page


def _newest(office: Office) -> int:
    from programs.status.selectors import newest

    with everything(office.program):
        return newest(office.program)
