"""Addresses of pages to the left of governance, by name; a page that is not there has none."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse


def to(name: str, code: str, query: dict[str, Any] | None = None, **kwargs: Any) -> str:
    """The address of a program's page with its query, "" where no such page is installed."""
    try:
        path = reverse(name, kwargs={"code": code, **kwargs})
    except NoReverseMatch:
        return ""
    chosen = {key: value for key, value in (query or {}).items() if value not in (None, "")}
    return f"{path}?{urlencode(chosen)}" if chosen else path
