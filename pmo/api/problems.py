"""Refusals as problem documents (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_handler

from pmo import commands
from pmo.refusals import Refused


def _document(code: str, title: str, http_status: int, errors: Any = None, more: Any = None) -> Response:
    body: dict[str, Any] = {"type": code, "title": title, "status": http_status}
    if errors:
        body["errors"] = errors
    if more:
        body |= more
    return Response(body, status=http_status, content_type="application/problem+json")


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every foreseen failure as a problem document; anything else is a defect and stays a 500."""
    if isinstance(error, commands.AlreadyDone):
        return Response({"detail": error.message}, status=200, headers={"Idempotent-Replayed": "true"})
    if isinstance(error, Refused):
        where = error.errors or ({error.field: [error.message]} if error.field else None)
        return _document(error.code, error.message, error.api_status or error.status, where, error.told)
    if isinstance(error, Http404):
        return _document("not-found", "There is nothing at this address for you.", 404)
    if isinstance(error, PermissionDenied):
        return _document("not-allowed", str(error) or "Your role does not allow this.", 403)
    answer = drf_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        errors = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        made = _document("invalid", "Some values are not acceptable.", 400, errors)
    else:
        detail = getattr(error, "detail", "")
        made = _document(getattr(error, "default_code", "refused"), str(detail), answer.status_code)
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if name in answer.headers:
            made[name] = answer.headers[name]
    return made
