"""A free question: two to eight options in words, answered by the body's own voting rule."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.asking import services as questions
from governance.authority import services as authority
from governance.bodies.models import Body
from governance.decisions import services
from governance.decisions import tally as tallies
from governance.decisions.models import Decision, DecisionRecord
from governance.questions.models import FreeQuestion
from pmo.accounts.models import User
from tests.fresh import sign_in
from tests.governance.committee import SINCE, Committee, in_days, make_committee, sentence

SITES = ["Keep both centres", "One centre in Lyon", "Rent from a provider"]


@pytest.fixture
def committee(db: None) -> Committee:
    made = make_committee()
    answers(made)
    return made


def answers(committee: Committee, body: Body | None = None) -> None:
    committee.does(
        committee.program_manager, authority.delegate, program=committee.program, code="A-8",
        subject_kind="question", body=body or committee.steering, valid_from=SINCE,
    )  # fmt: skip


def asked(committee: Committee, options: list[str] = SITES, **more: Any) -> Decision:
    return committee.does(
        committee.staff, questions.ask, program=committee.program, title="Where we run it", options=options,
        question="Where shall the service run from 2028 on?", papers="Three offers, read by IT.", **more,
    )  # fmt: skip


def opened(committee: Committee, **more: Any) -> Decision:
    draft = asked(committee, **more)
    return committee.does(committee.chair, services.open_ballot, decision=draft, closes_at=in_days(7))


def voted(committee: Committee, ballot: Decision, signs: str) -> Decision:
    """Chair and two members: a digit is an option, `-` none of them, `0` abstains, `.` does not vote."""
    people: list[User] = [committee.chair, committee.member, committee.member2]
    for who, sign in zip(people, signs, strict=True):
        if sign.isdigit() and sign != "0":
            committee.votes(ballot, who, "approve", option=int(sign))
        elif sign != ".":
            committee.votes(ballot, who, {"-": "reject", "0": "abstain"}[sign])
    return committee.closes(ballot, by=committee.chair)


@pytest.mark.parametrize(
    ("signs", "outcome", "option"),
    [
        ("221", "approved", 2),
        ("123", "rejected", None),  # a plurality of one each is no majority for any of them
        ("2-1", "rejected", None),
        ("2.2", "approved", 2),
        ("20-", "approved", 2),  # one against one: the chair's own option breaks the tie
        ("33-", "approved", 3),
        ("000", "rejected", None),
    ],
)
def test_an_option_passes_as_a_proposal_would_against_all_others_together(
    committee: Committee, signs: str, outcome: str, option: int | None
) -> None:
    closed = voted(committee, opened(committee), signs)
    assert (closed.outcome, closed.chosen) == (outcome, option)
    with committee.looking():
        transaction_checks()
        sealed = json.loads(bytes(DecisionRecord.objects.get(decision=closed).canonical))
    assert sealed["answer"]["option"] == (option or 0)
    assert sealed["answer"]["words"] == (SITES[option - 1] if option else "")


def transaction_checks() -> None:
    """The database's own count, which otherwise waits for the commit."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def test_who_asked_does_not_vote_and_two_options_say_two_things(committee: Committee) -> None:
    assert "2 to 8 options" in sentence(lambda: asked(committee, ["Only this", "  "]))
    assert "say the same" in sentence(lambda: asked(committee, ["Stay", "stay "]))
    assert "2 to 8" in sentence(lambda: asked(committee, [f"Way {n}" for n in range(9)]))
    by_member = committee.does(
        committee.program_manager, questions.ask, program=committee.program, title="T", options=["a", "b"],
        question="Which?",
    )  # fmt: skip
    assert by_member.requested_by == committee.program_manager
    with committee.looking():
        assert FreeQuestion.objects.count() == 1  # what was refused left nothing


