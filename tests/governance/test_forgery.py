"""Whoever speaks SQL with the serving login cannot make up a decision: at commit the database counts the votes."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg2
import pytest

from finance.ledger.models import Journal
from governance import verify
from governance.decisions import services
from governance.decisions import tally as tallies
from governance.decisions.models import Decision, DecisionRecord
from pmo.warrants import Warrant
from tests.conftest import OwnDatabase
from tests.governance.committee import Committee, make_committee

SEAL = """insert into governance_decisionrecord (program_id, decision_id, canonical)
          values (%(program)s, %(id)s, %(canonical)s) returning id"""
WARRANT = """insert into pmo_warrant (program_id, kind, number, digest, effective_at)
             values (%(program)s, %(kind)s, %(number)s, %(digest)s, %(at)s) returning id"""
DECIDE = """update governance_decision
               set state = 'decided', outcome = %(outcome)s, decided_at = %(at)s, rationale = '', conditions = '',
                   record_id = %(record)s, warrant_id = %(warrant)s where id = %(id)s"""


class Forger:
    """Somebody with the serving login and a screen full of SQL, in the scope of one program."""

    def __init__(self, database: OwnDatabase, committee: Committee) -> None:
        self.link = database.connect("pmo_app")
        self.program = committee.program.pk
        self.cursor = self.link.cursor()
        self.enter()

    def enter(self) -> None:
        self.cursor.execute("select set_config('app.programs', %s, true)", ["{" + str(self.program) + "}"])

    def does(self, sql: str, **values: Any) -> Any:
        self.cursor.execute(sql, {"program": self.program, **values})
        return self.cursor.fetchone()[0] if self.cursor.description else None

    def commits(self) -> str:
        """The database's answer at the commit; "" when it took everything."""
        try:
            self.link.commit()
        except psycopg2.Error as error:
            return str(error.diag.message_primary)
        finally:
            self.link.rollback()
            self.enter()
        return ""

    def closes(self, ballot: dict[str, Any], *, warrant: bool = True, **changes: Any) -> None:
        """All that a close writes, as it would be right for three approvals; `changes` are the lies.

        `kind`, `digest`, `number`, `given_at` of the warrant, `canonical` (whole), or any key of the record.
        """
        lies = {**ballot["record"], **{key: changes[key] for key in changes if key in ballot["record"]}}
        lies["outcome"] = changes.get("sealed", lies["outcome"])
        content = changes.get("canonical", json.dumps(lies).encode())
        record = self.does(SEAL, id=ballot["id"], canonical=content)
        given = None
        if warrant:
            true = {
                "kind": "capital_request",
                "digest": ballot["record"]["revision_sha256"],
                "number": lies["decision"],
            }
            words = {key: changes.get(key, true[key]) for key in true}
            given = self.does(WARRANT, at=changes.get("given_at", ballot["at"]), **words)
        outcome = changes.get("outcome", "approved")
        self.does(DECIDE, id=ballot["id"], at=ballot["at"], record=record, warrant=given, outcome=outcome)


@pytest.fixture
def committee(own_database: OwnDatabase) -> Committee:
    """A committee whose commits are real; its budget was decided in the ordinary way."""
    return make_committee()


def put(committee: Committee, choices: str) -> dict[str, Any]:
    """An open ballot with these votes, and the record that would be true for it, were it closed as approved."""
    decision = committee.opened()
    committee.all_vote(decision, choices)
    names = {"+": "approve", "-": "reject", "0": "abstain"}
    people = (committee.chair, committee.member, committee.member2)
    cast = [(who.pk, names[sign]) for who, sign in zip(people, choices, strict=True) if sign in names]
    count = {name: sum(choice == name for _, choice in cast) for name in names.values()}
    record = {
        "decision": decision.code,
        "program": decision.program_id,
        "subject_kind": decision.subject_kind,
        "subject": decision.subject_id,
        "revision_sha256": decision.revision_sha256,
        "figures_sha256": decision.figures_sha256,
        "question": decision.question,
        "amount_minor": decision.amount_minor,
        "currency": decision.currency,
        "voting_rule": decision.voting_rule,
        "quorum": decision.quorum,
        "rationale": "",
        "outcome": "approved",
        "tally": {"seats": 3, **count, "recused": 0, "missing": 3 - len(cast)},
        "votes": [{"person": person, "choice": choice, "reason": ""} for person, choice in cast],
    }
    return {"id": decision.pk, "at": decision.opened_at, "record": record, "subject": decision.subject_id}


