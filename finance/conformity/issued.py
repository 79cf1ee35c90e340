"""Which issue a finding of the budget policy became."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from finance.policy.models import PolicyFinding
from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned
from programs.raid.issue_models import Issue


class FindingIssue(ProgramOwned):
    """A finding and its issue, once. Append-only."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    finding = models.OneToOneField(PolicyFinding, models.PROTECT, related_name="issued")
    issue = models.OneToOneField(Issue, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.finding_id} is {self.issue_id}"