def test_a_vote_without_its_option_or_for_one_that_is_not_there_is_refused(committee: Committee) -> None:
    ballot = opened(committee)
    assert "which option" in sentence(lambda: committee.votes(ballot, committee.chair, "approve"))
    assert "which option" in sentence(lambda: committee.votes(ballot, committee.chair, "approve", option=4))
    assert "names one" in sentence(lambda: committee.votes(ballot, committee.chair, "reject", option=1))
    request = committee.opened()
    assert "names one" in sentence(lambda: committee.votes(request, committee.chair, "approve", option=1))


def test_an_answer_moves_no_money_and_freezes_no_plan(committee: Committee) -> None:
    before = committee.journals()
    closed = voted(committee, opened(committee), "111")
    with committee.looking():
        assert closed.warrant is not None and closed.warrant.kind == "question"
        assert committee.journals() == before
        transaction_checks()  # what is true so far, so that the lie is found alone
    with pytest.raises(DatabaseError, match="moves no money"), transaction.atomic(), committee.looking():
        with connection.cursor() as cursor:
            cursor.execute(
                """do $$ declare j uuid := gen_random_uuid(); original finance_journal; begin
                     select * into original from finance_journal where kind = 'grant' limit 1;
                     insert into finance_journal (id, program_id, currency, kind, period_id, effective, text, legs,
                                                  warrant_id, source_kind, source_id)
                       values (j, original.program_id, original.currency, 'grant', original.period_id,
                               original.effective, 'x', 2,
                               (select id from pmo_warrant where kind = 'question' limit 1), 'budget', 'again');
                     insert into finance_posting (journal_id, program_id, currency, account_id, amount)
                       select j, program_id, currency, account_id, amount from finance_posting
                        where journal_id = original.id;
                   end $$"""
            )
        transaction_checks()


def test_the_page_offers_each_option_as_a_button_and_shows_which_passed(committee: Committee) -> None:
    client = sign_in(Client(), committee.staff)
    form = client.get(f"/p/{committee.program.code}/decisions/ask/").content.decode()
    assert "Steering committee (rule A-8)" in form
    with committee.looking():
        rule = committee.steering.authority.get(code="A-8")
    answer = client.post(
        f"/p/{committee.program.code}/decisions/ask/",
        {
            "title": "Colour <b>",
            "rule": rule.pk,
            "question": "Which?",
            "options": "Red\nBlue\n",
            "papers": "",
        },
    )
    assert answer.status_code == 302, answer.content.decode()[:2000]
    with committee.looking():
        draft = Decision.objects.get(subject_kind="question")
    ballot = committee.does(committee.chair, services.open_ballot, decision=draft, closes_at=in_days(7))
    voter = sign_in(Client(), committee.member)
    page = voter.get(answer["Location"]).content.decode()
    assert 'value="approve:2"' in page and "Blue" in page and "None of these" in page
    assert "Colour &lt;b&gt;" in page
    cast = voter.post(f"{answer['Location']}vote/", {"choice": "approve:2", "digest": ballot.figures_sha256})
    assert cast.status_code == 302
    wrong = voter.post(f"{answer['Location']}vote/", {"choice": "approve:9", "digest": ballot.figures_sha256})
    assert wrong.status_code in (409, 422)
    committee.votes(ballot, committee.chair, "approve", option=2)
    committee.votes(ballot, committee.member2, "reject")
    committee.closes(ballot, by=committee.chair)
    shown = voter.get(answer["Location"]).content.decode()
    assert "Passed" in shown and "option 2" in shown


BALLOTS = st.lists(st.integers(0, 3), min_size=2, max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    rule=st.sampled_from(["simple", "two_thirds", "unanimous", "chair_decides"]),
    votes=BALLOTS, reject=st.integers(0, 3), abstain=st.integers(0, 2), missing=st.integers(0, 3),
    chair=st.sampled_from(["", "approve", "reject", "abstain"]), led=st.integers(1, 4), may=st.booleans(),
    quorum=st.integers(1, 5),
)  # fmt: skip
def test_an_answer_that_is_settled_is_the_same_whatever_the_others_do(
    rule: str,
    votes: list[int],
    reject: int,
    abstain: int,
    missing: int,
    chair: str,
    led: int,
    may: bool,
    quorum: int,
) -> None:
    tally = a_tally(votes, reject, abstain, missing, chair, led, may)
    every = set(continued(rule, tally, quorum, missing))
    assert tallies.settled(rule, tally, quorum) == (len(every) == 1)


