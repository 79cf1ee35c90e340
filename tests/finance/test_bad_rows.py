"""Bad amounts where no form reads them, and whatever else is wrong with a row: a sentence, and nothing is entered."""

from __future__ import annotations

import ast
import csv
import html
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection

from finance.budgets.lines import Cell, CellsRefused
from finance.budgets.version_views import _changes
from finance.capex.forms import read_cash
from finance.engine.three_way import Line
from finance.forecast import typed
from finance.funding import reading as funding
from finance.imports import mending, posting, services
from finance.imports.layout import COLUMNS, Layout
from finance.imports.reading import Reader
from finance.management.commands import import_costs
from finance.procurement.bill_forms import Cells
from finance.rates.converting import Rates
from finance.structure import periods
from governance.authority import services as authority
from governance.authority.models import SubjectKind
from pmo.refusals import Refused
from programs.portfolio.models import Project
from programs.schedule.models import Activity
from tests.finance.amounts import ALL, BAD, FINER, GOOD, ROOT
from tests.finance.office import Office
from tests.finance.signing import drafted
from tests.finance.test_late_costs import closed
from tests.finance.test_pages import HEADING, browser, quiet_static
from tests.finance.test_procurement import approved, vendor

__all__ = ["quiet_static"]


# ------------------------------------------------------------------ the doors that read by themselves
def _cash(text: str) -> None:
    read_cash(f"2027-01 {text}", "EUR")


def _pasted(text: str) -> None:
    cell = Cell("hardware", "capital", "2026-11")
    try:
        _changes([(cell, text, 1)], "EUR")
    except CellsRefused as refused:
        raise Refused(refused.problems[cell].message) from None


def _forecast(text: str) -> None:
    for fault in typed.read({"c-1-2": text}, "EUR").faults.values():
        raise Refused(fault)


def _billed(text: str) -> None:
    cells = Cells(
        {1: Line(Decimal(2), 100)}, {1: "Thing"}, "EUR", {"quantity-1": "1", "price-1": text}, priced=True
    )
    cells.read()
    for fault in cells.errors.values():
        raise Refused(fault)


def _cost_file(text: str) -> None:
    headings = list(COLUMNS)
    layout = Layout(columns={name: name for name in headings})
    told = {"source_reference": "A", "project": "CRM", "category": "hardware", "nature": "capital"}
    told |= {"date": "2026-11-10", "amount": text, "currency": "EUR"}
    row = Reader(layout, Rates("EUR", []), headings).row(2, [told.get(name, "") for name in headings])
    if row.problem:
        raise Refused(row.problem)


def _funding(text: str) -> None:
    rows = io.StringIO()
    names = ["fiscal_year", "unit", "unit_name", "request", "title", "source", "source_name", "asked"]
    csv.writer(rows).writerows([names, ["2026", "U", "Unit", "1", "Roof", "1", "Bonds", text]])
    try:
        funding.read(rows.getvalue().encode(), "EUR", ["asked"], [])
    except Refused as refused:
        told = refused.message.removeprefix("Row 2: asked: ").removesuffix(" Nothing was entered.")
        raise Refused(told) from None


@pytest.mark.parametrize(
    ("door", "table"),
    [
        (_cash, ALL),
        (_pasted, ALL),
        (_forecast, ALL),
        (_billed, ALL),
        (_cost_file, BAD | FINER),
        (_funding, BAD | FINER),
    ],
)
def test_what_is_read_without_a_field_of_a_form_says_the_same(
    door: Callable[[str], None], table: dict[str, str]
) -> None:
    for text, sentence in table.items():
        with pytest.raises((Refused, ValidationError)) as refused:
            door(text)
        assert [sentence] == getattr(refused.value, "messages", [str(refused.value)]), text
    for text in GOOD:
        door(text)


