"""A document as a mail: an HTML body that reads well on a phone without images, and its plain-text twin.

Tables wider than a phone become one block for each row; long tables are cut, and say so: the attached file and the
page hold every row.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string

from pmo import formats
from pmo.reports import written
from pmo.reports.document import Chart, Document, KeyFigures, Kind, Paragraph, Points, Table

MOST_COLUMNS = 4
MOST_ROWS = 12
WIDTH = 74


@dataclass(frozen=True, slots=True)
class Twins:
    """The two bodies of one mail."""

    html: str
    text: str


def render(
    document: Document, *, recipient: str, as_of: str, url: str, stop_url: str, intro: str = ""
) -> Twins:
    """Both bodies. `as_of` is written in the recipient's zone; the addresses are paths of this site."""
    context: dict[str, Any] = {
        "document": document,
        "recipient": recipient,
        "as_of": as_of,
        "url": urljoin(settings.SITE_URL, url),
        "stop_url": urljoin(settings.SITE_URL, stop_url),
        "intro": intro,
        "sections": [
            {"title": section.title, "blocks": [_block(block) for block in section.blocks]}
            for section in document.sections
        ],
    }
    html = inlined(render_to_string("emails/report.html", context))
    return Twins(html, _text(document, context))


def inlined(html: str) -> str:
    """Style rules moved onto the elements, for mail clients that drop style sheets. Nothing is fetched."""
    import css_inline  # a compiled library: only mails need it

    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, extra_css=_style(), keep_style_tags=False)
    return str(inliner.inline(html))


@lru_cache
def _style() -> str:
    return render_to_string("emails/mail.css")


def _block(block: Any) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        parts = [part.strip() for part in block.text.split("\n\n") if part.strip()]
        return {"is": "paragraph", "parts": parts, "tone": block.tone.value}
    if isinstance(block, Points):
        return {"is": "points", "items": block.items}
    if isinstance(block, Chart):
        return {"is": "chart", "alt": block.alt, "caption": block.caption}
    if isinstance(block, KeyFigures):
        figures = [
            {
                "label": one.label,
                "cell": written.figure(one),
                "note": one.note,
                "rag": one.rag or (str(one.value or "") if one.kind is Kind.RAG else ""),
                "word": written.exact(one.rag, Kind.RAG) if one.rag and one.kind is not Kind.RAG else "",
            }
            for one in block.figures
        ]
        return {
            "is": "figures",
            "figures": figures,
            "pairs": [figures[i : i + 2] for i in range(0, len(figures), 2)],
        }
    return _table(block)


def _table(table: Table) -> dict[str, Any]:
    places = _places(table)
    lines = list(written.lines(table, brief=True))
    rows = sum(1 for line in lines if line.role == "row")
    shown, count = [], 0
    for line in lines:
        count += line.role == "row"
        begun = line.role != "group" or count < MOST_ROWS  # no heading without a row under it
        if line.role == "total" or (count <= MOST_ROWS and begun):
            shown.append(line)
    columns = [table.columns[place] for place in places]
    return {
        "is": "table",
        "caption": table.caption,
        "empty": table.empty if not rows else "",
        "headings": [
            {"title": written.heading(column), "right": column.kind in written.RIGHT} for column in columns
        ],
        "lines": [
            {
                "role": line.role,
                "cells": line.cells if line.role == "group" else [line.cells[place] for place in places],
            }
            for line in shown
        ],
        "left_out": _left_out(rows - MOST_ROWS, len(table.columns) - len(columns)) if rows else "",
        "width": len(columns),
    }


def _places(table: Table) -> list[int]:
    """The columns a mail shows: the first, then those marked `brief`, four in all."""
    everything = list(range(len(table.columns)))
    if len(everything) <= MOST_COLUMNS:
        return everything
    marked = [place for place in everything[1:] if table.columns[place].brief] or everything[1:]
    return [0, *marked[: MOST_COLUMNS - 1]]


def _left_out(rows: int, columns: int) -> str:
    parts = []
    if rows > 0:
        parts.append(formats.counted(rows, "more row", "more rows"))
    if columns > 0:
        parts.append(formats.counted(columns, "more column", "more columns"))
    return f"… and {' and '.join(parts)} in the attached file and on the page." if parts else ""


def _text(document: Document, context: dict[str, Any]) -> str:
    out = [
        document.title.upper(),
        f"{document.program_name} ({document.program_code})",
        f"As of {context['as_of']}",
    ]
    out += [line for line in (document.subtitle, document.freshness) if line]
    out += ["", f"Dear {context['recipient']},", ""]
    for part in (context["intro"], document.summary):
        if part:
            out += [_wrap(part), ""]
    for section in context["sections"]:
        out += [section["title"], "-" * min(len(section["title"]), WIDTH)]
        for block in section["blocks"]:
            out += [*_text_block(block), ""]
    out += [_wrap(note) for note in document.notes]
    out += [
        "",
        f"The whole report: {context['url']}",
        f"Change or stop these mails: {context['stop_url']}",
        "",
    ]
    return "\n".join(out)


def _text_block(block: dict[str, Any]) -> list[str]:
    if block["is"] == "paragraph":
        return [_wrap(part) for part in block["parts"]]
    if block["is"] == "points":
        return [
            textwrap.fill(item, WIDTH, initial_indent="* ", subsequent_indent="  ") for item in block["items"]
        ]
    if block["is"] == "chart":
        return [_wrap(f"[Picture: {block['alt']}]")]
    if block["is"] == "figures":
        lines = []
        for one in block["figures"]:
            tail = " · ".join(part for part in (one["word"], one["note"]) if part)
            lines.append(f"{one['label']}: {one['cell'].text}{f' ({tail})' if tail else ''}")
        return lines
    return _text_table(block)


def _text_table(block: dict[str, Any]) -> list[str]:
    """Columns set with spaces: the first takes what the others leave of the line."""
    out = [block["caption"]] if block["caption"] else []
    if block["empty"]:
        return [*out, block["empty"]]
    heads = [one["title"] for one in block["headings"]]
    bodies = [[cell.text for cell in line["cells"]] for line in block["lines"] if line["role"] != "group"]
    widths = [max(len(line[place]) for line in [heads, *bodies]) for place in range(block["width"])]
    first = max(12, min(widths[0], WIDTH - sum(widths[1:]) - 2 * len(widths[1:])))

    def line_of(texts: list[str]) -> str:
        head = texts[0] if len(texts[0]) <= first else texts[0][: first - 1] + "…"
        rest = [
            text.rjust(width) if one["right"] else text.ljust(width)
            for text, width, one in zip(texts[1:], widths[1:], block["headings"][1:], strict=True)
        ]
        return "  ".join([head.ljust(first), *rest]).rstrip()

    out.append(line_of(heads))
    out += [
        line["cells"][0].text if line["role"] == "group" else line_of([cell.text for cell in line["cells"]])
        for line in block["lines"]
    ]
    return [*out, block["left_out"]] if block["left_out"] else out


def _wrap(text: str) -> str:
    return textwrap.fill(text, WIDTH)
