"""The network diagram as the API tells it: boxes in columns, links between them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, serializers
from rest_framework.request import Request

from pmo.api.fields import Instant
from programs.master_plan.network import MOST_STEPS, Network, Window

NAMES = frozenset({"around", "steps", "project", "critical"})
PARAMETERS = [
    OpenApiParameter(
        "around", {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}, description="Id of an activity."
    ),
    OpenApiParameter(
        "steps", {"type": "integer", "minimum": 1, "maximum": MOST_STEPS}, description="Links around it; 2."
    ),
    OpenApiParameter("project", OpenApiTypes.STR, description="Code of a project."),
    OpenApiParameter("critical", OpenApiTypes.BOOL, description="Critical activities only."),
]


class NetworkBox(serializers.Serializer[Any]):
    """An activity: its column, its height in rows, its dates (floats and durations in working minutes)."""

    id = serializers.IntegerField()
    project = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    column = serializers.IntegerField()
    height = serializers.FloatField()
    duration_minutes = serializers.IntegerField()
    early_start = Instant()
    early_finish = Instant()
    late_start = Instant(allow_null=True)
    late_finish = Instant(allow_null=True)
    total_float = serializers.IntegerField(allow_null=True)
    critical = serializers.BooleanField()
    links_before_not_shown = serializers.IntegerField()
    links_after_not_shown = serializers.IntegerField()


class NetworkLink(serializers.Serializer[Any]):
    """A link between two of the boxes."""

    predecessor_id = serializers.IntegerField()
    successor_id = serializers.IntegerField()
    kind = serializers.CharField()
    lag = serializers.IntegerField()
    lag_unit = serializers.CharField()
    critical = serializers.BooleanField()


class NetworkDiagram(serializers.Serializer[Any]):
    """A window of the plan as a network; `fits` counts the activities that lie in the window, drawn or not."""

    fits = serializers.IntegerField()
    crossings = serializers.IntegerField()
    boxes = NetworkBox(many=True)
    links = NetworkLink(many=True)


def window_asked(request: Request) -> Window:
    """The window that a request names; 400 for what is none."""
    asked = request.query_params

    def whole(name: str, most: int) -> int | None:
        text = asked.get(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 20 and 1 <= int(text) <= most):
            raise exceptions.ValidationError({name: [f"A whole number from 1 to {most} is expected here."]})
        return int(text)

    critical = asked.get("critical", "false")
    if critical not in ("true", "false"):
        raise exceptions.ValidationError({"critical": ["true or false is expected here."]})
    project = asked.get("project", "")
    if "\x00" in project or len(project) > 30:
        raise exceptions.ValidationError({"project": ["There is no such project."]})
    return Window(
        around=whole("around", 2**63 - 1),
        steps=whole("steps", MOST_STEPS) or 2,
        project=project,
        critical=critical == "true",
    )


def network_row(found: Network) -> dict[str, Any]:
    """What the API answers with."""
    return {
        "fits": found.fits,
        "crossings": found.layout.crossings,
        "boxes": [
            {
                "id": box.pk,
                "project": box.project,
                "code": box.code,
                "name": box.name,
                "kind": box.kind,
                "column": column,
                "height": round(height, 3),
                "duration_minutes": box.minutes,
                "early_start": box.early_start,
                "early_finish": box.early_finish,
                "late_start": box.late_start,
                "late_finish": box.late_finish,
                "total_float": box.total_float,
                "critical": box.critical,
                "links_before_not_shown": box.before,
                "links_after_not_shown": box.after,
            }
            for box, column, height in zip(found.boxes, found.layout.layer, found.layout.height, strict=True)
        ],
        "links": [
            {
                "predecessor_id": found.boxes[line.source].pk,
                "successor_id": found.boxes[line.target].pk,
                "kind": line.kind,
                "lag": line.lag,
                "lag_unit": line.lag_unit,
                "critical": line.critical,
            }
            for line in found.lines
        ],
    }
