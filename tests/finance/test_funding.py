"""The capital program: what units asked for and were given, by source and year, as a city printed it."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from finance.funding import selectors, services
from finance.funding.models import FundingLine, FundingPlan
from finance.funding.reading import fund_of, funds
from finance.funding.selectors import Funding
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import Office, open_office
from tests.finance.test_pages import browser
from tests.shared import shared
from tests.sheets import read

CITY = "13_capital_program_baltimore"
STEPS = "agency_amt, planning_amt, bof_amt, boe_amt, budget_amt"
PRINTED = {
    "City bond funds": ("1", "city_bond_funds"),
    "City general funds": ("2", "city_general_funds"),
    "Revenue loans": ("3, 657", "revenue_loans"),
    "Utility funds": ("4", "utility_funds"),
    "Federal funds": ("5", "federal_funds"),
    "State funds": ("6", "state_funds"),
    "County grants": ("7", "county_grants"),
    "General funds, HUR eligible": ("8", "general_funds_(hur_eligible)"),
    "Other": ("9", "other"),
}
"""Group -> the codes of its sources, and the column of the city's printed summary."""
FUNDS = "\n".join(f"{name}: {codes}" for name, (codes, _) in PRINTED.items())
HEADING = "fiscal_year,unit,unit_name,request,title,source,source_name,kind,asked,approved"
ROWS = [
    "2026,IT,Information technology,R-1,Switches,100,Bonds,source,500.00,400.00",
    "2026,IT,Information technology,R-1,Switches,200,General,source,100.00,100.00",
    "2026,IT,Information technology,R-1,Switches,,,total,600.00,500.00",
    "2026,RD,Roads,R-2,Bridge,100,Bonds,source,900.00,-50.00",
    "2027,IT,Information technology,R-3,=Data,200,General,source,10.00,0",
]


def entered(
    office: Office, text: str = "", funds: str = "", steps: str = "asked, approved", **more: Any
) -> FundingPlan:
    content = (text or "\n".join([HEADING, *ROWS])).encode()
    return office.does(
        more.get("who", "fiona"), services.enter, program=office.program, name="requests.csv", content=content,
        steps=steps, funds=funds,
    )  # fmt: skip


def table(office: Office, plan: FundingPlan, step: str = "", year: int | None = None) -> Funding:
    with office.looking():
        return selectors.funding(office.program, plan, step, year)


def needed(name: str) -> str:
    """A file of the city's requests; the test is skipped, with the reason, where they are not beside the checkout."""
    return shared(f"{CITY}/{name}").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("name", ["all_agencies_capital_requests.csv", "it_office_capital_requests.csv"])
def test_every_printed_fund_summary_is_reproduced(db: None, name: str) -> None:
    """Each agency, each year that the requests cover, each of nine kinds of funds and the total, to the dollar."""
    office = open_office(currency="USD")
    plan = entered(office, needed(name), FUNDS, STEPS)
    found = table(office, plan)
    units = {(unit.year, unit.unit): unit for unit in found.units}
    compared = 0
    for row in csv.DictReader(io.StringIO(needed("published_agency_fund_summary.csv"))):
        unit = units.get((int(row["fiscal_year"]), row["bureau_program"]))
        if unit is not None:
            for fund, (_, column) in PRINTED.items():
                assert unit.funds.get(fund, 0) == Decimal(row[f"{column}_thousand"]) * 100_000, (row, fund)
            assert unit.total == Decimal(row["total_thousand"]) * 100_000
            compared += 1
    assert compared == {"a": 55, "i": 6}[name[0]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("all_agencies_capital_requests.csv", "expected_all_agencies.csv"),
        ("it_office_capital_requests.csv", "expected_it_office.csv"),
    ],
)
def test_each_step_from_request_to_budget_is_reproduced(db: None, name: str, expected: str) -> None:
    office = open_office(currency="USD")
    plan = entered(office, needed(name), FUNDS, STEPS)
    columns = (
        "agency_request",
        "planning_commission",
        "board_of_finance",
        "board_of_estimates",
        "capital_budget",
    )
    wanted = list(csv.DictReader(io.StringIO(needed(expected))))
    for step, column in zip(plan.steps, columns, strict=True):
        units = {(unit.year, unit.unit): unit for unit in table(office, plan, step).units}
        assert len(units) == len(wanted)
        for row in wanted:
            unit = units[int(row["fiscal_year"]), row["bureau_program"]]
            assert unit.total == Decimal(row[column]) * 100, (row, step)
            assert unit.requests == int(row["requests"])


