"""Pages of transfers: money moved between cost lines, who may move how much, and every transfer there was."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.ledger import selectors as ledger
from finance.ledger.choice import ALL
from finance.ledger.models import Journal
from finance.structure import periods
from finance.structure.fiscal import begins, fiscal_year
from finance.transfers import selectors, services
from finance.transfers.forms import MoneyForm, RuleForm, TransferForm
from finance.transfers.models import TransferRule
from pmo import formats
from pmo.accounts.roles import Permission, Role
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import to_decimal
from pmo.refusals import Refused
from pmo.seen import seen_version
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

MOST_EXPORTED = 20_000
HEADS = ("journal", "on", "from", "to", "amount", "currency", "why", "under", "by", "recorded_at")


def _legs(one: Journal) -> tuple[str, str, int]:
    """Where the money came from, where it went, and how much."""
    sides = {True: "", False: ""}
    for posting in one.postings.all():
        account = posting.account
        project = account.project.code if account.project else "Program"
        line = f"{account.get_category_display()}, {account.get_nature_display().lower()}"
        sides[posting.amount > 0] = f"{project} {line}"
    return sides[False], sides[True], sum(p.amount for p in one.postings.all() if p.amount > 0)


def _page(
    request: HttpRequest, program: Program, form: TransferForm | None = None, status: int = 200
) -> HttpResponse:
    access = request.access  # type: ignore[attr-defined]
    found = ledger.journals(program.pk, ALL, kind="transfer", before=request.GET.get("before", "")[:80])
    may = access.may(Permission.EDIT_BUDGET, program.pk)
    today = periods.local_day(program, timezone.now())
    start = program.fiscal_year_start_month
    year = fiscal_year(begins(periods.code_of(today), start), start)
    used = selectors.moved(program.pk, year)
    currency = program.currency
    context = {
        "program": program,
        "no_clock": True,
        "crumbs": crumbs(program, ("Transfers", "")),
        "form": (form or TransferForm(program, initial={"effective": today})) if may else None,
        "action": reverse("finance:transfers", kwargs={"code": program.code}),
        "year": year.label,
        "may_delegate": access.may(Permission.EDIT_PROGRAM, program.pk),
        "rules": [
            {
                "pk": rule.pk,
                "code": rule.code,
                "role": rule.get_role_display(),
                "once": formats.money_exact(rule.up_to_minor, currency),
                "year": formats.money_exact(rule.year_up_to_minor, currency)
                if rule.year_up_to_minor is not None
                else "without limit",
                "used": formats.money_exact(used.get(rule.code, 0), currency),
                "across": "within the program" if rule.across_projects else "within a project",
                "valid": f"{formats.day(rule.valid_from)} to {formats.day(rule.valid_to)}"
                if rule.valid_to
                else f"from {formats.day(rule.valid_from)}",
                "version": rule.version,
                "ended": rule.valid_to is not None,
            }
            for rule in TransferRule.objects.visible_to(request.user).filter(program=program).order_by("pk")
        ],
        "today": today,
        "log": [
            {
                "href": reverse("finance:journal", kwargs={"code": program.code, "pk": one.pk}),
                "on": formats.day(one.effective),
                "source": legs[0],
                "target": legs[1],
                "amount": formats.money_exact(legs[2], currency),
                "why": one.text,
                "rule": one.source_id if one.source_kind == services.SOURCE else "",
                "who": one.actor.name if one.actor else "the office",
            }
            for one, legs in ((one, _legs(one)) for one in found.journals)
        ],
        "older": found.older,
        "later": request.GET.get("before", ""),
    }
    return render(request, "finance/transfers/transfers.html", context, status=status)


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def transfers(request: HttpRequest, program: Program) -> HttpResponse:
    """What was moved, newest first, and the form to move more. Also CSV and XLSX."""
    if request.method == "GET":
        if (kind := request.GET.get("format")) in FORMATS:
            return _file(kind, program)
        return _page(request, program)
    with reading(request) as access:
        access.require(Permission.EDIT_BUDGET, program.pk)
        form = TransferForm(program, request.POST)
        if not form.is_valid():
            return _page(request, program, form, 422)
    try:
        act(request, services.transfer, program=program, **form.values())
    except AlreadyDone:
        return redirect("finance:transfers", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _page(request, program, form, refusal.status)
    messages.success(request, "The budget is moved.")
    return redirect("finance:transfers", code=program.code)


def _file(kind: str, program: Program) -> HttpResponse:
    found = ledger.journals(program.pk, ALL, kind="transfer", limit=MOST_EXPORTED).journals
    rows = (
        [
            str(one.pk), one.effective, source, target, to_decimal(amount, program.currency), program.currency,
            one.text, one.source_id, one.actor.name if one.actor else "", one.recorded_at,
        ]
        for one, (source, target, amount) in ((one, _legs(one)) for one in found)
    )  # fmt: skip
    return download(kind, f"{program.code}-transfers", HEADS, rows)


def _rule_page(request: HttpRequest, program: Program, form: MoneyForm, status: int = 200) -> HttpResponse:
    here = reverse("finance:transfers", kwargs={"code": program.code})
    context = {
        "program": program,
        "no_clock": True,
        "form": form,
        "action": request.get_full_path(),
        "cancel": here,
        "crumbs": crumbs(program, ("Transfers", here), ("New rule", "")),
    }
    return render(request, "finance/transfers/rule.html", context, status=status)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def rule_add(request: HttpRequest, program: Program) -> HttpResponse:
    """Let a role move budget without a decision."""
    with reading(request):
        form = RuleForm(program, request.POST or None)
        if request.method == "GET" or not form.is_valid():
            return _rule_page(request, program, form, 200 if request.method == "GET" else 422)
    try:
        made = act(request, services.delegate, program=program, **form.values())
    except AlreadyDone:
        return redirect("finance:transfers", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _rule_page(request, program, form, refusal.status)
    messages.success(request, f"{made.code} is in force for a {Role(made.role).label.lower()}.")
    return redirect("finance:transfers", code=program.code)


@page(Permission.EDIT_PROGRAM, methods=("POST",))
def rule_end(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Let a rule end today."""
    with reading(request):
        rule = TransferRule.objects.visible_to(request.user).filter(program=program, pk=pk).first()
        if rule is None:
            raise Http404("No such rule.")
    text = request.POST.get("version", "")
    values: dict[str, Any] = {
        "last_day": periods.local_day(program, timezone.now()),
        "version": seen_version(text),
    }
    act(request, services.end, rule=rule, **values)
    messages.success(request, f"{rule.code} ends today.")
    return redirect("finance:transfers", code=program.code)
