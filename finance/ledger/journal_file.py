"""The register of journals as a file: every posting of the journals chosen, by a page or, beyond that, by a worker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db.models import Sum

from finance.ledger import selectors
from finance.ledger.models import Journal
from finance.ledger.registers import AT_ONCE, in_words, read_asked
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.reports import registers
from pmo.reports.models import ReportRun

JOURNALS: Final = "ledger-journals"
MOST_EXPORTED: Final = 20_000
"""Journals that a page writes to a file itself; more are a worker's."""
HEADS: Final = (
    "journal", "kind", "effective", "period", "project", "category", "nature", "account", "amount", "currency",
    "text", "decision", "entered_by", "recorded_at",
)  # fmt: skip
MONEY: Final = HEADS.index("amount")


def cells(journals: Iterable[Journal]) -> Iterator[list[Any]]:
    """Every posting of these journals, its amount in minor units."""
    for journal in journals:
        for posting in journal.postings.all():
            account = posting.account
            yield [
                str(journal.pk), journal.kind, journal.effective, journal.period.code,
                account.project.code if account.project else "", account.category, account.nature, account.kind,
                posting.amount, posting.currency, journal.text, journal.warrant.number if journal.warrant else "",
                journal.actor.name if journal.actor else "", journal.recorded_at,
            ]  # fmt: skip


def told(kind: str, period: str) -> list[tuple[str, str]]:
    """What is asked of journals besides the places, as a person reads it."""
    words = [("Journals", str(Journal.Kind(kind).label))] if kind else []
    return [*words, ("Period", formats.period(period))] if period else words


def read(run: ReportRun) -> registers.Listing:
    """Journals, newest first, as the page lists them: whole ones, so that they add up to nothing."""
    program, choice, when = read_asked(run)
    kind, period = run.asked["of"], run.asked["period"]

    def rows() -> Iterator[list[Any]]:
        before = ""
        while True:
            found = selectors.journals(
                program.pk, choice, kind=kind, period=period, before=before, when=when, limit=AT_ONCE
            )
            yield from cells(found.journals)
            before = found.older
            if not before:
                return

    wanted = selectors.journals_of(program.pk, choice, kind=kind, period=period, when=when)
    return registers.Listing(
        title="Journals",
        name=run.kind,
        heads=HEADS,
        count=wanted.aggregate(legs=Sum("legs"))["legs"] or 0,
        rows=rows(),
        money=MONEY,
        total=0,
        currency=program.currency,
        filters=[*told(kind, period), *in_words(choice)],
        inputs_version=f"ledger {program.ledger_version}",
    )


registers.register(kind=JOURNALS, title="Journals", read=read, permission=Permission.VIEW_MONEY)
