"""The outbox page: what left, what waits, what needs a person; mails readable as they were written."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, find_program, page, reading
from pmo.outbox import mails, selectors, services
from pmo.outbox.models import Outbox
from pmo.zones import zone

FILTERS = (("", "All"), ("waiting", "Waiting"), ("stuck", "Needs a person"), ("mails", "Mails"))
WAITING = (Outbox.State.PENDING, Outbox.State.HANDED)
TOPICS = {
    "mail.send": "Mail",
    "report.build": "Build a report",
    "import.read": "Read an import",
    "import.accept": "Accept an import",
    "schedule.recalculate": "Recalculate the schedule",
    "earned_value.refresh": "Compute earned value",
    "import.costs": "Read actual cost",
    "simulation.run": "Simulate the plan",
    "simulation.change": "Simulate a change request",
}


def _crumbs(program: Any, *more: tuple[str, str]) -> list[tuple[str, str]]:
    here = reverse("outbox:list", kwargs={"code": program.code}) if more else ""
    return [("Programs", reverse("pmo:home")), (program.code, f"/p/{program.code}/"), ("Outbox", here), *more]


def _find(request: HttpRequest, program: Any, pk: int) -> Outbox:
    visible = selectors.rows(request.access, program.pk)  # type: ignore[attr-defined]
    found: Outbox = get_object_or_404(visible.select_related("actor"), pk=pk)
    return found


@require_safe
def listing(request: HttpRequest, code: str) -> HttpResponse:
    """All rows for who keeps the outbox; their own mails for every other member."""
    with reading(request) as access:
        program = find_program(access, code)
        request.program = program  # type: ignore[attr-defined]
        timezone.activate(zone(program.time_zone))
        rows = selectors.rows(access, program.pk)
        chosen = request.GET.get("show", "")
        if chosen == "waiting":
            rows = rows.filter(state__in=WAITING)
        elif chosen == "stuck":
            rows = rows.filter(state__in=services.STUCK)
        elif chosen == "mails":
            rows = rows.filter(topic=selectors.MAIL)
        pages = Paginator(rows, 50).get_page(request.GET.get("page"))
        context = {
            "crumbs": _crumbs(program),
            "program": program,
            "page": pages,
            "rows": [_shown(row) for row in pages],
            "filters": [(key, label, key == chosen) for key, label in FILTERS],
            "keeps": selectors.keeps(access, program.pk),
            "no_clock": True,
        }
        return render(request, "pmo/outbox/list.html", context)


@require_safe
def row(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One row; a mail in words for its recipient and for who may see what it reports."""
    with reading(request) as access:
        program = find_program(access, code)
        request.program = program  # type: ignore[attr-defined]
        timezone.activate(zone(program.time_zone))
        found = _find(request, program, pk)
        readable = selectors.readable(access, found)
        kept = found.state == Outbox.State.KEPT
        words = mails.as_read(found.payload, access, kept=kept) if readable else {}
        html = selectors.safe_html(words.get("html", ""))
        context = {
            "crumbs": _crumbs(program, (_shown(found)["title"], "")),
            "program": program,
            "row": found,
            "shown": _shown(found),
            "readable": readable,
            "text": words.get("text", ""),
            "html": mark_safe(html),  # noqa: S308 - reduced by nh3 just above
            "stuck": found.state in services.STUCK,
            "keeps": selectors.keeps(access, program.pk),
            "no_clock": True,
        }
        return render(request, "pmo/outbox/row.html", context)


@page(Permission.MANAGE_OUTBOX, methods=("POST",))
def again(request: HttpRequest, program: Any, pk: int) -> HttpResponse:
    with reading(request):
        found = _find(request, program, pk)
    with suppress(AlreadyDone):
        act(request, services.try_again, row=found)
    return HttpResponseRedirect(reverse("outbox:row", kwargs={"code": program.code, "pk": pk}))


def _shown(found: Outbox) -> dict[str, Any]:
    """What the list says of a row: never its figures, only whom and what it is about."""
    mail = found.topic == selectors.MAIL
    return {
        "row": found,
        "title": found.payload.get("subject", "") if mail else TOPICS.get(found.topic, found.topic),
        "to": found.payload.get("name", "") if mail else "",
        "kind": TOPICS.get(found.topic, found.topic),
        "bad": found.state in services.STUCK,
        "good": found.state in (Outbox.State.SENT, Outbox.State.KEPT),
    }
