"""Transfer rules and reserves as the API shows and takes them. Amounts are minor units of the program's currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.ledger.serializers import PlaceIn
from finance.structure.models import Category, Nature
from finance.transfers.selectors import ROLES
from pmo.accounts.roles import Role
from pmo.api.fields import SMALL, Choice, Day, Flag, Minor, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer


class TransferRuleRow(Row):
    """How much budget a role may move without a decision."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    role = Choice(choices=Role.choices)
    up_to_minor = serializers.IntegerField()
    year_up_to_minor = serializers.IntegerField(allow_null=True)
    across_projects = serializers.BooleanField()
    valid_from = Day()
    valid_to = Day(allow_null=True)
    version = serializers.IntegerField()


class NewTransferRule(StrictSerializer):
    """Whom the program lets move how much."""

    role = Choice(choices=list(ROLES.items()))
    up_to_minor = Minor(min_value=1)
    year_up_to_minor = Minor(min_value=1, required=False, allow_null=True)
    across_projects = Flag(required=False)
    valid_from = Day()


class RuleEnd(StrictSerializer):
    """The last day on which a rule holds, and the version that was seen."""

    last_day = Day()
    version = Whole(max_value=SMALL)


class NewAside(StrictSerializer):
    """How much of which cost line is set aside, and what for."""

    place = PlaceIn()
    amount_minor = Minor(min_value=1)
    text = Text(max_length=400)


class AsideRow(serializers.Serializer[Any]):
    """Money that is set aside; its journal gives it back when it is reversed."""

    journal = serializers.UUIDField()
    recorded_at = serializers.DateTimeField()
    project = serializers.CharField(allow_null=True)
    category = serializers.ChoiceField(choices=Category.choices)
    nature = serializers.ChoiceField(choices=Nature.choices)
    amount_minor = serializers.IntegerField()
    text = serializers.CharField()


class AsideLog(serializers.Serializer[Any]):
    """All that stands aside for no capital request, newest first."""

    currency = serializers.CharField()
    set_aside = AsideRow(many=True)
