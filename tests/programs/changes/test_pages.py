"""Planning in a request by its pages: the plan's own forms on a copy, refusals at their fields, the log, the search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from programs.changes.models import ChangeRequest
from programs.schedule.models import Activity
from tests.cast import everything
from tests.fresh import sign_in
from tests.programs.changes.test_requests import DAY, Desk
from tests.world import rolled_back

BASE = "/p/ATLAS/changes/"


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Desk]:
    with django_db_blocker.unblock(), rolled_back():
        yield Desk()


@pytest.fixture
def desk(built: Desk) -> Iterator[Desk]:
    """The office as it was built; what a test does to it is undone."""
    with rolled_back():
        yield built


def browser(desk: Desk, who: str) -> Client:
    client = Client()
    sign_in(client, desk.office.people[who])
    return client


def now(desk: Desk, request: ChangeRequest) -> ChangeRequest:
    with everything(desk.program):
        found: ChangeRequest = ChangeRequest.objects.get(pk=request.pk)
        return found


def fields(desk: Desk, **more: Any) -> dict[str, Any]:
    """The form of A1 as the page shows it, with what somebody types."""
    return {"name": "Step A1", "days": "5", "constraint": "ASAP", "calendar": ""} | more


def test_a_request_is_written_planned_and_submitted_by_pages(desk: Desk) -> None:
    lena = browser(desk, "erp_manager")
    assert lena.get(f"{BASE}add/").status_code == 200
    refused = lena.post(f"{BASE}add/", {"project": "ERP-FIN", "title": "Later"})
    assert refused.status_code == 422 and "This field is required" in refused.content.decode()
    made = lena.post(f"{BASE}add/", {"project": "ERP-FIN", "title": "Later", "reason": "Late."})
    assert made.status_code == 302
    here = made["Location"]
    with everything(desk.program):
        request = ChangeRequest.objects.latest("pk")
    assert lena.get(f"{here}choose/?activity=a1")["Location"] == f"{here}activities/{desk.a1.pk}/"
    assert "no activity of that code" in lena.get(f"{here}choose/?activity=ZZ").content.decode()
    form = f"{here}activities/{desk.a1.pk}/"
    assert "the plan itself stays as it is" in lena.get(form).content.decode()
    typed = fields(desk, days="8", request_version=1)
    assert lena.post(form, typed)["Location"] == here
    page = lena.get(here).content.decode()
    for words in (
        "duration 5 d",
        "duration 8 d",
        "Program finish",
        "+3\N{NO-BREAK SPACE}working days",
        "If approved",
    ):
        assert words in page
    assert 'value="8' in lena.get(form).content.decode()  # as the request would have it
    stale = lena.post(form, fields(desk, days="9", request_version=1))
    assert stale.status_code == 409 and "after you opened it" in stale.content.decode()
    assert lena.post(f"{here}submit/")["Location"] == here
    assert now(desk, request).state == "submitted"
    with everything(desk.program):
        assert Activity.objects.get(pk=desk.a1.pk).duration_minutes == 5 * DAY


def test_links_new_and_removed_activities_are_proposed_by_pages(desk: Desk) -> None:
    request = desk.request()
    lena, here = browser(desk, "erp_manager"), f"{BASE}{request.pk}/"
    new = {"project": desk.office.erp.pk, "code": "A9", "name": "Rehearsal", "kind": "task", "days": "2"}
    wrong = lena.post(f"{here}new/", new | {"predecessor": "ZZ", "request_version": 1})
    assert wrong.status_code == 422 and "no activity of that code" in wrong.content.decode()
    taken = lena.post(f"{here}new/", new | {"code": "A1", "request_version": 1})
    assert taken.status_code == 422 and "of that code already" in taken.content.decode()
    assert lena.post(f"{here}new/", new | {"predecessor": "A2", "request_version": 1}).status_code == 302
    link = {"predecessor": "ERP-FIN/A9", "kind": "FS", "lag_days": "1", "request_version": 2}
    assert lena.post(f"{here}activities/{desk.gate.pk}/link/", link).status_code == 302
    circle = {"predecessor": "IAM/GO", "kind": "FS", "request_version": 3}
    refused = lena.post(f"{here}activities/{desk.a1.pk}/link/", circle)
    assert refused.status_code == 422 and "would wait for each other" in refused.content.decode()
    assert lena.post(f"{here}links/{desk.first.pk}/remove/", {"request_version": 3}).status_code == 302
    found = now(desk, request)
    assert [one["do"] for one in found.edits] == ["add", "link", "link", "unlink"]
    assert found.edits[2]["lag"] == DAY
    assert lena.post(f"{here}edits/4/drop/", {"request_version": 4}).status_code == 302
    assert lena.post(f"{here}activities/{desk.a1.pk}/remove/", {"request_version": 5}).status_code == 302
    assert [one["do"] for one in now(desk, request).edits] == ["add", "link", "link", "remove"]


def test_others_read_the_request_and_find_no_button(desk: Desk) -> None:
    request = desk.request(desk.longer())
    for who in ("member", "auditor", "iam_manager"):
        page = browser(desk, who).get(f"{BASE}{request.pk}/").content.decode()
        assert "Step A1" in page
        for word in ("Submit for decision", "Take back", "Withdraw", "New activity", "Edit the words"):
            assert word not in page
    refused = browser(desk, "iam_manager").post(
        f"{BASE}{request.pk}/activities/{desk.a1.pk}/",
        fields(desk, days="9", request_version=request.version),
    )
    assert refused.status_code == 403


def test_the_log_and_the_search_know_the_request(desk: Desk) -> None:
    request = desk.request(desk.longer())
    nils = browser(desk, "auditor")
    log = nils.get(BASE).content.decode()
    assert "Later cut-over" in log and "Lena Okafor" in log
    assert "Later cut-over" not in nils.get(f"{BASE}?state=open").content.decode()
    assert f"{BASE}{request.pk}/" in nils.get("/search/?q=Later").content.decode()


def test_edits_come_by_the_api_too(desk: Desk) -> None:
    request = desk.request()
    lena, url = browser(desk, "erp_manager"), f"/api/v1/programs/ATLAS/change-requests/{request.pk}/"
    edit = {"version": 1, "do": "change", "activity": desk.a1.pk, "to": {"duration_minutes": 8 * DAY}}
    answer = lena.post(f"{url}edits/", edit, "application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["edits"][0]["was"] == {"duration_minutes": 5 * DAY}
    figures = lena.get(f"{url}impact/").json()
    assert (figures["slip_minutes"], figures["stale"]) == (3 * DAY, "")
    bad = lena.post(
        f"{url}edits/", {"version": 2, "do": "link", "predecessor": desk.a1.pk}, "application/json"
    )
    assert bad.status_code in (400, 422)
