"""Earned value computed anew behind the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from finance.earned_value import services
from pmo.accounts.models import User
from pmo.outbox.tasks import outbox_task
from programs.portfolio.models import Program


@outbox_task("earned_value.refresh", as_office=True)
def refresh_earned_value(*, program_id: int, payload: dict[str, Any], by: User | None, at: datetime) -> None:
    """The plan, its progress or the ledger changed."""
    services.refresh(program=Program.objects.get(pk=program_id), by=by, at=at)
