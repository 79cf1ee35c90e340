"""Money looked at to its rows, reports built while one watches, the dashboard's six doors, the sponsor's mail."""

from __future__ import annotations

import io
import re
import time
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Enter, Office
from tests.browser.mails import arrived, drained
from tests.browser.test_planning import words

if TYPE_CHECKING:
    pass


def test_each_of_the_six_dimensions_opens_its_rows(enter: Enter) -> None:
    page = enter("sponsor", "/p/ATLAS/")
    cards = page.locator("a.dimension")
    doors = [(card.inner_text().split("\n")[0], card.get_attribute("href") or "") for card in cards.all()]
    assert [name for name, _ in doors] == ["Schedule", "Cost", "Scope", "Risk", "Resources", "Benefits"]
    for name, href in doors:
        answer = page.goto(href)
        assert answer is not None
        assert answer.status == 200, (name, href)
        assert page.locator("main tbody tr").count() > 0, name


def test_budget_ledger_and_earned_value_lead_to_each_other(enter: Enter) -> None:
    page = enter("controller", "/p/ATLAS/budget/")
    assert "add up to" in words(page, ".freshness")
    page.locator("tbody tr", has_text="DC-MIG").get_by_role("link", name="Hardware, capital").click()
    page.wait_for_url("**/ledger/?project=DC-MIG*")
    assert "add up to 0.00 EUR" in words(page, ".freshness")
    page.locator("tbody tr", has_text="Actual cost").first.get_by_role("link").first.click()
    page.wait_for_selector("text=Costs that it sums")
    assert page.locator("main tbody tr").count() >= 3
    page.goto("/p/ATLAS/earned-value/")
    cpi = page.locator("#measures tr", has_text="Cost performance index").first
    value, formula, worked = (cell.inner_text() for cell in cpi.locator("td").all())
    assert formula == "EV / AC"
    earned, spent = (float(part.replace(",", "")) for part in worked.split(" / "))
    assert value == f"{earned / spent:.2f}"
    page.get_by_role("link", name="ERP-FIN").click()
    page.wait_for_selector("text=Activities behind these figures")


@pytest.mark.parametrize(
    ("title", "holds"), [("Program status report", "Milestones ahead"), ("Spend report", "By project")]
)
def test_a_report_is_asked_for_watched_read_and_downloaded(enter: Enter, title: str, holds: str) -> None:
    page = enter("staff", "/p/ATLAS/reports/")
    page.get_by_role("link", name="Ask for a report").click()
    page.get_by_label("Report").select_option(label=title)
    with page.expect_response(
        re.compile(r"/reports/\d+/progress/$"), timeout=60_000
    ):  # it asks how far it is
        page.get_by_role("button", name="Build it").click()
    page.wait_for_selector(".actions a[download]", timeout=60_000)  # the page went on by itself
    assert holds in words(page)
    assert "Inputs: " in words(page)
    files = {}
    for link in page.locator(".actions a[download]").all():
        with page.expect_download() as waiting:
            link.click()
        name = waiting.value.suggested_filename
        files[name.rpartition(".")[2]] = waiting.value.path().read_bytes()
    assert files["pdf"].startswith(b"%PDF-")
    assert len(files["pdf"]) > 10_000
    with zipfile.ZipFile(io.BytesIO(files["xlsx"])) as workbook:
        assert "xl/workbook.xml" in workbook.namelist()


def due_now(office: Office) -> None:
    """The clock reaches the sponsor's hour."""
    office.owner("update pmo_subscription set next_run_at = now() where kind = 'sponsor_summary' and active")
    office.tick("clock.subscriptions")


def test_the_sponsor_gets_her_summary_by_mail(enter: Enter, office: Office) -> None:
    page = enter("sponsor", "/p/ATLAS/reports/subscriptions/")
    assert "Sponsor summary" in words(page)
    already = drained(office)
    due_now(office)
    mail = arrived(office, already)
    assert mail["To"].endswith("sponsor@atlas.example>")
    parts = {part.get_content_type(): part for part in mail.walk()}
    text, html = parts["text/plain"].get_content(), parts["text/html"].get_content()
    assert "Atlas" in text
    assert "Atlas" in html
    assert office.address in html  # her way to the page
    assert "<script" not in html
    assert parts["application/pdf"].get_content().startswith(b"%PDF-")
    already = len(office.postbox.taken)
    slots = office.owner("select count(*) from pmo_occurrence")
    office.tick("clock.subscriptions")  # a second tick of the same minute sends nothing
    time.sleep(2)
    assert office.owner("select count(*) from pmo_occurrence") == slots
    assert len(office.postbox.taken) == already


def test_without_a_mail_server_the_summary_is_read_on_the_outbox_page(enter: Enter, office: Office) -> None:
    already = drained(office)
    office.work(mail_server=False)
    try:
        _kept_and_read(enter, office)
    finally:
        office.work(mail_server=True)  # others of this process wait for their mails
    assert len(office.postbox.taken) == already


def _kept_and_read(enter: Enter, office: Office) -> None:
    due_now(office)
    page = enter("sponsor")
    end = time.monotonic() + 90
    while True:
        page.goto("/p/ATLAS/outbox/?show=mails")
        kept = page.locator("tbody tr", has_text="Kept")
        if kept.count() or time.monotonic() > end:
            break
        time.sleep(0.5)
    kept.first.get_by_role("link").first.click()
    page.wait_for_selector("text=Plain text")
    assert "Atlas" in page.inner_text(".mail-text")
    assert "Atlas" in page.inner_text(".mail")
