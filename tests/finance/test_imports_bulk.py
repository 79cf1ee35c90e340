"""A large file of actual cost: entered whole, with flat memory, at a rate that is printed."""

from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path

import pytest
from django.db import connection

from finance.imports import services
from finance.ledger.models import Account, ActualLine
from tests.conftest import OwnDatabase
from tests.finance.office import open_office
from tests.finance.test_pages import HEADING

ROWS = 100_000


def big_file(rows: int = ROWS) -> bytes:
    """Costs of two projects, four categories and twelve months."""
    lines = [HEADING]
    for n in range(rows):
        project, month = ("CRM", "DC")[n % 2], n % 12 + 1
        category = ("labour", "hardware", "software", "services")[n % 4]
        lines.append(
            f"INV-{n:07},{project},,{category},operating,2026-{month:02}-15,{n % 997 + 1}.{n % 100:02},EUR,"
            f"Vendor {n % 50},Cost number {n}"
        )
    return "\n".join(lines).encode()


def processor_seconds() -> float:
    """What this process and its database backend have used: the machine's other work does not count."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.proof
def test_a_hundred_thousand_costs_come_in(own_database: OwnDatabase) -> None:
    office = open_office()
    content = big_file()
    began, wall = processor_seconds(), time.perf_counter()
    batch = office.does("fiona", services.read_file, program=office.program, name="big.csv", content=content)
    read = processor_seconds()
    assert batch.totals["new"] == ROWS and batch.totals["faults"] == 0
    batch = office.does("fiona", services.accept, batch=batch)
    done = processor_seconds()
    assert batch.totals["entered"] == ROWS
    print(
        f"\nper processor second: read {ROWS / (read - began):,.0f}, accepted {ROWS / (done - read):,.0f}, "
        f"end to end {ROWS / (done - began):,.0f} rows; wall {time.perf_counter() - wall:.1f} s"
    )
    with office.looking():
        assert ActualLine.objects.count() == ROWS
        spent = sum(account.balance for account in Account.objects.filter(kind="spent"))
    assert spent == batch.totals["new_minor"] == sum((n % 997 + 1) * 100 + n % 100 for n in range(ROWS))


@pytest.mark.proof
def test_memory_stays_flat_while_a_file_is_read(own_database: OwnDatabase) -> None:
    """Three times the rows take more memory by the file itself (twice: bytes and text) and what tells rows apart."""
    office, most = open_office(), []
    for rows in (8_000, 24_000):
        content = big_file(rows)
        tracemalloc.start()
        office.does("fiona", services.read_file, program=office.program, name="big.csv", content=content)
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        print(f"\n{len(content) / 2**20:.1f} MB file, {most[-1] / 2**20:.1f} MB at most in Python")
    assert most[1] - most[0] < 16_000 * 600
