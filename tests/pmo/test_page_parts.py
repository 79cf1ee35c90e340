"""The page's parts in a real browser, under the real policy: keys, dialogs, editing, toasts, themes, a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import override_settings

from tests.pmo import parts_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def parts() -> Iterator[tuple[str, list[str | None]]]:
    """The made-up site; of the addresses only those of signing out, so that no page of ours is needed."""
    with override_settings(ROOT_URLCONF="allauth.urls"), parts_site.served() as site:
        yield site


@pytest.fixture
def opened(chromium: "Browser", parts: tuple[str, list[str | None]]) -> Iterator["Page"]:
    """The page of all parts; a script error or a breach of the policy fails the test."""
    context = chromium.new_context(base_url=parts[0], viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    page.goto("/")
    yield page
    context.close()
    assert not complaints, complaints


def focused(page: "Page") -> Any:
    return page.evaluate("document.activeElement.closest('tr, td, dialog, .error-summary')?.className")


def test_the_palette_opens_by_key_finds_and_goes(opened: "Page") -> None:
    opened.keyboard.press("Control+k")
    opened.keyboard.type("vendor")
    opened.wait_for_selector("#palette-results a")
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/x/")


def test_escape_leaves_the_palette_even_with_text_in_it(opened: "Page") -> None:
    opened.keyboard.press("Control+k")
    opened.keyboard.type("vendor")
    opened.keyboard.press("Escape")
    assert opened.query_selector("#palette[open]") is None


def test_a_cell_is_edited_with_enter_and_left_with_escape(opened: "Page") -> None:
    cell = opened.locator("td[data-edit-url]").first
    cell.focus()
    opened.keyboard.press("Enter")
    opened.wait_for_selector("td.editing input")
    opened.keyboard.type("12")
    opened.keyboard.press("Escape")
    assert cell.inner_text() == "6"
    opened.keyboard.press("Enter")
    opened.wait_for_selector("td.editing input")
    opened.keyboard.type("9")
    opened.keyboard.press("Enter")
    opened.wait_for_selector("td.saved")
    assert cell.inner_text() == "9"


def test_arrows_move_between_rows_and_enter_opens_one(opened: "Page") -> None:
    opened.locator("table[data-keys] tbody tr").first.focus()
    opened.keyboard.press("ArrowDown")
    assert "ERP-FIN" in opened.evaluate("document.activeElement.innerText")
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/x/")


def test_a_result_is_said_as_a_toast_whose_text_is_not_markup(opened: "Page") -> None:
    opened.get_by_role("button", name="Save it").click()
    opened.wait_for_selector(".toast.good")
    assert opened.inner_text(".toast span") == "Saved <b>it</b>"
    assert opened.inner_text("#place") == "saved"


@pytest.mark.parametrize("button", ["Fail", "Not there"])
def test_an_error_page_never_lands_inside_the_page(opened: "Page", button: str) -> None:
    opened.get_by_role("button", name=button, exact=True).click()
    opened.wait_for_selector(".toast.bad")
    assert opened.inner_text("#place") == "as it was"


def test_what_is_not_known_to_be_unsaved_is_not_said_to_be(opened: "Page") -> None:
    """An answer can be lost or broken after the commit; who only reads has changed nothing."""
    opened.route("**/save", lambda route: route.abort())
    opened.route("**/drawer", lambda route: route.fulfill(status=500, body="<!doctype html>"))
    for button, told in (
        ("Fail", "The server could not do this. Load the page anew to see whether it was saved."),
        ("Save it", "The server did not answer. Load the page anew to see whether it was saved."),
        ("Open the drawer", "The server could not do this. Nothing was changed."),
    ):
        opened.get_by_role("button", name=button, exact=True).click()
        assert opened.locator(".toast.bad span").last.inner_text() == told
        opened.locator(".toast.bad [data-dismiss]").click()


def test_every_post_of_htmx_carries_the_token(opened: "Page", parts: tuple[str, list[str | None]]) -> None:
    parts[1].clear()
    opened.get_by_role("button", name="Save it").click()
    opened.wait_for_selector(".toast")
    assert parts[1] == [opened.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")]


def test_a_refused_form_comes_back_with_its_errors_in_focus(opened: "Page") -> None:
    opened.get_by_label("Name").fill("Storage")
    opened.keyboard.press("Control+Enter")
    opened.wait_for_selector(".error-summary")
    opened.wait_for_function("document.activeElement.classList.contains('error-summary')")
    assert opened.get_by_label("Why").get_attribute("aria-invalid") == "true"


def test_leaving_with_unsaved_changes_asks(opened: "Page") -> None:
    asked: list[str] = []
    opened.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    opened.get_by_label("Name").fill("Storage")
    opened.evaluate("setTimeout(() => location.assign('/x/'), 0)")
    opened.wait_for_timeout(500)
    assert asked == ["beforeunload"]


def test_the_drawer_opens_with_what_was_loaded_and_closes(opened: "Page") -> None:
    opened.get_by_role("button", name="Open the drawer").click()
    opened.wait_for_selector("#drawer[open] h2")
    opened.get_by_role("button", name="Close").click()
    assert opened.query_selector("#drawer[open]") is None


def test_the_theme_is_chosen_at_once_and_remembered_for_the_server(opened: "Page") -> None:
    light = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    opened.locator("summary", has_text="my menu").click()
    opened.get_by_role("button", name="Dark").click()
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert "theme=dark" in opened.evaluate("document.cookie")
    opened.get_by_role("button", name="System").click()
    assert "theme" not in opened.evaluate("document.cookie")


def test_the_gantt_opens_at_its_place_and_keeps_names_and_months_in_view(opened: "Page") -> None:
    box = opened.locator(".gantt")
    assert box.evaluate("box => box.scrollLeft") == 40
    before = opened.locator(".gantt-part .gantt-left").bounding_box()
    box.evaluate("box => { box.scrollLeft = 400 }")
    after = opened.locator(".gantt-part .gantt-left").bounding_box()
    assert before is not None
    assert after is not None
    assert before["x"] == after["x"]
    rows = opened.locator(".gantt-part tbody tr").all()
    bars = opened.locator(".gantt .bar").all()
    for line, bar in zip(rows, bars, strict=True):
        outer, inner = line.bounding_box(), bar.bounding_box()
        assert outer is not None
        assert inner is not None
        assert outer["y"] <= inner["y"]
        assert inner["y"] + inner["height"] <= outer["y"] + outer["height"]


def test_on_a_phone_the_navigation_folds_and_nothing_is_wider_than_the_screen(opened: "Page") -> None:
    opened.set_viewport_size({"width": 390, "height": 844})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    link = opened.locator(".nav-groups a").first
    assert not link.is_visible()
    opened.get_by_role("button", name="Menu", exact=True).click()
    assert link.is_visible()


@pytest.mark.parametrize("address", ["/", "/dark/"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(opened: "Page", address: str, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 900})
    opened.goto(address)
    opened.evaluate(AXE.read_text())
    found = opened.evaluate("axe.run().then(result => result.violations)")
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
