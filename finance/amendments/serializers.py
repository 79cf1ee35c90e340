"""Budget amendments as the API shows and takes them. Amounts are signed minor units of the program's currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.structure.choices import projects
from finance.structure.models import PERIOD_CODE, RESERVES, Category, Nature
from pmo.api.fields import SMALL, Choice, Minor, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from pmo.money import LIMIT


class AmendmentLineRow(Row):
    """An amount that a change request adds to the active budget (below zero: takes from it)."""

    id = serializers.IntegerField()
    change_request_id = serializers.IntegerField()
    change_request = serializers.CharField(source="change_request__code")
    project = serializers.CharField(source="project__code", allow_null=True)
    category = Choice(choices=Category.choices)
    nature = Choice(choices=Nature.choices)
    period = serializers.CharField(source="period__code")
    amount_minor = serializers.IntegerField()


class NewAmendment(StrictSerializer):
    """One amount; zero takes the line out. `version` is the change request's that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    project = Related(
        projects,
        required=False,
        allow_null=True,
        help_text="Id of a project; the program's reserves without.",
    )
    category = Choice(choices=Category.choices)
    nature = Choice(choices=Nature.choices)
    period = Text(max_length=7, validators=[PERIOD_CODE])
    amount_minor = Minor(min_value=-LIMIT)
    source = Choice(  # type: ignore[assignment]
        choices=[(one, one) for one in sorted(RESERVES)],
        required=False,
        help_text="The program's reserve from which what is added is taken.",
    )


class MoneyOfPlace(serializers.Serializer[Any]):
    """What is available at a cost line, or left of a reserve."""

    project = serializers.CharField()
    category = serializers.CharField()
    nature = serializers.CharField()
    before_minor = serializers.IntegerField()
    after_minor = serializers.IntegerField()


class EstimateOfChange(serializers.Serializer[Any]):
    """An estimate at completion; without a project the program's."""

    project = serializers.CharField()
    before_minor = serializers.IntegerField()
    after_minor = serializers.IntegerField()


class MoneyOfChange(serializers.Serializer[Any]):
    """What a change request's money does, as it was computed; the digest is that of the whole impact."""

    currency = serializers.CharField()
    ledger_version = serializers.IntegerField()
    sha256 = serializers.CharField()
    budget_before_minor = serializers.IntegerField()
    budget_after_minor = serializers.IntegerField()
    contingency_before_minor = serializers.IntegerField()
    contingency_after_minor = serializers.IntegerField()
    management_reserve_before_minor = serializers.IntegerField()
    management_reserve_after_minor = serializers.IntegerField()
    exposure_minor = serializers.IntegerField(
        help_text="By how much money it is about: it is routed by this."
    )
    estimates = EstimateOfChange(many=True)
    places = MoneyOfPlace(many=True)
    policy_new = serializers.ListField(child=serializers.CharField())
    policy_gone = serializers.ListField(child=serializers.CharField())
    problems = serializers.ListField(child=serializers.CharField(), help_text="Why it would be refused.")
