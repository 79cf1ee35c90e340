"""Pages of capital requests: the list, the form, one request with its trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.capex import paper_table, revisions, sections, selectors, services
from finance.capex.appraisal import appraise, shown
from finance.capex.forms import CapitalRequestForm
from finance.capex.models import CapitalRequest
from finance.capex.splitting import SPLIT_DAYS, exposure_of
from finance.policy.selectors import beside_subject
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import format_plain
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

OPEN = ("submitted", "in_review")


@page(Permission.VIEW_MONEY)
def requests(request: HttpRequest, program: Program) -> HttpResponse:
    """All capital requests; `?state=open` those that wait for a decision."""
    may = request.access.may_somewhere(Permission.REQUEST_CAPITAL, program.pk)  # type: ignore[attr-defined]
    base = reverse("finance:capital-requests", kwargs={"code": program.code})
    rows = CapitalRequest.objects.visible_to(request.user).filter(program_id=program.pk)
    state = request.GET.get("state", "")
    if state == "open":
        rows = rows.filter(state__in=OPEN)
    elif state in CapitalRequest.State.values:
        rows = rows.filter(state=state)
    register = Register(
        name=f"{program.code}-capital-requests",
        rows=rows.select_related("project", "requester", "warrant").order_by("-pk"),
        search=("code", "title", "vendor"),
        columns=[
            Column("Request", lambda r: f"{r.code} {r.title}", "code", href=lambda r: f"{base}{r.pk}/"),
            Column("Project", lambda r: r.project.code, "project__code"),
            Column("Category", lambda r: r.get_category_display(), "category"),
            Column("Vendor", lambda r: r.vendor, "vendor"),
            Column(
                "Amount",
                lambda r: formats.money_short(r.amount_minor, r.currency, unit=True),
                "amount_minor",
                num=True,
                plain=lambda r: format_plain(r.amount_minor, r.currency),
            ),
            Column("Requested by", lambda r: r.requester.name, "requester__name"),
            Column("Submitted", lambda r: formats.day(r.submitted_at), "submitted_at", num=True),
            Column("State", lambda r: r.get_state_display(), "state"),
            Column("Decision", lambda r: r.warrant.number if r.warrant else formats.UNKNOWN),
        ],
        empty={
            "title": "No capital request yet",
            "text": "A request says what is needed, why and for how much; money is set aside when it is approved.",
            "url": reverse("finance:capital-request-add", kwargs={"code": program.code}) if may else "",
            "label": "Write the first request",
        },
    )
    context = {
        "program": program,
        "heading": "Capital requests",
        "subtitle": "Money is set aside and ordered with only on an approved request",
        "add_url": reverse("finance:capital-request-add", kwargs={"code": program.code}) if may else "",
        "add_label": "Request capital",
        "crumbs": crumbs(program, ("Capital requests", "")),
    }
    return register.respond(request, "programs/register.html", context)


def _form(
    request: HttpRequest,
    program: Program,
    form: CapitalRequestForm,
    found: CapitalRequest | None,
    status: int = 200,
) -> HttpResponse:
    here = reverse("finance:capital-requests", kwargs={"code": program.code})
    context = {
        "program": program,
        "form": form,
        "found": found,
        "action": request.get_full_path(),
        "cancel": f"{here}{found.pk}/" if found else here,
        "crumbs": crumbs(program, ("Capital requests", here), (found.code if found else "New", "")),
    }
    return render(request, "finance/capex/form.html", context, status=status)


@page(Permission.REQUEST_CAPITAL, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Write a request; it stays a draft until it is submitted."""
    with reading(request) as access:
        form = CapitalRequestForm(
            program, selectors.allowed_projects(access, program.pk), request.POST or None
        )
        if request.method == "GET":
            return _form(request, program, form, None)
        if not form.is_valid():
            return _form(request, program, form, None, 422)
        project = form.cleaned_data["project"]
    try:
        made = act(request, services.create, program=program, project=project, **form.values())
    except AlreadyDone:
        return redirect("finance:capital-requests", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, form, None, refusal.status)
    messages.success(request, f"{made.code} is drafted. Submit it when it is ready to be decided.")
    return redirect("finance:capital-request", code=program.code, pk=made.pk)


