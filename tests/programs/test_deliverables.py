"""What is handed over: written directly until a baseline holds its project, and accepted by somebody else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pmo import commands
from programs.baselines.models import Baseline, BaselineActivity, BaselineScope
from programs.deliverables import selectors
from programs.deliverables.models import Deliverable, Requirement
from programs.schedule import services as schedule
from tests.cast import Office, everything, make_office, today

pytestmark = pytest.mark.django_db
BASE = "/p/ATLAS/deliverables/"
API = "/api/v1/programs/ATLAS/"
NEW = {
    "code": "DEL-1",
    "name": "Cutover plan",
    "due_on": "2027-03-31",
    "requirements": "Rehearsed twice\nSigned",
}


@pytest.fixture
def office() -> Office:
    return make_office()


def client(office: Office, role: str = "erp_manager") -> Client:
    made = Client()
    made.force_login(office.people[role])
    return made


def writes(office: Office, **other: Any) -> Any:
    return client(office).post(f"{BASE}add/", {**NEW, "project": office.erp.pk, **other})


def baseline(office: Office) -> None:
    """A baseline with one activity of ERP-FIN."""
    made = commands.run(
        schedule.add_activity,
        actor=office.program_manager,
        program=office.program,
        project_id=office.erp.pk,
        values={"code": "A1", "name": "Step", "duration_minutes": 480},
    ).activity
    with everything(office.program):
        now = timezone.now()
        held = Baseline.objects.create(
            program=office.program, number=1, name="B1", origin="imported", is_current=True, frozen_at=now
        )
        BaselineActivity.objects.create(
            program=office.program,
            baseline=held,
            activity=made,
            starts_at=now,
            finishes_at=now,
            duration_minutes=480,
        )


def requirement(office: Office, code: str = "DEL-1-R1") -> Requirement:
    with everything(office.program):
        found: Requirement = Requirement.objects.select_related("deliverable").get(
            program=office.program, code=code
        )
        return found


def test_a_deliverable_is_written_with_what_it_is_accepted_by(office: Office) -> None:
    assert writes(office).status_code == 302
    one = requirement(office)
    assert (one.text, one.due_on.isoformat()) == ("Rehearsed twice", "2027-03-31")
    page = client(office).get(BASE).content.decode()
    assert f"{BASE}requirements/{one.pk}/" in page and "Cutover plan" in page
    url = f"{BASE}{one.deliverable_id}/"
    edit = {"name": "Plan of the cutover", "due_on": "2027-04-30", "requirements": "Third", "version": "1"}
    assert client(office).post(url, edit).status_code == 302
    assert requirement(office).due_on.isoformat() == "2027-04-30", "open requirements move along"
    assert requirement(office, "DEL-1-R3").text == "Third"
    late = client(office).post(url, edit)
    assert late.status_code == 409 and "Somebody changed this" in late.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "DEL 1"),
        ("code", ""),
        ("name", ""),
        ("due_on", "1800-01-01"),
        ("requirements", " \n"),
        ("due_on", "x"),
    ],
)
def test_what_is_missing_is_said_at_its_field(office: Office, field: str, value: str) -> None:
    answer = writes(office, **{field: value})
    assert answer.status_code == 422 and f'id="id_{field}_error"' in answer.content.decode()


def test_a_code_is_there_once_and_not_in_another_managers_project(office: Office) -> None:
    writes(office)
    assert writes(office).status_code == 422
    assert writes(office, project=office.iam.pk, code="DEL-2").status_code == 422, "not offered"


def test_a_baseline_ends_direct_edits(office: Office) -> None:
    writes(office)
    one = requirement(office)
    baseline(office)
    assert writes(office, code="DEL-2").status_code == 422
    page = client(office).get(f"{BASE}{one.deliverable_id}/").content.decode()
    assert "change request" in page and "Requirements to add" not in page
    edit = {"name": "Other", "due_on": "2027-04-30", "version": "1"}
    answer = client(office).post(f"{BASE}{one.deliverable_id}/", edit)
    assert answer.status_code == 422 and "stands in a baseline" in answer.content.decode()
    changed = client(office).patch(
        f"{API}requirements/{one.pk}/", json.dumps({"version": 1, "text": "x"}), "application/json"
    )
    assert changed.status_code == 422 and "stands in a baseline" in changed.content.decode()


def test_a_requirement_is_accepted_by_somebody_else_with_evidence(office: Office) -> None:
    writes(office)
    one = requirement(office)
    url = f"{BASE}requirements/{one.pk}/"
    given = {
        "accepted_on": today().isoformat(),
        "evidence": "Protocol of the second rehearsal",
        "version": "1",
    }
    assert client(office).post(f"{url}accept/", given).status_code == 403, "not the project's manager"
    sponsor = client(office, "sponsor")
    assert sponsor.post(f"{url}accept/", {**given, "evidence": " "}).status_code == 422
    tomorrow = (today() + timedelta(days=2)).isoformat()
    assert sponsor.post(f"{url}accept/", {**given, "accepted_on": tomorrow}).status_code == 422
    assert sponsor.post(f"{url}accept/", given).status_code == 302
    now = requirement(office)
    assert now.accepted_by_id == office.people["sponsor"].pk and now.evidence.startswith("Protocol")
    page = sponsor.get(url).content.decode()
    assert "accepted it as of" in page and "Protocol of the second rehearsal" in page
    assert sponsor.post(f"{url}accept/", given).status_code == 409
    assert sponsor.post(f"{url}take-back/", {"why": "", "version": "2"}).status_code == 422
    assert (
        sponsor.post(
            f"{url}take-back/", {"why": "The protocol was of another system", "version": "2"}
        ).status_code
        == 302
    )
    assert requirement(office).accepted_on is None
    assert "The protocol was of another system" in sponsor.get(url).content.decode()


def test_who_produced_it_does_not_accept_it(office: Office) -> None:
    writes(office)
    one = requirement(office)
    url = f"{BASE}requirements/{one.pk}/"
    words = {
        "text": one.text,
        "due_on": "2027-03-31",
        "produced_by": office.program_manager.pk,
        "version": "1",
    }
    assert client(office).post(url, words).status_code == 302
    manager = client(office, "program_manager")
    assert "somebody else accepts it" in manager.get(url).content.decode()
    given = {"accepted_on": today().isoformat(), "evidence": "Seen", "version": "2"}
    assert manager.post(f"{url}accept/", given).status_code == 403


def test_who_was_ever_named_its_producer_does_not_accept_it(office: Office) -> None:
    writes(office)
    one = requirement(office)
    planner, manager = client(office), client(office, "program_manager")
    api = f"{API}requirements/{one.pk}/"

    def send(who: Client, method: str, path: str, **body: Any) -> Any:
        return who.generic(method, f"{api}{path}", json.dumps(body), "application/json")

    me = office.program_manager.pk
    assert send(planner, "PATCH", "", version=1, produced_by=me).status_code == 200
    cleared = send(manager, "PATCH", "", version=2, produced_by=None)
    assert cleared.status_code == 422 and "somebody else says otherwise" in cleared.content.decode()
    assert send(planner, "PATCH", "", version=2, produced_by=None).status_code == 200
    given = {"version": 3, "accepted_on": today().isoformat(), "evidence": "I made it"}
    assert send(manager, "POST", "accept/", **given).status_code == 403
    page = manager.get(f"{BASE}requirements/{one.pk}/").content.decode()
    assert "somebody else accepts it" in page
    assert send(client(office, "staff"), "POST", "accept/", **given).status_code == 200


def test_who_produces_it_is_said_under_a_baseline_too(office: Office) -> None:
    writes(office)
    baseline(office)
    one = requirement(office)
    url = f"{BASE}requirements/{one.pk}/"
    planner = client(office)
    page = planner.get(url).content.decode()
    assert 'name="produced_by"' in page and 'name="text"' not in page
    assert planner.post(url, {"produced_by": office.people["staff"].pk, "version": "1"}).status_code == 302
    now = requirement(office)
    assert (now.produced_by_id, now.text) == (office.people["staff"].pk, one.text)
    given = {"accepted_on": today().isoformat(), "evidence": "I made it", "version": "2"}
    assert client(office, "staff").post(f"{url}accept/", given).status_code == 403


def test_a_trail_shows_its_latest_steps(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    writes(office)
    one = requirement(office)
    monkeypatch.setattr(selectors, "LATEST", 2)
    with everything(office.program):
        for words in ("One", "Two", "Three"):
            Requirement.objects.filter(pk=one.pk).update(text=words)
        Requirement.objects.filter(pk=one.pk).update(due_on=today())
        steps = [step.what for step in selectors.trail(one)]
    assert steps == ["changed its day", "changed its words"]


def test_the_api_writes_accepts_and_takes_back(office: Office) -> None:
    planner = client(office)

    def send(who: Client, method: str, path: str, body: Any) -> Any:
        return who.generic(method, f"{API}{path}", json.dumps(body), "application/json")

    made = send(planner, "POST", "deliverables/", {**NEW, "project": office.erp.pk, "requirements": ["One"]})
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    again = send(
        planner, "PATCH", f"deliverables/{pk}/", {"version": 1, "name": "Other", "requirements": ["Two"]}
    )
    assert (again.json()["name"], again.json()["version"]) == ("Other", 2)
    one = requirement(office, "DEL-1-R2")
    staff = client(office, "staff")
    body = {"version": 1, "accepted_on": today().isoformat(), "evidence": "Seen"}
    assert send(planner, "POST", f"requirements/{one.pk}/accept/", body).status_code == 403
    accepted = send(staff, "POST", f"requirements/{one.pk}/accept/", body).json()
    assert (accepted["evidence"], accepted["version"]) == ("Seen", 2)
    back = send(staff, "POST", f"requirements/{one.pk}/take-back/", {"version": 2, "reason": "Wrong one"})
    assert back.json()["accepted_on"] is None


def test_a_deliverable_that_a_baseline_froze_is_held_though_its_project_has_no_activities(
    office: Office,
) -> None:
    assert writes(office).status_code in (204, 302)
    with everything(office.program):
        made = Deliverable.objects.get(code="DEL-1")
        held = Baseline.objects.create(
            program=office.program, number=1, name="B1", origin="imported", is_current=True,
            frozen_at=timezone.now(), scope_kept=1,
        )  # fmt: skip
        BaselineScope.objects.create(
            program=office.program, baseline=held, deliverable=made, name=made.name, due_on=made.due_on
        )
    answer = writes(office, code="DEL-2")
    assert answer.status_code != 302
    with everything(office.program):
        assert not Deliverable.objects.filter(code="DEL-2").exists()
