"""Signing in needs no Redis, and guessing passwords does not become free when Redis is away."""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from pmo import embedded
from pmo.embedded_servers import Redis

pytestmark = pytest.mark.django_db
PASSWORD = "a long sentence that nobody guesses"


@pytest.fixture
def maria() -> Any:
    return get_user_model().objects.create_user("maria@example.org", PASSWORD, name="Maria Olsen")


@pytest.fixture(params=["frozen", "killed", "there"])
def redis_is(request: pytest.FixtureRequest, settings: Any) -> Iterator[str]:
    """The caches of the product, with a Redis of this test's own in that state."""
    with tempfile.TemporaryDirectory(prefix="pmo-limits-") as place:
        redis = Redis(Path(place), durable=False)
        redis.start()
        assert redis.child is not None
        caches_ = {name: dict(cache) for name, cache in configured.COUNTED_IN_POSTGRES.items()}
        caches_["passing"]["LOCATION"] = embedded.redis_url(0, state=Path(place))
        settings.CACHES = caches_
        caches["passing"].set("known", 1)
        if request.param == "frozen":
            redis.child.send_signal(signal.SIGSTOP)
        elif request.param == "killed":
            redis.child.kill()
            redis.child.wait(10)
        try:
            yield request.param
        finally:
            if request.param == "frozen":
                redis.child.send_signal(signal.SIGCONT)
            redis.stop()


def tried(client: Client, password: str, login: str = "maria@example.org") -> Any:
    return client.post(reverse("account_login"), {"login": login, "password": password})


def test_people_sign_in_whatever_redis_does(maria: Any, redis_is: str, client: Client) -> None:
    begun = time.monotonic()
    answer = tried(client, PASSWORD)
    assert answer.status_code == 302 and client.session["_auth_user_id"] == str(maria.pk)
    assert time.monotonic() - begun < 1


def test_the_sixth_wrong_password_is_refused_whatever_redis_does(
    maria: Any, redis_is: str, client: Client
) -> None:
    for _ in range(5):
        assert "Too many failed" not in tried(client, "wrong").content.decode()
    for password in ("wrong", PASSWORD):
        assert "Too many failed" in tried(client, password).content.decode()
    assert "_auth_user_id" not in client.session
    assert tried(Client(), PASSWORD).status_code == 200, "another browser is not another person"


def test_an_address_that_tries_twenty_people_is_refused(redis_is: str, client: Client) -> None:
    said = [tried(client, "wrong", f"person{number}@example.org").content.decode() for number in range(21)]
    assert ["Too many failed" in text for text in said] == [False] * 20 + [True]


def test_a_process_without_redis_says_so_and_stays_in_service(redis_is: str, client: Client) -> None:
    begun = time.monotonic()
    answer = client.get("/readyz")
    away = [] if redis_is == "there" else ["cache"]
    assert (answer.status_code, answer.json()["ready"], answer.json()["missing"]) == (200, True, away)
    assert time.monotonic() - begun < 2.5
