"""Error pages that say what happened, what was kept, and whom to ask; never a path, an SQL or a key."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from pmo.request_id import current_request_id


def _answer(request: HttpRequest, template: str, status: int, sentence: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        body = {"type": template, "title": sentence, "status": status, "request": current_request_id()}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    context = {
        "sentence": sentence,
        "request_id": current_request_id(),
        "shell": {"theme": request.COOKIES.get("theme", "")},
    }
    # Without context processors: what broke the page (navigation, database) must not break this one as well.
    return HttpResponse(render_to_string(f"errors/{template}.html", context), status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, "bad-request", 400, "This request cannot be understood.")


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    sentence = str(exception) if exception and str(exception) else "Your role does not allow this."
    return _answer(request, "forbidden", 403, sentence)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, "not-found", 404, "There is nothing at this address for you.")


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(
        request, "server-error", 500, "Something went wrong on our side. Nothing was saved by halves."
    )
