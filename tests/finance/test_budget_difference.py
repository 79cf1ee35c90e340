"""Two budget versions side by side."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from finance.budgets import difference
from finance.budgets.models import Budget
from finance.budgets.selectors import Grid, GridRow
from tests.finance.office import Office
from tests.finance.test_budgets import activated, drafted, line


def grid(**amounts: dict[str, int]) -> Grid:
    """Lines of one project by category, all capital."""
    rows = [GridRow(1, "CRM", category, "capital", values) for category, values in amounts.items()]
    return Grid(rows, sorted({code for values in amounts.values() for code in values}))


def test_lines_and_years_add_up_to_the_whole_difference() -> None:
    one = grid(labour={"2026-11": 100, "2027-02": 5}, travel={"2026-11": 7})
    other = grid(labour={"2026-11": 90, "2027-08": 50}, software={"2026-12": 1_000})
    found = difference.compare(one, other, start_month=7)
    assert [year.label for year in found.years] == ["2026/27", "2027/28"]
    assert found.of().difference == 1_028
    assert sum(found.of(line).difference for line in found.lines) == 1_028
    assert sum(found.of(None, year).difference for year in found.years) == 1_028
    assert sum(pair.difference for _, _, pair in found.changed()) == 1_028
    assert [(where[0], code) for where, code, _ in found.changed()] == [
        ("labour", "2026-11"), ("labour", "2027-02"), ("labour", "2027-08"), ("software", "2026-12"),
        ("travel", "2026-11"),
    ]  # fmt: skip


def test_two_empty_versions_do_not_differ() -> None:
    found = difference.compare(None, grid(), start_month=1)
    assert (found.of().difference, found.lines, found.changed(), found.years) == (0, [], [], [])


@pytest.fixture
def versions(office: Office) -> list[Budget]:
    """One in force, and its successor in preparation: hardware less in November, software new."""
    first = activated(office, drafted(office, {"2026-11": 100_000, "2026-12": 250_000}))
    second = drafted(office, {"2026-11": 80_050})
    line(office, second, "2027-01", 40_000, category="software")
    return [first, second]


def test_a_draft_is_compared_with_the_version_in_force(office: Office, versions: list[Budget]) -> None:
    client = Client()
    client.force_login(office.person("sam"))
    page = client.get(f"/p/ATLAS/budget/{versions[1].pk}/difference/").content.decode()
    text = re.sub(r"<[^>]+>|\s+", " ", page)
    assert "From CRM version 1, active to CRM version 2, draft" in text
    assert "2\xa0amounts differ" in page
    assert re.search(r"Hardware, capital +Nov 2026 +1,000 +800\.50 +−199\.50", text)
    assert re.search(r"Software, capital +Jan 2027 +400 +\+400", text)
    rows = client.get(f"/p/ATLAS/budget/{versions[1].pk}/difference/?format=csv").content.decode()
    assert "hardware,capital,2026-12,2500.00,2500.00,0.00,EUR" in rows.splitlines()
    # The other way round, asked for by name.
    back = client.get(f"/p/ATLAS/budget/{versions[0].pk}/difference/?a={versions[1].pk}").content.decode()
    assert "+199.50" in back and "−400" in back
    assert client.get(f"/p/ATLAS/budget/{versions[0].pk}/difference/?a=999999").status_code == 404


def test_the_api_gives_the_same_difference(office: Office, versions: list[Budget]) -> None:
    client = Client()
    client.force_login(office.person("sam"))
    url = f"/api/v1/programs/ATLAS/budgets/{versions[1].pk}/difference/"
    found = client.get(url).json()
    assert (found["before"], found["difference_minor"]) == (versions[0].pk, 20_050)
    assert [cell["difference_minor"] for cell in found["cells"]] == [-19_950, 40_000]
    assert client.get(url, {"against": versions[0].pk}).json() == found
    assert client.get(url, {"against": 999_999}).status_code == 404
