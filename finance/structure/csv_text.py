"""The text and the first line of a CSV file that somebody sent."""

from __future__ import annotations

import csv

from pmo.refusals import Refused


def decode(content: bytes) -> str:
    """The file's text. Raises Refused, with the place, for anything that is not UTF-8 text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise Refused(
            f"Row {row} is not in UTF-8. Please save the file as CSV (UTF-8).", field="file"
        ) from None
    if "\x00" in text:
        raise Refused("This is not a CSV file: it contains zero bytes.", field="file")
    return text


def heading(text: str) -> tuple[list[str], str]:
    """The headings of the first line and the separator. Raises Refused for an empty file."""
    first = text.partition("\n")[0].rstrip("\r")
    if not first.strip():
        raise Refused("The file is empty: its first line names the columns.", field="file")
    separator = max(",;\t", key=first.count)
    return [name.strip() for name in next(csv.reader([first], delimiter=separator))], separator
