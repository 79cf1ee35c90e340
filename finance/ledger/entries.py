"""The rows under a figure: postings at the chosen places, and the lines of cost, each page by key."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest

from finance.ledger.choice import Choice
from finance.ledger.models import ActualLine, Journal, Kind, Posting
from finance.ledger.selectors import balances, postings_of, recorded_by
from finance.ledger.sums import OfVendor, VendorCell, VendorPlace
from finance.structure.models import FiscalPeriod
from pmo.clocks import AsOf

PER_PAGE: Final = 100
BUDGET: Final = "budget"
"""Stands for the accounts that a budget is in once it was granted; of grants, transfers and what took those back."""
ACCOUNTS: Final = [(BUDGET, "Budget"), *((kind.value, str(kind.label)) for kind in Kind)]
GRANTED: Final = Q(journal__kind__in=[Journal.Kind.GRANT, Journal.Kind.TRANSFER]) | Q(
    journal__kind=Journal.Kind.REVERSAL, journal__reverses__kind=Journal.Kind.TRANSFER
)


def entries(program_id: int, choice: Choice, account: str, when: AsOf | None) -> QuerySet[Posting]:
    """Postings in accounts of a kind (or `BUDGET`, or "" for all) at the chosen places, newest first."""
    rows = postings_of(program_id, choice).filter(recorded_by(when, "journal__"))
    if account == BUDGET:
        rows = rows.filter(GRANTED).exclude(account__kind=Kind.FUNDING)
    elif account:
        rows = rows.filter(account__kind=account)
    return rows.order_by("-pk")


def amount_of(program_id: int, choice: Choice, account: str, when: AsOf | None) -> int:
    """What all these entries add up to, minor units: from the kept sums where they are, else from the postings."""
    if when is not None and not when.is_now:
        found = entries(program_id, choice, account, when).order_by().aggregate(sum=Sum("amount"))["sum"]
        return int(found or 0)
    held = balances(program_id, choice, when)
    if account == BUDGET:
        return sum(amount for kind, amount in held.items() if kind != Kind.FUNDING)
    return held[account] if account else sum(held.values())


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
    if choice.first or choice.last:  # by the periods' ids, so that the index on them is used
        months = FiscalPeriod.objects.filter(program_id=program_id)
        months = months.filter(code__gte=choice.first) if choice.first else months
        months = months.filter(code__lte=choice.last) if choice.last else months
        rows = rows.filter(period_id__in=list(months.values_list("pk", flat=True)))
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
    """What these costs add up to, minor units: from the kept sums where they tell it, else from the lines."""
    if (when is not None and not when.is_now) or choice.own:
        lines = cost_lines(program_id, choice, vendor, when).order_by()
        return int(lines.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
    wanted = {
        "project_id": choice.project_id,
        "category": choice.category or None,
        "nature": choice.nature or None,
        "vendor": vendor,
        "period__code__gte": choice.first or None,
        "period__code__lte": choice.last or None,
    }
    kept: type[OfVendor] = VendorCell if choice.first or choice.last else VendorPlace
    rows = kept.objects.filter(
        program_id=program_id, **{name: value for name, value in wanted.items() if value is not None}
    )
    return int(rows.aggregate(sum=Sum("amount"))["sum"] or 0)


def older(rows: QuerySet[Any], before: str) -> QuerySet[Any]:
    """The rows after a page's last one, by its key; a key that is none is taken as the beginning."""
    return (
        rows.filter(pk__lt=int(before))
        if before.isascii() and before.isdigit() and len(before) < 18
        else rows
    )
