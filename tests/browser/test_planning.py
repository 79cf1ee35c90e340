"""A plan comes in, is looked at, edited in its cell, and linked: all in a browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.conftest import Enter
from tests.programs.exchange.bundles import GOOD, as_bytes, spoilt, zipped

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def bundle(folder: Path, files: dict[str, bytes], name: str) -> str:
    """A zip on disk, to be dropped on the page."""
    path = folder / name
    path.write_bytes(zipped(files))
    return str(path)


def words(page: Page, selector: str = "main") -> str:
    """What a person reads there, in one line."""
    return re.sub(r"\s+", " ", page.inner_text(selector))


def try_file(page: Page, path: str) -> None:
    page.goto("/p/NEW/import/")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Try it").click()
    page.wait_for_url(re.compile(r"/import/\d+/"))


def row_of(page: Page, name: str) -> Locator:
    """The row of an activity in the plan's table."""
    return page.locator(".gantt-part tbody tr", has=page.get_by_role("link", name=name, exact=True))


def test_an_empty_program_says_what_belongs_on_its_pages(enter: Enter) -> None:
    page = enter("manager", "/p/NEW/plan/")
    assert "No plan yet" in words(page)
    page.get_by_role("link", name="Import a plan").click()
    page.wait_for_url("**/p/NEW/import/")


def test_a_bundle_is_tried_mended_and_accepted(enter: Enter, tmp_path: Path) -> None:
    page = enter("manager")
    bad = spoilt("dependencies.csv", "APP,,,A1,A2,SS", "APP,,,A1,A9,SS")
    try_file(page, bundle(tmp_path, bad, "till-with-a-mistake.zip"))
    assert "cannot be accepted" in words(page)
    problem = page.locator("#problems tbody tr").first.inner_text()
    assert "dependencies.csv" in problem
    assert "A9" in problem
    assert page.get_by_role("button", name="Accept").count() == 0

    try_file(page, bundle(tmp_path, as_bytes(GOOD), "till.zip"))
    assert "This is a dry run: nothing is stored yet" in words(page)
    assert "Control totals" in words(page)
    assert "Network" in words(page)
    page.get_by_role("button", name="Accept").click()
    page.wait_for_selector("text=Accepted. The rows below say what was done.")
    page.get_by_role("link", name="Open the plan").click()
    page.wait_for_selector("text=Lay cable")
    assert page.locator(".gantt svg .bar").count() >= 3

    try_file(page, bundle(tmp_path, as_bytes(GOOD), "till-again.zip"))
    assert "Nothing to do" in words(page, "body")


def test_the_fedora_sample_comes_in_with_its_414_tasks(enter: Enter) -> None:
    page = enter("manager", "/p/NEW/import/")
    page.get_by_role("button", name="Dry run of the sample").click()
    page.wait_for_url(re.compile(r"/import/\d+/"))
    assert "dry run" in words(page)
    page.get_by_role("button", name="Accept").click()
    page.wait_for_selector("text=Accepted. The rows below say what was done.")
    page.goto("/p/NEW/plan/?project=F20")
    before = page.locator(".gantt-part tbody tr").count()
    page.locator(".gantt-part").last.scroll_into_view_if_needed()
    page.wait_for_function("n => document.querySelectorAll('.gantt-part tbody tr').length > n", arg=before)
    assert "2013" in words(page, "#plan") or page.locator(".gantt svg").count() > 1


def test_a_duration_is_edited_in_its_cell_and_the_new_dates_are_there_at_once(enter: Enter) -> None:
    page = enter("manager", "/p/ATLAS/plan/")
    page.evaluate("window.same = true")
    wave = row_of(page, "Migrate wave 3: databases")
    old_days = wave.locator("td").nth(0).inner_text()
    later = row_of(page, "All services moved").locator("td").nth(2)
    old_slip = later.inner_text()
    edit_days(page, "Migrate wave 3: databases", str(float(old_days) + 10), held=True)
    page.wait_for_function(
        "([row, old]) => [...document.querySelectorAll('.gantt-part tbody tr')].some("
        "tr => tr.innerText.includes(row) && tr.cells[3].innerText !== old)",
        arg=["All services moved", old_slip],
    )
    assert days(later.inner_text()) >= days(old_slip) + 10
    assert page.evaluate("window.same") is True  # not loaded anew
    edit_days(page, "Migrate wave 3: databases", "many")
    refusal = page.locator("td.editing [role=alert]").first
    assert "Write a duration such as 3d" in refusal.inner_text()
    assert page.locator("td.editing input").input_value() == "many"
    page.keyboard.press("Escape")
    edit_days(page, "Migrate wave 3: databases", old_days)
    page.wait_for_function(
        "([row, old]) => [...document.querySelectorAll('.gantt-part tbody tr')].some("
        "tr => tr.innerText.includes(row) && tr.cells[3].innerText === old)",
        arg=["All services moved", old_slip],
    )


