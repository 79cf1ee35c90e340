"""Costs of an imported plan entered behind the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from finance.imports import plan_costs
from pmo.accounts.models import User
from pmo.outbox.tasks import outbox_task
from programs.exchange.models import PlanImport


@outbox_task("import.costs", as_office=True)
def import_costs(*, program_id: int, payload: dict[str, Any], by: User | None, at: datetime) -> None:
    """The costs and budget lines that came with an accepted plan import."""
    plan_import = PlanImport.objects.select_related("program").get(pk=payload["plan_import"])
    plan_costs.enter(plan_import=plan_import, by=by, at=at)
