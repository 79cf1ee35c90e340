"""The rows of one sheet of an XLSX file, as a stream, exactly as they are written there. Runs in the child process.

Amounts are read from the decimal digits of the file and never become a float (ADR 99). Memory: the sheet's distinct
texts, and one row. Raises `Unreadable` with a sentence for whatever is not such a file, or larger than allowed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, BinaryIO
from xml.parsers import expat

from pmo.workbook_cells import SheetReader, SheetRow, Unreadable, Writing, plain_parser, unescaped

MOST_UNPACKED, MOST_TEXTS, MOST_STYLES = 800 << 20, 160 << 20, 20 << 20
MOST_RATIO, FLOOR = 250, 4 << 20
MOST_MEMBERS, MOST_SHEETS = 2_000, 200
_PIECE = 1 << 16
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_BUILT_IN_DATES = frozenset({14, 15, 16, 17, 22, *range(27, 32), 34, 35, 36, *range(50, 59)})
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


def sheet_rows(file: BinaryIO, sheet: str, writing: Writing) -> Iterator[SheetRow]:
    """The rows that have anything in them. `sheet`: its name, or "" for the first one that is visible."""
    try:
        book = _Book(file)
        yield from book.rows(sheet, writing)
    except _DAMAGED:
        raise Unreadable("is damaged or is not an XLSX file") from None


class _Book:
    """The parts of the package that tell where the sheets are and what their cells mean."""

    def __init__(self, file: BinaryIO) -> None:
        self.archive = zipfile.ZipFile(file)
        if len(self.archive.infolist()) > MOST_MEMBERS:
            raise Unreadable(f"holds more than {MOST_MEMBERS:,} parts")
        if any(member.flag_bits & 1 for member in self.archive.infolist()):
            raise Unreadable("is encrypted")
        roots = self._relations("_rels/.rels")
        main = [target for kind, target in roots.values() if kind == "officeDocument"]
        if not main or not main[0].endswith(".xml"):
            raise Unreadable("is not an XLSX file: save it as an Excel workbook (.xlsx)")
        self.folder, _, name = main[0].rpartition("/")
        self.parts = self._relations(f"{self.folder}/_rels/{name}.rels", self.folder)
        self.sheets: list[tuple[str, str, bool]] = []
        self.from_1904 = False
        self._parse(main[0], self._book_start, most=MOST_STYLES)

    def _book_start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "workbookPr":
            self.from_1904 = given.get("date1904", "") in ("1", "true")
        elif tag == "sheet":
            place = next((value for key, value in given.items() if key.rpartition("}")[2] == "id"), "")
            kind, target = self.parts.get(place, ("", ""))
            if kind == "worksheet" and len(self.sheets) < MOST_SHEETS:
                visible = given.get("state", "visible") == "visible"
                self.sheets.append((given.get("name", ""), target, visible))

    def _relations(self, part: str, folder: str = "") -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "Relationship" and given.get("TargetMode") != "External":
                target = given.get("Target", "")
                whole = target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")
                found[given.get("Id", "")] = (given.get("Type", "").rpartition("/")[2], whole)

        self._parse(part, start, most=MOST_STYLES)
        return found

    def rows(self, name: str, writing: Writing) -> Iterator[SheetRow]:
        """The rows of the named sheet, or of the first visible one."""
        wanted = [one for one in self.sheets if one[0].casefold() == name.strip().casefold()]
        if name.strip() and not wanted:
            there = ", ".join(f"“{one[0][:31]}”" for one in self.sheets[:10]) or "none"
            raise Unreadable(f"has no sheet “{name.strip()[:31]}”; its sheets: {there}")
        chosen = wanted or [one for one in self.sheets if one[2]] or self.sheets
        if not chosen:
            raise Unreadable("has no sheet with cells")
        reader = SheetReader(self._texts(), self._days(), writing, from_1904=self.from_1904)
        yield from self._pieces(chosen[0][1], reader.parser, reader.taken, MOST_UNPACKED)

    def _part(self, kind: str) -> str:
        return next((target for found, target in self.parts.values() if found == kind), "")

    def _texts(self) -> list[str]:
        """The texts that cells refer to by number."""
        texts: list[str] = []
        pieces: list[str] = []
        inside = {"t": False, "rPh": False}

        def start(tag: str, given: dict[str, str]) -> None:
            if tag in inside:
                inside[tag] = True

        def end(tag: str) -> None:
            if tag in inside:
                inside[tag] = False
            elif tag == "si":
                texts.append(unescaped("".join(pieces)))
                pieces.clear()

        def text(words: str) -> None:
            if inside["t"] and not inside["rPh"]:
                pieces.append(words)

        part = self._part("sharedStrings")
        if part:
            self._parse(part, start, end, text, most=MOST_TEXTS)
        return texts

    def _days(self) -> list[bool]:
        """For each style of cells: does it show a day?"""
        codes: dict[int, str] = {}
        days: list[bool] = []
        within: list[str] = []

        def start(tag: str, given: dict[str, str]) -> None:
            within.append(tag)
            if tag == "numFmt":
                codes[int(given.get("numFmtId", "0"))] = given.get("formatCode", "")
            elif tag == "xf" and "cellXfs" in within:
                number = int(given.get("numFmtId", "0"))
                days.append(_shows_day(codes[number]) if number in codes else number in _BUILT_IN_DATES)

        part = self._part("styles")
        if part:
            self._parse(part, start, lambda tag: within and within.pop(), most=MOST_STYLES)
        return days

    def _parse(
        self,
        part: str,
        start: Callable[[str, dict[str, str]], object],
        end: Callable[[str], object] | None = None,
        text: Callable[[str], object] | None = None,
        *,
        most: int,
    ) -> None:
        parser = plain_parser()
        parser.StartElementHandler = lambda name, given: start(name.rpartition("}")[2], given)
        if end is not None:
            parser.EndElementHandler = lambda name: end(name.rpartition("}")[2])
        if text is not None:
            parser.CharacterDataHandler = text
        for _ in self._pieces(part, parser, lambda: [], most):
            pass

    def _pieces(
        self, part: str, parser: expat.XMLParserType, taken: Callable[[], list[SheetRow]], most: int
    ) -> Iterator[SheetRow]:
        """Feed a part to its parser piece by piece, counting what really comes out of it."""
        member = self.archive.getinfo(part)
        room, came = min(most, max(FLOOR, MOST_RATIO * member.compress_size)), 0
        try:
            with self.archive.open(member) as source:
                while piece := _read(source):
                    came += len(piece)
                    if came > room:
                        raise Unreadable(f"expands too much: its part {part[:60]}")
                    parser.Parse(piece, False)
                    yield from taken()
            parser.Parse(b"", True)
            yield from taken()
        except expat.ExpatError as fault:
            raise Unreadable(f"is damaged: {part[:60]}, line {fault.lineno}, is not well-formed") from None


def _read(source: IO[bytes]) -> bytes:
    return source.read(_PIECE)


def _shows_day(code: str) -> bool:
    """Does a number format such as `dd/mm/yyyy` show a day (and not only a time of day)?"""
    shown = _NOT_FORMAT.sub("", code.split(";")[0]).lower()
    return "y" in shown or "d" in shown or ("m" in shown and "h" not in shown and "s" not in shown)
