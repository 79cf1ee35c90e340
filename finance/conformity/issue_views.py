"""A finding of the budget policy becomes an issue: who sees to it, until when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.conformity import issuing
from finance.policy.models import PolicyFinding
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


class PersonChoice(forms.ModelChoiceField):
    """A person by name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class FindingIssueForm(forms.Form):
    """Owner and day."""

    owner = PersonChoice(queryset=User.objects.none(), required=False)
    due_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}), label="Due")

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(memberships__program_id=program.pk).distinct().order_by("name")
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


@page(Permission.EDIT_RISKS, methods=("GET", "POST"), somewhere=True)
def open_issue(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Make an issue of a finding."""
    home = reverse("finance:policy-findings", kwargs={"code": program.code})
    with reading(request) as access:
        found = PolicyFinding.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).first()
        if found is None:
            raise Http404("No such finding.")
        access.require(Permission.EDIT_RISKS, program.pk, found.project_id)
        form = FindingIssueForm(program, request.POST or None)

        def shown(status: int = 200) -> HttpResponse:
            context = {
                "program": program,
                "form": form,
                "heading": "Make it an issue",
                "subtitle": found.sentence,
                "action": request.get_full_path(),
                "cancel": home,
                "crumbs": crumbs(program, ("Findings", home), ("Issue", "")),
                "no_clock": True,
            }
            return render(request, "programs/raid/issue_form.html", context, status=status)

        if request.method == "GET":
            return shown()
        if not form.is_valid():
            return shown(422)
    try:
        made = act(request, issuing.open_issue, finding=found, **form.cleaned_data)
    except AlreadyDone:
        return redirect(home)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return shown(refusal.status)
    messages.success(request, f"The finding is {made.code} now.")
    return redirect("programs:issue", code=program.code, pk=made.pk)
