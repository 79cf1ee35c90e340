"""Pages of schedule risk: the runs, asking for one, one run with its progress or its result."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project
from programs.risk_analysis import present, selectors, services
from programs.risk_analysis.forms import AskForm
from programs.risk_analysis.models import SimulationRun


def _crumbs(program: Program, *more: tuple[str, str]) -> list[tuple[str, str]]:
    here = reverse("programs:simulations", kwargs={"code": program.code}) if more else ""
    return crumbs(program, ("Schedule risk", here), *more)


def _find(request: HttpRequest, program: Program, pk: int) -> SimulationRun:
    found: SimulationRun = get_object_or_404(selectors.runs(request.user, program.pk), pk=pk)
    return found


@page(Permission.VIEW_PROGRAM)
def simulations(request: HttpRequest, program: Program) -> HttpResponse:
    """All runs with their headline figures, the latest first."""
    pages = Paginator(selectors.runs(request.user, program.pk), 50).get_page(request.GET.get("page"))
    context = {
        "crumbs": _crumbs(program),
        "program": program,
        "page": pages,
        "rows": [
            {
                "run": run,
                "stale": selectors.moved_on(run, program),
                "sure": "" if run.confidence is None else present.percent(run.confidence),
            }
            for run in pages
        ],
        "may_ask": request.access.may_somewhere(Permission.BUILD_REPORTS, program.pk),  # type: ignore[attr-defined]
        "no_clock": True,
    }
    return render(request, "programs/risk_analysis/list.html", context)


@page(Permission.BUILD_REPORTS, methods=("GET", "POST"), somewhere=True)
def ask(request: HttpRequest, program: Program) -> HttpResponse:
    """The form, and what becomes of it."""
    with reading(request):
        risks = list(selectors.open_risks(request.user, program.pk))
    form = AskForm(request.POST if request.method == "POST" else None, risks=risks)
    if request.method != "POST":
        return _ask_page(request, program, form)
    if not form.is_valid():
        return _ask_page(request, program, form, 422)
    try:
        run = act(request, services.ask, program=program, **form.values())
    except AlreadyDone:
        return HttpResponseRedirect(reverse("programs:simulations", kwargs={"code": program.code}))
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return _ask_page(request, program, form, refused.status)
    return HttpResponseRedirect(reverse("programs:simulation", kwargs={"code": program.code, "pk": run.pk}))


def _ask_page(request: HttpRequest, program: Program, form: AskForm, status: int = 200) -> HttpResponse:
    with reading(request):
        context = {
            "crumbs": _crumbs(program, ("Simulate", "")),
            "program": program,
            "form": form,
            "action": reverse("programs:simulation-ask", kwargs={"code": program.code}),
            "cancel_url": reverse("programs:simulations", kwargs={"code": program.code}),
            "no_clock": True,
        }
        return render(request, "programs/risk_analysis/ask.html", context, status=status)


@page(Permission.VIEW_PROGRAM)
def simulation(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One run: its progress, why it has no result, or its result."""
    run = _find(request, program, pk)
    context: dict[str, Any] = {
        "crumbs": _crumbs(program, (f"Simulation {run.pk}", "")),
        "program": program,
        "run": run,
        "stale": selectors.moved_on(run, program),
        "may_ask": request.access.may_somewhere(Permission.BUILD_REPORTS, program.pk),  # type: ignore[attr-defined]
        "no_clock": True,
    }
    if run.state == SimulationRun.State.DONE:
        projects = Project.objects.filter(program_id=program.pk).values_list("pk", "code", "name")
        codes = {project: (code, name) for project, code, name in projects}
        context |= present.result(run, program, codes)
        if request.access.may(Permission.VIEW_MONEY, program.pk):  # type: ignore[attr-defined]
            context["money"] = present.money(run, program, codes)
    else:
        context["job"] = _job(request, program, run)
    return render(request, "programs/risk_analysis/run.html", context)


@page(Permission.VIEW_PROGRAM)
def progress(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """The progress card; once the run is over the whole page is fetched anew."""
    run = _find(request, program, pk)
    if run.state not in selectors.ACTIVE:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse("programs:simulation", kwargs={"code": program.code, "pk": pk})
        return response
    return render(request, "components/job.html", {"job": _job(request, program, run)})


def _job(request: HttpRequest, program: Program, run: SimulationRun) -> dict[str, Any]:
    where = {"code": program.code, "pk": run.pk}
    running = run.state in selectors.ACTIVE
    stoppable = selectors.may_cancel(request.access, run)  # type: ignore[attr-defined]
    return {
        "title": f"Simulation of {run.iterations:,} runs",
        "step": run.step or ("Waiting for a free worker" if running else ""),
        "percent": run.percent if running else None,
        "state": run.state,
        "error": run.error,
        "poll_url": reverse("programs:simulation-progress", kwargs=where) if running else "",
        "cancel_url": reverse("programs:simulation-cancel", kwargs=where) if stoppable else "",
    }


@page(Permission.VIEW_PROGRAM, methods=("POST",))
def cancel(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Stop a run that is not over."""
    with reading(request):
        run = _find(request, program, pk)
    act(request, services.cancel, run=run)
    return HttpResponseRedirect(reverse("programs:simulation", kwargs={"code": program.code, "pk": pk}))
