"""What a contract retains of each invoice, released in whole or in part by an act with a reason, and then paid.

What is retained was entered as cost with its invoice and is still owed: the books do not change by a release, only
what may be paid now.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import transaction

from finance.contracts import selectors
from finance.contracts.models import Contract, RetentionRelease
from finance.contracts.services import held
from finance.structure import periods
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import format_exact, round_half_even
from pmo.numbering import next_code
from pmo.refusals import Conflict, NotAllowed, Refused


def of_invoice(contract: Contract | None, amount_minor: int) -> int:
    """What is retained of an invoice of this amount (minor units, rounded half to even); nothing without a contract."""
    if contract is None:
        return 0
    return round_half_even(Decimal(amount_minor) * contract.retention_percent / 100)


def release(
    *, contract: Contract, version: int, amount_minor: int, reason: str, by: User, at: datetime
) -> RetentionRelease:
    """Let so much (minor units) of what is retained be paid, from the contract's condition day on.

    Not by who has a hand in the contract or entered an invoice under it. Raises Refused for more than is retained of
    invoices that are not held.
    """
    with transaction.atomic():
        found = held(contract, version, Permission.RELEASE_PAYMENT, in_project=False)
        if selectors.has_a_hand(found, by.pk):
            raise NotAllowed(
                "Who manages, drafted or activated a contract, or ordered under it, does not release what is retained."
            )
        invoices: Any = apps.get_model("finance", "Invoice")  # a name: procurement stands on contracts
        if invoices.objects.filter(order__contract=found, entered_by=by).exists():
            raise NotAllowed(
                "Who entered an invoice does not release what is retained of it: somebody else looks at it."
            )
        today = periods.local_day(found.program, at)
        if found.release_on is None:
            raise Refused(f"{found.code} retains nothing.")
        if today < found.release_on:
            raise Refused(f"What {found.code} retains is released from {found.release_on:%d %b %Y} on.")
        if not reason.strip():
            raise Refused("Say why it may be paid.", field="why")
        free = max(0, selectors.standing(found).releasable)
        if not 0 < amount_minor <= free:
            raise Refused(
                "More than nothing and at most what is retained of invoices that are not held: "
                f"{format_exact(free, found.currency)}.",
                field="amount_minor",
            )
        made = RetentionRelease(
            program=found.program,
            contract=found,
            code=next_code(RetentionRelease, found.program_id, "RR"),
            amount_minor=amount_minor,
            due_on=today + timedelta(days=found.vendor.payment_days),
            reason=reason.strip()[:400],
            released_by=by,
            released_at=at,
        )
        made.save(force_insert=True)
        found.version += 1
        found.save(update_fields=["version"])
        return made


def pay(
    *, release: RetentionRelease, version: int, paid_on: date, by: User, at: datetime
) -> RetentionRelease:
    """Note that what was released was paid: once. Not by who released it."""
    with transaction.atomic():
        found: RetentionRelease = (
            RetentionRelease.objects.select_for_update(no_key=True, of=("self",))
            .select_related("program")
            .get(pk=release.pk)
        )
        current_access().require(Permission.POST_ACTUALS, found.program_id)
        if found.version != version:
            raise Conflict("Somebody changed this after you opened it.", code="changed")
        if found.paid_on is not None:
            raise Conflict(f"{found.code} is paid already.")
        if found.released_by_id == by.pk:
            raise NotAllowed("Who released it does not note its payment: two persons let money go.")
        zone_day = periods.local_day(found.program, at)
        if not periods.local_day(found.program, found.released_at) <= paid_on <= zone_day:
            raise Refused("It was paid between its release and today.", field="paid_on")
        found.paid_on, found.paid_by = paid_on, by
        found.version += 1
        found.save()
        return found
