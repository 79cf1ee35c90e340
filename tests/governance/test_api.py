"""Governance through the machine's door: everything readable, but a vote needs a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.decisions.models import Decision, Vote
from pmo.accounts.models import ApiToken, User
from tests.fresh import sign_in
from tests.governance.committee import Committee

BASE = "/api/v1/programs/ATLAS"


def by_token(who: User, scope: str = "write") -> Client:
    _, secret = ApiToken.objects.create(user=who, expiry=timedelta(days=1), name="script", scope=scope)
    return Client(headers={"Authorization": f"Token {secret}"})


def in_person(who: User) -> Client:
    client = Client()
    sign_in(client, who)
    return client


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"{BASE}/{path}", body, content_type="application/json")


@pytest.mark.parametrize("path", ["decisions", "electors", "bodies", "seats", "authority-rules", "records"])
def test_an_auditors_script_reads_everything(committee: Committee, path: str) -> None:
    committee.opened()
    client = by_token(committee.auditor, "read")
    listed = client.get(f"{BASE}/{path}/")
    assert listed.status_code == 200 and listed.json()["results"]
    first = listed.json()["results"][0]
    assert client.get(f"{BASE}/{path}/{first['id']}/").json() == first


def test_the_chain_is_read_and_verified_from_the_api(committee: Committee) -> None:
    chain = by_token(committee.auditor, "read").get(f"{BASE}/records/chain/").json()
    assert chain["head"]["seq"] == 1 and chain["records"][0]["hash"] == chain["head"]["hash"]
    assert by_token(committee.member).get(f"{BASE}/records/").status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("votes", {"choice": "approve", "digest": "0" * 64}),
        ("open", {}),
        ("close", {}),
        ("withdraw", {"reason": "by a script"}),
    ],
)
def test_a_token_cannot_vote_open_close_or_withdraw(
    committee: Committee, path: str, body: dict[str, str]
) -> None:
    decision = committee.opened()
    if path == "votes":
        body["digest"] = decision.figures_sha256
    answer = post(by_token(committee.chair), f"decisions/{decision.pk}/{path}/", body)
    assert answer.status_code == 403 and "person present" in answer.json()["title"]
    with committee.looking():
        assert not Vote.objects.filter(decision=decision).exists()
        assert Decision.objects.get(pk=decision.pk).state == "open"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("bodies/", {"code": "X", "name": "X", "kind": "sponsor", "quorum_seats": 1}),
        ("seats/", {"body": 0, "person": 0, "valid_from": "2026-01-01"}),
        ("authority-rules/", {"code": "X", "subject_kind": "budget", "body": 0, "valid_from": "2026-01-01"}),
    ],
)
def test_a_token_cannot_say_who_decides(committee: Committee, path: str, body: dict[str, Any]) -> None:
    body |= {key: committee.steering.pk for key in ("body",) if key in body}
    body |= {key: committee.sponsor.pk for key in ("person",) if key in body}
    assert post(by_token(committee.program_manager), path, body).status_code == 403


def test_a_person_votes_and_closes_through_the_api(committee: Committee) -> None:
    request = committee.request()
    made = post(
        by_token(committee.staff), "decisions/", {"question": "Buy it?", "capital_request": request.pk}
    )
    assert made.status_code == 201 and made.json()["body"] == "SC"
    pk = made.json()["id"]
    opened = post(in_person(committee.chair), f"decisions/{pk}/open/", {})
    assert opened.status_code == 200, opened.json()
    digest = opened.json()["figures_sha256"]
    for who in (committee.chair, committee.member):
        assert (
            post(
                in_person(who), f"decisions/{pk}/votes/", {"choice": "approve", "digest": digest}
            ).status_code
            == 200
        )
    again = post(
        in_person(committee.member), f"decisions/{pk}/votes/", {"choice": "reject", "digest": digest}
    )
    assert again.status_code == 422 and "voted already" in again.json()["title"]
    closed = post(in_person(committee.chair), f"decisions/{pk}/close/", {})
    assert (closed.json()["outcome"], closed.json()["record"]) == ("approved", 2)


def test_a_proposal_names_exactly_one_subject_of_this_program(committee: Committee) -> None:
    client = by_token(committee.staff)
    assert post(client, "decisions/", {"question": "?"}).status_code == 400
    assert post(client, "decisions/", {"question": "?", "capital_request": 999_999}).status_code == 400
    assert (
        post(client, "decisions/", {"question": "?", "baseline": True, "state": "decided"}).status_code == 400
    )


def test_the_health_of_a_program_is_read_with_its_reasons(committee: Committee) -> None:
    rated = in_person(committee.auditor).get(f"{BASE}/health/").json()["ratings"]
    assert [one["dimension"] for one in rated] == [
        "schedule",
        "cost",
        "scope",
        "risk",
        "resources",
        "benefits",
    ]
    assert all(one["colour"] == "" and one["sentence"] for one in rated)
    assert in_person(committee.auditor).get(f"{BASE}/health/?at=2020-01-01").status_code == 200
    assert in_person(committee.auditor).get(f"{BASE}/health/?at=yesterday").status_code == 400
