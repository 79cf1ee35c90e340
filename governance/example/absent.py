"""Who is away in the example, and who votes then: a member's leave next week, the sponsor as the alternate."""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.bodies import services as bodies
from governance.bodies.models import Body, Seat
from governance.example.people import Cast
from governance.standing import proxies, services
from pmo import commands
from pmo.accounts.models import User


def go_on_leave(committee: Body, cast: Cast, now: datetime) -> None:
    """The sponsor stands in for a seat, whose holder says when he is away; another member gives the chair a proxy."""

    def held(*, by: User | None, at: datetime, key: str) -> Seat:
        found: Seat = Seat.objects.get(body=committee, person=cast[key])
        return found

    seat = commands.run(held, actor=cast["manager"], key="member2")
    commands.run(
        services.name_alternate,
        actor=cast["manager"],
        seat=seat,
        person=cast["sponsor"],
        valid_from=seat.term.lower,
    )
    monday = now.date() + timedelta(days=7 - now.weekday())
    commands.run(
        services.declare_absence,
        actor=cast["member2"],
        seat=seat,
        first_day=monday,
        last_day=monday + timedelta(days=11),
        reason="Leave",
    )
    commands.run(
        bodies.change_rules,
        actor=cast["manager"],
        body=committee,
        members_stand_in=False,
        proxies_per_person=1,
        silence=committee.silence,
        version=committee.version,
    )
    commands.run(
        proxies.give,
        actor=cast["member"],
        seat=commands.run(held, actor=cast["manager"], key="member"),
        person=cast["chair"],
        until=now.date() + timedelta(days=14),
    )
