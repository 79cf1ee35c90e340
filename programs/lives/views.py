"""Pages of a project's life: what happened to its state, and the next step."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Conflict, Refused
from pmo.tables import Column, Register
from pmo.zones import zone
from programs.benefits.selectors import in_words, losing, seal
from programs.lives import services as lives
from programs.lives.forms import MoveForm
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import PlannedOutcome, Program, Project


def _find(program: Program, project_code: str) -> Project:
    found: Project | None = (
        Project.objects.filter(program_id=program.pk, code__iexact=project_code)
        .select_related("program", "manager")
        .first()
    )
    if found is None:
        raise Http404("No such project.")
    return found


def _show(
    request: HttpRequest, program: Program, found: Project, form: MoveForm | None, status: int = 200
) -> HttpResponse:
    access: Access = request.access  # type: ignore[attr-defined]
    local = zone(program.time_zone)
    home = reverse("programs:project", kwargs={"code": program.code, "project_code": found.code})
    lost = losing(program.pk, project=found.pk) if found.state not in lives.CLOSED else []
    if form is None and lives.may(access, found):
        shown = {"version": found.version, "lost": seal(lost)}
        form = MoveForm(found, initial={**shown, "deed": request.GET.get("deed", "")[:10]})
    elif form is not None and status == Conflict.status:  # what is lost now is read on this page
        form.data = {**request.POST.dict(), "lost": seal(lost)}
    if form is not None and not lost:
        form.fields.pop("read", None)  # nothing to have read
    register = Register(
        name=f"{program.code}-{found.code}-states",
        rows=lives.moves(found),
        columns=[
            Column("On", lambda m: formats.moment(m.at, local), "at", plain=lambda m: m.at),
            Column("From", lambda m: m.get_was_display()),
            Column("To", lambda m: m.get_became_display()),
            Column("Why", lambda m: m.reason),
            Column("By", lambda m: m.by.name),
            Column("Decision", lambda m: m.warrant.number if m.warrant else formats.UNKNOWN),
        ],
        empty={
            "title": "Its state was never changed",
            "text": f"It is {found.get_state_display().lower()} since it is in the program.",
        },
    )
    context: dict[str, Any] = {
        "program": program,
        "project": found,
        "form": form,
        "says": lives.TAKES_NOTHING.get(Project.State(found.state), ""),
        "lost": in_words(lost),
        "closed": found.state in lives.CLOSED,
        "open_outcomes": PlannedOutcome.objects.filter(project=found, state=PlannedOutcome.State.OPEN).count()
        if found.state not in lives.CLOSED
        else 0,
        "action": reverse(
            "programs:project-state", kwargs={"code": program.code, "project_code": found.code}
        ),
        "home": home,
        "crumbs": crumbs(
            program,
            ("Projects", reverse("programs:projects", kwargs={"code": program.code})),
            (found.code, home),
            ("State", ""),
        ),
        "no_clock": True,
    }
    answer = register.respond(request, "programs/lives/state.html", context)
    answer.status_code = status
    return answer


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def state(request: HttpRequest, program: Program, project_code: str) -> HttpResponse:
    """The life of one project; who keeps the program takes the next step."""
    with reading(request) as access:
        found = _find(program, project_code)
        if request.method == "GET":
            return _show(request, program, found, None)
        access.require(Permission.EDIT_PROGRAM, program.pk)
        form = MoveForm(found, request.POST)
        if not form.is_valid():
            return _show(request, program, found, form, 422)
        given = dict(form.cleaned_data)
        if not given.pop("read") and lives.DEEDS[given["deed"]].target == Project.State.CANCELLED:
            lost = losing(program.pk, project=found.pk)
            if lost:
                form.add_error("read", f"{in_words(lost)} loses its last contributor by this. Confirm it.")
                return _show(request, program, found, form, 422)
    try:
        act(request, lives.move, project=found, **given)
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _show(request, program, _find(program, project_code), form, refusal.status)
    else:
        done = lives.DEEDS[form.cleaned_data["deed"]].done
        messages.success(request, f"{found.code} is {done}.")
    return redirect("programs:project-state", code=program.code, project_code=found.code)
