"""Pages of capitalisation: the program's spend under its policies and restated, and the policy of one project."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.capitalisation import selectors, services
from finance.capitalisation.forms import MarkForm, PolicyForm
from finance.capitalisation.models import CapitalisationMark, CapitalisationPolicy
from finance.capitalisation.selectors import Group, ProjectSums
from finance.engine.capitalisation import CRITERIA, Standard
from finance.structure.models import Category, Nature
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import format_plain
from pmo.refusals import Refused
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project

MOST_GROUPS = 200
HEADS = (
    "Project", "Activity", "Name", "Category", "Kind of cost", "Stage", "First day", "Last day", "Lines", "Amount",
    "Posted", "Proposed", "Paragraph", "Why", "Evidence asked for",
)  # fmt: skip
STAGES, KINDS = dict(CapitalisationMark.Stage.choices), dict(CapitalisationMark.CostKind.choices)
NATURES = {"capital": "Capital", "operating": "Expense"}


@page(Permission.VIEW_MONEY)
def capitalisation(request: HttpRequest, program: Program) -> HttpResponse:
    """Spend as posted, as the policy in force proposes, and restated; `?only=differs` and `?project=` narrow it."""
    project = request.GET.get("project", "")[:30].replace("\x00", "")
    found = selectors.capitalisation(program, project)
    only = request.GET.get("only") == "differs"
    groups = [one for one in found.groups if one.differs] if only else found.groups
    if (kind := request.GET.get("format")) in FORMATS:
        name = f"{program.code}-capitalisation"
        return download(kind, name, HEADS, (_plain(one, program.currency) for one in groups))
    differing = [one for one in found.groups if one.differs]
    context: dict[str, Any] = {
        "program": program,
        "no_clock": True,
        "crumbs": crumbs(program, ("Capitalisation", "")),
        "standards": [CapitalisationPolicy.Standard(one.value).label for one in Standard],
        "projects": [_sums(program, one) for one in found.projects],
        "total": _sums(program, found.total),
        "groups": [_group(one, program.currency) for one in groups[:MOST_GROUPS]],
        "more": max(0, len(groups) - MOST_GROUPS),
        "only": only,
        "project": project,
        "count": len(found.groups),
        "differing": len(differing),
        "to_expense": formats.money_short(
            sum(one.amount for one in differing if one.posted == Nature.CAPITAL), program.currency, unit=True
        ),
        "to_capital": formats.money_short(
            sum(one.amount for one in differing if one.posted != Nature.CAPITAL), program.currency, unit=True
        ),
    }
    return render(request, "finance/capitalisation/capitalisation.html", context)


def _sums(program: Program, one: ProjectSums) -> dict[str, Any]:
    def money(amount: int | None) -> str:
        return formats.money_short(amount, program.currency)

    proposed = one.proposed_capital
    return {
        "code": one.code,
        "name": one.name,
        "href": reverse(
            "finance:capitalisation-project", kwargs={"code": program.code, "project_code": one.code}
        )
        if one.code
        else "",
        "standard": one.policy.get_standard_display() if one.policy else "",
        "spent": money(one.spent),
        "posted": money(one.posted_capital),
        "proposed": money(proposed),
        "difference": ""
        if proposed is None
        else formats.money_short(proposed - one.posted_capital, program.currency, sign=True),
        "restated": [money(one.restated[standard]) for standard in Standard],
    }


def _group(one: Group, currency: str) -> dict[str, Any]:
    treatment = one.treatment
    return {
        "project": one.project,
        "activity": f"{one.activity} {one.name}".strip() or "no activity",
        "category": Category(one.category).label,
        "kind": KINDS[one.kind],
        "stage": STAGES[one.stage],
        "days": formats.day(one.first)
        if one.first == one.last
        else f"{formats.day(one.first)} to {formats.day(one.last)}",
        "lines": one.lines,
        "amount": formats.money_short(one.amount, currency),
        "posted": NATURES[one.posted],
        "proposed": NATURES[treatment.nature] if treatment else "No policy yet",
        "clause": treatment.clause if treatment else "",
        "why": treatment.why if treatment else "",
        "evidence": "; ".join(treatment.evidence) if treatment else "",
        "differs": one.differs,
    }


def _plain(one: Group, currency: str) -> list[Any]:
    shown = _group(one, currency)
    return [
        one.project, one.activity, one.name, shown["category"], shown["kind"], shown["stage"], one.first, one.last,
        one.lines, format_plain(one.amount, currency), shown["posted"], shown["proposed"], shown["clause"],
        shown["why"], shown["evidence"],
    ]  # fmt: skip


def _find(program: Program, code: str) -> Project:
    found = Project.objects.filter(program=program, code=code).first()
    if found is None:
        raise Http404("No such project.")
    one: Project = found
    return one


def _detail(
    request: HttpRequest,
    program: Program,
    project: Project,
    *,
    policy_form: PolicyForm | None = None,
    mark_form: MarkForm | None = None,
    status: int = 200,
) -> HttpResponse:
    records = list(
        CapitalisationPolicy.objects.visible_to(request.user)
        .filter(program_id=program.pk, project=project)
        .select_related("author")
        .order_by("-pk")[:50]
    )
    marks = (
        CapitalisationMark.objects.visible_to(request.user)
        .filter(program_id=program.pk, activity__project=project)
        .select_related("author", "activity")
        .order_by("-pk")[:100]
    )
    may_edit = request.access.may(Permission.EDIT_POLICY, program.pk)  # type: ignore[attr-defined]
    here = reverse("finance:capitalisation", kwargs={"code": program.code})
    context = {
        "program": program,
        "project": project,
        "no_clock": True,
        "records": [_record(one) for one in records],
        "marks": [
            {
                "activity": f"{one.activity.code} {one.activity.name}",
                "stage": STAGES.get(one.stage, "as the days say"),
                "kind": KINDS.get(one.cost_kind, "as the category says"),
                "reason": one.reason,
                "who": one.author.name,
                "at": one.recorded_at,
            }
            for one in marks
        ],
        "policy_form": (policy_form or PolicyForm(newest=records[0] if records else None))
        if may_edit
        else None,
        "may_ask": bool(records) and request.access.may(Permission.EDIT_BUDGET, program.pk),  # type: ignore[attr-defined]
        "mark_form": (mark_form or MarkForm(project)) if may_edit else None,
        "crumbs": crumbs(program, ("Capitalisation", here), (project.code, "")),
    }
    return render(request, "finance/capitalisation/project.html", context, status=status)


def _record(one: CapitalisationPolicy) -> dict[str, Any]:
    days = [
        ("Development begins", one.development_from),
        ("Ready for use", one.ready_on),
        ("Funds authorised", one.funding_authorised_on),
        ("Completion probable", one.completion_probable_on),
    ]
    if one.uncertain:
        days.append(("Uncertainty resolved", one.uncertainty_resolved_on))
    shown = [f"{label}: {formats.day(day) if day else 'not shown'}" for label, day in days]
    met = sum(1 for name in CRITERIA if name in one.criteria)
    return {
        "standard": one.get_standard_display(),
        "from": formats.day(one.from_day),
        "shown": [*shown, f"IAS 38.57: {met} of {len(CRITERIA)} criteria shown"],
        "evidence": one.evidence,
        "who": one.author.name,
        "at": one.recorded_at,
    }


@page(Permission.VIEW_MONEY)
def project(request: HttpRequest, program: Program, project_code: str) -> HttpResponse:
    """The policy of one project: every record with its evidence, and what was said of activities."""
    return _detail(request, program, _find(program, project_code))


@page(Permission.EDIT_POLICY, methods=("POST",))
def record(request: HttpRequest, program: Program, project_code: str) -> HttpResponse:
    """Record which standard holds and what was shown."""
    with reading(request):
        found = _find(program, project_code)
        form = PolicyForm(request.POST)
        if not form.is_valid():
            return _detail(request, program, found, policy_form=form, status=422)
    try:
        act(request, services.record_policy, project=found, **form.values())
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _detail(request, program, found, policy_form=form, status=refusal.status)
    messages.success(request, f"The policy of {found.code} is recorded.")
    return redirect("finance:capitalisation-project", code=program.code, project_code=found.code)


@page(Permission.EDIT_POLICY, methods=("POST",))
def mark(request: HttpRequest, program: Program, project_code: str) -> HttpResponse:
    """Say what the cost of an activity is."""
    with reading(request):
        found = _find(program, project_code)
        form = MarkForm(found, request.POST)
        if not form.is_valid():
            return _detail(request, program, found, mark_form=form, status=422)
    data = form.cleaned_data
    try:
        act(
            request,
            services.mark_activity,
            activity=data["activity"],
            stage=data["stage"],
            cost_kind=data["cost_kind"],
            reason=data["reason"],
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _detail(request, program, found, mark_form=form, status=refusal.status)
    messages.success(request, f"{data['activity'].code} is marked.")
    return redirect("finance:capitalisation-project", code=program.code, project_code=found.code)
