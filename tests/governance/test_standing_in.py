"""A member is away: who votes then, who does not, and what the sealed record says about it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from governance import verify
from governance.bodies.models import Body
from governance.bodies.standing_models import Absence, Alternate
from governance.decisions.models import DecisionRecord
from governance.decisions.selectors import castable, exported_chain, seated, waiting_for
from governance.decisions.verify_chain import faults
from governance.standing import services
from pmo.accounts.models import User
from pmo.outbox.models import Outbox
from tests.cast import today
from tests.fresh import sign_in
from tests.governance.committee import Committee, sentence
from tests.governance.standing import away, elector_of, for_seat, named, seat_of


def test_the_alternate_of_an_absent_member_votes_with_the_seats_weight_and_the_record_says_so(
    committee: Committee, otto: User
) -> None:
    named(committee, otto)
    away(committee, committee.member)
    decision = committee.opened()
    vote = for_seat(committee, decision, otto)
    assert (vote.capacity, vote.cast_by_id) == ("alternate", otto.pk)
    committee.votes(decision, committee.chair, "abstain")
    committee.votes(decision, committee.member2, "abstain")
    closed = committee.closes(decision)
    assert closed.outcome == "approved"
    with committee.looking():
        sealed = json.loads(bytes(DecisionRecord.objects.get(decision=closed).canonical))
        chain = exported_chain(committee.program.pk)
        with connection.cursor() as cursor:
            assert verify.check(cursor) == []
    cast = {one["person"]: one for one in sealed["votes"]}
    assert cast[committee.member.pk]["cast_by"] == otto.pk
    assert cast[committee.member.pk]["capacity"] == "alternate"
    assert "cast_by" not in cast[committee.chair.pk]  # who votes for the own seat is written as ever
    assert sealed["tally"]["seats"] == 3 and sealed["tally"]["approve"] == 1
    assert faults(chain, []) == []
    frozen = {row["person"]: row for row in closed.figures["electorate"]}
    assert frozen[committee.member.pk]["alternate"] == otto.pk
    assert "alternate" not in frozen[committee.chair.pk]


def test_the_first_vote_of_the_two_is_the_seats(committee: Committee, otto: User) -> None:
    named(committee, otto)
    decision = committee.opened()
    committee.votes(decision, committee.member, "reject")
    away(committee, committee.member)
    assert sentence(lambda: for_seat(committee, decision, otto)).startswith("This seat has voted already.")
    other = committee.opened(committee.request(title="Tapes", vendor="Other"))
    for_seat(committee, other, otto)
    assert sentence(lambda: committee.votes(other, committee.member)).startswith(
        "This seat has voted already."
    )


def test_an_absence_takes_the_vote_from_nobody(committee: Committee, otto: User) -> None:
    """Whoever declares a member absent does not silence that member."""
    named(committee, otto)
    away(committee, committee.staff)
    decision = committee.opened()
    assert committee.votes(decision, committee.member, "reject").capacity == "holder"


def test_once_the_absence_is_ended_the_alternate_no_longer_votes(committee: Committee, otto: User) -> None:
    named(committee, otto)
    absence = away(committee, committee.staff)
    decision = committee.opened()
    committee.does(committee.member, services.end_absence, absence=absence, version=absence.version)
    assert sentence(lambda: for_seat(committee, decision, otto)) == (
        "The alternate votes only while the holder of the seat is absent."
    )


def test_where_the_rules_allow_it_a_member_stands_in_besides_the_own_vote(committee: Committee) -> None:
    with committee.looking():
        Body.objects.filter(pk=committee.steering.pk).update(members_stand_in=True)
    named(committee, committee.member2)
    away(committee, committee.staff)
    decision = committee.opened()
    for_seat(committee, decision, committee.member2)
    assert committee.votes(decision, committee.member2).capacity == "holder"


def test_who_stands_aside_does_not_vote_as_an_alternate_in_either_order(committee: Committee) -> None:
    with committee.looking():
        Body.objects.filter(pk=committee.steering.pk).update(members_stand_in=True)
    named(committee, committee.member2)
    away(committee, committee.staff)
    first, second = committee.opened(), committee.opened(committee.request(title="Tapes", vendor="Other"))
    aside: dict[str, Any] = {"choice": "recuse", "reason": "My brother sells it."}
    committee.votes(first, committee.member2, **aside)
    with committee.looking():
        waits = waiting_for(committee.program.pk, committee.member2)
        assert [one.pk for one in waits] == [second.pk], "nothing is offered that would be refused"
        assert castable(seated(first), committee.member2) == []
    told = sentence(lambda: for_seat(committee, first, committee.member2))
    assert told == f"Who stands aside on {first.code} does not vote on it as an alternate either."
    for_seat(committee, second, committee.member2)
    told = sentence(lambda: committee.votes(second, committee.member2, **aside))
    assert told.startswith(f"You voted for the seat of {committee.member.name} on this decision")


@pytest.mark.parametrize(
    "sql",
    [
        "update governance_absence set term = daterange('2020-01-01', '2030-01-01')",
        "update governance_absence set reason = 'x'",
        "update governance_absence set ended_by_id = declared_by_id, ended_at = now()",
        "insert into governance_absence (program_id, seat_id, term, reason, declared_by_id, declared_at, version)"
        " select program_id, seat_id, daterange('2020-01-01', '2020-02-01'), 'x', declared_by_id, now(), 1"
        " from governance_absence",
        "update governance_alternate set person_id = named_by_id",
        "update governance_alternate set term = daterange('2019-01-01', null)",
    ],
)
def test_the_database_keeps_what_was_declared(committee: Committee, otto: User, sql: str) -> None:
    named(committee, otto)
    away(committee, committee.staff)

    def forged(*, by: Any, at: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)

    assert sentence(lambda: committee.does(committee.chair, forged))


def mails(room: Committee, start: str) -> list[Outbox]:
    with room.looking():
        return list(Outbox.objects.filter(program=room.program, key__startswith=start).order_by("pk"))


def test_the_alternate_is_mailed_when_a_ballot_opens_or_the_absence_is_declared_once(
    committee: Committee, otto: User
) -> None:
    named(committee, otto)
    before = committee.opened()
    assert not [one for one in mails(committee, "ballot:") if one.payload["to"] == otto.email]
    away(committee, committee.staff)
    committee.opened(committee.request(title="Tapes", vendor="Other"))
    told = [one.payload for one in mails(committee, "ballot:") if one.payload["to"] == otto.email]
    assert [before.code in one["subject"] for one in told] == [True, False]
    assert all(f"You stand in for {committee.member.name}" in one["text"] for one in told)
    [holder] = mails(committee, "absence:")  # said by the secretary: she hears of it
    assert holder.payload["to"] == committee.member.email and "end the absence" in holder.payload["text"]


def test_what_waits_for_the_absent_member_waits_for_the_alternate(committee: Committee, otto: User) -> None:
    named(committee, otto)
    decision = committee.opened()
    with committee.looking():
        assert not waiting_for(committee.program.pk, otto).exists()
    away(committee, committee.member)
    with committee.looking():
        assert [one.pk for one in waiting_for(committee.program.pk, otto)] == [decision.pk]


def test_the_alternate_votes_on_the_page_which_says_for_whom(committee: Committee, otto: User) -> None:
    named(committee, otto)
    away(committee, committee.member)
    decision = committee.opened()
    client = sign_in(Client(), otto)
    url = f"/p/{committee.program.code}/decisions/{decision.number}/"
    page = client.get(url).content.decode()
    assert f"You vote for the seat of {committee.member.name}, as alternate." in page
    elector = elector_of(committee, decision, committee.member)
    given = {"choice": "approve", "digest": decision.figures_sha256, "elector": elector.pk}
    assert client.post(f"{url}vote/", given).status_code == 302
    assert "voted by Otto Other, alternate of the absent holder" in client.get(url).content.decode()


def test_the_seats_page_names_declares_and_ends(committee: Committee, otto: User) -> None:
    seat = seat_of(committee, committee.member)
    url = f"/p/{committee.program.code}/bodies/seats/{seat.pk}/"
    manager, holder = Client(), Client()
    manager.force_login(committee.program_manager)
    holder.force_login(committee.member)
    assert "Nobody stands in for this seat." in holder.get(url).content.decode()
    given = {"do": "name", "person": otto.pk, "valid_from": "2020-01-01"}
    assert manager.post(url, given).status_code == 302
    assert holder.post(url, given).status_code == 403
    given = {"do": "declare", "first_day": today().isoformat(), "last_day": today().isoformat()}
    refused = holder.post(url, given)
    assert refused.status_code == 422 and "This field is required" in refused.content.decode()
    assert holder.post(url, {**given, "reason": "<b>Leave</b>"}).status_code == 302
    shown = holder.get(url).content.decode()
    assert "absent today" in shown and "&lt;b&gt;Leave&lt;/b&gt;" in shown and "Otto Other" in shown
    listed = holder.get(f"/p/{committee.program.code}/bodies/").content.decode()
    assert "alternate Otto Other" in listed and "absent until" in listed
    with committee.looking():
        absence, alternate = Absence.objects.get(), Alternate.objects.get()
    for odd in ({"do": "end-absence", "row": "x"}, {"do": "end-absence", "row": "9" * 30}):
        assert holder.post(url, odd).status_code == 404
    assert holder.post(url, {"do": "burn"}).status_code == 422
    stale = {"do": "end-absence", "row": absence.pk, "version": absence.version + 1}
    assert holder.post(url, stale).status_code == 409
    assert holder.post(url, {**stale, "version": absence.version}).status_code == 302
    ending = {"do": "end-alternate", "row": alternate.pk, "version": alternate.version}
    assert manager.post(url, {**ending, "last_day": "soon"}).status_code == 422
    assert manager.post(url, {**ending, "last_day": today().isoformat()}).status_code == 302


def test_a_token_declares_nothing_and_the_api_says_the_same_as_the_page(
    committee: Committee, otto: User
) -> None:
    seat = seat_of(committee, committee.member)
    client = sign_in(Client(), committee.member)
    root = f"/api/v1/programs/{committee.program.code}"
    day = today().isoformat()
    given = {"seat": seat.pk, "first_day": day, "last_day": day, "reason": "Leave"}
    made = client.post(f"{root}/absences/", json.dumps(given), "application/json")
    assert made.status_code == 201, made.content
    assert made.json()["declared_by"] == committee.member.name
    again = client.post(f"{root}/absences/", json.dumps(given), "application/json")
    assert again.status_code == 422 and "declared already" in again.content.decode()
    ended = client.post(
        f"{root}/absences/{made.json()['id']}/end/", json.dumps({"version": 1}), "application/json"
    )
    assert ended.status_code == 200 and ended.json()["ended_by"] == committee.member.name
    naming = {"seat": seat.pk, "person": otto.pk, "valid_from": day}
    assert client.post(f"{root}/alternates/", json.dumps(naming), "application/json").status_code == 403
