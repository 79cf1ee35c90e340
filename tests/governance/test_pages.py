"""The pages of governance: seen by who may, read in few statements, voted on with one form."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.decisions.models import Decision, Vote
from pmo.accounts.models import User
from tests.cast import stranger
from tests.fresh import sign_in
from tests.governance.committee import Committee, in_days


def signed_in(who: User) -> Client:
    client = Client()
    sign_in(client, who)
    return client


def body(response: Any) -> str:
    return response.content.decode().replace("\xa0", " ")


PAGES = ("", "since/", "decisions/", "decisions/1/", "bodies/", "authority/")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_for_an_auditor_and_exists_for_no_stranger(committee: Committee, path: str) -> None:
    assert signed_in(committee.auditor).get(f"/p/ATLAS/{path}").status_code == 200
    assert signed_in(stranger()).get(f"/p/ATLAS/{path}").status_code == 404


def test_the_dashboard_of_an_empty_program_says_what_is_missing(committee: Committee) -> None:
    page = body(signed_in(committee.sponsor).get("/p/ATLAS/"))
    assert page.count("Not rated") >= 6
    assert "The plan has no computed finish yet." in page
    assert "ledger reconciled to 0.00" in page
    assert "0 of 2 projects reported" in page


def test_the_decision_page_shows_figures_electorate_and_the_way_to_vote(committee: Committee) -> None:
    decision = committee.opened()
    page = body(signed_in(committee.member).get(f"/p/ATLAS/decisions/{decision.number}/"))
    assert "640,000.00 EUR" in page and "quorum 2 of 3, simple majority to pass" in page
    assert "routed by authority rule A-2: without limit" in page
    assert decision.figures_sha256 in page and 'value="approve"' in page
    assert "Approve CR-001 Storage arrays (640,000.00 EUR)? A vote cannot be changed." in page


def test_a_member_votes_on_the_page_and_sees_it(committee: Committee) -> None:
    decision = committee.opened()
    client = signed_in(committee.member)
    where = f"/p/ATLAS/decisions/{decision.number}/"
    sent = {"choice": "reject", "digest": decision.figures_sha256, "reason": "ask for a second quote"}
    answer = client.post(f"{where}vote/", sent, follow=True)
    assert "Your vote is recorded: reject." in body(answer) and "ask for a second quote" in body(answer)
    again = client.post(f"{where}vote/", sent)
    assert again.status_code == 422 and "This seat has voted already." in body(again)


def test_a_vote_on_other_figures_is_a_conflict_and_keeps_what_was_typed(committee: Committee) -> None:
    decision = committee.opened()
    answer = signed_in(committee.member).post(
        f"/p/ATLAS/decisions/{decision.number}/vote/",
        {"choice": "approve", "digest": "0" * 64, "reason": "fine by me"},
    )
    assert answer.status_code == 409
    assert "names other figures" in body(answer) and "fine by me" in body(answer)


def test_a_double_click_is_one_vote_and_no_error(committee: Committee) -> None:
    decision = committee.opened()
    client = signed_in(committee.member)
    sent = {"choice": "approve", "digest": decision.figures_sha256, "_key": "k" * 24}
    for _ in range(2):
        assert client.post(f"/p/ATLAS/decisions/{decision.number}/vote/", sent).status_code == 302
    with committee.looking():
        assert Vote.objects.filter(decision=decision).count() == 1


def test_a_whole_ballot_on_the_pages(committee: Committee) -> None:
    request = committee.request()
    staff, chair = signed_in(committee.staff), signed_in(committee.chair)
    assert "CR-001 Storage arrays" in body(staff.get("/p/ATLAS/decisions/propose/"))
    proposed = staff.post(
        "/p/ATLAS/decisions/propose/",
        {"subject": f"capital_request:{request.pk}", "question": "Buy the arrays?"},
    )
    where = proposed["Location"]
    assert "If the ballot opened now; quorum 2." in body(chair.get(where))
    assert chair.post(f"{where}open/", {"closes_at": "2020-01-01T17:00"}).status_code == 422
    assert (
        chair.post(f"{where}open/", {"closes_at": in_days(5).strftime("%Y-%m-%dT%H:%M")}).status_code == 302
    )
    with committee.looking():
        decision = Decision.objects.get(number=2)
    for who in (committee.chair, committee.member):
        assert (
            signed_in(who)
            .post(f"{where}vote/", {"choice": "approve", "digest": decision.figures_sha256})
            .status_code
            == 302
        )
    page = body(chair.get(where))
    assert "If it closed now: approved." in page
    assert chair.post(f"{where}close/", {"rationale": "Needed."}).status_code == 302
    page = body(chair.get(where))
    assert "Approved" in page and "sealed as record 2" in page
    assert committee.balance("reserve") == 640_000_00


def test_who_may_not_propose_is_told_so(committee: Committee) -> None:
    assert signed_in(committee.member).get("/p/ATLAS/decisions/propose/").status_code == 403


def test_only_who_reads_history_exports_the_chain(committee: Committee) -> None:
    exported = signed_in(committee.auditor).get("/p/ATLAS/decisions/chain.json")
    assert exported.status_code == 200 and exported.json()["head"]["seq"] == 1
    assert signed_in(committee.member).get("/p/ATLAS/decisions/chain.json").status_code == 403


def test_bodies_seats_and_rules_are_added_on_pages(committee: Committee) -> None:
    client = signed_in(committee.program_manager)
    made = client.post(
        "/p/ATLAS/bodies/add/",
        {
            "code": "CCB",
            "name": "Change board",
            "kind": "change_board",
            "quorum": "2/3",
            "voting_rule": "two_thirds",
            "vote_days": "5",
        },
    )
    assert made.status_code == 302
    page = body(client.get("/p/ATLAS/bodies/"))
    assert "Change board" in page and "quorum 2/3 of the voting seats" in page
    assert client.get("/p/ATLAS/authority/").status_code == 200
    with committee.looking():
        pk = committee.steering.pk
    refused = client.post(
        f"/p/ATLAS/bodies/{pk}/seats/add/",
        {"person": committee.member.pk, "role": "member", "voting": "on", "valid_from": "2026-01-01"},
    )
    assert refused.status_code == 422 and "holds a seat in this body in that time already" in body(refused)
    rule = client.post(
        "/p/ATLAS/authority/add/",
        {
            "code": "A-9",
            "subject_kind": "capital_request",
            "body": pk,
            "up_to": "50000.00",
            "valid_from": "2026-01-01",
        },
    )
    assert rule.status_code == 422 and "Rule A-1 already delegates exactly this." in body(rule)


def statements(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(path).status_code == 200
    return [one["sql"] for one in caught.captured_queries]


def own(listed: list[str]) -> list[str]:
    """Statements of the page itself: without session, user, scope and transaction."""
    skip = (
        "SAVEPOINT",
        "RELEASE",
        "django_session",
        'FROM "pmo_user" WHERE "pmo_user"."id"',
        "set_config",
        "set transaction",
    )
    return [sql for sql in listed if not any(word in sql for word in skip)]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_at_most_twelve_statements_and_no_more_for_more_rows(
    committee: Committee, path: str
) -> None:
    client = signed_in(committee.member)
    few = own(statements(client, f"/p/ATLAS/{path}"))
    for number in range(6):
        committee.opened(committee.request(60_000_00, vendor=f"V{number}"))
    many = own(statements(client, f"/p/ATLAS/{path}"))
    assert len(many) <= 12, "\n\n".join(many)
    assert len(many) <= len(few) + 1, "\n\n".join(many)
