"""A measure of a control account as its page shows it."""

from __future__ import annotations

from typing import Any

from finance.earned_value.explaining import spelled
from pmo import formats


def measure(one: Any, currency: str) -> dict[str, Any]:
    """Label, value, formula, and the formula with its numbers."""
    value = formats.UNKNOWN
    if one.value is not None:
        match one.unit.value:
            case "money":
                value = formats.money_short(one.minor, currency)
            case "share":
                value = formats.percent(float(one.value) * 100, 1)
            case _:
                value = formats.index(float(one.value))
    return {
        "label": one.label,
        "value": value,
        "formula": spelled(one.formula),
        "worked": f"not defined: {one.why_not}" if one.why_not else spelled(one.worked),
    }
