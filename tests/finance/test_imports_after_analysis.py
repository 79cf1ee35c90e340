"""A file is checked quickly whatever the planner last knew about the table of rows on trial."""

from __future__ import annotations

import time
from typing import Any

from finance.imports import services
from tests.conftest import OwnDatabase
from tests.finance.office import open_office
from tests.finance.test_pages import HEADING

ROWS = 5_000
SECONDS = 5.0  # each row against each other takes twenty


def file(name: str) -> bytes:
    lines = (
        f"{name}-{n},CRM,,labour,operating,2026-03-15,{n % 90 + 1}.00,EUR,Vendor,Cost" for n in range(ROWS)
    )
    return "\n".join([HEADING, *lines]).encode()


def test_a_second_file_is_compared_with_the_first_in_seconds(
    own_database: OwnDatabase, as_owner: Any
) -> None:
    office = open_office()
    first = office.does(
        "fiona", services.read_file, program=office.program, name="first.csv", content=file("A")
    )
    office.does("fiona", services.accept, batch=first)
    with as_owner.cursor() as cursor:
        cursor.execute("analyze finance_stagedactual, finance_actualline")  # now, that nothing is on trial
    began = time.perf_counter()
    second = office.does(
        "fiona", services.read_file, program=office.program, name="second.csv", content=file("B")
    )
    assert second.totals["new"] == ROWS
    assert time.perf_counter() - began < SECONDS
