"""Pages of one benefit: what is asked for and read of it, what contributes, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from programs.benefits import keeping, present, selectors, services
from programs.benefits.benefit_forms import BenefitForm, CorrectionForm, HowForm, ReadingForm, RetireForm
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Objective, Program, Reading
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


def _find(program: Program, pk: int) -> Objective:
    found: Objective | None = (
        Objective.objects.filter(program_id=program.pk, pk=pk).select_related("program", "owner").first()
    )
    if found is None:
        raise Http404("No such benefit.")
    return found


def _home(program: Program) -> str:
    return reverse("programs:benefits", kwargs={"code": program.code})


def _form(
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
        "crumbs": crumbs(program, ("Benefits", _home(program)), (heading, "")),
        "no_clock": True,
    }
    return render(request, "programs/benefits/form.html", context, status=status)


def _at(form: Any, refusal: Refused) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


def _show(
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
        "crumbs": crumbs(program, ("Benefits", _home(program)), (found.code, "")),
    }
    return render(request, "programs/benefits/benefit.html", context, status=status)


@page(Permission.VIEW_PROGRAM)
def benefit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One benefit with its readings against what was asked."""
    return _show(request, program, _find(program, pk), None)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """A further benefit."""
    heading = "Add a benefit"
    with reading(request):
        form = BenefitForm(program, request.POST or None)
        if request.method == "GET" or not form.is_valid():
            return _form(
                request, program, form, heading, _home(program), 200 if request.method == "GET" else 422
            )
    try:
        made = act(request, keeping.add, program=program, values=form.values())
    except AlreadyDone:
        return redirect(_home(program))
    except Refused as refusal:
        _at(form, refusal)
        with reading(request):
            return _form(request, program, form, heading, _home(program), refusal.status)
    messages.success(request, f"{made.code} is asked for from now on.")
    return redirect("programs:benefit", code=program.code, pk=made.pk)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Change what is asked for; who was slower is told what stands there now."""
    with reading(request):
        found = _find(program, pk)
        heading, back = (
            f"Edit {found.code}",
            reverse("programs:benefit", kwargs={"code": program.code, "pk": pk}),
        )
        form = BenefitForm(program, request.POST or None, benefit=found)
        if request.method == "GET" or not form.is_valid():
            return _form(request, program, form, heading, back, 200 if request.method == "GET" else 422)
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
                now = _find(program, pk)
                form.data = request.POST.dict() | {"version": str(now.version)}
                other = "; ".join(
                    f"{form[name].label}: {_said(now, name)}"
                    for name, value in form.values().items()
                    if getattr(now, name) != value
                )
                form.add_error(None, f"{refusal.message} {other}. Save again to put yours in its place.")
            else:
                _at(form, refusal)
            return _form(request, program, form, heading, back, refusal.status)
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
        found = _find(program, pk)
        heading, back = (
            f"Retire {found.code}",
            reverse("programs:benefit", kwargs={"code": program.code, "pk": pk}),
        )
        form = RetireForm(request.POST or None, initial={"version": found.version})
        if request.method == "GET" or not form.is_valid():
            return _form(request, program, form, heading, back, 200 if request.method == "GET" else 422)
    reason = form.cleaned_data["why"]
    try:
        act(
            request, keeping.retire, why=reason, objective=found, version=form.cleaned_data["version"],
            reason=reason,
        )  # fmt: skip
    except AlreadyDone:
        pass
    except Refused as refusal:
        _at(form, refusal)
        with reading(request):
            return _form(request, program, form, heading, back, refusal.status)
    else:
        messages.success(request, f"{found.code} is retired: it counts in no colour from now on.")
    return redirect(back)


@page(Permission.EDIT_PROGRAM, methods=("POST",))
def restore(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Ask for it again."""
    with reading(request):
        found = _find(program, pk)
    act(request, keeping.restore, objective=found, version=seen_version(request.POST.get("version", "")))
    messages.success(request, f"{found.code} is asked for again.")
    return redirect("programs:benefit", code=program.code, pk=pk)


@page(Permission.VIEW_PROGRAM, methods=("POST",))
def read(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Enter a reading: the benefit's owner, and who reports progress."""
    with reading(request):
        found = _find(program, pk)
        form = ReadingForm(found, request.POST)
        if not form.is_valid():
            return _show(request, program, found, form, 422)
    try:
        act(request, keeping.read, objective=found, **form.cleaned_data)
    except AlreadyDone:
        pass
    except Refused as refusal:
        if refusal.status == 403:
            raise
        _at(form, refusal)
        with reading(request):
            return _show(request, program, found, form, refusal.status)
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
            return _form(request, program, form, heading, back, 200 if request.method == "GET" else 422)
    given = dict(form.cleaned_data)
    reason, seen = given.pop("why"), (given.pop("seen_on"), given.pop("seen_value"))
    try:
        act(request, keeping.correct, why=reason, reading=found, seen=seen, reason=reason, **given)
    except AlreadyDone:
        pass
    except Refused as refusal:
        _at(form, refusal)
        with reading(request):
            return _form(request, program, form, heading, back, refusal.status)
    else:
        messages.success(request, "The reading is corrected; what it was stays beside it.")
    return redirect(back)


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
            return _form(request, program, form, heading, back, 200 if request.method == "GET" else 422, end)
    try:
        act(request, services.reword, contribution=found, **form.cleaned_data)
    except AlreadyDone:
        pass
    except Refused as refusal:
        _at(form, refusal)
        with reading(request):
            return _form(request, program, form, heading, back, refusal.status, end)
    else:
        messages.success(request, f"How {who.code} contributes is saved.")
    return redirect(back)
