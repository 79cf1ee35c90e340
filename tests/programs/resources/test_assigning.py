"""Who works on what: put on, given another share, taken off; told whom it asks for too much; kept with its why."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from pmo import commands
from pmo.refusals import Refused
from programs.resources import wording
from programs.resources.models import Assignment, Resource
from programs.resources.naming import Names
from programs.schedule import services
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office

pytestmark = pytest.mark.django_db
API = "/api/v1/programs/ATLAS/assignments/"


@pytest.fixture
def office() -> Office:
    office = make_office()
    for code, days in (("A1", 5), ("A2", 3), ("M", 0)):
        kind = "task" if days else "finish_milestone"
        commands.run(
            services.add_activity,
            actor=office.program_manager,
            program=office.program,
            project_id=office.erp.pk,
            values={"code": code, "name": f"Step {code}", "kind": kind, "duration_minutes": days * 480},
        )
    with everything(office.program):
        for code, name, project in (
            ("JO", "Jo", None),
            ("KIM", "Kim", office.erp),
            ("S-1", "Smith, Sam", None),
            ("KIM", "Kim Other", office.iam),
        ):
            Resource.objects.create(
                program=office.program, project=project, code=code, name=name, kind="person"
            )
    return office


class Planner:
    def __init__(self, office: Office, role: str = "erp_manager") -> None:
        self.office, self.client = office, Client()
        self.client.force_login(office.people[role])

    def activity(self, code: str = "A1") -> int:
        with everything(self.office.program):
            return int(Activity.objects.get(program=self.office.program, code=code).pk)

    def resource(self, name: str) -> int:
        with everything(self.office.program):
            return int(Resource.objects.get(program=self.office.program, name=name).pk)

    def puts(self, who: str, code: str = "A1", why: str = "") -> Any:
        pk = self.activity(code)
        return self.client.post(f"/p/ATLAS/plan/{pk}/people/", {"who": who, "why": why}, follow=True)

    def crew(self, code: str = "A1") -> dict[str, Decimal]:
        with everything(self.office.program):
            rows = Assignment.objects.filter(program=self.office.program, activity__code=code)
            return dict(rows.order_by("pk").values_list("resource__name", "units"))

    def assignment(self, name: str) -> Assignment:
        with everything(self.office.program):
            found: Assignment = Assignment.objects.get(program=self.office.program, resource__name=name)
            return found

    def api(self, method: str, path: str = "", body: Any = None) -> Any:
        return self.client.generic(method, f"{API}{path}", json.dumps(body or {}), "application/json")


# ------------------------------------------------------------------ the words
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Jo [50%]; Kim", [("Jo", "0.5"), ("Kim", "1")]),
        ("Jo[12,5 %], Kim [ 200 ]", [("Jo", "0.125"), ("Kim", "2")]),
        (" ; Jo ,, ", [("Jo", "1")]),
        ("", []),
    ],
)
def test_names_and_shares_are_read_as_in_other_tools(text: str, found: list[tuple[str, str]]) -> None:
    assert wording.read(text) == [(name, Decimal(units)) for name, units in found]


def test_a_share_is_written_as_it_is_read() -> None:
    for units in ("1", "0.5", "0.3333", "2", "0.0001", "1000000", "10"):
        (back,) = wording.read(wording.written("Jo", Decimal(units)))
        assert back == ("Jo", Decimal(units))


# ------------------------------------------------------------------ the page
def test_people_are_put_on_an_activity_by_name_and_share(office: Office) -> None:
    planner = Planner(office)
    page = planner.puts("Jo [50%]; kim").content.decode()
    assert planner.crew() == {"Jo": Decimal("0.5"), "Kim": Decimal(1)}
    assert "works on A1" in page and "50 %" in page
    planner.puts("s-1", "A2")
    assert planner.crew("A2") == {"Smith, Sam": Decimal(1)}, "a name with a comma goes by its code"


def test_an_unknown_name_is_refused_at_the_field_with_the_nearest(office: Office) -> None:
    planner = Planner(office)
    answer = planner.puts("Jon")
    assert answer.status_code == 422 and "There is no resource “Jon”. Nearest: Jo." in answer.content.decode()
    assert planner.puts("IAM/kim").status_code == 200 and "Kim Other" in planner.crew()
    assert planner.puts("Jo [0%]").status_code == 422
    assert planner.puts("Jo [50").status_code == 422
    assert planner.puts("Jo; Jo").status_code == 422
    assert planner.puts("").status_code == 422
    assert "Jo" not in planner.crew()


def test_a_milestone_takes_nobody(office: Office) -> None:
    planner = Planner(office)
    assert planner.puts("Jo", "M").status_code == 422
    assert planner.crew("M") == {}


def test_who_is_asked_for_too_much_is_said_and_saved(office: Office) -> None:
    planner = Planner(office)
    planner.puts("Jo")
    page = planner.puts("Jo", "A2").content.decode()
    assert "Jo is now asked for more than there is in the week of" in page and "200 % at most" in page
    assert planner.crew("A2") == {"Jo": Decimal(1)}


def test_another_share_needs_the_version_that_was_seen(office: Office) -> None:
    planner = Planner(office)
    planner.puts("Jo [50%]")
    there = planner.assignment("Jo")
    url = f"/p/ATLAS/plan/{planner.activity()}/people/{there.pk}/"
    assert planner.client.post(url, {"percent": "75", "version": "1"}).status_code == 302
    late = planner.client.post(url, {"percent": "20", "version": "1"})
    assert late.status_code == 409 and "It is 75 %." in late.content.decode()
    assert planner.crew() == {"Jo": Decimal("0.75")}
    assert planner.client.post(url, {"percent": "20", "version": "2"}).status_code == 302
    assert planner.client.post(url, {"percent": "0", "version": "3"}).status_code == 422
    assert planner.client.post(url, {"percent": "x", "version": "3"}).status_code == 422
    assert planner.client.post(url, {"percent": "", "version": "3", "do": "release"}).status_code == 302
    assert planner.crew() == {}


def test_history_tells_who_put_whom_on_it_and_why(office: Office) -> None:
    planner = Planner(office)
    planner.puts("Jo [50%]", why="Kim is on leave")
    there = planner.assignment("Jo")
    pk = planner.activity()
    planner.client.post(f"/p/ATLAS/plan/{pk}/people/{there.pk}/", {"percent": "100", "version": "1"})
    planner.client.post(f"/p/ATLAS/plan/{pk}/people/{there.pk}/", {"do": "release", "version": "2"})
    page = Planner(office, "staff").client.get(f"/p/ATLAS/plan/{pk}/people/history/").content.decode()
    for words in ("Jo at 50 %", "Kim is on leave", "Jo from 50 to 100 %", "Jo taken off"):
        assert words in page


def test_another_projects_manager_puts_nobody_on_it(office: Office) -> None:
    other = Planner(office, "iam_manager")
    assert other.puts("Jo").status_code == 403
    body = {"activity": other.activity(), "resource": other.resource("Jo")}
    assert other.api("POST", body=body).status_code == 403


# ------------------------------------------------------------------ the API
def test_the_api_assigns_changes_and_takes_off(office: Office) -> None:
    planner = Planner(office)
    made = planner.api(
        "POST", body={"activity": planner.activity(), "resource": planner.resource("Jo"), "units": "0.5"}
    )
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["units"], row["version"], row["overload"]) == ("0.5", 1, "")
    twice = planner.api("POST", body={"activity": planner.activity(), "resource": planner.resource("Jo")})
    assert twice.status_code == 422
    more = planner.api("PATCH", f"{row['id']}/", {"units": "3", "version": 1}).json()
    assert more["version"] == 2 and more["overload"].startswith("Jo is now asked for more than there is")
    assert planner.api("PATCH", f"{row['id']}/", {"units": "1", "version": 1}).status_code == 409
    assert planner.api("PATCH", f"{row['id']}/", {"units": "0", "version": 2}).status_code == 422
    assert planner.api("DELETE", f"{row['id']}/?version=1").status_code == 409
    assert planner.api("DELETE", f"{row['id']}/?version=2").status_code == 204
    assert planner.crew() == {}


def test_names_are_offered_those_that_begin_so_first(office: Office) -> None:
    planner = Planner(office)
    found = planner.client.get(f"/p/ATLAS/plan/people/?q=k&for={planner.activity()}").json()["offers"]
    assert [one["text"] for one in found] == ["Kim", "Kim Other"]
    assert planner.client.get("/p/ATLAS/plan/people/?q=smith").json()["offers"][0]["text"] == "S-1"


def test_the_nearest_names_are_looked_for_a_few_times_a_batch(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with everything(office.program):
        names = Names(office.program)
    looked: list[str] = []
    near = names.near

    def look(words: str, project_id: int) -> list[str]:
        looked.append(words)
        return near(words, project_id)

    monkeypatch.setattr(names, "near", look)
    said = []
    for words in ["Jon", "Jon", *(f"Kimm{i}" for i in range(40))]:
        with pytest.raises(Refused) as refused:
            names.find(words, office.erp.pk)
        said.append(refused.value.message)
    assert said[0] == said[1] == "There is no resource “Jon”. Nearest: Jo."
    assert len(looked) == 5 and said[-1] == "There is no resource “Kimm39”."
