"""Strict JSON: no duplicated key, no NaN, nothing that the database could not store."""

from __future__ import annotations

import json
from typing import Any

from rest_framework import exceptions, parsers

MAX_DEPTH = 40
MAX_BODY = 1 << 20


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError("a key occurs twice")
    return dict(pairs)


def _check(value: Any, depth: int = 0) -> None:
    """No NUL, no lone surrogate, bounded depth: what Postgres could not store is refused at the door."""
    if depth > MAX_DEPTH:
        raise ValueError(f"deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise ValueError("text has a character that cannot be stored")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, depth + 1)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


class StrictJSONParser(parsers.JSONParser):
    """JSON without duplicated keys, NaN, unstorable text or great depth."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise exceptions.ParseError("The body is larger than 1 MB.")
        try:
            value = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
            _check(value)
        except (ValueError, RecursionError) as error:
            raise exceptions.ParseError(f"Not acceptable JSON: {str(error)[:120]}.") from None
        return value
