"""Pages of contracts: the register, one contract, and the forms of what can happen to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.capex.models import CapitalRequest
from finance.contracts import present, selectors, services
from finance.contracts.forms import CloseForm, ContractForm, ValueForm
from finance.contracts.models import Contract
from finance.structure import periods
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import format_plain
from pmo.refusals import Refused
from pmo.seen import seen_version
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


def contracts_of(request: HttpRequest, program: Program) -> Any:
    """The program's contracts, newest first, with what their columns need."""
    rows = Contract.objects.visible_to(request.user).filter(program_id=program.pk)
    return rows.select_related("vendor", "request__project", "program").order_by("-pk")


def contract_columns(program: Program) -> list[Column]:
    """Contract, with whom, on what, how much, until when, what is retained, how far."""
    base = reverse("finance:contracts", kwargs={"code": program.code})
    requests = reverse("finance:capital-requests", kwargs={"code": program.code})
    vendors = reverse("finance:vendors", kwargs={"code": program.code})
    return [
        Column("Contract", lambda c: f"{c.code} {c.title}", "code", href=lambda c: f"{base}{c.pk}/"),
        Column("Vendor", lambda c: c.vendor.name, "vendor__name", href=lambda c: f"{vendors}{c.vendor_id}/"),
        Column(
            "Request", lambda c: c.request.code, "request__code", href=lambda c: f"{requests}{c.request_id}/"
        ),
        Column("Project", lambda c: c.request.project.code, "request__project__code"),
        Column(
            "Value",
            lambda c: formats.money_short(c.value_minor, c.currency, unit=True),
            "value_minor",
            num=True,
            plain=lambda c: format_plain(c.value_minor, c.currency),
        ),
        Column("Retained", lambda c: f"{c.retention_percent.normalize():f} %", "retention_percent", num=True),
        Column("Starts", lambda c: formats.day(c.starts_on), "starts_on", num=True),
        Column("Ends", lambda c: formats.day(c.ends_on), "ends_on", num=True),
        Column("State", lambda c: c.get_state_display(), "state"),
    ]


@page(Permission.VIEW_MONEY)
def contracts(request: HttpRequest, program: Program) -> HttpResponse:
    """All contracts."""
    requests = reverse("finance:capital-requests", kwargs={"code": program.code})
    register = Register(
        name=f"{program.code}-contracts",
        rows=contracts_of(request, program),
        search=("code", "title", "vendor__name", "request__code"),
        columns=contract_columns(program),
        empty={
            "title": "No contract yet",
            "text": "A contract is drafted on the page of an approved capital request, out of what was set aside.",
            "url": f"{requests}?state=approved",
            "label": "See approved requests",
        },
    )
    context = {
        "program": program,
        "heading": "Contracts",
        "subtitle": "Orders under a contract never come to more than its value",
        "no_clock": True,
        "crumbs": crumbs(program, ("Contracts", "")),
    }
    return register.respond(request, "programs/register.html", context)


