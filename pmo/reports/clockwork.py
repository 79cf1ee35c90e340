"""Due subscriptions: each slot one occurrence, never skipped, never doubled, whatever the clock's process did.

After an outage the slots that were missed are all recorded, but only the latest of each subscription is built and
sent: nobody wants thirty reports on the morning the server is back.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from pmo.accounts.models import User
from pmo.outbox.mails import may_receive
from pmo.outbox.services import enqueue
from pmo.reports import registry
from pmo.reports.models import Occurrence, ReportRun, Subscription
from pmo.reports.recurrence import next_for

log = logging.getLogger(__name__)
MOST_SLOTS = 400


def serve_due(*, program_id: int, by: User | None, at: datetime) -> int:
    """Turn this program's due subscriptions into occurrences and runs; returns the number of runs begun.

    Recipients of the same kind at the same instant share one run. Two clocks at once are harmless: a row that one of
    them works on is locked, and its next time moves on in the same transaction.
    """
    runs: dict[tuple[str, datetime], ReportRun] = {}
    due = (
        Subscription.objects.select_for_update(skip_locked=True)
        .filter(program_id=program_id, active=True, next_run_at__lte=at)
        .order_by("pk")
    )
    for subscription in due:
        slots, following = _slots(subscription, at)
        if not _still_wanted(subscription, at):
            subscription.active = False
            subscription.save(update_fields=["active"])
            log.info("a subscription ended with its recipient's role", extra={"program_id": program_id})
            continue
        for slot in slots:
            if Occurrence.objects.filter(subscription=subscription, due_at=slot).exists():
                continue
            run = _run(runs, subscription, slot, at) if slot == slots[-1] else None
            Occurrence.objects.create(program_id=program_id, subscription=subscription, due_at=slot, run=run)
        subscription.next_run_at = following
        subscription.save(update_fields=["next_run_at"])
    return len(runs)


def _slots(subscription: Subscription, at: datetime) -> tuple[list[datetime], datetime]:
    """The slots that have come, oldest first, and the first that has not."""
    slots = [subscription.next_run_at]
    following = next_for(subscription, slots[-1])
    while following <= at:
        slots.append(following)
        following = next_for(subscription, following)
    return slots[-MOST_SLOTS:], following


def _still_wanted(subscription: Subscription, at: datetime) -> bool:
    known = {kind.kind: kind for kind in registry.kinds()}.get(subscription.kind)
    return known is not None and may_receive(
        user_id=subscription.recipient_id,
        program_id=subscription.program_id,
        permission=known.permission,
        on=at.astimezone(UTC).date(),
    )


def _run(
    runs: dict[tuple[str, datetime], ReportRun], subscription: Subscription, slot: datetime, at: datetime
) -> ReportRun:
    key = (subscription.kind, slot)
    if key not in runs:
        run = ReportRun.objects.create(
            program_id=subscription.program_id,
            kind=subscription.kind,
            as_of=slot,
            known=at,
            requested_by=None,
            requested_at=at,
        )
        enqueue(
            topic="report.build",
            key=f"report:{run.pk}",
            payload={"run": run.pk},
            program_id=subscription.program_id,
        )
        runs[key] = run
    return runs[key]
