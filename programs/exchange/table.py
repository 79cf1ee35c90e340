"""One CSV file into rows of values; every cell that does not fit becomes a problem with its row and column."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from typing import Any

from .cells import UNPRINTABLE
from .columns import FILES, Column
from .problems import ENOUGH, ERROR, Problems

MAX_ROWS = 100_000
_HIDDEN = re.compile(UNPRINTABLE.pattern.replace("\x00-\x1f", "\x00-\x08\x0b\x0c\x0e-\x1f"))
"""As `UNPRINTABLE`, without the tab and the line ends that a CSV file is made of."""

GUARDED = re.compile("'+[=+\\-@]")
"""What was written with an apostrophe before it, so that a spreadsheet takes it for text: that one is no content."""

_FOREIGN = (
    (b"PK\x03\x04", "is an Excel workbook or another zip, not CSV: save each sheet as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel or Project file, not CSV: save each sheet as CSV UTF-8"),
    (b"\xff\xfe", "is UTF-16 text: save it as CSV UTF-8"),
    (b"\xfe\xff", "is UTF-16 text: save it as CSV UTF-8"),
    (b"%PDF", "is a PDF, not CSV"),
    (b"<", "is markup (HTML or XML), not CSV"),
)
_MISSING = object()


@dataclass(slots=True)
class Table:
    """The rows of a file: line number and value by column name (None where empty, absent or refused)."""

    file: str
    present: frozenset[str] = frozenset()
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def read_table(file: str, data: bytes, problems: Problems) -> Table:
    """Read one file of a bundle by the columns declared for its name.

    Rows whose identifying values cannot be read are reported and left out; others are kept with the refused cells
    empty, so that one bad cell does not make every reference to its row look wrong. Never raises.
    """
    table = Table(file)
    text = _decoded(file, data, problems)
    if text is None:
        return table
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns = {column.name: column for column in FILES[file]}
    try:
        header = next(reader, None)
        if not header or not any(header):
            problems.error(file, 1, "", "", "The file is empty: the first row must name the columns.")
            return table
        layout = _layout(table, [name.strip().lower() for name in header], columns, problems)
        if layout is None:
            return table
    except csv.Error as fault:
        problems.error(file, 1, "", "", f"This row is not well-formed CSV: {fault}.")
        return table
    _read_rows(table, reader, layout, _careful(text), problems)
    return table


def _decoded(file: str, data: bytes, problems: Problems) -> str | None:
    for magic, sentence in _FOREIGN:
        if data.startswith(magic):
            problems.error(file, None, "", "", f"The file {sentence}.")
            return None
    lines = data.count(b"\n")
    if lines > MAX_ROWS + 1:
        problems.error(
            file, MAX_ROWS + 2, "", f"{lines:,} lines", f"The file has more than {MAX_ROWS:,} rows."
        )
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        row = data.count(b"\n", 0, fault.start) + 1
        byte = f"byte 0x{data[fault.start]:02x}"
        problems.error(file, row, "", byte, "The text is not UTF-8 here: save the file as CSV UTF-8.")
        return None


def _layout(
    table: Table, header: list[str], columns: dict[str, Column], problems: Problems
) -> list[tuple[int, Column]] | None:
    """Positions of the known columns; None when the header makes the file unreadable."""
    if len(header) == 1 and ";" in header[0]:
        problems.error(
            table.file, 1, "", header[0], "The values are separated by semicolons: commas are needed."
        )
        return None
    hidden = next(filter(None, map(UNPRINTABLE.search, header)), None)
    if hidden is not None:  # it would be kept among the names of columns that were not read
        sentence = f"The header holds the unprintable character U+{ord(hidden[0]):04X}."
        problems.error(table.file, 1, "", "", sentence)
        return None
    twice = sorted({name for name in header if header.count(name) > 1}) if len(header) < 500 else ["too many"]
    if twice:
        problems.error(table.file, 1, twice[0], ", ".join(twice), "The header names a column twice.")
        return None
    missing = [name for name, column in columns.items() if column.required and name not in header]
    for name in missing:
        problems.error(table.file, 1, name, "", f"The column {name} is missing.")
    for name in header:
        if name not in columns:
            problems.warn(table.file, 1, name, "", "This column is not known and was not read.")
            table.unknown.append(f"{table.file}: column {name[:60]}")
    if missing:
        return None
    if not any(name in columns for name in header):
        problems.error(table.file, 1, "", header[0], "The header names no column of this file.")
        return None
    table.present = frozenset(name for name in header if name in columns)
    return [(at, columns[name]) for at, name in enumerate(header) if name in columns]


def _careful(text: str) -> bool:
    """Whether cells must be looked at one by one for control characters and line breaks."""
    return '"' in text or "\t" in text or _HIDDEN.search(text) is not None


def _read_rows(
    table: Table, reader: Any, layout: list[tuple[int, Column]], careful: bool, problems: Problems
) -> None:
    file, width = table.file, reader_width(layout)
    blank = {column.name: None for column in FILES[file]}
    known: list[dict[str, Any]] = [{} for _ in layout]  # a text parsed once is not parsed again
    line = reader.line_num
    while True:
        row = line + 1
        try:
            cells = next(reader, None)
        except csv.Error as fault:
            problems.error(file, row, "", "", f"This row is not well-formed CSV: {fault}.")
            return
        if cells is None:
            return
        line = reader.line_num
        if not any(cells):
            continue
        if len(table.rows) >= MAX_ROWS:
            problems.error(
                file, row, "", "", f"The file has more than {MAX_ROWS:,} rows; reading stopped here."
            )
            return
        if problems.count[ERROR] >= ENOUGH:
            problems.error(
                file, row, "", "", f"More than {ENOUGH:,} errors were found; reading stopped here."
            )
            return
        if len(cells) < width:
            problems.error(
                file, row, "", "", f"This row has {len(cells)} values; the header needs at least {width}."
            )
            continue
        values: dict[str, Any] = dict(blank)
        usable = True
        for (at, column), seen in zip(layout, known, strict=True):
            text = cells[at].strip()
            if not text:
                if column.filled:
                    problems.error(file, row, column.name, "", f"The {column.name} is missing.")
                    usable = False
                continue
            value = seen.get(text, _MISSING)
            if value is _MISSING:
                value = _parsed(table.file, row, column, text, careful, problems)
                if value is not _MISSING and len(seen) < 10_000:
                    seen[text] = value
            if value is _MISSING:
                usable = usable and not column.filled
            else:
                values[column.name] = value
        if usable:
            table.rows.append((row, values))


def reader_width(layout: list[tuple[int, Column]]) -> int:
    """The least number of cells a row needs so that every known column is there."""
    return max(at for at, _ in layout) + 1


def _parsed(file: str, row: int, column: Column, text: str, careful: bool, problems: Problems) -> Any:
    if careful:
        shown = text.translate({9: 32, 10: 32, 13: 32}) if column.name == "notes" else text
        hidden = UNPRINTABLE.search(shown)
        if hidden is not None:
            what = (
                "a line break" if hidden[0] in "\r\n" else f"the unprintable character U+{ord(hidden[0]):04X}"
            )
            problems.error(file, row, column.name, text, f"The value holds {what}.")
            return _MISSING
    guarded = column.text and GUARDED.match(text) is not None
    if guarded:
        text = text[1:]
    try:
        value = column.parse(text)
    except ValueError as fault:
        problems.error(file, row, column.name, text, f"The {column.name} {fault}.")
        return _MISSING
    if column.text and not guarded and text[0] in "=+-@":
        problems.warn(
            file, row, column.name, text, "This looks like a spreadsheet formula; it is kept as plain text."
        )
    return value
