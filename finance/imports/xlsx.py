"""The rows of one sheet of an XLSX file, as a stream, exactly as they are written there. Runs in the child process.

Amounts are read from the decimal digits of the file and never become a float (ADR 99). Memory: the sheet's distinct
texts, and one row. Raises `Unreadable` with a sentence for whatever is not such a file, or larger than allowed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import IO, BinaryIO
from xml.parsers import expat

MOST_UNPACKED, MOST_TEXTS, MOST_STYLES = 800 << 20, 160 << 20, 20 << 20
MOST_RATIO, FLOOR = 250, 4 << 20
MOST_MEMBERS, MOST_SHEETS, MOST_COLUMNS = 2_000, 200, 200
LONGEST_TEXT = 32_767
DIGITS = 15
"""What a spreadsheet keeps of a number; further digits are noise of its arithmetic."""
MARK = "\u200b"
"""Ends a cell that says nothing usable; it is kept with the cell, so that reading it again finds it again."""
FORMULA = "(formula)"
_PIECE = 1 << 16
_ROUNDED = Context(prec=DIGITS)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_BUILT_IN_DATES = frozenset({14, 15, 16, 17, 22, *range(27, 32), 34, 35, 36, *range(50, 59)})
_LAST_DAY = 2_958_465  # 9999-12-31
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


class Unreadable(Exception):
    """The file as a whole cannot be read; the text says why, as the end of a sentence about it."""


@dataclass(slots=True)
class SheetRow:
    """A row: its number and its texts by column; numbers and days are written as the source writes them.

    A cell that says nothing that could be used ends with `MARK`; `fault_of` tells why.
    """

    number: int
    cells: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Writing:
    """How the source writes: its decimal sign, and a day as a format string."""

    decimal: str = "."
    day: str = "{0:%Y-%m-%d}"


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
        reader = _Sheet(self._texts(), self._days(), writing, from_1904=self.from_1904)
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
                texts.append(_unescaped("".join(pieces)))
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


class _Sheet:
    """Cells into rows, while the sheet's XML goes by."""

    def __init__(self, texts: list[str], days: list[bool], writing: Writing, *, from_1904: bool) -> None:
        self.texts, self.days, self.writing = texts, days, writing
        self.first = date(1904, 1, 1) if from_1904 else date(1899, 12, 30)
        self.done: list[SheetRow] = []
        self.row = SheetRow(0)
        self.column, self.kind, self.style = -1, "", 0
        self.formula = self.listening = self.phonetic = False
        self.value: list[str] = []
        self.parser = plain_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def taken(self) -> list[SheetRow]:
        """The rows finished since the last call."""
        done, self.done = self.done, []
        return done

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag = name.rpartition("}")[2]
        if tag == "c":
            place = given.get("r")
            self.column = _column(place) if place else self.column + 1
            self.kind, self.style = given.get("t", "n"), int(given.get("s", "0"))
            self.formula = False
            self.value = []
        elif tag == "v" or (tag == "t" and self.kind == "inlineStr" and not self.phonetic):
            self.listening = True
        elif tag == "f":
            self.formula = True
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "row":
            before = self.row.number
            number = int(given.get("r", before + 1))
            if not before < number <= 1_048_576:
                raise Unreadable(f"is damaged: its row {number} stands after row {before}")
            self.row, self.column = SheetRow(number), -1

    def _text(self, words: str) -> None:
        if self.listening:
            self.value.append(words)

    def _end(self, name: str) -> None:
        tag = name.rpartition("}")[2]
        if tag in ("v", "t"):
            self.listening = False
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "c":
            self._cell("".join(self.value))
        elif tag == "row" and any(self.row.cells):
            self.done.append(self.row)

    def _cell(self, written: str) -> None:
        if not written and not self.formula:
            return
        text = self._told(written)
        if not text:
            return
        if self.column >= MOST_COLUMNS:
            raise Unreadable(f"has cells beyond its first {MOST_COLUMNS} columns, in row {self.row.number}")
        cells = self.row.cells
        cells.extend([""] * (self.column + 1 - len(cells)))
        cells[self.column] = text[:LONGEST_TEXT]

    def _told(self, written: str) -> str:
        """What a cell says as text."""
        if not written and self.kind != "str":
            return FORMULA + MARK
        if self.kind == "s":
            return self.texts[_index(written, len(self.texts))]
        if self.kind in ("str", "inlineStr"):
            return _unescaped(written)
        if self.kind == "e":
            return written[:20] + MARK
        if self.kind == "b":
            return "TRUE" if written == "1" else "FALSE"
        if self.kind == "d":
            return self._day(date.fromisoformat(written[:10]))
        try:
            number = Decimal(written)
            if not number.is_finite():
                raise InvalidOperation
        except InvalidOperation:
            raise Unreadable(f"is damaged: “{written[:20]}” is no number, row {self.row.number}") from None
        is_day = self.style < len(self.days) and self.days[self.style]
        if is_day and 1 <= number <= _LAST_DAY - 1_462:
            return self._day(self.first + timedelta(days=int(number)))
        return self._number(number)

    def _number(self, number: Decimal) -> str:
        if number.adjusted() >= DIGITS:
            return (f"{number.normalize():f}" if number.adjusted() < 40 else str(number)) + MARK
        if number.adjusted() < -30:
            return "0"
        plain = f"{_ROUNDED.plus(number).normalize():f}"
        return plain.replace(".", self.writing.decimal)

    def _day(self, day: date) -> str:
        return self.writing.day.format(day)


def fault_of(text: str) -> str:
    """What is wrong with a marked cell."""
    told = text.rstrip(MARK)
    if told == FORMULA:
        return "a cell is a formula without its result: open the file and save it again"
    if told.startswith("#"):
        return f"a cell holds the error {told[:20]}"
    return f"the number {told[:24]} has more than {DIGITS} digits, which a workbook does not keep: make it a text"


def plain_parser() -> expat.XMLParserType:
    """A parser that takes no document type and no entity: nothing can grow inside of it."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def forbidden(*_: object) -> int:
        raise Unreadable("holds a document type or an entity; these are not read")

    parser.StartDoctypeDeclHandler = forbidden
    parser.EntityDeclHandler = forbidden
    return parser


def _column(place: str) -> int:
    """`AB12` -> 27."""
    number = 0
    for letter in place:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    if not 1 <= number <= 16_384:
        raise Unreadable(f"is damaged: “{place[:12]}” is not the place of a cell")
    return number - 1


def _index(written: str, count: int) -> int:
    number = int(written)
    if not 0 <= number < count:
        raise Unreadable("is damaged: a cell names a text that is not there")
    return number


def _unescaped(text: str) -> str:
    """`_x00E4_` is how the format writes what XML cannot; what a database cannot keep stays as written."""
    if "_x" not in text:
        return text

    def plain(found: re.Match[str]) -> str:
        code = int(found[1], 16)
        return found[0] if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)

    return _ESCAPED.sub(plain, text)


def _shows_day(code: str) -> bool:
    """Does a number format such as `dd/mm/yyyy` show a day (and not only a time of day)?"""
    shown = _NOT_FORMAT.sub("", code.split(";")[0]).lower()
    return "y" in shown or "d" in shown or ("m" in shown and "h" not in shown and "s" not in shown)
