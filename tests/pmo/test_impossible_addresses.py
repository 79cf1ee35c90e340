"""Addresses that nobody was given: refused in words, never a fault of ours."""

from __future__ import annotations

import pytest
from django.test import Client

from pmo.clocks import instant
from pmo.refusals import Refused
from tests.cast import Office, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def browser(office: Office) -> Client:
    client = Client()
    client.force_login(office.program_manager)
    return client


@pytest.mark.parametrize(
    "address",
    [
        "/p/a%00b/",
        "/p/ATLAS/projects/a%00b/",
        "/api/v1/programs/a%00b/activities/",
        "/p/ATLAS/plan/?project=%00",
        "/p/ATLAS/ledger/?period=2027-01%00",
    ],
)
def test_an_address_with_a_nul_cannot_be_understood(browser: Client, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 400
    assert "cannot be understood" in answer.content.decode()
    assert answer["X-Request-Id"]


@pytest.mark.parametrize("address", ["/p/ATLAS/plan/?from=²", "/p/ATLAS/plan/?from=٣"])
def test_a_digit_of_another_script_counts_as_none(browser: Client, address: str) -> None:
    assert browser.get(address).status_code == 200


def test_a_nul_in_the_hidden_key_or_the_reason_of_a_form_is_left_out(browser: Client) -> None:
    given = {"_key": "a\x00b" * 8, "why": "be\x00cause", "scope": "read", "days": "3", "name": "machine"}
    assert browser.post("/me/tokens/", given).status_code == 200


@pytest.mark.parametrize(
    "day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31", "9999-12-31T23:59:59-23:59"]
)
@pytest.mark.parametrize("clock", ["at", "known"])
@pytest.mark.parametrize("page", ["/p/ATLAS/", "/p/ATLAS/since/", "/api/v1/programs/ATLAS/health/"])
def test_a_day_at_the_end_of_the_calendar_is_refused_in_words(
    browser: Client, page: str, clock: str, day: str
) -> None:
    answer = browser.get(page, {clock: day})
    assert answer.status_code in (400, 422)
    assert "not a date" in answer.content.decode()


def test_dates_of_plans_are_understood_from_1900_to_2199() -> None:
    assert instant("1900-01-01", "UTC").year == 1900
    assert instant("2199-12-31T23:59", "UTC").year == 2199
    with pytest.raises(Refused):
        instant("0000-01-01", "UTC")
