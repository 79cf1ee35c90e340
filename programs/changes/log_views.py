"""The log of deviations: every change request of a program, narrowed by what became of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.tables import Column, Register
from programs.changes.holding import OPEN
from programs.changes.models import ChangeRequest
from programs.changes.views import log_url
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_PROGRAM)
def changes(request: HttpRequest, program: Program) -> HttpResponse:
    """The log of deviations: asked, offered, agreed, tolerated until; `?state=open` those that wait, `lapsed` those
    whose last day is over."""
    may = request.access.may_somewhere(Permission.EDIT_PLAN, program.pk)  # type: ignore[attr-defined]
    base = log_url(program)
    rows = ChangeRequest.objects.visible_to(request.user).filter(program_id=program.pk)
    state = request.GET.get("state", "")
    if state == "open":
        rows = rows.filter(state__in=OPEN)
    elif state == "lapsed":
        rows = rows.filter(state=ChangeRequest.State.APPLIED, tolerated_until__lt=timezone.localdate())
    elif state in ChangeRequest.State.values:
        rows = rows.filter(state=state)
    today = timezone.localdate()

    def tolerated(one: ChangeRequest) -> str:
        until = one.tolerated_until
        if until is None or one.state != ChangeRequest.State.APPLIED or until >= today:
            return formats.day(until)
        return f"{formats.day(until)}, over for {formats.counted((today - until).days, 'day', 'days')}"

    add = reverse("programs:change-add", kwargs={"code": program.code}) if may else ""
    register = Register(
        name=f"{program.code}-changes",
        rows=rows.select_related("project", "requester", "warrant").defer("edits").order_by("-pk"),
        search=("code", "title"),
        columns=[
            Column("Change", lambda r: f"{r.code} {r.title}", "code", href=lambda r: f"{base}{r.pk}/"),
            Column("Project", lambda r: r.project.code, "project__code"),
            Column("Asked by", lambda r: r.requester.name, "requester__name"),
            Column("Submitted", lambda r: formats.day(r.submitted_at), "submitted_at", num=True),
            Column("Offered", lambda r: r.offered or formats.UNKNOWN),
            Column("State", lambda r: r.get_state_display(), "state"),
            Column("Agreed by", lambda r: r.warrant.number if r.warrant else formats.UNKNOWN),
            Column("Tolerated until", tolerated, "tolerated_until", plain=lambda r: r.tolerated_until),
        ],
        empty={
            "title": "No change is asked for yet",
            "text": "A change request tries edits out on a copy of the plan; a decision applies them, or not.",
            "url": add,
            "label": "Ask for the first change",
        },
    )
    context = {
        "program": program,
        "heading": "Changes",
        "subtitle": "Tried out on a copy of the plan, applied only by a decision",
        "state_chips": [
            (label, value, value == state)
            for label, value in (("All", ""), ("Waiting", "open"), ("Tolerated too long", "lapsed"))
        ],
        "add_url": add,
        "add_label": "Ask for a change",
        "crumbs": crumbs(program, ("Changes", "")),
    }
    return register.respond(request, "programs/register.html", context)