SEEN = {
    "pmo/amounts.py": "every form of this file",
    "finance/capex/forms.py": "_cash",
    "finance/budgets/version_views.py": "_pasted",
    "finance/forecast/typed.py": "_forecast",
    "finance/procurement/bill_forms.py": "_billed",
    "finance/imports/layout.py": "_cost_file",
    "finance/funding/reading.py": "_funding",
    "finance/imports/views.py": "the pages below",
    "finance/imports/batch_views.py": "the pages below",
    "finance/reconciliation/views.py": "the pages below",
    "finance/management/commands/import_costs.py": "the command below",
    "finance/estimates/views.py": "test_estimates.py: it needs a finished simulation",
}


def test_nobody_else_reads_amounts() -> None:
    found = set()
    for app in ("pmo", "programs", "finance", "governance"):
        for path in (ROOT / app).rglob("*.py"):
            if "parse_" not in (text := path.read_text()):
                continue
            calls = [one.func for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Call)]
            names = {getattr(one, "id", getattr(one, "attr", "")) for one in calls}
            if names & {"parse_amount", "parse_unrounded"}:
                found.add(str(path.relative_to(ROOT)))
    assert found == set(SEEN)


def test_the_pages_that_take_an_erps_total_show_the_sentence_and_keep_what_was_typed(office: Office) -> None:
    content = f"{','.join(COLUMNS)}\nA,CRM,,hardware,capital,2026-11-10,5,EUR,,\n".encode()
    batch = office.does(
        "fiona", services.read_file, program=office.program, name="costs.csv", content=content
    )
    with office.looking():
        month = periods.period_of(office.program, office.at.date())
    fiona = browser(office, "fiona")
    for address, typed_in in (
        (f"costs/{batch.pk}/total/", {"total": "(100)"}),
        (f"periods/{month.pk}/total/", {"amount": "(100)", "note": "SAP", "version": "0"}),
        ("costs/add/", {"total": "(100)", "file": SimpleUploadedFile("costs.csv", content, "text/csv")}),
    ):
        answer = fiona.post(f"/p/ATLAS/{address}", typed_in)
        assert answer.status_code == 422 and BAD["(100)"] in html.unescape(answer.content.decode()), address


def test_the_command_line_says_it_too(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_costs, "find", lambda code: office.program.pk)  # which asks as the owner
    path, said = tmp_path / "costs.csv", io.StringIO()
    path.write_text(",".join(COLUMNS) + "\n")
    with pytest.raises(SystemExit):
        call_command("import_costs", str(path), program="ATLAS", total="1e9", stderr=said)
    assert BAD["1e9"] in said.getvalue()


# ------------------------------------------------------------------ what else may be wrong with money
ROW = "{reference},{project},{activity},{category},capital,{day},100,{currency},,"
FINE = {"project": "CRM", "activity": "", "category": "hardware", "day": "2026-11-10", "currency": "EUR"}
WRONG: list[tuple[dict[str, str], str]] = [
    ({"project": "NOPE"}, "There is no project “NOPE”."),
    ({"project": ""}, "Project is missing."),
    ({"activity": "A-99"}, "There is no activity “A-99” in project CRM."),
    ({"category": "yachts"}, "“yachts” is not a cost category."),
    ({"category": "contingency"}, "“contingency” is not a cost category."),
    ({"currency": "EURO"}, "“EURO” is not an ISO 4217 currency with a minor unit."),
    ({"currency": "XAU"}, "“XAU” is not an ISO 4217 currency with a minor unit."),
    ({"currency": "USD"}, "There is no exchange rate of USD on or before 2026-11-10."),
    ({"day": "2026-09-10"}, "Period 2026-09 is closed."),
    ({"day": "2026-11-31"}, "“2026-11-31” is not a date such as 2026-11-30."),
    ({"day": "10.11.2026"}, "“10.11.2026” is not a date such as 2026-11-30."),
    ({"currency": "USD", "category": "yachts"},
     "“yachts” is not a cost category; there is no exchange rate of USD on or before 2026-11-10."),
]  # fmt: skip


