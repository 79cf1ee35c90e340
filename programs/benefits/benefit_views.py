"""Pages of one benefit: adding, editing and retiring it, and how something contributes."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from programs.benefits import keeping, selectors, services
from programs.benefits.benefit_forms import BenefitForm, HowForm, RetireForm
from programs.benefits.benefit_page import TEXTS, find, form_page, home, refused_at, show
from programs.portfolio.models import Objective, Program


@page(Permission.VIEW_PROGRAM)
def benefit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One benefit with its readings against what was asked."""
    return show(request, program, find(program, pk), None)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """A further benefit."""
    heading = "Add a benefit"
    with reading(request):
        form = BenefitForm(program, request.POST or None)
        if request.method == "GET" or not form.is_valid():
            return form_page(
                request, program, form, heading, home(program), 200 if request.method == "GET" else 422
            )
    try:
        made = act(request, keeping.add, program=program, values=form.values())
    except AlreadyDone:
        return redirect(home(program))
    except Refused as refusal:
        refused_at(form, refusal)
        with reading(request):
            return form_page(request, program, form, heading, home(program), refusal.status)
    messages.success(request, f"{made.code} is asked for from now on.")
    return redirect("programs:benefit", code=program.code, pk=made.pk)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Change what is asked for; who was slower is told what stands there now."""
    with reading(request):
        found = find(program, pk)
        heading, back = (
            f"Edit {found.code}",
            reverse("programs:benefit", kwargs={"code": program.code, "pk": pk}),
        )
        form = BenefitForm(program, request.POST or None, benefit=found)
        if request.method == "GET" or not form.is_valid():
            return form_page(request, program, form, heading, back, 200 if request.method == "GET" else 422)
    reason = form.cleaned_data["why"]
    try:
        act(
            request, keeping.edit, why=reason, objective=found, version=form.cleaned_data["version"],
            changes=form.values(), reason=reason,
        )  # fmt: skip
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            if refusal.status == 409:
                now = find(program, pk)
                form.data = request.POST.dict() | {"version": str(now.version)}
                other = "; ".join(
                    f"{form[name].label}: {_said(now, name)}"
                    for name, value in form.values().items()
                    if getattr(now, name) != value
                )
                form.add_error(None, f"{refusal.message} {other}. Save again to put yours in its place.")
            else:
                refused_at(form, refusal)
            return form_page(request, program, form, heading, back, refusal.status)
    else:
        messages.success(request, f"{form.cleaned_data['code']} is saved.")
    return redirect(back)


def _said(benefit: Objective, name: str) -> str:
    value = getattr(benefit, name)
    return TEXTS[name](value) if name in TEXTS else str(getattr(value, "name", value) or "nobody")


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def retire(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Ask for it no longer, with a reason."""
    with reading(request):
        found = find(program, pk)
        heading, back = (
            f"Retire {found.code}",
            reverse("programs:benefit", kwargs={"code": program.code, "pk": pk}),
        )
        form = RetireForm(request.POST or None, initial={"version": found.version})
        if request.method == "GET" or not form.is_valid():
            return form_page(request, program, form, heading, back, 200 if request.method == "GET" else 422)
    reason = form.cleaned_data["why"]
    try:
        act(
            request, keeping.retire, why=reason, objective=found, version=form.cleaned_data["version"],
            reason=reason,
        )  # fmt: skip
    except AlreadyDone:
        pass
    except Refused as refusal:
        refused_at(form, refusal)
        with reading(request):
            return form_page(request, program, form, heading, back, refusal.status)
    else:
        messages.success(request, f"{found.code} is retired: it counts in no colour from now on.")
    return redirect(back)


@page(Permission.EDIT_PROGRAM, methods=("POST",))
def restore(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Ask for it again."""
    with reading(request):
        found = find(program, pk)
    act(request, keeping.restore, objective=found, version=seen_version(request.POST.get("version", "")))
    messages.success(request, f"{found.code} is asked for again.")
    return redirect("programs:benefit", code=program.code, pk=pk)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def how(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Say otherwise how something contributes; from here it is also ended."""
    with reading(request):
        found = selectors.contributions(program.pk).filter(pk=pk).first()
        if found is None:
            raise Http404("No such contribution.")
        who = selectors.contributor(found)
        heading = f"How {who.code} contributes to {found.objective.code}"
        back = reverse("programs:benefit", kwargs={"code": program.code, "pk": found.objective_id})
        form = HowForm(request.POST or None, initial={"how": found.how, "version": found.objective.version})
        end = reverse("programs:benefit-unlink", kwargs={"code": program.code, "pk": pk})
        if request.method == "GET" or not form.is_valid():
            return form_page(
                request, program, form, heading, back, 200 if request.method == "GET" else 422, end
            )
    try:
        act(request, services.reword, contribution=found, **form.cleaned_data)
    except AlreadyDone:
        pass
    except Refused as refusal:
        refused_at(form, refusal)
        with reading(request):
            return form_page(request, program, form, heading, back, refusal.status, end)
    else:
        messages.success(request, f"How {who.code} contributes is saved.")
    return redirect(back)