def a_tally(
    votes: list[int], reject: int, abstain: int, missing: int, chair: str, led: int, may: bool
) -> tallies.Tally:
    """A possible count: a chair who voted has a vote in it, one who may still vote has not and is among the missing."""
    can = may and missing > 0
    chair = "" if can else chair
    led = min(led, len(votes))
    votes = [n + (chair == "approve" and place == led and n == 0) for place, n in enumerate(votes, 1)]
    reject += chair == "reject" and reject == 0
    abstain += chair == "abstain" and abstain == 0
    seats = sum(votes) + reject + abstain + missing
    return tallies.Tally(
        seats,
        sum(votes),
        reject,
        abstain,
        0,
        missing,
        chair,
        can,
        tuple(votes),
        led if chair == "approve" else 0,
    )


def continued(rule: str, tally: tallies.Tally, quorum: int, missing: int) -> Any:
    """Every way in which the seats that have not voted may vote."""
    ways = [*range(len(tally.options) + 3)]  # an option, none, abstain, away
    n = len(tally.options)
    for picks in itertools.product(ways, repeat=missing):
        options = tuple(tally.options[i] + picks.count(i) for i in range(n))
        chair, led = tally.chair, tally.chair_option
        if tally.chair_can_vote and picks:
            chair = "approve" if picks[0] < n else {n: "reject", n + 1: "abstain", n + 2: ""}[picks[0]]
            led = picks[0] + 1 if picks[0] < n else 0
        yield tallies.chosen(
            rule,
            replace(
                tally, options=options, approve=sum(options), reject=tally.reject + picks.count(n),
                abstain=tally.abstain + picks.count(n + 1), missing=0, chair=chair, chair_option=led,
            ),
            quorum,
        )  # fmt: skip


def test_the_database_counts_options_as_the_office_does(db: None) -> None:
    cases = [
        (rule, list(votes), reject, abstain, missing, chair, min(led, len(votes)), may, quorum)
        for rule in ("simple", "two_thirds", "unanimous", "chair_decides")
        for votes in itertools.product(range(3), repeat=2)
        for reject, abstain, missing in ((0, 0, 0), (1, 0, 1), (0, 1, 2), (2, 0, 3))
        for chair, led in (("", 1), ("approve", 2), ("reject", 1))
        for may in (False, True)
        for quorum in (2,)
    ]
    wanted = []
    rows = []
    for rule, votes, reject, abstain, missing, chair, led, may, quorum in cases:
        one = a_tally(votes, reject, abstain, missing, chair, led, may)
        wanted.append((*tallies.chosen(rule, one, quorum), tallies.settled(rule, one, quorum)))
        rows.append(
            (rule, list(one.options), one.reject, one.abstain, one.missing, one.chair, one.chair_option,
             one.chair_can_vote, quorum)
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """select c.outcome, c.option, governance_chosen_settled(
                        r.rule, r.votes, r.reject, r.abstain, r.missing, r.chair, r.led, r.can, r.quorum)
                 from jsonb_array_elements(%s::jsonb) with ordinality as o(j, n)
                cross join lateral (select j->>0 as rule,
                   array(select v::int from jsonb_array_elements_text(j->1) v) as votes, (j->>2)::int as reject,
                   (j->>3)::int as abstain, (j->>4)::int as missing, j->>5 as chair, (j->>6)::int as led,
                   (j->>7)::boolean as can, (j->>8)::int as quorum) r
                cross join lateral governance_chosen(r.rule, r.votes, r.reject, r.abstain, r.chair, r.led, r.quorum) c
                order by o.n""",
            [json.dumps(rows)],
        )
        assert cursor.fetchall() == wanted
