"""The table beside the Gantt, written in Python: 200 rows of a template cost more than all of its queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape as escaped
from json import JSONEncoder

from django.utils.safestring import SafeString, mark_safe

from programs.master_plan.columns import COLUMNS, Column
from programs.master_plan.lines import Line


def table_rows(
    lines: Sequence[Line], columns: Sequence[str], *, begin: int, known: Mapping[str, Column] = COLUMNS
) -> SafeString:
    """One `<tr>` per line; every text and address is escaped here. `begin` is the number of the first row.

    What a cell can be typed into says `data-f` (its field); a cell whose text is not what an edit compares with says
    that in `data-was`. What the plan's columns that are not shown would say stands in the row's `data-seen`, in the
    order of `unseen`, for edits by drag and of many rows.
    """
    chosen = [known[key] for key in columns]
    hidden = unseen(columns) if known is COLUMNS else []
    return mark_safe("\n".join(_row(line, chosen, hidden, at) for at, line in enumerate(lines, begin)))  # noqa: S308


def unseen(columns: Sequence[str]) -> list[str]:
    """What may be typed and is not shown. Who works on it is read only where it is shown, and added to in many rows."""
    return [key for key, one in COLUMNS.items() if one.typed and key not in columns and key != "resources"]


def columns_of(
    columns: Sequence[str], known: Mapping[str, Column] = COLUMNS
) -> tuple[SafeString, SafeString, SafeString]:
    """The column widths, the heading that is seen and the one that is read aloud."""
    chosen = [known[key] for key in columns]
    widths = "".join(f'<col class="c-{one.key}">' for one in chosen)
    seen = "".join(f'<th{_numeric(one)} scope="col">{escape(one.heading)}</th>' for one in chosen)
    spoken = "".join(f'<th scope="col">{escape(one.spoken)}</th>' for one in chosen)
    first = '<col class="c-name">'
    return (
        mark_safe(f"<colgroup>{first}{widths}</colgroup>"),  # noqa: S308
        mark_safe(f'<tr><th scope="col">Activity</th>{seen}</tr>'),  # noqa: S308
        mark_safe(f'<tr><th scope="col">Activity</th>{spoken}</tr>'),  # noqa: S308
    )


escape = lru_cache(8192)(escaped)
"""Days, lengths and addresses come again and again."""
_listed = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _row(line: Line, columns: Sequence[Column], hidden: Sequence[str], at: int) -> str:
    name, kind = escape(line.name), "group " if line.group else "summary " if line.summary else ""
    fold = ""
    if line.fold:
        does, sign, opened = ("Unfold", "▸", "false") if line.folded else ("Fold", "▾", "true")
        fold = (
            f'<a class="fold" data-fold href="{escape(line.fold)}" aria-expanded="{opened}" '
            f'aria-label="{does} {name}">{sign}</a>'
        )
    label = f'<a class="quiet" href="{escape(line.href)}">{name}</a>' if line.href else name
    critical = '<span class="sr-only"> (critical)</span>' if line.critical else ""
    edits = line.editable and not line.group
    named = _field("name", edits and line.renamed)
    row = f' data-row="{escape(line.key)}" data-at="{at}"' + (' data-edits=""' if line.editable else "")
    if hidden and edits and not line.summary:
        # In single quotes, so that those of the list need no words of five letters.
        seen = _listed([_compared(line, key) if key in line.cells else None for key in hidden])
        row += " data-seen='" + seen.replace("&", "&amp;").replace("'", "&#x27;").replace("<", "&lt;") + "'"
    return (
        f'<tr class="{kind}level-{line.level}"{row}><th scope="row" title="{name}"{named}>'
        f"{fold}{label}{critical}</th>"
        + "".join(_cell(line, one, edits and one.typed and not line.summary) for one in columns)
        + "</tr>"
    )


def _cell(line: Line, column: Column, typed: bool) -> str:
    cells = line.cells
    text = cells.get(column.key, "")
    compared, was = _compared(line, column.key), ""
    if typed and column.key in ("actual_start", "actual_finish") and text:
        # Seen is the day: its time of day only where somebody is about to type.
        was = f' data-was="{escape(text)}"'
        text = " ".join(text.split(" ")[:3])
    elif typed and column.key == "percent" and len(text.partition(".")[2]) > 1:
        # One decimal is enough to read; what an edit compares with stays exact.
        was, text = f' data-was="{escape(compared)}"', f"{float(text):.1f}"
    elif column.key == "remaining" and not text and cells.get("left"):
        # Of work that has not begun all is left: seen, and not what an edit compares with.
        was, text = (' data-was=""' if typed else ""), cells["left"]
    elif typed and compared != text:
        was = f' data-was="{escape(compared)}"'
    long = f' title="{escape(text)}"' if len(text) > 12 else ""
    return f"<td{_numeric(column)}{_field(column.key, typed)}{was}{long}>{escape(text)}</td>"


def _compared(line: Line, key: str) -> str:
    """What an edit of this column says that it saw: of a start the constraint, of a finish what sets it."""
    cells = line.cells
    if key == "start":
        return line.seen
    if key in ("days", "finish") and line.milestone:
        return "0"
    if key == "finish":
        return cells.get("remaining" if cells.get("actual_start") else "days", "")
    return cells.get(key, "")


def _numeric(column: Column) -> str:
    return ' class="num"' if column.numeric else ""


def _field(key: str, typed: bool) -> str:
    return f' data-f="{key}"' if typed else ""
