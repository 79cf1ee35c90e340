"""Ten thousand votes on 32 connections: nobody counts twice, and what was sealed is what is in the table.

The test run casts 500 (`PMO_VOTES=10000` casts as many as that: docs/performance.md has the figures).
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections

from governance import verify
from governance.bodies import services as bodies
from governance.decisions import services
from governance.decisions.models import Decision, DecisionRecord, Elector, Vote
from pmo import commands
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from pmo.refusals import Refused
from tests.conftest import OwnDatabase
from tests.governance.committee import SINCE, Committee, fund, make_committee

VOTES = int(os.environ.get("PMO_VOTES", "500"))
VOTERS = 100 if VOTES >= 10_000 else 25
CONNECTIONS = 32
TAKEN = "governance_vote_elector_id_key"
TWICE = 0.1  # share of the votes that are cast a second time by the same person


def seated(committee: Committee) -> list[User]:
    """As many members with a vote as `VOTERS` says, the three of the cast among them."""
    people = [committee.chair, committee.member, committee.member2]
    with committee.looking():
        for n in range(VOTERS - len(people)):
            who = User.objects.create(email=f"voter{n}@office.example", name=f"Voter {n}")
            Membership.objects.create(
                program=committee.program, user=who, role=Role.COMMITTEE_MEMBER, valid_from=SINCE
            )
            people.append(who)
    for who in people[3:]:
        committee.does(
            committee.program_manager,
            bodies.seat_person,
            body=committee.steering,
            person=who,
            role="member",
            voting=True,
            valid_from=SINCE,
        )
    return people


def on_32_connections(deeds: list[Callable[[], Any]]) -> Counter[str]:
    """Each worker keeps one connection for all that it does; how many were done, and refused with which code."""
    used: set[int] = set()
    ready = threading.Barrier(CONNECTIONS)

    def begin() -> None:
        ready.wait(60)
        used.add(threading.get_ident())

    def one(deed: Callable[[], Any]) -> str:
        try:
            deed()
        except Refused as refused:
            return refused.code
        return "done"

    def leave() -> None:
        ready.wait(60)  # each worker takes exactly one of these
        connections.close_all()

    with ThreadPoolExecutor(CONNECTIONS, initializer=begin) as workers:
        ends = Counter(workers.map(one, deeds))
        list(workers.map(lambda _: leave(), range(CONNECTIONS)))
    assert len(used) == CONNECTIONS
    return ends


@pytest.mark.proof
def test_ten_thousand_votes_at_once_are_each_counted_once(own_database: OwnDatabase, as_owner: Any) -> None:
    """A tenth is cast twice; half of the ballots are closed, again and again, while their votes come in."""
    committee = make_committee()
    number = VOTES // VOTERS
    fund(committee, number * 60_000_00)
    people = seated(committee)
    ballots = [committee.opened(committee.request(50_000_01, vendor=f"V{n}")) for n in range(number)]
    deal = random.Random(4)

    def vote(ballot: Decision, who: User, choice: str) -> Vote:
        return commands.run(
            services.cast,
            actor=who,
            decision=ballot,
            choice=choice,
            digest=ballot.figures_sha256,
            auth_at=datetime.now(UTC),
        )

    every = [(ballot, who) for ballot in ballots for who in people]
    again = deal.sample(every, int(len(every) * TWICE))
    choices = deal.choices(["approve", "reject", "abstain"], [5, 4, 1], k=len(every) + len(again))
    deeds: list[Callable[[], Any]] = [
        lambda ballot=ballot, who=who, choice=choice: vote(ballot, who, choice)
        for (ballot, who), choice in zip([*every, *again], choices, strict=True)
    ]
    early = ballots[: len(ballots) // 2]
    deeds += [lambda ballot=ballot: committee.closes(ballot) for ballot in early * 6]
    deal.shuffle(deeds)

    began = time.perf_counter()
    ends = on_32_connections(deeds)
    seconds = time.perf_counter() - began
    with committee.looking():
        decided = Decision.objects.filter(state=Decision.State.DECIDED, pk__in=[one.pk for one in ballots])
        still_open = [one for one in ballots if one.pk not in set(decided.values_list("pk", flat=True))]
        cast = Counter(Vote.objects.filter(decision__in=ballots).values_list("decision_id", "elector_id"))
    assert set(cast.values()) == {1}
    assert ends["done"] == len(cast) + number - len(
        still_open
    )  # votes and closings, and nothing else was done
    assert 0 < len(still_open) < number and ends["too-early"] and ends[TAKEN] and ends["conflict"]
    with (
        committee.looking()
    ):  # before the end of its time a ballot closes only when nothing can change any more
        waiting = Elector.objects.filter(decision__in=still_open, voting=True, recused=False, vote=None)
        assert not waiting.exists()
    for ballot in still_open:
        committee.closes(ballot)
    with committee.looking():
        for ballot in ballots:
            sealed = json.loads(bytes(DecisionRecord.objects.get(decision=ballot).canonical))
            votes = Vote.objects.filter(decision=ballot).values_list("choice", flat=True)
            final = Counter(dict.fromkeys(("approve", "reject", "abstain"), 0) | Counter(votes))
            assert {choice: sealed["tally"][choice] for choice in final} == final
            assert (len(sealed["votes"]), sealed["tally"]["missing"]) == (len(votes), VOTERS - len(votes))
        assert Vote.objects.filter(decision__in=ballots).count() == len(cast)  # none came after the count
    with as_owner.cursor() as cursor:
        assert verify.check(cursor) == []
    print(
        f"\n{len(every):,} votes and {len(again):,} second tries in {number} ballots of {VOTERS} seats, "
        f"closed meanwhile {number - len(still_open)}: "
        f"{len(deeds) / seconds:.0f} commands a second, {seconds:.1f} s; {dict(ends)}"
    )
