"""Delegation of authority: which body decides which kind of subject, up to which amount."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from governance.bodies.models import Body
from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import CODE


class SubjectKind(models.TextChoices):
    """What a decision can be about; the same words as the warrant's kinds."""

    CAPITAL_REQUEST = "capital_request", "Capital request"
    BUDGET = "budget", "Budget"
    BASELINE = "baseline", "Baseline"
    CHANGE_REQUEST = "change_request", "Change request"
    WAIVER = "waiver", "Waiver"
    GATE = "gate", "Gate"
    QUESTION = "question", "Free question"
    RISK_ACCEPTANCE = "risk_acceptance", "Risk acceptance"


@pghistory.track()
class AuthorityRule(ProgramOwned, Versioned):
    """A body's authority for one kind of subject, up to an amount (minor units; none: without limit), in a period.

    Change requests are routed by slip besides: `up_to_days` are working days of the program (none: without limit);
    risk acceptances by score: `up_to_score` is probability times impact (none: without limit).
    """

    code = models.CharField(max_length=30, validators=[CODE])
    subject_kind = models.CharField(max_length=20, choices=SubjectKind.choices)
    up_to_minor = models.BigIntegerField(null=True, blank=True, help_text="None: without limit.")
    up_to_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Working days of slip, of change requests; none: without limit."
    )
    up_to_score = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Probability times impact, of risk acceptances; none: without limit."
    )
    body = models.ForeignKey(Body, models.PROTECT, related_name="authority")
    valid = DateRangeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="governance_rule_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="governance_rule_in_program"),
            models.CheckConstraint(
                name="governance_rule_limit",
                condition=Q(up_to_minor=None) | Q(up_to_minor__gt=0, up_to_minor__lte=10**15),
            ),
            models.CheckConstraint(
                name="governance_rule_slip", condition=Q(up_to_days=None) | Q(subject_kind="change_request")
            ),
            models.CheckConstraint(
                name="governance_rule_score",
                condition=Q(up_to_score=None)
                | Q(subject_kind="risk_acceptance", up_to_score__gte=1, up_to_score__lte=25),
            ),
            models.CheckConstraint(name="governance_rule_valid", condition=Q(valid__isempty=False)),
        ]

    def __str__(self) -> str:
        return self.code
