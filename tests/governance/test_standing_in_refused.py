"""What an alternate cannot do, and how an absence is not declared: each with its sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from governance.bodies import services as bodies
from governance.bodies.models import Seat
from governance.standing import services
from pmo.accounts.models import User
from tests.cast import person, today
from tests.governance.committee import SINCE, Committee, also_member, sentence
from tests.governance.standing import away, elector_of, for_seat, named

Case = Callable[[Committee, User], Callable[[], Any]]


def not_absent(room: Committee, otto: User) -> Callable[[], Any]:
    named(room, otto)
    decision = room.opened()
    return lambda: for_seat(room, decision, otto)


def absent_next_week(room: Committee, otto: User) -> Callable[[], Any]:
    named(room, otto)
    away(room, room.member, days=9, since=7)
    decision = room.opened()
    return lambda: for_seat(room, decision, otto)


def named_after_it_opened(room: Committee, otto: User) -> Callable[[], Any]:
    decision = room.opened()
    named(room, otto)
    away(room, room.member)
    return lambda: for_seat(room, decision, otto)


def recused_seat(room: Committee, otto: User) -> Callable[[], Any]:
    also_member(room, room.erp_manager)
    named(room, otto, room.erp_manager)
    away(room, room.erp_manager, room.erp_manager)
    decision = room.opened()
    elector = elector_of(room, decision, room.erp_manager)
    return lambda: room.votes(decision, otto, elector=elector)


def requester_as_alternate(room: Committee, otto: User) -> Callable[[], Any]:
    also_member(room, room.erp_manager, seated=False)
    named(room, room.erp_manager)
    away(room, room.member)
    decision = room.opened()
    return lambda: for_seat(room, decision, room.erp_manager)


def on_the_others_seat(room: Committee, otto: User) -> Callable[[], Any]:
    named(room, otto)
    away(room, room.member)
    decision = room.opened()
    return lambda: room.votes(decision, otto, elector=elector_of(room, decision, room.chair))


def seat_of_another_ballot(room: Committee, otto: User) -> Callable[[], Any]:
    named(room, otto)
    away(room, room.member)
    one, other = room.opened(), room.opened(room.request(title="Tapes", vendor="Other"))
    return lambda: room.votes(one, otto, elector=elector_of(room, other, room.member))


def by_the_alternates_own_word(room: Committee, otto: User) -> Callable[[], Any]:
    room.does(
        room.program_manager, bodies.seat_person, body=room.steering, person=otto, role="secretary",
        voting=False, valid_from=SINCE,
    )  # fmt: skip
    named(room, otto)
    away(room, otto)
    decision = room.opened()
    return lambda: for_seat(room, decision, otto)


def declared_by_a_stranger(room: Committee, otto: User) -> Callable[[], Any]:
    return lambda: away(room, room.member2)


def twice(room: Committee, otto: User) -> Callable[[], Any]:
    away(room, room.member)
    return lambda: away(room, room.staff, days=1)


def backwards(room: Committee, otto: User) -> Callable[[], Any]:
    return lambda: away(room, room.member, days=2, since=3)


def over(room: Committee, otto: User) -> Callable[[], Any]:
    return lambda: away(room, room.member, days=-1, since=-4)


def for_years(room: Committee, otto: User) -> Callable[[], Any]:
    return lambda: away(room, room.member, days=400)


def member_as_alternate(room: Committee, otto: User) -> Callable[[], Any]:
    return lambda: named(room, room.member2)


def seated_as_well(room: Committee, otto: User) -> Callable[[], Any]:
    named(room, otto)
    return lambda: also_member_now(room, otto)


def also_member_now(room: Committee, otto: User) -> Seat:
    return room.does(
        room.program_manager, bodies.seat_person, body=room.steering, person=otto, role="member", voting=True,
        valid_from=SINCE,
    )  # fmt: skip


def oneself(room: Committee, otto: User) -> Callable[[], Any]:
    return lambda: named(room, room.program_manager)


def a_second_one(room: Committee, otto: User) -> Callable[[], Any]:
    named(room, otto)
    third = person("Thea Third")
    also_member(room, third, seated=False)
    return lambda: named(room, third)


def for_two_seats(room: Committee, otto: User) -> Callable[[], Any]:
    named(room, otto)
    return lambda: named(room, otto, room.member2)


def without_a_role(room: Committee, otto: User) -> Callable[[], Any]:
    return lambda: named(room, room.controller)


def of_the_secretary(room: Committee, otto: User) -> Callable[[], Any]:
    return lambda: named(room, otto, room.staff)


def stale(room: Committee, otto: User) -> Callable[[], Any]:
    one = named(room, otto)
    return lambda: room.does(
        room.program_manager, services.end_alternate, alternate=one, last_day=today(), version=one.version + 1
    )


def longer(room: Committee, otto: User) -> Callable[[], Any]:
    one = named(room, otto)
    room.does(
        room.program_manager, services.end_alternate, alternate=one, last_day=today(), version=one.version
    )
    return lambda: room.does(
        room.program_manager, services.end_alternate, alternate=one, last_day=date.max, version=one.version
    )


TABLE: dict[str, tuple[Case, str]] = {
    "while the holder is there": (not_absent, "The alternate votes only while the holder of the seat is absent."),
    "before the absence": (absent_next_week, "The alternate votes only while the holder of the seat is absent."),
    "named after it opened": (named_after_it_opened, "Nobody votes for somebody else."),
    "for a recused seat": (recused_seat, "This seat is recused: requested it."),
    "on what one asked for": (requester_as_alternate, "The alternate may not vote on this: requested it."),
    "for another seat": (on_the_others_seat, "Nobody votes for somebody else."),
    "for a seat of another ballot": (seat_of_another_ballot, "Only seats in the electorate of D-2 vote on it."),
    "by one's own word": (
        by_the_alternates_own_word,
        "The alternate votes only while the holder of the seat is absent.",
    ),
    "absence by a stranger": (declared_by_a_stranger, "An absence is declared by who holds the seat, or by the"),
    "absence twice": (twice, "An absence of this seat in those days is declared already."),
    "absence backwards": (backwards, "The absence ends before it begins."),
    "absence that is over": (over, "Those days are over"),
    "absence for years": (for_years, "An absence is at most a year long."),
    "a member as alternate": (member_as_alternate, "Who has a vote of their own in this body does not stand in"),
    "an alternate as member": (seated_as_well, "This person stands in for another seat of this body in that time"),
    "oneself as alternate": (oneself, "Nobody makes themselves an alternate."),
    "two alternates of a seat": (a_second_one, "This seat has an alternate in that time already."),
    "one alternate of two seats": (for_two_seats, "This person stands in for another seat of this body in that"),
    "without a voting role": (without_a_role, "Cora Ledger has no voting role in this program"),
    "of a seat without a vote": (of_the_secretary, "This seat has no vote: nobody stands in for it."),
    "ended on another version": (stale, "Somebody changed this alternate meanwhile."),
    "made longer": (longer, "A term is made shorter here, never longer."),
}  # fmt: skip


@pytest.mark.parametrize("what", TABLE)
def test_what_an_alternate_cannot_do_is_said_in_words(committee: Committee, otto: User, what: str) -> None:
    case, said = TABLE[what]
    told = sentence(case(committee, otto))
    assert told.startswith(said), told
    assert told.endswith("."), told
