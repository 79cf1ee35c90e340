"""Pages of ratings: three side by side with their age, all that was said, saying it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.health import selectors, services, stated
from governance.health.forms import RatingForm, voices_of
from governance.health.models import StatedRating
from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.tables import Column, Register
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project

USUAL_DAYS = 35
"""What the form proposes: until after the next month's meeting."""


def home_of(program: Program, project: Project | None = None) -> str:
    """Where the ratings of the program, or of one of its projects, are."""
    base = reverse("governance:ratings", kwargs={"code": program.code})
    return f"{base}?project={project.code}" if project else base


def _project(request: HttpRequest, program: Program) -> Project | None:
    code = request.GET.get("project", "")[:30].replace("\x00", "")
    if not code:
        return None
    found: Project | None = Project.objects.filter(program_id=program.pk, code__iexact=code).first()
    if found is None:
        raise Http404("No such project.")
    return found


@page(Permission.VIEW_PROGRAM)
def ratings(request: HttpRequest, program: Program) -> HttpResponse:
    """Computed, manager's and assurance's rating of each dimension (`?project=ERP-FIN` of a project), and all words."""
    access: Access = request.access  # type: ignore[attr-defined]
    moment = as_of(request, program)
    project = _project(request, program)
    rows = stated.history(program.pk).filter(at__lte=min(moment.at, moment.known))
    rows = rows.filter(project=project) if project else rows
    local = zone(program.time_zone)
    register = Register(
        name=f"{program.code}-ratings",
        rows=rows,
        search=("reason", "person__name", "project__code"),
        columns=[
            Column("About", lambda r: r.project.code if r.project else "Program", "project__code"),
            Column("Dimension", lambda r: r.get_dimension_display(), "dimension"),
            Column("Whose", lambda r: r.get_voice_display(), "voice"),
            Column(
                "Rating",
                lambda r: (
                    formats.rag(r.colour)
                    if r.valid_until >= moment.day
                    else f"{r.get_colour_display()}, expired"
                ),
                "colour",
                plain=lambda r: r.get_colour_display(),
            ),
            Column("Why", lambda r: r.reason),
            Column("By", lambda r: r.person.name, "person__name"),
            Column("Said", lambda r: formats.day(r.at.astimezone(local)), "at", plain=lambda r: r.at),
            Column(
                "Counts until",
                lambda r: formats.day(r.valid_until),
                "valid_until",
                plain=lambda r: r.valid_until,
            ),
        ],
        empty={
            "title": "Nobody has stated a rating yet",
            "text": "What is computed stands above. Its manager and independent assurance may say what they think, "
            "why, and until when that counts; both stand beside it and never in its place.",
        },
    )
    if request.headers.get("HX-Request") or request.GET.get("format"):
        return register.respond(request, "governance/health/ratings.html", {"program": program})
    figures = selectors.read(
        program, at=moment.at, known=moment.known, is_now=moment.is_now,
        sees_money=access.may(Permission.VIEW_MONEY, program.pk),
    )  # fmt: skip
    said = stated.of(figures)
    one = stated.project_of(figures, project.code) if project else None
    voices = voices_of(access, program.pk, project.pk if project else None) if moment.is_now else []
    context = {
        "program": program,
        "project": project,
        "sides": stated.sides(figures, said, one),
        "apart": stated.differences(figures, said),
        "subjects": [
            ("Program", "", project is None),
            *((p.code, p.code, project is not None and p.pk == project.pk) for p in figures.projects),
        ],
        "add_url": reverse("governance:rating-add", kwargs={"code": program.code})
        + (f"?project={project.code}" if project else "")
        if voices
        else "",
        "crumbs": crumbs(program, ("Ratings", home_of(program) if project else ""))
        + ([(project.code, "")] if project else []),
    }
    return register.respond(request, "governance/health/ratings.html", context)


def _form_page(
    request: HttpRequest, program: Program, project: Project | None, form: RatingForm, status: int = 200
) -> HttpResponse:
    heading = f"Rate {project.code if project else 'the program'}"
    context: dict[str, Any] = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": home_of(program, project),
        "crumbs": crumbs(program, ("Ratings", home_of(program, project)), (heading, "")),
        "no_clock": True,
    }
    return render(request, "governance/form.html", context, status=status)


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """State a rating of the program, or of one project (`?project=ERP-FIN`), in one's own voice."""
    with reading(request) as access:
        project = _project(request, program)
        voices = voices_of(access, program.pk, project.pk if project else None)
        if not voices:
            raise PermissionDenied("Its manager and independent assurance rate this.")
        today = timezone.now().astimezone(zone(program.time_zone)).date()
        rows = StatedRating.objects.filter(program=program, project=project)
        initial = {
            "valid_until": today + timedelta(days=USUAL_DAYS),
            "seen": stated.seen(rows),
            "dimension": request.GET.get("dimension", "")[:10],
        }
        form = RatingForm(voices, request.POST or None, initial=initial)
        if request.method == "GET" or not form.is_valid():
            return _form_page(request, program, project, form, 200 if request.method == "GET" else 422)
    try:
        act(request, services.state, program=program, project=project, **form.cleaned_data)
    except AlreadyDone:
        return redirect(home_of(program, project))
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _form_page(request, program, project, form, refusal.status)
    messages.success(request, "Your rating stands beside what is computed.")
    return redirect(home_of(program, project))
