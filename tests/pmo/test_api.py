"""The machine's door: who gets in, what is refused at the door, what a repeat gets, what a token may."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from pmo import commands
from pmo.accounts.models import ApiToken, User
from pmo.home import services as home
from programs.raid.models import Risk
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office, stranger
from tests.furnish import plan_rows

pytestmark = pytest.mark.django_db
API = "/api/v1/programs/ATLAS"
RISK = {
    "code": "R-1",
    "title": "Supplier is late",
    "probability": 3,
    "impact": 4,
    "exposure_minor": 12_500_00,
}


@pytest.fixture
def office() -> Office:
    return make_office()


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def token_of(person: User, scope: str = "write", programs: tuple[int, ...] = ()) -> dict[str, str]:
    _, text = commands.run(
        home.make_token, actor=person, name="script", allows=scope, days=30, program_ids=list(programs)
    )
    return {"Authorization": f"Token {text}"}


def send(client: Client, method: str, url: str, body: Any = None, **headers: str) -> Any:
    """A request with this body as JSON; with none at all where `body` is left out."""
    text = "" if body is None else body if isinstance(body, str) else json.dumps(body)
    return client.generic(method.upper(), url, text, "application/json", headers=headers)


def test_nobody_gets_in_without_a_name(office: Office) -> None:
    answer = Client().get(f"{API}/risks/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 401
    assert Client().get(f"{API}/risks/", headers={"Authorization": "Token pmo_wrong"}).status_code == 401


def test_a_program_of_others_does_not_exist(office: Office) -> None:
    assert signed_in(stranger()).get(f"{API}/risks/").status_code == 404
    assert signed_in(office.auditor).get("/api/v1/programs/BOREAS/risks/").status_code == 404
    assert signed_in(office.administrator).get(f"{API}/risks/").status_code == 403


def test_a_session_writes_only_with_its_csrf_token(office: Office) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(office.staff)
    assert send(client, "post", f"{API}/risks/", RISK).status_code == 403
    answer = send(client, "post", f"{API}/risks/", RISK, **token_of(office.staff))
    assert answer.status_code == 201, answer.content


def test_a_risk_is_recorded_read_and_changed(office: Office) -> None:
    client = signed_in(office.erp_manager)
    made = send(client, "post", f"{API}/risks/", RISK | {"project": office.erp.pk, "exposure_days": "2.5"})
    assert made.status_code == 201, made.content
    row = made.json()
    assert row["score"] == 12
    assert (row["exposure_minor"], row["currency"], row["exposure_days"]) == (12_500_00, "EUR", "2.5")
    url = f"{API}/risks/{row['id']}/"
    changed = send(client, "patch", url, {"version": row["version"], "probability": 5})
    assert (changed.status_code, changed.json()["score"]) == (200, 20)
    late = send(client, "patch", url, {"version": row["version"], "title": "Mine"})
    assert (late.status_code, late.json()["type"]) == (409, "changed")
    assert client.get(url).json() == changed.json()
    assert client.get(f"{API}/risks/?project=erp-fin").json()["results"] == [changed.json()]
    assert client.get(f"{API}/risks/?project=IAM").json()["results"] == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (RISK | {"program": 1}, "program"),
        (RISK | {"raised_on": "2020-01-01"}, "raised_on"),
        (RISK | {"version": 7}, "version"),
        (RISK | {"owner": 1}, "owner"),
        (RISK | {"probability": "3"}, "probability"),
        (RISK | {"probability": True}, "probability"),
        (RISK | {"probability": 3.0}, "probability"),
        (RISK | {"exposure_minor": "1_000"}, "exposure_minor"),
        (RISK | {"exposure_minor": 10**15 + 1}, "exposure_minor"),
        (RISK | {"exposure_minor": -1}, "exposure_minor"),
        (RISK | {"exposure_days": "1E9999999"}, "exposure_days"),
        (RISK | {"exposure_days": "١٢"}, "exposure_days"),
        (RISK | {"exposure_days": 1.5}, "exposure_days"),
        (RISK | {"due_on": "31.12.2026"}, "due_on"),
        (RISK | {"code": ["R-1"]}, "code"),
        (RISK | {"code": "R 1"}, "code"),
        (RISK | {"title": ""}, "title"),
        (RISK | {"title": None}, "title"),
        (RISK | {"state": "deleted"}, "state"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_stored(office: Office, body: Any, named: str) -> None:
    answer = send(signed_in(office.staff), "post", f"{API}/risks/", body)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["errors"]) == [named]
    with everything(office.program):
        assert not Risk.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        '{"code": "R-1", "code": "R-2"}',
        '{"title": "a\\u0000b"}',
        '{"title": "\\ud800"}',
        '{"probability": NaN}',
        "[" * 50_000 + "]" * 50_000,
        '{"a":' * 60 + "1" + "}" * 60,
        "[]",
        "7",
        "",
        "{",
        '"' + "x" * (1 << 20) + '"',
        "\xff",
    ],
)
def test_json_that_could_be_read_two_ways_or_not_be_stored_is_refused_at_the_door(
    office: Office, text: str
) -> None:
    answer = send(signed_in(office.staff), "post", f"{API}/risks/", text)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_form_or_xml_is_not_what_the_api_reads(office: Office) -> None:
    client = signed_in(office.staff)
    assert client.post(f"{API}/risks/", RISK).status_code == 415
    assert client.post(f"{API}/risks/", "<a/>", content_type="application/xml").status_code == 415
    assert client.get(f"{API}/risks/", headers={"Accept": "text/html"}).status_code == 406
    assert client.options(f"{API}/risks/").status_code == 405
    assert client.put(f"{API}/risks/", {}).status_code == 405


def test_the_same_key_does_it_once_and_answers_the_same(office: Office) -> None:
    client = signed_in(office.staff)
    key = {"Idempotency-Key": "0123456789abcdef"}
    first = send(client, "post", f"{API}/risks/", RISK, **key)
    again = send(client, "post", f"{API}/risks/", RISK, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    other = send(client, "post", f"{API}/risks/", RISK | {"code": "R-2"}, **key)
    assert (other.status_code, other.json()["type"]) == (422, "key-reused")
    with everything(office.program):
        assert Risk.objects.count() == 1
    for bad in ("short", "x" * 65, "0123456789abcdé"):
        assert (
            send(
                client, "post", f"{API}/risks/", RISK | {"code": "R-3"}, **{"Idempotency-Key": bad}
            ).status_code
            == 422
        )


def test_a_refusal_does_not_use_the_key_up(office: Office) -> None:
    client = signed_in(office.staff)
    key = {"Idempotency-Key": "0123456789abcdef"}
    send(client, "post", f"{API}/risks/", RISK)
    refused = send(client, "post", f"{API}/risks/", RISK | {"title": "Other"}, **key)
    assert refused.status_code == 422
    assert send(client, "post", f"{API}/risks/", RISK | {"code": "R-2"}, **key).status_code == 201


def test_a_mistyped_filter_does_not_give_everything(office: Office) -> None:
    client = signed_in(office.auditor)
    for query in ("stat=open", "state=nonsense", "sort=code", "page=2", "format=csv", "id__gt=1"):
        assert client.get(f"{API}/risks/?{query}").status_code == 400, query


def test_pages_are_walked_by_key_and_never_larger_than_200(office: Office) -> None:
    with everything(office.program):
        Risk.objects.bulk_create(
            Risk(
                program=office.program,
                code=f"K{n}",
                title="x",
                probability=1,
                impact=1,
                raised_on="2026-01-01",
            )
            for n in range(230)
        )
    client = signed_in(office.auditor)
    seen: list[str] = []
    url: str | None = f"{API}/risks/?page_size=100"
    while url:
        page = client.get(url).json()
        seen += [row["code"] for row in page["results"]]
        url = page["next"]
    assert seen == [f"K{n}" for n in range(230)]
    for size in ("0", "201", "-1", "1e2", "１０", "99999999999999999999"):
        assert client.get(f"{API}/risks/", {"page_size": size}).status_code == 400, size
    for cursor in (
        "x",
        "cD1hYmM=",
        "bz05OTk5OTk5OTk5OTk5OTk5OTk5OQ==",
        "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
        "\x00",
    ):
        assert client.get(f"{API}/risks/", {"cursor": cursor}).status_code == 400, cursor


def test_a_reading_token_cannot_write(office: Office) -> None:
    headers = token_of(office.staff, "read")
    assert Client().get(f"{API}/risks/", headers=headers).status_code == 200
    answer = send(Client(), "post", f"{API}/risks/", RISK, **headers)
    assert answer.status_code == 403
    with everything(office.program):
        assert not Risk.objects.exists()


def test_a_token_narrowed_to_one_program_knows_no_other(office: Office) -> None:
    other = make_office("BOREAS", " B")
    with everything(office.program, other.program):
        from pmo.accounts.models import Membership

        Membership.objects.create(
            program=other.program, user=office.auditor, role="auditor", valid_from="2020-01-01"
        )
    narrow = token_of(office.auditor, "read", (office.program.pk,))
    wide = token_of(office.auditor, "read")
    assert Client().get("/api/v1/programs/BOREAS/risks/", headers=narrow).status_code == 404
    assert Client().get("/api/v1/programs/BOREAS/risks/", headers=wide).status_code == 200
    codes = [row["code"] for row in Client().get("/api/v1/programs/", headers=narrow).json()["results"]]
    assert codes == ["ATLAS"]
    mine = Client().get("/api/v1/me/", headers=narrow).json()
    assert [one["program"] for one in mine["programs"]] == ["ATLAS"]
    assert mine["by_token"] is True


def test_a_token_is_never_wider_than_its_owners_role_is_today(office: Office) -> None:
    headers = token_of(office.staff)
    with everything(office.program):
        from pmo.accounts.models import Membership

        Membership.objects.filter(user=office.staff).update(valid_to="2020-02-01")
    assert Client().get(f"{API}/risks/", headers=headers).status_code == 404


def test_an_expired_or_ended_token_opens_nothing(office: Office) -> None:
    headers = token_of(office.staff)
    token = ApiToken.objects.get(user=office.staff)
    ApiToken.objects.filter(pk=token.pk).update(expiry=datetime.now(UTC) - timedelta(seconds=1))
    assert Client().get("/api/v1/me/", headers=headers).status_code == 401
    again = token_of(office.staff)
    assert Client().get("/api/v1/me/", headers=again).status_code == 200
    digest = ApiToken.objects.get(user=office.staff).digest
    assert send(signed_in(office.staff), "delete", f"/api/v1/me/tokens/{digest}/").status_code == 204
    assert Client().get("/api/v1/me/", headers=again).status_code == 401


def test_a_token_of_somebody_who_left_opens_nothing(office: Office) -> None:
    headers = token_of(office.staff)
    User.objects.filter(pk=office.staff.pk).update(is_active=False)
    assert Client().get("/api/v1/me/", headers=headers).status_code == 401


def test_a_token_cannot_do_what_needs_a_person(office: Office) -> None:
    headers = token_of(office.staff)
    wanted = {"name": "more", "scope": "write", "days": 300}
    answer = send(Client(), "post", "/api/v1/me/tokens/", wanted, **headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "person-needed")
    digest = ApiToken.objects.get(user=office.staff).digest
    assert send(Client(), "delete", f"/api/v1/me/tokens/{digest}/", **headers).status_code == 403
    made = send(signed_in(office.staff), "post", "/api/v1/me/tokens/", wanted | {"programs": ["ATLAS"]})
    assert made.status_code == 201
    assert made.json()["token"].startswith("pmo_")
    listed = signed_in(office.staff).get("/api/v1/me/tokens/").json()
    assert [one["programs"] for one in listed] == [["ATLAS"], []]
    assert made.json()["token"] not in json.dumps(listed)


def test_nobody_ends_a_token_of_somebody_else(office: Office) -> None:
    token_of(office.staff)
    digest = ApiToken.objects.get(user=office.staff).digest
    send(signed_in(office.auditor), "delete", f"/api/v1/me/tokens/{digest}/")
    assert ApiToken.objects.filter(digest=digest).exists()


def test_a_failing_view_leaves_no_transaction_behind(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from programs.raid.api import Risks

    def broken(self: Any, request: Any, **kwargs: Any) -> Any:
        raise RuntimeError("a defect, with C:\\path and SELECT in it")

    monkeypatch.setattr(Risks, "list", broken)
    client = signed_in(office.auditor)
    client.raise_request_exception = False
    depth = len(connection.savepoint_ids)
    answer = client.get(f"{API}/risks/")
    assert answer.status_code == 500
    assert b"SELECT" not in answer.content
    assert len(connection.savepoint_ids) == depth


def test_an_activity_is_added_changed_linked_and_removed_with_new_dates_at_once(office: Office) -> None:
    client = signed_in(office.erp_manager)
    first = send(
        client,
        "post",
        f"{API}/activities/",
        {"project": office.erp.pk, "code": "A1", "name": "Design", "duration_minutes": 960},
    )
    assert first.status_code == 201, first.content
    second = send(
        client,
        "post",
        f"{API}/activities/",
        {
            "project": office.erp.pk,
            "code": "A2",
            "name": "Build",
            "duration_minutes": 480,
            "predecessor": first.json()["id"],
        },
    ).json()
    assert second["early_start"] >= first.json()["early_finish"]
    assert second["reason"] == "It waits for A1 Design (finish to start)."
    assert [end["activity"] for end in second["predecessors"]] == ["A1"]
    url = f"{API}/activities/{first.json()['id']}/"
    longer = send(client, "patch", url, {"version": first.json()["version"], "duration_minutes": 4800})
    assert longer.status_code == 200, longer.content
    assert longer.json()["early_finish"] > first.json()["early_finish"]
    assert send(client, "patch", url, {"version": 1, "duration_minutes": 60}).status_code == 409
    cycle = send(
        client, "post", f"{API}/dependencies/", {"predecessor": second["id"], "successor": first.json()["id"]}
    )
    assert cycle.status_code == 422
    assert "wait for each other" in cycle.json()["title"]
    link = second["predecessors"][0]["id"]
    assert (
        send(client, "patch", f"{API}/dependencies/{link}/", {"version": 1, "lag": 480}).json()["lag"] == 480
    )
    assert send(client, "delete", f"{API}/dependencies/{link}/").status_code == 204
    assert send(client, "delete", f"{API}/activities/{second['id']}/?version=9").status_code == 409
    assert (
        send(client, "delete", f"{API}/activities/{second['id']}/?version={second['version']}").status_code
        == 204
    )
    assert [row["code"] for row in client.get(f"{API}/activities/").json()["results"]] == ["A1"]


def test_a_project_manager_changes_nothing_in_the_other_project(office: Office) -> None:
    plan_rows(office, 2)
    client = signed_in(office.iam_manager)
    row = client.get(f"{API}/activities/").json()["results"][0]
    answer = send(
        client, "patch", f"{API}/activities/{row['id']}/", {"version": row["version"], "name": "Mine"}
    )
    assert answer.status_code == 403
    assert send(client, "delete", f"{API}/activities/{row['id']}/").status_code == 403
    link = client.get(f"{API}/dependencies/").json()["results"][0]
    assert send(client, "delete", f"{API}/dependencies/{link['id']}/").status_code == 403
    new = {"project": office.erp.pk, "code": "X", "name": "X"}
    assert send(client, "post", f"{API}/activities/", new).status_code == 403
    assert send(client, "post", f"{API}/risks/", RISK | {"project": office.erp.pk}).status_code == 403
    with everything(office.program):
        assert not Activity.objects.filter(name__in=["Mine", "X"]).exists()


def test_an_activity_as_known_before_the_edit(office: Office) -> None:
    plan_rows(office, 2)
    client = signed_in(office.program_manager)
    row = client.get(f"{API}/activities/").json()["results"][1]
    then = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    first = client.get(f"{API}/activities/").json()["results"][0]
    send(client, "patch", f"{API}/activities/{first['id']}/", {"version": 1, "duration_minutes": 9600})
    now = client.get(f"{API}/activities/{row['id']}/").json()
    assert now["early_start"] > row["early_start"]
    before = client.get(f"{API}/activities/{row['id']}/", {"known": then}).json()
    assert before["early_start"] == row["early_start"]
    listed = client.get(f"{API}/activities/", {"known": then}).json()["results"]
    assert [one["early_start"] for one in listed][1] == row["early_start"]
    assert (
        client.get(f"{API}/computations/latest/", {"known": then}).json()["plan_version"]
        < client.get(f"{API}/computations/latest/").json()["plan_version"]
    )
    assert client.get(f"{API}/activities/?known=yesterday").status_code == 400
    assert client.get(f"{API}/computations/latest/?known=2001-01-01").status_code == 404


def test_a_plan_is_read_from_a_file_and_accepted(office: Office) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from programs.exchange.selectors import sample_zip

    data = sample_zip()
    assert data is not None
    client = signed_in(office.program_manager)
    answer = client.post(f"{API}/imports/", {"file": SimpleUploadedFile("fedora20.zip", data)})
    assert answer.status_code == 201, answer.content
    row = answer.json()
    assert row["state"] == "read", row["problems"][:3]
    assert "draft" not in row
    done = send(client, "post", f"{API}/imports/{row['id']}/accept/")
    assert done.status_code == 200, done.content
    assert done.json()["state"] == "accepted"
    again = client.post(f"{API}/imports/", {"file": SimpleUploadedFile("same.zip", data)})
    assert (again.status_code, again.json()["id"]) == (200, row["id"])
    assert send(client, "post", f"{API}/imports/{row['id']}/drop/").status_code == 422
    assert (
        client.post(f"{API}/imports/", {"file": SimpleUploadedFile("a.zip", b"PK nothing")}).status_code
        == 422
    )
    assert client.post(f"{API}/imports/", {"other": "x"}).status_code == 400
    assert signed_in(office.auditor).get(f"{API}/imports/").status_code == 403


def test_the_document_and_its_page_are_for_who_is_signed_in(office: Office) -> None:
    assert Client().get("/api/schema/").status_code == 401
    assert Client().get("/api/docs/").status_code == 302
    document = Client().get("/api/schema/", headers=token_of(office.auditor, "read")).json()
    assert document["openapi"].startswith("3.1")
    page = signed_in(office.auditor).get("/api/docs/").content.decode()
    assert "swagger-ui-bundle.js" in page
