"""A session left open does not vote: who signed in more than ten minutes ago gives the password with the vote."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from governance.decisions.models import Decision, DecisionRecord, Vote
from pmo.accounts.models import User
from pmo.refusals import Refused
from tests.cast import PASSWORD
from tests.conftest import OwnDatabase
from tests.fresh import sign_in
from tests.governance.committee import Committee

TEN_MINUTES = 600


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


def body(response: Any) -> str:
    return response.content.decode().replace("\xa0", " ")


def sent(committee: Committee, decision: Decision, client: Client, **more: str) -> Any:
    return client.post(
        f"/p/ATLAS/decisions/{decision.number}/vote/",
        {"choice": "reject", "digest": decision.figures_sha256, "reason": "Ask for a second quote", **more},
    )


def votes(committee: Committee, decision: Decision) -> list[Vote]:
    with committee.looking():
        return list(Vote.objects.filter(decision=decision))


def test_who_has_just_signed_in_votes_without_being_asked(committee: Committee) -> None:
    decision = committee.opened()
    client = sign_in(Client(), committee.member, ago=TEN_MINUTES - 60)
    page = body(client.get(f"/p/ATLAS/decisions/{decision.number}/"))
    assert 'name="password"' not in page
    assert sent(committee, decision, client).status_code == 302
    [vote] = votes(committee, decision)
    assert vote.auth_at is not None and vote.at - vote.auth_at > timedelta(seconds=TEN_MINUTES - 62)


def test_after_ten_minutes_the_vote_asks_for_the_password_and_keeps_what_was_typed(
    committee: Committee,
) -> None:
    decision = committee.opened()
    client = Client()
    with time_machine.travel(timezone.now() - timedelta(minutes=11)):
        client.post("/accounts/login/", {"login": committee.member.email, "password": PASSWORD})
    where = f"/p/ATLAS/decisions/{decision.number}/"
    assert 'name="password"' in body(client.get(where))
    asked = sent(committee, decision, client)
    assert asked.status_code == 422 and votes(committee, decision) == []
    assert "Enter your password once more" in body(asked)
    assert "Ask for a second quote" in body(asked) and 'name="password"' in body(asked)

    wrong = sent(committee, decision, client, password="not this one")
    assert wrong.status_code == 422 and votes(committee, decision) == []
    assert "This is not your password" in body(wrong) and "not this one" not in body(wrong)

    done = sent(committee, decision, client, password=PASSWORD)
    assert (done.status_code, done["Location"]) == (302, where)
    [vote] = votes(committee, decision)
    assert vote.auth_at is not None and abs(timezone.now() - vote.auth_at) < timedelta(minutes=1)
    assert 'name="password"' not in body(client.get(where)), "the session is fresh again"


def test_guessing_there_is_counted_as_guessing_at_the_door_is(committee: Committee) -> None:
    decision = committee.opened()
    client = sign_in(Client(), committee.member, ago=TEN_MINUTES + 1)
    for _ in range(5):
        assert "not your password" in body(sent(committee, decision, client, password="guess"))
    locked = sent(committee, decision, client, password=PASSWORD)
    assert "Too many failed" in body(locked) and votes(committee, decision) == []


def test_a_session_without_a_record_of_its_sign_in_is_not_fresh(committee: Committee) -> None:
    decision = committee.opened()
    client = Client()
    client.force_login(committee.member)
    assert sent(committee, decision, client).status_code == 422


def test_the_record_of_another_person_does_not_count(committee: Committee) -> None:
    decision = committee.opened()
    client = sign_in(Client(), committee.member)
    session = client.session
    session["account_authentication_methods_user"] = str(committee.chair.pk)
    session.save()
    assert sent(committee, decision, client).status_code == 422


def closed(committee: Committee, decision: Decision, who: User, ago: float, **more: str) -> Any:
    client = sign_in(Client(), who, ago=ago)
    return client.post(f"/p/ATLAS/decisions/{decision.number}/close/", {"rationale": "As said.", **more})


def test_closing_asks_too_and_seals_when_the_person_was_last_known(committee: Committee) -> None:
    decision = committee.opened()
    committee.all_vote(decision)
    asked = closed(committee, decision, committee.chair, TEN_MINUTES + 1)
    assert asked.status_code == 422 and "As said." in body(asked) and 'name="password"' in body(asked)
    with committee.looking():
        assert Decision.objects.get(pk=decision.pk).state == "open"
    assert closed(committee, decision, committee.chair, TEN_MINUTES + 1, password=PASSWORD).status_code == 302
    with committee.looking():
        record = DecisionRecord.objects.get(decision=decision)
    assert '"closed_auth_at":"20' in bytes(record.canonical).decode()


def test_through_the_api_an_old_session_does_not_vote_either(committee: Committee) -> None:
    decision = committee.opened()
    for ago, status in ((TEN_MINUTES + 1, 403), (0, 200)):
        client = sign_in(Client(), committee.member, ago=ago)
        answer = client.post(
            f"/api/v1/programs/ATLAS/decisions/{decision.pk}/votes/",
            {"choice": "approve", "digest": decision.figures_sha256},
            content_type="application/json",
        )
        assert answer.status_code == status, answer.content
    assert len(votes(committee, decision)) == 1


def test_the_database_wants_the_very_minutes_that_the_pages_want(own_database: OwnDatabase) -> None:
    with own_database.connect("pmo_owner") as link, link.cursor() as cursor:
        cursor.execute("select governance_fresh_for()")
        assert cursor.fetchone()[0].total_seconds() == settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    link.close()


@pytest.mark.parametrize("seconds", [None, -TEN_MINUTES - 1, 120])
def test_a_vote_past_the_doors_needs_a_person_who_was_just_known(
    committee: Committee, seconds: int | None
) -> None:
    """Whatever calls the service: no record, an old one, or one of the future is refused at the table."""
    decision = committee.opened()
    at = None if seconds is None else timezone.now() + timedelta(seconds=seconds)
    with pytest.raises(Refused, match="Only who has just proved to be the person votes"):
        committee.votes(decision, committee.member, auth_at=at)
    assert votes(committee, decision) == []
