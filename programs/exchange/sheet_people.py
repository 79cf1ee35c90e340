"""Who works on what in a plan table: names in a cell, with a share of their time in brackets (`Jo [50%]; Kim`)."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from decimal import Decimal

from programs.resources import wording

from .cells import NAME_LENGTH
from .draft import SUMMARY, ActivityDraft, AssignmentDraft, Draft, ResourceDraft
from .mspdi import project_code
from .sheet_layout import SheetLayout


def people(
    draft: Draft,
    rows: list[tuple[ActivityDraft, dict[str, str]]],
    layout: SheetLayout,
    error: Callable[[int, str, str, str], None],
) -> None:
    """Fill resources and assignments. `error` takes row, our column, text and sentence."""
    codes: dict[str, str] = {}
    for one, texts in rows:
        mine: dict[str, AssignmentDraft] = {}
        for part in cells(texts.get("resources", ""), layout):
            words, number = wording.person(part)
            name = words[:NAME_LENGTH]
            try:
                units = layout.number(number) / 100 if number is not None else wording.WHOLE
            except ValueError:
                units = Decimal(0)
            if units <= 0 or one.kind == SUMMARY:
                error(one.row, "resources", part, "An allocation is more than nothing, and not of a group.")
                continue
            if (code := codes.get(name.lower())) is None:
                code = codes[name.lower()] = _code(name, set(codes.values()))
                draft.resources.append(ResourceDraft(one.project, code, name, kind="person", row=one.row))
            if code in mine:
                mine[code].units += units
            else:
                mine[code] = AssignmentDraft(one.project, one.code, one.project, code, units, row=one.row)
        draft.assignments += mine.values()


def cells(text: str, layout: SheetLayout) -> list[str]:
    """The parts of a cell: separated by semicolons, or by commas where these are no decimal sign."""
    return wording.parts(text, ";" if layout.decimal == "," else ";,")


def _code(name: str, taken: set[str]) -> str:
    """A code made of the name: the same for the same name in every file."""
    code = project_code(name)
    if code in taken or code == "PROJECT":
        code = f"{code[:20]}-{zlib.crc32(name.lower().encode()):08x}"
    return code
