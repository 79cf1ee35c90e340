"""What axe-core finds on the pages people open most, in light and dark, wide and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import Enter

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = (Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text()
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
MAIN = [
    "",
    "plan/",
    "plan/health/",
    "budget/",
    "earned-value/",
    "earned-value/-/series/",
    "forecast/",
    "control-accounts/",
    "spend/",
    "decisions/9/",
    "reports/1/",
    "import/",
]
OTHERS = [
    "since/", "plan/health/1/", "baselines/", "projects/", "projects/ERP-FIN/", "resources/", "risks/", "risks/add/",
    "changes/", "changes/1/",
    "deliverables/", "benefits/", "ledger/", "capital-requests/", "capital-requests/1/", "costs/", "periods/",
    "decisions/", "decisions/propose/", "bodies/", "authority/", "reports/", "reports/request/",
    "reports/subscriptions/new/", "outbox/", "plan/add/",
    "budget/1/", "budget/1/difference/", "budget/added-up/?open=all", "transfers/", "transfers/rules/add/", "reserves/",
    "estimates/", "estimates/1/", "estimates/add/", "rate-cards/",
]  # fmt: skip


def faults(page: Page) -> list[tuple[str, str, list[str]]]:
    """Rules broken seriously or critically, with the first places."""
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run({resultTypes: ['violations']}).then(result => result.violations)"
    )
    return [
        (one["id"], one["impact"], [" ".join(node["target"]) for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_main_pages(enter: Enter, theme: str) -> None:
    page = enter("manager", color_scheme=theme)
    broken = {}
    for place in MAIN:
        page.goto(f"/p/ATLAS/{place}")
        broken[place] = faults(page)
    assert {place: found for place, found in broken.items() if found} == {}


def test_axe_finds_nothing_serious_on_the_other_pages(enter: Enter) -> None:
    page = enter("manager")
    broken = {}
    for place in [
        *(f"/p/ATLAS/{one}" for one in OTHERS),
        "/?all=1",
        "/me/tokens/",
        "/p/NEW/",
        "/p/NEW/plan/",
    ]:
        page.goto(place)
        broken[place] = faults(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("risk")
    page.wait_for_selector("#palette-results a")
    page.keyboard.press("ArrowDown")
    broken["palette"] = faults(page)
    assert {place: found for place, found in broken.items() if found} == {}


def test_on_a_phone_no_page_is_wider_than_the_screen(enter: Enter) -> None:
    page = enter("manager", **PHONE)
    wide = {}
    for place in MAIN + OTHERS:
        page.goto(f"/p/ATLAS/{place}")
        wide[place] = page.evaluate("document.documentElement.scrollWidth")
    assert {place: width for place, width in wide.items() if width > 390} == {}


@pytest.mark.parametrize(("place", "status"), [("/p/ATLAS/nothing/", 404), ("/p/ATLAS/vendors/add/", 403)])
def test_an_error_page_speaks_plainly_and_leads_back(enter: Enter, place: str, status: int) -> None:
    page = enter("manager")
    answer = page.goto(place)
    assert answer is not None
    assert answer.status == status
    assert faults(page) == []
    page.get_by_role("link", name="To your programs").click()
    page.wait_for_load_state()
    assert page.locator("h1").is_visible()
