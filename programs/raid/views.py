"""The risk register with its heat map."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from pmo import charts, formats
from pmo.accounts.roles import Permission
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.raid import acceptance, services
from programs.raid.forms import AcceptanceForm, RiskForm
from programs.raid.issue_models import Issue
from programs.raid.models import Risk


@page(Permission.VIEW_PROGRAM)
def risks(request: HttpRequest, program: Program) -> HttpResponse:
    """All risks; `?state=open` and `?p=&i=` narrow to what a figure or a square of the heat map counts."""
    may_edit = request.access.may_somewhere(Permission.EDIT_RISKS, program.pk)  # type: ignore[attr-defined]
    base = reverse("programs:risks", kwargs={"code": program.code})
    rows = Risk.objects.visible_to(request.user).filter(program_id=program.pk)
    if request.GET.get("state") == "open":
        rows = rows.exclude(state__in=["closed", "occurred"])
    for name, column in (("p", "probability"), ("i", "impact")):
        value = request.GET.get(name, "")
        if value in {"1", "2", "3", "4", "5"}:
            rows = rows.filter(**{column: int(value)})
    squares = list(
        Risk.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .exclude(state__in=["closed", "occurred"])
        .values("probability", "impact")
        .annotate(n=Count("pk"), money=Sum("exposure_minor"))
    )
    counts = {(row["probability"], row["impact"]): row["n"] for row in squares}
    exposure = int(sum(row["money"] for row in squares))
    accepted = dict(
        acceptance.in_force(program.pk, acceptance.local_day(program, timezone.now())).values_list(
            "risk", "until"
        )
    )
    register = Register(
        name=f"{program.code}-risks",
        rows=rows.select_related("project", "owner").order_by("-probability", "-impact", "code"),
        search=("code", "title", "event"),
        columns=[
            Column("Risk", lambda r: f"{r.code} {r.title}", "code", href=lambda r: f"{base}{r.pk}/"),
            Column("Project", lambda r: r.project.code if r.project else "Program", "project__code"),
            Column("Probability", lambda r: r.probability, "probability", num=True),
            Column("Impact", lambda r: r.impact, "impact", num=True),
            Column(
                "Exposure",
                lambda r: formats.money_short(r.exposure_minor, program.currency),
                "exposure_minor",
                num=True,
                plain=lambda r: r.exposure_minor,
            ),
            Column("Response", lambda r: r.get_response_display(), "response"),
            Column("Owner", lambda r: r.owner.name if r.owner else formats.UNKNOWN),
            Column(
                "State",
                lambda r: (
                    f"Accepted until {formats.day(accepted[r.pk])}"
                    if r.pk in accepted
                    else r.get_state_display()
                ),
                "state",
            ),
        ],
        empty={
            "title": "No risk is recorded yet",
            "text": "A risk has a cause, an event and an effect, and somebody who watches it.",
            "url": reverse("programs:risk-add", kwargs={"code": program.code}) if may_edit else "",
            "label": "Add the first risk",
        },
    )
    context: dict[str, Any] = {
        "program": program,
        "heading": "Risks",
        "subtitle": f"{formats.counted(sum(counts.values()), 'open risk', 'open risks')} · exposure in all "
        f"{formats.money_text(exposure, program.currency)}",
        "lead_title": "Open risks by probability and impact",
        "lead_svg": charts.heat_map(
            counts,
            title="Open risks by probability and impact",
            description="Each cell is how many open risks have that probability and impact.",
            key="risks",
            href=lambda p, i: f"{base}?state=open&p={p}&i={i}",
            upwards="Probability",
        )
        if counts
        else "",
        "add_url": reverse("programs:risk-add", kwargs={"code": program.code}) if may_edit else "",
        "add_label": "Add risk",
        "crumbs": crumbs(program, ("Risks", "")),
    }
    return register.respond(request, "programs/register.html", context)


def _form_page(
    request: HttpRequest, program: Program, form: RiskForm, risk: Risk | None, status: int = 200, **more: Any
) -> HttpResponse:
    here = {"code": program.code}
    context = {
        "program": program,
        "form": form,
        "risk": risk,
        "issue": Issue.objects.filter(risk=risk).only("code").first() if risk else None,
        "may_occur": risk is not None
        and risk.state in (Risk.State.OPEN, Risk.State.MITIGATING)
        and request.access.may(Permission.EDIT_RISKS, program.pk, risk.project_id),  # type: ignore[attr-defined]
        "action": reverse("programs:risk", kwargs=here | {"pk": risk.pk})
        if risk
        else request.get_full_path(),
        "cancel": reverse("programs:risks", kwargs=here),
        "crumbs": crumbs(
            program,
            ("Risks", reverse("programs:risks", kwargs=here)),
            (risk.code if risk else "Add", ""),
        ),
        **more,
    }
    return render(request, "programs/raid/risk.html", context, status=status)


def find(request: HttpRequest, program: Program, pk: int) -> Risk:
    """The risk of that number, or 404."""
    found: Risk | None = (
        Risk.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("project", "owner")
        .first()
    )
    if found is None:
        raise Http404("No such risk.")
    return found


def risk_page(
    request: HttpRequest,
    program: Program,
    found: Risk,
    *,
    form: RiskForm | None = None,
    acceptance_form: AcceptanceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """One risk with its form, what was accepted of it, and the form that asks for it."""
    access = request.access  # type: ignore[attr-defined]
    form = form or RiskForm(program, instance=found)
    if not access.may(Permission.EDIT_RISKS, program.pk, found.project_id):
        for field in form.fields.values():
            field.disabled = True
    today = acceptance.local_day(program, timezone.now())
    asked = list(found.acceptances.select_related("warrant", "requester").order_by("-pk")[:20])
    for one in asked:
        one.risk, one.program = found, program
    waits = any(one.state == acceptance.State.SUBMITTED for one in asked)
    may_propose = access.may(Permission.PROPOSE_DECISION, program.pk)
    if may_propose and not waits and found.state not in acceptance.OVER and acceptance_form is None:
        acceptance_form = AcceptanceForm(found)
    return _form_page(
        request,
        program,
        form,
        found,
        status,
        acceptances=[(one, acceptance.in_words(one, today)) for one in asked],
        acceptance_form=acceptance_form,
        may_propose=may_propose,
    )


@page(Permission.EDIT_RISKS, methods=("GET", "POST"), somewhere=True)
def risk_add(request: HttpRequest, program: Program) -> HttpResponse:
    """Record a risk."""
    with reading(request):
        form = RiskForm(program, request.POST or None)
        if request.method == "GET":
            return _form_page(request, program, form, None)
        if not form.is_valid():
            return _form_page(request, program, form, None, 422)
    try:
        made = act(request, services.add, program=program, values=form.values())
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _form_page(request, program, form, None, refusal.status)
    messages.success(request, f"{made.code} is recorded.")
    return redirect("programs:risks", code=program.code)


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def risk(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One risk: read by everybody in the program, edited by who may."""
    with reading(request) as access:
        found = find(request, program, pk)
        if request.method == "GET":
            return risk_page(request, program, found)
        access.require(Permission.EDIT_RISKS, program.pk, found.project_id)
        form = RiskForm(program, request.POST, instance=found)
        if not form.is_valid():
            return risk_page(request, program, found, form=form, status=422)
    try:
        act(request, services.edit, risk_id=pk, changes=form.values(), version=form.cleaned_data["version"])
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return risk_page(request, program, found, form=form, status=refusal.status)
    messages.success(request, f"{found.code} is saved.")
    return redirect("programs:risks", code=program.code)
