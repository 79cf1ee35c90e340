"""The lines of a CSV file that somebody sent, one after the other, and its line of headings."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from pmo.refusals import Refused

LONGEST_LINE = 64_000
PREAMBLE = 60
"""Lines before the headings in which a report may say what it is."""


class Lines:
    """The file's lines as text, never more than one in memory; their number, and the digest of what was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        """Raises Refused, with the place, for anything that is not UTF-8 text."""
        while raw := self._stream.readline(LONGEST_LINE + 1):
            self._digest.update(raw)
            self.number += 1
            if len(raw) > LONGEST_LINE:
                raise Refused(f"Row {self.number} is longer than {LONGEST_LINE:,} bytes.", field="file")
            try:
                text = raw.decode("utf-8-sig" if self.number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise Refused(
                    f"Row {self.number} is not in UTF-8. Please save the file as CSV (UTF-8).", field="file"
                ) from None
            if "\x00" in text:
                raise Refused("This is not a CSV file: it contains zero bytes.", field="file")
            yield text

    @property
    def digest(self) -> str:
        """sha256 of the lines read so far, in hex."""
        return self._digest.hexdigest()


def split(line: str) -> tuple[list[str], str]:
    """The headings in a line, and the separator that it has most of."""
    separator = max(",;\t", key=line.count)
    cells = next(csv.reader([line.rstrip("\r\n")], delimiter=separator), [])
    return [name.strip() for name in cells], separator


def find_heading(lines: Iterator[str], wanted: set[str]) -> tuple[list[str], str]:
    """Headings and separator, after as many lines of a preamble as there are; the next line is the first row.

    A first line that has any of the wanted headings is the one, whatever it lacks. Raises Refused for an empty
    file, and where no line of the preamble's length has them all.
    """
    for number, line in enumerate(lines, 1):
        names, separator = split(line)
        if number == 1:
            if not line.strip():
                break
            if not wanted or wanted & set(names):
                return names, separator
        if wanted <= set(names):
            return names, separator
        if number == PREAMBLE:
            raise Refused(f"None of the first {PREAMBLE} rows has the headings of this source.", field="file")
    else:
        if wanted:
            raise Refused(
                "No row has the headings of this source: " + ", ".join(sorted(wanted)), field="file"
            )
    raise Refused("The file is empty: its first line names the columns.", field="file")


def decode(content: bytes) -> str:
    """A whole small file's text. Raises Refused, with the place, for anything that is not UTF-8 text."""
    return "".join(Lines(io.BytesIO(content)))


def heading(text: str) -> tuple[list[str], str]:
    """Headings and separator of the first line of a text. Raises Refused for an empty one."""
    return find_heading(iter(text.splitlines()[:1]), set())
