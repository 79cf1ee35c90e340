"""Many people at once: each seat counts once, a count never misses a vote, money is committed exactly once."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from finance.capex import revisions
from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from governance import verify
from governance.decisions.models import Decision, DecisionRecord, Vote
from pmo.outbox.models import Outbox
from pmo.refusals import Refused
from pmo.warrants import Warrant
from programs.benefits import services as benefits
from programs.benefits.models import Contribution
from programs.portfolio.models import Objective
from tests.conftest import OwnDatabase
from tests.governance.committee import Committee, make_committee


@pytest.fixture
def committee(own_database: OwnDatabase) -> Committee:
    """A committee whose commits are real."""
    return make_committee()


def together(*deeds: Callable[[], Any], pool: int = 20) -> list[str]:
    """Do all at the same moment, each in a thread and connection of its own; "done" or the refusal's code, in order."""
    ready = threading.Barrier(min(len(deeds), pool))

    def one(item: tuple[int, Callable[[], Any]]) -> str:
        number, deed = item
        if number < pool:
            ready.wait(30)
        try:
            deed()
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(min(len(deeds), pool)) as workers:
        return list(workers.map(one, enumerate(deeds)))


def test_two_people_who_vote_at_once_both_count(committee: Committee) -> None:
    decision = committee.opened()
    ends = together(
        lambda: committee.votes(decision, committee.member, "approve"),
        lambda: committee.votes(decision, committee.member2, "reject"),
    )
    assert ends == ["done", "done"]
    with committee.looking():
        assert sorted(Vote.objects.filter(decision=decision).values_list("choice", flat=True)) == [
            "approve",
            "reject",
        ]


def test_one_person_who_votes_twice_at_once_counts_once(committee: Committee) -> None:
    decision = committee.opened()
    choices = ["approve", "reject"] * 10
    ends = together(
        *(lambda choice=choice: committee.votes(decision, committee.member, choice) for choice in choices)
    )
    assert Counter(ends) == {"done": 1, "governance_vote_elector_id_key": 19}
    with committee.looking():
        assert Vote.objects.filter(decision=decision).count() == 1


def test_of_two_people_who_take_a_benefits_last_contributors_away_at_once_one_is_told(
    committee: Committee,
) -> None:
    with committee.looking():
        benefit = Objective.objects.create(
            program=committee.program, code="B-1", name="Less paper", measure="Share", unit="%",
            baseline_value=10, target_value=80, baseline_on=date(2026, 1, 1), target_on=date(2027, 1, 1),
        )  # fmt: skip
    made = [
        committee.does(
            committee.program_manager, benefits.link, objective=benefit, version=version, how="By itself.",
            project=project,
        )
        for version, project in ((1, committee.erp), (2, committee.iam))
    ]  # fmt: skip

    def taken(*, one: Contribution, by: Any, at: Any) -> None:
        benefits.unlink(contribution=one, lost="", by=by, at=at)
        time.sleep(0.5)  # neither sees what the other has not committed

    ends = together(
        *(lambda one=one: committee.does(committee.program_manager, taken, one=one) for one in made)
    )
    assert sorted(ends) == ["changed", "done"]


def test_the_count_at_the_close_never_misses_a_vote(committee: Committee) -> None:
    """Thirty rounds of closing while the last member votes: sealed tally = votes in the table, every time.

    Whoever won the last round waits a little longer in the next: on a fast machine or a busy one, both get there
    first again and again, and the two stay close together.
    """
    late, head_start = 0, 0.0  # seconds by which the vote waits (below zero: the close does)
    for number in range(30):
        ballot = committee.opened(committee.request(60_000_00, vendor=f"W{number}"))
        committee.all_vote(ballot, ".--")

        def vote(ballot: Decision = ballot, wait: float = max(0.0, head_start)) -> None:
            time.sleep(wait)
            committee.votes(ballot, committee.chair, "approve")

        def close(ballot: Decision = ballot, wait: float = max(0.0, -head_start)) -> None:
            time.sleep(wait)
            committee.closes(ballot)

        ends = together(vote, close)
        assert ends[1] == "done"
        late += ends[0] != "done"
        head_start += 0.004 if ends[0] == "done" else -0.004
        with committee.looking():
            record = DecisionRecord.objects.get(decision=ballot)
            sealed = json.loads(bytes(record.canonical))
            votes = Counter(Vote.objects.filter(decision=ballot).values_list("choice", flat=True))
        assert (sealed["tally"]["approve"], sealed["tally"]["reject"]) == (votes["approve"], votes["reject"])
        assert len(sealed["votes"]) == sum(votes.values())
    assert 0 < late < 30, f"the race was none: {late} of 30 came late"


