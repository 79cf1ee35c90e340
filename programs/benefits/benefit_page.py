"""What the pages of a benefit share: the benefit itself, the page of it, and the form that a deed is done with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.refusals import Refused
from programs.benefits import keeping, present, selectors
from programs.benefits.benefit_forms import ReadingForm
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Objective, Program
from programs.portfolio.selectors import today
from programs.portfolio.trail import steps

LABELS = {
    "code": "code",
    "name": "name",
    "measure": "measure",
    "unit": "unit",
    "baseline_value": "baseline",
    "baseline_on": "baseline of",
    "target_value": "target",
    "target_on": "to be reached by",
    "owner_id": "owner",
    "retired_why": "retired",
}
TEXTS: dict[str, Callable[[Any], str]] = {
    "baseline_value": present.number,
    "target_value": present.number,
    "baseline_on": formats.day,
    "target_on": formats.day,
    "retired_why": lambda value: value or "no",
}


def find(program: Program, pk: int) -> Objective:
    found: Objective | None = (
        Objective.objects.filter(program_id=program.pk, pk=pk).select_related("program", "owner").first()
    )
    if found is None:
        raise Http404("No such benefit.")
    return found


def home(program: Program) -> str:
    return reverse("programs:benefits", kwargs={"code": program.code})


def form_page(
    request: HttpRequest,
    program: Program,
    form: Any,
    heading: str,
    back: str,
    status: int = 200,
    end_url: str = "",
) -> HttpResponse:
    context = {
        "end_url": end_url,
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": back,
        "crumbs": crumbs(program, ("Benefits", home(program)), (heading, "")),
        "no_clock": True,
    }
    return render(request, "programs/benefits/form.html", context, status=status)


def refused_at(form: Any, refusal: Refused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


def show(
    request: HttpRequest, program: Program, found: Objective, form: ReadingForm | None, status: int = 200
) -> HttpResponse:
    access: Access = request.access  # type: ignore[attr-defined]
    day: date = as_of(request, program).day
    shown = present.lines(found)
    reads = keeping.may_read_off(access, found) and found.retired_at is None
    base = {"code": program.code}
    rows = [
        {
            "who": selectors.contributor(one),
            "kind": selectors.contributor(one).key[0],
            "how": one.how,
            "counts": selectors.counts(one),
            "edit": reverse("programs:benefit-how", kwargs=base | {"pk": one.pk}),
        }
        for one in selectors.contributions(program.pk).filter(objective=found)
    ]
    context = {
        "program": program,
        "benefit": found,
        "span": f"{present.number(found.baseline_value)} to {present.number(found.target_value)} {found.unit}",
        "chart": present.chart(found, shown, day),
        "lines": [
            {
                "line": one,
                "day": formats.day(one.taken_on),
                "value": present.number(one.value),
                "asked": formats.number(one.asked, 1),
                "apart": formats.number(one.apart, 1, sign=True),
                "correct": reverse("programs:reading", kwargs=base | {"pk": one.pk}),
            }
            for one in shown
        ],
        "contributions": rows,
        "may_keep": access.may(Permission.EDIT_PROGRAM, program.pk),
        "may_read_off": reads,
        "form": form or (ReadingForm(found, initial={"taken_on": today(program)}) if reads else None),
        "steps": steps("Objective", found.pk, LABELS, TEXTS),
        "crumbs": crumbs(program, ("Benefits", home(program)), (found.code, "")),
    }
    return render(request, "programs/benefits/benefit.html", context, status=status)
