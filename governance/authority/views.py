"""The page of delegated authority: who decides what, up to which amount."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.capex.splitting import SPLIT_DAYS
from governance.authority import selectors, services
from governance.authority.forms import RuleForm
from pmo.accounts.roles import Permission
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_PROGRAM)
def authority(request: HttpRequest, program: Program) -> HttpResponse:
    """Every rule: those in force by kind and limit, then those that ended or begin later."""
    today = timezone.now().astimezone(zone(program.time_zone)).date()
    rules = selectors.rules(program.pk)
    context = {
        "program": program,
        "now": [rule for rule in rules if today in rule.valid],
        "others": [rule for rule in rules if today not in rule.valid],
        "split_days": SPLIT_DAYS,
        "may_edit": request.access.may(Permission.EDIT_PROGRAM, program.pk),  # type: ignore[attr-defined]
        "crumbs": crumbs(program, ("Authority", "")),
        "no_clock": True,
    }
    return render(request, "governance/authority/authority.html", context)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def add_rule(request: HttpRequest, program: Program) -> HttpResponse:
    """Delegate authority."""
    here = reverse("governance:authority", kwargs={"code": program.code})

    def form_page(form: RuleForm, status: int = 200) -> HttpResponse:
        context = {
            "program": program,
            "form": form,
            "heading": "Delegate authority",
            "action": request.get_full_path(),
            "cancel": here,
            "crumbs": crumbs(program, ("Authority", here), ("Delegate", "")),
            "no_clock": True,
        }
        return render(request, "governance/form.html", context, status=status)

    with reading(request):
        form = RuleForm(program, request.POST or None, initial={"valid_from": timezone.now().date()})
        if request.method == "GET":
            return form_page(form)
        if not form.is_valid():
            return form_page(form, 422)
    try:
        made = act(request, services.delegate, program=program, **form.values())
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return form_page(form, refusal.status)
    messages.success(request, f"{made.code} is in force.")
    return redirect(here)
