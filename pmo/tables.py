"""A register as a table: sort, filter by words, pages, and exactly what is shown as CSV or XLSX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import localize
from django.utils.html import conditional_escape, escape
from django.utils.safestring import mark_safe

from pmo.http import is_fragment
from pmo.sheets import FORMATS, download

PER_PAGE = 100
SHORT = 18  # characters that are not worth a line break


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its label, how a row becomes text (HTML-safe or escaped later), and what it sorts by."""

    label: str
    text: Callable[[Any], Any]
    sort: str = ""
    num: bool = False
    href: Callable[[Any], str] | None = None
    plain: Callable[[Any], Any] | None = None


def _row(columns: Sequence[Column], row: Any) -> str:
    """One `<tr>`, its first cell the heading: in Python, since 100 rows of a template cost more than their query."""
    cells = []
    for at, column in enumerate(columns):
        value = column.text(row)
        text: str = conditional_escape(value if isinstance(value, str) else localize(value))
        if column.href and (href := column.href(row)):
            text = f'<a href="{escape(href)}">{text}</a>'
        if at == 0:
            cells.append(f'<th scope="row">{text}</th>')
            continue
        short = not isinstance(value, str) or len(value) < SHORT
        kind = ' class="num"' if column.num else ' class="nowrap"' if short else ""
        cells.append(f'<td data-label="{escape(column.label)}"{kind}>{text}</td>')
    return f"<tr>{''.join(cells)}</tr>"


@dataclass
class Register:
    """What one register page shows; the queryset is already scoped and joined."""

    name: str
    columns: Sequence[Column]
    rows: QuerySet[Any]
    search: Sequence[str] = ()
    empty: dict[str, str] = field(default_factory=dict)

    def _chosen(self, request: HttpRequest) -> QuerySet[Any]:
        rows = self.rows
        words = request.GET.get("q", "").strip()[:80].replace("\x00", "")
        if words and self.search:
            condition = Q()
            for name in self.search:
                condition |= Q(**{f"{name}__icontains": words})
            rows = rows.filter(condition)
        order = request.GET.get("sort", "")
        allowed = {column.sort for column in self.columns if column.sort}
        if order.removeprefix("-") in allowed:
            rows = rows.order_by(order, "pk")
        return rows

    def respond(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        """The page, its table alone (htmx), or with `?format=csv` or `xlsx` every row that fits the filter."""
        rows = self._chosen(request)
        if (kind := request.GET.get("format")) in FORMATS:
            return self._file(kind, rows)
        number = request.GET.get("page", "1")
        page = Paginator(rows, PER_PAGE).get_page(number if number.isdigit() and len(number) < 7 else 1)
        body = mark_safe("\n".join(_row(self.columns, row) for row in page))  # noqa: S308 - escaped cell by cell
        order = request.GET.get("sort", "")
        heads = [
            {
                "label": column.label,
                "num": column.num,
                "sort": f"-{column.sort}" if order == column.sort else column.sort,
                "state": {column.sort: "ascending", f"-{column.sort}": "descending"}.get(order, "")
                if column.sort
                else "",
            }
            for column in self.columns
        ]
        table = {
            "heads": heads,
            "body": body,
            "page": page,
            "empty": self.empty,
            "searchable": bool(self.search),
        }
        if is_fragment(request):
            template = "components/register.html"
        return render(request, template, context | {"table": table, "q": request.GET.get("q", "")[:80]})

    def _file(self, kind: str, rows: QuerySet[Any]) -> HttpResponse:
        """Every row of the filter, its values as plainly as the columns give them."""
        return download(
            kind,
            self.name,
            [column.label for column in self.columns],
            (
                [(column.plain or column.text)(row) for column in self.columns]
                for row in rows.iterator(chunk_size=1000)
            ),
        )
