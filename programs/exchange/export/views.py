"""The plan as a file of another tool, to be saved."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from pmo.accounts.roles import Permission
from pmo.http import page
from programs.portfolio.models import Program

from .files import FORMATS, PlanFile, plan_file


def attachment(file: PlanFile) -> HttpResponse:
    """The answer that makes a browser save it."""
    response = HttpResponse(file.content, content_type=file.media)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@page(Permission.VIEW_MONEY)
def plan_as(request: HttpRequest, program: Program, kind: str) -> HttpResponse:
    """The whole plan as of now in one of the formats that other tools, and our own import, read."""
    if kind not in FORMATS:
        raise Http404("No such format.")
    return attachment(plan_file(program, kind))
