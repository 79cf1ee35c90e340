"""The rows of a plan table, CSV or XLSX, from its line of headings on. Runs inside the sandbox's child."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from pmo.refusals import Refused
from pmo.workbook import sheet_rows
from pmo.workbook_cells import MARK, Unreadable, Writing, fault_of

from .cells import UNPRINTABLE
from .problems import ENOUGH, ERROR, ImportRefused, Problems
from .sheet_layout import COLUMNS, TREES, SheetLayout
from .table import GUARDED

PREAMBLE = 60
"""Rows before the headings in which a sheet may say what it is."""
MAX_ROWS = 100_000
MAX_BLANK = 1_100_000
"""Empty rows: a sheet formatted to its very end has fewer."""
LONGEST_LINE = 64_000
MS_PROJECT = {
    "code": "id",
    "name": "task name",
    "level": "outline level",
    "resources": "resource names",
    "percent": "% complete",
}
"""Our column -> MS Project's English heading, in small letters; the others are called the same in both."""
_DAYS = {"ymd": "{0:%Y-%m-%d}", "dmy": "{0:%d/%m/%Y}", "mdy": "{0:%m/%d/%Y}"}


@dataclass(slots=True)
class SheetTable:
    """Rows as their number and texts by our columns, and the headings that nothing was read of."""

    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def with_our_headings(data: bytes, file: str, layout: SheetLayout) -> SheetLayout:
    """The layout with every column headed as we, or MS Project, name it. Raises `ImportRefused` where none will do."""
    refusal = ""
    for _, cells in islice(_rows(data, file, layout), PREAMBLE):
        headings = [cell.strip() for cell in cells]
        if not set(layout.columns.values()) <= set(headings):
            continue
        taken = set(layout.columns.values())
        ours = {name.lower(): name for name in reversed(headings) if name not in taken}
        ours = {name: ours[theirs] for name, theirs in MS_PROJECT.items() if theirs in ours} | ours
        columns = {name: ours[name] for name in COLUMNS if name in ours} | layout.columns
        if len(set(TREES) & columns.keys()) > 1 and "level" in columns:  # groups come from one column
            spare = ("wbs", "parent") if "level" in layout.columns else ("level",)
            columns = {name: heading for name, heading in columns.items() if name not in spare}
        whole = replace(layout, columns=columns)
        try:
            whole.check()
        except Refused as fault:
            refusal = refusal or (f"{fault}" if columns else "")
        else:
            return whole
    raise ImportRefused(
        f"has no row of headings of ours among its first {PREAMBLE}: name, and duration or start and finish. "
        f"{refusal}".strip(),
        file=file,
    )


def _rows(data: bytes, file: str, layout: SheetLayout) -> Iterator[tuple[int, list[str]]]:
    return _of_workbook(data, file, layout) if data[:4] == b"PK\x03\x04" else _of_csv(data, file)


def read_rows(data: bytes, file: str, layout: SheetLayout, problems: Problems) -> SheetTable:
    """The table. Raises `ImportRefused` where the file as a whole cannot be read or lacks a heading."""
    rows = _rows(data, file, layout)
    wanted = set(layout.columns.values())
    headings: list[str] = []
    for count, (_, cells) in enumerate(rows):
        headings = [cell.strip() for cell in cells]
        if wanted <= set(headings):
            break
        if count + 1 == PREAMBLE:
            headings = []
            break
    else:
        headings = []
    if not headings:
        names = ", ".join(f"“{name}”" for name in layout.columns.values())
        raise ImportRefused(
            f"has no row with the headings of this source among its first {PREAMBLE}: {names}", file=file
        )
    place = {ours: headings.index(theirs) for ours, theirs in layout.columns.items()}
    table = SheetTable(unused=[name for name in headings if name and name not in wanted])
    ids = [name for name in table.unused if name.lower() == "id"]
    if (
        ids and "predecessors" in place and "code" not in place
    ):  # rows counted instead would be linked wrongly
        raise ImportRefused(
            f"has predecessors and a column “{ids[0]}”, and nothing says that it is the code they mean: "
            f"add code = {ids[0]} to the columns of the source",
            file=file,
        )
    blank = 0
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            blank += 1
            if blank > MAX_BLANK:
                raise ImportRefused(f"holds more than {MAX_BLANK:,} empty rows", file=file)
            continue
        if len(table.rows) >= MAX_ROWS:
            raise ImportRefused(f"holds more than {MAX_ROWS:,} rows", file=file)
        if problems.count[ERROR] > ENOUGH:
            break
        table.rows.append((number, _texts(number, cells, place, layout, file, problems)))
    return table


def _texts(
    number: int, cells: list[str], place: dict[str, int], layout: SheetLayout, file: str, problems: Problems
) -> dict[str, str]:
    found = {}
    for ours, at in place.items():
        text = cells[at] if at < len(cells) else ""
        if text.endswith(MARK):
            problems.error(
                file, number, layout.columns[ours], text.rstrip(MARK), f"Not read: {fault_of(text)}."
            )
            text = ""
        text = " ".join(UNPRINTABLE.sub(" ", text).split())
        found[ours] = text[1:] if GUARDED.match(text) else text
    return found


def _of_workbook(data: bytes, file: str, layout: SheetLayout) -> Iterator[tuple[int, list[str]]]:
    try:
        writing = Writing(layout.decimal, _DAYS[layout.date_order])
        for row in sheet_rows(io.BytesIO(data), layout.sheet, writing):
            yield row.number, row.cells
    except Unreadable as fault:
        raise ImportRefused(str(fault), file=file) from None


def _of_csv(data: bytes, file: str) -> Iterator[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImportRefused("is not in UTF-8: save it as CSV (UTF-8)", file=file) from None
    if "\x00" in text:
        raise ImportRefused("is not a CSV file: it contains zero bytes", file=file)
    head = text[:20_000]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        for cells in reader:
            if sum(map(len, cells)) > LONGEST_LINE:
                raise ImportRefused(f"has a row of more than {LONGEST_LINE:,} characters", file=file)
            yield reader.line_num, cells
    except csv.Error:
        raise ImportRefused(
            "is not well-formed CSV (a quote that does not end)", file=file, row=reader.line_num
        ) from None
