"""The command line's doors on the real program: the bundle in, its earned value out, the books whole."""

from __future__ import annotations

import csv
import io
import subprocess
import time
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.conftest import OwnDatabase
from tests.finance.engine import ghent
from tests.finance.test_earned_value_proof import MONEY
from tests.shared import shared


def run(manage: list[str], database: OwnDatabase, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*manage, *arguments],
        env=database.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.proof
def test_the_insurers_bundle_comes_in_and_its_earned_value_goes_out(
    own_database: OwnDatabase, manage: list[str]
) -> None:
    folder = shared(f"01_dslib_real_projects/{ghent.INSURER}")
    arguments = ("import_bundle", str(folder), "--program", "INSURER", "--create", "Insurer", "--accept")
    began = time.perf_counter()
    done = run(manage, own_database, *arguments)
    print(f"\nimport end to end {time.perf_counter() - began:.1f} s")
    assert done.returncode == 0, done.stderr
    again = run(manage, own_database, *arguments)
    assert again.returncode == 0 and "Nothing to do" in again.stdout

    out = run(manage, own_database, "earned_value", "insurer", "--csv")
    assert out.returncode == 0, out.stderr
    found = {(row["project_id"], row["period"]): row for row in csv.DictReader(io.StringIO(out.stdout))}
    wanted = ghent.rows(ghent.INSURER, "expected/evm.csv")
    assert len(found) == len(wanted) == 44
    for expected in wanted:
        row = found[expected["project_id"], expected["period"]]
        for name in ("status_date", "es"):
            assert row[name] == expected[name]
        for name in MONEY:
            if expected[name]:
                assert round(Decimal(row[name]), 2) == round(Decimal(expected[name]), 2), (row, name)
        if expected["spi_t"]:
            right = Fraction(expected["spi_t"])
            assert abs(Fraction(row["spi_t"]) - right) <= right / 100 + Fraction(1, 10_000)

    one = run(
        manage,
        own_database,
        "earned_value",
        "INSURER",
        "--project",
        "C2015-11",
        "--at",
        "2014-03-20",
        "--csv",
    )
    rows = list(csv.DictReader(io.StringIO(one.stdout)))
    assert [(row["project_id"], row["period"]) for row in rows] == [("C2015-11", "1")]

    whole = run(manage, own_database, "verify")
    assert whole.returncode == 0, whole.stderr


def test_a_program_or_project_that_does_not_exist_is_said_so(
    own_database: OwnDatabase, manage: list[str]
) -> None:
    done = run(manage, own_database, "earned_value", "NOPE", "--csv")
    assert done.returncode != 0 and "There is no program NOPE" in done.stderr
