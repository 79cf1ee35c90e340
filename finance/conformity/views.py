"""Pages of the budget policy: its clauses with what each comes to now, one clause with its evidence, the forms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.conformity import selectors, services
from finance.conformity.forms import ClauseForm, EndForm, WaiverForm
from finance.engine.clause_kinds import KINDS
from finance.engine.conformity import Kind
from finance.policy.models import PolicyClause
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

MOST_EVIDENCE = 200
COLOURS = {"kept": "green", "waived": "amber", "breached": "red", "not_applicable": ""}
HEADS = ("Clause", "Kind", "Asks", "A breach", "In force from", "Until", "Result", "Sentence", "Breaches")


@page(Permission.VIEW_MONEY)
def policy(request: HttpRequest, program: Program) -> HttpResponse:
    """The policy, clause by clause; `?result=breached` narrows, `?format=csv|xlsx` takes it along."""
    rows = selectors.policy(program, request.user, datetime.now(UTC))
    wanted = request.GET.get("result", "")
    counts = {state: sum(1 for row in rows if _state(row) == state) for state in selectors.STATES}
    shown = [row for row in rows if _state(row) == wanted] if wanted in selectors.STATES else rows
    if (kind := request.GET.get("format")) in FORMATS:
        return download(kind, f"{program.code}-budget-policy", HEADS, map(_plain, shown))
    base = reverse("finance:policy", kwargs={"code": program.code})
    may_edit = request.access.may(Permission.EDIT_POLICY, program.pk)  # type: ignore[attr-defined]
    context = {
        "program": program,
        "crumbs": crumbs(program, ("Budget policy", "")),
        "no_clock": True,
        "rows": [
            {
                "href": f"{base}{row.clause.pk}/",
                "code": row.clause.code,
                "kind": row.clause.get_kind_display(),
                "asks": row.asks,
                "action": row.clause.get_action_display(),
                "since": formats.day(row.clause.from_day),
                "until": formats.day(row.clause.to_day) if row.clause.to_day else "",
                "state": row.state,
                "colour": COLOURS[_state(row)] if row.result else "",
                "sentence": row.result.sentence if row.result else "",
                "waived": row.waived,
            }
            for row in shown
        ],
        "chips": [
            ("", "All", len(rows)),
            *((one, label, counts[one]) for one, label in selectors.STATES.items()),
        ],
        "wanted": wanted if wanted in selectors.STATES else "",
        "any": bool(rows),
        "may_report": request.access.may_somewhere(Permission.BUILD_REPORTS, program.pk),  # type: ignore[attr-defined]
        "kinds": [(one.value, KINDS[one].label) for one in Kind] if may_edit else [],
    }
    return render(request, "finance/policy/policy.html", context)


def _state(row: selectors.Row) -> str:
    return (row.standing or row.result.state.value) if row.result else ""


def _plain(row: selectors.Row) -> list[Any]:
    clause = row.clause
    return [
        clause.code,
        clause.get_kind_display(),
        row.asks,
        clause.get_action_display(),
        clause.from_day,
        clause.to_day or "",
        row.state,
        row.result.sentence if row.result else "",
        len(row.result.breaches) if row.result else 0,
    ]


def find(request: HttpRequest, program: Program, pk: int) -> PolicyClause:
    """A clause of the program that this person may see, or 404."""
    rows = PolicyClause.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk)
    found = rows.select_related("project").first()
    if found is None:
        raise Http404("No such clause.")
    one: PolicyClause = found
    return one


def detail(
    request: HttpRequest,
    program: Program,
    found: PolicyClause,
    form: EndForm | None = None,
    *,
    waiver_form: WaiverForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a clause, with a form that was refused where there is one."""
    access = request.access  # type: ignore[attr-defined]
    row = selectors.row_of(found, program, datetime.now(UTC))
    may_edit = access.may(Permission.EDIT_POLICY, program.pk) and found.to_day is None
    may_propose = access.may(Permission.PROPOSE_DECISION, program.pk)
    context = {
        "program": program,
        "found": found,
        "row": row,
        "no_clock": True,
        "colour": COLOURS[_state(row)] if row.result else "",
        "says": KINDS[Kind(found.kind)].says,
        "evidence": row.result.evidence[:MOST_EVIDENCE] if row.result else [],
        "more": max(0, len(row.result.evidence) - MOST_EVIDENCE) if row.result else 0,
        "breaches": row.result.breaches if row.result else [],
        "changes": selectors.changes(found, program.currency)
        if access.may(Permission.VIEW_HISTORY, program.pk)
        else None,
        "waivers": selectors.waivers(found, request.user),
        "may_propose": may_propose,
        "waiver_form": (waiver_form or WaiverForm(found)) if may_propose and found.to_day is None else None,
        "may_edit": may_edit,
        "form": (form or EndForm(initial={"version": found.version})) if may_edit else None,
        "crumbs": crumbs(
            program,
            ("Budget policy", reverse("finance:policy", kwargs={"code": program.code})),
            (found.code, ""),
        ),
    }
    return render(request, "finance/policy/clause.html", context, status=status)