def find_request(request: HttpRequest, program: Program, pk: int) -> CapitalRequest:
    found = (
        CapitalRequest.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("project", "requester", "warrant", "program")
        .first()
    )
    if found is None:
        raise Http404("No such capital request.")
    one: CapitalRequest = found
    return one


def _detail(
    request: HttpRequest, program: Program, found: CapitalRequest, refusal: Refused | None = None
) -> HttpResponse:
    available = selectors.available(found)
    revision = revisions.current(found)
    appraisal = appraise(found)
    exposure = exposure_of(found)
    more = sections.made_for(request, found)
    allowed = selectors.steps_allowed(found, request.access)  # type: ignore[attr-defined]
    papers, paper_steps = paper_table.shown(found, may_edit=allowed["edit"])

    def exact(minor: int | None) -> str:
        return formats.money_exact(minor, found.currency)

    context: dict[str, Any] = {
        "program": program,
        "found": found,
        "amount": formats.money_exact(found.amount_minor, found.currency),
        "available": formats.money_exact(available, found.currency),
        "enough": available >= found.amount_minor,
        "waits": found.state in ("draft", *OPEN),
        "may_propose": found.state == "submitted"
        and request.access.may(Permission.PROPOSE_DECISION, program.pk),  # type: ignore[attr-defined]
        "months": [
            {
                "period": one.period,
                "paid": exact(-one.paid) if one.paid else "",
                "returned": exact(one.returned) if one.returned else "",
                "so_far": exact(one.so_far),
                "factor": formats.number(one.factor, 4),
                "worth": exact(one.worth),
            }
            for one in appraisal.months
        ],
        "figures": [(one, shown(one, found.currency)) for one in appraisal.figures],
        "split_days": SPLIT_DAYS,
        "split_with": exposure.with_codes,
        "exposure": exact(exposure.minor),
        "revision": revision,
        "digest": revision.sha256[:12] if revision else "",
        "sections": more,
        "trail": sorted(
            [*selectors.trail(found), *paper_steps, *(step for one in more for step in one.steps)],
            key=lambda step: step.at,
        ),
        "papers": papers,
        "steps": allowed,
        "findings": beside_subject(program.pk, request.user, "capital_request", found.pk),
        "refusal": refusal,
        "crumbs": crumbs(
            program,
            ("Capital requests", reverse("finance:capital-requests", kwargs={"code": program.code})),
            (found.code, ""),
        ),
    }
    return render(request, "finance/capex/request.html", context, status=refusal.status if refusal else 200)


@page(Permission.VIEW_MONEY)
def capital_request(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One request, like the paper form, with its trail from the first draft to the ledger."""
    return _detail(request, program, find_request(request, program, pk))


@page(Permission.REQUEST_CAPITAL, methods=("GET", "POST"), somewhere=True)
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Change a draft or a submitted request: a new revision."""
    with reading(request) as access:
        found = find_request(request, program, pk)
        access.require(Permission.REQUEST_CAPITAL, program.pk, found.project_id)
        form = CapitalRequestForm(program, None, request.POST or None, request=found)
        if request.method == "GET":
            return _form(request, program, form, found)
        if not form.is_valid():
            return _form(request, program, form, found, 422)
    version = form.cleaned_data["version"] or 0
    try:
        act(request, services.edit, capital_request=found, version=version, values=form.values())
    except AlreadyDone:
        return redirect("finance:capital-request", code=program.code, pk=pk)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, form, found, refusal.status)
    messages.success(request, f"{found.code} is saved as a new revision.")
    return redirect("finance:capital-request", code=program.code, pk=pk)


def _step(service: Callable[..., CapitalRequest], done: str) -> Callable[..., HttpResponse]:
    @page(Permission.REQUEST_CAPITAL, methods=("POST",), somewhere=True)
    def view(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
        with reading(request):
            found = find_request(request, program, pk)
        try:
            act(request, service, capital_request=found)
        except AlreadyDone:
            pass
        except Refused as refusal:
            with reading(request):
                return _detail(request, program, find_request(request, program, pk), refusal)
        messages.success(request, f"{found.code} is {done}.")
        return redirect("finance:capital-request", code=program.code, pk=pk)

    return view


submit = _step(services.submit, "submitted for decision")
withdraw = _step(services.withdraw, "withdrawn")
