"""A plan is made by keyboard alone, and nothing that was typed is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.browser.conftest import Enter

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

SAID = "document.getElementById('plan-said').textContent"


def texts(page: Page, column: int) -> list[str]:
    """What a column of the table holds, without the project's row."""
    rows = "[...document.querySelectorAll('.gantt-part tbody tr:not(.group)')]"
    script = f"(n) => {rows}.map(row => row.cells[n].textContent)"
    return [text.removeprefix("▾").removesuffix(" (critical)") for text in page.evaluate(script, column)]


def paste(page: Page, text: str) -> None:
    """As Ctrl V does with a spreadsheet's cells on the clipboard."""
    script = """(text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      document.activeElement.dispatchEvent(event);
    }"""
    page.evaluate(script, text)


def test_twenty_linked_activities_are_planned_by_keyboard_alone(enter: Enter) -> None:
    page = enter("manager", "/p/BLANK/plan/?cols=code,days,predecessors")
    page.locator(".gantt-part [tabindex='0']").focus()  # where Tab leads to
    for n in range(1, 21):
        page.keyboard.press("Insert")
        page.keyboard.type(f"Step {n}")
        page.keyboard.press("Tab")
        page.keyboard.type(f"{n % 4 + 1}d")
        page.keyboard.press("Tab")
        if n > 1:
            page.keyboard.type(f"{n - 1}" if n % 3 else f"{n - 1}FS+1d; {max(1, n - 2)}SS")
            page.keyboard.press("Enter")
        page.keyboard.press("Home")
    page.wait_for_function(f"() => {SAID}.startsWith('20: predecessors')", timeout=60_000)
    page.wait_for_function("() => !document.querySelector('#plan .saving')")
    assert texts(page, 0) == [f"Step {n}" for n in range(1, 21)]
    assert texts(page, 1) == [str(n) for n in range(1, 21)]
    assert texts(page, 2) == [str(n % 4 + 1) for n in range(1, 21)]
    assert texts(page, 3)[:4] == ["", "1", "2FS+1d; 1SS", "3"]
    assert page.locator(".gantt-part svg .bar").count() == 20

    # A part of the last one, which is a summary then; undone, taken out and brought back again.
    page.keyboard.press("Insert")
    page.keyboard.type("Part")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {SAID}.startsWith('21 Part is added')")
    page.keyboard.press("Alt+Shift+ArrowRight")
    page.wait_for_function("() => document.querySelectorAll('.gantt-part tr.summary').length === 1")
    page.keyboard.press("Control+z")
    page.wait_for_function("() => document.querySelectorAll('.gantt-part tr.summary').length === 0")
    page.keyboard.press("Delete")  # the question is answered with yes
    page.wait_for_function("() => document.querySelectorAll('.gantt-part tbody tr[data-row]').length === 21")
    page.keyboard.press("Control+z")
    page.wait_for_function("() => document.querySelectorAll('.gantt-part tbody tr[data-row]').length === 22")
    assert texts(page, 3)[19] == "19"

    # Rows of a spreadsheet: the fault is said at its row, mended there, and all are added.
    paste(page, "Task Name\tDuration\tPredecessors\nPaint\t2d\t\n  Walls\tsoon\t\n  Doors\t4h\t2FS+1d")
    page.keyboard.press("Enter")
    page.wait_for_selector("#plan-paste-rows td.bad:has-text('Write a duration')")
    page.fill("#plan-paste-text", page.input_value("#plan-paste-text").replace("soon", "3d"))
    page.locator("#plan-paste-form .primary").press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.gantt-part tr.summary').length === 1")
    assert texts(page, 0)[20:23] == ["Paint", "Walls", "Doors"] and texts(page, 3)[22] == "23FS+1d"

    # The two parts get one duration together.
    page.locator(".gantt-part tbody tr:has-text('Doors') td").nth(1).click()
    page.keyboard.press("Shift+ArrowUp")
    page.locator("#plan-many input").fill("1w")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {SAID}.startsWith('23: duration is 1w and 1 more edits')")
    assert texts(page, 2)[21:23] == ["5", "5"]

    # What is wrong stays in its cell with a sentence; Escape puts back what was there.
    page.locator(".gantt-part tbody tr").nth(5).locator("td").nth(1).click()
    page.keyboard.type("soon")
    page.keyboard.press("Enter")
    page.wait_for_selector("td.editing [role=alert]:has-text('Write a duration')")
    assert page.locator("td.editing input").input_value() == "soon"
    page.keyboard.press("Escape")
    assert texts(page, 2)[4] == "2"


