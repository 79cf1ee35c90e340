"""What fixes a setting of a program that others count by."""

from __future__ import annotations

from collections.abc import Callable

FISCAL_YEAR_HELD: list[Callable[[int], str]] = []
"""Each says of a program's id why its fiscal year keeps its first month, or "" where it need not; filled when ready."""


def fiscal_year_held(program_id: int) -> str:
    """Why the first month of the fiscal year stays, or "" where it may still change."""
    return next((words for one in FISCAL_YEAR_HELD if (words := one(program_id))), "")
