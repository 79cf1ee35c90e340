"""What is handed over: the form by which a request adds a deliverable, changes one or withdraws it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pmo.accounts.roles import Permission
from pmo.http import page, reading
from pmo.refusals import Refused
from programs.benefits.selectors import in_words, losing
from programs.changes.edit_views import at_field, proposes
from programs.changes.forms import ScopeForm
from programs.changes.models import ChangeRequest
from programs.changes.views import find, log_url
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def scope(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Propose a new deliverable, another name, day or more requirements of one, or that it is withdrawn."""
    with reading(request) as access:
        found = find(request, program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = ScopeForm(program, request.POST or None)
        if request.method == "GET":
            return _page(request, program, found, form)
        if not form.is_valid():
            return _page(request, program, found, form, 422)
        edit = form.edit()
        lost = (
            in_words(losing(program.pk, deliverables=[edit["deliverable"]]))
            if edit["do"] == "withdraw"
            else ""
        )

    def refused(refusal: Refused) -> HttpResponse:
        shown = find(request, program, pk)
        at_field(form, refusal)
        return _page(request, program, shown, form, refusal.status)

    done = "A deliverable is proposed"
    if edit["do"] == "withdraw":
        done = f"A withdrawal is proposed, which leaves nothing that contributes to {lost}," if lost else (
            "A withdrawal is proposed"
        )  # fmt: skip
    return proposes(request, program, pk, edit, refused, done)


def _page(
    request: HttpRequest, program: Program, found: ChangeRequest, form: ScopeForm, status: int = 200
) -> HttpResponse:
    context = {
        "program": program,
        "found": found,
        "form": form,
        "crumbs": crumbs(
            program,
            ("Changes", log_url(program)),
            (found.code, f"{log_url(program)}{found.pk}/"),
            ("Deliverables", ""),
        ),
    }
    return render(request, "programs/changes/scope.html", context, status=status)
