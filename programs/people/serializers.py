"""Members and invitations as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.accounts.roles import Role
from pmo.api.fields import Choice, Day, Instant, Related, Text
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.portfolio.models import Project


def projects(program_id: int) -> Any:
    """The projects of one program."""
    return Project.objects.filter(program_id=program_id)


class MemberRow(Row):
    """A role of a person in the program. Both days count; without a last day it has no end."""

    id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    name = serializers.CharField(source="user__name")
    email = serializers.EmailField(source="user__email")
    role = Choice(choices=Role.choices)
    project = serializers.CharField(source="project__code", allow_null=True)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    may_sign_in = serializers.BooleanField(source="user__is_active")


class InvitationRow(Row):
    """Somebody who is invited; its roles stand under `invited-roles`. It waits while nothing ended it."""

    id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField()
    until = serializers.DateField(allow_null=True, help_text="Last day of the roles.")
    why = serializers.CharField()
    invited_by = serializers.CharField(source="by__name")
    sent = serializers.IntegerField(help_text="How often.")
    sent_at = Instant()
    expires_at = Instant()
    accepted_at = Instant(allow_null=True)
    withdrawn_at = Instant(allow_null=True)


class InvitedRoleRow(Row):
    """One role that waits in an invitation."""

    id = serializers.IntegerField()
    invitation_id = serializers.IntegerField()
    role = Choice(choices=Role.choices)
    project = serializers.CharField(source="project__code", allow_null=True)


class WantedRole(StrictSerializer):
    """A role to give; a project manager's names the project."""

    role = Choice(choices=Role.choices)
    project = Related(projects, required=False)


class NewInvitation(StrictSerializer):
    """One person to invite."""

    email = Text(max_length=254)
    name = Text(max_length=120)
    roles = serializers.ListField(child=WantedRole(), min_length=1, max_length=20)
    until = Day(required=False, allow_null=True, help_text="Last day of the roles.")


class NewInvitations(StrictSerializer):
    """People to invite: all of them or nobody."""

    people = serializers.ListField(child=NewInvitation(), min_length=1, max_length=50)
    why = Text(max_length=400, allow_blank=True, required=False)
    agreed = Text(max_length=64, allow_blank=True, required=False, help_text="As a `roles-clash` told it.")


class MadeInvitations(serializers.Serializer[Any]):
    """What was done: invitations that were sent, and roles that were given at once to people with an account."""

    invitations = serializers.ListField(child=serializers.IntegerField())
    memberships = serializers.ListField(child=serializers.IntegerField())


class MemberEdit(StrictSerializer):
    """Another last day of a role (null: without end), and why."""

    valid_to = Day(allow_null=True)
    why = Text(max_length=400)


class Because(StrictSerializer):
    """Why it is done."""

    why = Text(max_length=400)
