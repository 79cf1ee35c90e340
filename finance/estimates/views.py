"""Pages of estimates: the register, one estimate with all that follows from its lines, its forms, and rates."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.budgets.selectors import active_lines
from finance.estimates import present, selectors, services
from finance.estimates.forms import EstimateForm
from finance.estimates.models import Estimate, EstimateLine
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import parse_amount, to_decimal
from pmo.refusals import Refused
from pmo.sheets import FORMATS, download
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

HEADS = (
    "line", "category", "nature", "month", "hours", "low", "likely", "high", "currency", "basis", "resource"
)  # fmt: skip


@page(Permission.VIEW_MONEY)
def estimates(request: HttpRequest, program: Program) -> HttpResponse:
    """Every estimate of the program's projects."""
    base = reverse("finance:estimates", kwargs={"code": program.code})
    may = request.access.may(Permission.EDIT_BUDGET, program.pk)  # type: ignore[attr-defined]
    register = Register(
        name=f"{program.code}-estimates",
        rows=Estimate.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .select_related("project", "made_by")
        .order_by("project__position", "project_id", "-number"),
        search=("project__code", "basis"),
        columns=[
            Column(
                "Estimate",
                lambda e: f"{e.project.code} E{e.number}",
                "number",
                href=lambda e: f"{base}{e.pk}/",
            ),
            Column("State", lambda e: e.get_state_display(), "state"),
            Column("Class", lambda e: e.get_maturity_display(), "maturity"),
            Column("As of", lambda e: formats.day(e.as_of), "as_of", num=True, plain=lambda e: e.as_of),
            Column("Made by", lambda e: e.made_by.name if e.made_by else "the office"),
            Column("Issued", lambda e: formats.moment(e.issued_at) if e.issued_at else "", num=True),
        ],
        empty={
            "title": "No estimate yet",
            "text": "An estimate adds labour of the plan at dated rates to all other cost, each with three points.",
            "url": f"{base}add/" if may else "",
            "label": "Begin the first estimate",
        },
    )
    context = {
        "program": program,
        "heading": "Cost estimates",
        "subtitle": "Bottom-up: allocations at dated rates, other cost line by line, three points each",
        "add_url": f"{base}add/" if may else "",
        "add_label": "Begin an estimate",
        "crumbs": crumbs(program, ("Cost estimates", "")),
    }
    return register.respond(request, "programs/register.html", context)


def find(request: HttpRequest, program: Program, pk: int) -> Estimate:
    found: Estimate | None = (
        Estimate.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("program", "project", "made_by", "issued_by")
        .first()
    )
    if found is None:
        raise Http404("No such estimate.")
    return found


def here(program: Program, found: Estimate) -> tuple[str, str]:
    return f"{found.project.code} E{found.number}", reverse(
        "finance:estimate", kwargs={"code": program.code, "pk": found.pk}
    )


