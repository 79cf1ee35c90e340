"""What does not fit in a file that somebody wants to import: the place, the value, a sentence, and how bad it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pmo.refusals import Refused

SHOWN = 1_000
"""Problems kept for the person; the rest are only counted."""

ERROR, WARNING = "error", "warning"
_CLIP = 80
ENOUGH = 100_000
"""Errors after which a reader may stop: nobody puts that many right one by one."""


class ImportRefused(Refused):
    """The file as a whole cannot be read: nothing in it was believed. Says which file and row, where known."""

    def __init__(self, message: str, *, file: str = "", row: int | None = None) -> None:
        place = f"{file}, row {row}: " if file and row else f"{file}: " if file else ""
        super().__init__(place + message, field="file", code="import-refused")
        self.file = file
        self.row = row
        self.reason = message


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not fit. `row` is the line in the file (the header is row 1), None for the whole file."""

    severity: str
    file: str
    row: int | None
    column: str
    value: str
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        """The same as a plain dictionary, for JSON and templates."""
        return asdict(self)


class Problems:
    """Collects problems. Keeps the first `SHOWN` of each severity and counts all of them.

    An error blocks acceptance, a warning does not.
    """

    def __init__(self) -> None:
        self._kept: dict[str, list[Problem]] = {ERROR: [], WARNING: []}
        self.count: dict[str, int] = {ERROR: 0, WARNING: 0}

    def error(self, file: str, row: int | None, column: str, value: object, sentence: str) -> None:
        """Record something that must be put right before the import can be accepted."""
        self._add(ERROR, file, row, column, value, sentence)

    def warn(self, file: str, row: int | None, column: str, value: object, sentence: str) -> None:
        """Record something the person should know; the import can still be accepted."""
        self._add(WARNING, file, row, column, value, sentence)

    def _add(
        self, severity: str, file: str, row: int | None, column: str, value: object, sentence: str
    ) -> None:
        self.count[severity] += 1
        kept = self._kept[severity]
        if len(kept) < SHOWN:
            kept.append(Problem(severity, file, row, column, clipped(value), sentence))

    @property
    def blocking(self) -> bool:
        """Whether anything found forbids accepting the import."""
        return self.count[ERROR] > 0

    def shown(self) -> list[Problem]:
        """At most `SHOWN` problems, errors before warnings, each in the order of the files."""
        return (self._kept[ERROR] + self._kept[WARNING])[:SHOWN]

    def order_by_row(self) -> None:
        """Bring what was kept into the order of rows: for one table that is read column by column."""
        for kept in self._kept.values():
            kept.sort(key=lambda one: one.row or 0)

    def rest(self) -> int:
        """How many problems were found beyond those shown."""
        return self.count[ERROR] + self.count[WARNING] - len(self.shown())


def clipped(value: object) -> str:
    """A value short enough and harmless enough to show: at most 80 characters, no control characters."""
    text = "" if value is None else str(value)
    if len(text) > _CLIP:
        text = text[: _CLIP - 1] + "…"
    return "".join(c if c.isprintable() else "�" for c in text)
