"""Pages of limits of single projects and accounts: all settings, and the forms that set and end them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.control_accounts import holding, own_limits
from finance.control_accounts.forms import LimitsEndForm, OwnLimitsForm
from finance.control_accounts.models import ControlAccount, OwnLimits
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.tables import Column, Register
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project


def _number(value: Any, digits: int) -> str:
    return formats.UNKNOWN if value is None else f"{value:.{digits}f}"


@page(Permission.VIEW_MONEY)
def listing(request: HttpRequest, program: Program) -> HttpResponse:
    """Every setting of limits of a project or an account, newest first."""
    base = reverse("finance:own-limits", kwargs={"code": program.code})
    rows = OwnLimits.objects.visible_to(request.user).filter(program_id=program.pk)
    local = zone(program.time_zone)
    may = request.access.may(Permission.EDIT_POLICY, program.pk)  # type: ignore[attr-defined]
    register = Register(
        name=f"{program.code}-own-limits",
        rows=rows.select_related("project", "account", "set_by").order_by("-pk"),
        search=("reason", "account__code", "project__code"),
        columns=[
            Column("Of", lambda r: r.whose, href=lambda r: f"{base}set/?{r.address}" if may else ""),
            Column("Set on", lambda r: formats.day(r.set_at.astimezone(local).date()), "set_at"),
            Column("By", lambda r: r.set_by.name, "set_by__name"),
            Column("CPI below", lambda r: "" if r.ends else _number(r.cpi_low, 3), "cpi_low", num=True),
            Column("CPI above", lambda r: "" if r.ends else _number(r.cpi_high, 3), "cpi_high", num=True),
            Column("SPI below", lambda r: "" if r.ends else _number(r.spi_low, 3), "spi_low", num=True),
            Column("Over budget, %", lambda r: "" if r.ends else _number(r.vac_percent, 2), "vac_percent", num=True),
            Column(
                "Smallest",
                lambda r: "" if r.ends else formats.money_short(r.smallest_minor, program.currency),
                num=True,
            ),
            Column("Answer within, days", lambda r: "" if r.ends else str(r.answer_days), "answer_days", num=True),
            Column("What", lambda r: "ended: those of above hold" if r.ends else "set"),
            Column("Why", lambda r: r.reason),
        ],
        empty={
            "title": "Every account has the program's limits",
            "text": "A project or a control account may have limits of its own, with a reason.",
            "url": f"{base}set/" if may else reverse("finance:variances", kwargs={"code": program.code}),
            "label": "Set limits" if may else "Variances",
        },
    )  # fmt: skip
    context = {
        "program": program,
        "heading": "Limits of projects and accounts",
        "subtitle": "An account's own come first, then its project's, then the program's",
        "no_clock": True,
        "add_url": f"{base}set/" if may else "",
        "add_label": "Set limits",
        "crumbs": crumbs(program, _variances(program), ("Own limits", "")),
    }
    return register.respond(request, "programs/register.html", context)


def _variances(program: Program) -> tuple[str, str]:
    return "Variances", reverse("finance:variances", kwargs={"code": program.code})


def _choices(program: Program) -> tuple[list[tuple[str, str]], list[str]]:
    """Projects and accounts by what names them, and the projects without an account. Two queries."""
    projects = Project.objects.filter(program_id=program.pk).order_by("position", "pk")
    accounts = (
        ControlAccount.objects.filter(program_id=program.pk).select_related("activity").order_by("code")
    )
    held = {one.activity.project_id for one in accounts}
    choices = [
        *((f"project={one.pk}", f"Project {one.code}") for one in projects),
        *((f"account={one.pk}", f"{one.code} {one.activity.name}") for one in accounts),
    ]
    return choices, [one.code for one in projects if one.pk not in held]


def _subject(request: HttpRequest, program: Program) -> tuple[Project | None, ControlAccount | None]:
    """The project or account of the address; neither: still to be chosen. 404 for one of another program."""
    found: dict[str, Any] = {}
    for name, model in (("project", Project), ("account", ControlAccount)):
        text = request.GET.get(name, "")
        if not text:
            continue
        rows = (
            model.objects.filter(program_id=program.pk, pk=int(text))
            if _small(text)
            else model.objects.none()
        )
        found[name] = rows.first()
        if found[name] is None:
            raise Http404("No such project or account.")
    if len(found) > 1:
        raise Http404("One project or one account.")
    return found.get("project"), found.get("account")


def _small(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


@page(Permission.EDIT_POLICY, methods=("GET", "POST"))
def set_limits(request: HttpRequest, program: Program) -> HttpResponse:
    """Set limits of the project or account of the address; without one, choose it first."""
    here = reverse("finance:own-limits", kwargs={"code": program.code})
    with reading(request):
        project, account = _subject(request, program)
        chosen = account or project
        before = holding.last(program, project, account) if chosen else None
        start = holding.values(before) if before and not before.ends else holding.limits_of(program)
        form = OwnLimitsForm(program, start, request.POST or None, more={"seen": before.n if before else 0})

        def shown(status: int = 200) -> HttpResponse:
            choices, without = ([], []) if chosen else _choices(program)
            context = {
                "program": program,
                "form": form if chosen else None,
                "choices": choices,
                "without": without,
                "heading": f"Limits of {chosen}" if chosen else "Limits of a project or an account",
                "action": request.get_full_path(),
                "cancel": here,
                "end_url": f"{here}{before.pk}/end/" if before and not before.ends else "",
                "crumbs": crumbs(program, _variances(program), ("Own limits", here), ("Set", "")),
            }
            return render(request, "finance/control_accounts/own_limits.html", context, status=status)

        if request.method == "GET":
            return shown()
        if chosen is None or not form.is_valid():
            return shown(422)
        data = form.cleaned_data
        wanted = form.limits()
    try:
        act(
            request,
            own_limits.set_own,
            program=program,
            project=project,
            account=account,
            wanted=wanted,
            reason=data["why"],
            seen=data["seen"] or 0,
        )
        messages.success(request, f"{chosen} has limits of its own; accounts beyond them are asked about.")
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return shown(refusal.status)
    return redirect("finance:own-limits", code=program.code)


@page(Permission.EDIT_POLICY, methods=("GET", "POST"))
def end(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Have the limits of above hold again."""
    here = reverse("finance:own-limits", kwargs={"code": program.code})
    with reading(request):
        rows = OwnLimits.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk)
        found = rows.select_related("program", "project", "account").first()
        if found is None:
            raise Http404("No such limits.")
        form = LimitsEndForm(request.POST or None, initial={"seen": found.n})

        def shown(status: int = 200) -> HttpResponse:
            context = {
                "program": program,
                "form": form,
                "heading": f"End the limits of {found.whose}",
                "action": request.get_full_path(),
                "cancel": here,
                "crumbs": crumbs(program, _variances(program), ("Own limits", here), ("End", "")),
            }
            return render(request, "finance/control_accounts/own_limits.html", context, status=status)

        if request.method == "GET":
            return shown()
        if not form.is_valid():
            return shown(422)
        data = form.cleaned_data
    try:
        act(request, own_limits.end_own, setting=found, reason=data["why"], seen=data["seen"] or 0)
        messages.success(request, f"The limits of {found.whose} have ended; those of above hold.")
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return shown(refusal.status)
    return redirect("finance:own-limits", code=program.code)