def test_a_cell_begun_before_its_row_was_saved_is_saved_when_the_row_arrives(enter: Enter) -> None:
    page = enter("manager", "/p/BLANK/plan/?cols=code,days")
    slow: list[Route] = []
    page.route("**/plan/edit/**", lambda route: slow.append(route), times=1)
    page.locator(".gantt-part [tabindex='0']").focus()
    page.keyboard.press("Insert")
    page.keyboard.type("Quick fingers")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.wait_for_timeout(50)
    slow.pop().continue_()
    page.wait_for_function(f"() => {SAID}.includes('Quick fingers is added')")
    page.keyboard.type("d")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {SAID}.includes('duration is 2d')")
    assert page.locator("td.failed, td.saving").count() == 0
    for _ in range(2):
        page.keyboard.press("Control+z")
        page.wait_for_function(f"() => {SAID}.startsWith('Undone')")
        page.evaluate("document.getElementById('plan-said').textContent = ''")
    assert "Quick fingers" not in texts(page, 0)


def test_the_later_of_two_edits_of_a_cell_is_told_and_keeps_what_was_typed(enter: Enter) -> None:
    first, second, third = (enter("manager", "/p/ATLAS/plan/?project=TRAIN") for _ in range(3))
    place = ".gantt-part tbody td[data-f=days]"  # the last one is on nobody's path
    old = second.locator(place).last.inner_text()
    for page, typed in ((first, f"{old}.25"), (second, f"{old}.5")):
        page.locator(place).last.click()
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        if page is first:
            page.wait_for_function(f"() => {SAID}.includes('duration is')")
    second.wait_for_selector("td.editing [role=alert]:has-text('Somebody else was first')")
    assert second.locator("td.editing input").input_value() == f"{old}.5"
    third.locator(place).last.click()  # who edits many rows at once is told as well
    third.keyboard.press("Shift+ArrowUp")
    third.locator("#plan-many input").fill(f"{old}.75")
    third.keyboard.press("Enter")
    third.wait_for_selector("text=Somebody else was first")
    second.keyboard.press("Enter")
    second.wait_for_function(f"() => {SAID}.includes('duration is {old}.5')")
    second.keyboard.press("Control+z")
    second.wait_for_function(f"() => {SAID}.startsWith('Undone')")
    first.keyboard.press("Control+z")
    first.wait_for_function(f"() => {SAID}.startsWith('Undone')")
    assert first.locator(place).last.inner_text() == old


def test_a_bar_is_dragged_and_what_would_move_is_told_before_it_is_saved(enter: Enter) -> None:
    page = enter("manager", "/p/ATLAS/plan/?project=TRAIN&zoom=week&cols=start,predecessors")
    row = page.locator("tr:has(th[title='Courses for requesters'])")
    start = row.locator("td").first.inner_text()
    key = row.get_attribute("data-row")
    bar = page.locator(f"#plan svg [data-key='{key}'] .bar")
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 6
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=3)
    page.mouse.move(x + 56, y, steps=3)  # a week
    page.mouse.up()
    page.wait_for_selector(".drag-panel:has-text('would have new dates')")
    assert re.search(r"This moves \d+\s+committed milestones? later", page.inner_text(".drag-panel"))
    page.keyboard.press("Escape")
    page.wait_for_selector(".drag-panel", state="detached")
    assert row.locator("td").first.inner_text() == start  # nothing was saved
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 56, y, steps=4)
    page.mouse.up()
    page.wait_for_selector(".drag-panel .primary")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {SAID}.includes('start is')")
    assert row.locator("td").first.inner_text() != start
    page.locator("[data-plan-do=undo]").click()
    page.wait_for_function(f"() => {SAID}.startsWith('Undone')")
    assert row.locator("td").first.inner_text() == start


def test_a_name_that_nobody_has_is_told_and_not_replaced_by_what_was_offered(enter: Enter) -> None:
    page = enter("manager", "/p/ATLAS/plan/?project=TRAIN&cols=resources")
    cell = page.locator(".gantt-part tbody td[data-f=resources]").last
    cell.click()
    page.keyboard.type("ch")
    page.wait_for_selector(".offers li")
    offered = page.locator(".offers li").first.get_attribute("data-text") or ""
    page.keyboard.type("; Nobody Here")
    page.keyboard.press("Enter")
    page.wait_for_selector("td.editing [role=alert]")
    assert page.locator("td.editing input").input_value() == "ch; Nobody Here"
    page.keyboard.press("Escape")

    # What goes on as the name was begun is taken; after the semicolon only what fits there is offered.
    cell.click()
    page.keyboard.type(offered[:3])
    page.wait_for_selector(".offers li[aria-selected=true]")
    page.keyboard.press("Enter")
    assert page.locator("td.editing input").input_value() == offered
    page.keyboard.type("; xyzzy")
    page.wait_for_timeout(400)
    assert page.locator(".offers").count() == 0
    page.keyboard.press("Escape")
