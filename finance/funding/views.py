"""Pages of the capital program: funding by source and year, the rows under a figure, a new file."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import escape
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString, mark_safe

from finance.funding import files, selectors, services
from finance.funding.forms import FundingForm
from finance.funding.models import FundingLine, FundingPlan
from finance.funding.selectors import Funding
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import to_decimal
from pmo.refusals import Refused
from pmo.reports.renderers import xlsx
from pmo.sheets import TYPES, download
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


def _plan(program: Program, request: HttpRequest) -> tuple[list[FundingPlan], FundingPlan | None]:
    plans = selectors.plans(program)
    wanted = request.GET.get("plan", "")
    return plans, next((one for one in plans if str(one.pk) == wanted), plans[0] if plans else None)


def _year(request: HttpRequest) -> int | None:
    text = request.GET.get("year", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None


@page(Permission.VIEW_MONEY)
def funding(request: HttpRequest, program: Program) -> HttpResponse:
    """What each unit asked for and was given, by group of sources; `?format=csv` or `xlsx` gives what is shown."""
    plans, plan = _plan(program, request)
    found = selectors.funding(program, plan, request.GET.get("step", "")[:60], _year(request))
    if plan is not None and request.GET.get("format") in TYPES:
        return _file(request.GET["format"], program, plan, found)
    return _shown(request, program, plans, plan, found)


def _shown(
    request: HttpRequest,
    program: Program,
    plans: list[FundingPlan],
    plan: FundingPlan | None,
    found: Funding,
    refusal: Refused | None = None,
) -> HttpResponse:
    may = request.access.may(Permission.EDIT_BUDGET, program.pk)  # type: ignore[attr-defined]
    context = {
        "program": program,
        "crumbs": crumbs(program, ("Capital program", "")),
        "plans": [(one.pk, one.file_name, one == plan) for one in plans],
        "plan": plan,
        "steps": [(step, place == found.step) for place, step in enumerate(found.steps)],
        "years": found.years,
        "year": _year(request),
        "funds": found.funds,
        "body": _body(program, plan, found),
        "foot": _cells([found.total(fund) for fund in found.funds], found.total(), program.currency),
        "requests": sum(unit.requests for unit in found.units),
        "add_url": reverse("finance:funding-add", kwargs={"code": program.code}) if may else "",
        "may_withdraw": may and plan is not None,
        "refusal": refusal,
    }
    return render(request, "finance/funding/funding.html", context, status=refusal.status if refusal else 200)


def _cells(amounts: list[int], total: int, currency: str, links: list[str] | None = None) -> SafeString:
    cells = []
    for place, amount in enumerate([*amounts, total]):
        text = formats.money_short(amount, currency)
        if links and amount:
            text = SafeString(f'<a href="{escape(links[place])}">{text}</a>')
        cells.append(f'<td class="num">{text}</td>')
    return mark_safe("".join(cells))  # noqa: S308 - numbers, and addresses escaped above


def _body(program: Program, plan: FundingPlan | None, found: Funding) -> SafeString:
    if plan is None:
        return SafeString("")
    base = reverse("finance:funding-lines", kwargs={"code": program.code, "pk": plan.pk})
    lines, year = [], 0
    for unit in found.units:
        if unit.year != year:
            year = unit.year
            same = [one for one in found.units if one.year == year]
            amounts = [sum(one.funds.get(fund, 0) for one in same) for fund in found.funds]
            lines.append(
                f'<tr class="group"><th scope="row">{year}</th><td class="num">{sum(one.requests for one in same)}</td>'
                f"{_cells(amounts, sum(amounts), program.currency)}</tr>"
            )
        words = {"year": unit.year, "unit": unit.unit}
        links = [f"{base}?{urlencode(words | {'fund': fund})}" for fund in found.funds]
        links.append(f"{base}?{urlencode(words)}")
        amounts = [unit.funds.get(fund, 0) for fund in found.funds]
        lines.append(
            f'<tr class="part"><th scope="row">{escape(unit.name or unit.unit)} '
            f'<span class="note inline">{escape(unit.unit)}</span></th><td class="num">{unit.requests}</td>'
            f"{_cells(amounts, unit.total, program.currency, links)}</tr>"
        )
    return mark_safe("\n".join(lines))  # noqa: S308 - what people wrote is escaped above


def _file(kind: str, program: Program, plan: FundingPlan, found: Funding) -> HttpResponse:
    name = f"{program.code}-capital-program"
    if kind == "csv":
        return download("csv", name, *files.flat(found, program.currency))
    response = HttpResponse(xlsx.render(files.document(program, plan, found)), content_type=TYPES["xlsx"])
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or ""
    return response


@page(Permission.VIEW_MONEY)
def lines(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """The rows of one file: of a year, a unit, a group of sources."""
    plan = FundingPlan.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).first()
    if plan is None:
        raise Http404("No such file.")
    rows = FundingLine.objects.filter(program_id=program.pk, plan_id=pk).order_by("row")
    year, unit, fund = _year(request), request.GET.get("unit", "")[:20], request.GET.get("fund", "")[:60]
    rows = rows.filter(fiscal_year=year) if year else rows
    rows = rows.filter(unit=unit) if unit else rows
    rows = rows.filter(fund=fund) if fund else rows
    currency = program.currency

    def step(place: int, name: str) -> Column:
        return Column(
            name,
            lambda line: formats.money_exact(line.amounts[place], currency),
            num=True,
            plain=lambda line: to_decimal(line.amounts[place], currency),
        )

    register = Register(
        name=f"{program.code}-capital-program-{pk}",
        rows=rows,
        search=("title", "request", "source_name"),
        columns=[
            Column("Request", lambda line: line.title, "title"),
            Column("Number", lambda line: line.request, "request"),
            Column("Year", lambda line: str(line.fiscal_year), "fiscal_year", num=True),
            Column("Unit", lambda line: line.unit_name, "unit_name"),
            Column("Source", lambda line: line.source_name, "source"),
            Column("Group", lambda line: line.fund, "fund"),
            *(step(place, name) for place, name in enumerate(plan.steps)),
        ],
        empty={
            "title": "No rows fit this",
            "text": "Nothing of this file is where the filter looks.",
            "url": "",
        },
    )
    here = reverse("finance:funding", kwargs={"code": program.code})
    said = [str(one) for one in (year, unit, fund) if one]
    context = {
        "program": program,
        "heading": plan.file_name,
        "subtitle": " · ".join(said) or f"{plan.rows:,} rows, entered {formats.moment(plan.uploaded_at)}",
        "crumbs": crumbs(program, ("Capital program", here), (plan.file_name, "")),
    }
    return register.respond(request, "programs/register.html", context)


@page(Permission.EDIT_BUDGET, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Enter a file of requests, all or nothing."""

    def shown(form: FundingForm, status: int = 200) -> HttpResponse:
        here = reverse("finance:funding", kwargs={"code": program.code})
        context: dict[str, Any] = {
            "program": program,
            "form": form,
            "action": request.get_full_path(),
            "cancel": here,
            "crumbs": crumbs(program, ("Capital program", here), ("New", "")),
        }
        return render(request, "finance/funding/add.html", context, status=status)

    form = FundingForm(request.POST or None, request.FILES or None)
    if request.method == "GET" or not form.is_valid():
        with reading(request):
            return shown(form, 200 if request.method == "GET" else 422)
    upload = form.cleaned_data["file"]
    try:
        plan = act(
            request,
            services.enter,
            program=program,
            name=upload.name,
            content=upload.read(),
            steps=form.cleaned_data["steps"],
            funds=form.cleaned_data["funds"],
        )
    except AlreadyDone:
        return redirect("finance:funding", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return shown(form, refusal.status)
    messages.success(request, f"{formats.counted(plan.rows, 'row', 'rows')} entered.")
    return redirect("finance:funding", code=program.code)


@page(Permission.EDIT_BUDGET, methods=("POST",))
def withdraw(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take a file out of every figure; the reason is kept."""
    with reading(request):
        if not FundingPlan.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).exists():
            raise Http404("No such file.")
    try:
        act(request, services.withdraw, plan_id=pk, text=request.POST.get("why", ""))
    except Refused as refusal:
        with reading(request):
            plans, plan = _plan(program, request)
            return _shown(request, program, plans, plan, selectors.funding(program, plan), refusal)
    messages.success(request, "The file is withdrawn.")
    return redirect("finance:funding", code=program.code)
