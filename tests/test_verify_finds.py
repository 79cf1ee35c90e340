"""No check of `manage.py verify` is for show: each finds what it says when somebody goes past every trigger."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from finance.verify import RULES as MONEY
from governance.verify import RULES as DECISIONS
from programs.verify import CHECKS
from tests.forgeries import FINANCE, GOVERNANCE, PLANS
from tests.world import World, rolled_back

RULES = MONEY | DECISIONS
FORGED = FINANCE | GOVERNANCE


def found(query: str) -> list[Any]:
    """What a check finds, with the eyes of the owner."""
    with connection.cursor() as cursor:
        cursor.execute("select played.found(%s)", [query])
        return [row for (row,) in cursor.fetchall()]


def is_found(query: str, forgeries: list[str]) -> bool:
    """Whether the check says something new once the one forgery that belongs to it is carried out."""
    assert len(forgeries) == 1, "every check has one forgery in tests/forgeries.py"
    with rolled_back(), connection.cursor() as cursor:
        before = found(query)
        cursor.execute("set constraints all immediate")
        cursor.execute("select played.forge(%s)", forgeries)
        return any(row not in before for row in found(query))


@pytest.mark.parametrize("sentence", RULES)
def test_what_is_forged_is_found(world: World, sentence: str) -> None:
    assert is_found(RULES[sentence], [sql for begin, sql in FORGED.items() if sentence.startswith(begin)])


@pytest.mark.parametrize("n", range(len(CHECKS)))
def test_what_is_forged_in_plans_is_found(world: World, n: int) -> None:
    query, _ = CHECKS[n]
    assert is_found(query, [sql for words, sql in PLANS.items() if words in query])


def test_every_forgery_is_of_a_check() -> None:
    assert [begin for begin in FORGED if sum(rule.startswith(begin) for rule in RULES) != 1] == []
    assert [words for words in PLANS if sum(words in query for query, _ in CHECKS) != 1] == []
