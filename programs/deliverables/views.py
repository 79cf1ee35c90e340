"""What the program hands over, requirement by requirement."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import page
from pmo.tables import Column, Register
from programs.deliverables import selectors
from programs.deliverables.models import Requirement
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


def _on_time(requirement: Requirement, day: date) -> str:
    """Accepted by its day, or not; nothing is said before that day."""
    accepted = requirement.accepted_on is not None and requirement.accepted_on <= min(requirement.due_on, day)
    return "yes" if accepted else "no" if requirement.due_on <= day else "not due yet"


@page(Permission.VIEW_PROGRAM)
def deliverables(request: HttpRequest, program: Program) -> HttpResponse:
    """Requirements with due day and acceptance; `?due=1` shows those that the scope rule counts at the status date,
    `?withdrawn=1` those of deliverables that a change request withdrew."""
    access: Access = request.access  # type: ignore[attr-defined]
    may_add = access.may_somewhere(Permission.EDIT_PLAN, program.pk)
    rows = selectors.requirements(program, request.user)
    day = as_of(request, program).day
    gone = request.GET.get("withdrawn") == "1"
    rows = rows.filter(deliverable__withdrawn_at__isnull=not gone)
    if request.GET.get("due") == "1":
        rows = rows.filter(due_on__lte=day)
    register = Register(
        name=f"{program.code}-deliverables",
        rows=rows.order_by("due_on", "code"),
        search=("code", "text", "deliverable__name"),
        columns=[
            Column(
                "Requirement",
                lambda r: f"{r.code} {r.text}",
                "code",
                href=lambda r: f"{request.path}requirements/{r.pk}/",
            ),
            Column(
                "Deliverable",
                lambda r: f"{r.deliverable.code} {r.deliverable.name}",
                "deliverable__code",
                href=lambda r: f"{request.path}{r.deliverable_id}/",
            ),
            Column("Project", lambda r: r.deliverable.project.code, "deliverable__project__code"),
            Column("Due", lambda r: formats.day(r.due_on), "due_on", num=True),
            Column("Accepted", lambda r: formats.day(r.accepted_on), "accepted_on", num=True),
            Column("On time", lambda r: _on_time(r, day))
            if not gone
            else Column("Withdrawn by", lambda r: r.deliverable.warrant.number),
            Column("By", lambda r: r.accepted_by.name if r.accepted_by else formats.UNKNOWN),
        ],
        empty={
            "title": "No deliverable yet",
            "text": "A deliverable is made of requirements that somebody other than their producer accepts.",
            **({"url": f"{request.path}add/", "label": "Add a deliverable"} if may_add else {}),
        },
    )
    context = {
        "program": program,
        "heading": "Withdrawn deliverables" if gone else "Deliverables",
        "crumbs": crumbs(program, ("Deliverables", "")),
        "other_url": request.path if gone else f"{request.path}?withdrawn=1",
        "other_label": "Those handed over" if gone else "Withdrawn ones",
        "add_url": f"{request.path}add/" if may_add and not gone else "",
        "add_label": "Add a deliverable",
    }
    return register.respond(request, "programs/register.html", context)