def whole(as_owner: Any) -> bool:
    with as_owner.cursor() as cursor:
        return verify.check(cursor) == []


def test_a_warrant_out_of_nothing_is_refused(
    committee: Committee, own_database: OwnDatabase, as_owner: Any
) -> None:
    forger = Forger(own_database, committee)
    for kind, number in (
        ("budget", "D-99"),
        ("capital_request", "D-1"),
        ("waiver", "W-1"),
        ("baseline", "D-2"),
    ):
        forger.does(WARRANT, kind=kind, number=number, digest="a" * 64, at="2026-01-01")
        assert forger.commits() == f"A warrant is given only by a decision that approved: {number} is none."
    with committee.looking():
        assert Warrant.objects.count() == 1
    assert whole(as_owner)


def test_leaving_the_scope_before_the_commit_does_not_help(
    committee: Committee, own_database: OwnDatabase
) -> None:
    forger = Forger(own_database, committee)
    forger.does(WARRANT, kind="budget", number="D-99", digest="a" * 64, at="2026-01-01")
    forger.does("select set_config('app.programs', '{}', true)")
    assert "D-99 is none" in forger.commits()


def test_a_record_for_a_ballot_that_stays_open_is_refused(
    committee: Committee, own_database: OwnDatabase
) -> None:
    ballot = put(committee, "+++")
    forger = Forger(own_database, committee)
    forger.does(SEAL, id=ballot["id"], canonical=json.dumps(ballot["record"]).encode())
    assert forger.commits() == "A sealed record closes its ballot: this one is not closed by it."
    with committee.looking():
        assert DecisionRecord.objects.count() == 1


NO_WARRANT = "A warrant is given only by a decision that approved"
# Votes of chair and two members; the lies; what the database answers.
LIES: list[tuple[str, str, dict[str, Any], str]] = [
    ("two said no", "+--", {}, "do not make it approved"),
    ("nobody voted yet", "...", {}, "Nobody approved"),
    ("no quorum", "+..", {}, "do not make it approved"),
    ("the others could still turn it", "0+.", {}, "is still open: seats that have not voted could change it"),
    (
        "lapsed before it is over",
        "+..",
        {"outcome": "lapsed", "sealed": "lapsed", "warrant": False},
        "is still open",
    ),
    ("lapsed with a quorum", "+++", {"outcome": "lapsed", "warrant": False}, "do not make it lapsed"),
    ("approved, and sealed as rejected", "+++", {"sealed": "rejected"}, "The sealed outcome"),
    ("the votes are others", "+++", {"votes": []}, "not those that were cast"),
    ("the count is another", "+++", {"tally": {"seats": 3}}, "count"),
    ("another amount", "+++", {"amount_minor": 1}, "not about what was voted on"),
    ("another question", "+++", {"question": "Shall we have tea?"}, "not about what was voted on"),
    ("another revision", "+++", {"revision_sha256": "b" * 64}, "not about what was voted on"),
    ("other figures", "+++", {"figures_sha256": "b" * 64}, "not about what was voted on"),
    ("another quorum", "+++", {"quorum": 1}, "not about what was voted on"),
    ("not even a record", "+++", {"canonical": b"x"}, "invalid input syntax for type json"),
    ("the warrant is of another kind", "+++", {"kind": "budget"}, NO_WARRANT),
    ("the warrant is for another content", "+++", {"digest": "c" * 64}, NO_WARRANT),
    ("the warrant has another number", "+++", {"number": "D-77"}, NO_WARRANT),
    ("the warrant holds from another day", "+++", {"given_at": "2020-01-01"}, "not for what was approved"),
]


