"""Notes of activities: in from every tool that has them, out and in again, on the page, in the API, in the search."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pmo import commands
from programs.exchange import sandbox, services
from programs.exchange.export.files import plan_file
from programs.exchange.reading import Read
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office
from tests.programs.exchange import plans

pytestmark = pytest.mark.django_db
NOTE = "Call the <harbour> & ask\nfor the crane."


@pytest.fixture
def office() -> Office:
    return make_office()


def read(note: str = "Call the &lt;harbour&gt; &amp; ask  \n for the crane.") -> Read:
    return sandbox.read_upload(plans.plan(plans.task(1, Notes=note), plans.task(2)), "plan.xml")


def brought_in(office: Office, what: Read) -> Any:
    mona = office.program_manager
    staged = commands.run(services.stage, actor=mona, program=office.program, file_name="plan.xml", read=what)
    commands.run(services.accept, actor=mona, plan_import=staged.plan_import)
    return staged.plan_import


def notes(office: Office) -> dict[str, str]:
    with everything(office.program):
        return dict(Activity.objects.values_list("code", "notes"))


def test_notes_come_in_with_their_lines_and_a_file_without_one_leaves_ours(office: Office) -> None:
    found = brought_in(office, read())
    assert not any("note" in sentence for sentence in found.changes["left_out"])
    assert notes(office) == {"1": NOTE, "2": ""}
    brought_in(office, read(""))
    assert notes(office)["1"] == NOTE


@pytest.mark.parametrize("kind", ["bundle", "mspdi"])
def test_notes_go_out_and_come_in_again_the_same(office: Office, kind: str) -> None:
    brought_in(office, read())
    with everything(office.program):
        file = plan_file(office.program, kind)
    again = sandbox.read_upload(file.content, file.name)
    assert {one.code: one.notes for one in again.draft.activities} == {"1": NOTE, "2": ""}


def test_a_planner_writes_them_on_the_page_and_by_the_api_and_finds_them(office: Office) -> None:
    brought_in(office, read())
    with everything(office.program):
        one = Activity.objects.get(code="2")
    client = Client()
    client.force_login(office.program_manager)
    page = f"/p/ATLAS/plan/{one.pk}/"
    form = client.get(page).context["form"]
    typed = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
    typed |= {"notes": "Two lines\r\nof it"}
    typed |= dict.fromkeys(("constraint_at", "deadline_at", "actual_start", "actual_finish"), "")
    assert client.post(page, typed).status_code == 302
    assert notes(office)["2"] == "Two lines\nof it"
    with everything(office.program):
        one.refresh_from_db()
    answer = client.patch(
        f"/api/v1/programs/ATLAS/activities/{one.pk}/",
        {"notes": "Mind the gap", "version": one.version},
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content
    assert client.get(f"/api/v1/programs/ATLAS/activities/{one.pk}/").json()["notes"] == "Mind the gap"
    assert "Task 2" in client.get("/search/", {"q": "mind the GAP"}).content.decode()
