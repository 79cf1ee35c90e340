"""Invitations: a person who is to come into a program, with the roles that wait for her."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from pmo.accounts.roles import Permission, Role
from pmo.owned import ProgramOwned
from programs.portfolio.models import Project


@pghistory.track(exclude=["digest", "nonce"])
class Invitation(ProgramOwned):
    """An address, a name, and a link that works once until a moment.

    Of the link only a hash is kept. `nonce` alone makes no link: that takes the office's signing key as well.
    """

    view_permission = Permission.MANAGE_MEMBERS

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    until = models.DateField(null=True, blank=True, help_text="Last day of its roles.")
    why = models.CharField(max_length=400, blank=True, default="")
    nonce = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what stands in the link.")
    sent = models.PositiveSmallIntegerField(default=1, help_text="How often a mail with a link was written.")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "id"], name="programs_invitation_in_program"),
            models.UniqueConstraint(fields=["digest"], name="programs_invitation_digest_once"),
            models.UniqueConstraint(
                fields=["program", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="programs_invitation_open_once",
            ),
            models.CheckConstraint(
                name="programs_invitation_email_lower", condition=Q(email=models.functions.Lower("email"))
            ),
            models.CheckConstraint(
                name="programs_invitation_one_end",
                condition=Q(accepted_at=None) | Q(withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="programs_invitation_taken",
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, accepted_at__lt=F("expires_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} into {self.program_id}"

    def state(self, now: datetime) -> str:
        """`taken`, `withdrawn`, `expired` or `open`."""
        if self.accepted_at is not None:
            return "taken"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "expired" if self.expires_at <= now else "open"


class InvitedRole(ProgramOwned):
    """One role that waits in an invitation; a project manager's in one project. Append-only."""

    view_permission = Permission.MANAGE_MEMBERS

    invitation = models.ForeignKey(Invitation, models.PROTECT, related_name="roles")
    role = models.CharField(max_length=32, choices=Role.choices)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["invitation", "role", "project"],
                nulls_distinct=False,
                name="programs_invitedrole_once",
            ),
            models.CheckConstraint(
                name="programs_invitedrole_project",
                condition=Q(role=Role.PROJECT_MANAGER, project__isnull=False)
                | (~Q(role=Role.PROJECT_MANAGER) & Q(project=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.invitation_id}"
