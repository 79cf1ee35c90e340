"""Pages of reclassified cost: what was asked for and posted, asking for a project, and accepting or taking back one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.capitalisation import reclassifying
from finance.capitalisation.differing import differing
from finance.capitalisation.reclass_models import Reclassification
from finance.structure.models import Category
from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import format_plain
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project

State = Reclassification.State
NATURES = {"capital": "Capital", "operating": "Expense"}


class AskForm(forms.Form):
    """Which costs, and why."""

    month = forms.RegexField(f"^{reclassifying.MONTH.pattern}$", required=False, widget=forms.HiddenInput)
    reason = forms.CharField(max_length=400, label="Why")
    seen_lines = forms.IntegerField(widget=forms.HiddenInput, required=False)


class WordsForm(forms.Form):
    """Why, where it is asked for, and the version that was seen."""

    text = forms.CharField(max_length=400, required=False)
    version = forms.IntegerField()


def home_of(program: Program) -> str:
    return reverse("finance:reclassifications", kwargs={"code": program.code})


def _crumbs(program: Program, *more: tuple[str, str]) -> list[Any]:
    here = reverse("finance:capitalisation", kwargs={"code": program.code})
    found: list[Any] = crumbs(program, ("Capitalisation", here), *more)
    return found


@page(Permission.VIEW_MONEY)
def listing(request: HttpRequest, program: Program) -> HttpResponse:
    """Everything that was asked for, newest first."""
    base = home_of(program)

    def money(amount: int) -> str:
        return formats.money_short(amount, program.currency)

    register = Register(
        name=f"{program.code}-reclassifications",
        rows=Reclassification.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .select_related("project", "asked_by", "decided_by")
        .order_by("-pk"),
        search=("code", "reason", "words"),
        columns=[
            Column("Reclassification", lambda r: f"{r.code} {r.reason}", "pk", href=lambda r: f"{base}{r.pk}/"),
            Column("Project", lambda r: r.project.code, "project__code"),
            Column("Month", lambda r: r.month or "all", "month"),
            Column("Lines", lambda r: r.lines, "lines", num=True),
            Column("To capital", lambda r: money(r.to_capital_minor), "to_capital_minor", num=True,
                   plain=lambda r: format_plain(r.to_capital_minor, program.currency)),
            Column("To expense", lambda r: money(r.to_expense_minor), "to_expense_minor", num=True,
                   plain=lambda r: format_plain(r.to_expense_minor, program.currency)),
            Column("Asked by", lambda r: r.asked_by.name, "asked_by__name"),
            Column("State", lambda r: r.get_state_display(), "state"),
            Column("Decided by", lambda r: r.decided_by.name if r.decided_by else formats.UNKNOWN),
        ],
        empty={
            "title": "Nothing was reclassified",
            "text": "What is posted otherwise than proposed is asked for on the project's capitalisation page.",
            "url": reverse("finance:capitalisation", kwargs={"code": program.code}),
            "label": "Capitalisation",
        },
    )  # fmt: skip
    context = {
        "program": program,
        "heading": "Reclassified cost",
        "subtitle": "Between capital and expense: asked for by one person, posted by another",
        "crumbs": _crumbs(program, ("Reclassified", "")),
        "no_clock": True,
    }
    return register.respond(request, "programs/register.html", context)


@page(Permission.EDIT_BUDGET, methods=("GET", "POST"))
def ask(request: HttpRequest, program: Program, project_code: str) -> HttpResponse:
    """Ask for what the policy proposes of a project's costs (`?month=2026-10` of one month)."""
    with reading(request):
        project = Project.objects.filter(program=program, code=project_code).first()
        if project is None:
            raise Http404("No such project.")

        def shown(form: AskForm, status: int = 200) -> HttpResponse:
            month = request.GET.get("month", "")
            month = month if reclassifying.MONTH.fullmatch(month) else ""
            found = differing(program, project, month, reclassifying.MOST_LINES)
            seen = str(len(found))
            form.initial.update(month=month, seen_lines=seen)
            if form.is_bound:  # the count that is shown now is the one that the next attempt is held to
                typed = request.POST.copy()
                typed["seen_lines"] = seen
                form.data = typed
            sums: dict[tuple[str, str, str], list[int]] = {}
            for one in found:
                kept = sums.setdefault((one.category, one.from_nature, one.clause), [0, 0])
                kept[0] += 1
                kept[1] += one.amount
            context = {
                "program": program,
                "project": project,
                "form": form,
                "month": month,
                "rows": [
                    {
                        "category": Category(category).label,
                        "move": f"{NATURES[nature]} to {'Capital' if nature != 'capital' else 'Expense'}",
                        "clause": clause,
                        "lines": lines,
                        "amount": formats.money_short(amount, program.currency),
                    }
                    for (category, nature, clause), (lines, amount) in sorted(sums.items())
                ],
                "action": request.get_full_path(),
                "cancel": reverse(
                    "finance:capitalisation-project",
                    kwargs={"code": program.code, "project_code": project.code},
                ),
                "crumbs": _crumbs(program, (project.code, "")),
                "no_clock": True,
            }
            return render(request, "finance/capitalisation/ask.html", context, status=status)

        form = AskForm(request.POST or None)
        if request.method == "GET":
            return shown(form)
        if not form.is_valid():
            return shown(form, 422)
    try:
        made = act(request, reclassifying.ask, project=project, **form.cleaned_data)
    except AlreadyDone:
        return redirect(home_of(program))
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return shown(form, refusal.status)
    messages.success(request, f"{made.code} is asked for; somebody else posts it.")
    return redirect("finance:reclassification", code=program.code, pk=made.pk)


