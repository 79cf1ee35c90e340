"""Cells of exported tables: text stays text in a spreadsheet."""

from __future__ import annotations

from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_cell(value: Any) -> Any:
    """A value for a CSV row: text that a spreadsheet would take for a formula gets an apostrophe; numbers stay.

    Control characters, which no spreadsheet accepts, are left out.
    """
    if not isinstance(value, str):
        return "" if value is None else value
    clean = "".join(char for char in value if char >= " " or char in "\n\t")
    return f"'{clean}" if clean.startswith(_FORMULA) else clean
