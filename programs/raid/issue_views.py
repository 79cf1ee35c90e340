"""Pages of the issue register: all of them, entering one, and one with its record and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Conflict, Refused
from pmo.seen import seen_version
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.raid import issue_trail, issues, services
from programs.raid.issue_forms import IssueForm, WordsForm
from programs.raid.issue_models import UNSOLVED, Issue
from programs.raid.models import Risk

State = Issue.State


def home_of(program: Program) -> str:
    return reverse("programs:issues", kwargs={"code": program.code})


@page(Permission.VIEW_PROGRAM)
def listing(request: HttpRequest, program: Program) -> HttpResponse:
    """All issues; `?state=open`, `overdue`, `resolved` and `mine` narrow."""
    access: Access = request.access  # type: ignore[attr-defined]
    base, now = home_of(program), timezone.now()
    rows = Issue.objects.visible_to(request.user).filter(program_id=program.pk)
    state = request.GET.get("state", "")
    if state == "open":
        rows = rows.filter(state__in=UNSOLVED)
    elif state == "overdue":
        rows = rows.filter(issues.overdue(program, now))
    elif state == "resolved":
        rows = rows.filter(state=State.RESOLVED)
    elif state == "mine":
        rows = rows.filter(owner_id=request.user.pk, state__in=UNSOLVED)
    else:
        state = ""
    may = access.may_somewhere(Permission.EDIT_RISKS, program.pk)
    add = reverse("programs:issue-add", kwargs={"code": program.code}) if may else ""
    today = timezone.localdate()

    def standing(one: Issue) -> str:
        if one.going and one.due_on and one.due_on < today:
            return f"Overdue by {formats.counted((today - one.due_on).days, 'day', 'days')}"
        return one.get_state_display()

    register = Register(
        name=f"{program.code}-issues",
        rows=rows.select_related("project", "owner").order_by("priority", "due_on", "pk"),
        search=("code", "title", "description", "resolution"),
        columns=[
            Column("Issue", lambda r: f"{r.code} {r.title}", "pk", href=lambda r: f"{base}{r.pk}/"),
            Column("Project", lambda r: r.project.code if r.project else "Program", "project__code"),
            Column("Kind", lambda r: r.get_kind_display(), "kind"),
            Column("Priority", lambda r: r.get_priority_display(), "priority"),
            Column("Owner", lambda r: r.owner.name if r.owner else formats.UNKNOWN, "owner__name"),
            Column("Due", lambda r: formats.day(r.due_on), "due_on", plain=lambda r: r.due_on),
            Column("State", standing, "state"),
            Column("From", lambda r: r.get_source_display(), "source"),
        ],
        empty={
            "title": "No issue is open" if not state else "None of these",
            "text": "A risk that occurred becomes an issue; so does a variance beyond its limit. Others are entered.",
            "url": add,
            "label": "Enter an issue",
        },
    )
    context = {
        "program": program,
        "add_url": add,
        "chips": [
            (label, value, value == state)
            for label, value in (
                ("All", ""),
                ("Open", "open"),
                ("Overdue", "overdue"),
                ("Resolved, to close", "resolved"),
                ("Mine", "mine"),
            )
        ],
        "crumbs": crumbs(program, ("Issues", "")),
        "no_clock": True,
    }
    return register.respond(request, "programs/raid/issues.html", context)


def _only(access: Access, program: Program) -> list[int] | None:
    if access.may(Permission.EDIT_RISKS, program.pk):
        return None
    return list(access.projects_with(Permission.EDIT_RISKS, program.pk))


def _form_page(
    request: HttpRequest, program: Program, form: IssueForm, found: Issue | None, status: int = 200
) -> HttpResponse:
    heading = f"{found.code}: change" if found else "Enter an issue"
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": f"{home_of(program)}{found.pk}/" if found else home_of(program),
        "crumbs": crumbs(program, ("Issues", home_of(program)), (heading, "")),
        "no_clock": True,
    }
    return render(request, "programs/raid/issue_form.html", context, status=status)


@page(Permission.EDIT_RISKS, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Enter an issue."""
    with reading(request) as access:
        form = IssueForm(program, _only(access, program), request.POST or None)
        if request.method == "GET":
            return _form_page(request, program, form, None)
        if not form.is_valid():
            return _form_page(request, program, form, None, 422)
    activities = form.cleaned_data["activities"]
    try:
        made = act(request, issues.add, program=program, values=form.values(), activities=activities)
    except AlreadyDone:
        return redirect(home_of(program))
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _form_page(request, program, form, None, refusal.status)
    messages.success(request, f"{made.code} is entered.")
    return redirect("programs:issue", code=program.code, pk=made.pk)


