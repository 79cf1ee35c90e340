"""A colleague comes in: invited on the page, the mail read, a password set, into the program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.browser.conftest import Enter, Office
from tests.browser.mails import arrived, drained

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PASSWORD = "a long and quiet evening"


def test_somebody_is_invited_reads_the_mail_and_lands_in_the_program(
    enter: Enter, office: Office, chromium: Browser
) -> None:
    already = drained(office)
    page = enter("manager", "/p/ATLAS/members/")
    page.get_by_role("link", name="Invite").click()
    page.get_by_label("E-mail").fill("lena.new@office.example")
    page.get_by_label("Name", exact=True).fill("Lena New")
    page.get_by_label("Project manager").check()
    page.get_by_role("button", name="Invite", exact=True).click()
    page.wait_for_selector("text=A project manager needs a project")
    assert page.get_by_label("Name", exact=True).input_value() == "Lena New"  # nothing typed is lost
    page.get_by_label("DC-MIG").check()
    page.get_by_role("button", name="Invite", exact=True).click()
    page.wait_for_url("**/p/ATLAS/members/")
    assert "Project manager of DC-MIG" in page.inner_text("main")

    mail = arrived(office, already)
    assert mail["To"].endswith("lena.new@office.example>")
    assert "Mona Ortiz invites you" in mail["Subject"]
    text = next(part for part in mail.walk() if part.get_content_type() == "text/plain").get_content()
    found = re.search(r"/invitation/[\w-]{43}/", text)
    assert found is not None
    page.goto("/p/ATLAS/outbox/?show=mails")
    page.get_by_role("link", name="Mona Ortiz invites you").first.click()
    page.wait_for_load_state()
    assert found[0] not in page.content(), "who invites does not hold the link"

    visitor = chromium.new_context(base_url=office.address, viewport={"width": 390, "height": 844}).new_page()
    visitor.goto(found[0])
    assert "Project manager of DC-MIG" in visitor.inner_text("main")
    visitor.get_by_label("Password").fill(PASSWORD)
    visitor.get_by_label("Once more").fill(PASSWORD)
    visitor.get_by_role("button", name="Come in").click()
    visitor.wait_for_url("**/p/ATLAS/")
    visitor.goto("/p/ATLAS/plan/")
    assert visitor.get_by_role("heading", name="Master plan").is_visible()
    visitor.goto(found[0])
    assert "taken already" in visitor.inner_text("main")
