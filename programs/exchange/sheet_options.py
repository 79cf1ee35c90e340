"""Plan tables on the command line: no source is saved there, so headings are ours unless options say otherwise."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from pmo.refusals import Refused

from .container import checked_size
from .mspdi import project_code
from .problems import ImportRefused
from .reading import Read
from .sandbox import read_own_table, read_path
from .sheet_layout import COLUMNS, SheetLayout

ENDINGS = (".csv", ".tsv", ".xlsx")
"""Names of files that are tables on the command line even where nothing is said about their source."""
_SETTINGS = tuple(each.name for each in fields(SheetLayout) if each.name != "columns")


def add_source_option(parser: ArgumentParser) -> None:
    """`--source`, which may be given several times."""
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="WHAT=VALUE",
        help="for a table (.csv, .xlsx): one of our columns and its heading in the file (duration=Dauer), or a "
        f"setting ({', '.join(_SETTINGS)}); or a JSON file with a source as plan-sources of the API gives it. "
        f"Without it headings are ours: {', '.join(COLUMNS)}",
    )


def read_plan(path: Path | str, source: list[str]) -> Read:
    """Read what the command line was given, tables too. Raises `ImportRefused` as `sandbox.read_path` does."""
    path = Path(path)
    if path.is_dir() or not (source or path.suffix.lower() in ENDINGS):
        return read_path(path)
    layout = layout_of(source, project_code(path.stem))
    try:
        checked_size(path.stat().st_size, path.name)
        return read_own_table(path.read_bytes(), path.name, layout)
    except OSError as fault:
        raise ImportRefused(f"cannot be read: {fault.strerror}", file=path.name) from None


def layout_of(source: list[str], project: str) -> SheetLayout:
    """The settings that the options give; `project` is the component project's code where they name none."""
    layout = SheetLayout(project)
    for option in source:
        name, sign, value = option.partition("=")
        if not sign:
            layout = _kept(option)
        elif name in COLUMNS:
            layout = replace(layout, columns=layout.columns | {name: value})
        elif name in _SETTINGS:
            setting: dict[str, Any] = {name: value}
            layout = replace(layout, **setting)
        else:
            raise ImportRefused(
                f"“{name[:40]}” is neither one of our columns ({', '.join(COLUMNS)}) nor a setting "
                f"({', '.join(_SETTINGS)})",
                file="--source",
            )
    if len(set(layout.columns.values())) < len(layout.columns):
        raise ImportRefused("gives two of our columns the same heading", file="--source")
    try:  # with columns of ours in place of those that the file will say
        replace(layout, columns={"name": "name", "duration": "duration"}).check()
    except Refused as refusal:
        raise ImportRefused(f"{refusal}", file="--source") from None
    return layout


def _kept(name: str) -> SheetLayout:
    path = Path(name)
    try:
        said: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise ImportRefused(f"cannot be read: {fault.strerror}", file=path.name) from None
    except (ValueError, RecursionError):
        raise ImportRefused("is not JSON", file=path.name) from None
    said = said.get("layout", said) if isinstance(said, dict) else None
    known = {*_SETTINGS, "columns"}
    if not isinstance(said, dict) or not isinstance(said.get("columns", {}), dict) or "project" not in said:
        raise ImportRefused("is not a source of plan tables: it needs project and columns", file=path.name)
    words = [*said.get("columns", {}).values(), *(said[key] for key in _SETTINGS if key in said)]
    if not all(isinstance(one, str) for one in words):
        raise ImportRefused(
            "is not a source of plan tables: each heading and setting is a text", file=path.name
        )
    return SheetLayout(**{key: value for key, value in said.items() if key in known})
