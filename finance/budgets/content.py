"""The exact content of a budget version as bytes: what is shown, voted on and named by a warrant."""

from __future__ import annotations

import hashlib
import json

from finance.budgets.models import Budget


def canonical(budget: Budget) -> bytes:
    """The budget's lines in one spelling and order (JSON, sorted keys, UTF-8; amounts in minor units)."""
    lines = budget.lines.order_by("category", "nature", "period__code").values_list(
        "category", "nature", "period__code", "amount_minor"
    )
    content = {
        "kind": "budget",
        "program": budget.program.code,
        "project": budget.project.code if budget.project else None,
        "number": budget.number,
        "currency": budget.program.currency,
        "lines": [list(line) for line in lines],
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(budget: Budget) -> str:
    """sha256 of the canonical content, in hex: what a warrant for this budget must name."""
    return hashlib.sha256(canonical(budget)).hexdigest()
