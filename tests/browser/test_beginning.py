"""From nothing to a program with two linked projects, its network and its workload: a newcomer's first five minutes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.browser.conftest import Enter

if TYPE_CHECKING:
    from playwright.sync_api import Page


def words(page: Page) -> str:
    """What a person reads there, in one line."""
    return re.sub(r"\s+", " ", page.inner_text("main"))


def test_a_newcomer_begins_a_program_with_two_projects_and_links_them(enter: Enter) -> None:
    page = enter("admin", "/?all")
    page.get_by_role("link", name="Begin a program").click()
    page.get_by_label("Code").fill("no good")
    page.get_by_label("Name", exact=True).fill("Five minutes")
    page.get_by_label("Starts on").fill("2027-03-01")
    page.get_by_label("Public holidays of").fill("BE")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector("text=A code has letters")
    assert page.get_by_label("Name", exact=True).input_value() == "Five minutes"  # nothing typed is lost
    page.get_by_label("Code").fill("FIVE")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/p/FIVE/projects/")

    page.get_by_role("link", name="Add the first project").click()
    page.get_by_label("Begin with").select_option("process")
    page.get_by_label("Code").fill("ORG")
    page.get_by_label("Name", exact=True).fill("Process and people")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/p/FIVE/projects/")
    page.get_by_role("link", name="Add a project").click()
    page.get_by_label("Code").fill("SYS")
    page.get_by_label("Name", exact=True).fill("System")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/p/FIVE/projects/")
    page.get_by_role("button", name="SYS System up").click()
    page.wait_for_selector("text=Rename, copy, order")
    rows = page.locator("#register tbody th").all_inner_texts()
    assert rows == ["SYS", "ORG"]

    page.goto("/p/FIVE/plan/add/")
    page.get_by_label("Project", exact=True).select_option(label="SYS")
    page.get_by_label("Code").fill("S10")
    page.get_by_label("Name", exact=True).fill("Build it")
    page.get_by_label("Duration").fill("5")
    page.get_by_label("Predecessor").fill("ORG/T90")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url(re.compile(r"/p/FIVE/plan/\d+/"))

    page.goto("/p/FIVE/plan/network/?all")
    page.wait_for_selector(".chart.network")
    assert page.locator(".chart.network .box").count() == 12
    box = page.locator(".chart.network a", has_text="S10").first
    box.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**around=**")
    assert "links around SYS/S10" in words(page)

    page.goto("/p/FIVE/plan/workload/?from=2027-03-01")
    assert "TRAINER" in words(page)
    page.locator(".chart.load a").first.click()
    page.wait_for_url(re.compile(r"/plan/workload/\d+/"))
    assert "Together" in words(page)


def test_the_faces_of_the_plan_fit_a_phone(enter: Enter) -> None:
    page = enter(
        "manager", "/p/ATLAS/plan/network/", viewport={"width": 390, "height": 844}, color_scheme="dark"
    )
    for path in (
        "plan/network/",
        "plan/workload/",
        "plan/milestones/",
        "projects/",
        "baselines/compare/links/",
    ):
        page.goto(f"/p/ATLAS/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
