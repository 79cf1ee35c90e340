"""Saying what the ERP's own total of a period is, as a whole or of one source."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from finance.imports.models import CostSource
from finance.reconciliation.models import ErpTotal
from finance.structure.models import FiscalPeriod
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.refusals import Conflict, Refused


def state_total(
    *,
    period: FiscalPeriod,
    amount_minor: int,
    version: int,
    by: User | None,
    at: datetime,
    note: str = "",
    source: CostSource | None = None,
) -> ErpTotal:
    """Enter or correct the ERP's total of a period, in minor units of the program's currency.

    Of one `source` of cost files, or of all together (None): either may be said without the other. `version` is the
    one the person saw, 0 where there was none. It may be said of a closed period too: the books do not change by it.
    Raises Conflict when somebody else said it meanwhile, Refused at the field.
    """
    current_access().require(Permission.POST_ACTUALS, period.program_id)
    words = note.strip()
    if source is not None and source.program_id != period.program_id:
        raise Refused("There is no such source in this program.", field="source")
    if abs(amount_minor) > LIMIT:
        raise Refused("A total is not larger than money can be.", field="amount")
    if len(words) > 200 or not words.isprintable():
        raise Refused("A note has at most 200 characters, on one line.", field="note")
    with transaction.atomic():
        if source is not None:
            _goes_on(source, period)
        total = ErpTotal.objects.select_for_update().filter(period=period, source=source).first()
        if version != (total.version if total else 0):
            raise Conflict(
                "Somebody else has just entered this total. Please look at it first.", code="changed"
            )
        if total is None:
            total = ErpTotal(program_id=period.program_id, period=period, source=source, version=0)
        total.amount_minor, total.note, total.entered_by, total.entered_at = amount_minor, words, by, at
        total.version += 1
        total.save()
        found: ErpTotal = total
        return found


def _goes_on(source: CostSource, period: FiscalPeriod) -> None:
    """Hold the source as it is now, so that it does not end meanwhile. Raises Refused where it ended before."""
    live: CostSource = CostSource.objects.select_for_update(of=("self",), no_key=True).get(pk=source.pk)
    if live.over_by(period.code):
        raise Refused(
            f"{live.name} ended with {live.last_period}: it has no total of later periods. "
            "Open the source again first.",
            field="source",
        )
