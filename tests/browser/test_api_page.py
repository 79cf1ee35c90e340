"""The API's own page: Swagger UI from our origin, under the same policy as every page."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Enter, email_of

pytestmark = pytest.mark.browser


def test_the_api_can_be_read_and_tried_under_our_policy(enter: Enter) -> None:
    page = enter("auditor")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/docs/")
    page.locator(".opblock-tag").first.wait_for(timeout=60_000)
    assert any("plan" in one for one in page.locator(".opblock-tag").all_inner_texts())
    page.locator("#operations-tag-me").click()
    page.locator("#operations-me-me_retrieve .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    live = page.locator(".live-responses-table")
    live.wait_for(timeout=60_000)
    assert email_of("auditor") in live.inner_text()
    here = page.url.split("/api/")[0]
    assert [url for url in asked if not url.startswith((here, "data:", "blob:"))] == []
