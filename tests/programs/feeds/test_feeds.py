"""Milestones in a calendar program: a private address, its owner's rights at each look, events that follow the plan."""

from __future__ import annotations

import json
import logging
import re
from datetime import date

import pytest
from django.test import Client

from pmo import commands
from pmo.accounts.models import Membership, User
from pmo.home.services import make_token
from pmo.logs import JsonLine
from pmo.refusals import NotAllowed, Refused
from programs.feeds import services
from programs.feeds.models import CalendarFeed
from programs.schedule import services as schedule
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office, stranger

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    """Two milestones behind a task of 80 hours, computed."""
    office = make_office()
    with everything(office.program):
        task = Activity.objects.create(
            program=office.program, project=office.erp, code="A", name="Build", duration_minutes=4800
        )
        for code, kind in (("M1", "finish_milestone"), ("M2", "start_milestone")):
            Activity.objects.create(
                program=office.program,
                project=office.erp,
                code=code,
                name=f"Gate {code}, the; last",
                kind=kind,
            )
    milestone = {"M1": "FS", "M2": "SS"}
    with everything(office.program):
        ends = {code: Activity.objects.get(program=office.program, code=code) for code in milestone}
    for code, kind in milestone.items():
        commands.run(
            schedule.add_dependency, actor=office.program_manager, program=office.program,
            predecessor_id=task.pk, successor_id=ends[code].pk, kind=kind, lag=0, lag_unit="working",
        )  # fmt: skip
    return office


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def made(office: Office, who: str = "sponsor", name: str = "Phone") -> str:
    """The path of a new address."""
    _, text = commands.run(services.make, actor=office.people[who], program=office.program, name=name)
    return f"/calendar/{text}.ics"


def lines(content: bytes) -> list[str]:
    """The lines of a calendar, unfolded."""
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    return content.decode().replace("\r\n ", "").split("\r\n")


def event(content: bytes, code: str) -> dict[str, str]:
    text = "\n".join(lines(content))
    found = next(one for one in text.split("BEGIN:VEVENT")[1:] if f"/{code})" in one)
    return dict(re.findall(r"^([A-Z-]+)[;:](.*)$", found, re.MULTILINE))


def test_a_calendar_program_reads_the_milestones_without_signing_in(office: Office) -> None:
    answer = Client().get(made(office))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    assert lines(answer.content)[0] == "BEGIN:VCALENDAR"
    gate = event(answer.content, "M1")
    assert gate["SUMMARY"] == r"◆ Gate M1\, the\; last (ERP-FIN/M1)"
    assert gate["DTSTART"] == "VALUE=DATE:20260116", "ten days of eight hours from Monday 5 January"
    assert gate["URL"].endswith("/")
    assert answer.content.count(b"BEGIN:VEVENT") == 2, "tasks are no milestones"


def test_a_milestone_that_moves_is_the_same_event_with_a_higher_sequence(office: Office) -> None:
    path = made(office)
    before = Client().get(path).content
    with everything(office.program):
        pk = Activity.objects.get(code="A").pk
    commands.run(
        schedule.edit_activity,
        actor=office.program_manager,
        activity_id=pk,
        changes={"duration_minutes": 5280},
        version=None,
    )
    after = Client().get(path).content
    assert event(after, "M1")["UID"] == event(before, "M1")["UID"]
    assert event(after, "M1")["DTSTART"] == "VALUE=DATE:20260119"
    assert int(event(after, "M1")["SEQUENCE"]) > int(event(before, "M1")["SEQUENCE"])
    assert event(after, "M2")["DTSTART"] == event(before, "M2")["DTSTART"] == "VALUE=DATE:20260105"


def test_the_address_shows_what_its_owner_may_see_at_that_moment(office: Office) -> None:
    path = made(office, "auditor")
    assert Client().get(path).status_code == 200
    with everything(office.program):
        Membership.objects.filter(user=office.auditor).update(valid_to=date(2021, 1, 1))
    assert Client().get(path).status_code == 404
    other = made(office)
    User.objects.filter(pk=office.sponsor.pk).update(is_active=False)
    assert Client().get(other).status_code == 404


