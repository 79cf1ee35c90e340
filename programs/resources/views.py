"""Who and what does the work."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.resources.models import Resource


@page(Permission.VIEW_PROGRAM)
def resources(request: HttpRequest, program: Program) -> HttpResponse:
    """Resources with capacity; their rates only for who sees money."""
    money = request.access.may(Permission.VIEW_MONEY, program.pk)  # type: ignore[attr-defined]
    columns = [
        Column("Resource", lambda r: f"{r.code} {r.name}", "code"),
        Column("Kind", lambda r: r.get_kind_display(), "kind"),
        Column("Project", lambda r: r.project.code if r.project else "Program", "project__code"),
        Column("Capacity", lambda r: formats.number(r.capacity, 1), "capacity", num=True),
        Column("Activities", lambda r: r.used, "used", num=True),
    ]
    if money:
        columns.append(
            Column(
                "Rate an hour",
                lambda r: formats.money_short(round(r.cost_per_hour), program.currency),
                "cost_per_hour",
                num=True,
                plain=lambda r: r.cost_per_hour,
            )
        )
    register = Register(
        name=f"{program.code}-resources",
        rows=Resource.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .select_related("project")
        .annotate(used=Count("assignments"))
        .order_by("project__position", "code"),
        search=("code", "name"),
        columns=columns,
        empty={
            "title": "No resource yet",
            "text": "People, roles, equipment and environments come with an imported plan.",
        },
    )
    context = {"program": program, "heading": "Resources", "crumbs": crumbs(program, ("Resources", ""))}
    return register.respond(request, "programs/register.html", context)
