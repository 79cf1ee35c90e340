"""The OpenAPI document and its reader."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request

from pmo.api.views import ScopedView


@cache
def document() -> bytes:
    """The OpenAPI 3.1 document: the same for everybody, made once in a process."""
    made = SchemaGenerator().get_schema(request=None, public=True)
    return json.dumps(made, sort_keys=True).encode()


class SchemaView(ScopedView):
    """The OpenAPI document, for a person or a token."""

    schema: Any = None  # it does not describe itself

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(document(), content_type="application/vnd.oai.openapi+json")


schema_view = SchemaView.as_view()


@require_safe
def swagger_view(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document to read and try, with scripts and styles of our own origin only."""
    return render(
        request, "pmo/api/docs.html", {"crumbs": [("Programs", "/"), ("API", "")], "no_clock": True}
    )
