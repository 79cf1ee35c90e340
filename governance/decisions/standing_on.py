"""Decisions stand on the status date that their figures were read at. Registered when the app is ready."""

from __future__ import annotations

from django.db.models import Q

from governance.decisions.models import Decision
from programs.portfolio.models import Program
from programs.status.models import StatusUpdate
from programs.status.services import BUILT


def built(program: Program, update: StatusUpdate) -> list[str]:
    """Decisions opened for votes or taken since, in sentences. One query."""
    since = update.made_at
    bound = Decision.objects.filter(program_id=program.pk).filter(
        Q(opened_at__gte=since) | Q(decided_at__gte=since)
    )
    numbers = bound.order_by("number").values_list("number", flat=True)[:5]
    return [f"D-{number} is bound to figures of then." for number in numbers]


BUILT.append(built)
