"""One way to write a structure as bytes, so that its digest is the same wherever it is computed again."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; takes str, int, bool, None, lists and dicts of them only.

    Raises TypeError for anything else (a float or a date would be written in more than one way).
    """
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def _check(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if type(key) is not str:
                raise TypeError(f"a key is text, not {type(key).__name__}")
            _check(inner)
    elif isinstance(value, list):
        for inner in value:
            _check(inner)
    elif value is not None and type(value) not in (str, int, bool):
        raise TypeError(f"{type(value).__name__} has no one canonical form")
