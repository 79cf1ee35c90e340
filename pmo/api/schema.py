"""The OpenAPI document: every operation with its refusals."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers


class Problem(serializers.Serializer[Any]):
    """RFC 9457 problem document; `errors` names fields where a field is at fault."""

    type = serializers.CharField(help_text="A stable code, such as not-allowed.")
    title = serializers.CharField(help_text="A sentence for a person.")
    status = serializers.IntegerField()
    errors = serializers.DictField(required=False)


STATUSES = (400, 401, 403, 404, 405, 406, 409, 415, 422, 429)


class Schema(AutoSchema):
    """Every operation documents its refusals and, where it writes, its idempotency key."""

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", None) or "office"]

    def get_override_parameters(self) -> list[Any]:
        if self.method in {"POST", "PUT", "PATCH", "DELETE"}:
            return [
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    description="16 to 64 printable ASCII characters; a repeat answers without doing it again.",
                )
            ]
        return []

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        reference = self._get_response_for_code(Problem, "400", ["application/problem+json"])
        for code in STATUSES:
            bodies.setdefault(str(code), reference | {"description": "A refusal, in words."})
        return bodies
