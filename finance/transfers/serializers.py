"""Transfer rules and reserves as the API shows and takes them. Amounts are minor units of the program's currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.ledger.serializers import PlaceIn
from finance.structure.models import RESERVES, Category, Nature
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


class ReserveMovement(serializers.Serializer[Any]):
    """Money into (+) or out of (-) a reserve; `left_minor` stands in that reserve afterwards."""

    journal = serializers.UUIDField()
    recorded_at = serializers.DateTimeField()
    effective = serializers.DateField()
    kind = serializers.CharField()
    project = serializers.CharField()
    category = serializers.ChoiceField(choices=[one for one in Category.choices if one[0] in RESERVES])
    nature = serializers.ChoiceField(choices=Nature.choices)
    amount_minor = serializers.IntegerField(source="amount")
    left_minor = serializers.IntegerField(source="left")
    text = serializers.CharField()
    entered_by = serializers.CharField(source="who")
    decision = serializers.CharField(allow_blank=True)


class BurnDownPast(serializers.Serializer[Any]):
    """A month of contingency so far."""

    month = serializers.CharField()
    granted_minor = serializers.IntegerField(source="granted")
    drawn_minor = serializers.IntegerField(source="drawn")
    left_minor = serializers.IntegerField(source="left")


class BurnDownAhead(serializers.Serializer[Any]):
    """A month to come: expected draw of the risks that fall due in it, left after it, still expected of the others."""

    month = serializers.CharField()
    expected_draw_minor = serializers.IntegerField(source="draw")
    left_minor = serializers.IntegerField(source="left")
    still_expected_minor = serializers.IntegerField(source="exposure")


class PlannedAhead(serializers.Serializer[Any]):
    """A month to come if the reserve is drawn as planned; of the present month what is not drawn yet."""

    month = serializers.CharField()
    planned_draw_minor = serializers.IntegerField(source="draw")
    left_minor = serializers.IntegerField(source="left")


class ManagementReserve(serializers.Serializer[Any]):
    """The management reserve so far, and ahead by the draws that are planned on it."""

    left_minor = serializers.IntegerField(source="left")
    planned_minor = serializers.IntegerField(source="planned")
    past = BurnDownPast(many=True)
    as_planned = PlannedAhead(source="plan", many=True)


class ContingencyBurnDown(serializers.Serializer[Any]):
    """Contingency against the open risks; expected = exposure x probability, by score 0.1, 0.3, 0.5, 0.7, 0.9."""

    left_minor = serializers.IntegerField(source="left")
    expected_minor = serializers.IntegerField(source="expected")
    gross_minor = serializers.IntegerField(source="gross", help_text="If every open risk occurred.")
    cover_minor = serializers.IntegerField(source="cover", help_text="Left less expected.")
    open_risks = serializers.IntegerField(source="risks")
    undated_risks = serializers.IntegerField(source="undated")
    past = BurnDownPast(many=True)
    ahead = BurnDownAhead(many=True)
    planned_minor = serializers.IntegerField(
        source="planned", help_text="Planned draws that are still ahead."
    )
    as_planned = PlannedAhead(source="plan", many=True)


class ReserveLog(serializers.Serializer[Any]):
    """The draw-down log of contingency and management reserve, oldest first."""

    currency = serializers.CharField()
    left_minor = serializers.IntegerField()
    movements = ReserveMovement(many=True)
    burn_down = ContingencyBurnDown()
    management_reserve = ManagementReserve()
