"""Edits of the sheet as they come in: JSON from the browser, bodies of the API. Checked for shape here, once."""

from __future__ import annotations

import json
from typing import Any

from pmo.refusals import Refused

_NEEDS = {
    "set": ("activity", "field", "value"),
    "add": (),
    "remove": ("activity",),
    "indent": ("activity",),
    "outdent": ("activity",),
    "link": ("activity", "predecessor"),
    "assign": ("activity", "value"),
}
_TEXTS = ("field", "value", "was", "key", "alias")
MOST_BYTES = 2_000_000


def read(text: str) -> list[dict[str, Any]]:
    """The edits in a JSON text. Raises Refused where it is none."""
    try:
        if len(text) > MOST_BYTES:
            raise ValueError
        ops = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("These edits cannot be read.", code="bad-ops") from None
    return checked(ops)


def checked(ops: Any) -> list[dict[str, Any]]:
    """The same list, once every edit has the shape that `edit_plan` takes. Raises Refused."""
    if not isinstance(ops, list) or not ops or not all(_good(op) for op in ops):
        raise Refused("These edits cannot be read.", code="bad-ops")
    return ops


def _good(op: Any) -> bool:
    if not isinstance(op, dict) or not isinstance(op.get("do"), str) or op["do"] not in _NEEDS:
        return False
    cells = op.get("cells", {})
    return (
        all(name in op for name in _NEEDS[op["do"]])
        and all(op.get(name) is None or _text(op[name]) for name in _TEXTS)
        and all(_named(op[name]) for name in ("activity", "below", "predecessor") if op.get(name) is not None)
        and (op.get("project") is None or _id(op["project"]))
        and isinstance(cells, dict)
        and all(_text(name) and _text(value) for name, value in cells.items())
    )


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 10_000 and "\x00" not in value


def _id(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**63


def _named(value: Any) -> bool:
    return _id(value) or (_text(value) and len(value) <= 60)
