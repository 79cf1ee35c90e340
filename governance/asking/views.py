"""The page that asks a free question."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.asking import services
from governance.asking.forms import QuestionForm
from governance.decisions.opening import local_day
from pmo.accounts.roles import Permission
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.PROPOSE_DECISION, methods=("GET", "POST"))
def ask(request: HttpRequest, program: Program) -> HttpResponse:
    """Ask a body a question with two to eight options."""
    here = reverse("governance:decisions", kwargs={"code": program.code})

    def form_page(form: QuestionForm, status: int = 200) -> HttpResponse:
        context = {
            "program": program,
            "form": form,
            "answerable": form.fields["rule"].queryset.exists(),  # type: ignore[attr-defined]
            "action": request.get_full_path(),
            "cancel": here,
            "authority": reverse("governance:authority", kwargs={"code": program.code}),
            "crumbs": crumbs(program, ("Decisions", here), ("Ask a question", "")),
            "no_clock": True,
        }
        return render(request, "governance/decisions/ask.html", context, status=status)

    with reading(request):
        form = QuestionForm(program, local_day(program.pk, timezone.now()), request.POST or None)
        if request.method == "GET":
            return form_page(form)
        if not form.is_valid():
            return form_page(form, 422)
    try:
        made = act(request, services.ask, program=program, **form.values())
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return form_page(form, refusal.status)
    messages.success(request, f"{made.code} is proposed to {made.body.name}.")
    return redirect("governance:decision", code=program.code, number=made.number)
