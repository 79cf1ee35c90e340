"""How the files of one source are written: which column is which, dates, decimals, credits, fixed values.

A layout is a setting that somebody saved; nothing in it is guessed from a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from pmo.amount_faults import AmountRefused, not_an_amount
from pmo.money import parse_amount
from pmo.refusals import Refused

COLUMNS = (
    "source_reference",
    "project",
    "activity",
    "category",
    "nature",
    "date",
    "amount",
    "currency",
    "vendor",
    "text",
)
OPTIONAL = frozenset({"activity", "vendor", "text", "currency"})
DATE_ORDERS = {"ymd": "2026-11-30", "dmy": "30/11/2026", "mdy": "11/30/2026"}
DECIMALS = {".": "1234.50", ",": "1234,50"}
CREDITS = {"minus": "-5.00", "trailing": "5.00-", "brackets": "(5.00)"}
LONGEST_REFERENCE = 100  # leaves room for the source's name and the number of the occurrence
MOST_VALUES = 2_000
_SWAPPED = str.maketrans(",.", ".,")
_ORDER = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}


@dataclass(frozen=True)
class Layout:
    """The settings of a source."""

    columns: dict[str, str] = field(default_factory=dict)
    """Our column -> the file's heading."""
    reference: tuple[str, ...] = ()
    """Headings whose cells together tell a row from others, where the source has no reference of its own."""
    count_same: bool = False
    """Rows of the same reference in one file are different costs: the first, the second, ..."""
    date_order: str = "ymd"
    decimal: str = "."
    credit: str = "minus"
    defaults: dict[str, str] = field(default_factory=dict)
    """Our column -> what it is where the file says nothing."""
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    """Our column -> the file's word, in lower case -> ours."""
    sheet: str = ""
    """Of a workbook: the name of its sheet; empty for the first one that is visible."""
    prefix: str = ""
    """The source's name: references of two sources are never taken for the same."""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Layout:
        """From what was kept as JSON."""
        return cls(**{**kept, "reference": tuple(kept.get("reference", ()))})

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"reference": list(self.reference)}

    @property
    def headings(self) -> set[str]:
        """What the first line must have."""
        return set(self.columns.values()) | set(self.reference)

    def missing(self) -> list[str]:
        """Needed columns that neither a heading nor a fixed value fills."""
        filled = set(self.columns) | set(self.defaults) | ({"source_reference"} if self.reference else set())
        return [name for name in COLUMNS if name not in OPTIONAL and name not in filled]

    def check(self) -> None:
        """Raises Refused, at its field, for settings by which no file could be read."""
        for name in [*self.columns, *self.defaults, *self.values]:
            if name not in COLUMNS:
                raise Refused(
                    f"“{name[:40]}” is not one of our columns: {', '.join(COLUMNS)}.", field="columns"
                )
        if {"source_reference", "amount", "date"} & set(self.defaults):
            raise Refused("Reference, date and amount differ from row to row.", field="defaults")
        if missing := self.missing():
            raise Refused(f"Nothing says where {', '.join(missing)} comes from.", field="columns")
        if self.reference and "source_reference" in self.columns:
            raise Refused("A reference is one column, or several together, not both.", field="reference")
        if self.date_order not in DATE_ORDERS or self.decimal not in DECIMALS or self.credit not in CREDITS:
            raise Refused("This way of writing dates, decimals or credits is not known.", field="date_order")
        if len(self.sheet) > 31 or not self.sheet.isprintable():
            raise Refused("The name of a sheet has at most 31 characters.", field="sheet")
        if sum(map(len, self.values.values())) > MOST_VALUES:
            raise Refused(f"At most {MOST_VALUES:,} words can be mapped.", field="values")

    def texts(self, cells: list[str], place: Mapping[str, int]) -> dict[str, str]:
        """A row by our columns: the file's cell, in our words, or the fixed value."""
        found = {}
        for column in COLUMNS:
            at = place.get(column)
            text = cells[at].strip() if at is not None else ""
            if text and column in self.values:
                text = self.values[column].get(text.lower(), text)
            found[column] = text or self.defaults.get(column, "")
        return found

    def reference_of(self, cells: list[str], places: list[int], own: str) -> str:
        """The row's reference with its source's name; long ones keep their beginning and a digest of the whole."""
        whole = "/".join(cells[at].strip() for at in places) if places else own
        if not whole.replace("/", ""):
            return ""
        if len(whole) > LONGEST_REFERENCE and places:
            whole = f"{whole[:67]}~{hashlib.sha256(whole.encode()).hexdigest()[:32]}"
        return f"{self.prefix}/{whole}" if self.prefix else whole

    def day(self, text: str) -> date | None:
        """A day as the source writes it; None for anything else."""
        parts = (
            text.replace(".", "-").replace("/", "-").split("-")
            if self.date_order != "ymd"
            else text.split("-")
        )
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
            return None
        year, month, of_month = (parts[at] for at in _ORDER[self.date_order])
        if len(year) != 4 or len(month) != 2 or len(of_month) != 2:
            return None
        try:
            found = date(int(year), int(month), int(of_month))
        except ValueError:
            return None
        return found if 1990 <= found.year <= 2100 else None

    def amount(self, text: str, currency: str) -> int:
        """Minor units of `currency`, read as the source writes amounts. Raises AmountRefused."""
        told = text.strip()
        if self.credit == "trailing" and told.endswith("-") and not told.startswith("-"):
            told = f"-{told[:-1].rstrip()}"
        elif self.credit == "brackets" and told.startswith("(") and told.endswith(")"):
            told = f"-{told[1:-1].strip()}"
        if self.decimal == ".":
            return parse_amount(told, currency, signed=True)
        try:
            return parse_amount(told.translate(_SWAPPED), currency, signed=True)
        except AmountRefused as refused:
            if refused.message.startswith("An amount"):  # missing, or too large
                raise
            # The sentence names what was written, not what it was turned into.
            raise not_an_amount(text.strip(), decimal=self.decimal) from None
