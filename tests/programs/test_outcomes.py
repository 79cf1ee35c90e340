"""A project's planned outcomes: what will be otherwise, how one sees it, how much, by when; and what was seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from pmo.refusals import Conflict, NotAllowed, Refused
from programs.beginning import services as beginning
from programs.charter import outcomes
from programs.portfolio.models import PlannedOutcome
from tests.governance.committee import Committee, make_committee
from tests.world import rolled_back

PLANNED: dict[str, Any] = {
    "outcome": "Invoices <match> by themselves", "measure": "Share matched", "target": "80 %",
    "due_on": date(2026, 12, 31),
}  # fmt: skip


class Office:
    """The committee with a planned outcome of its ERP project."""

    def __init__(self) -> None:
        self.committee: Committee = make_committee()
        self.one: PlannedOutcome = self.does(
            self.program_manager, outcomes.add, project=self.erp, values=PLANNED
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self.committee, name)

    def now(self) -> PlannedOutcome:
        with self.looking():
            return PlannedOutcome.objects.select_related("program", "project").get(pk=self.one.pk)

    def sees(self, who: Any = None, **more: Any) -> PlannedOutcome:
        given = {
            "version": self.now().version, "state": "reached", "result": "84 % in March",
            "seen_on": date(2026, 3, 31), **more,
        }  # fmt: skip
        return self.does(who or self.erp_manager, outcomes.see, outcome=self.one, **given)

    def client(self, who: Any = None) -> Client:
        client = Client()
        client.force_login(who or self.program_manager)
        return client


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Office]:
    with django_db_blocker.unblock(), rolled_back():
        yield Office()


@pytest.fixture
def office(built: Office) -> Iterator[Office]:
    with rolled_back():
        yield built


def test_outcomes_are_planned_on_the_projects_page(office: Office) -> None:
    client = office.client()
    add = f"/p/ATLAS/plan/projects/{office.erp.pk}/outcomes/add/"
    form = {"outcome": "One ledger", "measure": "Ledgers", "target": "1 of 1", "due_on": "2026-12-31"}
    assert client.post(add, form | {"target": " "}).status_code == 422
    assert client.post(add, form | {"due_on": "1900-01-01"}).status_code == 422
    page = client.post(add, form, follow=True).content.decode()
    assert "One ledger" in page and "Ledgers: 1 of 1 by 31 Dec 2026" in page
    assert "Invoices &lt;match&gt;" in page and "<match>" not in page
    edit = f"/p/ATLAS/plan/outcomes/{office.one.pk}/edit/"
    changed = form | {"outcome": "Two ledgers", "version": office.now().version}
    assert "Two ledgers" in client.post(edit, changed, follow=True).content.decode()
    assert client.post(edit, changed).status_code == 409
    assert "planned outcome" in client.get("/p/ATLAS/projects/ERP-FIN/state/").content.decode()


def test_what_was_seen_is_said_by_who_reports_the_project(office: Office) -> None:
    for wrong, field in (
        ({"state": "perhaps"}, "state"),
        ({"result": " "}, "result"),
        ({"seen_on": None}, "seen_on"),
        ({"seen_on": date(2199, 1, 1)}, "seen_on"),
    ):
        with pytest.raises(Refused) as refused:
            office.sees(**wrong)
        assert refused.value.field == field
    for who in (office.iam_manager, office.controller, office.sponsor):
        with pytest.raises(NotAllowed):
            office.sees(who)
    with pytest.raises(Conflict):
        office.sees(version=9)
    assert office.sees().state == "reached"
    page = office.client(office.erp_manager).get("/p/ATLAS/projects/ERP-FIN/").content.decode()
    assert "seen 31 Mar 2026: 84 % in March" in page and "Edit<span" not in page
    with pytest.raises(Refused, match="it stays"):
        office.does(office.program_manager, outcomes.remove, outcome=office.one, version=office.now().version)
    assert office.sees(state="open").seen_on is None
    client = office.client()
    gone = f"/p/ATLAS/plan/outcomes/{office.one.pk}/remove/"
    assert client.post(gone, {"version": office.now().version}).status_code == 422, "it was seen once"
    other = office.does(office.program_manager, outcomes.add, project=office.erp, values=PLANNED)
    gone = f"/p/ATLAS/plan/outcomes/{other.pk}/remove/"
    assert client.post(gone, {"version": other.version}).status_code == 302
    assert client.post(gone, {"version": 1}).status_code == 404


def test_what_was_seen_is_measured_by_what_was_promised_unless_somebody_says_why(office: Office) -> None:
    office.sees(state="missed", result="40 %")
    office.sees(state="open")
    client = office.client()
    edit = f"/p/ATLAS/plan/outcomes/{office.one.pk}/edit/"
    easier = PLANNED | {"due_on": "2026-12-31", "target": "40 %", "version": office.now().version}
    refused = client.post(edit, easier)
    assert refused.status_code == 422 and "say why it is planned otherwise" in refused.content.decode()
    assert office.now().target == "80 %"
    assert client.post(edit, easier | {"why": "The board halved the scope"}).status_code == 302
    with office.looking():
        kept: Any = apps.get_model("programs", "PlannedOutcomeEvent").objects.filter(pgh_obj_id=office.one.pk)
        last = kept.order_by("-pgh_id").first()
    assert (last.target, last.pgh_context["why"]) == ("40 %", "The board halved the scope")


def test_a_copy_plans_the_same_and_has_seen_nothing(office: Office) -> None:
    office.sees()
    copy, _ = office.does(
        office.program_manager, beginning.copy_project, project=office.erp, version=office.erp.version,
        code="ERP-2", name="Again",
    )  # fmt: skip
    with office.looking():
        rows = list(PlannedOutcome.objects.filter(project=copy).values_list("outcome", "state", "seen_on"))
    assert rows == [(PLANNED["outcome"], "open", None)]


def test_the_api_plans_and_sees(office: Office) -> None:
    client = office.client()

    def send(method: str, path: str, **body: Any) -> Any:
        return client.generic(
            method, f"/api/v1/programs/ATLAS/outcomes/{path}", json.dumps(body), "application/json"
        )

    made = send(
        "POST", "", project=office.erp.pk, outcome="One ledger", measure="Ledgers", target="1",
        due_on="2026-12-31",
    )  # fmt: skip
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert send("PATCH", f"{pk}/", version=1, target="2").json()["target"] == "2"
    assert send("PATCH", f"{pk}/", version=1, target="3").status_code == 409
    seen = send("POST", f"{pk}/seen/", version=2, state="missed", result="None yet", seen_on="2026-03-01")
    assert seen.json()["state"] == "missed", seen.content
    assert send("DELETE", f"{pk}/?version=3").status_code == 422
    assert send("POST", f"{pk}/seen/", version=3, state="open").json()["result"] == ""
    assert send("DELETE", f"{pk}/?version=4").status_code == 422, "it was seen once"
    assert send("PATCH", f"{pk}/", version=4, target="0").status_code == 422
    assert send("PATCH", f"{pk}/", version=4, target="1", reason="As agreed").status_code == 200
    assert send("PATCH", f"{pk}/", version=5, target="0", reason="As agreed").json()["target"] == "0"
    new = send(
        "POST", "", project=office.erp.pk, outcome="Other", measure="M", target="1", due_on="2026-12-31"
    ).json()["id"]
    assert send("DELETE", f"{new}/?version=1").status_code == 204
    listed = client.get("/api/v1/programs/ATLAS/outcomes/?project=ERP-FIN&state=open").json()["results"]
    assert [one["target"] for one in listed] == ["80 %", "0"]
