"""Who votes on what: one vote per seat, those who asked recused, the figures named, a person present."""

from __future__ import annotations

import hashlib

import pytest
from django.utils import timezone

from finance.capex import services as capex
from governance.bodies import services as bodies
from governance.decisions import services
from governance.decisions.models import Elector, Vote
from pmo import commands
from pmo.refusals import NotAllowed
from tests.governance.committee import (
    Committee,
    also_member,
    make_committee,
    sentence,
)


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
            auth_at=timezone.now(),
        )
    assert "person present" in refused.value.message


def test_the_office_itself_cannot_vote(committee: Committee) -> None:
    decision = committee.opened()
    with pytest.raises(NotAllowed):
        committee.does(
            None,
            services.cast,
            decision=decision,
            choice="approve",
            digest=decision.figures_sha256,
            auth_at=timezone.now(),
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
