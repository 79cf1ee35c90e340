"""The registers of entries and cost lines as files: what their columns are, and how a worker reads all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.models import QuerySet

from finance.ledger import entries
from finance.ledger.choice import Choice, Filters
from finance.structure.models import Category, Nature
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import AsOf
from pmo.money import to_decimal
from pmo.reports import registers
from pmo.reports.models import ReportRun
from pmo.zones import zone
from programs.portfolio.models import Program, Project

ENTRY: Final = (
    "pk", "journal_id", "journal__kind", "journal__text", "journal__effective", "journal__period__code",
    "account__project__code", "account__category", "account__nature", "account__kind", "amount",
    "journal__actor__name", "journal__warrant__number", "journal__recorded_at",
)  # fmt: skip
ENTRY_FILE: Final = (
    "id", "journal", "kind", "text", "effective", "period", "project", "category", "nature", "account", "amount",
    "entered_by", "decision", "recorded_at", "currency",
)  # fmt: skip
LINE: Final = (
    "pk", "journal_id", "source_reference", "effective", "period__code", "project__code", "activity__code",
    "category", "nature", "vendor", "text", "amount_minor", "recorded_at",
)  # fmt: skip
LINE_FILE: Final = (
    "id", "journal", "source_reference", "effective", "period", "project", "activity", "category", "nature", "vendor",
    "text", "amount", "recorded_at", "currency",
)  # fmt: skip
AT_ONCE: Final = 2_000
ENTRIES: Final = "ledger-entries"
LINES: Final = "cost-lines"
WORDS: Final = {
    "project": "Project",
    "category": "Category",
    "nature": "Nature",
    "first": "From",
    "last": "To",
}


def cells(row: Sequence[Any], currency: str) -> list[Any]:
    """A row as a file has it, its amount still in minor units."""
    return [*(str(value) if at == 1 and value else value for at, value in enumerate(row)), currency]


def in_major_units(
    rows: QuerySet[Any], names: Sequence[str], money: str, currency: str
) -> Iterator[list[Any]]:
    """The rows of a file that a page writes itself."""
    place = names.index(money)
    for row in rows.values_list(*names).iterator(chunk_size=AT_ONCE):
        made = cells(row, currency)
        made[place] = to_decimal(row[place], currency)
        yield made


def asked(filters: Filters, when: AsOf, *, of: str, period: str = "") -> dict[str, Any]:
    """What a run keeps of the question: `of` is an account's kind, a journal's, or a vendor as the address names it.

    `period` is the one that journals are listed of ("": all).
    """
    choice = filters.choice
    return {
        "of": of,
        "period": period,
        "now": when.is_now,
        "project_id": choice.project_id,
        "own": choice.own,
        "category": choice.category,
        "nature": choice.nature,
        "first": choice.first,
        "last": choice.last,
    }


def read_entries(run: ReportRun) -> registers.Listing:
    """Postings, newest first, as the page of the same address lists them."""
    program, choice, when = read_asked(run)
    account = run.asked["of"]
    rows = entries.entries(program.pk, choice, account, when)
    told = of_account(account)
    total = entries.amount_of(program.pk, choice, account, when)
    return _listing(run, program, choice, rows, ENTRY, ENTRY_FILE, "amount", total, "Entries", told)


def read_lines(run: ReportRun) -> registers.Listing:
    """Costs one by one, newest first."""
    program, choice, when = read_asked(run)
    of = run.asked["of"]
    vendor = None if not of else "" if of == entries.NO_VENDOR else of
    rows = entries.cost_lines(program.pk, choice, vendor, when)
    told = of_vendor(of)
    total = entries.cost_of(program.pk, choice, vendor, when)
    return _listing(run, program, choice, rows, LINE, LINE_FILE, "amount_minor", total, "Cost lines", told)


def in_words(choice: Choice) -> list[tuple[str, str]]:
    """What was chosen, as a person reads it. At most one query."""
    project = "the program itself" if choice.own else ""
    if choice.project_id is not None:
        project = Project.objects.values_list("code", flat=True).get(pk=choice.project_id)
    words = {
        "project": project,
        "category": str(Category(choice.category).label) if choice.category else "",
        "nature": str(Nature(choice.nature).label) if choice.nature else "",
        "first": formats.period(choice.first) if choice.first else "",
        "last": formats.period(choice.last) if choice.last else "",
    }
    return [(WORDS[name], text) for name, text in words.items() if text]


def of_account(of: str) -> list[tuple[str, str]]:
    """The account that entries are asked of."""
    return [("Account", str(dict(entries.ACCOUNTS)[of]))] if of else []


def of_vendor(of: str) -> list[tuple[str, str]]:
    """The vendor that cost lines are asked of, as an address names it."""
    return [("Vendor", "none named" if of == entries.NO_VENDOR else of)] if of else []


def read_asked(run: ReportRun) -> tuple[Program, Choice, AsOf | None]:
    """The program, the choice and the moment (None: now) that a run was asked for. One query."""
    program = Program.objects.get(pk=run.program_id)
    names = ("project_id", "category", "nature", "own", "first", "last")
    choice = Choice(**{name: run.asked[name] for name in names})
    if run.asked["now"]:
        return program, choice, None
    day = run.as_of.astimezone(zone(program.time_zone)).date()
    when = AsOf(at=run.as_of, known=run.known, is_now=False, label=formats.day(day), day=day)
    return program, choice, when


def _listing(
    run: ReportRun, program: Program, choice: Choice, rows: QuerySet[Any], names: Sequence[str], heads: Sequence[str],
    money: str, total: int, title: str, told: list[tuple[str, str]],
) -> registers.Listing:  # fmt: skip
    return registers.Listing(
        title=title,
        name=run.kind,
        heads=heads,
        count=rows.count(),
        rows=_all(rows, names, program.currency),
        money=names.index(money),
        total=total,
        currency=program.currency,
        filters=[*told, *in_words(choice)],
        inputs_version=f"ledger {program.ledger_version}",
    )


def _all(rows: QuerySet[Any], names: Sequence[str], currency: str) -> Iterator[list[Any]]:
    """Some thousand rows at a time by key: neither the driver nor we ever hold all of them."""
    last: int | None = None
    while True:
        part = rows if last is None else rows.filter(pk__lt=last)
        keys = list(part.values_list("pk", flat=True)[:AT_ONCE])
        if not keys:
            return
        for row in rows.model.objects.filter(pk__in=keys).order_by("-pk").values_list(*names):
            yield cells(row, currency)
        last = keys[-1]


registers.register(kind=ENTRIES, title="Entries", read=read_entries, permission=Permission.VIEW_MONEY)
registers.register(kind=LINES, title="Cost lines", read=read_lines, permission=Permission.VIEW_MONEY)
