"""A change of plan and budget in browsers: planned on a copy, stale when the plan moves, voted on, applied whole."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from governance.example.people import PASSWORD
from tests.browser.conftest import Enter
from tests.browser.test_deciding import put_to_vote, votes
from tests.browser.test_planning import words

if TYPE_CHECKING:
    from playwright.sync_api import Page

TITLE = "Longer floor-walking"


def test_a_change_is_planned_on_a_copy_decided_and_applied(enter: Enter) -> None:
    asker = enter("train", "/p/ATLAS/changes/add/")
    asker.get_by_label("Project").select_option(label="TRAIN Capability and training")
    asker.get_by_label("Title").fill(TITLE)
    asker.get_by_label("Why").fill("Two new departments go live as well.")
    asker.get_by_role("button", name="Save").click()
    asker.wait_for_url(re.compile(r"/changes/\d+/$"))
    request_url = asker.url
    asker.get_by_label("Activity", exact=True).fill("T440")
    asker.get_by_role("button", name="Change it").click()
    asker.get_by_label("Duration").fill("22")
    asker.get_by_role("button", name="Propose and compute").click()
    asker.wait_for_url(request_url)
    assert "duration 10 d" in words(asker, "#edits-table")
    assert "duration 22 d" in words(asker, "#edits-table")
    assert "Program finish" in words(asker, "main")
    assert asker.locator(".gantt").count() == 2
    ask_for_money(asker, request_url)
    rename_an_activity(asker)
    asker.goto(request_url)
    assert "Stale: The plan moved on to version" in words(asker, "main")
    assert asker.get_by_role("button", name="Submit for decision").count() == 0
    asker.get_by_role("button", name="Compute again").click()
    asker.get_by_role("button", name="Submit for decision").click()
    asker.wait_for_selector("text=Submitted")

    manager = enter("manager")
    decision_url = put_to_vote(manager, TITLE, "Twelve more days of floor-walking, and 120,000 EUR?")
    assert "Steering committee" in words(manager)  # the slip is beyond what the sponsor decides alone
    assert "not simulated" in words(manager, "main")
    assert manager.locator(".gantt").count() == 2
    for who in ("chair", "member"):
        votes(enter(who, decision_url))
    manager.goto(decision_url)
    if manager.get_by_label("Your password").count():  # the sign-in is older than ten minutes by now
        manager.get_by_label("Your password").first.fill(PASSWORD)
    manager.get_by_label("Rationale").fill("Two departments more.")
    manager.get_by_role("button", name=re.compile("Close and record: approved")).click()
    manager.wait_for_selector("text=sealed as record")

    asker.goto(request_url)
    assert "Approved and applied" in words(asker, ".freshness")
    asker.goto("/p/ATLAS/baselines/")
    assert "approved by D-" in words(asker, "main")
    controller = enter("controller", "/p/ATLAS/ledger/")
    assert TITLE in words(controller, "main")


def ask_for_money(page: Page, request_url: str) -> None:
    """120,000 EUR of services from the contingency, in this month."""
    page.get_by_role("link", name="Ask for money").click()
    page.get_by_label("Budget of").select_option(label="TRAIN Capability and training")
    page.get_by_label("Category").select_option("services")
    page.get_by_label("Nature").select_option("operating")
    page.get_by_label("Period").fill(f"{datetime.now(UTC):%Y-%m}")
    page.get_by_label("Amount (EUR)").fill("120000")
    page.get_by_label("Taken from").select_option("contingency")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("tfoot >> text=New money in all")
    page.goto(request_url)
    assert "Left of contingency" in words(page, "#money")


def rename_an_activity(page: Page) -> None:
    """The plan itself moves on, beside the request."""
    found = page.request.get("/api/v1/programs/ATLAS/activities/?code=T430").json()["results"][0]
    page.goto(f"/p/ATLAS/plan/{found['id']}/")
    page.locator("#id_name").fill(f"{found['name']}, all sites")
    page.get_by_role("button", name="Save and compute").click()
    page.wait_for_selector(f"text={found['name']}, all sites")