def test_the_secret_of_an_address_is_not_written_to_the_log(office: Office) -> None:
    path = made(office)
    record = logging.LogRecord(
        "django.request", logging.ERROR, "x.py", 1, "Internal Server Error: %s", (path,), None
    )
    record.path = path
    written = JsonLine().format(record)
    assert path.split(".")[1] not in written
    assert json.loads(written)["path"] == "/calendar/….ics"


def test_an_unknown_ended_or_foreign_secret_is_the_same_nothing(office: Office) -> None:
    path = made(office)
    secret = path.split(".")[1]
    for wrong in (
        "/calendar/1.ics",
        "/calendar/x.y.ics",
        f"/calendar/{office.sponsor.pk}..ics",
        f"/calendar/{office.sponsor.pk}.{'A' * 43}.ics",
        f"/calendar/{office.auditor.pk}.{secret}.ics",
        f"/calendar/999999999.{secret}.ics",
    ):
        assert Client().get(wrong).status_code == 404, wrong
    assert Client().post(path).status_code == 405
    with everything(office.program):
        feed = CalendarFeed.objects.get()
        assert secret not in feed.digest
    with pytest.raises(NotAllowed):
        commands.run(services.end, actor=office.auditor, feed=feed)
    commands.run(services.end, actor=office.sponsor, feed=feed)
    commands.run(services.end, actor=office.sponsor, feed=feed)
    assert Client().get(path).status_code == 404


def test_the_page_shows_the_address_once_and_lists_only_ones_own(office: Office) -> None:
    made(office, "auditor", "Nils's phone")
    client = signed_in(office.sponsor)
    url = "/p/ATLAS/plan/calendar/"
    assert "No address yet" in client.get(url).content.decode()
    page = client.post(url, {"name": "Phone"}).content.decode()
    found = re.search(r"/calendar/\S+?\.ics", page)
    assert found is not None
    assert Client().get(found[0]).status_code == 200
    again = client.get(url).content.decode()
    assert "Phone" in again
    assert "Nils" not in again
    assert found[0] not in again
    assert client.post(url, {"name": " "}).status_code == 422
    with everything(office.program):
        mine, his = (
            CalendarFeed.objects.get(user=office.sponsor),
            CalendarFeed.objects.get(user=office.auditor),
        )
    assert client.post(f"{url}{his.pk}/end/").status_code == 404
    assert client.post(f"{url}{mine.pk}/end/").status_code == 302
    assert "ended" in client.get(url).content.decode()
    assert signed_in(stranger()).get(url).status_code == 404


def test_one_person_has_at_most_ten_open_addresses_in_a_program(office: Office) -> None:
    for number in range(services.MOST):
        made(office, name=f"{number}")
    with pytest.raises(Refused, match="end one first"):
        made(office)
    made(office, "auditor")


def test_the_api_makes_lists_and_ends_but_not_for_a_token(office: Office) -> None:
    client = signed_in(office.sponsor)
    url = "/api/v1/programs/ATLAS/calendar-feeds/"
    answer = client.post(url, {"name": "Phone"}, content_type="application/json")
    assert answer.status_code == 201
    path = "/calendar/" + answer.json()["address"].split("/calendar/")[1]
    assert Client().get(path).status_code == 200
    listed = client.get(url).json()["results"]
    assert [(one["name"], one["ended_at"]) for one in listed] == [("Phone", None)]
    assert signed_in(office.auditor).get(url).json()["results"] == []
    _, text = commands.run(make_token, actor=office.sponsor, name="t", allows="write", days=9, program_ids=[])
    script = {"Authorization": f"Token {text}"}
    refused = Client().post(url, {"name": "x"}, content_type="application/json", headers=script)
    assert refused.status_code == 403
    assert client.post(f"{url}{answer.json()['id']}/end/").json()["ended_at"]
    assert Client().get(path).status_code == 404
