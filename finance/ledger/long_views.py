"""A register that is too long for a page's file: asked for on a form, written by a worker, found under Reports."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from finance.ledger import entries, journal_file, registers
from finance.ledger.choice import PERIOD, chosen
from finance.ledger.forms import LongFile
from finance.ledger.models import Journal
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.reports import registers as kinds
from pmo.reports import services
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def entries_file(request: HttpRequest, program: Program) -> HttpResponse:
    """All entries of the address's filter as a file: `?account=spent&from=2022-01&format=csv`."""
    account = request.GET.get("account", "")
    of = account if account in dict(entries.ACCOUNTS) else ""
    return _ask(request, program, registers.ENTRIES, of, "finance:entries", "Entries")


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def lines_file(request: HttpRequest, program: Program) -> HttpResponse:
    """All cost lines of the address's filter as a file: `?vendor=Dell&format=xlsx`."""
    of = request.GET.get("vendor", "")[:200]
    return _ask(request, program, registers.LINES, of, "finance:cost-lines", "Cost lines")


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def journals_file(request: HttpRequest, program: Program) -> HttpResponse:
    """All journals of the address's filter as a file, posting by posting: `?kind=actual&period=2026-11&format=csv`."""
    kind, period = request.GET.get("kind", ""), request.GET.get("period", "")
    of = kind if kind in Journal.Kind.values else ""
    month = period if PERIOD.fullmatch(period) else ""
    return _ask(request, program, journal_file.JOURNALS, of, "finance:ledger", "Journals", period=month)


def _ask(
    request: HttpRequest, program: Program, kind: str, of: str, listing: str, title: str, *, period: str = ""
) -> HttpResponse:
    with reading(request):
        when, filters = as_of(request, program), chosen(request, program)
        asked = registers.asked(filters, when, of=of, period=period)
        of_what = {
            registers.ENTRIES: lambda: registers.of_account(of),
            registers.LINES: lambda: registers.of_vendor(of),
            journal_file.JOURNALS: lambda: journal_file.told(of, period),
        }[kind]()
        told = [*of_what, *registers.in_words(filters.choice)]
    back = _address(request, reverse(listing, kwargs={"code": program.code}))
    here = _address(request, request.path)
    form = LongFile(request.POST or None, initial={"format": request.GET.get("format", "csv")})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and not filters.problems:  # nobody asked for everything
            asked |= {"format": form.cleaned_data["format"], "page": here}
            try:
                run = act(
                    request,
                    services.request_file,
                    program=program,
                    kind=kind,
                    asked=asked,
                    wants_mail=form.cleaned_data["mail"],
                    as_of=None if when.is_now else when.at,
                    known=None if when.is_now else when.known,
                )
                return HttpResponseRedirect(
                    reverse("reports:run", kwargs={"code": program.code, "pk": run.pk})
                )
            except AlreadyDone:
                return HttpResponseRedirect(reverse("reports:list", kwargs={"code": program.code}))
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.message)
                status = refused.status
    with reading(request):
        context: dict[str, Any] = {
            "crumbs": crumbs(program, (title, back), ("File", "")),
            "program": program,
            "title": title,
            "form": form,
            "action": here,
            "cancel_url": back,
            "problems": list(filters.problems.values()),
            "told": "; ".join(f"{name}: {text}" for name, text in told) or "everything",
            "most": f"{journal_file.MOST_EXPORTED:,} journals"
            if kind == journal_file.JOURNALS
            else f"{entries.MOST_EXPORTED:,} rows",
            "most_of_all": f"{kinds.MOST_ROWS:,}",
            "days": kinds.KEPT_DAYS,
        }
        return render(request, "finance/ledger/long_file.html", context, status=status)


def _address(request: HttpRequest, path: str) -> str:
    query = request.GET.copy()
    for name in ("before", "format"):
        query.pop(name, None)
    return f"{path}?{query.urlencode()}" if query else path