def find(request: HttpRequest, program: Program, pk: int) -> Reclassification:
    """The reclassification, or 404."""
    found = (
        Reclassification.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("program", "project", "policy", "asked_by", "decided_by")
        .first()
    )
    if found is None:
        raise Http404("No such reclassification.")
    one: Reclassification = found
    return one


def _page(
    request: HttpRequest, program: Program, found: Reclassification, *, refused: str = "", status: int = 200
) -> HttpResponse:
    access: Access = request.access  # type: ignore[attr-defined]
    posts = access.may(Permission.POST_ACTUALS, program.pk)
    mine = found.asked_by_id == request.user.pk
    parts = found.parts.select_related("line__activity").order_by("pk")
    context = {
        "program": program,
        "found": found,
        "refused": refused,
        "parts": [
            {
                "reference": one.line.source_reference,
                "activity": one.line.activity.code if one.line.activity else formats.UNKNOWN,
                "category": Category(one.line.category).label,
                "day": formats.day(one.line.effective),
                "move": f"{NATURES[one.from_nature]} to {NATURES[one.to_nature]}",
                "clause": one.clause,
                "amount": formats.money_short(one.amount_minor, program.currency),
            }
            for one in parts[:200]
        ],
        "more": max(0, found.lines - 200),
        "ledger": f"{reverse('finance:cost-lines', kwargs={'code': program.code})}?q={found.code}",
        "may_accept": posts and found.state == State.ASKED and not mine,
        "may_reject": found.state == State.ASKED and (posts or mine),
        "may_take_back": posts and found.state == State.ACCEPTED and not mine,
        "crumbs": _crumbs(program, ("Reclassified", home_of(program)), (found.code, "")),
        "no_clock": True,
    }
    return render(request, "finance/capitalisation/reclassification.html", context, status=status)


DEEDS: dict[str, tuple[Callable[..., Reclassification], str]] = {
    "accept": (reclassifying.accept, "posted"),
    "reject": (reclassifying.reject, "rejected"),
    "take_back": (reclassifying.take_back, "taken back"),
}


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def reclassification(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One reclassification with its lines (`do`: accept, reject, take_back)."""
    with reading(request):
        found = find(request, program, pk)
        if request.method == "GET":
            return _page(request, program, found)
        service, done = DEEDS.get(request.POST.get("do", ""), (None, ""))
        form = WordsForm(request.POST)
        if service is None or not form.is_valid():
            return _page(request, program, found, refused="Choose what is to be done.", status=422)
    given = dict(form.cleaned_data)
    if service is reclassifying.accept:
        del given["text"]
    try:
        act(request, service, reclassification=found, **given)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            found = find(request, program, pk)
            return _page(request, program, found, refused=refusal.message, status=refusal.status)
    else:
        messages.success(request, f"{found.code} is {done}.")
    return redirect("finance:reclassification", code=program.code, pk=pk)
