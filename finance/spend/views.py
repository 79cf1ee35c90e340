"""The spend page: one table of all money, cut as the address says; every figure leads to the rows that it sums."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from finance.ledger.choice import Choice
from finance.policy.models import PolicyFinding
from finance.spend import cuts, files
from finance.spend.asking import CUTS, NO_VENDOR, Asked, Question, asked
from finance.spend.cuts import Cut
from finance.spend.drawing import burn, by_month
from finance.spend.figures import Line
from finance.spend.table import PER_PAGE, Page, count, heads, window
from finance.structure.periods import code_of
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import AsOf, as_of
from pmo.http import page
from pmo.reports.document import Document, Section
from pmo.reports.renderers import xlsx
from pmo.sheets import TYPES, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

MOST_FINDINGS = 20


@page(Permission.VIEW_MONEY)
def spend(request: HttpRequest, program: Program) -> HttpResponse:
    """Money as of a moment, `?by=project&then=category` and filters; `?format=csv` or `xlsx` gives what is shown."""
    when, ask = as_of(request, program), asked(request, program)
    taken = request.GET.get("format") in TYPES
    cut = cuts.read(program, when, ask.question, ask.filters.names, whole=taken)
    if taken:
        return _file(request.GET["format"], program, when, ask, cut)
    table = Page(request, program, cut, ask.filters.names)
    lines = count(cut)
    number = _number(request.GET.get("page", ""), -(-lines // PER_PAGE))
    costs_only = ask.question.costs_only
    context = {
        "program": program,
        "crumbs": crumbs(program, ("Spend", "")),
        "filters": ask.filters.context(),
        "periods": True,
        "vendor": NO_VENDOR if ask.question.vendor == "" else ask.question.vendor or "",
        "problems": list(ask.problems.values()),
        "by": [(name, title, name == ask.question.by) for name, title in CUTS.items()],
        "then": [
            (name, title, name == ask.question.then)
            for name, title in {"": "Nothing more", **CUTS}.items()
            if name != ask.question.by
        ],
        "cut": " and ".join(head.lower() for head in heads(ask.question)),
        "heads": heads(ask.question),
        "columns": table.head(),
        "body": table.body(list(window(cut, (number - 1) * PER_PAGE, number * PER_PAGE))),
        "foot": table.foot(),
        "lines": lines,
        "earlier": number - 1,
        "later": number + 1 if number * PER_PAGE < lines else 0,
        "figures": [] if costs_only else _figures(cut.total, program.currency),
        "chart": burn(
            cut.months,
            program.currency,
            today=code_of(when.day),
            forecast=cut.total.forecast,
            costs_only=costs_only,
        )
        if cut.months
        else "",
        "forecast": cut.total.forecast is not None,
        "costs_only": costs_only,
        "twin": by_month(cut.months, program.currency, costs_only=costs_only),
        "findings": list(
            PolicyFinding.objects.visible_to(request.user)
            .filter(program_id=program.pk, cleared_at=None, **_narrow(ask.question.choice))
            .order_by("-pk")
            .values("sentence", "journal_id")[:MOST_FINDINGS]
        ),
        "when": when,
    }
    return render(request, "finance/spend/spend.html", context)


def _number(text: str, most: int) -> int:
    return max(1, min(int(text), most)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _narrow(choice: Choice) -> dict[str, Any]:
    chosen = {"project_id": choice.project_id, "category": choice.category, "nature": choice.nature}
    return {name: value for name, value in chosen.items() if value}


def _file(kind: str, program: Program, when: AsOf, ask: Asked, cut: Cut) -> HttpResponse:
    name = f"{program.code}-spend"
    if kind == "csv":
        return download("csv", name, *files.flat(cut, program.currency))
    document = Document(
        title="Spend",
        program_code=program.code,
        program_name=program.name,
        as_of=when.at,
        known=when.known,
        sections=(Section(_sentence(ask.question), (files.table(cut, program.currency),)),),
        subtitle=f"Amounts in {program.currency}",
        inputs_version=f"ledger {program.ledger_version}",
    )
    response = HttpResponse(xlsx.render(document), content_type=TYPES["xlsx"])
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or ""
    return response


def _sentence(question: Question) -> str:
    return "By " + " and ".join(head.lower() for head in heads(question))


def _figures(total: Line, currency: str) -> list[tuple[str, Any, str]]:
    found = [
        ("Budget", total.budget, "granted by decision"),
        ("Reserved", total.reserved, "set aside"),
        ("Committed", total.committed, "promised, not yet spent"),
        ("Accrued", total.accrued, "received, not yet invoiced"),
        ("Actual", total.actual, "spent"),
        ("Left", total.left, "not promised to anything"),
        ("Without funding", total.unfunded, "spent before it was granted")
        if total.unfunded >= 0
        else ("Credited beyond cost", -total.unfunded, "no budget covers it"),
    ]
    if total.forecast is not None:
        found.append(("Forecast", total.forecast, "estimate at completion"))
    return [(label, formats.money_short(amount, currency), note) for label, amount, note in found]