def test_a_source_belongs_to_the_group_whose_beginning_fits_longest() -> None:
    groups = funds("Loans: 3, 657\n\nState: 6")
    assert [fund_of(code, "x", groups) for code in ("301", "657", "690", "700")] == [
        "Loans",
        "Loans",
        "State",
        None,
    ]
    assert fund_of("700", "County grants", []) == "County grants"
    for wrong in ("Loans", "Loans:", ": 3", "A: 1\nA: 2"):
        with pytest.raises(Refused):
            funds(wrong)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("total,600.00", "total,601.00", "the sources of asked add up to 600.00, its total says 601.00"),
        ("500.00,400.00", "500.00,4e2", "Row 2: approved:"),
        ("2026,RD", "26,RD", "is not a fiscal year"),
        (",source,900", ",wish,900", "neither source nor total"),
        ("R-2,Bridge,100", "R-2,Bridge,", "there is no source of funds"),
        ("2026,RD,Roads,R-2", "2026,RD,Roads,", "there is no request"),
        ("source_name,kind", "name,kind", "there is no column source_name"),
        ("10.00,0", "10.00", "has 9 cells; the heading has 10"),
    ],
)  # fmt: skip
def test_a_faulty_row_is_named_and_nothing_is_entered(office: Office, old: str, new: str, said: str) -> None:
    text = "\n".join([HEADING, *ROWS])
    assert old in text
    with pytest.raises(Refused, match=said.replace("(", r"\(")) as refused:
        entered(office, text.replace(old, new, 1))
    assert refused.value.field in ("file", "steps")
    with office.looking():
        assert not FundingPlan.objects.exists() and not FundingLine.objects.exists()


def test_who_may_not_and_what_is_asked_wrongly(office: Office) -> None:
    with pytest.raises(NotAllowed):
        entered(office, who="ada")
    with pytest.raises(Refused, match="which you name as a step"):
        entered(office, steps="asked, granted")
    with pytest.raises(Refused, match="in none of your groups"):
        entered(office, funds="Bonds: 1")
    entered(office)
    with pytest.raises(Refused, match="entered before"):
        entered(office)


def test_a_file_is_withdrawn_once_with_a_reason_and_may_come_again(office: Office) -> None:
    plan = entered(office)
    with pytest.raises(Refused, match="why this file"):
        office.does("fiona", services.withdraw, plan_id=plan.pk, text=" ")
    with pytest.raises(NotAllowed):
        office.does("ada", services.withdraw, plan_id=plan.pk, text="x")
    office.does("fiona", services.withdraw, plan_id=plan.pk, text="The wrong year")
    with pytest.raises(Conflict):
        office.does("fiona", services.withdraw, plan_id=plan.pk, text="Again")
    with office.looking():
        assert selectors.plans(office.program) == []
    assert entered(office).pk != plan.pk


def test_rows_stay_as_they_were_entered(office: Office) -> None:
    entered(office)
    for deed in ("update finance_fundingline set fund = 'x'", "delete from finance_fundingline"):
        with (
            office.looking(),
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(deed)


def test_the_page_shows_each_step_and_its_figures_lead_to_their_rows(office: Office) -> None:
    fiona = browser(office, "fiona")
    address = "/p/ATLAS/capital-program/"
    assert "No capital program yet" in fiona.get(address).content.decode()
    made = fiona.post(
        f"{address}add/",
        {
            "file": SimpleUploadedFile("r.csv", "\n".join([HEADING, *ROWS]).encode()),
            "steps": "asked,approved",
            "funds": "",
        },
    )
    assert made.status_code == 302
    with office.looking():
        plan = FundingPlan.objects.get()
    assert plan.funds == ["Bonds", "General"]
    page = fiona.get(address).content.decode().replace("\xa0", " ")
    for words in ("Information technology", "Roads", "450.00 EUR", "2027", "Withdraw"):
        assert words in page, words
    assert "1,510.00 EUR" in fiona.get(f"{address}?step=asked").content.decode().replace("\xa0", " ")
    assert "Roads" not in fiona.get(f"{address}?year=2027").content.decode()
    rows = fiona.get(f"{address}{plan.pk}/?year=2026&unit=IT&fund=Bonds").content.decode()
    assert "Switches" in rows and "Bridge" not in rows and "400.00" in rows
    listed = list(csv.DictReader(io.StringIO(fiona.get(f"{address}?format=csv").content.decode())))
    assert [one["total"] for one in listed] == ["0.00", "500.00", "-50.00"]
    sheet = read(fiona.get(f"{address}?format=xlsx").content, 1)
    assert sheet[-1][-1] == 450.0
    assert "Withdraw" not in browser(office, "ada").get(address).content.decode()
    again = fiona.post(f"{address}add/", {"file": SimpleUploadedFile("r.csv", b"a,b\n"), "steps": "asked"})
    assert again.status_code == 422 and "there is no column fiscal_year" in again.content.decode()
    assert fiona.post(f"{address}{plan.pk}/withdraw/", {"why": ""}).status_code == 422
    assert fiona.post(f"{address}{plan.pk}/withdraw/", {"why": "Wrong"}).status_code == 302


def test_the_api_enters_shows_and_withdraws(office: Office) -> None:
    fiona, address = browser(office, "fiona"), "/api/v1/programs/ATLAS/funding-plans/"
    body = {"name": "r.csv", "content": "\n".join([HEADING, *ROWS]), "steps": "asked,approved"}
    made = fiona.post(address, body, content_type="application/json")
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    steps = fiona.get(f"{address}{pk}/funding/").json()["steps"]
    assert [(one["step"], sum(unit["total_minor"] for unit in one["units"])) for one in steps] == [
        ("asked", 151_000),
        ("approved", 45_000),
    ]
    assert fiona.get("/api/v1/programs/ATLAS/funding-lines/?unit=RD").json()["results"][0]["amounts"] == [
        90_000,
        -5_000,
    ]
    gone = fiona.post(f"{address}{pk}/withdraw/", {"why": "Wrong"}, content_type="application/json")
    assert gone.status_code == 200 and gone.json()["withdrawn_at"]
