"""What a body is asked that it must not do, one row each: refused with the sentence, or decided by the rule."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from finance.capex import services as capex
from governance.bodies import services as bodies
from governance.bodies.models import Body, Seat
from governance.decisions import services
from governance.decisions.forms import OpenForm
from governance.decisions.models import Decision, Elector
from pmo.accounts.models import Membership
from programs.portfolio.models import Program
from tests.governance.committee import SPONSOR_LIMIT, Committee, also_member, sentence

Case = Callable[[Committee], Callable[[], Any]]
"""What has to happen before, and the deed that is refused."""


def to_vote(who: str, choice: str = "approve", **more: Any) -> Case:
    """One of the cast votes on a ballot that is open."""

    def case(room: Committee) -> Callable[[], Any]:
        decision = room.opened()
        return lambda: room.votes(decision, getattr(room, who), choice, **more)

    return case


def after_the_end(room: Committee) -> Callable[[], Any]:
    decision = room.over()
    return lambda: room.votes(decision, room.member)


def after_the_close(room: Committee) -> Callable[[], Any]:
    decision = room.opened()
    room.all_vote(decision, "++.")
    room.closes(decision)
    return lambda: room.votes(decision, room.member2)


def on_a_draft(room: Committee) -> Callable[[], Any]:
    decision = room.proposed(room.request())
    return lambda: room.votes(decision, room.member, digest="0" * 64)


def twice(room: Committee) -> Callable[[], Any]:
    decision = room.opened()
    room.votes(decision, room.member, "reject")
    return lambda: room.votes(decision, room.member, "approve")


def after_the_term(room: Committee) -> Callable[[], Any]:
    end_term(room, room.member, days=-1)
    decision = room.opened()
    return lambda: room.votes(decision, room.member)


def without_the_role_any_more(room: Committee) -> Callable[[], Any]:
    """The seat is in the frozen electorate; who no longer holds a voting role in the program does not vote."""
    decision = room.opened()
    with room.looking():
        Membership.objects.filter(program=room.program, user=room.member).update(
            valid_to=timezone.now().date() - timedelta(days=1)
        )
    return lambda: room.votes(decision, room.member)


def by_sql(room: Committee, elector_of: str, cast_by: str, decision: Decision) -> Callable[[], Any]:
    """A vote written past the services: on the seat of one, said to be cast by another, sent by the chair."""

    def forged(*, by: Any, at: datetime) -> None:
        from django.db import connection

        elector = Elector.objects.get(decision=decision, person=getattr(room, elector_of))
        with connection.cursor() as cursor:
            cursor.execute(
                """insert into governance_vote
                     (program_id, decision_id, elector_id, choice, reason, digest, cast_by_id, auth_at)
                   values (%s, %s, %s, 'approve', '', %s, %s, now())""",
                [
                    decision.program_id,
                    decision.pk,
                    elector.pk,
                    decision.figures_sha256,
                    getattr(room, cast_by).pk,
                ],
            )

    return lambda: room.does(room.chair, forged)


def by_proxy(room: Committee) -> Callable[[], Any]:
    return by_sql(room, "member", "chair", room.opened())


def by_proxy_of_a_proxy(room: Committee) -> Callable[[], Any]:
    return by_sql(room, "member", "member2", room.opened())


def own_request(room: Committee) -> Callable[[], Any]:
    also_member(room, room.erp_manager)
    decision = room.opened()
    return lambda: room.votes(decision, room.erp_manager)


def own_edit(room: Committee) -> Callable[[], Any]:
    also_member(room, room.program_manager)
    draft = room.request(submitted=False)
    edited = room.does(
        room.program_manager,
        capex.edit,
        capital_request=draft,
        version=draft.version,
        values={"title": "Bigger"},
    )
    room.does(room.erp_manager, capex.submit, capital_request=edited)
    decision = room.opened(edited)
    return lambda: room.votes(decision, room.program_manager)


def subject_withdrawn(room: Committee) -> Callable[[], Any]:
    request = room.request()
    room.does(room.erp_manager, capex.withdraw, capital_request=request)
    return lambda: room.proposed(request)


def subject_withdrawn_before_it_opened(room: Committee) -> Callable[[], Any]:
    request = room.request()
    decision = room.proposed(request)
    room.does(room.erp_manager, capex.withdraw, capital_request=request)
    return lambda: room.does(room.chair, services.open_ballot, decision=decision)


def subject_deleted(room: Committee) -> Callable[[], Any]:
    """What a body is asked about does not vanish, whoever tries."""
    request = room.request()
    room.opened(request)

    def delete(*, by: Any, at: datetime) -> None:
        request.delete()

    return lambda: room.does(room.program_manager, delete)


def early(room: Committee) -> Callable[[], Any]:
    decision = room.opened()
    room.votes(decision, room.member)
    return lambda: room.closes(decision, room.chair)


def a_term_backwards(room: Committee) -> Callable[[], Any]:
    return lambda: room.does(
        room.program_manager, bodies.seat_person, body=room.steering, person=room.sponsor, role="observer",
        voting=False, valid_from=date(2026, 5, 2), valid_to=date(2026, 5, 2),
    )  # fmt: skip


TABLE: dict[str, tuple[Case, str]] = {
    "after the end": (after_the_end, "The ballot on D-2 is closed."),
    "after the close": (after_the_close, "The ballot on D-2 is closed."),
    "before it opens": (on_a_draft, "You have no seat in the electorate of D-2."),
    "twice": (twice, "This seat has voted already. A vote cannot be changed."),
    "after the term": (after_the_term, "You have no seat in the electorate of D-2."),
    "without the role any more": (
        without_the_role_any_more,
        "Your role in this program does not include: vote.",
    ),
    "by proxy": (by_proxy, "Nobody votes for somebody else."),
    "by a proxy of a proxy": (by_proxy_of_a_proxy, "Nobody votes for somebody else."),
    "on the own request": (own_request, "This seat is recused: requested it."),
    "on what one edited": (own_edit, "This seat is recused: wrote revision 2 of it."),
    "of somebody without a seat": (to_vote("sponsor"), "You have no seat in the electorate of D-2."),
    "of the secretary": (to_vote("staff"), "Your role in this program does not include: vote."),
    "a choice that is none": (to_vote("member", "perhaps"), "Approve, reject, abstain or stand aside."),
    "an empty choice": (to_vote("member", ""), "Approve, reject, abstain or stand aside."),
    "standing aside without a reason": (to_vote("member", "recuse"), "Say why you stand aside."),
    "on other figures": (
        to_vote("member", digest="0" * 64),
        "This vote names other figures than those the ballot froze.",
    ),
    "about what was withdrawn": (
        subject_withdrawn,
        "CR-001 is withdrawn: only a submitted request is decided.",
    ),
    "opened about what was withdrawn": (
        subject_withdrawn_before_it_opened,
        "CR-001 is withdrawn: only a submitted request is decided.",
    ),
    "deleting what is decided about": (subject_deleted, "Other records depend on this, so it stays."),
    "closed too early": (early, "2 seats have not voted and could still change the outcome."),
    "a term that ends as it begins": (a_term_backwards, "The term ends before it begins."),
}


@pytest.mark.parametrize("what", TABLE)
def test_a_body_is_told_in_words_what_it_cannot_do(committee: Committee, what: str) -> None:
    case, said = TABLE[what]
    told = sentence(case(committee))
    assert told.startswith(said), told
    assert told.endswith("."), told


# ------------------------------------------------------------------ decided by the rule
def end_term(room: Committee, who: Any, *, days: int) -> None:
    """The seat's last day is so many days from today."""
    with room.looking():
        seat = Seat.objects.get(body=room.steering, person=who)
    last = timezone.now().date() + timedelta(days=days)
    room.does(room.program_manager, bodies.end_seat, seat=seat, last_day=last, version=seat.version)


