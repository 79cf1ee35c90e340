"""A document as a tagged PDF (PDF/UA-1) by typst: fonts vendored, nothing fetched, the same bytes each time."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any

from pmo.reports import written
from pmo.reports.document import (
    Block,
    Chart,
    Document,
    KeyFigures,
    Kind,
    Paragraph,
    Points,
    Table,
)

TEMPLATES = Path(__file__).resolve().parent.parent / "typst"
FONTS = Path(__file__).resolve().parent.parent.parent / "fonts"
WIDE_COLUMNS = 7
KEPT = "\n\u00a0\u202f"  # line breaks and the spaces that do not break


def render(document: Document) -> bytes:
    """The PDF's bytes. Raises what typst raises when the template itself is at fault."""
    import typst  # heavy: only workers write PDFs

    made = typst.Compiler(
        input=TEMPLATES / "report.typ",
        root=TEMPLATES,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(_data(document))},
    ).compile(
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=int(document.known.astimezone(UTC).timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("typst gave no PDF")
    return made


def _data(document: Document) -> dict[str, Any]:
    tables = [block for section in document.sections for block in section.blocks if isinstance(block, Table)]
    return {
        "title": _clean(document.title),
        "author": "Program office",
        "program": _clean(f"{document.program_name} ({document.program_code})"),
        "subtitle": _clean(document.subtitle),
        "as_of": written.exact(document.as_of, Kind.MOMENT),
        "known": written.exact(document.known, Kind.MOMENT),
        "freshness": _clean(document.freshness),
        "summary": _parts(document.summary),
        "footer": _clean(document.inputs_version and f"Inputs: {document.inputs_version}"),
        "notes": [_clean(note) for note in document.notes],
        "wide": document.wide,
        "landscape": document.wide or any(len(table.columns) > WIDE_COLUMNS for table in tables),
        "sections": [
            {
                "title": _clean(section.title),
                "page_break": section.page_break,
                "blocks": [_block(block) for block in section.blocks],
            }
            for section in document.sections
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"is": "paragraph", "parts": _parts(block.text), "tone": block.tone.value}
    if isinstance(block, Points):
        return {"is": "points", "items": [_clean(item) for item in block.items]}
    if isinstance(block, Chart):
        return {
            "is": "chart",
            "svg": written.picture(block),
            "alt": _clean(block.alt),
            "caption": _clean(block.caption),
        }
    if isinstance(block, KeyFigures):
        return {
            "is": "figures",
            "figures": [
                {
                    "label": _clean(one.label),
                    "value": _clean(written.figure(one).text),
                    "note": _clean(one.note),
                    "rag": one.rag,
                    "word": written.exact(one.rag, Kind.RAG) if one.rag else "",
                }
                for one in block.figures
            ],
        }
    return _table(block)


def _table(table: Table) -> dict[str, Any]:
    lines = [
        {
            "role": line.role,
            "cells": [
                {
                    "text": _clean(cell.text),
                    "right": cell.right,
                    "rag": str(cell.value or "") if cell.kind is Kind.RAG else "",
                }
                for cell in line.cells
            ],
        }
        for line in written.lines(table, brief=False)
    ]
    width = len(table.columns)
    text_columns = [place for place, column in enumerate(table.columns) if column.kind is Kind.TEXT]
    flexible = text_columns[0] if text_columns else 0
    return {
        "is": "table",
        "caption": _clean(table.caption),
        "empty": _clean(table.empty),
        "columns": [
            {"title": _clean(written.heading(column)), "right": column.kind in written.RIGHT}
            for column in table.columns
        ],
        "widths": ["fr" if place == flexible else "auto" for place in range(width)],
        "size": 8.5 if width <= WIDE_COLUMNS else 7.5 if width <= 11 else 6.5,
        "lines": lines,
    }


def _clean(text: str) -> str:
    """Without control characters: a PDF/UA may not hold them."""
    return "".join(char for char in text if char.isprintable() or char in KEPT)


def _parts(text: str) -> list[str]:
    return [_clean(part.strip()) for part in text.split("\n\n") if part.strip()]
