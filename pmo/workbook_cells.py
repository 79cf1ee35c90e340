"""The cells of a sheet's XML into rows of texts, while it goes by; what is wrong with a cell stays with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Context, Decimal, InvalidOperation
from xml.parsers import expat

MOST_COLUMNS, LONGEST_TEXT = 200, 32_767
LONGEST_ROW, MOST_TEXT = 64_000, 200 << 20
"""Bytes of a row and of a sheet, as for CSV: cells may share one long text, and the file's own size says nothing."""
DIGITS = 15
"""What a spreadsheet keeps of a number; further digits are noise of its arithmetic."""
MARK = "\u200b"
"""Ends a cell that says nothing usable; it is kept with the cell, so that reading it again finds it again."""
FORMULA = "(formula)"
_ROUNDED = Context(prec=DIGITS)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_LAST_DAY = 2_958_465  # 9999-12-31


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


class SheetReader:
    """Cells into rows, while the sheet's XML goes by."""

    def __init__(self, texts: list[str], days: list[bool], writing: Writing, *, from_1904: bool) -> None:
        self.texts, self.days, self.writing = texts, days, writing
        self.first = date(1904, 1, 1) if from_1904 else date(1899, 12, 30)
        self.done: list[SheetRow] = []
        self.row = SheetRow(0)
        self.length = self.total = 0
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
            self.row, self.column, self.length = SheetRow(number), -1, 0

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
        cells[self.column] = text = text[:LONGEST_TEXT]
        length = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        self.length, self.total = self.length + length, self.total + length
        if self.length > LONGEST_ROW:
            raise Unreadable(f"has more than {LONGEST_ROW:,} bytes of text in row {self.row.number}")
        if self.total > MOST_TEXT:
            raise Unreadable(f"has more than {MOST_TEXT >> 20} MB of text up to row {self.row.number}")

    def _told(self, written: str) -> str:
        """What a cell says as text."""
        if not written and self.kind != "str":
            return FORMULA + MARK
        if self.kind == "s":
            return self.texts[_index(written, len(self.texts))]
        if self.kind in ("str", "inlineStr"):
            return unescaped(written)
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


def unescaped(text: str) -> str:
    """`_x00E4_` is how the format writes what XML cannot; what a database cannot keep stays as written."""
    if "_x" not in text:
        return text

    def plain(found: re.Match[str]) -> str:
        code = int(found[1], 16)
        return found[0] if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)

    return _ESCAPED.sub(plain, text)
