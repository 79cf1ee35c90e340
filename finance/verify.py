"""Finance's own checks for `manage.py verify`: the books recomputed from their postings. Read by the owner's login."""

from __future__ import annotations

from typing import Any

from finance.checks import buying, costs, ledger, plans, requests

# A sentence and the query that finds breaches; each row fills the sentence's places.
RULES: dict[str, str] = ledger.RULES | costs.RULES | plans.RULES | requests.RULES | buying.RULES


def check(cursor: Any) -> list[str]:
    """Every breach in words; an empty list when the books are whole."""
    faults = []
    for sentence, query in RULES.items():
        cursor.execute(query)
        faults += [sentence % row for row in cursor.fetchall()]
    return faults
