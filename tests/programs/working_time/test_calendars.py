"""Working calendars on pages: dates follow what is typed, and each is kept by who keeps the program."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from pmo import commands
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.calendars.models import Calendar, CalendarException
from programs.master_plan.services import MovesCommitted
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program
from programs.schedule.inputs import OFFICE_WEEK
from programs.working_time import services, trying
from tests.cast import MORNING as MORNING_OF
from tests.cast import Office, everything
from tests.programs.working_time.kept import (
    AFTERNOON,
    HALF,
    MORNING,
    browser,
    edit,
    finish,
    kept_plan,
    page_of,
    plain,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return kept_plan()


def test_days_off_move_the_plan_in_the_same_transaction(office: Office) -> None:
    assert finish(office) == date(2026, 1, 16)
    holiday: dict[date, Any] = {date(2026, 1, 6): ([], "Epiphany")}
    made = edit(office, {"put": holiday})
    assert plain(made.words) == "2 activities have new dates."
    assert finish(office) == date(2026, 1, 19)
    edit(office, {"take_out": set(holiday)})
    assert finish(office) == date(2026, 1, 16)


def test_what_is_tried_is_what_is_saved(office: Office) -> None:
    for changes in ({"week": HALF}, {"put": {date(2026, 1, 10): ([MORNING, AFTERNOON], "Saturday")}}):
        with everything(office.program):
            program = Program.objects.get(pk=office.program.pk)
            live = Calendar.objects.get(pk=office.calendar.pk)
            told = trying.edit_would_move(program, live, changes)
        edit(office, changes)
        assert told.finish.after.date() == finish(office)
        assert told.moved == 2


def test_a_weeks_hours_are_typed_in_words(office: Office) -> None:
    client, address = browser(office.program_manager), page_of(office)
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "8-12, 13-17")
    typed = {
        "deed": "week",
        "version": "1",
        "code": "OFFICE",
        "name": "Office",
        "saturday": "8-12",
        "sunday": "off",
    }
    assert client.post(address, typed | week).status_code == 302  # earlier: nothing holds it
    assert finish(office) == date(2026, 1, 16)  # the ninth and tenth of January are half a day each
    answer = client.post(address, typed | week | {"version": "2", "monday": "8-7"})
    assert answer.status_code == 422 and "ends before it begins" in answer.content.decode()
    none = dict.fromkeys((*week, "saturday"), "off")
    assert "needs some working time" in client.post(address, typed | none | {"version": "2"}).content.decode()
    answer = client.post(address, typed | week | {"name": "Other"})
    assert answer.status_code == 409 and "as it is now" in answer.content.decode()


def test_public_holidays_are_entered_and_what_differs_already_stays(office: Office) -> None:
    edit(office, {"put": {date(2026, 7, 21): ([MORNING], "Half a day")}})
    client, address = browser(office.program_manager), page_of(office)
    typed = {"deed": "holidays", "version": "2", "country": "be", "from_year": "2026", "to_year": "2027"}
    assert client.post(address, typed).status_code == 302
    with everything(office.program):
        rows = dict(CalendarException.objects.filter(day__year=2026).values_list("day", "shifts"))
    assert rows[date(2026, 7, 21)] == [MORNING] and rows[date(2026, 12, 25)] == []
    assert (
        "There is no list" in client.post(address, typed | {"version": "3", "country": "zz"}).content.decode()
    )
    assert (
        "at most 15 years"
        in client.post(address, typed | {"version": "3", "to_year": "2050"}).content.decode()
    )


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ({"deed": "days", "first": "2026-07-06", "last": "2026-07-08", "reason": "Works holiday"}, (7, 7)),
        (
            {"deed": "holidays", "country": "be", "from_year": "2026", "to_year": "2027", "agreed": ""},
            (12, 25),
        ),
    ],
)
def test_the_page_s_own_form_is_saved_once_with_the_key_that_it_carries(
    office: Office, typed: dict[str, str], day: tuple[int, int]
) -> None:
    client, address = browser(office.program_manager), page_of(office)
    key = client.get(address).content.decode().split('name="_key" value="')[1].split('"')[0]
    sent = typed | {"version": "1", "_key": key}
    assert client.post(address, sent).status_code == 302
    with everything(office.program):
        version = Calendar.objects.get(pk=office.calendar.pk).version
        assert CalendarException.objects.get(day=date(2026, *day)).shifts == []
    again = client.post(address, sent)  # a double click
    assert again.status_code == 302
    with everything(office.program):
        assert Calendar.objects.get(pk=office.calendar.pk).version == version
    other = client.post(address, sent | {"reason": "Else", "country": "de"})
    assert other.status_code == 422 or "already used for something else" in other.content.decode()


def test_what_a_key_stands_for_is_the_same_whatever_order_it_was_given_in() -> None:
    one, other = date(2026, 7, 6), date(2026, 7, 7)
    there = commands._canonical({"put": {one: [1], other: {"in": {other: 2, one: {"b", "a"}}}}})
    back = commands._canonical({"put": {other: {"in": {one: {"a", "b"}, other: 2}}, one: (1,)}})
    assert json.dumps(there, sort_keys=True) == json.dumps(back, sort_keys=True)
    assert there != commands._canonical({"put": {one: [1]}})


def test_a_project_goes_by_another_calendar_and_back(office: Office) -> None:
    made = commands.run(
        services.add,
        actor=office.program_manager,
        program=office.program,
        code="HALF",
        name="Half days",
        week=HALF,
    )
    assert made.outcome is None
    client, address = browser(office.program_manager), f"/p/ATLAS/calendars/{made.calendar.pk}/"
    typed = {"deed": "use", "subject": f"{office.erp.pk}:1"}
    answer = client.post(address, typed)
    assert answer.status_code == 422 and "committed milestone" in plain(answer.content.decode())
    seal = answer.content.decode().split('name="agreed" value="')[1].split('"')[0]
    assert client.post(address, typed | {"agreed": seal}).status_code == 302
    assert finish(office) == date(2026, 1, 30)
    answer = client.post(f"{address}remove/", {"version": "1"}, follow=True)
    assert "ERP-FIN works by it" in plain(answer.content.decode())
    assert client.post(address, {"deed": "release", "subject": f"{office.erp.pk}:2"}).status_code == 302
    assert finish(office) == date(2026, 1, 16)
    assert client.post(f"{address}remove/", {"version": "1"})["Location"] == "/p/ATLAS/calendars/"
    with everything(office.program):
        assert not Calendar.objects.filter(code="HALF").exists()


def test_the_program_goes_by_another_calendar(office: Office) -> None:
    made = commands.run(
        services.copy, actor=office.program_manager, calendar=office.calendar, code="TWO", name="Second"
    )
    edit(office, {"put": {date(2026, 1, 6): ([], "")}})
    with everything(office.program):
        program = Program.objects.get(pk=office.program.pk)
        told = trying.choice_would_move(program, made.calendar, None)
    given = {"program": program, "calendar": made.calendar, "version": program.version}
    commands.run(services.choose, actor=office.program_manager, **given)
    assert told.finish.after.date() == finish(office) == date(2026, 1, 16)
    with pytest.raises(Conflict):
        commands.run(services.choose, actor=office.program_manager, **given)


def test_who_keeps_the_program_keeps_its_calendars_and_nobody_else(office: Office) -> None:
    for who in (office.staff, office.erp_manager, office.controller, office.auditor):
        with pytest.raises(NotAllowed):
            edit(office, {"name": "Mine"}, by=who)
        page = browser(who).get(page_of(office)).content.decode()
        assert "Works holiday" not in page and "Save and compute" not in page


def test_the_first_calendar_of_a_program_becomes_its_own(office: Office) -> None:
    other = commands.run(
        portfolio.create_program, actor=office.people["administrator"], code="NEW", name="New", currency="EUR",
        starts_at=MORNING_OF, lead=True,
    )  # fmt: skip
    manager = office.people["administrator"]
    made = commands.run(services.add, actor=manager, program=other, code="ONE", name="One", week=HALF)
    with everything(other):
        other.refresh_from_db()
    assert other.calendar_id == made.calendar.pk
    assert made.words == "Nothing is planned by it, so no date moved."  # there is no project yet
    with everything(other), pytest.raises(Refused, match="no project yet"):
        trying.edit_would_move(other, made.calendar, {"week": OFFICE_WEEK})


def test_codes_and_names_are_once(office: Office) -> None:
    for code, name in (("office", "Another"), ("OTHER", "office HOURS")):
        with pytest.raises(Refused, match="already"):
            commands.run(
                services.add,
                actor=office.program_manager,
                program=office.program,
                code=code,
                name=name,
                week=HALF,
            )


def test_a_calendar_that_is_edited_by_two_at_once_tells_the_later(office: Office) -> None:
    edit(office, {"put": {date(2027, 5, 3): ([], "")}})
    with pytest.raises(Conflict):
        commands.run(
            services.edit,
            actor=office.program_manager,
            calendar=office.calendar,
            version=1,
            changes={"name": "X"},
        )
    with pytest.raises(MovesCommitted):
        edit(office, {"put": {date(2026, 1, 6): ([], "")}}, agreed=False)
