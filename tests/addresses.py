"""The addresses that the URL resolver serves, and how one is written for a program and its objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

from tests.routes import ROUTES


def walk(resolver: Any = None, namespace: str = "", prefix: str = "/") -> Iterator[tuple[str, str]]:
    """Name and readable address of every pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", route
        else:
            yield from walk(
                pattern, namespace + (f"{pattern.namespace}:" if pattern.namespace else ""), route
            )


ADDRESSES = dict(walk())


def address(name: str, code: str, things: dict[str, Any]) -> str:
    """The address of a route in one program, with that program's objects."""
    route = ROUTES[name]

    def value(match: re.Match[str]) -> str:
        found = match["django"] or match["regex"]
        return code if found == "code" else str(things[route.names[found]])

    text = re.sub(
        r"<\w+:(?P<django>\w+)>|\(\?P<(?P<regex>\w+)>(?:[^()\[\]]|\[[^\]]*\]|\([^()]*\))*\)",
        value,
        ADDRESSES[name],
    )
    return text.replace("^", "").replace("$", "") + route.query
