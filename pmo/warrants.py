"""The warrant: proof that a decision allowed something. Written only by governance, when a decision closes."""

from __future__ import annotations

from django.db import models

from pmo.owned import ProgramOwned


class Warrant(ProgramOwned):
    """What was allowed (kind, number of the decision) on exactly which content (digest), from when."""

    class Kind(models.TextChoices):
        CAPITAL_REQUEST = "capital_request", "Capital request"
        BUDGET = "budget", "Budget"
        BASELINE = "baseline", "Baseline"
        CHANGE_REQUEST = "change_request", "Change request"
        WAIVER = "waiver", "Waiver"
        GATE = "gate", "Gate"
        QUESTION = "question", "Free question"
        RISK_ACCEPTANCE = "risk_acceptance", "Risk acceptance"

    kind = models.CharField(max_length=24, choices=Kind.choices)
    number = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    effective_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "kind", "number"], name="pmo_warrant_once"),
            models.UniqueConstraint(fields=["program", "id"], name="pmo_warrant_in_program"),
        ]

    def __str__(self) -> str:
        return self.number
