"""Pages of report runs: list, request, one run with its live progress, its files."""

from __future__ import annotations

import base64
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from pmo import clocks
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.outbox.mails import MEDIA
from pmo.refusals import Refused
from pmo.reports import long_files, selectors, services
from pmo.reports.document import Chart, Document, KeyFigures, Kind, Paragraph, Points
from pmo.reports.forms import RequestForm
from pmo.reports.models import Artefact, ReportRun
from pmo.reports.written import figure, heading, lines, picture


def _crumbs(program: Any, *more: tuple[str, str]) -> list[tuple[str, str]]:
    here = ("Reports", reverse("reports:list", kwargs={"code": program.code}) if more else "")
    return [("Programs", reverse("pmo:home")), (program.code, f"/p/{program.code}/"), here, *more]


def _find(request: HttpRequest, program: Any, pk: int) -> ReportRun:
    """A run whose figures this person may see; anything else does not exist for her."""
    found: ReportRun = get_object_or_404(
        selectors.runs(request.access, request.user, program.pk),  # type: ignore[attr-defined]
        pk=pk,
    )
    return found


@page(Permission.VIEW_PROGRAM)
def listing(request: HttpRequest, program: Any) -> HttpResponse:
    access = request.access  # type: ignore[attr-defined]
    paginator = Paginator(selectors.runs(access, request.user, program.pk), 50)
    pages = paginator.get_page(request.GET.get("page"))
    rows = [{"run": run, "title": selectors.title(run.kind)} for run in pages]
    context = {
        "crumbs": _crumbs(program),
        "program": program,
        "page": pages,
        "rows": rows,
        "kinds": selectors.kinds_for(access, program.pk),
        "may_build": access.may_somewhere(Permission.BUILD_REPORTS, program.pk),
        "may_subscribe": access.may_somewhere(Permission.SUBSCRIBE, program.pk),
        "no_clock": True,
    }
    return render(request, "pmo/reports/list.html", context)


@page(Permission.BUILD_REPORTS, methods=("GET", "POST"), somewhere=True)
def request_report(request: HttpRequest, program: Any) -> HttpResponse:
    with reading(request) as access:
        kinds = selectors.kinds_for(access, program.pk)
    if request.method != "POST":
        form = RequestForm(kinds=kinds, initial={"kind": request.GET.get("kind", "")})
        return _request_page(request, program, form)
    form = RequestForm(request.POST, kinds=kinds)
    if not form.is_valid():
        return _request_page(request, program, form, status=422)
    day = form.cleaned_data["as_of"]
    as_of = clocks.instant(day.isoformat(), program.time_zone) if day else None
    try:
        run = act(request, services.request, program=program, kind=form.cleaned_data["kind"], as_of=as_of)
    except AlreadyDone:
        return HttpResponseRedirect(reverse("reports:list", kwargs={"code": program.code}))
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return _request_page(request, program, form, status=refused.status)
    return HttpResponseRedirect(reverse("reports:run", kwargs={"code": program.code, "pk": run.pk}))


def _request_page(request: HttpRequest, program: Any, form: RequestForm, status: int = 200) -> HttpResponse:
    with reading(request):
        context = {
            "crumbs": _crumbs(program, ("Ask for a report", "")),
            "program": program,
            "form": form,
            "action": reverse("reports:request", kwargs={"code": program.code}),
            "cancel_url": reverse("reports:list", kwargs={"code": program.code}),
            "no_clock": True,
        }
        return render(request, "pmo/reports/request.html", context, status=status)


@page(Permission.VIEW_PROGRAM)
def run(request: HttpRequest, program: Any, pk: int) -> HttpResponse:
    found = _find(request, program, pk)
    document = selectors.document(found)
    context = {
        "crumbs": _crumbs(program, (f"{selectors.title(found.kind)} {found.pk}", "")),
        "program": program,
        "run": found,
        "title": selectors.title(found.kind),
        "document": document,
        "sections": _sections(document) if document else [],
        "files": selectors.files(found) if document else [],
        "again": found.asked.get("page", ""),
        "job": _job(request, program, found),
        "no_clock": True,
    }
    return render(request, "pmo/reports/run.html", context)


@page(Permission.VIEW_PROGRAM)
def progress(request: HttpRequest, program: Any, pk: int) -> HttpResponse:
    """The progress card; once the run is over the whole page is fetched anew."""
    found = _find(request, program, pk)
    if found.state not in selectors.ACTIVE:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse("reports:run", kwargs={"code": program.code, "pk": pk})
        return response
    return render(request, "components/job.html", {"job": _job(request, program, found)})


def _job(request: HttpRequest, program: Any, found: ReportRun) -> dict[str, Any]:
    where = {"code": program.code, "pk": found.pk}
    running = found.state in selectors.ACTIVE
    cancellable = selectors.may_cancel(request.access, found)  # type: ignore[attr-defined]
    step = found.step or ("Waiting for a free worker" if running else "")
    return {
        "title": selectors.title(found.kind),
        "step": step,
        "percent": found.percent if running else None,
        "state": found.state,
        "error": found.error,
        "poll_url": reverse("reports:progress", kwargs=where) if running else "",
        "cancel_url": reverse("reports:cancel", kwargs=where) if cancellable else "",
    }


@page(Permission.VIEW_PROGRAM, methods=("POST",))
def cancel(request: HttpRequest, program: Any, pk: int) -> HttpResponse:
    with reading(request):
        found = _find(request, program, pk)
    act(request, services.cancel, run=found)
    return HttpResponseRedirect(reverse("reports:run", kwargs={"code": program.code, "pk": pk}))


@page(Permission.VIEW_PROGRAM)
def download(request: HttpRequest, program: Any, pk: int, format: str) -> HttpResponse:
    """A file, to be saved and never to be shown by this site (its content is not ours to trust)."""
    found = _find(request, program, pk)
    file = Artefact.objects.filter(run=found, format=format).first()
    if file is None or format not in MEDIA:
        raise Http404("No such file.")
    return long_files.answer(request.user, file)


def _sections(document: Document) -> list[dict[str, Any]]:
    return [
        {"title": section.title, "blocks": [_block(block) for block in section.blocks]}
        for section in document.sections
    ]


def _block(block: Any) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"is": "paragraph", "text": block.text, "tone": block.tone.value}
    if isinstance(block, Points):
        return {"is": "points", "items": block.items}
    if isinstance(block, Chart):
        # As an image, a picture can neither run a script nor fetch anything, whoever drew it.
        source = "data:image/svg+xml;base64," + base64.b64encode(picture(block).encode()).decode()
        return {"is": "chart", "source": source, "alt": block.alt, "caption": block.caption}
    if isinstance(block, KeyFigures):
        figures = [
            {"one": one, "cell": figure(one), "rag": str(one.value or "") if one.kind is Kind.RAG else ""}
            for one in block.figures
        ]
        return {"is": "figures", "figures": figures}
    return {
        "is": "table",
        "table": block,
        "headings": [{"title": heading(column), "column": column} for column in block.columns],
        "lines": list(lines(block, brief=True)),
        "width": len(block.columns),
    }
