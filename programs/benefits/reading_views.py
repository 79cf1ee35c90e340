"""Pages of the readings of a benefit: entered by its owner or who reports progress, and corrected in the open."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.benefits import keeping
from programs.benefits.benefit_forms import CorrectionForm, ReadingForm
from programs.benefits.benefit_page import find, form_page, refused_at, show
from programs.portfolio.models import Program, Reading


@page(Permission.VIEW_PROGRAM, methods=("POST",))
def read(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Enter a reading: the benefit's owner, and who reports progress."""
    with reading(request):
        found = find(program, pk)
        form = ReadingForm(found, request.POST)
        if not form.is_valid():
            return show(request, program, found, form, 422)
    try:
        act(request, keeping.read, objective=found, **form.cleaned_data)
    except AlreadyDone:
        pass
    except Refused as refusal:
        if refusal.status == 403:
            raise
        refused_at(form, refusal)
        with reading(request):
            return show(request, program, found, form, refusal.status)
    else:
        messages.success(request, "The reading is kept.")
    return redirect("programs:benefit", code=program.code, pk=pk)


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def correct(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Correct a reading; what it was stays beside it."""
    with reading(request) as access:
        found: Reading | None = (
            Reading.objects.filter(program_id=program.pk, pk=pk)
            .select_related("objective__program", "objective__owner")
            .first()
        )
        if found is None:
            raise Http404("No such reading.")
        benefit = found.objective
        if not keeping.may_read_off(access, benefit):
            access.require(Permission.REPORT_PROGRESS, program.pk)
        heading = f"Correct the reading of {benefit.code}"
        back = reverse("programs:benefit", kwargs={"code": program.code, "pk": benefit.pk})
        form = CorrectionForm(found, request.POST or None)
        if request.method == "GET" or not form.is_valid():
            return form_page(request, program, form, heading, back, 200 if request.method == "GET" else 422)
    given = dict(form.cleaned_data)
    reason, seen = given.pop("why"), (given.pop("seen_on"), given.pop("seen_value"))
    try:
        act(request, keeping.correct, why=reason, reading=found, seen=seen, reason=reason, **given)
    except AlreadyDone:
        pass
    except Refused as refusal:
        refused_at(form, refusal)
        with reading(request):
            return form_page(request, program, form, heading, back, refusal.status)
    else:
        messages.success(request, "The reading is corrected; what it was stays beside it.")
    return redirect(back)
