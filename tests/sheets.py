"""What a workbook shows, read by a library that did not write it."""

from __future__ import annotations

import io
from typing import Any

import python_calamine


def read(book: bytes, number: int = 0) -> list[list[Any]]:
    """The cells of one sheet, row by row."""
    opened = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book))
    return opened.get_sheet_by_index(number).to_python()
