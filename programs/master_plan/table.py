"""The table beside the Gantt, written in Python: 200 rows of a template cost more than all of its queries."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe

from programs.master_plan.listing import Line


def table_rows(lines: Sequence[Line], *, plan_url: str, query: str, begin: int) -> SafeString:
    """One `<tr>` per line; every text and address is escaped here. `begin` is the number of the first row."""
    ask = escape(query) + ("&amp;" if query else "?")
    editor = escape(plan_url).replace("%", "%%") + "%s/days/" + ask.replace("%", "%%") + "row=%s"
    return mark_safe("\n".join(_row(line, editor, at) for at, line in enumerate(lines, begin)))  # noqa: S308


def _row(line: Line, editor: str, at: int) -> str:
    name, kind = escape(line.name), "group " if line.group else "summary " if line.summary else ""
    fold = '<span aria-hidden="true">▾ </span>' if line.group else ""
    critical = '<span class="sr-only"> (critical)</span>' if line.critical else ""
    edit = f' id="days-{line.pk}" data-edit-url="{editor % (line.pk, at)}"' if line.editable else ""
    return (
        f'<tr class="{kind}level-{line.level}"><th scope="row" title="{name}">'
        f'<a class="quiet" href="{escape(line.href)}">{fold}{name}</a>{critical}</th>'
        f'<td class="num"{edit}>{escape(line.days)}</td><td class="num">{escape(line.float_text)}</td>'
        f'<td class="num">{escape(line.slip)}</td></tr>'
    )
