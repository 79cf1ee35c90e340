"""The log of the reserves, planned draws and kept expectations in the API. Amounts are minor units."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.reserves.models import RESERVE_CHOICES, ReserveOutlook
from finance.structure.models import PERIOD_CODE, RESERVES, Category, Nature
from pmo.api.fields import SMALL, Choice, Instant, Minor, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer


class PlannedDrawRow(Row):
    """A setting of what is planned to be drawn from a reserve in a month; the newest `n` of both holds."""

    id = serializers.IntegerField()
    category = Choice(choices=RESERVE_CHOICES)
    month = serializers.CharField()
    n = serializers.IntegerField()
    amount_minor = serializers.IntegerField()
    reason = serializers.CharField()
    set_by = serializers.CharField(source="set_by__name")
    set_at = Instant()


class NewPlannedDraw(StrictSerializer):
    """How much is planned (zero: nothing any more) and why; `seen` is the newest `n` of that reserve and month."""

    category = Choice(choices=RESERVE_CHOICES)
    month = Text(max_length=7, validators=[PERIOD_CODE])
    amount_minor = Minor()
    reason = Text(max_length=400)
    seen = Whole(min_value=0, max_value=SMALL)


class ReserveOutlookRow(Row):
    """What was expected of the reserves at a moment, as it was then; expected: exposure x probability."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    occasion = Choice(choices=ReserveOutlook.Occasion.choices)
    month = serializers.CharField()
    status_at = Instant(allow_null=True)
    status_taken_back = serializers.BooleanField(
        help_text="The status date it was kept for was taken back since."
    )
    note = serializers.CharField()
    open_risks = serializers.IntegerField(source="risks")
    undated_risks = serializers.IntegerField(source="undated")
    gross_minor = serializers.IntegerField()
    left_minor = serializers.IntegerField()
    expected_minor = serializers.IntegerField()
    planned_minor = serializers.IntegerField()
    management_left_minor = serializers.IntegerField(source="reserve_left_minor")
    management_planned_minor = serializers.IntegerField(source="reserve_planned_minor")
    kept_by = serializers.CharField(source="kept_by__name", allow_null=True)
    kept_at = Instant()


class OutlookMonthRow(Row):
    """A month of a kept expectation."""

    id = serializers.IntegerField()
    expectation = serializers.IntegerField(source="outlook_id")
    category = Choice(choices=RESERVE_CHOICES)
    month = serializers.CharField()
    planned_minor = serializers.IntegerField()
    expected_minor = serializers.IntegerField()


class NewOutlook(StrictSerializer):
    """What it is kept for."""

    note = Text(max_length=400, allow_blank=True, required=False)


class OutlookScore(serializers.Serializer[Any]):
    """A kept expectation (null: all of a lead time in months) against what was drawn in the months that ended."""

    expectation = serializers.IntegerField(allow_null=True)
    lead_months = serializers.IntegerField(allow_null=True)
    months = serializers.IntegerField()
    expected_minor = serializers.IntegerField()
    planned_minor = serializers.IntegerField()
    drawn_minor = serializers.IntegerField()
    management_planned_minor = serializers.IntegerField()
    management_drawn_minor = serializers.IntegerField()
    bias_of_expected = serializers.CharField(allow_null=True)
    bias_of_planned = serializers.CharField(allow_null=True)


class OutlookScores(serializers.Serializer[Any]):
    """How kept expectations did; bias = (expected - drawn) / drawn as text."""

    currency = serializers.CharField()
    expectations = OutlookScore(many=True)
    by_lead = OutlookScore(many=True)


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
    """A month to come if the reserve is drawn as planned; of this month what was not drawn since it was planned."""

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
