"""A budget is filled in like a spreadsheet: keys, a pasted block, an amount that cannot be read, a colleague's edit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.browser.conftest import Enter

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
}"""
COPY = """() => {
  const data = new DataTransfer();
  const event = new ClipboardEvent("copy", {clipboardData: data, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
  return data.getData("text/plain");
}"""


def cell(page: Page, name: str) -> Locator:
    return page.locator(f'td[data-cell="{name}"]')


def saved(page: Page, name: str, value: str) -> None:
    page.wait_for_selector(f'td[data-cell="{name}"][data-value="{value}"]:not(.saving)')


def test_a_budget_is_filled_in_like_a_spreadsheet(enter: Enter) -> None:
    page = enter("controller", "/p/ATLAS/budget/")
    page.get_by_label("New version for").select_option("TRAIN")
    page.get_by_role("button", name="Prepare").click()
    page.wait_for_url(re.compile(r"/budget/\d+/"))
    page.get_by_role("link", name="Open all years").click()
    names = (
        page.locator("tbody tr")
        .nth(2)
        .locator("td[data-cell]")
        .evaluate_all("cells => cells.map(cell => cell.dataset.cell)")
    )
    first, second, third = names[:3]
    assert first.startswith("hardware.capital.")
    below = page.locator("tbody tr").nth(3).locator("td[data-cell]").first.get_attribute("data-cell") or ""

    # Keys: typing writes, Tab goes right, Enter goes down, and the sums come from the server.
    cell(page, first).click()
    page.keyboard.type("1200")
    page.keyboard.press("Tab")
    page.keyboard.type("300.50")
    page.keyboard.press("Enter")
    saved(page, first, "1200.00")
    saved(page, second, "300.50")
    assert page.evaluate("document.activeElement.dataset.cell").startswith("hardware.operating.")
    assert "1,500.50" in page.locator("tbody tr").nth(2).inner_text()

    # A block of a spreadsheet: two rows, three columns, one request.
    cell(page, first).click()
    with page.expect_response(lambda answer: "/cells/" in answer.url) as answer:
        page.evaluate(PASTE, "100\t200\t300\r\n10\t20\t30\r\n")
    assert answer.value.status == 200
    saved(page, third, "300.00")
    saved(page, below, "10.00")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    assert page.evaluate(COPY) == "100.00\t200.00\n10.00\t20.00"

    # One amount that cannot be read: nothing of its block is saved, all of it stays in sight.
    cell(page, first).click()
    page.evaluate(PASTE, "7\t1,5\t9")
    page.wait_for_selector(".error-summary")
    assert cell(page, second).get_attribute("aria-invalid") == "true"
    assert cell(page, first).inner_text() == "7"
    cell(page, second).click()
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    saved(page, first, "7.00")
    saved(page, second, "8.00")
    saved(page, third, "9.00")
    assert page.locator(".error-summary").count() == 0

    # Fill right, to the end of the fiscal year.
    cell(page, first).click()
    page.get_by_role("button", name="Fill right").click()
    saved(page, third, "7.00")

    # A colleague writes the same cell: both amounts are shown, and writing over it is a choice.
    other = enter("manager", page.url)
    cell(other, first).click()
    other.keyboard.type("55")
    other.keyboard.press("Enter")
    saved(other, first, "55.00")
    cell(page, first).click()
    page.keyboard.type("66")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Mona Ortiz changed this amount")
    page.get_by_role("button", name="Write mine over it").click()
    saved(page, first, "66.00")
