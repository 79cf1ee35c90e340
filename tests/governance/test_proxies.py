"""A member lets another vote for the own seat: by what rules, and what the ballot and its record say about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from governance import verify
from governance.bodies import services as bodies
from governance.bodies.models import Body
from governance.bodies.standing_models import Proxy
from governance.decisions.models import Decision, DecisionRecord, Vote
from governance.decisions.selectors import seated, waiting_for
from governance.standing import proxies
from pmo.accounts.models import User
from tests.fresh import sign_in
from tests.governance.committee import Committee, also_member, sentence
from tests.governance.standing import away, elector_of, named, seat_of


def allowing(room: Committee, most: int = 1) -> Committee:
    """The body's rules know proxies from now on."""
    with room.looking():
        body = Body.objects.get(pk=room.steering.pk)
    room.does(
        room.program_manager, bodies.change_rules, body=body, members_stand_in=False, proxies_per_person=most,
        silence="", version=body.version,
    )  # fmt: skip
    return room


@pytest.fixture
def room(committee: Committee) -> Committee:
    return allowing(committee)


def gives(room: Committee, giver: User, to: User, decision: Decision | None = None, days: int = 9) -> Proxy:
    until = None if decision else timezone.now().date() + timedelta(days=days)
    return room.does(
        giver, proxies.give, seat=seat_of(room, giver), person=to, decision=decision, until=until
    )


def by_proxy(room: Committee, decision: Decision, who: User, giver: User, choice: str = "approve") -> Vote:
    return room.votes(decision, who, choice, elector=elector_of(room, decision, giver))


@pytest.mark.parametrize("for_one", [True, False], ids=["for one decision", "until a day"])
def test_a_vote_by_proxy_is_the_seats_vote_and_makes_the_quorum(room: Committee, for_one: bool) -> None:
    decision = room.opened()
    gives(room, room.member, room.chair, decision if for_one else None)
    room.votes(decision, room.chair, "abstain")
    vote = by_proxy(room, decision, room.chair, room.member)
    assert (vote.capacity, vote.cast_by_id) == ("proxy", room.chair.pk)
    room.votes(decision, room.member2, "abstain")
    closed = room.closes(decision)
    assert closed.outcome == "approved" and closed.figures["proxies"] == 1
    with room.looking():
        sealed = json.loads(bytes(DecisionRecord.objects.get(decision=closed).canonical))
        with connection.cursor() as cursor:
            assert verify.check(cursor) == []
    [one] = [vote for vote in sealed["votes"] if vote["person"] == room.member.pk]
    assert (one["cast_by"], one["capacity"]) == (room.chair.pk, "proxy")
    assert sealed["tally"]["approve"] == 1 and sealed["tally"]["abstain"] == 2


def test_the_givers_own_vote_comes_first_where_it_is_first(room: Committee) -> None:
    decision = room.opened()
    gives(room, room.member, room.chair, decision)
    room.votes(decision, room.member, "reject")
    assert sentence(lambda: by_proxy(room, decision, room.chair, room.member)).startswith(
        "This seat has voted"
    )


def test_what_is_given_for_one_decision_goes_before_what_is_given_until_a_day(room: Committee) -> None:
    decision = room.opened()
    gives(room, room.member, room.chair)
    gives(room, room.member, room.member2, decision)
    told = sentence(lambda: by_proxy(room, decision, room.chair, room.member))
    assert told == "Nobody votes for somebody else."
    assert by_proxy(room, decision, room.member2, room.member).capacity == "proxy"


Case = Callable[[Committee], Callable[[], Any]]


def of_a_proxy(room: Committee) -> Callable[[], Any]:
    decision = room.opened()
    gives(room, room.member, room.chair)
    gives(room, room.chair, room.member2)
    return lambda: by_proxy(room, decision, room.member2, room.member)


def one_too_many(room: Committee) -> Callable[[], Any]:
    decision = room.opened()
    gives(room, room.member, room.chair)
    gives(room, room.member2, room.chair)
    by_proxy(room, decision, room.chair, room.member)
    return lambda: by_proxy(room, decision, room.chair, room.member2)


def stands_aside_after_voting(room: Committee) -> Callable[[], Any]:
    decision = room.opened()
    gives(room, room.member, room.chair)
    by_proxy(room, decision, room.chair, room.member)
    return lambda: room.votes(decision, room.chair, "recuse", reason="My brother sells it.")


def taken_back(room: Committee) -> Callable[[], Any]:
    decision = room.opened()
    proxy = gives(room, room.member, room.chair)
    room.does(room.member, proxies.withdraw, proxy=proxy, version=proxy.version)
    return lambda: by_proxy(room, decision, room.chair, room.member)


