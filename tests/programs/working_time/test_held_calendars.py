"""Who moves a committed milestone by a calendar is told first, and agrees to what was shown."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from pmo import commands
from programs.calendars.models import Calendar, CalendarException
from programs.portfolio.models import Program, Project
from programs.schedule import services as schedule
from programs.schedule.models import Dependency
from programs.working_time import services
from tests.cast import Office, everything
from tests.programs.planner import Planner, found
from tests.programs.working_time.kept import HALF, browser, finish, kept_plan, page_of, plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return kept_plan()


def test_a_committed_milestone_holds_the_edit_until_somebody_agrees(office: Office) -> None:
    client, address = browser(office.program_manager), page_of(office)
    typed = {"deed": "days", "version": "1", "first": "2026-01-06", "hours": "off", "reason": "Epiphany"}
    tried = client.post(f"{address}would-move/", typed, headers={"HX-Request": "true"})
    assert tried.status_code == 200
    assert "1 committed milestone would move later" in plain(tried.content.decode())
    answer = client.post(address, typed)
    page = plain(answer.content.decode())
    assert answer.status_code == 422 and "Not saved yet" in page and "M1 M1 +3 d" in page
    with everything(office.program):
        assert not CalendarException.objects.exists()
    seal = page.split('name="agreed" value="')[1].split('"')[0]
    assert (
        client.post(address, typed | {"agreed": seal, "first": "2026-01-07"}).status_code == 422
    )  # other changes
    assert client.post(address, typed | {"agreed": seal}).status_code == 302
    assert finish(office) == date(2026, 1, 19)
    page = client.get(address, {"year": "2026"}).content.decode()
    page = plain(page)
    assert "Tue 6 Jan 2026" in page and "Epiphany" in page and "Mona Ortiz changed it" in page


def longer(office: Office) -> None:
    """A1 takes two days more, which moves the committed milestone as an edit of its own."""
    pk = found(office, "A1").pk
    changes = {"duration_minutes": 4800 + 960}
    commands.run(
        schedule.edit_activity, actor=office.program_manager, activity_id=pk, changes=changes, version=None
    )


@pytest.mark.parametrize("way", ["days", "use"])
def test_who_agreed_to_some_moves_is_asked_again_about_others(office: Office, way: str) -> None:
    client, address = browser(office.program_manager), page_of(office)
    typed = {"deed": "days", "version": "1", "first": "2026-01-06", "hours": "off", "reason": "Epiphany"}
    if way == "use":
        made = commands.run(
            services.add, actor=office.program_manager, program=office.program, code="HALF", name="Half", week=HALF
        )  # fmt: skip
        address = f"/p/ATLAS/calendars/{made.calendar.pk}/"
        typed = {"deed": "use", "subject": f"{office.erp.pk}:1"}

    def agreed(answer: Any) -> str:
        assert answer.status_code == 422, answer.content
        return str(answer.content.decode().split('name="agreed" value="')[1].split('"')[0])

    shown = agreed(client.post(address, typed))
    longer(office)
    before = finish(office)
    again = agreed(client.post(address, typed | {"agreed": shown}))
    assert finish(office) == before
    assert client.post(address, typed | {"agreed": again}).status_code == 302
    assert finish(office) > before


@pytest.mark.parametrize("way", ["days", "week", "choose", "first"])
def test_the_api_is_held_by_committed_milestones(office: Office, way: str) -> None:
    client = browser(office.program_manager)
    one, base = office.calendar.pk, "/api/v1/programs/ATLAS/calendars/"

    def call(method: str, path: str, body: dict[str, Any]) -> Any:
        return client.generic(method, base + path, json.dumps(body), content_type="application/json")

    method, path, body = "POST", f"{one}/days/", {"version": 1, "first": "2026-01-06"}
    if way == "week":
        method, path, body = "PATCH", f"{one}/", {"version": 1, "week": HALF}
    elif way == "choose":
        half = call("POST", "", {"code": "C2", "name": "Second", "week": HALF}).json()["id"]
        path, body = f"{half}/choose/", {"version": 1, "project": office.erp.pk}
    elif way == "first":
        with everything(office.program):
            Program.objects.filter(pk=office.program.pk).update(calendar=None)
            Project.objects.filter(program=office.program).update(calendar=None)
            Calendar.objects.all().delete()
        path, body = "", {"code": "C1", "name": "Mornings", "week": HALF}
    held = call(method, path, body)
    assert held.status_code == 409 and held.json()["type"] == "moves-committed", held.content
    (milestone,) = held.json()["milestones"]
    assert milestone["activity"] == "M1" and milestone["days"] > 0
    assert finish(office) == date(2026, 1, 16)
    agreed = call(method, path, body | {"agreed": True})
    assert agreed.status_code == (201 if way == "first" else 200), agreed.content
    assert finish(office) > date(2026, 1, 16)


def test_a_first_calendar_that_moves_what_was_committed_is_held(office: Office) -> None:
    with everything(office.program):
        Program.objects.filter(pk=office.program.pk).update(calendar=None)
        Calendar.objects.filter(program=office.program).delete()
    before, client, url = finish(office), browser(office.program_manager), "/p/ATLAS/calendars/add/"
    form = {"code": "C", "name": "Mondays", "monday": "8-10"}
    held = client.post(url, form)
    text = held.content.decode()
    assert held.status_code == 422 and "committed milestone later" in plain(text)
    assert finish(office) == before
    agreed = text.split('name="agreed" value="')[1].split('"')[0]
    assert client.post(url, form | {"monday": "8-9", "agreed": agreed}).status_code == 422
    assert client.post(url, form | {"agreed": agreed}).status_code == 302
    assert finish(office) > before


def test_who_agreed_to_one_undo_did_not_agree_to_another(office: Office) -> None:
    planner = Planner(office)
    a1 = found(office, "A1").pk
    assert planner.types("A1", "days", "9d")[0] == 200
    status, answer = planner.undoes()
    assert status == 422 and answer["agree"]
    assert planner.types("A1", "days", "1d")[0] == 200
    url = "/p/ATLAS/plan/undo/"
    for former in (answer["agree"], "undo"):
        assert planner.client.post(url, {"agreed": former}).status_code == 422
    asked = planner.undoes()[1]["agree"]
    assert planner.client.post(url, {"agreed": asked}).status_code == 200
    assert planner.client.post(url, {"agreed": answer["agree"]}).status_code == 200  # the very same moves
    # An agreement is to the moves that were shown: meanwhile the same words move more.
    op = {"do": "set", "activity": a1, "field": "days", "value": "12d"}
    told = planner.edits(op)[1]["agree"]
    with everything(office.program):
        Dependency.objects.filter(program=office.program).update(lag=4800)
    assert planner.edits(op, agreed=told)[0] == 422
