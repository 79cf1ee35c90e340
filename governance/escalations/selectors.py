"""Reads of escalations."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from governance.bodies.models import Seat
from governance.escalations.models import Escalation, EscalationMove, LadderStep


def escalations(program_id: int) -> QuerySet[Escalation]:
    """Escalations with what a list shows of them."""
    return Escalation.objects.filter(program_id=program_id).select_related(
        "body", "raised_by", "risk", "change_request", "issue"
    )


def ladder(program_id: int) -> list[LadderStep]:
    """The rungs, the first one first."""
    return list(LadderStep.objects.filter(program_id=program_id).select_related("body"))


def moves(escalation: Escalation) -> list[EscalationMove]:
    """Where it went and why, in order."""
    rows = EscalationMove.objects.filter(escalation=escalation).select_related("from_body", "to_body", "by")
    return list(rows.order_by("pk"))


def speaks_for(escalation: Escalation, user: Any, on: date) -> bool:
    """Does this person hold a vote in the asked body on that day?"""
    seats = Seat.objects.filter(body_id=escalation.body_id, person=user, voting=True, term__contains=on)
    return seats.exists()
