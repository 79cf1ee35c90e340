"""A document as JSON and back: what a run keeps, so that the page shows the very figures that the files hold."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pmo.reports.document import (
    Block,
    Chart,
    Column,
    Document,
    Group,
    KeyFigure,
    KeyFigures,
    Kind,
    Paragraph,
    Points,
    Ratio,
    Row,
    Section,
    Table,
    Tone,
    Total,
    Value,
)

LAYOUT = 1


def to_json(document: Document) -> dict[str, Any]:
    """Plain JSON values that Postgres can hold; numbers that are not whole as text, so that no digit is lost."""
    data = {
        "layout": LAYOUT,
        "title": document.title,
        "subtitle": document.subtitle,
        "program_code": document.program_code,
        "program_name": document.program_name,
        "as_of": document.as_of.isoformat(),
        "known": document.known.isoformat(),
        "freshness": document.freshness,
        "inputs_version": document.inputs_version,
        "summary": document.summary,
        "notes": list(document.notes),
        "sections": [
            {
                "title": section.title,
                "page_break": section.page_break,
                "blocks": [_block(block) for block in section.blocks],
            }
            for section in document.sections
        ],
    }
    cleaned: dict[str, Any] = _clean(data)
    return cleaned


def kept(document: Document) -> Document:
    """The document as the run will keep it: what every file and mail is made from."""
    return from_json(to_json(document))


def _clean(value: Any) -> Any:
    """Without NUL and lone surrogates, which neither Postgres nor UTF-8 can hold."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    return value


def from_json(data: dict[str, Any]) -> Document:
    """The document that `to_json` wrote. Raises ValueError for another layout."""
    if data.get("layout") != LAYOUT:
        raise ValueError("this run was kept in another layout")
    return Document(
        title=data["title"],
        subtitle=data["subtitle"],
        program_code=data["program_code"],
        program_name=data["program_name"],
        as_of=datetime.fromisoformat(data["as_of"]),
        known=datetime.fromisoformat(data["known"]),
        freshness=data["freshness"],
        inputs_version=data["inputs_version"],
        summary=data["summary"],
        notes=tuple(data["notes"]),
        sections=tuple(
            Section(one["title"], tuple(_read_block(block) for block in one["blocks"]), one["page_break"])
            for one in data["sections"]
        ),
    )


def _out(value: Value) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _in(value: Any, kind: Kind) -> Value:
    if value is None:
        return None
    if kind in (Kind.NUMBER, Kind.PERCENT):
        return Decimal(value) if isinstance(value, str) else int(value)
    if kind is Kind.DATE:
        return date.fromisoformat(value)
    if kind is Kind.MOMENT:
        return datetime.fromisoformat(value)
    return int(value) if kind is Kind.MONEY else str(value)


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"is": "paragraph", "text": block.text, "tone": block.tone.value}
    if isinstance(block, Points):
        return {"is": "points", "items": list(block.items)}
    if isinstance(block, Chart):
        return {"is": "chart", "svg": block.svg, "alt": block.alt, "caption": block.caption}
    if isinstance(block, KeyFigures):
        return {"is": "figures", "figures": [_figure(one) for one in block.figures]}
    return {
        "is": "table",
        "caption": block.caption,
        "empty": block.empty,
        "columns": [_column(column) for column in block.columns],
        "groups": [
            {
                "title": group.title,
                "rows": [{"values": [_out(v) for v in row.values], "href": row.href} for row in group.rows],
            }
            for group in block.groups
        ],
    }


def _figure(one: KeyFigure) -> dict[str, Any]:
    return {
        "label": one.label,
        "value": _out(one.value),
        "kind": one.kind.value,
        "currency": one.currency,
        "places": one.places,
        "note": one.note,
        "rag": one.rag,
        "href": one.href,
    }


def _column(column: Column) -> dict[str, Any]:
    total: Any = column.total
    if isinstance(column.total, Ratio):
        total = {"of": column.total.of, "to": column.total.to}
    return {
        "key": column.key,
        "title": column.title,
        "kind": column.kind.value,
        "currency": column.currency,
        "places": column.places,
        "total": total,
        "brief": column.brief,
    }


def _read_block(data: dict[str, Any]) -> Block:
    match data["is"]:
        case "paragraph":
            return Paragraph(data["text"], Tone(data["tone"]))
        case "points":
            return Points(tuple(data["items"]))
        case "chart":
            return Chart(data["svg"], data["alt"], data["caption"])
        case "figures":
            return KeyFigures(tuple(_read_figure(one) for one in data["figures"]))
        case "table":
            columns = tuple(_read_column(one) for one in data["columns"])
            groups = tuple(Group(_read_rows(one["rows"], columns), one["title"]) for one in data["groups"])
            return Table(columns, groups, caption=data["caption"], empty=data["empty"])
    raise ValueError(f"an unknown block: {data['is']!r}")


def _read_rows(rows: list[dict[str, Any]], columns: tuple[Column, ...]) -> tuple[Row, ...]:
    kinds = [column.kind for column in columns]
    return tuple(
        Row(tuple(_in(value, kind) for value, kind in zip(row["values"], kinds, strict=True)), row["href"])
        for row in rows
    )


def _read_figure(data: dict[str, Any]) -> KeyFigure:
    kind = Kind(data["kind"])
    rest = {name: data[name] for name in ("label", "currency", "places", "note", "rag", "href")}
    return KeyFigure(value=_in(data["value"], kind), kind=kind, **rest)


def _read_column(data: dict[str, Any]) -> Column:
    total: Total = data["total"]
    if isinstance(data["total"], dict):
        total = Ratio(of=data["total"]["of"], to=data["total"]["to"])
    rest = {name: data[name] for name in ("key", "title", "currency", "places", "brief")}
    return Column(kind=Kind(data["kind"]), total=total, **rest)