def find_contract(request: HttpRequest, program: Program, pk: int) -> Contract:
    """The contract with what its page shows of it, or 404."""
    rows = contracts_of(request, program).select_related("manager", "drafted_by", "activated_by", "closed_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("No such contract.")
    one: Contract = found
    return one


def detail(
    request: HttpRequest, program: Program, found: Contract, refusal: Refused | None = None
) -> HttpResponse:
    access = request.access  # type: ignore[attr-defined]
    context = {
        "program": program,
        "found": found,
        **present.shown(found, access, request.user.pk),
        "refusal": refusal,
        "crumbs": crumbs(
            program,
            ("Contracts", reverse("finance:contracts", kwargs={"code": program.code})),
            (found.code, ""),
        ),
    }
    return render(
        request, "finance/contracts/contract.html", context, status=refusal.status if refusal else 200
    )


@page(Permission.VIEW_MONEY)
def contract(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One contract."""
    return detail(request, program, find_contract(request, program, pk))


def form_page(
    request: HttpRequest, program: Program, form: Any, heading: str, back: tuple[str, str], status: int = 200
) -> HttpResponse:
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": back[1],
        "crumbs": crumbs(program, back, (heading, "")),
    }
    return render(request, "finance/procurement/form.html", context, status=status)


@page(Permission.PLACE_ORDER, methods=("GET", "POST"), somewhere=True)
def draft(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Write a contract on an approved request (`pk`)."""
    with reading(request) as access:
        rows = CapitalRequest.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk)
        on = rows.select_related("project", "program").first()
        if on is None:
            raise Http404("No such capital request.")
        access.require(Permission.PLACE_ORDER, program.pk, on.project_id)
        free = max(0, selectors.set_aside(on) - selectors.promised(on))
        vendor_model: Any = apps.get_model("finance", "Vendor")  # a name: procurement stands on contracts
        vendors = vendor_model.objects.filter(program=program, active=True).order_by("name")
        meant = vendors.filter(name__iexact=on.vendor).first()
        initial = {
            "title": on.title,
            "value": format_plain(free, program.currency),
            "vendor": meant.code if meant else "",
            "manager": request.user.pk,
            "starts_on": periods.local_day(program, timezone.now()),
            "retention_percent": "0",
        }
        managers = services.who_may_manage(program, on.project_id, timezone.now())
        form = ContractForm(program, vendors, request.POST or None, managers=managers, initial=initial)
        heading = f"Contract on {on.code}"
        back = (on.code, reverse("finance:capital-request", kwargs={"code": program.code, "pk": pk}))
        if request.method == "GET":
            return form_page(request, program, form, heading, back)
        if not form.is_valid():
            return form_page(request, program, form, heading, back, 422)
        chosen = form.cleaned_data["vendor"]
    try:
        made = act(request, services.draft, capital_request=on, vendor=chosen, values=form.values())
    except AlreadyDone:
        return redirect("finance:contracts", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return form_page(request, program, form, heading, back, refusal.status)
    messages.success(request, f"{made.code} is drafted; put in force, it holds its value for the vendor.")
    return redirect("finance:contract", code=program.code, pk=made.pk)


Made = tuple[Any, str, Callable[..., Any], Callable[[Any], dict[str, Any]]]
"""Form, heading, service, and what the service takes besides the contract's version."""


def answered(
    request: HttpRequest,
    program: Program,
    pk: int,
    make: Callable[[Contract, Any], Made],
    right: Permission,
    done: str,
) -> HttpResponse:
    """Show a form of a contract, or do what it says: the shape of every view below."""
    posted = request.POST if request.method == "POST" else None
    with reading(request) as access:
        found = find_contract(request, program, pk)
        access.require(right, program.pk, found.request.project_id)
        form, heading, service, takes = make(found, posted)
        back = (found.code, reverse("finance:contract", kwargs={"code": program.code, "pk": pk}))
        if posted is None:
            return form_page(request, program, form, heading, back)
        if not form.is_valid():
            return form_page(request, program, form, heading, back, 422)
    try:
        act(request, service, **takes(form.cleaned_data), version=form.seen)
        messages.success(request, done.format(code=found.code))
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return form_page(request, program, form, heading, back, refusal.status)
    return redirect("finance:contract", code=program.code, pk=pk)


@page(Permission.PLACE_ORDER, methods=("GET", "POST"), somewhere=True)
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Change a draft."""

    def make(found: Contract, posted: Any) -> Made:
        managers = services.who_may_manage(program, found.request.project_id, timezone.now())
        form = ContractForm(program, None, posted, managers=managers, contract=found)
        return (
            form,
            f"Edit {found.code}",
            services.edit,
            lambda _: {"contract": found, "values": form.values()},
        )

    return answered(request, program, pk, make, Permission.PLACE_ORDER, "{code} is saved.")


@page(Permission.PLACE_ORDER, methods=("GET", "POST"), somewhere=True)
def value(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Change the value of a contract in force."""

    def make(found: Contract, posted: Any) -> Made:
        initial = {"value": format_plain(found.value_minor, found.currency), "version": found.version}
        form = ValueForm(found.currency, posted, initial=initial)

        def takes(data: Any) -> dict[str, Any]:
            return {"contract": found, "value_minor": data["value"], "reason": data["why"]}

        return form, f"Value of {found.code}", services.change_value, takes

    return answered(request, program, pk, make, Permission.PLACE_ORDER, "{code} has another value.")


@page(Permission.PLACE_ORDER, methods=("GET", "POST"), somewhere=True)
def close(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Close a contract."""

    def make(found: Contract, posted: Any) -> Made:
        form = CloseForm(found.currency, posted, initial={"version": found.version})
        return (
            form,
            f"Close {found.code}",
            services.close,
            lambda data: {"contract": found, "reason": data["why"]},
        )

    return answered(request, program, pk, make, Permission.PLACE_ORDER, "{code} is closed.")


def at_once(
    request: HttpRequest, program: Program, pk: int, service: Callable[..., Any], **given: Any
) -> HttpResponse:
    """Do what a button says, as of the version that was shown."""
    try:
        act(request, service, version=seen_version(request.POST.get("version", "")), **given)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return detail(request, program, find_contract(request, program, pk), refusal)
    return redirect("finance:contract", code=program.code, pk=pk)


@page(Permission.PLACE_ORDER, methods=("POST",), somewhere=True)
def activate(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Put a draft in force."""
    with reading(request):
        found = find_contract(request, program, pk)
    return at_once(request, program, pk, services.activate, contract=found)
