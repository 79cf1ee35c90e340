"""One decision, whole: routed by delegated authority, voted on by those who may, and only then money is committed."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from governance.bodies import services as bodies
from governance.decisions import jobs, services
from governance.decisions.models import Decision, Elector, Vote
from pmo import commands
from pmo.refusals import NotAllowed
from pmo.warrants import Warrant
from tests.governance.committee import (
    FUNDED,
    SINCE,
    SPONSOR_LIMIT,
    Committee,
    also_member,
    in_days,
    make_committee,
    sentence,
)


def test_the_whole_thread_from_request_to_committed_money(committee: Committee) -> None:
    request = committee.request(640_000_00)
    decision = committee.opened(request)
    assert committee.balance("committed") == 0
    committee.votes(decision, committee.chair)
    committee.votes(decision, committee.member)
    closed = committee.closes(decision, committee.chair)
    assert (closed.state, closed.outcome) == ("decided", "approved")
    assert (committee.balance("available"), committee.balance("committed")) == (
        FUNDED - 640_000_00,
        640_000_00,
    )
    with committee.looking():
        request.refresh_from_db()
        warrant = Warrant.objects.get(pk=request.warrant_id)
        assert request.state == CapitalRequest.State.COMMITTED
        assert (warrant.number, warrant.digest) == (closed.code, closed.revision_sha256)
        assert closed.warrant == warrant and closed.record.seq == 2  # the first decided the budget


def test_a_rejected_request_commits_nothing(committee: Committee) -> None:
    request = committee.request()
    decision = committee.opened(request)
    committee.all_vote(decision, "--.")
    assert committee.closes(decision, committee.chair).outcome == "rejected"
    assert committee.balance("committed") == 0
    with committee.looking():
        request.refresh_from_db()
        assert (request.state, request.warrant_id) == ("rejected", None)


# ------------------------------------------------------------------ who decides
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
    assert committee.balance("committed") == 40_000_00


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
    assert committee.balance("committed") == 0


# ------------------------------------------------------------------ who votes
def test_who_asked_for_the_money_is_recused_and_cannot_vote(committee: Committee) -> None:
    also_member(committee, committee.erp_manager)
    decision = committee.opened()
    with committee.looking():
        elector = Elector.objects.get(decision=decision, person=committee.erp_manager)
        assert (elector.recused, elector.recusal_reason) == (True, "requested it")
    assert "requested it" in sentence(lambda: committee.votes(decision, committee.erp_manager))


def test_who_edited_the_request_is_recused_too(committee: Committee) -> None:
    also_member(committee, committee.program_manager)
    draft = committee.request(submitted=False)
    edited = committee.does(
        committee.program_manager,
        capex.edit,
        capital_request=draft,
        version=draft.version,
        values={"title": "Bigger arrays"},
    )
    committee.does(committee.erp_manager, capex.submit, capital_request=edited)
    decision = committee.opened(edited)
    assert "wrote revision 2" in sentence(lambda: committee.votes(decision, committee.program_manager))


def test_recusal_lowers_the_votes_and_not_the_quorum(db: None) -> None:
    strict = make_committee("BRISK", " B", quorum=4, extra="erp_manager")
    request = strict.request()
    decision = strict.proposed(request)
    said = sentence(lambda: strict.does(strict.chair, services.open_ballot, decision=decision))
    assert said.startswith(
        "Steering committee cannot reach its quorum of 4 of 4 voting seats: Lena Okafor B (requested it)"
    )


def test_the_charter_may_say_that_recusal_lowers_the_quorum(db: None) -> None:
    lenient = make_committee(quorum=4, recusal_lowers_quorum=True, extra="erp_manager")
    assert lenient.opened().quorum == 3


def test_somebody_without_a_seat_does_not_vote(committee: Committee) -> None:
    decision = committee.opened()
    assert "no seat in the electorate" in sentence(lambda: committee.votes(decision, committee.sponsor))


def test_the_secretary_is_present_and_has_no_vote(committee: Committee) -> None:
    decision = committee.opened()
    assert "does not include: vote" in sentence(lambda: committee.votes(decision, committee.staff))


def test_a_project_manager_cannot_vote_on_her_own_request(committee: Committee) -> None:
    decision = committee.opened()
    with pytest.raises(NotAllowed):
        committee.votes(decision, committee.erp_manager)


def test_one_person_votes_once_and_cannot_change_it(committee: Committee) -> None:
    decision = committee.opened()
    committee.votes(decision, committee.member, "reject", reason="ask for a second quote")
    assert sentence(lambda: committee.votes(decision, committee.member, "approve")) == (
        "This seat has voted already. A vote cannot be changed."
    )
    with committee.looking():
        assert Vote.objects.get(decision=decision).choice == "reject"


def test_nobody_votes_for_somebody_else_not_even_with_sql(committee: Committee) -> None:
    decision = committee.opened()

    def forged(*, by, at):  # type: ignore[no-untyped-def]
        elector = Elector.objects.get(decision=decision, person=committee.member)
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                """insert into governance_vote (program_id, decision_id, elector_id, choice, reason, digest, cast_by_id)
                   values (%s, %s, %s, 'approve', '', %s, %s)""",
                [decision.program_id, decision.pk, elector.pk, decision.figures_sha256, committee.member.pk],
            )

    assert sentence(lambda: committee.does(committee.chair, forged)) == "Nobody votes for somebody else."


def test_a_token_cannot_vote_even_if_its_owner_may(committee: Committee) -> None:
    decision = committee.opened()
    with pytest.raises(NotAllowed) as refused:
        commands.run(
            services.cast,
            actor=committee.member,
            limits={"by_token": True},
            decision=decision,
            choice="approve",
            digest=decision.figures_sha256,
        )
    assert "person present" in refused.value.message


def test_the_office_itself_cannot_vote(committee: Committee) -> None:
    decision = committee.opened()
    with pytest.raises(NotAllowed):
        committee.does(
            None, services.cast, decision=decision, choice="approve", digest=decision.figures_sha256
        )


def test_a_vote_names_the_figures_it_was_given_on(committee: Committee) -> None:
    decision = committee.opened()
    other = hashlib.sha256(b"other").hexdigest()
    assert "other figures" in sentence(lambda: committee.votes(decision, committee.member, digest=other))


def test_a_member_may_stand_aside_with_a_reason(committee: Committee) -> None:
    decision = committee.opened()
    assert (
        sentence(lambda: committee.votes(decision, committee.member, "recuse")) == "Say why you stand aside."
    )
    committee.votes(decision, committee.member, "recuse", reason="my brother sells them")
    committee.votes(decision, committee.chair)
    committee.votes(decision, committee.member2)
    assert committee.closes(decision).outcome == "approved"


def test_who_joins_during_a_ballot_has_no_vote_in_it(committee: Committee) -> None:
    decision = committee.opened()
    also_member(committee, committee.sponsor)
    assert "no seat in the electorate" in sentence(lambda: committee.votes(decision, committee.sponsor))


def test_who_leaves_during_a_ballot_still_counts_in_the_quorum(committee: Committee) -> None:
    decision = committee.opened()
    with committee.looking():
        seat = Elector.objects.get(decision=decision, person=committee.member2).seat
    committee.does(
        committee.program_manager,
        bodies.end_seat,
        seat=seat,
        last_day=timezone.now().date(),
        version=seat.version,
    )
    with committee.looking():
        assert Elector.objects.filter(decision=decision, voting=True).count() == 3


# ------------------------------------------------------------------ closing
def test_without_a_quorum_the_ballot_lapses_and_the_request_waits_again(committee: Committee) -> None:
    request = committee.request()
    decision = committee.over(request)
    closed = committee.closes(decision)
    assert closed.outcome == "lapsed"
    with committee.looking():
        request.refresh_from_db()
        assert request.state == "submitted"
    again = committee.does(
        committee.staff, services.supersede, decision=closed, question="Shall this be bought after all?"
    )
    assert again.supersedes_id == closed.pk and again.state == "draft"


def test_a_tie_is_broken_by_the_chairs_own_vote(committee: Committee) -> None:
    decision = committee.opened()
    committee.all_vote(decision, "+-0")
    assert committee.closes(decision).outcome == "approved"


def test_a_ballot_closes_early_only_when_nothing_can_change_any_more(committee: Committee) -> None:
    decision = committee.opened()
    committee.votes(decision, committee.member)
    said = sentence(lambda: committee.closes(decision, committee.chair))
    assert said.startswith("2 seats have not voted and could still change the outcome.")
    committee.votes(decision, committee.member2)
    assert committee.closes(decision, committee.chair).outcome == "approved"


def test_no_vote_comes_in_after_the_end(committee: Committee) -> None:
    decision = committee.over()
    assert (
        sentence(lambda: committee.votes(decision, committee.member))
        == f"The ballot on {decision.code} is closed."
    )


def test_no_vote_comes_in_after_the_close(committee: Committee) -> None:
    decision = committee.opened()
    committee.all_vote(decision, "++.")
    committee.closes(decision)
    assert "closed" in sentence(lambda: committee.votes(decision, committee.member2))


def test_a_decision_is_closed_once(committee: Committee) -> None:
    decision = committee.opened()
    committee.all_vote(decision)
    committee.closes(decision)
    assert "decided already" in sentence(lambda: committee.closes(decision))
    assert committee.journals() == 1


def test_without_enough_money_the_close_is_refused_and_nothing_is_stored(committee: Committee) -> None:
    request = committee.request(FUNDED + 1)
    decision = committee.opened(request)
    committee.all_vote(decision)
    with committee.looking():
        before = (Warrant.objects.count(), decision.figures["findings"])
    assert before[1] == ["It would commit more than the line's approved budget: approval is refused."]
    said = sentence(lambda: committee.closes(decision))
    assert "available" in said
    with committee.looking():
        decision.refresh_from_db()
        request.refresh_from_db()
        assert (decision.state, request.state, Warrant.objects.count()) == ("open", "in_review", before[0])
        assert Decision.objects.get(pk=decision.pk).record_id is None


def test_the_last_vote_closes_where_the_body_wants_it(db: None) -> None:
    committee = make_committee(closes_when_complete=True)
    decision = committee.opened()
    committee.all_vote(decision, "+++")
    with committee.looking():
        decision.refresh_from_db()
    assert (decision.state, decision.outcome) == ("decided", "approved")


def test_where_the_money_is_gone_the_last_vote_still_stands(db: None) -> None:
    committee = make_committee(closes_when_complete=True)
    decision = committee.opened(committee.request(FUNDED + 1))
    committee.all_vote(decision, "+++")
    with committee.looking():
        decision.refresh_from_db()
        assert (decision.state, Vote.objects.filter(decision=decision).count()) == ("open", 3)


def test_the_clock_closes_what_is_overdue(committee: Committee) -> None:
    decision = committee.over()
    open_still = committee.opened(committee.request(title="Another", vendor="Bolt"))
    assert jobs.close_overdue_in(committee.program.pk) == (1, 0)
    with committee.looking():
        decision.refresh_from_db()
        open_still.refresh_from_db()
    assert (decision.outcome, open_still.state) == ("lapsed", "open")


# ------------------------------------------------------------------ content
def test_a_request_in_review_cannot_be_edited(committee: Committee) -> None:
    request = committee.request()
    committee.opened(request)
    with committee.looking():
        request.refresh_from_db()
    said = sentence(
        lambda: committee.does(
            committee.erp_manager,
            capex.edit,
            capital_request=request,
            version=request.version,
            values={"title": "Other"},
        )
    )
    assert "in review" in said


def test_a_ballot_whose_subject_changed_is_void_in_the_same_transaction(committee: Committee) -> None:
    """Even where an edit found a way: here the revision is written past the services."""
    from finance.capex import revisions

    request = committee.request()
    decision = committee.opened(request)
    committee.all_vote(decision)
    with committee.looking():
        changed = CapitalRequest.objects.get(pk=request.pk)
        changed.title = "Something else"
        changed.save(update_fields=["title"])
        revisions.record(changed, by=committee.erp_manager, at=timezone.now())
    closed = committee.closes(decision)
    assert (closed.state, closed.outcome) == ("withdrawn", "")
    assert "changed while the ballot was open" in closed.rationale
    assert committee.balance("committed") == 0
    with committee.looking():
        assert closed.record.seq == 2  # what was put to the vote leaves its sealed trace


def test_a_request_withdrawn_during_the_ballot_voids_it(committee: Committee) -> None:
    request = committee.request()
    decision = committee.opened(request)
    committee.all_vote(decision)
    committee.does(committee.erp_manager, capex.withdraw, capital_request=request)
    closed = committee.closes(decision)
    assert closed.state == "withdrawn" and "withdrawn" in closed.rationale


def test_what_the_voters_were_shown_cannot_be_changed(committee: Committee) -> None:
    decision = committee.opened()

    def rewrite(*, by, at):  # type: ignore[no-untyped-def]
        Decision.objects.filter(pk=decision.pk).update(question="Shall we all get a car?")

    assert "shown cannot be changed" in sentence(lambda: committee.does(committee.chair, rewrite))


def test_a_second_decision_about_the_same_request_waits_for_the_first(committee: Committee) -> None:
    request = committee.request()
    committee.proposed(request)
    assert sentence(lambda: committee.proposed(request)) == "A decision about this is under way already."


def test_only_a_submitted_request_is_decided(committee: Committee) -> None:
    draft = committee.request(submitted=False)
    assert "only a submitted request" in sentence(lambda: committee.proposed(draft))


def test_a_withdrawn_ballot_says_why_and_gives_the_request_back(committee: Committee) -> None:
    request = committee.request()
    decision = committee.opened(request)
    assert sentence(
        lambda: committee.does(committee.chair, services.withdraw, decision=decision, reason=" ")
    ) == ("Say why it is withdrawn.")
    taken = committee.does(committee.chair, services.withdraw, decision=decision, reason="the quote expired")
    assert (taken.state, taken.rationale, taken.record.seq) == ("withdrawn", "the quote expired", 2)
    with committee.looking():
        request.refresh_from_db()
        assert request.state == "submitted"


def test_the_figures_are_those_of_the_ledger(committee: Committee) -> None:
    decision = committee.proposed(committee.request(640_000_00))
    rows = {row["key"]: row for row in decision.figures["measures"]}
    assert (rows["available"]["today"], rows["available"]["after"]) == (FUNDED, FUNDED - 640_000_00)
    assert (rows["committed"]["today"], rows["committed"]["after"]) == (0, 640_000_00)


# ------------------------------------------------------------------ bodies
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