@page(Permission.VIEW_MONEY)
def clause(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One clause: what it asks, what it comes to now with the evidence, how it came to be so."""
    return detail(request, program, find(request, program, pk))


def _form(
    request: HttpRequest, program: Program, form: ClauseForm, found: PolicyClause | None, status: int = 200
) -> HttpResponse:
    base = reverse("finance:policy", kwargs={"code": program.code})
    context = {
        "program": program,
        "form": form,
        "found": found,
        "no_clock": True,
        "kind": KINDS[form.kind],
        "action": request.get_full_path(),
        "cancel": f"{base}{found.pk}/" if found else base,
        "crumbs": crumbs(program, ("Budget policy", base), (found.code if found else "New clause", "")),
    }
    return render(request, "finance/policy/form.html", context, status=status)


@page(Permission.EDIT_POLICY, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """A new clause of the kind in the address."""
    name = request.GET.get("kind", Kind.BEYOND_BUDGET.value)
    if name not in PolicyClause.Kind.values:
        raise Http404("There is no such kind of clause.")
    with reading(request):
        form = ClauseForm(program, Kind(name), request.POST or None)
        if request.method == "GET":
            return _form(request, program, form, None)
        if not form.is_valid():
            return _form(request, program, form, None, 422)
    data = form.cleaned_data
    try:
        made = act(
            request,
            services.add,
            program=program,
            code=data["code"],
            kind=name,
            parameters=form.parameters,
            action=data["action"],
            text=data["text"],
            issue_days=data["issue_days"],
            from_day=data["from_day"],
            project=data.get("project"),
        )
    except AlreadyDone:
        return redirect("finance:policy", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, form, None, refusal.status)
    messages.success(request, f"Clause {made.code} is part of the policy.")
    return redirect("finance:policy-clause", code=program.code, pk=made.pk)


@page(Permission.EDIT_POLICY, methods=("GET", "POST"))
def change(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Change what a clause asks for, with the reason."""
    with reading(request):
        found = find(request, program, pk)
        form = ClauseForm(program, Kind(found.kind), request.POST or None, clause=found)
        if request.method == "GET":
            return _form(request, program, form, found)
        if not form.is_valid():
            return _form(request, program, form, found, 422)
    data = form.cleaned_data
    try:
        act(
            request,
            services.change,
            why=data["reason"],
            clause=found,
            version=data["version"] or 0,
            parameters=form.parameters,
            action=data["action"],
            text=data["text"],
            issue_days=data["issue_days"],
            reason=data["reason"],
        )
    except AlreadyDone:
        return redirect("finance:policy-clause", code=program.code, pk=pk)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, form, found, refusal.status)
    messages.success(request, f"Clause {found.code} is changed.")
    return redirect("finance:policy-clause", code=program.code, pk=pk)


@page(Permission.EDIT_POLICY, methods=("POST",))
def end(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take a clause out of the policy, with the reason."""
    with reading(request):
        found = find(request, program, pk)
        form = EndForm(request.POST)
        if not form.is_valid():
            return detail(request, program, found, form, status=422)
    data = form.cleaned_data
    try:
        act(
            request,
            services.end,
            why=data["reason"],
            clause=found,
            version=data["version"],
            reason=data["reason"],
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return detail(request, program, find(request, program, pk), form, status=refusal.status)
    messages.success(request, f"Clause {found.code} is ended.")
    return redirect("finance:policy-clause", code=program.code, pk=pk)
