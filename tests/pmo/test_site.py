"""The office as `up` serves it, by its own web server, seen by a browser and by a health check."""

import json
import re
import urllib.request
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_the_web_server_is_ready_with_database_and_cache(site: str) -> None:
    with urllib.request.urlopen(f"{site}/readyz", timeout=20) as answer:  # noqa: S310  (our own loopback)
        assert json.load(answer) == {"ready": True, "missing": [], "process": "web"}


@pytest.mark.browser
def test_a_stranger_is_led_to_the_sign_in_page_with_its_styles(page: "Page") -> None:
    page.goto("/")
    assert re.search(r"/accounts/login/", page.url)
    assert page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).is_visible()
    assert page.evaluate("document.styleSheets.length") > 0
    assert page.evaluate("[...document.styleSheets].every(sheet => sheet.cssRules.length > 0)")
