"""Addresses of a program's pages, by name, with what the reader narrows them to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse


def to(name: str, code: str, query: dict[str, Any] | None = None, **kwargs: Any) -> str:
    """The address of a program's page with its query; empty values are left out."""
    path = reverse(name, kwargs={"code": code, **kwargs})
    chosen = {key: value for key, value in (query or {}).items() if value not in (None, "")}
    return f"{path}?{urlencode(chosen)}" if chosen else path
