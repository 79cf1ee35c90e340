"""A person's own things as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.accounts.models import ApiToken
from pmo.accounts.roles import Role
from pmo.api.fields import Choice, Instant, Text, Whole
from pmo.api.views import StrictSerializer


class HeldRow(serializers.Serializer[Any]):
    """A program in which a role is held, and what may be done there (in some projects: by project code)."""

    program = serializers.CharField()
    name = serializers.CharField()
    roles = serializers.ListField(child=Choice(choices=Role.choices))
    permissions = serializers.ListField(child=serializers.CharField())
    project_permissions = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class Me(serializers.Serializer[Any]):
    """Who I am here."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    time_zone = serializers.CharField()
    by_token = serializers.BooleanField()
    programs = HeldRow(many=True)


class TokenRow(serializers.Serializer[Any]):
    """A token of mine, without its text."""

    key = serializers.CharField(help_text="Its first characters, to recognise it.")
    digest = serializers.CharField(help_text="To end it.")
    name = serializers.CharField()
    scope = Choice(choices=ApiToken.Scope.choices)
    programs = serializers.ListField(
        child=serializers.CharField(), help_text="Codes; none means all of mine."
    )
    created = Instant()
    expiry = Instant(allow_null=True)
    last_used_at = Instant(allow_null=True)


class NewToken(StrictSerializer):
    """A token to make; a person must be present."""

    name = Text(max_length=80)
    scope = Choice(choices=ApiToken.Scope.choices)
    days = Whole(min_value=1, max_value=365)
    programs = serializers.ListField(
        child=Text(max_length=30), required=False, max_length=50, help_text="Codes that it is limited to."
    )


class MadeToken(serializers.Serializer[Any]):
    """The text of a new token: it is shown this once."""

    token = serializers.CharField()