def test_a_form_says_what_would_move_and_saves_nothing_before_that_is_agreed_to(enter: Enter) -> None:
    page = enter("manager", "/p/ATLAS/plan/")
    page.get_by_role("link", name="Migrate wave 3: databases", exact=True).click()
    page.wait_for_selector("#why")
    page.evaluate("window.same = true")
    field = page.locator("input[name=days]")
    old_days = field.input_value()
    field.fill(str(float(old_days) + 10))
    page.get_by_role("button", name="What would move?").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#would-move h3")
    said = words(page, "#would-move")
    assert "committed milestones would move later" in said and "Nothing is saved yet." in said
    assert "D360 All services moved" in said
    assert page.evaluate("window.same") is True and field.input_value() == str(float(old_days) + 10)
    page.get_by_role("button", name="Save and compute").click()
    page.wait_for_selector("text=Not saved yet")
    assert page.get_by_role("button", name="Save all the same").is_visible()
    page.reload()
    page.goto(page.url)
    assert page.locator("input[name=days]").input_value() == old_days


def edit_days(page: Page, name: str, typed: str, *, held: bool = False) -> None:
    """Type days into a cell. `held`: it moves what was committed to, is told so and entered once more."""
    row_of(page, name).locator("td[data-f=days]").dblclick()
    page.locator("td.editing input").fill(typed)
    page.keyboard.press("Enter")
    if held:
        page.wait_for_selector("td.editing [role=alert]:has-text('committed milestones later')")
        page.keyboard.press("Enter")
    if typed[0].isdigit():
        page.wait_for_function(
            "() => document.getElementById('plan-said').textContent.includes('duration is')"
        )
    else:
        page.wait_for_selector("td.editing [role=alert]")


def days(text: str) -> int:
    return int(text.replace("−", "-").replace("+", "").split()[0])


def test_two_activities_are_linked_and_a_circle_is_refused_in_words(enter: Enter) -> None:
    page = enter("manager", "/p/ATLAS/plan/")
    first, second = codes(page, "Wipe and dispose of disks"), codes(page, "Disaster recovery test")
    page.goto(first["href"])
    link(page, f"TRAIN/{codes_of_training(page)}")
    assert "Linked." in words(page, "body")
    page.goto(second["href"])
    link(page, first["code"])
    refusal = words(page, ".error-summary")
    assert "would wait for each other" in refusal
    assert first["code"] in refusal
    assert second["code"] in refusal


def codes(page: Page, name: str) -> dict[str, str]:
    """Code and address of an activity of DC-MIG."""
    page.goto("/p/ATLAS/plan/")
    href = row_of(page, name).get_by_role("link").get_attribute("href") or ""
    page.goto(href)
    code = page.inner_text(".freshness").split(" · ")[1]
    return {"code": code, "href": href}


def codes_of_training(page: Page) -> str:
    """The code of the first activity of the training project."""
    here = page.url
    page.goto("/p/ATLAS/plan/?project=TRAIN")
    page.locator(".gantt-part tbody tr.level-2 a, .gantt-part tbody tr.level-1 a").last.click()
    page.wait_for_url(re.compile(r"/plan/\d+/"))
    code = page.inner_text(".freshness").split(" · ")[1]
    page.goto(here)
    return code


def link(page: Page, predecessor: str) -> None:
    page.get_by_label("Predecessor").fill(predecessor)
    page.get_by_role("button", name="Link", exact=True).click()
    page.wait_for_load_state()
