"""Promises: money set aside, committed, released. Refused with the figure when an account holds too little.

Money of a capital request is bound to it: what others may take from the same accounts is what is left beside it.
The database checks the same at commit (migration 0011). Amounts are whole minor units.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from finance.ledger import books
from finance.ledger.books import Entry, Leg
from finance.ledger.models import BELOW_ZERO, Kind
from finance.structure import periods
from finance.structure.models import Category, Nature
from pmo.accounts.models import User
from pmo.money import format_exact
from pmo.refusals import Refused
from pmo.warrants import Warrant
from programs.portfolio.models import Program

BOUND = (Kind.RESERVE, Kind.COMMITTED, Kind.ACCRUED, Kind.SPENT)
"""The kinds of account in which money belongs to one capital request or to none."""


def promise(
    *,
    program: Program,
    kind: str,
    legs: Sequence[Leg],
    source: tuple[str, str],
    text: str,
    by: User | None,
    at: datetime,
    warrant: Warrant | None = None,
    request_id: int | None = None,
) -> uuid.UUID:
    """Enter one journal of the program's day of `at`, if every account that gives has enough.

    `request_id`: the capital request whose money moves; how much of it that request has, the database checks.
    The caller has asked who may. Raises Refused with the figure that is missing.
    """
    need(program, legs, request_id=request_id)
    today = periods.local_day(program, at)
    entry = Entry(
        kind=kind,
        legs=legs,
        period_id=periods.period_of(program, today).pk,
        effective=today,
        text=text,
        source_kind=source[0],
        source_id=source[1],
        warrant_id=warrant.pk if warrant else None,
        request_id=request_id,
    )
    return books.enter(program, [entry])[0]


def positive(amount: int) -> None:
    """Refuse an amount of nothing or less."""
    if amount <= 0:
        raise Refused("The amount must be above zero.", field="amount")


def need(program: Program, legs: Sequence[Leg], *, request_id: int | None = None) -> None:
    """Lock every account of the legs, in one order, and refuse with the figure when one holds too little."""
    for leg in legs:
        if leg.amount == 0:
            raise Refused("The amount must be above zero.", field="amount")
    ids = books.accounts(program, ((*leg.place, leg.kind) for leg in legs))
    held = books.locked_balances(ids.values())
    bound = {} if request_id else books.of_requests(pk for key, pk in ids.items() if key[3] in BOUND)
    for leg in legs:
        pk = ids[(*leg.place, leg.kind)]
        have = held.get(pk, 0) - bound.get(pk, 0)
        if leg.amount < 0 and have + leg.amount < 0 and leg.kind not in BELOW_ZERO:
            raise Refused(
                f"Only {format_exact(have, program.currency)} of {Category(leg.place.category).label.lower()} "
                f"({Nature(leg.place.nature).label.lower()}) is {Kind(leg.kind).label.lower()}; "
                f"{format_exact(-leg.amount, program.currency)} is needed.",
                field="amount",
                code="not-enough-money",
            )
