"""Pages of the component projects and of what the program is for."""

from __future__ import annotations

from typing import Any

from django.db.models import F, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import page
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Objective, Program, Project, Reading
from programs.schedule.models import Activity, ComputedDates


def _finishes() -> Any:
    """Latest computed finish of each project, as a sub-query."""
    return Subquery(
        ComputedDates.objects.filter(project_id=OuterRef("pk"), superseded_by=None)
        .order_by("-early_finish")
        .values("early_finish")[:1]
    )


@page(Permission.VIEW_PROGRAM)
def projects(request: HttpRequest, program: Program) -> HttpResponse:
    """The component projects with their managers and forecast finish."""
    access = request.access  # type: ignore[attr-defined]
    may_import, may_keep = (
        access.may(one, program.pk) for one in (Permission.IMPORT, Permission.EDIT_PROGRAM)
    )
    add = reverse("programs:project-add", kwargs={"code": program.code}) if may_keep else ""
    base = reverse("programs:projects", kwargs={"code": program.code})
    rows = Project.objects.visible_to(request.user).filter(program_id=program.pk)
    state = request.GET.get("state", "")
    chosen = state in Project.State.values
    if chosen:
        rows = rows.filter(state=state)
    register = Register(
        name=f"{program.code}-projects",
        rows=rows.select_related("manager").annotate(finish=_finishes()).order_by("position", "pk"),
        search=("code", "name"),
        columns=[
            Column("Project", lambda p: p.code, "code", href=lambda p: f"{base}{p.code}/"),
            Column("Name", lambda p: p.name, "name"),
            Column("Kind", lambda p: p.get_kind_display(), "kind"),
            Column(
                "State", lambda p: p.get_state_display(), "state", href=lambda p: f"{base}{p.code}/state/"
            ),
            Column("Manager", lambda p: p.manager.name if p.manager else formats.UNKNOWN, "manager__name"),
            Column("Status date", lambda p: formats.day(p.status_at), "status_at", num=True),
            Column("Forecast finish", lambda p: formats.day(p.finish), num=True),
        ],
        empty={
            "title": "None of these" if chosen else "No component project yet",
            "text": "A program is made of parallel projects. Add them here, empty or from a template; or they come "
            "with an imported plan.",
            "url": add or (reverse("programs:imports", kwargs={"code": program.code}) if may_import else ""),
            "label": "Add the first project" if add else "Import a plan",
        },
    )
    whole = not request.headers.get("HX-Request") and not request.GET.get("format")
    order = (
        Project.objects.filter(program_id=program.pk).order_by("position", "pk") if may_keep and whole else ()
    )
    context = {
        "program": program,
        "heading": "Projects",
        "add_url": add,
        "add_label": "Add a project",
        "state_chips": [
            ("All", None, not chosen),
            *((label, value, value == state) for value, label in Project.State.choices),
        ],
        "order": [
            {"name": f"{one.code} {one.name}"}
            | {
                part: reverse(f"programs:project-{part}", kwargs={"code": program.code, "pk": one.pk})
                for part in ("edit", "copy", "move")
            }
            for one in order
        ],
        "crumbs": crumbs(program, ("Projects", "")),
    }
    return register.respond(request, "programs/portfolio/projects.html", context)