def used(room: Committee) -> Callable[[], Any]:
    decision = room.opened()
    proxy = gives(room, room.member, room.chair, decision)
    by_proxy(room, decision, room.chair, room.member)
    return lambda: room.does(room.member, proxies.withdraw, proxy=proxy, version=proxy.version)


def giver_recused(room: Committee) -> Callable[[], Any]:
    also_member(room, room.erp_manager)
    decision = room.opened()
    gives(room, room.erp_manager, room.chair)
    return lambda: by_proxy(room, decision, room.chair, room.erp_manager)


def holder_recused(room: Committee) -> Callable[[], Any]:
    also_member(room, room.erp_manager)
    decision = room.opened()
    gives(room, room.member, room.erp_manager)
    return lambda: by_proxy(room, decision, room.erp_manager, room.member)


def holder_stood_aside(room: Committee) -> Callable[[], Any]:
    decision = room.opened()
    gives(room, room.member, room.chair)
    room.votes(decision, room.chair, "recuse", reason="My brother sells it.")
    return lambda: by_proxy(room, decision, room.chair, room.member)


def rules_changed_during_the_ballot(room: Committee) -> Callable[[], Any]:
    """The ballot froze rules without proxies: what is allowed since is for the next one."""
    with room.looking():
        Body.objects.filter(pk=room.steering.pk).update(proxies_per_person=0)
    decision = room.opened()
    allowing(room)
    gives(room, room.member, room.chair)
    return lambda: by_proxy(room, decision, room.chair, room.member)


def rules_know_none(room: Committee) -> Callable[[], Any]:
    with room.looking():
        Body.objects.filter(pk=room.steering.pk).update(proxies_per_person=0)
    return lambda: gives(room, room.member, room.chair)


def to_a_stranger(room: Committee) -> Callable[[], Any]:
    return lambda: gives(room, room.member, room.sponsor)


def to_the_secretary(room: Committee) -> Callable[[], Any]:
    return lambda: gives(room, room.member, room.staff)


def for_somebody_elses_seat(room: Committee) -> Callable[[], Any]:
    seat = seat_of(room, room.member)
    return lambda: room.does(room.chair, proxies.give, seat=seat, person=room.chair, until=date.max)


def twice(room: Committee) -> Callable[[], Any]:
    gives(room, room.member, room.chair)
    return lambda: gives(room, room.member, room.member2, days=1)


def to_oneself(room: Committee) -> Callable[[], Any]:
    return lambda: gives(room, room.member, room.member)


def in_the_past(room: Committee) -> Callable[[], Any]:
    return lambda: gives(room, room.member, room.chair, days=-1)


def for_nothing(room: Committee) -> Callable[[], Any]:
    seat = seat_of(room, room.member)
    return lambda: room.does(room.member, proxies.give, seat=seat, person=room.chair)


def on_what_is_decided(room: Committee) -> Callable[[], Any]:
    decision = room.opened()
    room.all_vote(decision)
    closed = room.closes(decision)
    return lambda: gives(room, room.member, room.chair, closed)


def too_many_in_the_rules(room: Committee) -> Callable[[], Any]:
    return lambda: allowing(room, 6)


TABLE: dict[str, tuple[Case, str]] = {
    "proxy of a proxy": (of_a_proxy, "A proxy is not passed on"),
    "more than the rules allow": (one_too_many, "On D-2 one person votes for at most 1 by proxy."),
    "after it was taken back": (taken_back, "Nobody votes for somebody else."),
    "taken back after it was used": (used, "This proxy was used: the vote stands."),
    "of who asked for it": (giver_recused, "This seat is recused: requested it."),
    "by who asked for it": (holder_recused, "Who has no vote on D-2 or stands aside has none by proxy either."),
    "by who stood aside": (holder_stood_aside, "Who has no vote on D-2 or stands aside has none by proxy either."),
    "then stands aside": (stands_aside_after_voting, "You voted for the seat of Ken Ito on this decision"),
    "rules of another day": (
        rules_changed_during_the_ballot, "The rules that D-2 froze when it opened know no proxies."
    ),
    "a body without proxies": (rules_know_none, "The rules of Steering committee know no proxies."),
    "to a stranger": (to_a_stranger, "A proxy is given to who has a vote in the same body today."),
    "to the secretary": (to_the_secretary, "A proxy is given to who has a vote in the same body today."),
    "for another's seat": (for_somebody_elses_seat, "Only who holds a seat gives a proxy for it."),
    "two at a time": (twice, "A proxy in those days is given already: take it back first."),
    "to oneself": (to_oneself, "A proxy is given to somebody else."),
    "until yesterday": (in_the_past, "Until a day from today on, within a year."),
    "for nothing": (for_nothing, "A proxy is for one decision, or until a day."),
    "on what is decided": (on_what_is_decided, "A proxy is for a decision that this body still has before it."),
    "six of them": (too_many_in_the_rules, "From none to 5 proxies for a person."),
}  # fmt: skip


