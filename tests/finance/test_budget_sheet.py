"""The budget sheet: blocks of cells written together, refused together, and told apart from what others wrote."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from finance.budgets import services as budgets
from finance.budgets.lines import Cell, CellsOvertaken, CellsRefused, LineChange
from finance.budgets.models import Budget, BudgetLine
from finance.structure import fiscal, periods
from pmo.refusals import NotAllowed, Refused
from tests.finance.office import Office
from tests.finance.test_budgets import activated, drafted, line
from tests.finance.test_ledger import TODAY

HARDWARE = ("hardware", "capital")


def block(*changes: tuple[str, int, int | None]) -> list[LineChange]:
    """Amounts of capital hardware by period, with the version seen."""
    return [LineChange(Cell(*HARDWARE, code), amount, version) for code, amount, version in changes]


def amounts(office: Office, budget: Budget) -> dict[str, int]:
    with office.looking():
        return dict(budget.lines.order_by("period__code").values_list("period__code", "amount_minor"))


@pytest.fixture
def fiona(office: Office) -> Client:
    client = Client()
    client.force_login(office.person("fiona"))
    return client


def posted(client: Client, budget: Budget, *cells: tuple[str, str, int]) -> HttpResponse:
    sent = [{"cell": cell, "text": text, "version": version} for cell, text, version in cells]
    answer: Any = client.post(f"/p/ATLAS/budget/{budget.pk}/cells/", {"cells": json.dumps(sent)})
    return answer  # type: ignore[no-any-return]


# ------------------------------------------------------------------ fiscal years
def test_a_fiscal_year_is_called_by_both_calendar_years_that_it_spans() -> None:
    assert fiscal.fiscal_year(2026, 1).label == "2026"
    assert fiscal.fiscal_year(2026, 7).label == "2026/27"
    assert fiscal.fiscal_year(2099, 10).label == "2099/00"
    assert (
        fiscal.fiscal_year(2026, 7).periods[0] == "2026-07"
        and fiscal.fiscal_year(2026, 7).periods[-1] == "2027-06"
    )


@pytest.mark.parametrize("start", range(1, 13))
def test_every_month_lies_in_exactly_one_fiscal_year_and_no_year_is_left_out(start: int) -> None:
    codes = [f"{year}-{month:02d}" for year in (2025, 2026, 2028) for month in range(1, 13)]
    years = fiscal.span(codes, start)
    listed = [code for year in years for code in year.periods]
    assert listed == sorted(set(listed)) and set(codes) <= set(listed)
    for year in years:
        assert {fiscal.begins(code, start) for code in year.periods} == {year.begins}


def test_a_span_is_widened_by_what_is_near_and_never_beyond_its_limit() -> None:
    assert [year.begins for year in fiscal.span(["2026-05"], 1, since=2025, until=2028)] == [
        2025,
        2026,
        2027,
        2028,
    ]
    assert [year.begins for year in fiscal.span(["2026-05"], 1, since=1, until=9999)] == [2026]
    assert len(fiscal.span(["0001-01", "9999-12"], 4)) == fiscal.MOST_YEARS


# ------------------------------------------------------------------ blocks
def test_a_block_is_written_in_one_go(office: Office) -> None:
    budget = drafted(office, {"2026-11": 1_000, "2026-12": 5})
    wanted = block(("2026-11", 1_500, 1), ("2026-12", 0, 1), ("2027-01", 700, 0))
    office.does("fiona", budgets.set_lines, budget=budget, changes=wanted)
    assert amounts(office, budget) == {"2026-11": 1_500, "2027-01": 700}
    with office.looking():
        assert BudgetLine.objects.get(budget=budget, period__code="2026-11").version == 2


def test_one_bad_cell_keeps_the_whole_block_out_and_every_bad_cell_is_named(office: Office) -> None:
    budget = drafted(office, {"2026-11": 1_000})
    wanted = block(("2026-11", 1_500, 1), ("2026-12", -1, 0), ("2026-13", 5, 0))
    wanted.append(LineChange(Cell("management_reserve", "capital", "2026-11"), 5))
    with pytest.raises(CellsRefused) as refused:
        office.does("fiona", budgets.set_lines, budget=budget, changes=wanted)
    assert set(refused.value.errors or {}) == {"lines.1", "lines.2", "lines.3"}
    assert "nothing was saved" in str(refused.value)
    assert amounts(office, budget) == {"2026-11": 1_000}


def test_a_cell_that_somebody_else_wrote_is_shown_with_her_name_and_her_amount(office: Office) -> None:
    budget = drafted(office, {"2026-11": 1_000})
    office.does("mira", budgets.set_lines, budget=budget, changes=block(("2026-11", 123_400, 1)))
    with pytest.raises(
        CellsOvertaken, match=r"Mira Novak changed this amount .* 1,234\.00 EUR now"
    ) as refused:
        office.does(
            "fiona", budgets.set_lines, budget=budget, changes=block(("2026-11", 9, 1), ("2026-12", 9, 0))
        )
    assert [one.version for one in refused.value.problems.values()] == [2]
    assert amounts(office, budget) == {"2026-11": 123_400}


def test_a_cell_that_vanished_meanwhile_is_told(office: Office) -> None:
    budget = drafted(office, {"2026-11": 1_000})
    office.does("mira", budgets.set_lines, budget=budget, changes=block(("2026-11", 0, 1)))
    with pytest.raises(CellsOvertaken, match=r"Mira Novak .* no amount now"):
        office.does("fiona", budgets.set_lines, budget=budget, changes=block(("2026-11", 9, 1)))


def test_a_closed_period_takes_only_what_is_in_force(office: Office) -> None:
    activated(office, drafted(office, {"2026-11": 1_000}))
    second = drafted(office, {"2026-11": 1_200})
    with office.looking():
        period = periods.period_of(office.program, TODAY)
    office.does("fiona", periods.close, period=period)
    with pytest.raises(CellsRefused, match="2026-11 is closed"):
        line(office, second, "2026-11", 1_300)
    line(office, second, "2026-11", 1_000)
    activated(office, second, "B-2")


def test_a_cell_is_written_once_in_a_block(office: Office) -> None:
    budget = drafted(office, {})
    with pytest.raises(CellsRefused, match="written twice"):
        office.does(
            "fiona", budgets.set_lines, budget=budget, changes=block(("2026-11", 1, 0), ("2026-11", 2, 0))
        )


def test_only_who_keeps_budgets_writes_a_block_and_only_in_a_draft(office: Office) -> None:
    budget = drafted(office, {"2026-11": 1_000})
    with pytest.raises(NotAllowed):
        office.does("paul", budgets.set_lines, budget=budget, changes=block(("2026-11", 1, 1)))
    office.does("fiona", budgets.submit, budget=budget)
    with pytest.raises(Refused, match="Only the lines of a draft"):
        office.does("fiona", budgets.set_lines, budget=budget, changes=block(("2026-11", 1, 1)))


# ------------------------------------------------------------------ the page
def test_the_sheet_adds_up_rows_columns_and_years(office: Office, fiona: Client) -> None:
    budget = drafted(office, {"2026-11": 100_000, "2026-12": 250_050, "2027-01": 1_000_000})
    line(office, budget, "2026-11", 300_000, category="labour")
    text = fiona.get(f"/p/ATLAS/budget/{budget.pk}/?open=2026").content.decode()
    foot = re.sub(r"<[^>]+>", " ", text[text.index("<tfoot>") : text.index("</tfoot>")]).split()
    # November, December, the two years, everything; an empty month has no sum
    assert foot == ["Total", "4,000", "2,500.50", "6,500.50", "10,000", "16,500.50"]
    assert 'data-cell="labour.capital.2026-11"' in text and 'data-cell="hardware.capital.2027-01"' not in text
    assert 'data-value="2500.50"' in text


def test_pasted_amounts_are_saved_and_the_sums_come_with_the_answer(office: Office, fiona: Client) -> None:
    budget = drafted(office, {"2026-11": 100_000})
    answer = posted(
        fiona, budget, ("hardware.capital.2026-11", "1,250.00", 1), ("hardware.capital.2026-12", "750", 0)
    )
    assert answer.status_code == 200
    assert amounts(office, budget) == {"2026-11": 125_000, "2026-12": 75_000}
    assert "Version total 2,000.00" in answer.content.decode()


def test_what_cannot_be_read_stays_in_its_cell_and_nothing_is_saved(office: Office, fiona: Client) -> None:
    budget = drafted(office, {"2026-11": 100_000})
    answer = posted(
        fiona, budget, ("hardware.capital.2026-11", "12", 1), ("hardware.capital.2026-12", "<b>ten</b>", 0)
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert (
        'data-typed="&lt;b&gt;ten&lt;/b&gt;"' in text and 'data-typed="12"' in text and "<b>ten" not in text
    )
    assert text.count('aria-invalid="true"') == 1 and "2\xa0amounts not saved" in text
    assert amounts(office, budget) == {"2026-11": 100_000}


def test_two_people_in_one_cell_both_amounts_are_shown(office: Office, fiona: Client) -> None:
    budget = drafted(office, {"2026-11": 100_000})
    office.does("mira", budgets.set_lines, budget=budget, changes=block(("2026-11", 123_400, 1)))
    answer = posted(fiona, budget, ("hardware.capital.2026-11", "9", 1))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Mira Novak changed this amount" in text and "you typed 9" in text and 'data-theirs="2"' in text
    assert posted(fiona, budget, ("hardware.capital.2026-11", "9", 2)).status_code == 200
    assert amounts(office, budget) == {"2026-11": 900}


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "{",
        "[]",
        "7",
        '[{"cell": "a.b"}]',
        '[{"cell": "a.b.c", "text": "1", "version": "1"}]',
        "[" * 5_000,
    ],
)
def test_cells_that_are_none_of_ours_are_refused_as_a_whole(sent: str, office: Office, fiona: Client) -> None:
    budget = drafted(office, {"2026-11": 100_000})
    answer = fiona.post(f"/p/ATLAS/budget/{budget.pk}/cells/", {"cells": sent})
    assert answer.status_code == 422
    assert amounts(office, budget) == {"2026-11": 100_000}


def test_the_version_is_taken_along_as_a_table(office: Office, fiona: Client) -> None:
    budget = drafted(office, {"2026-11": 100_050})
    rows = fiona.get(f"/p/ATLAS/budget/{budget.pk}/?format=csv").content.decode().splitlines()
    heads = rows[0].split(",")
    hardware = next(row.split(",") for row in rows if ",hardware,capital," in row)
    assert hardware[heads.index("2026-11")] == hardware[heads.index("total")] == "1000.50"
    assert fiona.get(f"/p/ATLAS/budget/{budget.pk}/?format=xlsx").content[:2] == b"PK"


def test_who_may_see_history_sees_who_wrote_what(office: Office, fiona: Client) -> None:
    budget = drafted(office, {"2026-11": 100_000})
    line(office, budget, "2026-11", 200_000)
    text = re.sub(r"<[^>]+>|\s+", " ", fiona.get(f"/p/ATLAS/budget/{budget.pk}/").content.decode())
    assert re.search(r"Fiona Castle +Hardware, capital, Nov 2026 +1,000\.00.EUR +2,000\.00.EUR", text)
    sam = Client()
    sam.force_login(office.person("sam"))
    assert "Latest changes" not in sam.get(f"/p/ATLAS/budget/{budget.pk}/").content.decode()


def test_the_api_writes_many_lines_or_says_of_each_what_is_wrong(office: Office, fiona: Client) -> None:
    budget = drafted(office, {"2026-11": 100_000})
    url = f"/api/v1/programs/ATLAS/budgets/{budget.pk}/lines/"
    one = {"category": "hardware", "nature": "capital", "period": "2026-12", "amount_minor": 5, "version": 0}
    answer = fiona.put(url, {"lines": [one, one | {"period": "2026-11", "version": 7}]}, "application/json")
    assert answer.status_code == 409 and list(answer.json()["errors"]) == ["lines.1"]
    answer = fiona.put(url, {"lines": [one, one | {"period": "2027-01"}]}, "application/json")
    assert answer.status_code == 200
    assert amounts(office, budget) == {"2026-11": 100_000, "2026-12": 5, "2027-01": 5}
