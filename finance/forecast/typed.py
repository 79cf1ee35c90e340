"""What somebody typed into the sheet of a forecast: read whole, each fault at its cell, nothing lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from pmo.money import parse_amount
from pmo.refusals import Refused
from pmo.seen import seen_version

_CELL = re.compile(r"c-([0-9]{1,18})-([0-9]{1,18})")
_METHOD = re.compile(r"m-([0-9]{1,18})")
MOST = 5000
"""Fields that are read; no sheet has more."""


@dataclass(slots=True)
class Typed:
    """The sheet as typed: amounts in minor units, and the texts and faults of cells by their names."""

    version: int = 0
    note: str = ""
    methods: dict[int, str] = field(default_factory=dict)
    cells: dict[tuple[int, int], int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    add: tuple[str, str] | None = None
    message: str = ""

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Cell and what is wrong with it."""
        return list(self.faults.items())


def read(data: Any, currency: str) -> Typed:
    """Read the posted form of a sheet."""
    found = Typed()
    version = data.get("version", "")
    found.version = seen_version(version)
    found.note = data.get("note", "").replace("\x00", "").replace("\r\n", "\n").strip()
    if category := data.get("add-category", ""):
        found.add = (category[:40], data.get("add-nature", "")[:40])
    for name in list(data)[:MOST]:
        text = data.get(name, "").strip()
        if match := _METHOD.fullmatch(name):
            found.methods[int(match[1])] = text
        elif match := _CELL.fullmatch(name):
            found.texts[name] = text[:40]
            try:
                amount = parse_amount(text, currency) if text else 0
                if amount < 0:
                    raise Refused("An expected amount is zero or more.")
                found.cells[int(match[1]), int(match[2])] = amount
            except Refused as refusal:
                found.faults[name] = refusal.message
    return found
