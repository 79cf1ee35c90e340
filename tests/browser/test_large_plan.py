"""A plan too large for the request, in a browser: the edit stands, the page tells how far it is, the dates arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from programs.schedule.models import Recalculation
from tests.cast import everything
from tests.programs.schedule.test_large_plans import asked, client_of, planned, standing, work_all

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def limited(own_database: Any, settings: Any) -> None:
    """The web server will compute no more than three activities in a request, and believe the cookies made here."""
    own_database.environment["PMO_COMPUTE_IN_REQUEST_UP_TO"] = "3"
    settings.SECRET_KEY = own_database.environment["SECRET_KEY"]


def test_new_dates_arrive_on_the_open_plan(limited: None, page: Page) -> None:
    office = planned()
    cookie = client_of(office).cookies[django_settings.SESSION_COOKIE_NAME].value
    page.goto("/healthz")
    page.context.add_cookies(
        [{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": page.url.rpartition("/")[0]}]
    )
    page.goto("/p/ATLAS/plan/")
    days = page.locator("td[data-f=days]").nth(1)
    days.dblclick()
    editor = page.locator("td.editing input")
    editor.fill("5")
    editor.press("Enter")
    notice = page.locator("#plan [role=status]")
    notice.wait_for()
    assert "Dates are of version 4 of the plan, which is at 5. Waiting for a worker" in notice.inner_text()
    assert page.locator("td[data-f=days]").nth(1).inner_text() == "5"
    assert len(asked(office)) == 1
    with transaction.atomic(), everything(office.program):
        Recalculation.objects.update(state="running", step="Computing dates", percent=40)
    page.wait_for_selector("text=Computing dates")
    with transaction.atomic(), everything(office.program):
        Recalculation.objects.update(state="waiting")
    work_all(office)
    notice.wait_for(state="detached")
    assert standing(office).state == Recalculation.State.DONE
    assert "which is at" not in page.inner_text("#plan")
    assert page.locator(".gantt svg .bar").count() == 4
