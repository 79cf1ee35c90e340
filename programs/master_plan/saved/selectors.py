"""Which saved views somebody sees: her own, and those that others share."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from programs.master_plan.models import PlanView
from programs.portfolio.models import Program


def saved_views(program: Program, user: Any) -> list[PlanView]:
    """Shared views and one's own, by name. One query."""
    rows = PlanView.objects.filter(program_id=program.pk).filter(Q(owner=user) | Q(shared=True))
    return list(rows.select_related("owner").order_by("name", "pk")[:200])
