"""Whose address a limit counts by: nobody chooses his own, and people behind one proxy are not one person."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse

PROXY = "10.0.0.2"


def seen(forwarded: str | None, peer: str = PROXY) -> str:
    """The address that the office counts a request by."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)
    return str(get_adapter().get_client_ip(request))


def test_without_proxies_the_header_is_the_clients_own_word_and_is_not_read() -> None:
    assert seen("6.6.6.6", peer="203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize(
    ("proxies", "header", "counted"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6,7.7.7.7 , 2001:db8::9", "2001:db8::9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.3", "203.0.113.9"),
        (2, "203.0.113.9", PROXY),  # it passed by the outer one: the connection's own address
        (1, "203.0.113.9, nonsense", PROXY),
        (1, None, PROXY),
    ],
)
def test_behind_proxies_only_what_they_appended_counts(
    settings: Any, proxies: int, header: str | None, counted: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert seen(header) == counted


@pytest.mark.django_db
@pytest.mark.parametrize("proxies", [0, 1])
def test_a_guesser_who_writes_other_addresses_into_the_header_is_stopped(settings: Any, proxies: int) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    cache.clear()
    said = []
    for number in range(21):
        forged = f"6.6.6.{number}" + (", 203.0.113.9" if proxies else "")
        answer = Client().post(
            reverse("account_login"),
            {"login": f"person{number}@example.org", "password": "wrong"},
            headers={"X-Forwarded-For": forged},
        )
        said.append("Too many failed" in answer.content.decode())
    assert said == [False] * 20 + [True]
    cache.clear()
