"""Pages of the books: what stands in the accounts, the journals, and one journal with the costs that it sums."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.ledger import journal_file, selectors, services
from finance.ledger.choice import chosen
from finance.ledger.models import Journal, Kind
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import act, page, reading
from pmo.money import to_decimal
from pmo.refusals import Refused
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY)
def ledger(request: HttpRequest, program: Program) -> HttpResponse:
    """Balances and journals, newest first; every filter is in the address. `?format=csv` or `xlsx`: the postings."""
    when, filters = as_of(request, program), chosen(request, program)
    kind = request.GET.get("kind", "")
    kind = kind if kind in Journal.Kind.values else ""
    period = request.GET.get("period", "")[:7]
    wanted: dict[str, Any] = {"kind": kind, "period": period, "when": when}
    if (name := request.GET.get("format")) in FORMATS:
        found = selectors.journals(program.pk, filters.choice, limit=journal_file.MOST_EXPORTED + 1, **wanted)
        if len(found.journals) > journal_file.MOST_EXPORTED:
            query = request.GET.copy()
            query.pop("before", None)
            return HttpResponseRedirect(f"{request.path}file/?{query.urlencode()}")
        return _file(str(name), program, found.journals)
    found = selectors.journals(
        program.pk, filters.choice, before=request.GET.get("before", "")[:80], **wanted
    )
    balances = selectors.balances(program.pk, filters.choice, when)
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "program": program,
        "crumbs": crumbs(program, ("Ledger", "")),
        "filters": filters.context(),
        "periods": True,
        "kinds": Journal.Kind.choices,
        "kind": kind,
        "period": period,
        "balances": [
            (Kind(name).label, formats.money_short(amount, program.currency), name)
            for name, amount in balances.items()
        ],
        "sum": formats.money_exact(sum(balances.values()), program.currency),
        "journals": [_row(program, journal) for journal in found.journals],
        "older": f"?{urlencode([*query.items(), ('before', found.older)])}" if found.older else "",
        "newer": f"?{query.urlencode()}" if request.GET.get("before") else "",
    }
    return render(request, "finance/ledger/ledger.html", context)


def _row(program: Program, journal: Journal) -> dict[str, Any]:
    postings = list(journal.postings.all())
    moved = sum(posting.amount for posting in postings if posting.amount > 0)
    out = [posting.account for posting in postings if posting.amount < 0]
    into = [posting.account for posting in postings if posting.amount > 0]
    where = sorted({account.project.code if account.project else "Program" for account in (*out, *into)})
    return {
        "href": reverse("finance:journal", kwargs={"code": program.code, "pk": journal.pk}),
        "kind": journal.get_kind_display(),
        "text": journal.text,
        "effective": formats.day(journal.effective),
        "period": formats.period(journal.period.code),
        "adjusts": formats.period(journal.adjusts) if journal.adjusts else "",
        "where": ", ".join(where),
        "way": f"{_kinds(out)} → {_kinds(into)}",
        "amount": formats.money_short(moved, program.currency),
        "actor": journal.actor.name if journal.actor else "the office",
        "warrant": journal.warrant.number if journal.warrant else "",
    }


def _kinds(accounts: list[Any]) -> str:
    return ", ".join(dict.fromkeys(account.get_kind_display().lower() for account in accounts))


def _file(kind: str, program: Program, journals: list[Journal]) -> HttpResponse:
    """Every posting of the journals."""
    at = journal_file.MONEY
    rows = (
        [*row[:at], to_decimal(row[at], program.currency), *row[at + 1 :]]
        for row in journal_file.cells(journals)
    )
    return download(kind, f"{program.code}-ledger", journal_file.HEADS, rows)


def _find(request: HttpRequest, program: Program, pk: Any) -> Journal:
    found = (
        Journal.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("program", "period", "actor", "warrant", "reverses")
        .prefetch_related("postings__account__project")
        .first()
    )
    if found is None:
        raise Http404("No such journal.")
    journal: Journal = found
    return journal


def _page(
    request: HttpRequest, program: Program, journal: Journal, refusal: Refused | None = None
) -> HttpResponse:
    after = request.GET.get("after", "0")
    lines = selectors.lines_of(
        journal, after=int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0
    )
    reversal = Journal.objects.filter(reverses=journal).first()
    may = (
        request.access.may(Permission.POST_ACTUALS, program.pk)  # type: ignore[attr-defined]
        and journal.kind in services.REVERSIBLE
        and reversal is None
    )
    currency = program.currency
    context = {
        "program": program,
        "journal": journal,
        "crumbs": crumbs(
            program,
            ("Ledger", reverse("finance:ledger", kwargs={"code": program.code})),
            (str(journal.pk)[:8], ""),
        ),
        "legs": [
            leg | {"amount": formats.money_exact(leg["amount"], currency, sign=True)}
            for leg in selectors.legs(journal.postings.all())
        ],
        "lines": [
            {
                "reference": line.source_reference,
                "activity": f"{line.activity.code} {line.activity.name}" if line.activity else "",
                "effective": formats.day(line.document_on or line.effective),
                "amount": formats.money_exact(line.amount_minor, currency),
                "source": selectors.source_of(line),
                "vendor": line.vendor,
                "text": line.text,
            }
            for line in lines
        ],
        "more": f"?after={lines[-1].pk}" if len(lines) == 100 else "",
        "reversal": reversal,
        "may_reverse": may,
        "refusal": refusal,
    }
    return render(request, "finance/ledger/journal.html", context, status=refusal.status if refusal else 200)


@page(Permission.VIEW_MONEY)
def journal(request: HttpRequest, program: Program, pk: Any) -> HttpResponse:
    """One journal: its legs, who entered it on whose decision, and the costs that it sums."""
    return _page(request, program, _find(request, program, pk))


@page(Permission.POST_ACTUALS, methods=("POST",))
def reverse_journal(request: HttpRequest, program: Program, pk: Any) -> HttpResponse:
    """Take a journal back by its mirror image; the reason is kept."""
    with reading(request):
        found = _find(request, program, pk)
    why = request.POST.get("why", "").strip()[:400]
    try:
        if not why:
            raise Refused("Say why this journal is taken back.", field="why")
        act(request, services.reverse, journal=found, text=why)
    except Refused as refusal:
        with reading(request):
            return _page(request, program, _find(request, program, pk), refusal)
    messages.success(request, "The journal is reversed.")
    return redirect("finance:journal", code=program.code, pk=pk)
