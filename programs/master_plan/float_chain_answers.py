"""Float paths as the API tells them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, serializers
from rest_framework.request import Request

from pmo.api.fields import Instant
from programs.master_plan.answers import NamedRow
from programs.master_plan.float_chain_links import Link
from programs.master_plan.float_chains import BY, MOST, USUAL, Names, Path, Paths, Step

PATH_NAMES = frozenset({"paths", "by"})
PATHS = [
    OpenApiParameter(
        "paths", {"type": "integer", "minimum": 1, "maximum": MOST}, description=f"How many; {USUAL}."
    ),
    OpenApiParameter(
        "by",
        {"type": "string", "enum": [*BY]},
        description="Their order: by what each may slip before the activity moves (spare, the usual one), or as "
        "Primavera's multiple float paths (free, total).",
    ),
]


class PathLinkRow(serializers.Serializer[Any]):
    """How an activity holds the next one; no id and no kind where it does so by a link of a group."""

    link_id = serializers.IntegerField(allow_null=True)
    kind = serializers.CharField(allow_blank=True)
    lag = serializers.IntegerField()
    lag_unit = serializers.CharField(allow_blank=True)
    slack_minutes = serializers.IntegerField(
        help_text="Working minutes that lie between the two: of the next one's calendar, of this one's by a group."
    )
    words = serializers.CharField()


class PathStepRow(NamedRow):
    """One activity of a path. `spare_minutes`: its own working minutes by which it may slip before the target moves."""

    starts = Instant()
    finishes = Instant()
    critical = serializers.BooleanField()
    spare_minutes = serializers.IntegerField()
    link = PathLinkRow(
        allow_null=True, help_text="To the next; of a path's last to the path that it leads to."
    )


class PathRow(serializers.Serializer[Any]):
    """One path, its first activity first."""

    number = serializers.IntegerField()
    spare_minutes = serializers.IntegerField()
    leads_to_path = serializers.IntegerField(allow_null=True)
    leads_to = NamedRow(allow_null=True)
    steps = PathStepRow(many=True)


class PathsRow(serializers.Serializer[Any]):
    """The paths to an activity; none to what is done, to summaries and to levels of effort."""

    target = NamedRow()
    done = serializers.BooleanField()
    paths = PathRow(many=True)


def paths_asked(request: Request) -> tuple[int, str]:
    """How many paths a request asks for, and in which order; 400 for what is neither."""
    text, by = request.query_params.get("paths", str(USUAL)), request.query_params.get("by", "spare")
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST):
        raise exceptions.ValidationError({"paths": [f"A whole number from 1 to {MOST} is expected here."]})
    if by not in BY:
        raise exceptions.ValidationError({"by": [f"One of {', '.join(BY)} is expected here."]})
    return int(text), by


def paths_row(found: Paths | None) -> dict[str, Any]:
    """What the API answers with."""
    if found is None:
        raise exceptions.NotFound
    return {"target": _names(found.target), "done": found.done, "paths": [_path(one) for one in found.paths]}


def _names(one: Names) -> dict[str, Any]:
    return {"activity_id": one.pk, "project": one.project, "activity": one.code, "name": one.name}


def _path(one: Path) -> dict[str, Any]:
    number, names = one.joins or (None, None)
    return {
        "number": one.number,
        "spare_minutes": one.spare,
        "leads_to_path": number,
        "leads_to": _names(names) if names else None,
        "steps": [_step(step) for step in one.steps],
    }


def _step(one: Step) -> dict[str, Any]:
    return _names(one.names) | {
        "starts": one.starts,
        "finishes": one.finishes,
        "critical": one.critical,
        "spare_minutes": one.spare,
        "link": _link(one.to_next) if one.to_next else None,
    }


def _link(one: Link) -> dict[str, Any]:
    return {
        "link_id": one.link_id,
        "kind": one.kind,
        "lag": one.lag,
        "lag_unit": one.lag_unit,
        "slack_minutes": one.slack,
        "words": one.words,
    }
