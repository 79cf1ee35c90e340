"""Who is away in the example, and who votes then: a member's leave next week, the sponsor as her alternate."""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.bodies.models import Body, Seat
from governance.example.people import Cast
from governance.standing import services
from pmo import commands
from pmo.accounts.models import User


def go_on_leave(committee: Body, cast: Cast, now: datetime) -> None:
    """The sponsor stands in for a seat of the committee, whose holder says when she is away."""

    def held(*, by: User | None, at: datetime) -> Seat:
        found: Seat = Seat.objects.get(body=committee, person=cast["member2"])
        return found

    seat = commands.run(held, actor=cast["manager"])
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
