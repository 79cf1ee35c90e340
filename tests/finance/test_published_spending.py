"""Ledgers that councils published come in as published, by the totals that they print."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from django.db.models import Count, Q, Sum

from finance.imports import mending
from finance.imports.layout import Layout
from finance.ledger.models import Account, ActualLine
from finance.rates import services as rates
from pmo.refusals import Refused
from tests.conftest import OwnDatabase
from tests.finance.office import open_office
from tests.finance.sourcing import FIXED, PLAIN, accept, described, faults_of, problems, read
from tests.finance.test_late_costs import sound
from tests.shared import shared

DAY = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}")


def repaired(cells: list[str]) -> list[str]:
    """The six cells of a damaged row of Lambeth's: what stands before and behind the date was run into it."""
    whole = ",".join(cells)
    day = DAY.search(whole)
    assert day is not None, cells
    before, behind = whole[: day.start()].rstrip(","), whole[day.end() :].lstrip(",")
    body, department, supplier = before.split(",", 2)
    amount, subject = behind.split(",", 1)
    return [body, department, supplier, day[0], amount, subject]


def test_lambeths_printed_total_is_reached_through_the_rows_with_a_fault(db: None) -> None:
    content = shared("08_spend_ledgers/lambeth_invoices_2012-06.csv").read_bytes()
    expected = json.loads(shared("08_spend_ledgers/lambeth_expected.json").read_text())
    printed = round(expected["printed_report_total"] * 100)
    office = open_office(currency="GBP")
    headings = (
        "Body", "Department", "Supplier Name", "Invoice Creation Date", "Invoice Nett Amount", "Subj Description",
    )  # fmt: skip
    layout = Layout(
        columns={
            "date": headings[3], "amount": headings[4], "vendor": headings[2], "text": headings[5],
        },
        reference=headings, count_same=True, date_order="dmy", defaults=FIXED,
    )  # fmt: skip
    batch = read(office, content, described(office, layout, "LAMBETH"), control_minor=printed)
    assert batch.totals["new"] == expected["well_formed_rows"]
    assert batch.totals["new_minor"] == round(expected["sum_of_well_formed_rows_only"] * 100)
    with pytest.raises(Refused, match="have a fault"):
        accept(office, batch)
    out = list(csv.DictReader(io.StringIO(faults_of(office, batch))))
    damaged, other = [], []
    for row in out:
        cells = [row[name].removeprefix("'") for name in headings]
        while cells and not cells[-1]:
            cells.pop()
        (damaged if DAY.search(",".join(cells)) else other).append((row["row"], cells))
    assert len(damaged) == expected["invoice_rows"] - expected["well_formed_rows"]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["row", *headings])
    writer.writerows([number, *repaired(cells)] for number, cells in damaged)
    batch = office.does("fiona", mending.replace_rows, batch=batch, content=file.getvalue().encode())
    assert [problem for row, problem in problems(batch).items() if str(row) in dict(damaged)] == []
    batch = office.does(
        "fiona", mending.leave_out, batch=batch, rows=[int(number) for number, _ in other],
        reason="The report's total and what stands below it",
    )  # fmt: skip
    batch = accept(office, batch)
    assert (batch.totals["entered"], batch.totals["new_minor"]) == (expected["invoice_rows"], printed)
    with office.looking():
        spent = sum(Account.objects.filter(kind="spent").values_list("balance", flat=True))
        lines = ActualLine.objects.aggregate(n=Count("pk"), total=Sum("amount_minor"))
    assert spent == printed == 4_029_233_484
    assert lines == {"n": 3_155, "total": printed}
    assert len(other) == len(expected["trailing_rows"])
    again = read(office, content, described(office, layout, "LAMBETH-2"))
    assert again.totals["known"] == 0  # another source: nothing is taken for what it is not
    sound(office)


@pytest.mark.parametrize("name", ["April", "May", "July"])
def test_epsrcs_currencies_credits_and_lines_that_are_alike_come_in_as_published(db: None, name: str) -> None:
    content = shared(f"08_spend_ledgers/epsrc_spend_2015_{name.lower()}.csv").read_bytes()
    expected = json.loads(shared("08_spend_ledgers/epsrc_expected.json").read_text())[name]
    office = open_office(currency="GBP")
    headings = content.splitlines()[0].decode().split(",")
    layout = Layout(
        columns={
            "date": "Date", "amount": "Amount", "currency": "InvoiceCurrencyUnit", "vendor": "Supplier",
            "text": "ExpenseType",
        },
        reference=tuple(headings), count_same=True, date_order="dmy", defaults=FIXED,
    )  # fmt: skip
    source = described(office, layout, "EPSRC")
    file = b"currency,from,rate\nUSD,2015-01-01,0.65\nEUR,2015-01-01,0.72\nAUD,2015-01-01,0.51\nCAD,2015-01-01,0.52\n"
    office.does("fiona", rates.read_file, program=office.program, content=file)
    batch = read(office, content, source)
    assert (batch.totals["faults"], batch.totals["new"]) == (0, expected["rows"]), batch.problems[:3]
    accept(office, batch)
    with office.looking():
        lines = ActualLine.objects.all()
        found = {
            one["source_currency"] or "GBP": one
            for one in lines.values("source_currency").annotate(
                own=Sum("amount_minor"), told=Sum("source_minor")
            )
        }
        sums = {code: one["own"] if code == "GBP" else one["told"] for code, one in found.items()}
        assert sums == {code: round(amount * 100) for code, amount in expected["sum_by_currency"].items()}
        negative = Q(source_minor__lt=0) | Q(source_minor=None, amount_minor__lt=0)
        assert lines.filter(negative).count() == expected["negative_rows"]
        alike = lines.filter(source_reference__contains="#").count()
        assert alike == expected["exact_duplicate_rows"]
    assert read(office, content, source).totals["known"] == expected["rows"]
    sound(office)


def test_a_large_file_comes_in_by_the_command_line_without_the_pages_limit(
    own_database: OwnDatabase, manage: list[str], tmp_path: Path
) -> None:
    office = open_office()
    described(office, replace(PLAIN, date_order="dmy", decimal=","))
    path = tmp_path / "erp.csv"
    path.write_text("A report\n\nDoc;Day;Sum\n" + "".join(f"{n};01.11.2026;1,50\n" for n in range(300)))

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*manage, "import_costs", str(path), "--program", "atlas", "--source", "SAP", *more],
            env=own_database.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    done = run("--total", "450", "--accept")
    assert (done.returncode, done.stderr) == (0, "")
    assert "300 new (450.00 EUR)" in done.stdout and "Entered: 300 rows." in done.stdout
    with path.open("a") as file:
        file.write("x;31.11.2026;1,50\n")
    again = run("--accept")
    assert again.returncode == 1 and "nothing was entered" in again.stderr
    assert (
        "300 entered before, 1 with a fault" in again.stdout and "erp.csv:304: “31.11.2026”" in again.stdout
    )
    assert run("--source", "CODA").returncode == 2
    with office.looking():
        assert ActualLine.objects.count() == 300
