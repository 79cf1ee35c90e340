"""The sealed chain: nobody who serves pages can touch it, and whoever can is found out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from governance import verify
from governance.decisions import selectors
from governance.decisions.models import Decision
from pmo import embedded
from tests.conftest import OwnDatabase
from tests.governance.committee import Committee, make_committee

ATTACKS = (
    "update governance_decisionrecord set canonical = 'x'",
    "update governance_decisionrecord set at = at + interval '1 microsecond'",
    "delete from governance_decisionrecord",
    "truncate governance_decisionrecord",
    "insert into governance_decisionrecord (program_id, decision_id, canonical, seq) values (1, 1, 'x', 99)",
    "insert into governance_decisionrecord (program_id, decision_id, canonical, hash) values (1, 1, 'x', 'y')",
    "insert into governance_decisionrecord (id, program_id, decision_id, canonical) overriding system value"
    " values (-1, 1, 1, 'x')",
    "update governance_chainhead set seq = 0",
    "insert into governance_chainhead (program_id, seq, hash) values (1, 0, '')",
    "delete from governance_chainhead",
    "truncate governance_chainhead cascade",
    "alter table governance_decisionrecord disable trigger all",
    "alter table governance_vote disable trigger all",
    "set session_replication_role = replica",
    "drop table governance_decisionrecord",
    "drop trigger a_seal on governance_decisionrecord",
    "create or replace function governance_seal() returns trigger language plpgsql as 'begin return new; end'",
    "select * from governance_decisionrecord for update",
    "update governance_vote set choice = 'approve'",
    "delete from governance_vote",
    "truncate governance_vote",
    "insert into governance_vote (program_id, decision_id, elector_id, choice, reason, digest, cast_by_id, at)"
    " values (1, 1, 1, 'approve', '', '', 1, now())",
    "update governance_elector set recused = false",
    "delete from governance_elector",
    "delete from governance_decision",
    "truncate governance_decision cascade",
    "update pmo_warrant set digest = ''",
    "delete from pmo_warrant",
    "select set_config('pgtrigger.ignore', '{governance_vote}', true); update governance_vote set choice = 'reject'",
)


@pytest.fixture
def decided(own_database: OwnDatabase) -> Committee:
    """A program with three sealed decisions: a budget, an approval, a rejection."""
    committee = make_committee()
    for title, choices in (("Arrays", "++."), ("Gold", "--.")):
        decision = committee.opened(
            committee.request(1_000_00 if title == "Gold" else 640_000_00, title=title)
        )
        if decision.body_id == committee.sponsoring.pk:
            committee.votes(decision, committee.sponsor, "reject")
        else:
            committee.all_vote(decision, choices)
        committee.closes(decision)
    return committee


@pytest.mark.parametrize("login", ["pmo_app", "pmo_worker"])
def test_no_serving_login_can_touch_what_was_decided(
    decided: Committee, own_database: OwnDatabase, login: str
) -> None:
    link = own_database.connect(login)
    link.autocommit = True
    allowed = []
    with link.cursor() as cursor:
        for attack in ATTACKS:
            cursor.execute(
                "select set_config('app.programs', %s, false)", ["{" + str(decided.program.pk) + "}"]
            )
            try:
                cursor.execute(attack)
            except psycopg2.Error:
                continue
            allowed.append(attack)
    link.close()
    assert allowed == []


def test_even_the_owner_is_stopped_by_the_triggers(decided: Committee, as_owner: Any) -> None:
    for table in ("governance_decisionrecord", "governance_vote", "governance_elector"):
        with as_owner.cursor() as cursor, pytest.raises(psycopg2.Error, match="never changed or removed"):
            cursor.execute(f"delete from {table}")  # noqa: S608


def exported(committee: Committee) -> dict[str, Any]:
    with committee.looking():
        return selectors.exported_chain(committee.program.pk)


def alone(chain: dict[str, Any], place: Path, *heads: str) -> tuple[int, str]:
    """Run the stand-alone script on an export, with a bare Python."""
    file = place / "chain.json"
    file.write_text(json.dumps(chain))
    argv = [
        sys.executable,
        "-I",
        "-S",  # nothing but the standard library: no installed package is found
        str(embedded.ROOT / "governance" / "decisions" / "verify_chain.py"),
        str(file),
    ]
    done = subprocess.run(
        [*argv, *(part for head in heads for part in ("--head", head))], capture_output=True, text=True
    )
    return done.returncode, done.stdout


def test_the_exported_chain_verifies_without_the_office(decided: Committee, tmp_path: Path) -> None:
    chain = exported(decided)
    mailed = f"{chain['program']}:2:{chain['records'][1]['hash'][:16]}"
    assert alone(chain, tmp_path, mailed) == (0, "whole: 3 records\n")


def _rewritten(as_owner: Any, sql: str) -> None:
    """What only the operator of the database can do: put the triggers aside."""
    with as_owner.cursor() as cursor:
        for table in (
            "governance_decisionrecord",
            "governance_chainhead",
            "governance_vote",
            "governance_decision",
        ):
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(sql)
        for table in (
            "governance_decisionrecord",
            "governance_chainhead",
            "governance_vote",
            "governance_decision",
        ):
            cursor.execute(f"alter table {table} enable trigger user")


REHASH = """
do $$ declare r record; before bytea := ''; begin
  for r in select * from governance_decisionrecord order by seq loop
    update governance_decisionrecord set prev_hash = before,
      hash = sha256(before || int8send(program_id) || int8send(seq)
             || int8send((extract(epoch from at) * 1000000)::bigint) || canonical) where id = r.id
      returning hash into before;
  end loop;
  update governance_chainhead set hash = before, seq = (select max(seq) from governance_decisionrecord);