@pytest.mark.parametrize("what", TABLE)
def test_what_a_proxy_does_not_do_is_said_in_words(room: Committee, what: str) -> None:
    case, said = TABLE[what]
    told = sentence(case(room))
    assert told.startswith(said), told
    assert told.endswith("."), told


@pytest.mark.parametrize(
    "sql",
    [
        "update governance_proxy set person_id = given_by_id + 1",
        "update governance_proxy set withdrawn_at = now()",  # by somebody else than the giver
        "insert into governance_proxy (program_id, seat_id, person_id, term, given_by_id, given_at, version) select"
        " program_id, seat_id, person_id, '[2020-01-01,2030-01-01)', given_by_id, now(), 1 from governance_proxy",
    ],
)
def test_the_database_lets_only_the_giver_speak(room: Committee, sql: str) -> None:
    gives(room, room.member, room.member2)

    def forged(*, by: Any, at: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)

    assert sentence(lambda: room.does(room.chair, forged))


def test_a_ballot_that_froze_no_proxies_waits_for_no_holder_of_one_given_since(committee: Committee) -> None:
    decision = committee.opened()
    gives(allowing(committee), committee.member, committee.chair)
    committee.votes(decision, committee.chair)
    with committee.looking():
        assert not waiting_for(committee.program.pk, committee.chair).exists()
        assert not [line for line in seated(decision) if line.waits_for(committee.chair)]


def test_an_alternate_who_also_holds_the_proxy_is_the_alternate_while_the_holder_is_away(
    room: Committee,
) -> None:
    """Whatever the number of proxies that one person may use: what the absence gives is not used up by it."""
    with room.looking():
        Body.objects.filter(pk=room.steering.pk).update(members_stand_in=True)
    named(room, room.chair)
    decision = room.opened()
    gives(room, room.member, room.chair)
    gives(room, room.member2, room.chair)
    assert by_proxy(room, decision, room.chair, room.member2).capacity == "proxy"
    away(room, room.member)
    assert by_proxy(room, decision, room.chair, room.member).capacity == "alternate"
    with room.looking(), connection.cursor() as cursor:
        assert verify.check(cursor) == []


def test_the_ballot_shows_it_waits_for_its_holder_and_the_page_takes_the_vote(room: Committee) -> None:
    decision = room.opened()
    giver = sign_in(Client(), room.member)
    seat = seat_of(room, room.member)
    page = f"/p/{room.program.code}/bodies/seats/{seat.pk}/"
    given = {"do": "give", "person": room.chair.pk, "decision": decision.pk}
    assert giver.post(page, {**given, "until": "2020-01-01"}).status_code == 422
    assert giver.post(page, given).status_code == 302
    client = sign_in(Client(), room.chair)
    url = f"/p/{room.program.code}/decisions/{decision.number}/"
    shown = client.get(url).content.decode()
    assert f"the seat of {room.member.name}, by proxy" in shown and "your own seat" in shown
    assert f"proxy given to {room.chair.name}" in shown
    elector = elector_of(room, decision, room.member)
    vote = {"choice": "approve", "digest": decision.figures_sha256, "elector": elector.pk}
    assert client.post(f"{url}vote/", vote).status_code == 302
    assert f"voted by {room.chair.name}, by proxy" in client.get(url).content.decode()
    with room.looking():
        assert waiting_for(room.program.pk, room.chair).exists()  # the own vote is still missing
        proxy = Proxy.objects.get()
    back = {"do": "withdraw", "row": proxy.pk, "version": proxy.version}
    assert giver.post(page, back).status_code == 422  # used: said on the page


def test_the_rules_are_changed_on_their_page_against_the_version_that_was_seen(committee: Committee) -> None:
    client = Client()
    client.force_login(committee.program_manager)
    url = f"/p/{committee.program.code}/bodies/{committee.steering.pk}/rules/"
    assert client.get(url).status_code == 200
    for odd in ("-1", "6", "many", ""):
        assert client.post(url, {"proxies_per_person": odd, "version": "1"}).status_code == 422
    assert client.post(url, {"proxies_per_person": "2", "version": "9"}).status_code == 409
    assert client.post(url, {"proxies_per_person": "2", "version": "1"}).status_code == 302
    listed = client.get(f"/p/{committee.program.code}/bodies/").content.decode()
    assert "2 proxies a person" in listed.replace("\u00a0", " ")
