"""The OpenAPI document: every operation with its refusals."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


class Problem(serializers.Serializer[Any]):
    """RFC 9457 problem document; `errors` names fields where a field is at fault."""

    type = serializers.CharField(help_text="A stable code, such as not-allowed.")
    title = serializers.CharField(help_text="A sentence for a person.")
    status = serializers.IntegerField()
    errors = serializers.DictField(required=False)  # type: ignore[assignment]  # the problem document calls it so


REFUSALS = {
    400: "Some value, parameter or key is not acceptable.",
    401: "No token, or one that ended.",
    403: "The role, or a token without a person present, does not allow this.",
    404: "There is nothing at this address for you.",
    405: "This address does not do that.",
    406: "The API answers JSON.",
    429: "Too often.",
}
REFUSED_WRITES = {
    409: "Somebody else was first: the row has changed.",
    413: "Too large.",
    415: "The body must be JSON.",
    422: "Foreseen refusal: a rule of the office, in words.",
}


class TokenScheme(OpenApiAuthenticationExtension):
    """How a script signs in."""

    target_class = "pmo.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token pmo_...`, made on the page API tokens.",
        }


class ExactField(OpenApiSerializerFieldExtension):
    """Exact numbers as the text that is taken."""

    target_class = "pmo.api.fields.Exact"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        field = self.target
        sign = "-?" if field.min_value is None or field.min_value < 0 else ""
        whole, places = field.max_digits - field.decimal_places, field.decimal_places
        return {"type": "string", "pattern": rf"^{sign}[0-9]{{1,{whole}}}(\.[0-9]{{1,{places}}})?$"}


class Schema(AutoSchema):
    """Every operation documents its refusals and, where it writes, its idempotency key."""

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", None) or "office"]

    def get_override_parameters(self) -> list[Any]:
        if self.method not in WRITES:
            return []
        text = {"type": "string", "minLength": 16, "maxLength": 64, "pattern": "^[!-~]{16,64}$"}
        return [
            OpenApiParameter(
                "Idempotency-Key",
                text,
                OpenApiParameter.HEADER,
                description="16 to 64 printable ASCII characters, no blanks; a repeat answers without doing it again.",
            )
        ]

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """Input that refuses unknown keys says so."""
        made = super()._map_basic_serializer(serializer, direction)
        if getattr(serializer, "refuses_unknown", False):
            made["additionalProperties"] = False
        return made

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        reference = self._get_response_for_code(Problem, "400", ["application/problem+json"])
        for code, description in (REFUSALS | (REFUSED_WRITES if self.method in WRITES else {})).items():
            bodies.setdefault(str(code), reference | {"description": description})
        return bodies
