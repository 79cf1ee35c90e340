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

NARROW_COLUMNS = 4
MOST_ROWS = 20
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
                "word": formats.RAG_WORDS.get(one.rag, "") if one.rag and one.kind is not Kind.RAG else "",
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
    lines = list(written.lines(table, brief=True))
    rows = sum(1 for line in lines if line.role == "row")
    shown, count = [], 0
    for line in lines:
        count += line.role == "row"
        if line.role == "total" or count <= MOST_ROWS:
            shown.append(line)
    headings = [written.heading(column) for column in table.columns]
    return {
        "is": "table",
        "caption": table.caption,
        "empty": table.empty if not rows else "",
        "narrow": len(table.columns) <= NARROW_COLUMNS,
        "headings": [
            {"title": text, "right": column.kind in written.RIGHT}
            for text, column in zip(headings, table.columns, strict=True)
        ],
        "lines": [
            {
                "role": line.role,
                "cells": line.cells,
                "named": [] if line.role == "group" else list(zip(headings, line.cells, strict=True)),
            }
            for line in shown
        ],
        "more": max(0, rows - MOST_ROWS),
        "width": len(table.columns),
    }


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
    if block["empty"]:
        return [block["empty"]]
    out = [block["caption"]] if block["caption"] else []
    for line in block["lines"]:
        first = line["cells"][0]
        if line["role"] == "group":
            out += ["", first.text]
            continue
        named = line["named"][1:]
        values = "; ".join(f"{title}: {cell.text}" for title, cell in named if cell.text)
        out.append(
            textwrap.fill(f"{first.text} | {values}", WIDTH, initial_indent="  ", subsequent_indent="      ")
        )
    if block["more"]:
        out.append(f"  ... and {block['more']} more rows in the attached file")
    return out


def _wrap(text: str) -> str:
    return textwrap.fill(text, WIDTH)
