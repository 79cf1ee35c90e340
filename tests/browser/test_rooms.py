"""Each person of the cast signs in and sees what her role may see, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Enter, Office, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

READ = {"Dashboard", "Master plan", "Risks", "Budget", "Ledger", "Decisions", "Reports"}
ROLES = {
    "manager": (READ | {"Import", "Members", "Outbox"}, set()),
    "staff": (READ | {"Import"}, {"Members", "Outbox"}),
    "controller": (READ | {"Import", "Actual cost"}, {"Members", "Outbox"}),
    "sponsor": (READ, {"Import", "Members", "Outbox"}),
    "chair": (READ, {"Import", "Members", "Outbox"}),
    "member": (READ, {"Import", "Members", "Outbox"}),
    "auditor": (READ, {"Import", "Members", "Outbox"}),
    "dc": (READ, {"Import", "Members", "Outbox"}),
    "admin": ({"Members", "Outbox"}, READ - {"Reports"}),
}
DOORS = {
    "Import": "import/",
    "Members": "members/",
    "Dashboard": "",
    "Budget": "budget/",
    "Decisions": "decisions/",
}


@pytest.mark.parametrize("key", ROLES)
def test_a_person_sees_the_rooms_of_her_role_and_no_other(enter: Enter, key: str) -> None:
    allowed, closed = ROLES[key]
    page = enter(key, "/p/ATLAS/members/" if key == "admin" else "/p/ATLAS/")
    shown = set(
        page.locator(".nav li a").evaluate_all("all => all.map((one) => one.firstChild.textContent.trim())")
    )
    assert allowed <= shown, allowed - shown
    assert not closed & shown, closed & shown
    for label in sorted(closed & DOORS.keys()):
        answer = page.goto(f"/p/ATLAS/{DOORS[label]}")
        assert answer is not None
        assert answer.status == 403, (key, label, answer.status)
        assert "does not allow" in page.inner_text("h1")


def test_every_room_of_the_program_manager_opens(enter: Enter) -> None:
    page = enter("manager", "/p/ATLAS/")
    places = [link.get_attribute("href") or "" for link in page.locator(".nav li a").all()]
    assert len(places) > 15
    for place in places:
        answer = page.goto(place)
        assert answer is not None
        assert answer.status == 200, place
        assert page.locator("h1").inner_text(), place
        assert page.locator(".crumbs [aria-current=page]").inner_text(), place
        assert page.evaluate("document.documentElement.scrollWidth") <= 1440, place


def test_rarely_used_rooms_are_folded_and_stay_unfolded_for_who_wants_them(enter: Enter) -> None:
    page = enter("manager", "/p/ATLAS/")
    vendors = page.locator(".nav a", has_text="Vendors")
    assert not vendors.is_visible()
    page.locator("[aria-label='More of Money']").click()
    vendors.click()
    page.wait_for_url("**/vendors/")
    current = page.locator(".nav a[aria-current]")
    assert current.inner_text() == "Vendors"
    assert current.evaluate("(one) => one.getBoundingClientRect().bottom <= innerHeight"), "it is in sight"
    assert page.locator(".nav a", has_text="Orders").is_visible(), "the group stays unfolded"
    assert not page.locator(".nav a", has_text="Calendars").is_visible()
    page.locator("[aria-label='More of Money']").click()
    page.goto("/p/ATLAS/calendars/")
    assert page.locator(".nav a", has_text="Calendars").is_visible(), "where one is stands in the list"
    assert not page.locator(".nav a", has_text="Orders").is_visible()


def test_another_program_does_not_exist_for_who_has_no_role_in_it(enter: Enter) -> None:
    page = enter("auditor")
    answer = page.goto("/p/NEW/")
    assert answer is not None
    assert answer.status == 404


def test_what_nobody_signed_in_asks_for_leads_to_the_sign_in_page(enter: Enter) -> None:
    page = enter("", "/p/ATLAS/budget/")
    assert "/accounts/login/" in page.url
    page.get_by_label("Email").fill("manager@atlas.example")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".error-summary")
    assert "manager" not in page.inner_text(".error-summary")


def test_after_signing_out_back_shows_the_sign_in_page(chromium: Browser, office: Office) -> None:
    context = chromium.new_context(base_url=office.address)
    page = context.new_page()
    sign_in(page, "auditor")
    page.goto("/p/ATLAS/ledger/")
    assert page.inner_text("h1") == "Ledger"
    page.locator("summary", has_text="my menu").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    page.go_back()
    page.wait_for_url("**/accounts/login/**")
    assert page.get_by_role("button", name="Sign in").is_visible()
    context.close()


def test_the_palette_leads_by_keyboard_to_an_activity(enter: Enter) -> None:
    page = enter("manager", "/p/ATLAS/")
    page.keyboard.press("Control+k")
    page.keyboard.type("Wipe and dispose")
    page.wait_for_selector("#palette-results a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/ATLAS/plan/*/")
    assert page.inner_text("h1") == "Wipe and dispose of disks"


def test_a_token_made_here_opens_the_api_until_it_is_ended(enter: Enter, office: Office) -> None:
    page = enter("controller", "/me/tokens/")
    page.get_by_label("Name").fill("Nightly export")
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("code.token").inner_text()
    headers = {"Authorization": f"Token {secret}", "Cookie": ""}
    bare = page.context.browser.new_context(base_url=office.address)  # type: ignore[union-attr]
    asked = bare.request.get("/api/v1/programs/", headers=headers)
    assert asked.status == 200, asked.text()
    assert "ATLAS" in asked.text()
    page.goto("/me/tokens/")
    assert secret not in page.content()
    page.get_by_role("button", name="End").click()
    page.wait_for_selector("text=No token yet")
    assert bare.request.get("/api/v1/programs/", headers=headers).status == 401
    bare.close()


def test_an_empty_program_offers_first_steps_that_one_may_take(enter: Enter) -> None:
    page = enter("controller", "/p/NEW/")
    for place in ("projects/", "risks/", "costs/", "capital-requests/", "plan/", "budget/", "reports/"):
        page.goto(f"/p/NEW/{place}")
        offers = [one.get_attribute("href") or "" for one in page.locator(".empty a.button").all()]
        for offer in offers:
            answer = page.goto(offer)
            assert answer is not None
            assert answer.status == 200, (place, offer)
