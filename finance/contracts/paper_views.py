"""Pages of the papers of a contract: add one, save one, withdraw one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.capex.paper_forms import SentPaperForm, kinds
from finance.contracts import papers
from finance.contracts.forms import CloseForm
from finance.contracts.models import Contract
from finance.contracts.views import Made, answered, find_contract
from pmo.accounts.roles import Permission
from pmo.attachments import selectors
from pmo.attachments.models import Attachment
from pmo.attachments.services import Paper
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


class ContractPaperForm(SentPaperForm):
    """A file and what kind of paper of a contract it is."""

    kind = forms.ChoiceField(label="Kind of paper", choices=[("", "Choose"), *kinds(*papers.OF_CONTRACTS)])


def _form(
    request: HttpRequest, program: Program, found: Contract, form: Any, heading: str, status: int = 200
) -> HttpResponse:
    back = (found.code, reverse("finance:contract", kwargs={"code": program.code, "pk": found.pk}))
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": back[1],
        "multipart": True,
        "crumbs": crumbs(program, back, (heading, "")),
    }
    return render(request, "finance/capex/paper.html", context, status=status)


@page(Permission.PLACE_ORDER, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Add a paper."""
    with reading(request) as access:
        found = find_contract(request, program, pk)
        access.require(Permission.PLACE_ORDER, program.pk, found.request.project_id)
        too_large = getattr(request, "too_large", False)
        posted = request.POST if request.method == "POST" else None
        files = request.FILES if posted is not None and not too_large else None
        form = ContractPaperForm(posted, files, too_large=too_large, initial={"version": found.version})
        heading = f"Add a paper to {found.code}"
        if posted is None:
            return _form(request, program, found, form, heading)
        if not form.is_valid():
            return _form(request, program, found, form, heading, 422)
    data = form.cleaned_data
    try:
        kept = act(
            request,
            papers.add,
            contract=found,
            version=form.seen,
            upload=data["file"],
            paper=Paper(data["kind"]),
        )
        messages.success(request, f"{kept.name} belongs to {found.code}.")
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, found, form, heading, refusal.status)
    return redirect("finance:contract", code=program.code, pk=pk)


def _paper(found: Contract, pk: int) -> Attachment:
    one = selectors.papers(found.program_id, papers.subject_of(found)).filter(pk=pk).first()
    if one is None:
        raise Http404("No such paper.")
    paper: Attachment = one
    return paper


@page(Permission.VIEW_MONEY)
def paper(request: HttpRequest, program: Program, pk: int, paper: int) -> HttpResponse:
    """The paper itself, to be saved."""
    return selectors.download(_paper(find_contract(request, program, pk), paper))


@page(Permission.PLACE_ORDER, methods=("GET", "POST"), somewhere=True)
def withdraw(request: HttpRequest, program: Program, pk: int, paper: int) -> HttpResponse:
    """Say that a paper no longer counts."""

    def make(found: Contract, posted: Any) -> Made:
        one = _paper(found, paper)
        form = CloseForm(found.currency, posted, initial={"version": found.version})

        def takes(data: Any) -> dict[str, Any]:
            return {"contract": found, "paper": one, "reason": data["why"]}

        return form, f"Withdraw {one.name}", papers.withdraw, takes

    return answered(request, program, pk, make, Permission.PLACE_ORDER, "A paper of {code} no longer counts.")