@page(Permission.VIEW_PROGRAM)
def project(request: HttpRequest, program: Program, project_code: str) -> HttpResponse:
    """One component project: what it is for, its milestones, its open risks, its words."""
    found = (
        Project.objects.visible_to(request.user)
        .filter(program_id=program.pk, code__iexact=project_code)
        .select_related("manager")
        .first()
    )
    if found is None:
        raise Http404("No such project.")
    milestones = (
        Activity.objects.filter(project=found, kind__in=["start_milestone", "finish_milestone"])
        .filter(Q(dates__superseded_by=None))
        .annotate(on=F("dates__early_finish"), critical=F("dates__critical"))
        .order_by("on")[:50]
    )
    access = request.access  # type: ignore[attr-defined]
    narrative = found.narratives.select_related("author").order_by("-as_of").first()
    context = {
        "program": program,
        "project": found,
        "milestones": milestones,
        "narrative": narrative,
        "outcomes": list(found.planned_outcomes.order_by("position", "pk")),
        "contributes": list(
            Objective.objects.filter(retired_at=None)
            .filter(Q(contributions__project=found) | Q(contributions__deliverable__project=found))
            .distinct()
            .order_by("code")
        ),
        "may_keep": access.may(Permission.EDIT_PROGRAM, program.pk),
        "may_report": access.may(Permission.REPORT_PROGRESS, program.pk, found.pk),
        "risks": found.risks.exclude(state="closed").order_by("-probability", "-impact")[:20],
        "plan_url": reverse("programs:plan", kwargs={"code": program.code}) + f"?project={found.code}",
        "crumbs": crumbs(
            program,
            ("Projects", reverse("programs:projects", kwargs={"code": program.code})),
            (found.code, ""),
        ),
    }
    return render(request, "programs/portfolio/project.html", context)


@page(Permission.VIEW_PROGRAM)
def benefits(request: HttpRequest, program: Program) -> HttpResponse:
    """What the program is for: measures from a baseline to a target, with the latest reading.

    `?state=retired` shows those that are asked for no longer, `?state=all` both.
    """
    may_keep = request.access.may(Permission.EDIT_PROGRAM, program.pk)  # type: ignore[attr-defined]
    day = as_of(request, program).day
    state = request.GET.get("state", "")
    base = reverse("programs:benefits", kwargs={"code": program.code})
    latest = Reading.objects.filter(objective_id=OuterRef("pk"), taken_on__lte=day).order_by("-taken_on")
    rows = Objective.objects.visible_to(request.user).filter(program_id=program.pk)
    if state != "all":
        rows = rows.filter(retired_at__isnull=state != "retired")
    add = reverse("programs:benefit-add", kwargs={"code": program.code}) if may_keep else ""
    register = Register(
        name=f"{program.code}-benefits",
        rows=rows.select_related("owner")
        .annotate(now=Subquery(latest.values("value")[:1]), read_on=Subquery(latest.values("taken_on")[:1]))
        .order_by("code"),
        search=("code", "name", "measure"),
        columns=[
            Column("Benefit", lambda o: f"{o.code} {o.name}", "code", href=lambda o: f"{base}{o.pk}/"),
            Column("Measure", lambda o: f"{o.measure} ({o.unit})"),
            Column("From", lambda o: formats.number(o.baseline_value, 1), "baseline_value", num=True),
            Column("Target", lambda o: formats.number(o.target_value, 1), "target_value", num=True),
            Column("By", lambda o: formats.day(o.target_on), "target_on", num=True),
            Column("Asked by now", lambda o: formats.number(o.asked_on(day), 1), num=True),
            Column("Latest reading", lambda o: formats.number(o.now, 1), num=True),
            Column("Read on", lambda o: formats.day(o.read_on), num=True),
            Column("Owner", lambda o: o.owner.name if o.owner else formats.UNKNOWN),
        ],
        empty={
            "title": "None is retired" if state == "retired" else "No benefit is measured yet",
            "text": "A benefit has a measure, where it stood, where it shall stand, and by when.",
            "url": "" if state == "retired" else add,
            "label": "Add the first benefit",
        },
    )
    context = {
        "program": program,
        "heading": "Benefits",
        "other_url": reverse("programs:benefits-map", kwargs={"code": program.code}),
        "other_label": "What contributes",
        "add_url": add,
        "add_label": "Add a benefit",
        "state_chips": [
            ("Asked for", None, state not in ("retired", "all")),
            ("Retired", "retired", state == "retired"),
            ("All", "all", state == "all"),
        ],
        "crumbs": crumbs(program, ("Benefits", "")),
    }
    return register.respond(request, "programs/register.html", context)
