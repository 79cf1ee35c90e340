"""Costs of an imported plan, and larger files of cost, behind the outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from finance.imports import large, plan_costs
from finance.imports.models import ActualBatch
from pmo.accounts.models import User
from pmo.outbox.models import Outbox
from pmo.outbox.progress import Cancelled, shown
from pmo.outbox.tasks import Work, outbox_task
from programs.exchange.models import PlanImport

State = ActualBatch.State


@outbox_task("import.costs", as_office=True)
def import_costs(*, program_id: int, payload: dict[str, Any], by: User | None, at: datetime) -> None:
    """The costs and budget lines that came with an accepted plan import."""
    plan_import = PlanImport.objects.select_related("program").get(pk=payload["plan_import"])
    plan_costs.enter(plan_import=plan_import, by=by, at=at)


def _not_read(
    *, program_id: int, payload: dict[str, Any], reason: str, by: User | None, at: datetime
) -> None:
    large.not_read(batch_id=payload["batch"], reason=reason, by=by, at=at)


def _not_entered(
    *, program_id: int, payload: dict[str, Any], reason: str, by: User | None, at: datetime
) -> None:
    large.not_entered(batch_id=payload["batch"], reason=reason, by=by, at=at)


@outbox_task(large.READ_TOPIC, staged=True, failed=_not_read)
def read_costs(work: Work) -> None:
    """Read a file of cost that was kept, on trial."""
    _carry_out(work, State.WAITING, large.read_kept)


@outbox_task(large.ENTER_TOPIC, staged=True, failed=_not_entered)
def enter_costs(work: Work) -> None:
    """Enter a file of cost that somebody accepted."""
    _carry_out(work, State.ENTERING, large.enter_kept)


def _carry_out(work: Work, state: str, service: Callable[..., Any]) -> None:
    """The work in one transaction with its end, its progress beside it; nothing where it is not wanted any more."""
    with work.scope("a file of cost"):
        batch = (
            ActualBatch.objects.select_related("program", "cost_source")
            .filter(pk=work.payload["batch"], state=state)
            .first()
        )
    if batch is not None:
        try:
            with shown(work, ActualBatch._meta.db_table, batch.pk, state) as say:
                work.finish(service, batch=batch, say=say)
            return
        except Cancelled:
            pass
    work.settle(Outbox.State.SENT)