def test_each_fault_of_a_row_has_its_sentence_and_nothing_of_the_file_is_entered(office: Office) -> None:
    closed(office, "2026-09")
    rows = [
        ROW.format(**FINE | changed | {"reference": f"INV-{n}"})
        for n, (changed, _) in enumerate([*WRONG, ({}, "")])
    ]
    content = "\n".join([",".join(COLUMNS), *rows]).encode()
    batch = office.does(
        "fiona", services.read_file, program=office.program, name="costs.csv", content=content
    )
    told = {one["row"]: one["problem"] for one in batch.problems}
    assert told == {n: sentence for n, (_, sentence) in enumerate(WRONG, 2)}
    faults = browser(office, "fiona").get(f"/p/ATLAS/costs/{batch.pk}/faults.csv").getvalue().decode()
    for n, sentence in told.items():
        row = next(row for row in csv.reader(io.StringIO(faults)) if row and row[0] == str(n))
        assert sentence in row
    with pytest.raises(Refused):
        office.does("fiona", services.accept, batch=batch)
    assert office.balance("spent") == 0


def test_days_the_wrong_way_round_are_said_at_their_field(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    with pytest.raises(Refused, match="A contract ends on or after the day on which it starts") as refused:
        drafted(office, request, acme, starts_on=date(2026, 11, 2), ends_on=date(2026, 11, 1))
    assert refused.value.field == "ends_on"
    with pytest.raises(ValidationError, match=r"2027-03\.\.2027-01 is not a stretch of at most"):
        read_cash("2027-03..2027-01 500", "EUR")
    with pytest.raises(Refused, match="The rule ends before it begins") as refused:
        office.does(
            "mira", authority.delegate, program=office.program, body=None, code="R-1",
            subject_kind=SubjectKind.BUDGET, up_to_minor=100, valid_from=date(2026, 11, 2), valid_to=date(2026, 11, 1),
        )  # fmt: skip
    assert refused.value.field == "valid_to"


def test_a_cost_whose_activity_was_taken_out_since_it_was_read_is_a_fault_and_says_so(office: Office) -> None:
    with office.looking():
        project = Project.objects.get(program=office.program, code="CRM")
        gone = Activity.objects.create(program=office.program, project=project, code="X1", name="Build")
    rows = "A,CRM,X1,services,operating,2026-11-10,100,EUR,Vendor,Work\n"
    rows += "B,CRM,,services,operating,2026-11-10,100,EUR,Vendor,Work"
    batch = office.does(
        "fiona",
        services.read_file,
        program=office.program,
        name="erp.csv",
        content=f"{HEADING}\n{rows}".encode(),
    )
    assert batch.totals["faults"] == 0
    with office.looking(), connection.cursor() as cursor:  # as undoing an import does
        cursor.execute("delete from programs_activity where id = %s", [gone.pk])
    with pytest.raises(Refused, match="1 rows have a fault"):
        office.does("fiona", services.accept, batch=batch)
    again = office.does("fiona", mending.check_again, batch=batch)
    assert again.problems[0]["problem"] == posting.GONE


def test_the_database_says_in_words_that_what_a_cost_is_booked_to_is_gone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.looking():
        project = Project.objects.get(program=office.program, code="CRM")
        gone = Activity.objects.create(program=office.program, project=project, code="X1", name="Build")
    rows = "A,CRM,X1,services,operating,2026-11-10,100,EUR,Vendor,Work"
    batch = office.does(
        "fiona",
        services.read_file,
        program=office.program,
        name="erp.csv",
        content=f"{HEADING}\n{rows}".encode(),
    )
    with office.looking(), connection.cursor() as cursor:  # as undoing an import does
        cursor.execute("delete from programs_activity where id = %s", [gone.pk])
    monkeypatch.setattr(posting, "check", lambda *_, **__: None)  # it went after the look
    with pytest.raises(Refused, match="was taken out of the plan: read the file again"):
        office.does("fiona", services.accept, batch=batch)
