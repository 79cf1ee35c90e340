# ruff: noqa: S608 - the attacks are fixed texts of our own
"""What somebody with the web's own database login can try against the books."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tests.finance.office import Office
from tests.finance.test_ledger import spend

J = "(select id from finance_journal limit 1)"
A = "(select id from finance_account limit 1)"
P = "(select program_id from finance_account limit 1)"

ATTACKS = {
    "change a posting": "update finance_posting set amount = amount * 2",
    "remove a posting": "delete from finance_posting",
    "empty the postings": "truncate finance_posting cascade",
    "choose a posting's id": f"""insert into finance_posting (id, journal_id, program_id, currency, account_id, amount)
        overriding system value values (-5, {J}, {P}, 'EUR', {A}, 1)""",
    "change a journal": "update finance_journal set text = 'nothing happened'",
    "remove a journal": "delete from finance_journal",
    "date a journal back": f"""insert into finance_journal (id, program_id, currency, kind, period_id, effective, text,
        source_kind, source_id, legs, recorded_at) values (gen_random_uuid(), {P}, 'EUR', 'actual', 1, '2026-11-16',
        '', '', '', 2, '2020-01-01')""",
    "enter a journal in another's name": f"""insert into finance_journal (id, program_id, currency, kind, period_id,
        effective, text, source_kind, source_id, legs, actor_id) values (gen_random_uuid(), {P}, 'EUR', 'actual', 1,
        '2026-11-16', '', '', '', 2, 1)""",
    "set a balance": "update finance_account set balance = 1000000",
    "make an account with money in it": f"""insert into finance_account (program_id, project_id, category, nature,
        currency, kind, balance) values ({P}, null, 'travel', 'operating', 'EUR', 'available', 1000000)""",
    "lock accounts to stop the work": "select * from finance_account for update",
    "change the sums": "update finance_ledgercell set amount = 0",
    "change the sums by day": "update finance_ledgerday set amount = 0",
    "change the sums by vendor": "update finance_vendorcell set amount = 0",
    "change the sums by vendor and month": "update finance_vendormonth set amount = 0",
    "change the sums by vendor and nature": "update finance_vendornature set amount = 0",
    "change the sums by vendor and quarter": "update finance_vendorquarter set amount = 0",
    "remove the sums": "delete from finance_ledgertotal",
    "disable the triggers": "alter table finance_posting disable trigger all",
    "drop the trigger": "drop trigger finance_posting_stays on finance_posting",
    "replace the function": """create or replace function finance_forbid() returns trigger language plpgsql as
        $$ begin return null; end $$""",
    "act as a replica": "set session_replication_role = 'replica'",
    "become the owner": "set role pmo_owner",
    "drop the table": "drop table finance_posting",
    "switch row security off": "alter table finance_journal disable row level security",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_the_webs_login_cannot(office: Office, attack: str) -> None:
    office.granted(10_000)
    spend(office, 100)
    with (
        office.looking(),
        pytest.raises(DatabaseError, match=r"permission denied|must be owner|must be able to|recorded_at"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attack)


def test_a_posting_cannot_be_added_to_an_old_journal_even_in_balance(office: Office) -> None:
    office.granted(10_000)
    journal = spend(office, 100)
    refused = pytest.raises(DatabaseError, match="has the postings it was entered with")
    with office.looking(), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """insert into finance_posting (journal_id, program_id, currency, account_id, amount)
                       select %s, program_id, currency, id, case kind when 'funding' then -7 else 7 end
                         from finance_account where kind in ('funding', 'committed')""",
            [journal.pk],
        )
        cursor.execute("set constraints all immediate")


def test_even_the_owner_cannot_change_what_is_in_the_books(office: Office) -> None:
    """The second wall: the trigger stands where the rights do not."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select tgrelid::regclass::text, tgname from pg_trigger
                where tgfoid = 'finance_forbid'::regproc and tgenabled = 'O' order by 1, 2"""
        )
        found = cursor.fetchall()
    tables = {"finance_journal", "finance_posting", "finance_actualline", "finance_capitalrequestrevision"}
    assert {(table, f"{table}_stays") for table in tables} <= set(found)
    assert {(table, f"{table}_stays_whole") for table in tables} <= set(found)
