"""Everything that can happen to reports: ask for one, cancel it, subscribe to one, and what the clock does with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.outbox.services import enqueue
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.reports import registers, registry, selectors
from pmo.reports.models import ReportRun, Subscription
from pmo.reports.recurrence import next_for

TOPIC = "report.build"


def request(
    *,
    program: Any,
    kind: str,
    by: User | None,
    at: datetime,
    as_of: datetime | None = None,
    known: datetime | None = None,
    about: str = "",
) -> ReportRun:
    """Ask for a report; a worker builds it. Both clocks are aware; without them, now. Raises NotAllowed, Refused.

    `about` names what the kind is about besides the program (at most 60 letters), in the kind's own words.
    """
    found = registry.get(kind)
    access = current_access()
    if not access.may_somewhere(Permission.BUILD_REPORTS, program.pk):
        access.require(Permission.BUILD_REPORTS, program.pk)
    if not access.may_somewhere(found.permission, program.pk):
        access.require(found.permission, program.pk)
    if known is not None and known > at:
        raise Refused("Nobody knows yet what will be known later than now.", field="known")
    run: ReportRun = ReportRun.objects.create(
        program_id=program.pk,
        kind=kind,
        about=about,
        as_of=as_of or at,
        known=known or at,
        requested_by=by,
        requested_at=at,
    )
    start(run, actor=by)
    return run


def request_file(
    *, program: Any, kind: str, asked: dict[str, Any], wants_mail: bool, by: User, at: datetime,
    as_of: datetime | None = None, known: datetime | None = None,
) -> ReportRun:  # fmt: skip
    """Have a worker write a whole register to a file (`asked`: its filters, `format`, `page`), for `by` alone.

    Raises NotAllowed, and Refused for a format that is none or while as many as anyone may wait for are waiting.
    """
    found = registers.get(kind)
    if found is None:
        raise Refused("There is no such register.", field="register", code="unknown-report")
    current_access().require(found.permission, program.pk)
    if asked.get("format") not in ("csv", "xlsx"):
        raise Refused("A register is written as csv or xlsx.", field="format")
    if known is not None and known > at:
        raise Refused("Nobody knows yet what will be known later than now.", field="known")
    with connection.cursor() as cursor:  # two clicks at once are counted one after the other
        cursor.execute("select pg_advisory_xact_lock(hashtext('register'), %s::int)", [by.pk % 2**31])
    names = [one.kind for one in registers.kinds()]
    mine = ReportRun.objects.filter(program_id=program.pk, kind__in=names, requested_by=by)
    if mine.filter(state__in=selectors.ACTIVE).count() >= registers.MOST_WAITING:
        raise Refused(
            f"You are waiting for {registers.MOST_WAITING} files already: take one, or stop one under Reports."
        )
    run: ReportRun = ReportRun.objects.create(
        program_id=program.pk,
        kind=kind,
        asked=asked,
        wants_mail=wants_mail,
        as_of=as_of or at,
        known=known or at,
        requested_by=by,
        requested_at=at,
    )
    start(run, actor=by)
    return run


def start(run: ReportRun, *, actor: User | None) -> None:
    """Write the intention to build this run into the running transaction."""
    enqueue(
        topic=TOPIC,
        key=f"report:{run.pk}",
        payload={"run": run.pk},
        program_id=run.program_id,
        actor=actor,
    )


def cancel(*, run: ReportRun, by: User, at: datetime) -> ReportRun:
    """Stop a run that is not over: a worker in the middle of it notices at its next step.

    Raises NotAllowed, and Conflict when it is over.
    """
    if not selectors.may_cancel(current_access(), run) and run.state in selectors.ACTIVE:
        raise NotAllowed("Only who asked for this report, or who builds reports here, can cancel it.")
    changed = ReportRun.objects.filter(pk=run.pk, state__in=selectors.ACTIVE).update(
        state=ReportRun.State.CANCELLED, finished_at=at, step="Cancelled"
    )
    if not changed:
        raise Conflict("This report is already over: there is nothing left to cancel.")
    run.refresh_from_db()
    return run


def subscribe(*, program: Any, kind: str, by: User, at: datetime, **rule: Any) -> Subscription:
    """Send me this report at these times. `rule`: every, weekday, monthday, at_time, time_zone.

    Subscribing again to a kind that was stopped starts it again with the new rule.
    """
    _may_subscribe(kind, program.pk)
    found = (
        Subscription.objects.select_for_update()
        .filter(program_id=program.pk, recipient=by, kind=kind)
        .first()
    )
    if found is not None and found.active:
        raise Refused("You already receive this report. Change that subscription instead.", field="kind")
    subscription = found or Subscription(program_id=program.pk, recipient=by, kind=kind)
    if found is not None:
        subscription.version = found.version + 1
    return _save(subscription, rule, at)


def change_subscription(
    *, subscription: Subscription, version: int, by: User, at: datetime, **rule: Any
) -> Subscription:
    """Another time, day or zone. Raises Conflict if it was changed since `version` was shown."""
    _own(subscription, by)
    _may_subscribe(subscription.kind, subscription.program_id)
    _claim(subscription, version)
    return _save(subscription, rule, at)


def stop_subscription(*, subscription: Subscription, by: User, at: datetime) -> Subscription:
    """Send it no more; stopping twice is stopping."""
    _own(subscription, by)
    Subscription.objects.filter(pk=subscription.pk).update(active=False, version=F("version") + 1)
    subscription.refresh_from_db()
    return subscription


def _own(subscription: Subscription, by: User) -> None:
    if subscription.recipient_id != by.pk:
        raise NotAllowed("This is somebody else's subscription.")


def _may_subscribe(kind: str, program_id: int) -> None:
    access, found = current_access(), registry.get(kind)
    for permission in (Permission.SUBSCRIBE, found.permission):
        if not access.may_somewhere(permission, program_id):
            access.require(permission, program_id)


def _claim(subscription: Subscription, version: int) -> None:
    changed = Subscription.objects.filter(pk=subscription.pk, version=version).update(
        version=F("version") + 1
    )
    if not changed:
        raise Conflict("This subscription was changed meanwhile. Please look at it again.")
    subscription.version = version + 1


def _save(subscription: Subscription, rule: dict[str, Any], at: datetime) -> Subscription:
    for name in ("every", "weekday", "monthday", "at_time", "time_zone"):
        if name in rule:
            setattr(subscription, name, rule[name])
    subscription.active = True
    subscription.next_run_at = next_for(subscription, at)
    subscription.save()
    return subscription