end $$"""
ANEW = """
update governance_decisionrecord set canonical = convert_to(replace(convert_from(canonical, 'UTF8'),
  'Shall this be bought?', 'Shall this be stolen?'), 'UTF8') where seq = 2;"""
TAIL = """
update governance_decision set record_id = null, state = 'withdrawn', outcome = '', warrant_id = null
 where record_id = (select id from governance_decisionrecord where seq = 3);
delete from governance_decisionrecord where seq = 3;"""
TAMPERINGS: dict[str, tuple[str, str]] = {
    "a word of a record": (
        "update governance_decisionrecord set canonical = replace(convert_from(canonical, 'UTF8'), 'approve',"
        " 'approve ')::text::bytea where seq = 2",
        "record 2",
    ),
    "the time by a microsecond": (
        "update governance_decisionrecord set at = at + interval '1 microsecond' where seq = 2",
        "record 2",
    ),
    "two records swapped": (
        "update governance_decisionrecord set seq = -seq where seq > 1;"
        "update governance_decisionrecord set seq = case seq when -2 then 3 else 2 end where seq < 0",
        "record 2",
    ),
    "the last record": (TAIL, "head"),
    "the head": ("update governance_chainhead set seq = 4", "head"),
    "a vote behind the record's back": (
        "update governance_vote set choice = 'approve' where choice = 'reject'",
        "votes",
    ),
    "the outcome beside the record": (
        "update governance_decision set outcome = 'lapsed' where outcome = 'rejected'",
        "outcome",
    ),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_verify_finds_what_the_operator_changed(decided: Committee, as_owner: Any, what: str) -> None:
    with as_owner.cursor() as cursor:
        assert verify.check(cursor) == []
        sql, word = TAMPERINGS[what]
        _rewritten(as_owner, sql)
        faults = verify.check(cursor)
    assert any(word in fault for fault in faults), faults


def test_a_record_taken_out_of_the_middle_is_missed(
    decided: Committee, as_owner: Any, tmp_path: Path
) -> None:
    _rewritten(
        as_owner,
        "update governance_decision set record_id = null, state = 'withdrawn', outcome = '', warrant_id = null"
        " where record_id = (select id from governance_decisionrecord where seq = 2);"
        "update finance_capitalrequest set warrant_id = warrant_id;"
        "delete from governance_decisionrecord where seq = 2",
    )
    with as_owner.cursor() as cursor:
        assert any("record before it is missing" in fault for fault in verify.check(cursor))
    assert alone(exported(decided), tmp_path)[0] == 1


def test_a_chain_written_anew_as_a_whole_is_betrayed_by_an_old_mail(
    decided: Committee, as_owner: Any, tmp_path: Path
) -> None:
    """Nothing inside the database can see this; the head in the footer of a mail can."""
    before = exported(decided)
    mailed = f"{before['program']}:3:{before['head']['hash'][:16]}"
    _rewritten(
        as_owner,
        ANEW + REHASH,
    )
    after = exported(decided)
    assert alone(after, tmp_path) == (0, "whole: 3 records\n")
    code, said = alone(after, tmp_path, mailed)
    assert code == 1 and "record 3 is not the one whose hash was mailed" in said


def test_the_chain_of_one_program_says_nothing_of_another(own_database: OwnDatabase) -> None:
    here, there = make_committee(), make_committee("BRISK", " B")
    with here.looking():
        assert selectors.chain_head(here.program.pk)[0] == 1
        assert selectors.chain_head(there.program.pk) == (0, "")  # not in scope: it does not exist
        assert not Decision.objects.filter(program_id=there.program.pk).exists()


CHANGES: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    (
        "a byte",
        lambda chain: chain["records"][1].update(canonical=chain["records"][1]["canonical"][:-4] + "IH0="),
    ),
    ("the time", lambda chain: chain["records"][1].update(at_us=chain["records"][1]["at_us"] + 1)),
    ("a hash", lambda chain: chain["records"][1].update(hash="00" * 32)),
    ("an order", lambda chain: chain["records"].reverse()),
    ("the middle", lambda chain: chain["records"].pop(1)),
    ("the tail", lambda chain: chain["records"].pop()),
    ("the head", lambda chain: chain["head"].update(seq=2)),
]


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=[name for name, _ in CHANGES])
def test_the_stand_alone_verifier_detects_seven_tamperings(
    decided: Committee, tmp_path: Path, number: int
) -> None:
    chain = exported(decided)
    CHANGES[number][1](chain)
    assert alone(chain, tmp_path)[0] == 1


def test_a_warrant_that_no_decision_left_is_found_out(decided: Committee, as_owner: Any) -> None:
    """The database refuses it (test_forgery); an operator who puts the trigger aside leaves two traces."""
    with as_owner.cursor() as cursor:
        assert verify.check(cursor) == []
        cursor.execute("alter table pmo_warrant disable trigger d_is_given")
        cursor.execute(
            """insert into pmo_warrant (program_id, kind, number, digest, effective_at)
               values (%s, 'budget', 'D-99', repeat('a', 64), now())""",
            [decided.program.pk],
        )
        faults = verify.check(cursor)
    assert [fault.split(": ")[-1] for fault in faults] == [
        "the warrant D-99 was not left by a decision that approved it",
        "2 of 3 guarding triggers are on",
    ]


def test_a_gate_that_passed_by_another_decision_is_found_out(decided: Committee, as_owner: Any) -> None:
    with as_owner.cursor() as cursor:
        cursor.execute("alter table programs_gate disable trigger user")
        cursor.execute(
            """insert into programs_gate (program_id, project_id, version, revision, position, code, name, due_on,
                 state, asked, conditions, submitted_at, outcome, decided_at, warrant_id)
               select d.program_id, p.id, 1, 1, 1, 'G1', 'Begin', current_date,
                 'passed', 'proceed', '', now(), 'proceed', now(), d.warrant_id
                 from governance_decision d
                 join lateral (select id from programs_project where program_id = d.program_id limit 1) p on true
                where d.warrant_id is not null and d.program_id = %s limit 1""",
            [decided.program.pk],
        )
        assert cursor.rowcount == 1
        faults = [fault.split(": ", 1)[1] for fault in verify.check(cursor)]
    assert any(fault.startswith("a gate stands on D-") for fault in faults)
    assert "0 of 2 guarding triggers are on" in faults
