"""Asking for earned value to be computed anew: an outbox row in the transaction of the change."""

from __future__ import annotations

from pmo.accounts.models import User
from pmo.outbox.services import enqueue
from programs.portfolio.models import Program

TOPIC = "earned_value.refresh"


def ask(program_id: int, *, by: User | None) -> None:
    """Write the intention; a program is computed once for each version of its plan and ledger."""
    plan, ledger = Program.objects.values_list("plan_version", "ledger_version").get(pk=program_id)
    enqueue(
        topic=TOPIC,
        key=f"{TOPIC}:{program_id}:{plan}:{ledger}",
        payload={},
        program_id=program_id,
        actor=None,
    )