def test_a_forged_close_is_refused_whatever_the_lie(
    committee: Committee, own_database: OwnDatabase, as_owner: Any
) -> None:
    """And the very same writing without a lie is taken: the attacks fail for what they say."""
    ballots = {choices: put(committee, choices) for choices in dict.fromkeys(row[1] for row in LIES)}
    forger = Forger(own_database, committee)
    let_in = {}
    for name, choices, lie, answer in LIES:
        try:
            forger.closes(ballots[choices], **lie)
            said = forger.commits()
        except psycopg2.Error as error:  # the guard of a row was quicker
            said = str(error.diag.message_primary)
            forger.commits()
        if not said or answer not in said:
            let_in[name] = said
    assert let_in == {}
    with committee.looking():
        ids = [ballot["id"] for ballot in ballots.values()]
        assert set(Decision.objects.filter(pk__in=ids).values_list("state", flat=True)) == {"open"}
        assert (Warrant.objects.count(), DecisionRecord.objects.count()) == (1, 1)
    assert whole(as_owner)
    forger.closes(ballots["+++"])
    assert forger.commits() == ""
    with committee.looking():
        assert Decision.objects.get(pk=ballots["+++"]["id"]).outcome == "approved"


def test_an_open_ballot_does_not_vanish_without_a_record(
    committee: Committee, own_database: OwnDatabase
) -> None:
    ballot = put(committee, "--.")
    forger = Forger(own_database, committee)
    forger.does(
        "update governance_decision set state = 'withdrawn', decided_at = now() where id = %(id)s",
        id=ballot["id"],
    )
    assert "was put to the vote and has no sealed record" in forger.commits()


SPENT_AGAIN = """
do $$ declare j uuid := gen_random_uuid(); original finance_journal; begin
  select * into original from finance_journal where kind = 'reserve' limit 1;
  insert into finance_journal (id, program_id, currency, kind, period_id, effective, text, legs, warrant_id,
                               source_kind, source_id)
    values (j, original.program_id, original.currency, 'reserve', original.period_id, original.effective, 'x', 2,
            original.warrant_id, original.source_kind, original.source_id || ':again');
  insert into finance_posting (journal_id, program_id, currency, account_id, amount)
    select j, program_id, currency, account_id, amount from finance_posting where journal_id = original.id;
end $$"""
GRANTED_MORE = """
do $$ declare j uuid := gen_random_uuid(); original finance_journal; begin
  select * into original from finance_journal where kind = 'grant' limit 1;
  insert into finance_journal (id, program_id, currency, kind, period_id, effective, text, legs, warrant_id,
                               source_kind, source_id)
    values (j, original.program_id, original.currency, 'grant', original.period_id, original.effective, 'x', 2,
            original.warrant_id, original.source_kind, original.source_id || ':again');
  insert into finance_posting (journal_id, program_id, currency, account_id, amount)
    select j, program_id, currency, account_id, amount from finance_posting where journal_id = original.id;
end $$"""
COMMITTED_BY_BUDGET = GRANTED_MORE.replace("original.currency, 'grant'", "original.currency, 'commitment'")
OTHERS: list[tuple[str, str, str]] = [
    (
        "another request is approved by it",
        "update finance_capitalrequest set state = 'approved', decided_at = now(), warrant_id ="
        " (select warrant_id from governance_decision where outcome = 'approved' and capital_request_id is not null)"
        " where state = 'submitted'",
        "D-2 decided about something else.",
    ),
    (
        "a budget is activated by it",
        "update finance_budget set warrant_id = (select warrant_id from governance_decision"
        " where outcome = 'approved' and capital_request_id is not null)",
        "D-2 decided about something else.",
    ),
    (
        "a baseline is approved by a budget's",
        "insert into programs_baseline"
        " (program_id, number, name, origin, warrant_id, is_current, frozen_at, plan_version,"
        " project_dates) select program_id, 99, 'x', 'approved', warrant_id, false, now(), 0, '{}'"
        " from governance_decision"
        " where budget_id is not null",
        "D-1 decided about something else.",
    ),
    ("the money is set aside twice", SPENT_AGAIN, "D-2 allows another amount, once."),
    ("the budget is granted twice", GRANTED_MORE, "What is granted under D-1 is not what its budget holds."),
    ("a budget's warrant commits", COMMITTED_BY_BUDGET, "D-1 does not allow a journal of kind commitment."),
]


def test_a_true_warrant_serves_nothing_else(
    committee: Committee, own_database: OwnDatabase, as_owner: Any
) -> None:
    decision = committee.opened(committee.request(100_000_00))
    committee.all_vote(decision)
    committee.closes(decision)
    committee.request(90_000_00, vendor="Bolt")
    forger = Forger(own_database, committee)
    said = {}
    for name, attack, _ in OTHERS:
        forger.does(attack)
        said[name] = forger.commits()
    assert said == {name: answer for name, _, answer in OTHERS}
    with committee.looking():
        assert Journal.objects.filter(kind="reserve").count() == 1
    assert whole(as_owner)


