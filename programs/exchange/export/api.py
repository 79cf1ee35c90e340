"""The API's door of the export: the plan as a file."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from pmo.accounts.roles import Permission
from pmo.api.renderers import AnyFile
from pmo.api.views import ScopedView

from .files import FORMATS, plan_file
from .views import attachment


class PlanFiles(ScopedView):
    """The whole plan as a file that other tools, and the import, read."""

    tag = "plan"
    renderer_classes = [AnyFile]

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "kind",
                {"type": "string", "enum": list(FORMATS)},
                OpenApiParameter.PATH,
                description="Format: "
                + "; ".join(f"`{one.name}` {one.label}" for one in FORMATS.values())
                + ".",
            )
        ],
        responses={(200, media): OpenApiTypes.BINARY for media in {one.media for one in FORMATS.values()}},
    )
    def get(self, request: Request, code: str, kind: str) -> HttpResponse:
        """The plan as of now, with its planned costs; needs the right to see the program's money."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        if kind not in FORMATS:
            raise Http404
        return attachment(plan_file(program, kind))
