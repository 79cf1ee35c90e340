"""Pages of a list."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, pagination

T = TypeVar("T")

MOST = 200


class KeysetPagination(pagination.CursorPagination):
    """Pages by key, never by offset: `?cursor=`, `?page_size=` from 1 to 200.

    The key is the row's id, so that a page costs the same wherever it lies. A cursor that we did not make is 400.
    """

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = MOST
    ordering = "id"
    template = None

    def get_page_size(self, request: Any) -> int:
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return int(self.page_size or MOST)
        if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST):
            raise exceptions.ValidationError({"page_size": [f"A page has 1 to {MOST} rows."]})
        return int(text)

    def decode_cursor(self, request: Any) -> Any:
        refused = exceptions.ValidationError({"cursor": ["This is not a cursor of this list."]})
        try:
            found = super().decode_cursor(request)
        except exceptions.NotFound:
            raise refused from None
        if found is not None:
            text = str(found.position or "")
            if found.offset or not (text.isascii() and text.isdigit() and len(text) <= 18):
                raise refused
        return found

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "From `next` or `previous` of the page before.",
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9+/=]+$"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "Rows in a page.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": self.page_size},
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }


class KeysetOfRows(KeysetPagination):
    """The same pages of rows that are no query's but were computed: only what is sent of them is made ready."""

    next_key: int | None = None
    previous_key: int | None = None

    def page_of(self, rows: Sequence[T], request: Any, *, key: Callable[[T], int]) -> list[T]:
        """The page of this request; `rows` ascend by their key. A row that came or went meanwhile shifts no other."""
        self.base_url = request.build_absolute_uri()
        size, cursor = self.get_page_size(request), self.decode_cursor(request)
        keys = [key(row) for row in rows]
        start = 0
        if cursor is not None and cursor.reverse:
            start = max(0, bisect_left(keys, int(cursor.position)) - size)
        elif cursor is not None:
            start = bisect_right(keys, int(cursor.position))
        stop = min(start + size, len(rows))
        self.next_key = keys[stop - 1] if start < stop < len(rows) else None
        self.previous_key = keys[start] if 0 < start < len(rows) else None
        return list(rows[start:stop])

    def _link(self, key: int | None, *, reverse: bool) -> str | None:
        return None if key is None else str(self.encode_cursor(pagination.Cursor(0, reverse, key)))

    def get_next_link(self) -> str | None:
        return self._link(self.next_key, reverse=False)

    def get_previous_link(self) -> str | None:
        return self._link(self.previous_key, reverse=True)


def parameters() -> list[OpenApiParameter]:
    """`cursor` and `page_size` for the document of an operation that pages by itself."""
    return [
        OpenApiParameter(one["name"], one["schema"], OpenApiParameter.QUERY, description=one["description"])
        for one in KeysetPagination().get_schema_operation_parameters(None)
    ]
