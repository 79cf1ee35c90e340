"""The page that asks before an accepted import is undone, with its counts and what stays."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from pmo import commands, formats
from pmo.accounts.roles import Permission
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from programs.master_plan import preview
from programs.master_plan.services import MovesCommitted
from programs.portfolio.models import Program

from . import undo_words, undoing
from .forms import UndoForm
from .models import PlanImport
from .undo_look import look
from .views import find_import, import_crumbs

KEPT_A_PAGE = 50


@page(Permission.EDIT_PLAN, methods=("GET", "POST"))
def undo(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """What undoing would do; then the undo, with its reason."""
    if request.method == "GET":
        return _asked(request, program, find_import(request, program, pk))
    with reading(request):
        found = find_import(request, program, pk)
    form = UndoForm(request.POST)
    refusal: Refused | None = None
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            act(
                request,
                undoing.undo,
                why=reason,
                plan_import=found,
                plan_version=seen_version(form.cleaned_data["plan_version"]),
                reason=reason,
                agreed=request.POST.get("agreed", ""),
            )
        except commands.AlreadyDone:
            return redirect("programs:import", code=program.code, pk=pk)
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, f"{found.file_name} is undone.")
            return redirect("programs:import", code=program.code, pk=pk)
    with reading(request):
        program.refresh_from_db(fields=["plan_version"])
        return _asked(request, program, find_import(request, program, pk), form, refusal)


def _asked(
    request: HttpRequest,
    program: Program,
    found: PlanImport,
    form: UndoForm | None = None,
    refusal: Refused | None = None,
) -> HttpResponse:
    would = look(program, found) if found.state == PlanImport.State.ACCEPTED else None
    held = refusal if isinstance(refusal, MovesCommitted) else None
    said: dict[str, Any] = undo_words.described(would) if would else {"kinds": [], "kept": [], "refusals": []}
    url = reverse("programs:import", kwargs={"code": program.code, "pk": found.pk})
    version = {
        "plan_version": str(program.plan_version)
    }  # what is shown now is what the next attempt holds against
    form = (
        UndoForm(initial=version)
        if form is None
        else UndoForm({"reason": form["reason"].value() or ""} | version)
    )
    context = {
        "program": program,
        "found": found,
        "form": form,
        "said": said,
        "kept": Paginator(said["kept"], KEPT_A_PAGE).get_page(request.GET.get("page")),
        "nothing": "" if would else undoing.why_not(found),
        "may": would is not None and not would.refusals,
        "costs": found.totals.get("actual_costs", "0.00") not in ("0.00", "0", ""),
        "confirm": _confirm(found, said["kinds"]),
        "refusal": refusal,
        "held": held,
        "moves": preview.told(program, held.moves) if held else None,
        "crumbs": import_crumbs(program, (found.file_name, url), ("Undo", "")),
        "no_clock": True,
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "programs/exchange/undo.html", context, status=status)


def _confirm(found: PlanImport, kinds: list[dict[str, Any]]) -> str:
    taken = sum(one["taken"] for one in kinds)
    restored = sum(one["restored"] for one in kinds)
    returned = sum(one["returned"] for one in kinds)
    back = f" and bring {formats.counted(returned, 'row', 'rows')} back" if returned else ""
    return (
        f"Undo {found.file_name}: take away {formats.counted(taken, 'row', 'rows')}{',' if back else ' and'} give "
        f"{formats.counted(restored, 'row', 'rows')} the former values back{back}?"
    )


@page(Permission.EDIT_PLAN)
def kept_file(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """What would stay, as CSV."""
    found = find_import(request, program, pk)
    would = look(program, found) if found.state == PlanImport.State.ACCEPTED else None
    text = undo_words.kept_csv(would) if would else ",".join(undo_words.KEPT_COLUMNS) + "\r\n"
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{program.code}-import-{pk}-kept.csv"'
    return response