def test_real_ballots_still_close_and_are_withdrawn(committee: Committee, as_owner: Any) -> None:
    outcomes = []
    for choices in ("+++", "---", "++.", "+-0", "..."):
        wanted = committee.request(60_000_00, vendor=choices)
        decision = committee.over(wanted) if choices == "..." else committee.opened(wanted)
        committee.all_vote(decision, choices)
        outcomes.append(committee.closes(decision).outcome)
    assert outcomes == ["approved", "rejected", "approved", "approved", "lapsed"]
    decision = committee.opened(committee.request(60_000_00, vendor="Last"))
    committee.votes(decision, committee.member, "reject", reason="Too dear")
    done = committee.does(committee.chair, services.withdraw, decision=decision, reason="Asked again later")
    assert done.state == "withdrawn"
    assert whole(as_owner)


def answers(own_database: OwnDatabase, function: str, rows: list[tuple[Any, ...]]) -> list[Any]:
    """What the database says for each row of arguments."""
    link = own_database.connect("pmo_owner")
    with link.cursor() as cursor:
        places = ", ".join(["%s"] * len(rows[0]))
        said = []
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            cursor.execute(
                " union all ".join(f"select {number}, {function}({places})" for number in range(len(part))),
                [value for row in part for value in row],
            )
            said += [answer for _, answer in sorted(cursor.fetchall())]
    link.close()
    return said


RULES = ("simple", "two_thirds", "unanimous", "chair_decides")
CHAIRS = ("approve", "reject", "abstain", "")


def test_the_database_counts_as_the_office_does(own_database: OwnDatabase) -> None:
    rows = [
        (rule, a, r, n, chair, quorum)
        for rule, a, r, n, chair, quorum in itertools.product(
            RULES, range(4), range(4), range(3), CHAIRS, (1, 3)
        )
    ]
    asked: Callable[..., tallies.Tally] = lambda a, r, n, chair: tallies.Tally(9, a, r, n, 0, 0, chair)  # noqa: E731
    office = [tallies.result(rule, asked(a, r, n, chair), quorum) for rule, a, r, n, chair, quorum in rows]
    assert answers(own_database, "governance_outcome", rows) == office
    assert len(set(office)) == 3


def every_end(rule: str, tally: tallies.Tally, quorum: int) -> set[str]:
    """Outcomes of every way in which the missing seats may still vote, one seat after the other."""
    if not tally.missing:
        return {tallies.result(rule, tally, quorum)}
    left = replace(tally, missing=tally.missing - 1, chair_can_vote=False)
    found = every_end(rule, left, quorum)  # this seat stays away
    for choice in ("approve", "reject", "abstain"):
        voted = replace(left, **{choice: getattr(left, choice) + 1})
        found |= every_end(rule, replace(voted, chair=choice) if tally.chair_can_vote else voted, quorum)
    return found


def test_office_and_database_let_a_ballot_close_early_when_no_seat_can_change_it(
    own_database: OwnDatabase,
) -> None:
    rows = []
    for rule, a, r, n, missing, quorum in itertools.product(
        RULES, range(3), range(3), range(2), range(4), (1, 2, 4)
    ):
        for chair, can in (("", True), ("", False), ("approve", False), ("reject", False)):
            if not (can and missing == 0):
                rows.append((rule, a, r, n, missing, chair, can, quorum))
    asked = [
        (rule, tallies.Tally(9, a, r, n, 0, missing, chair, can), quorum)
        for rule, a, r, n, missing, chair, can, quorum in rows
    ]
    tried = [len(every_end(*one)) == 1 for one in asked]
    assert [tallies.settled(*one) for one in asked] == tried
    assert answers(own_database, "governance_settled", rows) == tried
    assert {True, False} == set(tried)


def test_a_body_of_two_hundred_does_not_wait_for_its_count(own_database: OwnDatabase) -> None:
    begun = time.perf_counter()
    assert not tallies.settled("simple", tallies.Tally(200, 1, 1, 1, 0, 197, "", True), 101)
    assert answers(own_database, "governance_settled", [("simple", 1, 1, 1, 197, "", True, 101)]) == [False]
    assert time.perf_counter() - begun < 1  # every continuation: 1.3 million of them