def test_a_hundred_who_close_at_once_make_one_record_one_journal_and_one_mail(committee: Committee) -> None:
    alone = committee.opened(committee.request(60_000_00, vendor="Bolt"))
    committee.all_vote(alone)
    with committee.looking():
        before = Outbox.objects.count()
    committee.closes(alone)
    with committee.looking():
        asked_for = Outbox.objects.count() - before
    decision = committee.opened()
    committee.all_vote(decision)
    with committee.looking():
        warrants, sent = Warrant.objects.count(), Outbox.objects.count()
    ends = Counter(together(*([lambda: committee.closes(decision)] * 100), pool=50))
    assert ends == {"done": 1, "conflict": 99}
    with committee.looking():
        assert DecisionRecord.objects.filter(decision=decision).count() == 1
        assert Warrant.objects.count() == warrants + 1
        assert (
            Outbox.objects.count() == sent + asked_for
        )  # what one closing asks for: nothing is mailed twice
    assert (committee.journals(), committee.balance("reserve")) == (2, 700_000_00)


def test_two_approvals_on_the_last_money_leave_one_approved(committee: Committee) -> None:
    """Each is affordable, both are not: one closes, the other is told and stays open, with nothing of it stored."""
    pair = [committee.opened(committee.request(600_000_00, vendor=vendor)) for vendor in ("Acme", "Bolt")]
    for decision in pair:
        committee.all_vote(decision)
    ends = together(*(lambda decision=decision: committee.closes(decision) for decision in pair))
    assert sorted(ends) == ["done", "not-enough-money"]
    with committee.looking():
        assert sorted(
            Decision.objects.filter(pk__in=[one.pk for one in pair]).values_list("state", flat=True)
        ) == [
            "decided",
            "open",
        ]
    assert committee.balance("reserve") == 600_000_00


def test_nothing_is_ever_approved_that_is_not_what_was_voted_on(committee: Committee, as_owner: Any) -> None:
    """Fifty at once edit, write revisions past the services, withdraw and close: approved means the same digest."""
    for number in range(5):
        request = committee.request(60_000_00, vendor=f"V{number}")
        decision = committee.opened(request)
        committee.all_vote(decision)

        def edit(request: CapitalRequest = request) -> None:
            committee.does(
                committee.erp_manager,
                capex.edit,
                capital_request=request,
                version=request.version,
                values={"title": "Other"},
            )

        def sneak(request: CapitalRequest = request) -> None:
            with committee.looking(), transaction.atomic():
                same = CapitalRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
                if same.state in ("submitted", "in_review"):
                    same.title = "Sneaked in"
                    same.save(update_fields=["title"])
                    revisions.record(same, by=committee.erp_manager, at=timezone.now())

        def close(decision: Decision = decision) -> None:
            committee.closes(decision)

        together(*([edit, close, sneak, close, close] * 11)[number : number + 50], pool=50)
        with committee.looking():
            request.refresh_from_db()
            decision.refresh_from_db()
            shown = revisions.current(request)
            assert shown is not None
            if request.warrant is not None:
                assert request.state == "approved" and request.warrant.digest == shown.sha256
                assert decision.revision_sha256 == shown.sha256
            else:
                assert decision.state == "withdrawn"
    with as_owner.cursor() as cursor:
        assert verify.check(cursor) == []


def test_votes_in_many_ballots_at_once_all_count(committee: Committee, as_owner: Any) -> None:
    """Ten ballots, three voters, four tries each: thirty votes, ninety refusals, a whole chain."""
    ballots = [committee.opened(committee.request(60_000_00, vendor=f"V{number}")) for number in range(10)]
    people = (committee.chair, committee.member, committee.member2)
    deeds = [
        lambda decision=decision, who=who: committee.votes(decision, who)
        for _ in range(4)
        for decision in ballots
        for who in people
    ]
    assert Counter(together(*deeds)) == {"done": 30, "governance_vote_elector_id_key": 90}
    assert (
        together(*(lambda decision=decision: committee.closes(decision) for decision in ballots))
        == ["done"] * 10
    )
    assert (committee.journals(), committee.balance("reserve")) == (10, 600_000_00)
    with as_owner.cursor() as cursor:
        assert verify.check(cursor) == []