def find(request: HttpRequest, program: Program, pk: int) -> Issue:
    """The issue, or 404."""
    found = (
        Issue.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("program", "project", "owner", "risk", "raised_by", "resolved_by", "closed_by")
        .first()
    )
    if found is None:
        raise Http404("No such issue.")
    one: Issue = found
    return one


@page(Permission.EDIT_RISKS, methods=("GET", "POST"), somewhere=True)
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Change what an issue says."""
    with reading(request) as access:
        found = find(request, program, pk)
        access.require(Permission.EDIT_RISKS, program.pk, found.project_id)
        form = IssueForm(program, _only(access, program), request.POST or None, instance=found)
        if request.method == "GET":
            return _form_page(request, program, form, found)
        if not form.is_valid():
            return _form_page(request, program, form, find(request, program, pk), 422)
    given = form.cleaned_data
    version = given["version"] or 0
    try:
        act(
            request,
            issues.edit,
            issue=found,
            changes=form.values(),
            version=version,
            activities=given["activities"],
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            found = find(request, program, pk)
            if isinstance(refusal, Conflict):
                typed = request.POST.copy()
                typed["version"] = str(found.version)
                form.data = typed
                for name in form.changed_data:
                    if name in form.Meta.fields:
                        form.add_error(name, f"Now: {_shown(found, name)}")
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return _form_page(request, program, form, found, refusal.status)
    messages.success(request, f"{found.code} is saved.")
    return redirect("programs:issue", code=program.code, pk=pk)


def _shown(found: Issue, name: str) -> str:
    value = getattr(found, f"get_{name}_display", lambda: getattr(found, name))()
    return str(value) if value not in (None, "") else "nothing"


def _page(
    request: HttpRequest,
    program: Program,
    found: Issue,
    *,
    refused: str = "",
    text: str = "",
    status: int = 200,
) -> HttpResponse:
    access: Access = request.access  # type: ignore[attr-defined]
    keeps = access.may(Permission.EDIT_RISKS, program.pk, found.project_id)
    today = timezone.localdate()
    late = found.going and found.due_on is not None and found.due_on < today
    context = {
        "program": program,
        "found": found,
        "origin": issue_trail.origin_of(found),
        "about": found.about.select_related("activity__project").order_by("activity_id"),
        "trail": issue_trail.trail(found),
        "overdue": (today - found.due_on).days if late and found.due_on else 0,
        "may_work": found.going and issues.may_work(found, request.user),
        "may_edit": keeps and found.going,
        "may_close": keeps and found.state == State.RESOLVED and found.resolved_by_id != request.user.pk,
        "may_reopen": keeps and not found.going,
        "may_escalate": found.going and keeps,
        "refused": refused,
        "text": text,
        "crumbs": crumbs(program, ("Issues", home_of(program)), (found.code, "")),
        "no_clock": True,
    }
    return render(request, "programs/raid/issue.html", context, status=status)


DEEDS: dict[str, tuple[Callable[..., Issue], str]] = {
    "note": (issues.note, "noted on"),
    "resolve": (issues.resolve, "resolved; somebody else closes it"),
    "close": (issues.close, "closed"),
    "reopen": (issues.reopen, "open again"),
}


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def issue(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One issue with its record (`do`: note, resolve, close, reopen)."""
    with reading(request):
        found = find(request, program, pk)
        if request.method == "GET":
            return _page(request, program, found)
        form = WordsForm(request.POST)
        service, done = DEEDS.get(request.POST.get("do", ""), (issues.note, "noted on"))
        if not form.is_valid():
            wrong = " ".join(str(error) for errors in form.errors.values() for error in errors)
            return _page(request, program, found, refused=wrong, status=422)
    given = dict(form.cleaned_data)
    if service is issues.close:
        del given["text"]
    try:
        act(request, service, issue=found, **given)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            found = find(request, program, pk)
            text = form.cleaned_data["text"]
            return _page(request, program, found, refused=refusal.message, text=text, status=refusal.status)
    else:
        messages.success(request, f"{found.code} is {done}.")
    return redirect("programs:issue", code=program.code, pk=pk)


@page(Permission.EDIT_RISKS, methods=("POST",), somewhere=True)
def risk_occurred(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """A risk occurred: it becomes an issue in one act."""
    with reading(request) as access:
        risk = Risk.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).first()
        if risk is None:
            raise Http404("No such risk.")
        access.require(Permission.EDIT_RISKS, program.pk, risk.project_id)
        version = seen_version(request.POST.get("version", ""))
    try:
        made = act(request, services.occur, risk_id=pk, version=version)
    except AlreadyDone:
        return redirect(home_of(program))
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("programs:risk", code=program.code, pk=pk)
    messages.success(request, f"{risk.code} occurred: it is {made.code} now.")
    return redirect("programs:issue", code=program.code, pk=made.pk)
