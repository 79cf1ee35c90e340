"""Resources are added, edited, copied, retired and removed on pages and by the API, each by who may."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from pmo import commands
from pmo.accounts.models import User
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.calendars.models import Calendar
from programs.resources import assigning, selectors, services, workload
from programs.resources.models import Assignment, Availability, Resource
from programs.resources.naming import Names
from programs.schedule import services as schedule
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office
from tests.fresh import sign_in

pytestmark = pytest.mark.django_db
FORM = {"code": "DEV", "name": "Developer", "kind": "role", "capacity": "2.5", "cost_per_hour": "85.5"}


@pytest.fixture
def office() -> Office:
    return make_office()


def browser(who: User) -> Client:
    client = Client()
    sign_in(client, who)
    return client


def made(office: Office, code: str = "DEV", **values: Any) -> Resource:
    given: dict[str, Any] = {"code": code, "name": f"{code} one"} | values
    found: Resource = commands.run(
        services.add, actor=office.program_manager, program=office.program, values=given
    )
    return found


def work(office: Office, one: Resource) -> Assignment:
    with everything(office.program):
        activity, _ = Activity.objects.get_or_create(
            program=office.program, project=office.erp, code="A1",
            defaults={"name": "Build", "position": 1, "duration_minutes": 480},
        )  # fmt: skip
        found: Assignment = Assignment.objects.create(program=office.program, activity=activity, resource=one)
        return found


def test_a_planner_adds_and_edits_a_resource_on_its_page(office: Office) -> None:
    client = browser(office.staff)
    page = client.get("/p/ATLAS/resources/").content.decode()
    assert "No resource yet" in page and 'href="/p/ATLAS/resources/add/"' in page
    answer = client.post("/p/ATLAS/resources/add/", FORM)
    assert answer.status_code == 302, answer.content.decode()
    with everything(office.program):
        one = Resource.objects.get(code="DEV")
    assert (one.capacity, one.cost_per_hour, one.project_id) == (Decimal("2.5"), Decimal(8550), None)
    shown = client.get(answer["Location"]).content.decode()
    assert 'value="85.5"' in shown and "added it" in shown
    typed = FORM | {"capacity": "3", "cost_per_hour": "90.1234", "version": "1", "why": "A third one came"}
    assert client.post(answer["Location"], typed).status_code == 302
    shown = client.get(answer["Location"]).content.decode()
    assert "capacity 2.50 to 3.00" in shown and "A third one came" in shown
    with everything(office.program):
        one.refresh_from_db()
    assert one.cost_per_hour == Decimal("9012.34")


def test_what_does_not_fit_is_said_at_its_field(office: Office) -> None:
    made(office)
    client = browser(office.program_manager)
    for field, typed, sentence in (
        ("code", {"code": "dev"}, "has a resource of this code already"),
        ("code", {"code": "two words"}, "A code has letters"),
        ("capacity", {"code": "D2", "capacity": "-1"}, "greater than or equal to 0"),
        ("cost_per_hour", {"code": "D2", "cost_per_hour": "a lot"}, "a lot"),
    ):
        answer = client.post("/p/ATLAS/resources/add/", FORM | typed)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert f'id="id_{field}_error"' in answer.content.decode()


def test_the_same_code_may_stand_in_two_projects(office: Office) -> None:
    made(office, project=office.erp)
    made(office, project=office.iam)
    made(office)
    with pytest.raises(Refused):
        made(office)


def test_a_project_manager_keeps_the_resources_of_the_own_project(office: Office) -> None:
    client = browser(office.erp_manager)
    assert client.post("/p/ATLAS/resources/add/", FORM).status_code == 422  # no project chosen
    assert client.post("/p/ATLAS/resources/add/", FORM | {"project": "IAM"}).status_code == 422
    answer = client.post("/p/ATLAS/resources/add/", FORM | {"project": "ERP-FIN"})
    assert answer.status_code == 302
    shared = made(office, "SHARED")
    assert client.post(f"/p/ATLAS/resources/{shared.pk}/", FORM | {"version": "1"}).status_code == 403
    with everything(office.program):
        own = Resource.objects.get(code="DEV")
    for changes in ({"project": office.iam}, {"project": None}):
        with pytest.raises(NotAllowed):
            commands.run(services.edit, actor=office.erp_manager, resource=own, version=1, changes=changes)


def test_cost_is_hidden_from_and_refused_to_who_sees_no_money(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pmo.accounts import roles

    one = made(office, cost_per_hour=Decimal(8550))
    less = roles.GRANTS[roles.Role.PMO_STAFF] - {roles.Permission.VIEW_MONEY}
    monkeypatch.setitem(roles.GRANTS, roles.Role.PMO_STAFF, less)
    client = browser(office.staff)
    page = client.get(f"/p/ATLAS/resources/{one.pk}/").content.decode()
    assert "85.5" not in page and "cost_per_hour" not in page
    assert (
        client.post(
            f"/p/ATLAS/resources/{one.pk}/", FORM | {"version": "1", "cost_per_hour": "1"}
        ).status_code
        == 302
    )
    with everything(office.program):
        one.refresh_from_db()
    assert (one.name, one.cost_per_hour) == ("Developer", Decimal(8550))
    with pytest.raises(NotAllowed):
        commands.run(
            services.edit, actor=office.staff, resource=one, version=2, changes={"cost_per_use": Decimal(1)}
        )
    copied = commands.run(services.copy, actor=office.staff, resource=one, code="D2", name="Second")
    assert copied.cost_per_hour == 0


def test_two_people_at_once_the_later_is_told(office: Office) -> None:
    one = made(office)
    commands.run(services.edit, actor=office.staff, resource=one, version=1, changes={"name": "Engineer"})
    client = browser(office.program_manager)
    answer = client.post(f"/p/ATLAS/resources/{one.pk}/", FORM | {"version": "1"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Engineer" in page and 'name="version" value="2"' in page
    assert client.post(f"/p/ATLAS/resources/{one.pk}/", FORM | {"version": "2"}).status_code == 302


def test_who_had_work_is_retired_and_takes_no_new_work(office: Office) -> None:
    one = made(office)
    held = work(office, one)
    client = browser(office.program_manager)
    assert "Retire it" in client.get(f"/p/ATLAS/resources/{one.pk}/").content.decode()
    client.post(f"/p/ATLAS/resources/{one.pk}/remove/", {"version": "1"})
    with everything(office.program):
        held.delete()
    with pytest.raises(
        Refused, match="had work"
    ):  # the database's own words, though nothing names it any more
        commands.run(services.remove, actor=office.program_manager, resource=one, version=1)
    assert (
        client.post(f"/p/ATLAS/resources/{one.pk}/retire/", {"version": "1", "reason": " "}).status_code
        == 422
    )
    answer = client.post(f"/p/ATLAS/resources/{one.pk}/retire/", {"version": "1", "reason": "Left the firm"})
    assert answer.status_code == 302
    page = client.get(f"/p/ATLAS/resources/{one.pk}/").content.decode()
    assert "Left the firm" in page and "Bring back" in page
    assert "DEV" not in client.get("/p/ATLAS/resources/").content.decode()
    assert "DEV" in client.get("/p/ATLAS/resources/?state=retired").content.decode()

    def again(**_: Any) -> None:
        Assignment.objects.create(program=office.program, activity_id=held.activity_id, resource=one)

    with pytest.raises(Refused, match="is retired"):
        commands.run(again, actor=office.program_manager)
    client.post(f"/p/ATLAS/resources/{one.pk}/back/", {"version": "2"})
    work(office, one)


def test_one_that_never_had_work_goes_and_its_history_stays(office: Office) -> None:
    one = made(office)
    with pytest.raises(Conflict):
        commands.run(services.remove, actor=office.program_manager, resource=one, version=7)
    answer = browser(office.staff).post(f"/p/ATLAS/resources/{one.pk}/remove/", {"version": "1"})
    assert answer["Location"] == "/p/ATLAS/resources/"
    with everything(office.program), connection.cursor() as cursor:
        assert not Resource.objects.filter(pk=one.pk).exists()
        cursor.execute(
            "select pgh_label from programs_resourceevent where pgh_obj_id = %s order by 1", [one.pk]
        )
        assert [row[0] for row in cursor.fetchall()] == ["delete", "insert"]


def test_the_database_refuses_a_retirement_without_a_reason(office: Office) -> None:
    one = made(office)

    def silently(at: Any, **_: Any) -> None:
        Resource.objects.filter(pk=one.pk).update(retired_at=at)

    with pytest.raises(Refused, match="Say why"):
        commands.run(silently, actor=office.program_manager)


def test_the_api_does_the_same(office: Office) -> None:
    client = browser(office.staff)

    def call(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        address = f"/api/v1/programs/ATLAS/resources/{path}"
        return client.generic(method, address, json.dumps(body or {}), content_type="application/json")

    answer = call("POST", "", {"code": "QA", "name": "Tester", "capacity": "2", "cost_per_hour": "8550.25"})
    assert answer.status_code == 201, answer.content
    row = answer.json()
    assert (row["capacity"], row["cost_per_hour"], row["retired_at"]) == ("2", "8550.25", None)
    one = row["id"]
    assert call("PATCH", f"{one}/", {"version": 1, "kind": "person"}).json()["kind"] == "person"
    assert call("PATCH", f"{one}/", {"version": 1, "kind": "role"}).status_code == 409
    assert call("POST", f"{one}/copy/", {"code": "QA2", "name": "Second"}).status_code == 201
    assert (
        call("POST", f"{one}/retire/", {"version": 2, "reason": "Moved on"}).json()["retired_why"]
        == "Moved on"
    )
    listed = client.get("/api/v1/programs/ATLAS/resources/?retired=true").json()["results"]
    assert [each["code"] for each in listed] == ["QA"]
    assert call("POST", f"{one}/back/", {"version": 3}).status_code == 200
    assert call("DELETE", f"{one}/").status_code == 204
    assert call("GET", f"{one}/").status_code == 404


def test_the_trail_names_costs_only_where_money_is_seen(office: Office) -> None:
    one = made(office, cost_per_hour=Decimal(8550))
    commands.run(
        services.edit, actor=office.staff, resource=one, version=1, changes={"cost_per_hour": Decimal(9000)}
    )
    with everything(office.program):
        assert any("90.00" in step.note for step in selectors.trail(one, "EUR", money=True))
        assert not any("90.00" in step.note for step in selectors.trail(one, "EUR", money=False))


def test_the_search_finds_a_resource(office: Office) -> None:
    one = made(office, name="Zoltan Specialist")
    page = browser(office.auditor).get("/search/?q=zolt").content.decode()
    assert f"/p/ATLAS/resources/{one.pk}/" in page


# ------------------------------------------------------------------ days away, days with more
def load_of(office: Office, one: Resource, first: date) -> workload.Load:
    with everything(office.program):
        one.refresh_from_db()
        span = workload.periods(office.program, workload.WEEK, first, 1)
        return workload.loads(office.program, [one], span)[one.pk][0]


def test_the_load_counts_days_away_and_days_with_more(office: Office) -> None:
    one = made(office, "ANN", kind="person", capacity=Decimal(1))
    work(office, one)  # eight hours on Monday 5 January 2026
    commands.run(schedule.recompute, actor=office.program_manager, program=office.program)
    monday = date(2026, 1, 5)
    before = load_of(office, one, monday)
    assert (before.demand, before.available, before.clash) == (8, 40, False)
    client = browser(office.staff)
    typed = {"version": "1", "first": "2026-01-05", "last": "2026-01-06", "capacity": "0", "reason": "Leave"}
    assert client.post(f"/p/ATLAS/resources/{one.pk}/days/", typed).status_code == 302
    away = load_of(office, one, monday)
    assert (away.demand, away.available, away.clash, away.over) == (8, 24, True, False)
    page = client.get(f"/p/ATLAS/resources/{one.pk}/").content.decode()
    assert "Leave" in page and "away" in page
    again = client.post(f"/p/ATLAS/resources/{one.pk}/days/", typed | {"version": "2", "first": "2026-01-06"})
    assert again.status_code == 422 and "it is said already" in again.content.decode()
    more = {"version": "2", "first": "2026-01-08", "last": "", "capacity": "2", "reason": "Help"}
    assert client.post(f"/p/ATLAS/resources/{one.pk}/days/", more).status_code == 302
    assert load_of(office, one, monday).available == 32
    with everything(office.program):
        line = one.availability.get(reason="Leave")
    assert (
        client.post(f"/p/ATLAS/resources/{one.pk}/days/{line.pk}/end/", {"version": "3"}).status_code == 302
    )
    assert load_of(office, one, monday).available == 48


def test_the_database_lets_a_day_have_one_capacity(office: Office) -> None:
    one = made(office)

    def twice(**_: Any) -> None:
        for last in (date(2026, 3, 6), date(2026, 3, 2)):
            Availability.objects.create(
                program=office.program, resource=one, first=date(2026, 3, 2), last=last, capacity=0
            )

    with pytest.raises(Refused, match="said already"):
        commands.run(twice, actor=office.program_manager)


def test_a_resource_with_its_own_calendar_has_the_hours_of_that(office: Office) -> None:
    with everything(office.program):
        half = Calendar.objects.create(
            program=office.program, code="HALF", name="Half", week=[[[480, 720]]] * 5 + [[], []]
        )
    one = made(office, calendar=half)
    assert load_of(office, one, date(2026, 1, 5)).available == 20


def test_availability_by_the_api(office: Office) -> None:
    one = made(office)
    client = browser(office.staff)
    address = "/api/v1/programs/ATLAS/availability/"
    body = {"resource": one.pk, "version": 1, "first": "2026-01-05", "last": "2026-01-09", "capacity": "0.5"}
    answer = client.post(address, json.dumps(body), content_type="application/json")
    assert answer.status_code == 201 and answer.json()["capacity"] == "0.5", answer.content
    assert client.get(address, {"since": "2026-01-10"}).json()["results"] == []
    assert client.delete(f"{address}{answer.json()['id']}/").status_code == 204


def test_the_plans_table_neither_offers_nor_takes_who_is_retired(office: Office) -> None:
    one = made(office, "ANN", name="Ann Berg")
    held = work(office, one)
    commands.run(services.retire, actor=office.staff, resource=one, version=1, reason="Left")
    with everything(office.program):
        assert Names(office.program).offers("ann", office.erp.pk, 5) == []
        held.delete()
    with pytest.raises(Refused, match="Ann Berg is retired") as said:
        commands.run(
            assigning.assign, actor=office.staff, program=office.program, activity_id=held.activity_id,
            wanted=[(one.pk, Decimal(1))],
        )  # fmt: skip
    assert said.value.field == "resource"
