"""One decision, whole: routed by delegated authority, voted on by those who may, and only then money is committed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from finance.capex.models import CapitalRequest
from governance.bodies import services as bodies
from governance.decisions import services
from pmo.warrants import Warrant
from tests.governance.committee import (
    FUNDED,
    SINCE,
    SPONSOR_LIMIT,
    Committee,
    in_days,
    sentence,
)


def test_the_whole_thread_from_request_to_committed_money(committee: Committee) -> None:
    request = committee.request(640_000_00)
    decision = committee.opened(request)
    assert committee.balance("reserve") == 0
    committee.votes(decision, committee.chair)
    committee.votes(decision, committee.member)
    closed = committee.closes(decision, committee.chair)
    assert (closed.state, closed.outcome) == ("decided", "approved")
    assert (committee.balance("available"), committee.balance("reserve")) == (
        FUNDED - 640_000_00,
        640_000_00,
    )
    with committee.looking():
        request.refresh_from_db()
        warrant = Warrant.objects.get(pk=request.warrant_id)
        assert request.state == CapitalRequest.State.APPROVED
        assert (warrant.number, warrant.digest) == (closed.code, closed.revision_sha256)
        assert closed.warrant == warrant and closed.record.seq == 2  # the first decided the budget


def test_a_rejected_request_commits_nothing(committee: Committee) -> None:
    request = committee.request()
    decision = committee.opened(request)
    committee.all_vote(decision, "--.")
    assert committee.closes(decision, committee.chair).outcome == "rejected"
    assert committee.balance("reserve") == 0
    with committee.looking():
        request.refresh_from_db()
        assert (request.state, request.warrant_id) == ("rejected", None)


@pytest.mark.parametrize(
    ("amount", "body"),
    [(SPONSOR_LIMIT - 1, "SPONSOR"), (SPONSOR_LIMIT, "SPONSOR"), (SPONSOR_LIMIT + 1, "SC")],
)
def test_the_delegated_limit_holds_to_the_cent(committee: Committee, amount: int, body: str) -> None:
    assert committee.proposed(committee.request(amount)).body.code == body


def test_the_sponsor_is_a_body_of_one_on_the_same_path(committee: Committee) -> None:
    decision = committee.opened(committee.request(40_000_00))
    committee.votes(decision, committee.sponsor)
    assert committee.closes(decision, committee.program_manager).outcome == "approved"
    assert committee.balance("reserve") == 40_000_00


def test_splitting_a_purchase_does_not_keep_it_under_the_limit(committee: Committee) -> None:
    committee.request(30_000_00, title="Half of it")
    other = committee.request(20_000_01, title="Other half", vendor="  ACME ")
    decision = committee.proposed(other)
    assert decision.body.code == "SC"
    assert decision.exposure_minor == 50_000_01
    assert decision.figures["split_with"] == ["CR-001"]


def test_parts_up_to_the_limit_itself_stay_with_the_sponsor(committee: Committee) -> None:
    committee.request(30_000_00)
    assert committee.proposed(committee.request(20_000_00)).body.code == "SPONSOR"


@pytest.mark.parametrize("other", [{"vendor": "Bolt"}, {"category": "software"}])
def test_another_vendor_or_category_is_another_purchase(committee: Committee, other: dict) -> None:
    committee.request(30_000_00)
    assert committee.proposed(committee.request(30_000_00, **other)).body.code == "SPONSOR"


def test_requests_more_than_ninety_days_apart_do_not_add_up(committee: Committee) -> None:
    old = committee.request(30_000_00)
    with committee.looking():
        CapitalRequest.objects.filter(pk=old.pk).update(
            submitted_at=timezone.now() - timedelta(days=90, minutes=1)
        )
    new = committee.request(30_000_00)
    assert committee.proposed(new).body.code == "SPONSOR"
    with committee.looking():
        CapitalRequest.objects.filter(pk=old.pk).update(submitted_at=timezone.now() - timedelta(days=89))
    assert committee.proposed(committee.request(1_00)).body.code == "SC"


def test_where_nobody_has_the_authority_that_is_said(committee: Committee) -> None:
    request = committee.request()
    with committee.looking():
        type(committee.steering_rule).objects.filter(pk=committee.steering_rule.pk).update(up_to_minor=100)
    assert "Nobody has the authority" in sentence(lambda: committee.proposed(request))


def test_a_rule_that_ended_during_the_ballot_gives_no_approval(committee: Committee) -> None:
    decision = committee.opened()
    committee.all_vote(decision, "++.")
    with committee.looking():
        rule = committee.steering_rule
        type(rule).objects.filter(pk=rule.pk).update(up_to_minor=decision.exposure_minor - 1)
    assert "does not give Steering committee the authority" in sentence(lambda: committee.closes(decision))
    assert committee.balance("reserve") == 0


def test_a_seat_with_a_vote_needs_a_voting_role_first(committee: Committee) -> None:
    said = sentence(
        lambda: committee.does(
            committee.program_manager,
            bodies.seat_person,
            body=committee.steering,
            person=committee.controller,
            role="member",
            voting=True,
            valid_from=SINCE,
        )
    )
    assert said == "Cora Ledger has no voting role in this program: an administrator gives it first."


@pytest.mark.parametrize(
    ("who", "role", "voting", "said"),
    [
        ("member", "member", True, "This person holds a seat in this body in that time already."),
        ("sponsor", "chair", True, "The body has a chair in that time already."),
        ("sponsor", "observer", True, "Only the chair and members vote; secretaries and observers do not."),
    ],
)
def test_the_database_keeps_seats_in_order(
    committee: Committee, who: str, role: str, voting: bool, said: str
) -> None:
    assert said == sentence(
        lambda: committee.does(
            committee.program_manager,
            bodies.seat_person,
            body=committee.steering,
            person=getattr(committee, who),
            role=role,
            voting=voting,
            valid_from=SINCE,
        )
    )


def test_a_ballot_ends_in_the_future_and_within_sixty_days(committee: Committee) -> None:
    decision = committee.proposed(committee.request())
    for days in (-1, 61):
        assert "closes in the future" in sentence(
            lambda days=days: committee.does(
                committee.chair, services.open_ballot, decision=decision, closes_at=in_days(days)
            )
        )
