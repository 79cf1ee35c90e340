"""Pages of what happens to an asset in service: written down, retired, either taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.assets import changing
from finance.assets.forms import RetireForm, WriteDownForm
from finance.assets.models import Asset, AssetChange
from finance.structure import periods
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


def find(request: HttpRequest, program: Program, pk: int) -> Asset:
    """The asset of that id. Raises Http404."""
    rows = Asset.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk)
    found = rows.select_related("program").first()
    if found is None:
        raise Http404("No such asset.")
    one: Asset = found
    return one


@page(Permission.POST_ACTUALS, methods=("GET", "POST"))
def write_down(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """An asset is worth less than its months say."""
    return _changed(request, program, pk, changing.write_down, "Write down", "is written down.")


@page(Permission.POST_ACTUALS, methods=("GET", "POST"))
def retire(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """An asset goes out of service."""
    return _changed(request, program, pk, changing.retire, "Retire", "is out of service.")


def _changed(
    request: HttpRequest, program: Program, pk: int, service: Any, verb: str, words: str
) -> HttpResponse:
    with reading(request):
        found = find(request, program, pk)
        initial = {"version": found.version, "on_day": periods.local_day(program, timezone.now())}
        sent = request.POST or None
        form: RetireForm = (
            RetireForm(sent, initial=initial)
            if service is changing.retire
            else WriteDownForm(program.currency, sent, initial=initial)
        )
        if request.method == "GET":
            return _form(request, program, found, form, verb)
        if not form.is_valid():
            return _form(request, program, found, form, verb, 422)
    try:
        act(request, service, asset=found, **form.values())
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _form(request, program, found, form, verb, refusal.status)
    else:
        messages.success(request, f"{found.code} {words}")
    return redirect("finance:asset", code=program.code, pk=pk)


def _form(
    request: HttpRequest, program: Program, found: Asset, form: RetireForm, verb: str, status: int = 200
) -> HttpResponse:
    base = reverse("finance:assets", kwargs={"code": program.code})
    heading = f"{verb} {found.code} {found.name}"
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": f"{base}{found.pk}/",
        "crumbs": crumbs(program, ("Assets", base), (found.code, f"{base}{found.pk}/"), (verb, "")),
    }
    return render(request, "finance/procurement/form.html", context, status=status)


@page(Permission.POST_ACTUALS, methods=("POST",))
def take_back(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """A write-down or a retirement was a mistake (`pk` of it)."""
    with reading(request):
        rows = AssetChange.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk)
        found = rows.select_related("asset").first()
        if found is None:
            raise Http404("Nothing such was written.")
    try:
        act(
            request,
            changing.take_back,
            change=found,
            reason=request.POST.get("reason", ""),
            version=seen_version(request.POST.get("version", "")),
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{found.asset.code}: it is as it was before.")
    return redirect("finance:asset", code=program.code, pk=found.asset_id)
