"""The cache in the database: JSON only, so that a planted row runs nothing."""

from __future__ import annotations

import base64
import pickle
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from pmo.cache import JsonCache

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache() -> JsonCache:
    return JsonCache("pmo_cache", {"OPTIONS": {"MAX_ENTRIES": 5}})


def planted(cache: JsonCache, key: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into pmo_cache values (%s, %s, now() + interval '1 hour')", [cache.make_key(key), value]
        )


def keys() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select cache_key from pmo_cache")
        return {row[0].rpartition(":")[2] for row in cursor.fetchall()}


class Bomb:
    """What an attacker leaves: it acts when it is unpickled."""

    went_off = False

    def __reduce__(self) -> Any:
        return setattr, (Bomb, "went_off", True)


def test_a_pickle_planted_in_the_table_is_not_there_and_runs_nothing(cache: JsonCache) -> None:
    planted(cache, "limit", base64.b64encode(pickle.dumps(Bomb())).decode())
    assert cache.get("limit", "nothing") == "nothing"
    assert not cache.has_key("limit") and cache.get_many(["limit"]) == {}
    assert not Bomb.went_off


def test_the_office_serves_no_cache_that_unpickles_from_the_database() -> None:
    assert settings.COUNTED_IN_POSTGRES["default"]["BACKEND"] == "pmo.cache.JsonCache"
    for one in settings.COUNTED_IN_POSTGRES.values():
        assert "DatabaseCache" not in one["BACKEND"] and "FileBased" not in one["BACKEND"]


def test_it_keeps_what_it_is_given_until_its_time(cache: JsonCache) -> None:
    history = [1764373200.25, 1764373100.5]
    cache.set("history", history, 60)
    assert cache.get("history") == history
    cache.set("history", [], 60)
    assert cache.get("history", "x") == []
    assert cache.touch("history", -1) and cache.get("history", "gone") == "gone"
    cache.set("over", 1, 0)
    assert cache.get("over") is None and not cache.touch("over", 60)
    cache.set("ever", "é", None)
    assert cache.get("ever") == "é" and cache.delete("ever") and not cache.delete("ever")


def test_what_is_there_is_added_once_and_again_when_it_is_over(cache: JsonCache) -> None:
    assert cache.add("code", "123456", 60)
    assert not cache.add("code", "654321", 60)
    assert cache.get("code") == "123456"
    cache.set("code", "123456", -1)
    assert cache.add("code", "654321", 60) and cache.get("code") == "654321"


def test_what_is_no_json_is_refused(cache: JsonCache) -> None:
    with pytest.raises(TypeError):
        cache.set("thing", object())


def test_tidying_drops_the_expired_and_then_what_ends_first(cache: JsonCache) -> None:
    for number in range(7):
        cache.set(f"k{number}", number, 60 + number)
    cache.set("old", 1, -1)
    cache.tidy()
    assert keys() == {f"k{number}" for number in range(2, 7)}
    cache.clear()
    assert keys() == set()
