"""A seat whose holder is away: named for, declared absent, voted for by the alternate."""

from __future__ import annotations

from datetime import timedelta

from governance.bodies.models import Seat
from governance.bodies.standing_models import Absence, Alternate
from governance.decisions.models import Decision, Elector, Vote
from governance.standing import services
from pmo.accounts.models import User
from tests.cast import today
from tests.governance.committee import SINCE, Committee


def seat_of(room: Committee, who: User) -> Seat:
    with room.looking():
        found: Seat = Seat.objects.select_related("person", "body").get(body=room.steering, person=who)
    return found


def named(room: Committee, otto: User, holder: User | None = None) -> Alternate:
    return room.does(
        room.program_manager,
        services.name_alternate,
        seat=seat_of(room, holder or room.member),
        person=otto,
        valid_from=SINCE,
    )


def away(room: Committee, by: User, holder: User | None = None, *, days: int = 3, since: int = 0) -> Absence:
    return room.does(
        by,
        services.declare_absence,
        seat=seat_of(room, holder or room.member),
        first_day=today() + timedelta(days=since),
        last_day=today() + timedelta(days=days),
        reason="Leave",
    )


def elector_of(room: Committee, decision: Decision, holder: User) -> Elector:
    with room.looking():
        found: Elector = Elector.objects.get(decision=decision, person=holder)
    return found


def for_seat(room: Committee, decision: Decision, who: User, choice: str = "approve") -> Vote:
    return room.votes(decision, who, choice, elector=elector_of(room, decision, room.member))
