"""Pages of the papers of a capital request: add one, save one, withdraw one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.capex import papers, revisions
from finance.capex.models import CapitalRequest
from finance.capex.paper_forms import PaperForm, PaperWithdrawalForm
from finance.capex.views import find_request
from pmo.accounts.roles import Permission
from pmo.attachments import selectors
from pmo.attachments.models import Attachment
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


def _form(
    request: HttpRequest, program: Program, found: CapitalRequest, form: Any, heading: str, status: int = 200
) -> HttpResponse:
    base = reverse("finance:capital-requests", kwargs={"code": program.code})
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": f"{base}{found.pk}/",
        "multipart": isinstance(form, PaperForm),
        "resets": found.state == CapitalRequest.State.SUBMITTED,
        "crumbs": crumbs(
            program, ("Capital requests", base), (found.code, f"{base}{found.pk}/"), (heading, "")
        ),
    }
    return render(request, "finance/capex/paper.html", context, status=status)


@page(Permission.REQUEST_CAPITAL, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Add a paper: a new revision of the request."""
    with reading(request) as access:
        found = find_request(request, program, pk)
        access.require(Permission.REQUEST_CAPITAL, program.pk, found.project_id)
        too_large = getattr(request, "too_large", False)
        posted = request.POST if request.method == "POST" else None
        files = request.FILES if posted is not None and not too_large else None
        form = PaperForm(
            program.currency, posted, files, too_large=too_large, initial={"version": found.version}
        )
        heading = f"Add a paper to {found.code}"
        if posted is None:
            return _form(request, program, found, form, heading)
        if not form.is_valid():
            return _form(request, program, found, form, heading, 422)
    try:
        kept = act(
            request,
            papers.add,
            capital_request=found,
            version=form.cleaned_data["version"] or 0,
            upload=form.cleaned_data["file"],
            paper=form.paper(),
        )
        messages.success(request, f"{kept.name} belongs to {found.code}, which is a new revision.")
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, found, form, heading, refusal.status)
    return redirect("finance:capital-request", code=program.code, pk=pk)


def _paper(program: Program, found: CapitalRequest, pk: int) -> Attachment:
    subject = revisions.subject_of(found)
    one = selectors.papers(program.pk, subject).filter(pk=pk).first()
    if one is None:
        raise Http404("No such paper.")
    paper: Attachment = one
    return paper


@page(Permission.VIEW_MONEY)
def paper(request: HttpRequest, program: Program, pk: int, paper: int) -> HttpResponse:
    """The paper itself, to be saved."""
    return selectors.download(_paper(program, find_request(request, program, pk), paper))


@page(Permission.REQUEST_CAPITAL, methods=("GET", "POST"), somewhere=True)
def withdraw(request: HttpRequest, program: Program, pk: int, paper: int) -> HttpResponse:
    """Say that a paper no longer counts: a new revision of the request."""
    with reading(request) as access:
        found = find_request(request, program, pk)
        access.require(Permission.REQUEST_CAPITAL, program.pk, found.project_id)
        one = _paper(program, found, paper)
        form = PaperWithdrawalForm(request.POST or None, initial={"version": found.version})
        heading = f"Withdraw {one.name}"
        if request.method == "GET":
            return _form(request, program, found, form, heading)
        if not form.is_valid():
            return _form(request, program, found, form, heading, 422)
    data = form.cleaned_data
    try:
        act(
            request,
            papers.withdraw,
            capital_request=found,
            paper=one,
            version=data["version"] or 0,
            reason=data["why"],
        )
        messages.success(request, f"{one.name} no longer counts; {found.code} is a new revision.")
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return _form(request, program, found, form, heading, refusal.status)
    return redirect("finance:capital-request", code=program.code, pk=pk)