def test_who_leaves_on_the_day_of_the_vote_still_votes_on_that_day(committee: Committee) -> None:
    end_term(committee, committee.member, days=0)
    decision = committee.opened()
    assert committee.votes(decision, committee.member).choice == "approve"


def test_a_term_ends_with_the_day_of_the_programs_own_zone(committee: Committee) -> None:
    """Half past eleven in the evening in London is the next morning in Auckland, where the program is run."""
    with committee.looking():
        Program.objects.filter(pk=committee.program.pk).update(time_zone="Pacific/Auckland")
        seat = Seat.objects.get(body=committee.steering, person=committee.member)
    last = date(2027, 3, 27)
    committee.does(committee.program_manager, bodies.end_seat, seat=seat, last_day=last, version=seat.version)
    for moment, seats in (
        (datetime(2027, 3, 27, 10, 59, tzinfo=UTC), 3),
        (datetime(2027, 3, 27, 11, tzinfo=UTC), 2),
    ):
        decision = committee.proposed(committee.request(60_000_00, vendor=f"V{seats}"))
        committee.does(
            committee.chair,
            services.open_ballot,
            decision=decision,
            at=moment,
            closes_at=moment + timedelta(days=1),
        )
        with committee.looking():
            assert Elector.objects.filter(decision=decision, voting=True).count() == seats


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (
            "2027-03-27T23:59",
            datetime(2027, 3, 27, 22, 59, tzinfo=UTC),
        ),  # the evening before the clocks go forward
        ("2027-03-28T23:59", datetime(2027, 3, 28, 21, 59, tzinfo=UTC)),  # a day of 23 hours
        ("2026-10-24T23:59", datetime(2026, 10, 24, 21, 59, tzinfo=UTC)),  # the evening before they go back
        ("2026-10-25T23:59", datetime(2026, 10, 25, 22, 59, tzinfo=UTC)),  # a day of 25 hours
        ("2027-03-28T02:30", "does not show 02:30 on 28 Mar 2027: it goes forward"),
        ("2026-10-25T02:30", "shows 02:30 on 25 Oct 2026 twice: it goes back"),
        ("2026-13-01T10:00", "That is not a date such as"),
        ("tomorrow", "That is not a date such as"),
    ],
)
def test_a_ballot_ends_when_the_programs_own_clock_says(written: str, moment: datetime | str) -> None:
    form = OpenForm(Program(time_zone="Europe/Brussels"), {"closes_at": written})
    if isinstance(moment, datetime):
        assert form.is_valid() and form.cleaned_data["closes_at"] == moment
    else:
        assert moment in form.errors["closes_at"][0]


