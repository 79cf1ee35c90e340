"""What the API says of calendar feeds, and takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Instant, Text
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer


class FeedRow(Row):
    """An address of mine, without its secret."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    made_at = Instant()
    ended_at = Instant(allow_null=True)


class NewFeed(StrictSerializer):
    """An address to make; a person must be present."""

    name = Text(max_length=80)


class MadeFeed(serializers.Serializer[Any]):
    """A new address: it is shown this once."""

    id = serializers.IntegerField()
    address = serializers.CharField()
