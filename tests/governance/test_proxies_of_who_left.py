"""A proxy counts only while who gave it could vote: who left, or holds no voting role any more, votes by nobody."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client

from governance import verify
from governance.decisions.selectors import seated, waiting_for
from pmo import commands
from pmo.accounts.models import Membership, User
from programs.people import duties, leaving
from programs.portfolio import services as portfolio
from tests.fresh import sign_in
from tests.governance.committee import Committee, sentence
from tests.governance.test_proxies import allowing, by_proxy, gives, seat_of

NO_MORE = "This proxy does not count: who gave it has no right to vote any more."


@pytest.fixture
def room(committee: Committee) -> Committee:
    return allowing(committee)


def leaves(room: Committee) -> None:
    """The account is deactivated."""
    with room.looking():
        admin = User.objects.filter(is_administrator=True)[0]
    commands.run(
        leaving.deactivate, actor=admin, scope=leaving.programs_of(room.member), person=room.member,
        reason="Left.", successors={},
    )  # fmt: skip


def role_ends(room: Committee) -> None:
    """The voting role ends, the account stays."""
    with room.looking():
        admin = User.objects.filter(is_administrator=True)[0]
        held = Membership.objects.get(user=room.member, role="committee_member")
    commands.run(portfolio.end_membership, actor=admin, membership=held)


END = pytest.mark.parametrize("goes", [leaves, role_ends])


@END
@pytest.mark.parametrize("for_one", [True, False], ids=["for one decision", "until a day"])
def test_nobody_votes_by_it_and_no_quorum_comes_of_it(
    room: Committee, goes: Callable[[Committee], None], for_one: bool
) -> None:
    decision = room.opened(days=3 / 86_400)
    gives(room, room.member, room.chair, decision if for_one else None)
    goes(room)
    room.votes(decision, room.chair, "approve")
    assert sentence(lambda: by_proxy(room, decision, room.chair, room.member)) == NO_MORE
    with room.looking():
        assert not waiting_for(room.program.pk, room.chair).exists()
        assert not [line for line in seated(decision) if line.waits_for(room.chair)]
    time.sleep(max(0.0, (decision.closes_at - datetime.now(UTC)).total_seconds() + 0.1))
    closed = room.closes(decision)
    assert (closed.figures["quorum"], closed.outcome) == (2, "lapsed")  # the chair alone


@END
def test_the_ballot_the_seat_and_the_api_say_that_it_does_not_count(
    room: Committee, goes: Callable[[Committee], None]
) -> None:
    decision = room.opened()
    seat = seat_of(room, room.member)
    gives(room, room.member, room.chair)
    client = sign_in(Client(), room.program_manager)
    api = f"/api/v1/programs/{room.program.code}/proxies/"
    assert client.get(api).json()["results"][0]["giver_votes"] is True
    assert (
        "Does not count" not in client.get(f"/p/{room.program.code}/bodies/seats/{seat.pk}/").content.decode()
    )
    goes(room)
    assert client.get(api).json()["results"][0]["giver_votes"] is False
    shown = client.get(f"/p/{room.program.code}/bodies/seats/{seat.pk}/").content.decode()
    assert f"Does not count: {room.member.name} may vote no more." in shown
    ballot = client.get(f"/p/{room.program.code}/decisions/{decision.number}/").content.decode()
    assert (
        f"the proxy given to {room.chair.name} does not count: {room.member.name} may vote no more" in ballot
    )


@END
def test_what_was_voted_by_it_before_stands(room: Committee, goes: Callable[[Committee], None]) -> None:
    decision = room.opened()
    gives(room, room.member, room.chair)
    assert by_proxy(room, decision, room.chair, room.member).capacity == "proxy"
    goes(room)
    room.votes(decision, room.chair, "abstain")
    room.votes(decision, room.member2, "abstain")
    assert room.closes(decision).outcome == "approved"
    with room.looking(), connection.cursor() as cursor:
        assert verify.check(cursor) == []


def test_who_leaves_is_told_of_the_proxies_given(room: Committee) -> None:
    decision = room.opened()
    gives(room, room.member, room.chair, decision)
    with room.looking():
        waiting = duties.open_duties(room.member, [room.program.pk])[room.program.pk]
    assert ("gave proxies", ["SC"]) in [(one.label, one.codes) for one in waiting]
