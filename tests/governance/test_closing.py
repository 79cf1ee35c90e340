"""Closing a ballot, and what happens when its subject or its money is no longer there."""

from __future__ import annotations

from django.utils import timezone

from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from governance.decisions import jobs, services
from governance.decisions.models import Decision, Vote
from pmo.warrants import Warrant
from tests.governance.committee import (
    FUNDED,
    Committee,
    make_committee,
    sentence,
)


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
    assert before[1] == ["It would set aside more than the line's approved budget: approval is refused."]
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
    assert committee.balance("reserve") == 0
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
    assert (rows["reserved"]["today"], rows["reserved"]["after"]) == (0, 640_000_00)
