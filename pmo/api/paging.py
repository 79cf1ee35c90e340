"""Pages of a list."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions, pagination

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