@pytest.mark.parametrize(("quorum", "outcome"), [(1, "lapsed"), (3, "approved")])
def test_a_quorum_changed_during_a_ballot_is_for_the_next_one(
    committee: Committee, quorum: int, outcome: str
) -> None:
    """Two of three were needed when it opened: one vote lapses though one would do now, and two are enough."""
    decision = committee.opened(days=(3 if outcome == "lapsed" else 86_400) / 86_400)
    committee.all_vote(decision, "+.." if outcome == "lapsed" else "++.")
    with committee.looking():
        Body.objects.filter(pk=committee.steering.pk).update(quorum_seats=quorum)
    if outcome == "lapsed":
        time.sleep(max(0.0, (decision.closes_at - timezone.now()).total_seconds()) + 0.05)
    closed = committee.closes(decision)
    assert (closed.outcome, closed.quorum) == (outcome, 2)


@pytest.mark.parametrize(
    ("amount", "body"),
    [(1, "SPONSOR"), (SPONSOR_LIMIT - 1, "SPONSOR"), (SPONSOR_LIMIT, "SPONSOR"), (SPONSOR_LIMIT + 1, "SC")],
)
def test_up_to_the_limit_itself_the_sponsor_decides_and_a_cent_above_it_the_committee(
    committee: Committee, amount: int, body: str
) -> None:
    """Routed, opened, voted on and approved there: the limit is looked at again in the approving transaction."""
    decision = committee.opened(committee.request(amount))
    assert decision.body.code == body
    if body == "SPONSOR":
        committee.votes(decision, committee.sponsor)
    else:
        committee.all_vote(decision)
    assert committee.closes(decision).outcome == "approved"
    assert committee.balance("reserve") == amount
