"""What the program hands over, requirement by requirement."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.tables import Column, Register
from programs.deliverables.models import Requirement
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_PROGRAM)
def deliverables(request: HttpRequest, program: Program) -> HttpResponse:
    """Requirements with their deliverable, due day and acceptance; `?late=1` shows what the scope rule counts."""
    rows = Requirement.objects.visible_to(request.user).filter(program_id=program.pk)
    if request.GET.get("late") == "1" and program.status_at is not None:
        rows = rows.filter(due_on__lte=program.status_at.date(), accepted_on=None)
    register = Register(
        name=f"{program.code}-deliverables",
        rows=rows.select_related("deliverable__project", "accepted_by").order_by("due_on", "code"),
        search=("code", "text", "deliverable__name"),
        columns=[
            Column("Requirement", lambda r: f"{r.code} {r.text}", "code"),
            Column(
                "Deliverable", lambda r: f"{r.deliverable.code} {r.deliverable.name}", "deliverable__code"
            ),
            Column("Project", lambda r: r.deliverable.project.code, "deliverable__project__code"),
            Column("Due", lambda r: formats.day(r.due_on), "due_on", num=True),
            Column("Accepted", lambda r: formats.day(r.accepted_on), "accepted_on", num=True),
            Column("By", lambda r: r.accepted_by.name if r.accepted_by else formats.UNKNOWN),
        ],
        empty={
            "title": "No deliverable yet",
            "text": "A deliverable is made of requirements that somebody other than their producer accepts.",
        },
    )
    context = {"program": program, "heading": "Deliverables", "crumbs": crumbs(program, ("Deliverables", ""))}
    return register.respond(request, "programs/register.html", context)
