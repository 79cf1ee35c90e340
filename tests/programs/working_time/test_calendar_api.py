"""Working calendars by the API: the same deeds, and the same public holidays twice as once."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from tests.cast import Office
from tests.programs.working_time.kept import HALF, MORNING, browser, finish, kept_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return kept_plan()


def test_the_same_public_holidays_twice_are_as_once(office: Office) -> None:
    client = browser(office.program_manager)
    body = {"version": 1, "country": "BE", "from_year": 2026, "to_year": 2026, "agreed": True}

    def enter() -> Any:
        path = f"/api/v1/programs/ATLAS/calendars/{office.calendar.pk}/holidays/"
        return client.post(path, body, content_type="application/json")

    first, second = enter(), enter()  # without a key, and with the version that was seen before
    assert (first.status_code, second.status_code) == (200, 200), second.content
    assert first.json() == second.json()
    body["to_year"] = 2027
    assert enter().status_code == 409  # others: these are asked of the calendar as it is


def test_the_api_does_the_same(office: Office) -> None:
    client = browser(office.program_manager)

    def call(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        address = f"/api/v1/programs/ATLAS/calendars/{path}"
        return client.generic(method, address, json.dumps(body or {}), content_type="application/json")

    one = office.calendar.pk
    assert call("POST", "", {"code": "C2", "name": "Second", "week": HALF}).status_code == 201
    assert call("POST", "", {"code": "C3", "name": "Third", "week": [[]] * 7}).status_code == 422
    asked = call("POST", f"{one}/what-if/", {"first": "2026-01-06"})
    assert asked.status_code == 200 and asked.json()["activities_moved"] == 2, asked.content
    days = call(
        "POST",
        f"{one}/days/",
        {"version": 1, "first": "2026-01-06", "last": "2026-01-07", "shifts": [MORNING], "agreed": True},
    )
    assert days.status_code == 200 and days.json()["version"] == 2, days.content
    assert finish(office) == date(2026, 1, 19)
    wrong = call("POST", f"{one}/days/", {"version": 2, "first": "2026-01-06", "shifts": [[720, 480]]})
    assert wrong.status_code == 422 and "shifts" in wrong.json()["errors"]
    assert (
        call(
            "POST", f"{one}/days-out/", {"version": 2, "first": "2026-01-06", "last": "2026-01-07"}
        ).status_code
        == 200
    )
    assert (
        call(
            "POST", f"{one}/holidays/", {"version": 3, "country": "BE", "from_year": 2026, "to_year": 2026}
        ).status_code
        == 200
    )
    assert call("PATCH", f"{one}/", {"version": 4, "name": "Hours"}).json()["name"] == "Hours"
    assert call("PATCH", f"{one}/", {"version": 4, "name": "Again"}).status_code == 409
    assert call("DELETE", f"{one}/").status_code == 422
    copied = call("POST", f"{one}/copy/", {"code": "C4", "name": "Fourth"}).json()["id"]
    assert call("POST", f"{copied}/choose/", {"version": 1, "project": office.iam.pk}).status_code == 200
    assert (
        call(
            "POST", f"{copied}/choose/", {"version": 2, "project": office.iam.pk, "as_program": True}
        ).status_code
        == 200
    )
    assert call("DELETE", f"{copied}/").status_code == 204
