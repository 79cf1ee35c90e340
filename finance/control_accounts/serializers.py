"""Control accounts and variances as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.control_accounts.models import VarianceFinding
from pmo.accounts.models import User
from pmo.api.fields import SMALL, Choice, Day, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.portfolio.models import CODE
from programs.schedule.models import Activity


def summaries(program_id: int) -> Any:
    """The summaries of one program."""
    return Activity.objects.filter(program_id=program_id, kind=Activity.Kind.SUMMARY).select_related(
        "project"
    )


def people(program_id: int) -> Any:
    """Who holds a role in the program."""
    return User.objects.filter(memberships__program_id=program_id).distinct()


class ControlAccountRow(Row):
    """A control account."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    project = serializers.CharField(source="project__code")
    activity_id = serializers.IntegerField()
    activity = serializers.CharField(source="activity__code")
    name = serializers.CharField(source="activity__name")
    manager = serializers.CharField(source="manager__name", allow_null=True)
    version = serializers.IntegerField()


class NewControlAccount(StrictSerializer):
    """An element of the plan to make a control account."""

    activity = Related(summaries, help_text="Id of a summary of this program.")
    code = Text(max_length=60, validators=[CODE], required=False)
    manager = Related(people, required=False, help_text="Id of a person with a role in the program.")


class ControlAccountChanges(StrictSerializer):
    """What of an account changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    code = Text(max_length=60, validators=[CODE], required=False)
    manager = Related(people, required=False, help_text="Id of a person with a role in the program.")


class AccountFigures(serializers.Serializer[Any]):
    """Earned value of an account (null: what no account of the project holds), minor units; indices as text."""

    control_account = serializers.IntegerField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    project = serializers.CharField()
    status_at = serializers.DateTimeField()
    bac_minor = serializers.IntegerField()
    pv_minor = serializers.IntegerField()
    ev_minor = serializers.IntegerField()
    ac_minor = serializers.IntegerField()
    eac_minor = serializers.IntegerField(allow_null=True)
    vac_minor = serializers.IntegerField(allow_null=True)
    cpi = serializers.CharField(allow_null=True)
    spi = serializers.CharField(allow_null=True)


class AccountsAnswer(serializers.Serializer[Any]):
    """Every account at the latest status of its project; the figures of a project add up to the project's."""

    at = serializers.DateTimeField()
    currency = serializers.CharField()
    accounts = AccountFigures(many=True)


class VarianceRow(Row):
    """A variance that was asked about."""

    id = serializers.IntegerField()
    control_account = serializers.IntegerField(source="account_id")
    code = serializers.CharField(source="account__code")
    project = serializers.CharField(source="account__project__code")
    status_at = serializers.DateTimeField(source="period__at")
    title = serializers.CharField()
    crossed = serializers.JSONField()
    limits = serializers.IntegerField(source="limits_id", allow_null=True)
    owner = serializers.CharField(source="owner__name", allow_null=True)
    issue_id = serializers.IntegerField(allow_null=True)
    due_on = Day()
    state = Choice(choices=VarianceFinding.State.choices)
    cause = serializers.CharField()
    impact = serializers.CharField()
    corrective_action = serializers.CharField()
    answered_by = serializers.CharField(source="answered_by__name", allow_null=True)
    closed_by = serializers.CharField(source="closed_by__name", allow_null=True)
    version = serializers.IntegerField()


class VarianceAnswer(StrictSerializer):
    """Cause, impact and corrective action; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    cause = Text(max_length=4000)
    impact = Text(max_length=4000)
    corrective_action = Text(max_length=4000)


class SeenVersion(StrictSerializer):
    """The version that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
