"""Pages of variances: the register, one with its answer, and the limits of the program."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.control_accounts import holding, services
from finance.control_accounts.forms import AnswerForm, LimitsForm
from finance.control_accounts.models import VarianceFinding
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Conflict, Refused
from pmo.seen import seen_version
from pmo.tables import Column, Register
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY)
def listing(request: HttpRequest, program: Program) -> HttpResponse:
    """All variances that were asked about; `?state=` and `?mine=1` narrow."""
    base = reverse("finance:variances", kwargs={"code": program.code})
    rows = VarianceFinding.objects.visible_to(request.user).filter(program_id=program.pk)
    if request.GET.get("state") in VarianceFinding.State.values:
        rows = rows.filter(state=request.GET["state"])
    if request.GET.get("mine") == "1":
        rows = rows.filter(owner_id=request.user.pk)
    register = Register(
        name=f"{program.code}-variances",
        rows=rows.select_related("account__project", "period", "owner", "issue").order_by("-pk"),
        search=("title", "cause", "corrective_action"),
        columns=[
            Column("Variance", lambda r: r.title, "title", href=lambda r: f"{base}{r.pk}/"),
            Column("Project", lambda r: r.account.project.code, "account__project__code"),
            Column("Status date", lambda r: formats.day(r.period.at.astimezone(zone(program.time_zone)).date()),
                   "period__at"),
            Column("What", lambda r: " ".join(one["sentence"] for one in r.crossed)),
            Column("Owner", lambda r: r.owner.name if r.owner else formats.UNKNOWN, "owner__name"),
            Column("Due", lambda r: formats.day(r.due_on), "due_on"),
            Column("State", lambda r: r.get_state_display(), "state"),
            Column("Issue", lambda r: r.issue.code if r.issue else formats.UNKNOWN),
            Column("Corrective action", lambda r: r.corrective_action),
        ],
        empty={
            "title": "No variance to explain",
            "text": "When earned value is computed, each control account beyond the limits is asked about here.",
            "url": reverse("finance:control-accounts", kwargs={"code": program.code}),
            "label": "Control accounts",
        },
    )  # fmt: skip
    own = reverse("finance:own-limits", kwargs={"code": program.code})
    context = {
        "program": program,
        "heading": "Variances",
        "subtitle": f"Asked about: {holding.said(holding.limits_of(program))}",
        "other_url": own,
        "other_label": "Limits of projects and accounts",
        "add_url": reverse("finance:variance-limits", kwargs={"code": program.code})
        if request.access.may(Permission.EDIT_PROGRAM, program.pk)  # type: ignore[attr-defined]
        else "",
        "add_label": "Limits",
        "crumbs": crumbs(program, ("Variances", "")),
    }
    return register.respond(request, "programs/register.html", context)


def _find(request: HttpRequest, program: Program, pk: int) -> VarianceFinding:
    found = (
        VarianceFinding.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related(
            "account__project", "account__activity", "period", "owner", "answered_by", "closed_by", "issue"
        )
        .first()
    )
    if found is None:
        raise Http404("No such variance.")
    one: VarianceFinding = found
    return one


def _page(
    request: HttpRequest,
    program: Program,
    found: VarianceFinding,
    *,
    form: AnswerForm | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    access: Any = request.access  # type: ignore[attr-defined]
    may = found.state != VarianceFinding.State.CLOSED and services.may_answer(found, request.user)  # type: ignore[arg-type]
    context = {
        "program": program,
        "found": found,
        "status": formats.day(found.period.at.astimezone(zone(program.time_zone)).date()),
        "form": form or (AnswerForm(found) if may else None),
        "refusal": refusal,
        "may_close": found.state == VarianceFinding.State.ANSWERED
        and access.may(Permission.EDIT_BUDGET, program.pk)
        and request.user.pk != found.answered_by_id,
        "crumbs": crumbs(
            program,
            ("Variances", reverse("finance:variances", kwargs={"code": program.code})),
            (found.account.code, ""),
        ),
    }
    return render(request, "finance/control_accounts/variance.html", context, status=status)


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def variance(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One variance: what was beyond its limit, and the answer of who answers for the account."""
    with reading(request):
        found = _find(request, program, pk)
        if request.method == "GET":
            return _page(request, program, found)
        if not services.may_answer(found, request.user):  # type: ignore[arg-type]
            request.access.require(Permission.EDIT_PLAN, program.pk, found.account.project_id)  # type: ignore[attr-defined]
        form = AnswerForm(found, request.POST)
        if not form.is_valid():
            return _page(request, program, found, form=form, status=422)
    given = form.cleaned_data
    try:
        act(
            request,
            services.answer,
            finding=found,
            values={name: given[name] for name in services.ANSWER},
            version=given["version"],
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            found = _find(request, program, pk)
            if isinstance(refusal, Conflict):
                typed = request.POST.copy()
                typed["version"] = str(found.version)
                form.data = typed
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return _page(request, program, found, form=form, status=refusal.status)
    messages.success(request, "The answer is kept; it can be improved until it is closed.")
    return redirect("finance:variance", code=program.code, pk=pk)


@page(Permission.EDIT_BUDGET, methods=("POST",))
def close(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Accept the answer."""
    with reading(request):
        found = _find(request, program, pk)
        version = request.POST.get("version", "")
    try:
        act(
            request,
            services.close,
            finding=found,
            version=seen_version(version),
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return _page(
                request, program, _find(request, program, pk), refusal=refusal, status=refusal.status
            )
    messages.success(request, "The variance is closed.")
    return redirect("finance:variance", code=program.code, pk=pk)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def limits(request: HttpRequest, program: Program) -> HttpResponse:
    """Beyond which variance an account's manager explains it."""
    here = reverse("finance:variances", kwargs={"code": program.code})
    with reading(request):
        seen = holding.limits_of(program)
        form = LimitsForm(program, seen, request.POST or None)

        def shown(status: int = 200) -> HttpResponse:
            context = {
                "program": program,
                "form": form,
                "action": request.get_full_path(),
                "cancel": here,
                "crumbs": crumbs(program, ("Variances", here), ("Limits", "")),
            }
            return render(request, "finance/control_accounts/limits.html", context, status=status)

        if request.method == "GET":
            return shown()
        if not form.is_valid():
            return shown(422)
        wanted = form.limits()
    try:
        act(request, services.set_limits, program=program, wanted=wanted)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return shown(refusal.status)
    messages.success(request, "The limits are saved; they hold for what is found from now on.")
    return redirect("finance:variances", code=program.code)
