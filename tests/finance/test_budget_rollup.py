"""The program's budget added up agrees with the books at every line, whatever happens to the money."""

from __future__ import annotations

import re
from datetime import date

from django.test import Client

from finance.budgets.rollup import build
from finance.budgets.selectors import Grid, GridRow
from finance.ledger import services as ledger
from finance.transfers import services as transfers
from tests.finance.office import Office
from tests.finance.test_budgets import activated, drafted, line
from tests.finance.test_ledger import TODAY, spend


def busy(office: Office) -> None:
    """Two projects in two years, one with contingency; a transfer, something set aside, something spent."""
    first = drafted(office, {"2026-11": 100_000, "2027-01": 50_000})
    line(office, first, "2026-11", 30_000, category="contingency", nature="operating")
    activated(office, first)
    activated(office, drafted(office, {"2026-12": 70_000}, project="DC"), "B-2")
    office.does(
        "mira", transfers.delegate, program=office.program, role="finance_controller", up_to_minor=10**6,
        valid_from=date(2026, 1, 1), across_projects=True,
    )  # fmt: skip
    office.does(
        "fiona", transfers.transfer, program=office.program, source=office.place(), target=office.place("DC", "travel"),
        amount=20_000, effective=TODAY, text="To the site",
    )  # fmt: skip
    office.does(
        None,
        ledger.reserve,
        program=office.program,
        place=office.place(),
        amount=5_000,
        effective=TODAY,
        text="Kept",
    )
    spend(office, 8_000)


def test_versions_and_books_agree_and_all_money_is_somewhere(office: Office) -> None:
    busy(office)
    client = Client()
    client.force_login(office.person("sam"))
    found = client.get("/api/v1/programs/ATLAS/budget-rollup/").json()
    whole = found["whole"]
    assert found["agrees"] and (whole["in_force_minor"], whole["granted_minor"], whole["moved_minor"]) == (
        250_000, 250_000, 0,
    )  # fmt: skip
    assert [one["amount_minor"] for one in whole["years"]] == [200_000, 50_000]
    for one in (whole, *found["lines"]):
        held = sum(one[f"{name}_minor"] for name in ("reserved", "committed", "accrued", "actual", "left"))
        assert (
            one["budget_minor"] == held - one["unfunded_minor"] == one["granted_minor"] + one["moved_minor"]
        )
        assert sum(year["amount_minor"] for year in one["years"]) == one["in_force_minor"]
    moved = {
        (one["project"], one["category"]): one["moved_minor"] for one in found["lines"] if one["moved_minor"]
    }
    assert moved == {("CRM", "hardware"): -20_000, ("DC", "travel"): 20_000}


def test_the_page_opens_a_project_down_to_the_line_and_its_journals(office: Office) -> None:
    busy(office)
    client = Client()
    client.force_login(office.person("sam"))
    folded = client.get("/p/ATLAS/budget/added-up/").content.decode()
    assert "CRM" in folded and "Hardware" not in folded and "the same at every line" in folded
    opened = client.get("/p/ATLAS/budget/added-up/?open=CRM").content.decode()
    assert "project=CRM&amp;category=hardware" in opened and "category=travel" not in opened
    text = re.sub(r"<[^>]+>|\s+", " ", opened)
    # 2026, 2027, moved, budget, reserved, actual, left
    assert re.search(r"Hardware, capital +1,000 +500 +-200 +1,300 +50 +80 +1,170", text.replace("−", "-"))
    rows = client.get("/p/ATLAS/budget/added-up/?format=csv").content.decode().splitlines()
    assert any(row.startswith("DC,travel,capital,0.00,0.00,0.00,0.00,200.00,200.00") for row in rows)


def test_an_empty_program_has_no_budget(office: Office) -> None:
    client = Client()
    client.force_login(office.person("sam"))
    assert "No budget is in force" in client.get("/p/ATLAS/budget/added-up/").content.decode()


def test_a_line_that_the_books_do_not_know_is_named() -> None:
    grid = Grid([GridRow(1, "CRM", "travel", "operating", {"2026-11": 100})], ["2026-11"])
    found = build(
        grid,
        [(1, "travel", "operating", "funding", -90), (1, "travel", "operating", "available", 90)],
        {1: "CRM"},
        1,
    )
    [wrong] = found.disagreeing
    assert (wrong.in_force, wrong.granted, wrong.moved) == (100, 90, 0)
