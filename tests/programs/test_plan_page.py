"""The master plan page: what it shows, to whom, at what cost, and editing in the cell."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pmo import commands
from programs.master_plan.listing import Line
from programs.master_plan.table import table_rows
from programs.schedule import services
from programs.schedule.models import Activity
from tests.cast import PASSWORD, Office, everything, make_office, stranger

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    office = make_office()
    for code, days in (("A1", 5), ("A2", 3), ("A3", 1)):
        commands.run(
            services.add_activity,
            actor=office.program_manager,
            program=office.program,
            project_id=office.erp.pk,
            values={"code": code, "name": f"Step <{code}>", "duration_minutes": days * 480},
        )
    return office


def signed_in(office: Office, role: str) -> Client:
    client = Client()
    client.force_login(office.people[role])
    return client


def test_everybody_in_the_program_sees_the_plan_and_names_are_escaped(office: Office) -> None:
    for role in (
        "program_manager",
        "erp_manager",
        "controller",
        "chair",
        "member",
        "sponsor",
        "auditor",
        "staff",
    ):
        page = signed_in(office, role).get("/p/ATLAS/plan/")
        assert page.status_code == 200, role
        assert "Step &lt;A1&gt;" in page.content.decode()
        assert "3 activities in 2 projects" in page.content.decode().replace("\xa0", " ").replace(
            "\u202f", " "
        )


def test_the_plan_does_not_exist_for_a_stranger_and_is_closed_to_the_administrator(office: Office) -> None:
    client = Client()
    assert client.get("/p/ATLAS/plan/").status_code == 302
    client.force_login(stranger())
    assert client.get("/p/ATLAS/plan/").status_code == 404
    assert signed_in(office, "administrator").get("/p/ATLAS/plan/").status_code == 403


def test_the_page_costs_the_same_queries_for_three_rows_and_for_two_hundred(office: Office) -> None:
    client = signed_in(office, "program_manager")
    client.get("/p/ATLAS/plan/")
    with CaptureQueriesContext(connection) as few:
        client.get("/p/ATLAS/plan/")
    with everything(office.program):
        Activity.objects.bulk_create(
            Activity(
                program=office.program,
                project=office.iam,
                code=f"B{n}",
                name=f"B{n}",
                duration_minutes=480,
                position=n,
            )
            for n in range(200)
        )
    commands.run(services.recompute, actor=office.program_manager, program=office.program)
    with CaptureQueriesContext(connection) as many:
        client.get("/p/ATLAS/plan/")
    listing = "\n".join(query["sql"][:200] for query in many.captured_queries)
    assert len(many) == len(few), listing
    assert len(many) <= 12 + 6, listing  # and savepoints, session, user, scope


def test_an_activity_page_says_why_its_date_is_what_it_is(office: Office) -> None:
    with everything(office.program):
        first, second = Activity.objects.filter(code__in=["A1", "A2"]).order_by("code")
    client = signed_in(office, "program_manager")
    client.post(f"/p/ATLAS/plan/{second.pk}/links/", {"predecessor": "A1", "kind": "FS", "lag_days": "2"})
    page = client.get(f"/p/ATLAS/plan/{second.pk}/").content.decode()
    assert "It waits for A1 Step &lt;A1&gt; (finish to start + 2 d)." in page
    back = {"predecessor": "ERP-FIN/A2", "kind": "FS", "lag_days": "0"}
    cycle = client.post(f"/p/ATLAS/plan/{first.pk}/links/", back)
    assert cycle.status_code == 422
    assert "would wait for each other" in cycle.content.decode()


def test_the_exported_plan_cannot_carry_a_formula(office: Office) -> None:
    with everything(office.program):
        pk = Activity.objects.get(code="A1").pk
    commands.run(
        services.edit_activity,
        actor=office.program_manager,
        activity_id=pk,
        changes={"name": "=HYPERLINK(1)"},
        version=None,
    )
    text = signed_in(office, "auditor").get("/p/ATLAS/plan/export.csv").content.decode()
    assert "'=HYPERLINK(1)" in text
    assert PASSWORD not in text


def test_a_name_in_the_table_is_text_wherever_it_stands() -> None:
    line = Line(
        "7",
        7,
        '<b>"Cut"</b> & over',
        2,
        False,
        False,
        '/p/A/plan/7/?x="&y=1',
        True,
        {"days": "3<", "start": "6 Nov 2026"},
        True,
        seen='SNET "6"',
    )
    row = table_rows([line], ["days", "start"], begin=200)
    assert "<b>" not in row and 'title="&lt;b&gt;&quot;Cut&quot;&lt;/b&gt; &amp; over"' in row
    assert 'href="/p/A/plan/7/?x=&quot;&amp;y=1"' in row and ">3&lt;</td>" in row
    assert 'data-f="start" data-was="SNET &quot;6&quot;"' in row and 'data-at="200"' in row
