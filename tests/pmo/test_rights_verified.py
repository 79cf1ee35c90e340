"""`manage.py verify` notices a table whose rows are open to more people than declared."""

from __future__ import annotations

from typing import Any

import pytest

from pmo.database import security

SPOILT = {
    "alter table programs_risk disable row level security": "programs_risk: row security is off",
    "drop policy scope on programs_risk": "programs_risk: the policy scope is missing",
    "create policy everybody on programs_risk using (true)": "programs_risk: the policy everybody is not one of ours",
    "grant update on finance_posting to pmo_app": "finance_posting: pmo_app may change rows that are append-only",
}


@pytest.mark.parametrize("statement", SPOILT)
def test_verify_names_the_table_and_grants_puts_it_right(
    statement: str, own_database: Any, as_owner: Any
) -> None:
    with as_owner.cursor() as cursor:
        assert security.faults(cursor) == []
        cursor.execute(statement)
        assert security.faults(cursor) == [SPOILT[statement]]
        security.apply(cursor)
        assert security.faults(cursor) == []
