"""A file of cost of a million rows, read on trial and entered: rows a second, CPU, and memory that stays flat."""

from __future__ import annotations

import argparse
import csv
import os
import resource
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

HEADING = "source_reference,project,activity,category,nature,date,amount,currency,vendor,text\n"
CATEGORIES = ("labour", "hardware", "software", "services", "facilities", "travel")
TICK = os.sysconf("SC_CLK_TCK")
TARGET, MEMORY = 10_000, 500


def write(path: Path, rows: int) -> int:
    """Costs of ten projects, six categories and 24 months, one in fifty in dollars, one in forty a credit."""
    with path.open("w") as file:
        file.write(HEADING)
        for n in range(rows):
            month, minor = n % 24, (n * 7919) % 900_000 + 100
            sign = "-" if n % 40 == 7 else ""
            file.write(
                f"INV-{n:08},P{n % 10},,{CATEGORIES[n // 10 % 6]},operating,{2024 + month // 12}-{month % 12 + 1:02}-"
                f"{n % 28 + 1:02},{sign}{minor // 100}.{minor % 100:02},{'USD' if n % 50 == 3 else 'EUR'},"
                f"Vendor {n % 500},Cost number {n}\n"
            )
    return path.stat().st_size


def program(code: str) -> Any:
    """A fresh program with ten projects and the rate of the dollar."""
    from finance.rates import services as rates
    from pmo import commands
    from programs.portfolio import services as portfolio
    from programs.portfolio.models import Project

    def make(*, by: Any, at: datetime) -> Any:
        return portfolio.create_program(
            code=code, name="Import", currency="EUR", starts_at=at, by=None, at=at
        )

    def furnish(*, by: Any, at: datetime, program: Any) -> None:
        for n in range(10):
            Project.objects.create(program=program, code=f"P{n}", name=f"Project {n}", position=n)
        content = b"currency,from,rate\nUSD,2020-01-01,0.9215\n"
        rates.read_file(program=program, content=content, by=by, at=at)

    made = commands.run(make, actor=None, scope=[])
    commands.run(furnish, actor=None, scope=[made.pk], program=made)
    return made


def _used() -> tuple[float, float, float]:
    """Wall, our CPU and the CPU of PostgreSQL's process for our connection, in seconds."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return time.perf_counter(), time.process_time(), (int(stat[11]) + int(stat[12])) / TICK


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(given: argparse.Namespace) -> None:
    """Read and accept; the rate against the target, and what plain reading of the same file costs."""
    from finance.imports.models import ActualBatch
    from finance.management.commands.import_costs import accept_patiently, read_patiently
    from pmo import commands, garbage

    garbage.settle()  # as a worker does before its first task
    made = program(f"I{int(time.time())}")
    scope: dict[str, Any] = {"actor": None, "scope": [made.pk]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "erp.csv"
        size = write(path, given.rows)
        began = time.process_time()
        with path.open() as file:
            plain = sum(1 for _ in csv.reader(file)) - 1
        reading, before = time.process_time() - began, _memory()
        marks = [_used()]
        with path.open("rb") as stream:
            batch: ActualBatch = commands.run(
                read_patiently, program=made, name="erp.csv", stream=stream, **scope
            )
        marks.append(_used())
        batch = commands.run(accept_patiently, batch=batch, **scope)
        marks.append(_used())
    assert plain == batch.totals["entered"] == given.rows  # noqa: S101 - a figure of less is no figure
    print(f"{given.rows:,} rows, {size / 2**20:.0f} MB; csv alone {reading:.1f} s CPU")
    print("| step | wall s | CPU ours | CPU PostgreSQL | rows/s wall | rows/s CPU | x csv alone |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, first, last in (("read on trial", 0, 1), ("accept", 1, 2), ("both", 0, 2)):
        wall, ours, theirs = (marks[last][n] - marks[first][n] for n in range(3))
        print(
            f"| {name} | {wall:.1f} | {ours:.1f} | {theirs:.1f} | {given.rows / wall:,.0f} | "
            f"{given.rows / (ours + theirs):,.0f} | {(ours + theirs) / reading:.0f} |"
        )
    wall = marks[2][0] - marks[0][0]
    print(f"memory of ours: {before:.0f} MB before, {_memory():.0f} MB at most (at most {MEMORY} asked)")
    print(f"target {TARGET:,} rows/s: {'kept' if given.rows / wall >= TARGET else 'missed'} by the clock")
