"""What governance has judged in each office: what was raised, rated, asked, and a meeting with its agenda."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from governance.asking import services as questions
from governance.authority import services as authority
from governance.bodies import services as bodies
from governance.bodies.models import Seat
from governance.escalations import services as escalations
from governance.health import services as ratings
from governance.meetings import actions, minutes
from governance.meetings import services as meetings
from governance.standing import proxies
from governance.standing import services as standing
from programs.raid import acceptance
from programs.raid.models import Risk
from tests.cast import everything
from tests.governance.committee import SINCE, Committee


def meet(committee: Committee, word: str = "") -> None:
    """A series, a meeting that was called with its agenda, and an action item born in it."""
    name = word or committee.program.name
    committee.does(
        committee.program_manager, escalations.raise_one, program=committee.program, title=f"{name} cannot wait",
        question=f"Who pays for {name}?", body=committee.steering,
    )  # fmt: skip
    committee.does(
        committee.erp_manager, ratings.state, program=committee.program, project=committee.erp, voice="manager",
        dimension="schedule", colour="amber", reason=f"{name} slips", seen=0,
        valid_until=timezone.now().date() + timedelta(days=30),
    )  # fmt: skip
    committee.does(
        committee.program_manager, authority.delegate, program=committee.program, code="A-Q", subject_kind="question",
        body=committee.steering, valid_from=SINCE,
    )  # fmt: skip
    committee.does(
        committee.staff, questions.ask, program=committee.program, title=f"{name} name", options=[name, "Another"],
        question=f"What shall {name} be called?",
    )  # fmt: skip
    with everything(committee.program):
        risk = (
            Risk.objects.filter(program=committee.program)
            .exclude(state__in=acceptance.OVER)
            .order_by("pk")[0]
        )
    committee.does(
        committee.staff, acceptance.ask, risk=risk, version=risk.version, reason=f"{name} carries it.",
        until=timezone.now().date() + timedelta(days=30),
    )  # fmt: skip
    with everything(committee.program):
        held = Seat.objects.select_related("body").get(body=committee.steering, person=committee.member2)
    committee.does(
        committee.program_manager,
        standing.name_alternate,
        seat=held,
        person=committee.sponsor,
        valid_from=SINCE,
    )
    next_month = timezone.now().date() + timedelta(days=30)
    committee.does(
        committee.member2, standing.declare_absence, seat=held, first_day=next_month, last_day=next_month,
        reason=f"{name} leave",
    )  # fmt: skip
    committee.does(
        committee.program_manager, bodies.change_rules, body=held.body, members_stand_in=False, proxies_per_person=1,
        silence="", version=held.body.version,
    )  # fmt: skip
    committee.does(committee.member2, proxies.give, seat=held, person=committee.member, until=next_month)
    series = committee.does(
        committee.staff, meetings.create_series, program=committee.program, body=committee.steering,
        title=f"{name} round", every="month", weekday=1, nth=2, at_time="14:00", minutes=90,
        starts_on=timezone.now().date(),
    )  # fmt: skip
    meeting = committee.does(
        committee.staff, meetings.call_meeting, program=committee.program, body=series.body,
        starts_at=timezone.now() + timedelta(days=9), minutes=60, place=f"{name} room",
    )  # fmt: skip
    committee.does(committee.staff, minutes.add_item, meeting=meeting, title=f"{name} outlook")
    committee.does(
        committee.staff, actions.add, program=committee.program, title=f"{name} numbers again",
        owner=committee.erp_manager, due_on=timezone.now().date(),
    )  # fmt: skip
