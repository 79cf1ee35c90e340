"""Working calendars on pages and by the API: dates follow, and who moves a committed milestone is told first."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from pmo import commands
from pmo.accounts.models import User
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.baselines.models import Baseline, BaselineActivity
from programs.calendars.models import Calendar, CalendarException
from programs.master_plan.services import MovesCommitted
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program, Project
from programs.schedule import services as schedule
from programs.schedule.inputs import OFFICE_WEEK
from programs.schedule.models import Activity, ComputedDates, Dependency
from programs.working_time import drawing, services, trying
from programs.working_time.words import NotHours, read_shifts, runs, shifts_text, week_text
from tests.cast import MORNING as MORNING_OF
from tests.cast import Office, everything, make_office
from tests.fresh import sign_in
from tests.programs.test_plan_sheet import Planner, found

MORNING, AFTERNOON = [480, 720], [780, 1020]
HALF = [[MORNING]] * 5 + [[], []]

pytestmark = pytest.mark.django_db


# ------------------------------------------------------------------ words
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("08:00-12:00, 13:00-17:00", [MORNING, AFTERNOON]),
        ("13-17; 8 to 12", [MORNING, AFTERNOON]),
        ("8h00–12h00", [MORNING]),
        ("0-24", [[0, 1440]]),
        ("off", []),
        ("  ", []),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, found: Any) -> None:
    assert read_shifts(text) == found
    assert read_shifts(shifts_text(found)) == found


@pytest.mark.parametrize("text", ["8", "8-25", "12-8", "8-12, 11-13", "eight to five", "8:75-9", "9-9"])
def test_what_is_no_hours_is_refused_in_words(text: str) -> None:
    with pytest.raises(NotHours) as said:
        read_shifts(text)
    assert len(str(said.value)) > 15


def test_a_week_and_days_in_a_row_are_one_line() -> None:
    assert week_text(OFFICE_WEEK) == "Mon–Fri 08:00-12:00, 13:00-17:00"
    assert week_text([[MORNING], [], [MORNING], [], [], [], []]) == "Mon 08:00-12:00; Wed 08:00-12:00"
    rows: list[Any] = [(date(2026, 12, n), [], "Works holiday") for n in (24, 25, 26)] + [
        (date(2026, 12, 28), [], "")
    ]
    assert [(run.days, run.reason) for run in runs(rows)] == [(3, "Works holiday"), (1, "")]


def test_a_year_counts_its_days() -> None:
    extra: dict[date, Any] = {
        date(2026, 1, 1): ([], "New Year"),  # a Thursday
        date(2026, 1, 3): ([MORNING], "Move"),  # a Saturday
        date(2026, 1, 5): ([MORNING], ""),
    }
    year = drawing.draw(2026, OFFICE_WEEK, 480, extra, date(2026, 1, 5))
    assert year.working_days == 261 - 1 + 1
    assert year.days_off == 1
    assert year.hours == "2,080 h"
    january = str(year.months[0])
    assert "day holiday" in january and "day extra" in january and "day short today" in january
    assert "New Year: off" in january


# ------------------------------------------------------------------ the plan
@pytest.fixture
def office() -> Office:
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


def test_days_off_move_the_plan_in_the_same_transaction(office: Office) -> None:
    assert finish(office) == date(2026, 1, 16)
    holiday: dict[date, Any] = {date(2026, 1, 6): ([], "Epiphany")}
    made = edit(office, {"put": holiday})
    assert plain(made.words) == "2 activities have new dates."
    assert finish(office) == date(2026, 1, 19)
    edit(office, {"take_out": set(holiday)})
    assert finish(office) == date(2026, 1, 16)


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


def test_the_same_public_holidays_twice_are_as_once(office: Office) -> None:
    client = browser(office.program_manager)
    body = {"version": 1, "country": "BE", "from_year": 2026, "to_year": 2026, "agreed": True}

    def enter() -> Any:
        path = f"/api/v1/programs/ATLAS/calendars/{office.calendar.pk}/holidays/"
        return client.post(path, body, content_type="application/json")

    first, second = enter(), enter()  # without a key, and with the version that was seen before
    assert (first.status_code, second.status_code) == (200, 200), second.content
    assert first.json() == second.json()
    body["to_year"] = 2027
    assert enter().status_code == 409  # others: these are asked of the calendar as it is


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


def test_the_api_does_the_same(office: Office) -> None:
    client = browser(office.program_manager)

    def call(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        address = f"/api/v1/programs/ATLAS/calendars/{path}"
        return client.generic(method, address, json.dumps(body or {}), content_type="application/json")

    one = office.calendar.pk
    assert call("POST", "", {"code": "C2", "name": "Second", "week": HALF}).status_code == 201
    assert call("POST", "", {"code": "C3", "name": "Third", "week": [[]] * 7}).status_code == 422
    asked = call("POST", f"{one}/what-if/", {"first": "2026-01-06"})
    assert asked.status_code == 200 and asked.json()["activities_moved"] == 2, asked.content
    days = call(
        "POST",
        f"{one}/days/",
        {"version": 1, "first": "2026-01-06", "last": "2026-01-07", "shifts": [MORNING], "agreed": True},
    )
    assert days.status_code == 200 and days.json()["version"] == 2, days.content
    assert finish(office) == date(2026, 1, 19)
    wrong = call("POST", f"{one}/days/", {"version": 2, "first": "2026-01-06", "shifts": [[720, 480]]})
    assert wrong.status_code == 422 and "shifts" in wrong.json()["errors"]
    assert (
        call(
            "POST", f"{one}/days-out/", {"version": 2, "first": "2026-01-06", "last": "2026-01-07"}
        ).status_code
        == 200
    )
    assert (
        call(
            "POST", f"{one}/holidays/", {"version": 3, "country": "BE", "from_year": 2026, "to_year": 2026}
        ).status_code
        == 200
    )
    assert call("PATCH", f"{one}/", {"version": 4, "name": "Hours"}).json()["name"] == "Hours"
    assert call("PATCH", f"{one}/", {"version": 4, "name": "Again"}).status_code == 409
    assert call("DELETE", f"{one}/").status_code == 422
    copied = call("POST", f"{one}/copy/", {"code": "C4", "name": "Fourth"}).json()["id"]
    assert call("POST", f"{copied}/choose/", {"version": 1, "project": office.iam.pk}).status_code == 200
    assert (
        call(
            "POST", f"{copied}/choose/", {"version": 2, "project": office.iam.pk, "as_program": True}
        ).status_code
        == 200
    )
    assert call("DELETE", f"{copied}/").status_code == 204


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
