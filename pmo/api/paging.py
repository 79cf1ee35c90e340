"""Pages of a list."""

from rest_framework import pagination


class KeysetPagination(pagination.CursorPagination):
    """Pages by key, never by offset: `?cursor=`, `?page_size=` up to 200."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "id"
