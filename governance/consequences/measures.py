"""A row of the table that voters see, and an instant in it: plain values with one canonical form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def stamp(moment: datetime | None) -> str | None:
    """An instant as UTC text with microseconds, the one form used in canonical bytes."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def measure(
    key: str,
    label: str,
    today: int | str | None,
    after: int | str | None,
    *,
    unit: str = "money",
    state: str = "",
    said: str = "",
) -> dict[str, Any]:
    """One row: today, if approved, and the difference where both are numbers, else in words (`said`)."""
    both = type(today) is int and type(after) is int
    row: dict[str, Any] = {
        "key": key,
        "label": label,
        "unit": unit,
        "today": today,
        "after": after,
        "state": state,
        "difference": after - today if both else None,  # type: ignore[operator]
    }
    return row | {"said": said} if said else row
