"""The rows under a figure: postings at the chosen places, and the lines of cost, each page by key."""

from __future__ import annotations

from typing import Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from finance.ledger import page_keys, sources, vendor_sources
from finance.ledger.choice import Choice
from finance.ledger.models import ActualLine, Journal, Kind, Posting
from finance.ledger.selectors import accounts_of, balances, periods_of, recorded_by
from pmo.clocks import AsOf

PER_PAGE: Final = 100
BUDGET: Final = "budget"
"""Stands for the accounts that a budget is in once it was granted; of grants, transfers and what took those back."""
ACCOUNTS: Final = [(BUDGET, "Budget"), *((kind.value, str(kind.label)) for kind in Kind)]
GRANTED: Final = Q(kind__in=[Journal.Kind.GRANT, Journal.Kind.TRANSFER]) | Q(
    kind=Journal.Kind.REVERSAL, reverses__kind=Journal.Kind.TRANSFER
)
FEW: Final = [Journal.Kind.GRANT, Journal.Kind.TRANSFER, Journal.Kind.REVERSAL]
"""These have an index of their own: they are few among all journals."""
MOST_EXPORTED: Final = 100_000
"""Rows that a page writes to a file itself; longer ones are a worker's."""
ABOVE_ALL: Final = 2**63 - 1
NO_VENDOR: Final = "-"
"""Stands in an address for costs that name no vendor."""


def entries(program_id: int, choice: Choice, account: str, when: AsOf | None) -> QuerySet[Posting]:
    """Postings in accounts of a kind (or `BUDGET`, or "" for all) at the chosen places, newest first."""
    rows = Posting.objects.filter(recorded_by(when, "journal__"), program_id=program_id)
    held = accounts_of(program_id, choice)
    if account == BUDGET:
        moved = Journal.objects.filter(GRANTED, program_id=program_id, kind__in=FEW)
        rows, held = rows.filter(journal__in=moved), held.exclude(kind=Kind.FUNDING)
    elif account:
        held = held.filter(kind=account)
    if (
        account or choice.project_id or choice.own or choice.category or choice.nature
    ):  # by the accounts' keys: where there is none, that is told at once
        rows = rows.filter(account__in=list(held.values_list("pk", flat=True)))
    if not (choice.first or choice.last):
        return rows.order_by("-pk")
    return rows.filter(period__in=periods_of(program_id, choice)).order_by("-pk")


def amount_of(program_id: int, choice: Choice, account: str, when: AsOf | None) -> int:
    """What all these entries add up to, minor units: from the kept sums, now and then. One statement."""
    if when is not None and not when.is_now:
        held = sources.by_kind(sources.THEN, choice, sources.values(program_id, when, choice))
    else:
        held = balances(program_id, choice, when)
    if account == BUDGET:
        return sum(amount for kind, amount in held.items() if kind != Kind.FUNDING)
    return held.get(account, 0) if account else sum(held.values())


def cost_lines(
    program_id: int, choice: Choice, vendor: str | None, when: AsOf | None
) -> QuerySet[ActualLine]:
    """Costs one by one at the chosen places (of one vendor; "" names none), newest first.

    A line counts when its journal does; one of a group that adds up to nothing has no journal and counts by itself.
    """
    rows = ActualLine.objects.filter(program_id=program_id)
    wanted = {
        "project_id": choice.project_id,
        "category": choice.category,
        "nature": choice.nature,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if choice.first or choice.last:
        rows = rows.filter(period_id__in=periods_of(program_id, choice))
    if choice.own:
        rows = rows.none()  # every line has a project
    if vendor is not None:
        rows = rows.filter(vendor=vendor)
    if when is not None and not when.is_now:
        rows = rows.annotate(
            known_at=Coalesce("journal__recorded_at", "recorded_at"),
            counts_on=Coalesce("journal__effective", Greatest("effective", "period__starts_on")),
        ).filter(known_at__lte=when.known, counts_on__lte=when.day)
    return rows.order_by("-pk")


def cost_of(program_id: int, choice: Choice, vendor: str | None, when: AsOf | None) -> int:
    """What these costs add up to, minor units: from the kept sums, now and then. Two statements at most."""
    now = when is None or when.is_now
    source = vendor_sources.by_vendor(choice, cuts=frozenset(), now=now)
    values = sources.values(program_id, when, choice, vendor) | vendor_sources.values(
        program_id, when, choice
    )
    return sources.by_kind(source, choice, values, vendor=vendor is not None).get(Kind.SPENT, 0)


def entry_keys(
    program_id: int, choice: Choice, account: str, when: AsOf | None, before: int, limit: int
) -> list[int]:
    """Keys of the same entries below `before`, newest first; those of a budget are few and asked of their journals."""
    if account != BUDGET:
        return page_keys.of_entries(program_id, choice, account, when, before, limit)
    rows = entries(program_id, choice, account, when).filter(pk__lt=before)
    return list(rows.values_list("pk", flat=True)[:limit])


def mark(text: str) -> int:
    """The key that an address goes on below; above all keys where it names none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else ABOVE_ALL