@page(Permission.VIEW_MONEY)
def estimate(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One estimate: sums, lines, what moves it most, the budget beside it, joint confidence. Also CSV and XLSX."""
    return _page(request, program, find(request, program, pk))


def _page(
    request: HttpRequest, program: Program, found: Estimate, refusal: Refused | None = None
) -> HttpResponse:
    read = selectors.read(found)
    currency = program.currency
    if (kind := request.GET.get("format")) in FORMATS:
        name = f"{program.code}-estimate-{found.project.code}-{found.number}"
        return download(kind, name, HEADS, (_plain(one, currency) for one in read.lines))
    editable = (
        request.access.may(Permission.EDIT_BUDGET, program.pk)  # type: ignore[attr-defined]
        and found.state == Estimate.State.DRAFT
    )
    whole = sum(active_lines(program).values_list("amount_minor", flat=True))
    context = {
        "program": program,
        "no_clock": True,
        "found": found,
        "crumbs": crumbs(
            program,
            ("Cost estimates", reverse("finance:estimates", kwargs={"code": program.code})),
            (f"{found.project.code} E{found.number}", ""),
        ),
        "figures": present.figures(read, currency),
        "lines": present.lines(found, read, editable=editable),
        "sum": [
            formats.money_exact(n, currency) for n in (read.total.low, read.total.likely, read.total.high)
        ],
        "tornado": present.tornado(read, currency),
        "reconciled": present.reconciliation(read, currency),
        "differences": present.differences(read, currency),
        "by_year": present.by_year(read, currency),
        "budgeted": any(row.budget for row in read.rows) or bool(read.contingency),
        "joint": _joint(request, program, whole),
        "stale": found.plan_version is not None and found.plan_version != program.plan_version,
        "editable": editable,
        "refusal": refusal,
    }
    return render(
        request, "finance/estimates/estimate.html", context, status=refusal.status if refusal else 200
    )


def _joint(request: HttpRequest, program: Program, whole: int) -> dict[str, Any] | None:
    """How likely `?by=2027-03-31` and `?amount=` are together; by default planned finish and budget in force."""
    by, amount, note = None, whole, ", the program's budget in force"
    try:
        if text := request.GET.get("amount", "")[:60]:
            amount, note = parse_amount(text, program.currency), ""
        if text := request.GET.get("by", "")[:20]:
            by = date.fromisoformat(text)
    except (ValueError, Refused) as refused:
        said = refused.message if isinstance(refused, Refused) else "A day is written like 2027-03-31."
        found = present.joint(program, selectors.joint(program, whole), ", the program's budget in force")
        return found and found | {"problem": said}
    return present.joint(program, selectors.joint(program, amount, by), note)


def _plain(one: EstimateLine, currency: str) -> list[Any]:
    points = (to_decimal(n, currency) for n in (one.low_minor, one.likely_minor, one.high_minor))
    return [
        one.text, one.category, one.nature, one.period, one.hours, *points, currency, one.basis,
        one.resource.code if one.resource else "",
    ]  # fmt: skip


def form_page(
    request: HttpRequest,
    program: Program,
    form: Any,
    title: str,
    back: tuple[str, str],
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "program": program,
        "no_clock": True,
        "form": form,
        "title": title,
        "action": request.get_full_path(),
        "cancel": back[1],
        "crumbs": crumbs(program, back, (title, "")),
    }
    return render(request, "finance/estimates/form.html", context | more, status=status)


@page(Permission.EDIT_BUDGET, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Begin an estimate of a project."""
    back = ("Cost estimates", reverse("finance:estimates", kwargs={"code": program.code}))
    initial = {
        "maturity": 3,
        "labour_low_percent": 90,
        "labour_high_percent": 120,
        "labour_nature": "operating",
    }
    with reading(request):
        form = EstimateForm(program, request.POST or None, initial=initial)
        if request.method == "GET" or not form.is_valid():
            return form_page(
                request, program, form, "Begin an estimate", back, 200 if request.method == "GET" else 422
            )
        project = form.cleaned_data["project"]
    try:
        made = act(request, services.create, program=program, project=project, values=form.values())
    except AlreadyDone:
        return redirect("finance:estimates", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return form_page(request, program, form, "Begin an estimate", back, refusal.status)
    return redirect("finance:estimate", code=program.code, pk=made.pk)


@page(Permission.EDIT_BUDGET, methods=("GET", "POST"))
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """What a draft rests on."""
    with reading(request):
        found = find(request, program, pk)
        back = here(program, found)
        form = EstimateForm(program, request.POST or None, estimate=found)
        if request.method == "GET" or not form.is_valid():
            return form_page(
                request, program, form, "Basis and range", back, 200 if request.method == "GET" else 422
            )
    try:
        act(
            request,
            services.edit,
            estimate=found,
            changes=form.values(),
            version=form.cleaned_data["version"] or 0,
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return form_page(request, program, form, "Basis and range", back, refusal.status)
    return redirect("finance:estimate", code=program.code, pk=pk)


@page(Permission.EDIT_BUDGET, methods=("POST",))
def labour(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take labour from the plan again."""
    return _do(request, program, pk, services.compute_labour, "Labour is taken from the plan as it is now.")


@page(Permission.EDIT_BUDGET, methods=("POST",))
def issue(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Issue a draft."""
    return _do(request, program, pk, services.issue, "The estimate is issued and stays as it is.")


def _do(request: HttpRequest, program: Program, pk: int, service: Any, said: str) -> HttpResponse:
    with reading(request):
        found = find(request, program, pk)
    try:
        act(request, service, estimate=found)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return _page(request, program, find(request, program, pk), refusal)
    messages.success(request, said)
    return redirect("finance:estimate", code=program.code, pk=pk)
