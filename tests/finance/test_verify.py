"""`manage.py verify` finds what somebody with the database in his hands did to the books."""

from __future__ import annotations

import pytest
from psycopg2.extensions import connection as PostgresConnection

from finance import verify
from finance.imports import services as costs
from tests.conftest import OwnDatabase
from tests.finance.office import open_office
from tests.finance.test_capex import approve, submitted
from tests.finance.test_ledger import spend
from tests.finance.test_pages import HEADING

TAMPERED = {
    "update finance_posting set amount = amount + 1 where amount = 100": "does not add up to zero",
    "update finance_posting set period_id = 0 where amount = 100": "another month than its journal",
    "update finance_account set balance = balance + 5 where kind = 'funding'": "has the balance",
    "update finance_ledgercell set amount = amount + 5": "sums by category and period",
    "update finance_ledgerday set amount = amount + 5": "sums by day",
    "update finance_ledgertotal set amount = amount - 5": "sums by period",
    "update finance_vendorcell set lines = lines + 1": "sums by vendor are not",
    "update finance_vendormonth set lines = lines - 1": "sums by vendor and month",
    "update finance_vendornature set lines = lines - 1": "sums by vendor and nature",
    "delete from finance_vendorquarter": "sums by vendor and quarter",
    "update finance_vendoryear set amount = amount + 1": "sums by vendor and year",
    "delete from finance_vendorplace": "sums by vendor of all time",
    "update finance_capitalrequest set amount_minor = amount_minor + 1": "without its money set aside once",
    "update finance_capitalrequestrevision set canonical = 'other'": "does not match its digest",
}


@pytest.fixture
def books(own_database: OwnDatabase) -> None:
    office = open_office()
    office.granted(100_000)
    spend(office, 100)
    approve(office, submitted(office))
    content = f"{HEADING}\nINV-1,CRM,,hardware,capital,2026-11-10,1.00,EUR,Dell,Cable".encode()
    batch = office.does("fiona", costs.read_file, program=office.program, name="one.csv", content=content)
    office.does("fiona", costs.accept, batch=batch)


def test_books_kept_by_the_product_are_whole(books: None, as_owner: PostgresConnection) -> None:
    with as_owner.cursor() as cursor:
        assert verify.check(cursor) == []


def test_every_way_of_tampering_is_found(books: None, as_owner: PostgresConnection) -> None:
    as_owner.set_session(autocommit=False)
    for deed, fault in TAMPERED.items():
        with as_owner.cursor() as cursor:
            cursor.execute("set constraints all deferred")
            for table in ("finance_posting", "finance_capitalrequestrevision"):
                cursor.execute(f"alter table {table} disable trigger user")
            cursor.execute(deed)
            assert cursor.rowcount > 0, deed
            assert any(fault in found for found in verify.check(cursor)), deed
        as_owner.rollback()
