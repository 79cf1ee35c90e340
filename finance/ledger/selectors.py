"""Reading the books: balances, journals page by page, the lines under a journal."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from finance.ledger.choice import ALL, Choice
from finance.ledger.models import Account, ActualLine, Journal, Kind, Posting
from finance.ledger.sums import LedgerCell
from finance.structure.models import FiscalPeriod
from pmo.clocks import AsOf
from pmo.money import format_exact

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Journals, newest first, with their postings; `older` is the key of the next page or ""."""

    journals: list[Journal]
    older: str


def postings_of(program_id: int, choice: Choice) -> QuerySet[Posting]:
    """The postings at the chosen places."""
    rows = Posting.objects.filter(program_id=program_id)
    if choice.project_id is not None:
        rows = rows.filter(account__project_id=choice.project_id)
    if choice.category:
        rows = rows.filter(account__category=choice.category)
    if choice.nature:
        rows = rows.filter(account__nature=choice.nature)
    if choice.own:
        rows = rows.filter(account__project=None)
    if choice.first or choice.last:
        rows = rows.filter(journal__period__in=periods_of(program_id, choice))
    return rows


def accounts_of(program_id: int, choice: Choice) -> QuerySet[Account]:
    """The accounts at the chosen places, of any kind."""
    rows = Account.objects.filter(program_id=program_id)
    if choice.own:
        rows = rows.filter(project=None)
    wanted = {"project_id": choice.project_id, "category": choice.category, "nature": choice.nature}
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def periods_of(program_id: int, choice: Choice) -> list[int]:
    """The keys of the chosen periods: given as such, the index on them is used. One query."""
    months = FiscalPeriod.objects.filter(program_id=program_id)
    months = months.filter(code__gte=choice.first) if choice.first else months
    months = months.filter(code__lte=choice.last) if choice.last else months
    return list(months.values_list("pk", flat=True))


def recorded_by(when: AsOf | None, journal: str = "") -> Q:
    """What counts at a moment (`journal__` leads to the journal): a grant from its recording, the rest from its day."""
    if when is None or when.is_now:
        return Q()
    grant = Q(**{f"{journal}kind": Journal.Kind.GRANT})
    return Q(**{f"{journal}recorded_at__lte": when.known}) & (
        (grant & Q(**{f"{journal}recorded_at__lte": when.at}))
        | (~grant & Q(**{f"{journal}effective__lte": when.day}))
    )


def journals_of(
    program_id: int, choice: Choice, *, kind: str = "", period: str = "", when: AsOf | None = None
) -> QuerySet[Journal]:
    """The journals of a kind and period ("": any) with a posting at the chosen places, in no order."""
    rows = Journal.objects.filter(program_id=program_id)
    if choice != ALL:
        rows = rows.filter(Exists(postings_of(program_id, choice).filter(journal_id=OuterRef("pk"))))
    if kind:
        rows = rows.filter(kind=kind)
    if period:
        rows = rows.filter(period__code=period)
    return rows.filter(recorded_by(when))


def journals(
    program_id: int,
    choice: Choice,
    *,
    kind: str = "",
    period: str = "",
    before: str = "",
    when: AsOf | None = None,
    limit: int = PER_PAGE,
) -> JournalPage:
    """A page of journals by key (never by offset): three queries, whatever their number.

    `before` is the `older` of the page before. Keys that are not ours are taken as none.
    """
    rows = journals_of(program_id, choice, kind=kind, period=period, when=when)
    mark = _read_key(before)
    if mark is not None:
        rows = rows.filter(
            Q(recorded_at__lt=mark[0]) | Q(recorded_at=mark[0], pk__lt=mark[1]), recorded_at__lte=mark[0]
        )
    page = list(
        rows.select_related("period", "actor", "warrant")
        .prefetch_related("postings__account__project")
        .order_by("-recorded_at", "-pk")[: limit + 1]
    )
    older = f"{page[limit - 1].recorded_at.isoformat()}~{page[limit - 1].pk}" if len(page) > limit else ""
    return JournalPage(page[:limit], older)


def _read_key(text: str) -> tuple[datetime, uuid.UUID] | None:
    instant, _, pk = text.partition("~")
    try:
        return datetime.fromisoformat(instant.replace(" ", "+")), uuid.UUID(pk)
    except ValueError:
        return None


def balances(program_id: int, choice: Choice, when: AsOf | None = None) -> dict[str, int]:
    """What stands in each kind of account at the chosen places, in minor units."""
    if when is None or when.is_now:
        kept, amount = (LedgerCell, "amount") if choice.first or choice.last else (Account, "balance")
        wanted = {
            "project_id": choice.project_id,
            "category": choice.category,
            "nature": choice.nature,
            "period__code__gte": choice.first,
            "period__code__lte": choice.last,
        }
        rows: QuerySet[Any] = kept.objects.filter(program_id=program_id)
        rows = rows.filter(**{name: value for name, value in wanted.items() if value})
        rows = rows.filter(project=None) if choice.own else rows
        found = dict(rows.values_list("kind").annotate(total=Sum(amount)).order_by())
    else:
        then = postings_of(program_id, choice).filter(recorded_by(when, "journal__"))
        found = dict(then.values_list("account__kind").annotate(total=Sum("amount")).order_by())
    return {kind: int(found.get(kind, 0)) for kind in Kind.values}


def lines_of(journal: Journal, *, after: int = 0, limit: int = 100) -> list[ActualLine]:
    """The costs that a journal sums, by key."""
    return list(
        ActualLine.objects.filter(journal=journal, pk__gt=after)
        .select_related("project", "activity")
        .order_by("pk")[:limit]
    )


def legs(postings: Iterable[Posting]) -> list[dict[str, Any]]:
    """Postings in the order in which people read them: out of (below zero) first."""
    return [
        {
            "project": posting.account.project.code if posting.account.project else "Program",
            "category": posting.account.get_category_display(),
            "nature": posting.account.get_nature_display(),
            "kind": posting.account.get_kind_display(),
            "amount": posting.amount,
        }
        for posting in sorted(postings, key=lambda one: one.amount)
    ]


def source_of(line: ActualLine) -> str:
    """What a cost was in its source's own currency, and at which rate; empty where that was the program's."""
    if line.source_minor is None or line.rate is None:
        return ""
    return f"{format_exact(line.source_minor, line.source_currency)} at {line.rate.normalize():f}"


def late_costs(program_id: int) -> tuple[dict[int, int], dict[str, int]]:
    """Late costs by the id of the period that they were entered in, and by the code of the one they belong to.

    Minor units. Reversed ones stay counted here: they were entered, and taken back by a journal of its own.
    """
    entered: dict[int, int] = {}
    belong: dict[str, int] = {}
    rows = (
        Posting.objects.filter(journal__program_id=program_id, account__kind=Kind.SPENT)
        .exclude(journal__adjusts="")
        .values_list("journal__period_id", "journal__adjusts")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    for period, code, amount in rows:
        entered[period] = entered.get(period, 0) + int(amount)
        belong[code] = belong.get(code, 0) + int(amount)
    return entered, belong
