"""The registers under the figures: entries (postings) and costs, filtered by the address, with what they add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from finance.ledger import entries, page_keys, registers
from finance.ledger.choice import chosen
from finance.ledger.models import ActualLine, Journal, Kind, Posting
from finance.ledger.registers import ENTRY, ENTRY_FILE, LINE, LINE_FILE
from finance.structure.models import Category, Nature
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import page
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

ENTRY_HEADS = (
    "Entry",
    "Date",
    "Period",
    "Project",
    "Category",
    "Nature",
    "Account",
    "Entered by",
    "Decision",
)
LINE_HEADS = ("Reference", "Date", "Period", "Project", "Activity", "Category", "Nature", "Vendor", "Text")


@page(Permission.VIEW_MONEY)
def listing(request: HttpRequest, program: Program) -> HttpResponse:
    """Postings, newest first, in accounts of a kind: `?account=committed&project=ERP&from=2026-01`."""
    when, filters = as_of(request, program), chosen(request, program)
    account = request.GET.get("account", "")
    account = account if account in dict(entries.ACCOUNTS) else ""
    rows = entries.entries(program.pk, filters.choice, account, when)
    if (kind := request.GET.get("format")) in FORMATS:
        return _file(request, kind, f"{program.code}-entries", program, rows, (ENTRY, ENTRY_FILE, "amount"))
    total = entries.amount_of(program.pk, filters.choice, account, when)
    found, following = _one_page(
        request, partial(entries.entry_keys, program.pk, filters.choice, account, when), Posting, ENTRY
    )
    context = {
        "crumbs": crumbs(
            program, ("Ledger", reverse("finance:ledger", kwargs={"code": program.code})), ("Entries", "")
        ),
        "account": account,
        "accounts": entries.ACCOUNTS,
        "heads": ENTRY_HEADS,
        "body": _body((_entry(program, row) for row in found), ENTRY_HEADS),
        "empty": not found,
        "title": "Entries",
        "what": dict(entries.ACCOUNTS).get(account, "all accounts").lower(),
    }
    return _register(request, program, context, filters.context(), total, following)


@page(Permission.VIEW_MONEY)
def costs(request: HttpRequest, program: Program) -> HttpResponse:
    """Costs one by one, newest first: `?vendor=Dell&project=ERP` (`vendor=-`: those that name none)."""
    when, filters = as_of(request, program), chosen(request, program)
    asked = request.GET.get("vendor", "")[:200]
    vendor = None if not asked else "" if asked == entries.NO_VENDOR else asked
    rows = entries.cost_lines(program.pk, filters.choice, vendor, when)
    if (kind := request.GET.get("format")) in FORMATS:
        return _file(request, kind, f"{program.code}-costs", program, rows, (LINE, LINE_FILE, "amount_minor"))
    total = entries.cost_of(program.pk, filters.choice, vendor, when)
    found, following = _one_page(
        request, partial(page_keys.of_lines, program.pk, filters.choice, vendor, when), ActualLine, LINE
    )
    context = {
        "crumbs": crumbs(
            program,
            ("Actual cost", reverse("finance:costs", kwargs={"code": program.code})),
            ("Cost lines", ""),
        ),
        "vendor": asked,
        "heads": LINE_HEADS,
        "body": _body((_line(program, row) for row in found), LINE_HEADS),
        "empty": not found,
        "title": "Cost lines",
        "what": asked if vendor else "named no vendor" if vendor == "" else "all vendors",
    }
    return _register(request, program, context, filters.context(), total, following)


def _one_page(
    request: HttpRequest, keys_of: Callable[[int, int], list[int]], model: type[Model], names: Sequence[str]
) -> tuple[list[Any], str]:
    """The rows of this page, and the address of the next one ("" for none)."""
    # The keys first, from indexes; what is told of a row is then read of these rows alone.
    keys = keys_of(entries.mark(request.GET.get("before", "")), entries.PER_PAGE + 1)
    manager: Any = model._default_manager
    found = list(manager.filter(pk__in=keys).order_by("-pk").values_list(*names))
    if len(found) <= entries.PER_PAGE:
        return found, ""
    query = request.GET.copy()
    query["before"] = str(found[entries.PER_PAGE - 1][0])
    return found[: entries.PER_PAGE], f"?{query.urlencode()}"


def _register(
    request: HttpRequest,
    program: Program,
    context: dict[str, Any],
    filters: dict[str, Any],
    total: int,
    following: str,
) -> HttpResponse:
    query = request.GET.copy()
    query.pop("before", None)
    context |= {
        "program": program,
        "filters": filters,
        "periods": True,
        "total": formats.money_exact(total, program.currency),
        "older": following,
        "newest": f"?{urlencode(list(query.items()))}" if request.GET.get("before") else "",
    }
    return render(request, "finance/ledger/entries.html", context)


Cell = tuple[str, str]
"""Text (safe) and the class of its cell."""


def _entry(program: Program, row: Sequence[Any]) -> tuple[str, list[Cell], int]:
    href = reverse("finance:journal", kwargs={"code": program.code, "pk": row[1]})
    head = (
        f'<a href="{escape(href)}">{escape(Journal.Kind(row[2]).label)}</a>'
        f' <span class="note">{escape(row[3])}</span>'
    )
    decision = ""
    if row[12]:
        address = reverse("governance:decision", kwargs={"code": program.code, "number": row[12][2:]})
        decision = f'<a href="{escape(address)}">{escape(row[12])}</a>'
    return (
        head,
        [
            (formats.day(row[4]), "nowrap"),
            (formats.period(row[5]), "nowrap"),
            (escape(row[6] or "Program"), ""),
            (escape(Category(row[7]).label), ""),
            (escape(Nature(row[8]).label), ""),
            (escape(Kind(row[9]).label), ""),
            (escape(row[11] or "the office"), "nowrap"),
            (decision, ""),
            (formats.money_exact(row[10], program.currency), "num"),
        ],
        row[0],
    )


def _line(program: Program, row: Sequence[Any]) -> tuple[str, list[Cell], int]:
    head = escape(row[2])
    if row[1]:
        href = reverse("finance:journal", kwargs={"code": program.code, "pk": row[1]})
        head = SafeString(f'<a href="{escape(href)}">{head}</a>')
    return (
        head,
        [
            (formats.day(row[3]), "nowrap"),
            (formats.period(row[4]), "nowrap"),
            (escape(row[5]), ""),
            (escape(row[6] or ""), ""),
            (escape(Category(row[7]).label), ""),
            (escape(Nature(row[8]).label), ""),
            (escape(row[9]), ""),
            (escape(row[10]), ""),
            (formats.money_exact(row[11], program.currency), "num"),
        ],
        row[0],
    )


def _body(shown: Iterable[tuple[str, list[Cell], int]], heads: Sequence[str]) -> SafeString:
    labels = [escape(head) for head in (*heads[1:], "Amount")]
    lines = []
    for head, cells, _ in shown:
        tail = "".join(
            f'<td data-label="{label}"{f" class={css!r}" if css else ""}>{text}</td>'
            for label, (text, css) in zip(labels, cells, strict=True)
        )
        lines.append(f'<tr><th scope="row">{head}</th>{tail}</tr>')
    return mark_safe("\n".join(lines))  # noqa: S308 - every text of a person was escaped above


def _file(
    request: HttpRequest,
    kind: str,
    name: str,
    program: Program,
    rows: QuerySet[Any],
    columns: tuple[Sequence[str], Sequence[str], str],
) -> HttpResponse:
    """Every row of the filter; beyond what a page may take time for, the form on which a worker is asked for it."""
    names, heads, money = columns
    most = entries.MOST_EXPORTED
    if len(rows.values_list("pk")[most : most + 1]):
        query = request.GET.copy()
        query.pop("before", None)
        return HttpResponseRedirect(f"{request.path}file/?{query.urlencode()}")
    return download(kind, name, heads, registers.in_major_units(rows, names, money, program.currency))
