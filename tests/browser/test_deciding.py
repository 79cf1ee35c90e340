"""One decision, whole: asked for, proposed, voted on by several at once; then money is set aside and ordered with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from governance.example.people import PASSWORD
from tests.browser.conftest import Enter, Office
from tests.browser.test_planning import words

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}


def ask_for_capital(page: Page, title: str, amount: str) -> str:
    """The project manager's own request, submitted; its address."""
    page.goto("/p/ATLAS/capital-requests/add/")
    page.get_by_label("Project").select_option(label="DC-MIG Data centre exit")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Category").select_option("hardware")
    page.get_by_label("Justification").fill("The tape library is full.")
    page.get_by_label("Vendor").fill(f"Maker of {title}")
    page.get_by_role("button", name="Save").click()  # the amount is missing: said at its field, nothing lost
    page.wait_for_selector(".error-summary")
    assert page.get_by_label("Title").input_value() == title
    page.get_by_label("Amount").fill(amount)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/capital-requests/\d+/$"))
    page.get_by_role("button", name="Submit for decision").click()
    page.wait_for_selector("text=Submitted")
    return page.url


def put_to_vote(page: Page, title: str, question: str) -> str:
    """The program manager proposes it and opens the ballot; the decision's address."""
    page.goto("/p/ATLAS/decisions/propose/")
    about = page.get_by_label("About")
    about.select_option(value=about.locator("option", has_text=title).get_attribute("value"))
    page.get_by_label("Question").fill(question)
    page.get_by_role("button", name="Propose").click()
    page.wait_for_url(re.compile(r"/decisions/\d+/$"))
    page.get_by_role("button", name="Open the ballot").click()
    page.wait_for_selector("text=frozen when the vote opened")
    return page.url


def votes(page: Page, choice: str = "Approve", reason: str = "") -> None:
    if reason:
        page.get_by_label("Your reason").fill(reason)
    if page.get_by_label("Your password").count():  # a slow run: the sign-in is older than ten minutes by now
        page.get_by_label("Your password").first.fill(PASSWORD)
    page.get_by_role("button", name=choice, exact=True).click()
    page.wait_for_selector(f"#votes tr:has-text('{choice}')")  # the answer is there, so the vote is entered


def test_capital_is_asked_for_voted_and_only_then_set_aside(enter: Enter) -> None:
    title = "Backup robots"
    asker = enter("dc")
    request_url = ask_for_capital(asker, title, "300000")
    manager = enter("manager")
    decision_url = put_to_vote(manager, title, "Set aside 300,000 EUR for backup robots?")
    assert "Steering committee" in words(manager)  # above the sponsor's limit
    assert manager.get_by_role("button", name="Approve", exact=True).count() == 0  # opens, does not vote

    asker.goto(decision_url)
    assert asker.get_by_role("button", name="Approve", exact=True).count() == 0
    assert asker.get_by_role("button", name=re.compile("Close and record")).count() == 0

    chair, member = (
        enter("chair", decision_url),
        enter("member", decision_url),
    )  # both look before either votes
    votes(chair, reason="Three quotes were compared.")
    votes(member)
    assert "Three quotes were compared." in words(member, "#votes")
    assert "2 of 3 seats" in words(member, "#votes")
    assert member.get_by_role("button", name=re.compile("Close and record")).count() == 0

    before = set_aside(chair)
    chair.goto(decision_url)
    chair.get_by_label("Rationale").fill("The cheapest of three.")
    chair.get_by_role("button", name=re.compile("Close and record: approved")).click()
    chair.wait_for_selector("text=sealed as record")
    assert "Approved" in words(chair, ".title")

    ledger = enter("auditor", "/p/ATLAS/ledger/?kind=reserve")
    first = ledger.locator("tbody tr").first
    assert title in first.inner_text()
    assert "300k" in first.inner_text()
    assert set_aside(chair) == before + 300
    first.get_by_role("link", name=re.compile(r"^D-\d+$")).click()
    ledger.wait_for_url(decision_url)
    asker.goto(request_url)
    assert "Approved" in words(asker, ".freshness")
    assert "set aside in the ledger" in words(asker, ".trail")

    controller = enter("controller", "/p/ATLAS/vendors/add/")
    controller.get_by_label("Name").fill("Robotics Oy")
    controller.get_by_role("button", name="Save").click()
    controller.wait_for_selector("text=is registered as")
    asker.get_by_role("link", name="Order", exact=True).click()
    asker.get_by_label("Vendor").select_option(label="Robotics Oy (V-004)")
    asker.get_by_label("Text, line 1").fill("Robot")
    asker.get_by_label("Quantity, line 1").fill("2")
    asker.get_by_label("Price of one, line 1").fill("120000")
    asker.get_by_role("button", name="Issue the order").click()
    asker.wait_for_selector("text=its amount is committed")
    asker.goto(request_url)
    assert "ordered PO-" in words(asker, ".trail")
    assert "60,000.00 EUR + 240,000.00 EUR" in words(asker).replace("\u00a0", " ")


def set_aside(page: Page) -> int:
    """What stands set aside in the ledger, in thousands."""
    page.goto("/p/ATLAS/ledger/")
    text = page.locator(".figure", has_text="Reserve").locator("b").inner_text()
    return int(text.removesuffix("k")) if text.endswith("k") else int(float(text.removesuffix("M")) * 1000)


def test_who_signed_in_long_ago_is_asked_for_the_password_beside_the_vote(
    enter: Enter, office: Office, tmp_path: Path
) -> None:
    enter("member", "/p/ATLAS/")
    office.sessions_grow_old(minutes=11)
    for look in (PHONE, {"color_scheme": "dark"}):
        page = enter("member", "/p/ATLAS/decisions/", **look)
        page.get_by_role("link", name="Vote", exact=True).first.click()
        page.wait_for_url(re.compile(r"/decisions/\d+/"))
        page.get_by_label("Your reason").fill("The second quote is lower.")
        asked = page.get_by_label("Your password")
        assert "more than ten minutes ago" in words(page, "#votes")
        page.get_by_role(
            "button", name="Reject", exact=True
        ).click()  # without it the browser itself says what is missing
        assert asked.evaluate("field => field.validity.valueMissing")
        asked.fill("not this one")
        page.get_by_role("button", name="Reject", exact=True).click()
        page.wait_for_selector("text=This is not your password")
        assert page.get_by_label("Your reason").input_value() == "The second quote is lower."
        assert page.get_by_label("Your password").input_value() == ""
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=tmp_path / f"password-{len(look)}.png", full_page=True)


def test_a_member_votes_with_a_thumb(enter: Enter) -> None:
    page = enter("member2", "/p/ATLAS/", **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    link = page.locator("#nav-groups a", has_text="Decisions")
    assert not link.is_visible()
    page.get_by_role("button", name="Menu", exact=True).tap()
    waiting = int(link.locator(".count").inner_text().split()[0])
    assert waiting >= 1
    link.tap()
    page.wait_for_url("**/decisions/")
    ballots = page.get_by_role("link", name="Vote", exact=True)
    assert ballots.count() == waiting
    ballots.first.tap()
    page.wait_for_url(re.compile(r"/decisions/\d+/"))
    button = page.get_by_role("button", name="Approve", exact=True)
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    if page.get_by_label("Your password").count():
        page.get_by_label("Your password").fill(PASSWORD)
    button.tap()
    page.wait_for_selector("#votes >> text=Approve")
    assert "2 of 3 seats" in words(page, "#votes")
    assert page.get_by_role("button", name="Reject", exact=True).count() <= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
