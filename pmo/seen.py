"""Which version of a row a form showed, as its hidden field gives it back."""

from __future__ import annotations


def seen_version(text: str) -> int:
    """The version in a form's field; 0, which no row has, for whatever is not one: the command then says Conflict."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
