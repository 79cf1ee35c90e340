"""What a file does not have any more, in words: project by project, for the page, the API and the command line."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pmo import formats

from . import rows
from .comparison import SHOWN
from .gone import Gone
from .missing import Missing
from .rows import Present


def described(missing: Missing, here: Present, chosen: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Project by project how many rows could go and how many stay, and the first of them by name.

    With `chosen` (codes of projects) as it was decided: which rows went.
    """
    could = {id(one) for one in missing.going(missing.projects() if chosen is None else chosen)}
    names = {key[0]: row["name"] for key, row in here.tables[rows.PROJECT].items()}
    told = []
    for project in missing.projects():
        listed = [one for one in missing.rows if one.project == project]
        going = [one for one in listed if id(one) in could]
        staying = [one for one in listed if id(one) not in could]
        told.append(
            {
                "project": project,
                "name": names.get(project, ""),
                "go": len(going),
                "stay": len(staying),
                "counted": _counted(going),
                "chosen": None if chosen is None else project in chosen,
                "rows": [_row(one, here, goes=True) for one in going[:SHOWN]]
                + [_row(one, here, goes=False) for one in staying[:SHOWN]],
            }
        )
    return told


def _row(one: Gone, here: Present, *, goes: bool) -> dict[str, Any]:
    return {
        "kind": rows.WORDS[one.kind][0],
        "name": rows.label(one.kind, one.key, here.tables[one.kind][one.key]),
        "came": f"{one.came.file_name}, {formats.day(one.came.at.date())}"
        if one.came and one.came.at
        else "",
        "hangs": one.hangs,
        "goes": goes,
        "stays": "" if goes else one.stays,
    }


def _counted(going: list[Gone]) -> str:
    """`2 activities, 3 dependencies`."""
    numbers = {kind: sum(one.kind == kind for one in going) for kind in rows.KINDS}
    return ", ".join(formats.counted(number, *rows.WORDS[kind]) for kind, number in numbers.items() if number)
