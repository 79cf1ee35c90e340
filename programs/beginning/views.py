"""Pages: begin a program; add, rename, order and copy its component projects."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import NotAllowed, Refused
from pmo.seen import seen_version
from programs.beginning import removing, services, shipped
from programs.beginning.copying import Copied
from programs.beginning.forms import FILE, SAMPLE, BeginForm, CopyForm, NewProjectForm, ProjectForm
from programs.exchange import selectors
from programs.exchange import views as exchange
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project
from programs.portfolio.services import may_begin

MOST_LISTED = 200
SHOWN_FIELDS = (
    "code", "name", "starts_on", "currency", "time_zone", "fiscal_year_start_month", "week", "country",
)  # fmt: skip


def _sources(request: HttpRequest) -> list[Program]:
    """The programs whose plan this person may copy."""
    rows = Program.objects.all().visible_to(request.user).order_by("code")[:MOST_LISTED]
    return list(rows)


def _begin_page(request: HttpRequest, form: BeginForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "templates": [
            {
                "name": one.name,
                "words": one.words,
                "parts": ", ".join(name for _, name, _ in one.projects),
                "activities": sum(
                    1 for _, _, key in one.projects for _ in shipped.lines(shipped.PROJECTS[key])
                ),
            }
            for one in shipped.PROGRAMS.values()
        ],
        "crumbs": [("Programs", "/"), ("Begin a program", "")],
        "no_clock": True,
    }
    return render(request, "programs/beginning/begin.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """A new program: blank, from a template, as a copy of a plan, or for a file that is dropped next."""
    person: Any = request.user
    with reading(request):
        if not may_begin(person):
            raise PermissionDenied(str(NotAllowed("Only PMO staff and administrators can begin a program.")))
        initial = {
            "time_zone": person.time_zone,
            "starts_on": timezone.now().date(),
            "begin": request.GET.get("begin", "")[:60],
        }
        if request.method != "POST":
            return _begin_page(request, BeginForm(_sources(request), initial=initial))
        files = request.FILES  # parses the upload, of which nothing is kept where it is too large
        too_large = getattr(request, "too_large", False)
        form = BeginForm(
            _sources(request),
            request.POST,
            None if too_large else files,
            initial=initial,
            too_large=too_large,
        )
        if not form.is_valid():
            return _begin_page(request, form, 422)
    values = {name: form.cleaned_data[name] for name in SHOWN_FIELDS}
    chosen = form.cleaned_data["begin"]
    try:
        begun = act(
            request, services.begin, begin=services.BLANK if chosen in (FILE, SAMPLE) else chosen, **values
        )
    except AlreadyDone:
        return redirect("pmo:home")
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        if refusal.code == "programs_program_code_once":
            form.add_error("code", "Choose another one.")
        with reading(request):
            return _begin_page(request, form, refusal.status)
    messages.success(request, f"{begun.program.code} is begun. You are its manager and administrator.")
    if begun.copied is not None:
        messages.info(request, copied_words(begun.copied))
    if chosen in (FILE, SAMPLE):
        return _tried(request, begun.program, form.cleaned_data["file"])
    return redirect(
        "programs:projects" if chosen == services.BLANK else "programs:plan", code=begun.program.code
    )


def _tried(request: HttpRequest, program: Program, upload: Any) -> HttpResponse:
    """The dry run of the file, or of the sample, in a program just made; or the import page, which asks for one."""
    asked = request.POST.get("begin") == SAMPLE
    data = selectors.sample_zip() if asked else upload.read() if upload is not None else None
    if data is None:
        return redirect("programs:imports", code=program.code)
    try:
        return exchange.taken(request, program, selectors.SAMPLE_NAME if asked else upload.name, data)
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("programs:imports", code=program.code)


def copied_words(copied: Copied) -> str:
    """How much was copied and what stayed behind, in a sentence."""
    words = (
        f"Copied {formats.counted(copied.activities, 'activity', 'activities')} "
        f"with {formats.counted(copied.links, 'link', 'links')}."
    )
    if copied.links_left:
        words += f" {formats.counted(copied.links_left, 'link', 'links')} to other projects not copied."
    if copied.people_left:
        words += f" {formats.counted(copied.people_left, 'allocation', 'allocations')} of persons left out."
    return words


# ------------------------------------------------------------------ component projects
def _form_page(
    request: HttpRequest,
    program: Program,
    form: Any,
    heading: str,
    status: int = 200,
    found: Project | None = None,
) -> HttpResponse:
    """A form; under the one of a project that is there (`found`) whether it may be removed."""
    home = reverse("programs:projects", kwargs={"code": program.code})
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": home,
        "project": found,
        "stays": removing.why_not(found) if found else "",
        "crumbs": crumbs(program, ("Projects", home), (heading, "")),
        "no_clock": True,
    }
    return render(request, "programs/beginning/form.html", context, status=status)


def _find(program: Program, pk: int) -> Project:
    found = Project.objects.filter(program_id=program.pk, pk=pk).select_related("program", "manager").first()
    if found is None:
        raise Http404("No such project.")
    return found


def _refused(
    request: HttpRequest, program: Program, form: Any, heading: str, refusal: Refused
) -> HttpResponse:
    """The form again, with what was typed and why it was not taken."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
    with reading(request):
        return _form_page(request, program, form, heading, refusal.status)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """A further component project."""
    heading = "Add a project"
    with reading(request):
        form = NewProjectForm(request.POST or None)
        if request.method != "POST":
            return _form_page(request, program, form, heading)
        if not form.is_valid():
            return _form_page(request, program, form, heading, 422)
    values = {name: form.cleaned_data[name] for name in ("code", "name", "kind", "outcomes")}
    if not values["kind"]:
        del values["kind"]
    try:
        made = act(
            request,
            services.add_project,
            program=program,
            values=values,
            template=form.cleaned_data["template"],
        )
    except AlreadyDone:
        return redirect("programs:projects", code=program.code)
    except Refused as refusal:
        return _refused(request, program, form, heading, refusal)
    messages.success(request, f"{made.code} is a project of {program.code} now.")
    return redirect("programs:projects", code=program.code)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Rename a project, say what it is for, who manages it and how it ranks."""
    with reading(request):
        found = _find(program, pk)
        form = ProjectForm(found, request.POST or None)
        heading = f"Edit {found.code}"
        if request.method != "POST":
            return _form_page(request, program, form, heading, found=found)
        if not form.is_valid():
            return _form_page(request, program, form, heading, 422, found)
    changes = dict(form.cleaned_data)
    try:
        act(
            request,
            services.edit_project,
            why=changes.pop("why"),
            project=found,
            version=changes.pop("version"),
            changes=changes,
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        if refusal.status == 409:
            with reading(request):
                now = _find(program, pk)
            form.data = request.POST.dict() | {"version": str(now.version)}
            form.add_error(
                None,
                f"It is now: {now.code}, {now.name}, {now.get_kind_display().lower()}, priority {now.priority}, "
                f"manager {now.manager.name if now.manager else 'nobody'}. Save again to put yours in its place.",
            )
        return _refused(request, program, form, heading, refusal)
    messages.success(request, f"{changes['code']} is saved.")
    return redirect("programs:project", code=program.code, project_code=changes["code"])


@page(Permission.EDIT_PROGRAM, methods=("POST",))
def move(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One place up or down (`to=up`, `to=down`) in the list."""
    with reading(request):
        found = _find(program, pk)
    where = request.POST.get("to")
    if where not in ("up", "down"):
        raise Refused("A project moves up or down.")
    act(request, services.move_project, project=found, up=where == "up")
    return redirect("programs:projects", code=program.code)


@page(Permission.EDIT_PROGRAM, methods=("POST",))
def remove(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take an empty project out of the program."""
    with reading(request):
        found = _find(program, pk)
    act(
        request, removing.remove_project, project=found, version=seen_version(request.POST.get("version", ""))
    )
    messages.success(request, f"{found.code} is removed.")
    return redirect("programs:projects", code=program.code)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def copy(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """A copy of a project with its plan and the links inside it."""
    with reading(request):
        found = _find(program, pk)
        initial = {"name": f"{found.name} (copy)"[:200], "version": found.version}
        form = CopyForm(request.POST or None, initial=initial)
        heading = f"Copy {found.code}"
        if request.method != "POST":
            return _form_page(request, program, form, heading)
        if not form.is_valid():
            return _form_page(request, program, form, heading, 422)
    try:
        made, copied = act(request, services.copy_project, project=found, **form.cleaned_data)
    except AlreadyDone:
        return redirect("programs:projects", code=program.code)
    except Refused as refusal:
        return _refused(request, program, form, heading, refusal)
    messages.success(request, f"{made.code} is a copy of {found.code}. {copied_words(copied)}")
    return redirect("programs:projects", code=program.code)
