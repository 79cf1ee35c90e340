"""How the plan tables (CSV, XLSX) of one source are written: which column is which, units, dates, where they go.

A layout is a setting that somebody saved; nothing in it is guessed from a file. Pure: it goes into the sandbox's child.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pmo.refusals import Refused

from .draft import wall

COLUMNS = (
    "code",
    "name",
    "wbs",
    "level",
    "parent",
    "milestone",
    "duration",
    "start",
    "finish",
    "predecessors",
    "resources",
    "percent",
    "deadline",
    "cost",
    "notes",
)
UNITS = {"days": "5 is five days", "hours": "5 is five hours", "weeks": "5 is five weeks"}
DATE_ORDERS = {"ymd": "2026-11-30", "dmy": "30/11/2026", "mdy": "11/30/2026"}
DECIMALS = {".": "1234.50", ",": "1234,50"}
PERCENTS = {"hundred": "50 or 50 % is half", "one": "0.5 is half"}
DAY_MINUTES = 480
PER_UNIT = {"days": DAY_MINUTES, "hours": 60, "weeks": 5 * DAY_MINUTES}
TREES = ("wbs", "level", "parent")
_ORDER = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}", re.ASCII)
_DAY = re.compile(
    r"([0-9]{1,4})[-./]([0-9]{1,2})[-./]([0-9]{1,4})(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?)?", re.ASCII
)
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?", re.ASCII)


@dataclass(frozen=True)
class SheetLayout:
    """The settings of a source of plan tables."""

    project: str
    """Code of the component project that the rows go into; made where there is none."""
    project_name: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    """Our column -> the file's heading."""
    unit: str = "days"
    date_order: str = "ymd"
    decimal: str = "."
    percent: str = "hundred"
    sheet: str = ""
    """Of a workbook: the name of its sheet; empty for the first one that is visible."""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> SheetLayout:
        """From what was kept as JSON."""
        return cls(**kept)

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def check(self) -> None:
        """Raises Refused, at its field, for settings by which no file could be read."""
        if not _CODE.fullmatch(self.project):
            raise Refused("A code has letters, digits, dots and dashes, at most 30.", field="project")
        for name in self.columns:
            if name not in COLUMNS:
                raise Refused(
                    f"“{name[:40]}” is not one of our columns: {', '.join(COLUMNS)}.", field="columns"
                )
        if len(set(self.columns.values())) < len(self.columns):
            raise Refused("Two of our columns cannot come from the same heading.", field="columns")
        if "name" not in self.columns:
            raise Refused("Nothing says where the name of an activity comes from.", field="columns")
        if "duration" not in self.columns and not {"start", "finish"} <= set(self.columns):
            raise Refused("Give the duration, or start and finish.", field="columns")
        if len(set(TREES) & set(self.columns)) > 1 and "level" in self.columns:
            raise Refused("Groups come from one column: WBS, level or parent.", field="columns")
        if self.unit not in UNITS or self.date_order not in DATE_ORDERS or self.decimal not in DECIMALS:
            raise Refused("This way of writing durations, dates or decimals is not known.", field="unit")
        if self.percent not in PERCENTS:
            raise Refused("This way of writing percentages is not known.", field="percent")
        if len(self.sheet) > 31 or not self.sheet.isprintable():
            raise Refused("The name of a sheet has at most 31 characters.", field="sheet")

    def number(self, text: str) -> Decimal:
        """A number as the source writes it. Raises ValueError with the end of a sentence."""
        plain = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
        plain = plain.replace(".", "").replace(",", ".") if self.decimal == "," else plain.replace(",", "")
        if not _NUMBER.fullmatch(plain):
            raise ValueError("is not a plain number")
        return Decimal(plain)

    def moment(self, text: str, of_day: int) -> int:
        """A day, with or without a time, as wall minutes; without one `of_day` (minutes) holds. Raises ValueError."""
        match = _DAY.fullmatch(text)
        example = DATE_ORDERS[self.date_order]
        if match is None:
            raise ValueError(f"is not a date such as {example}")
        year, month, day = (match[1 + at] for at in _ORDER[self.date_order])
        if len(year) != 4:
            raise ValueError(f"is not a date such as {example}")
        try:
            at = datetime(int(year), int(month), int(day), int(match[4] or 0), int(match[5] or 0))
        except ValueError:
            raise ValueError("is not a date in the calendar") from None
        if not date(1950, 1, 1) <= at.date() <= date(2150, 12, 31):
            raise ValueError("lies outside the years 1950 to 2150")
        return wall(at) + (0 if match[4] else of_day)
