"""Contracts as the API shows and takes them. Amounts are minor units of the program's currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.apps import apps
from rest_framework import serializers

from finance.contracts.models import Contract
from pmo.accounts.models import Membership, User
from pmo.api.fields import SMALL, Choice, Day, Exact, Minor, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.schedule.models import Activity


class ContractRow(Row):
    """A contract with a vendor."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    capital_request = serializers.IntegerField(source="request_id")
    request_code = serializers.CharField(source="request__code")
    vendor = serializers.IntegerField(source="vendor_id")
    vendor_name = serializers.CharField(source="vendor__name")
    value_minor = serializers.IntegerField()
    currency = serializers.CharField()
    starts_on = Day()
    ends_on = Day()
    retention_percent = serializers.DecimalField(max_digits=4, decimal_places=2)
    release_on = Day(allow_null=True)
    terms = serializers.CharField()
    manager = serializers.CharField(source="manager__name")
    state = Choice(choices=Contract.State.choices)
    closed_why = serializers.CharField()
    version = serializers.IntegerField()


class ContractStandingOut(serializers.Serializer[Any]):
    """Where a contract stands (minor units); `retained` is owed and not released."""

    ordered_minor = serializers.IntegerField()
    invoiced_minor = serializers.IntegerField()
    retained_minor = serializers.IntegerField()
    released_minor = serializers.IntegerField()
    released_paid_minor = serializers.IntegerField()
    milestones_minor = serializers.IntegerField()
    accepted_minor = serializers.IntegerField()
    withdrawn_minor = serializers.IntegerField()


class ContractMilestoneRow(Row):
    """A milestone of a contract."""

    id = serializers.IntegerField()
    contract = serializers.IntegerField(source="contract_id")
    name = serializers.CharField()
    amount_minor = serializers.IntegerField()
    due_on = Day()
    activity = serializers.IntegerField(source="activity_id", allow_null=True)
    accepted_on = Day(allow_null=True)
    accepted_by = serializers.CharField(source="accepted_by__name", allow_null=True)
    note = serializers.CharField()
    withdrawn_by = serializers.CharField(source="withdrawn_by__name", allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawn_why = serializers.CharField()


class ContractHandoverRow(Row):
    """That somebody else manages a contract, from which version of it on."""

    id = serializers.IntegerField()
    contract = serializers.IntegerField(source="contract_id")
    version = serializers.IntegerField(source="n")
    from_manager = serializers.CharField(source="from_manager__name")
    to_manager = serializers.CharField(source="to_manager__name")
    reason = serializers.CharField()
    handed_by = serializers.CharField(source="handed_by__name")
    handed_at = serializers.DateTimeField()


class RetentionReleaseRow(Row):
    """A part of what a contract retains that may be paid."""

    id = serializers.IntegerField()
    contract = serializers.IntegerField(source="contract_id")
    code = serializers.CharField()
    amount_minor = serializers.IntegerField()
    due_on = Day()
    reason = serializers.CharField()
    released_by = serializers.CharField(source="released_by__name")
    released_at = serializers.DateTimeField()
    paid_on = Day(allow_null=True)
    paid_by = serializers.CharField(source="paid_by__name", allow_null=True)
    version = serializers.IntegerField()


def people(program_id: int) -> Any:
    """Who may manage a contract of the program."""
    return User.objects.filter(pk__in=Membership.objects.filter(program_id=program_id).values("user"))


def vendors(program_id: int) -> Any:
    """The program's vendors (a name: procurement stands on contracts)."""
    rows: Any = apps.get_model("finance", "Vendor").objects
    return rows.filter(program_id=program_id)


def contracts(program_id: int) -> Any:
    """The program's contracts."""
    return Contract.objects.filter(program_id=program_id).select_related("request")


def activities(program_id: int) -> Any:
    """The program's milestones in the plan."""
    return Activity.objects.filter(program_id=program_id, kind__in=["start_milestone", "finish_milestone"])


class _Words(StrictSerializer):
    retention_percent = Exact(
        max_digits=4, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), required=False
    )
    release_on = Day(allow_null=True, required=False)
    terms = Text(max_length=400, allow_blank=True, required=False)
    manager = Related(people, required=False)


class NewContract(_Words):
    """A contract to draft on an approved capital request."""

    capital_request = Whole()
    vendor = Related(vendors)
    title = Text(max_length=200)
    value_minor = Minor(min_value=1)
    starts_on = Day()
    ends_on = Day()


class ContractChanges(_Words):
    """What of a draft changes; `version` is the one that was seen."""

    version = Whole(max_value=SMALL)
    title = Text(max_length=200, required=False)
    value_minor = Minor(min_value=1, required=False)
    starts_on = Day(required=False)
    ends_on = Day(required=False)


class ContractSeen(StrictSerializer):
    """The version that was seen."""

    version = Whole(max_value=SMALL)


class ContractClosing(ContractSeen):
    """Why it is closed."""

    reason = Text(max_length=400)


class ContractHandingOver(ContractSeen):
    """Who manages it from now on, and why."""

    manager = Related(people)
    reason = Text(max_length=400)


class ContractValue(ContractSeen):
    """Another value, and why."""

    value_minor = Minor(min_value=1)
    reason = Text(max_length=400)


class NewRetentionRelease(ContractSeen):
    """How much of what is retained may be paid, and why; `version` is the contract's as it was seen."""

    amount_minor = Minor(min_value=1)
    reason = Text(max_length=400)


class RetentionPayment(StrictSerializer):
    """When it was paid; `version` is the release's as it was seen."""

    version = Whole(max_value=SMALL)
    paid_on = Day()


class NewContractMilestone(StrictSerializer):
    """A milestone to agree; `version` is the contract's as it was seen."""

    contract = Related(contracts)
    version = Whole(max_value=SMALL)
    name = Text(max_length=200)
    amount_minor = Minor(min_value=1)
    due_on = Day()
    activity = Related(activities, allow_null=True, required=False)


class MilestoneAcceptance(StrictSerializer):
    """When a milestone was accepted; `version` is the contract's as it was seen."""

    version = Whole(max_value=SMALL)
    accepted_on = Day()
    note = Text(max_length=400, allow_blank=True, required=False, default="")
