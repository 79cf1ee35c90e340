"""Pages of one activity: look, edit, link, add, remove; and the plan as CSV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import act, page, reading
from pmo.refusals import Conflict, Refused
from programs.baselines.models import BaselineActivity
from programs.calendars.models import Calendar
from programs.master_plan import detail, listing
from programs.master_plan.forms import ActivityForm, LinkForm, NewActivityForm, minutes_of
from programs.master_plan.views import editable_projects, find_activity
from programs.portfolio.models import Program, Project
from programs.schedule import services
from programs.schedule.freshness import in_words
from programs.schedule.models import Activity, Computation, ComputedDates
from programs.schedule.usual import day_minutes

NEWEST_VERSION = Subquery(
    Computation.objects.filter(program_id=OuterRef("program_id")).order_by("-pk").values("plan_version")[:1]
)
LOCAL = ("constraint_at", "deadline_at", "actual_start", "actual_finish")


def _crumbs(program: Program, *more: tuple[str, str]) -> list[tuple[str, str]]:
    here = {"code": program.code}
    return [
        ("Programs", "/"),
        (program.code, reverse("governance:dashboard", kwargs=here)),
        ("Master plan", reverse("programs:plan", kwargs=here)),
        *more,
    ]


def _initial(activity: Activity, day: int) -> dict[str, Any]:
    remaining = activity.remaining_minutes
    return {
        "name": activity.name,
        "days": round(activity.duration_minutes / day, 2),
        "calendar": activity.calendar_id,
        "constraint": activity.constraint,
        "percent_complete": round(activity.percent_complete, 2),
        "remaining_days": None if remaining is None else round(remaining / day, 2),
        "version": activity.version,
    } | {name: getattr(activity, name) for name in LOCAL}


def _activity_page(
    request: HttpRequest,
    program: Program,
    activity: Activity,
    *,
    form: Form | None = None,
    link: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    day = day_minutes(program, activity)
    dates = (
        ComputedDates.objects.filter(listing.in_force(program, as_of(request, program)), activity=activity)
        .annotate(newest=NEWEST_VERSION)
        .order_by("-pk")
        .first()
    )
    base = BaselineActivity.objects.filter(activity=activity, baseline__is_current=True).first()
    before, after = detail.links_of(activity, day, dates.driver_id if dates else None)
    allowed = editable_projects(request.access, program)  # type: ignore[attr-defined]
    may_edit = allowed is None or activity.project_id in allowed
    calendars = Calendar.objects.filter(program_id=program.pk).order_by("name")
    context = {
        "program": program,
        "activity": activity,
        "pairs": detail.pairs(program, activity, dates, base, day),
        "why": detail.why(activity, dates, before),
        "behind": in_words(dates.newest, program.plan_version)
        if dates and as_of(request, program).is_now and dates.newest != program.plan_version
        else "",
        "before": before,
        "after": after,
        "may_edit": may_edit,
        "form": form
        or (
            ActivityForm(program, initial=_initial(activity, day), calendars=calendars) if may_edit else None
        ),
        "link_form": link or (LinkForm() if may_edit else None),
        "crumbs": _crumbs(program, (activity.code, "")),
    }
    return render(request, "programs/master_plan/activity.html", context, status=status)


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def activity(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One activity: its dates with their reason, its links, and (for who may) its form."""
    with reading(request) as access:
        found = find_activity(request, program, pk)
        if request.method == "GET":
            return _activity_page(request, program, found)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = ActivityForm(program, request.POST, calendars=Calendar.objects.filter(program_id=program.pk))
        if not form.is_valid():
            return _activity_page(request, program, found, form=form, status=422)
        day = day_minutes(program, found)
        changes = _changes(found, form.cleaned_data, _initial(found, day), day)
    if not changes:
        return redirect(request.get_full_path())
    try:
        outcome = act(
            request,
            services.edit_activity,
            activity_id=pk,
            changes=changes,
            version=form.cleaned_data["version"],
        )
    except Refused as refusal:
        with reading(request):
            found = find_activity(request, program, pk)
            if isinstance(refusal, Conflict):
                typed = request.POST.copy()
                typed["version"] = str(found.version)
                form.data = typed
                form.add_error(
                    None,
                    f"{refusal.message} Now: {_now(found, changes)}. Save again to put yours in its place.",
                )
            else:
                name = {"duration_minutes": "days", "remaining_minutes": "remaining_days"}.get(
                    refusal.field or "", refusal.field
                )
                form.add_error(name if name in form.fields else None, refusal.message)
            return _activity_page(request, program, found, form=form, status=refusal.status)
    messages.success(request, f"{found.code} is saved. {outcome.words}")
    return redirect(request.get_full_path())


def _now(found: Activity, changes: dict[str, Any]) -> str:
    """What stands there now in the fields that both changed, in words."""
    return "; ".join(f"{name.replace('_', ' ')} {getattr(found, name)}" for name in sorted(changes))


def _changes(found: Activity, cleaned: dict[str, Any], before: dict[str, Any], day: int) -> dict[str, Any]:
    """Only what differs from what the form showed: an untouched field is never written."""
    changes: dict[str, Any] = {}
    for name in ("name", "constraint", *LOCAL):
        if cleaned[name] != getattr(found, name):
            changes[name] = cleaned[name]
    if (cleaned["calendar"].pk if cleaned["calendar"] else None) != found.calendar_id:
        changes["calendar"] = cleaned["calendar"]
    if cleaned["days"] is not None and float(cleaned["days"]) != before["days"]:
        changes["duration_minutes"] = minutes_of(cleaned["days"], day)
    if cleaned["percent_complete"] is not None and cleaned["percent_complete"] != before["percent_complete"]:
        changes["percent_complete"] = cleaned["percent_complete"]
    typed, known = cleaned["remaining_days"], before["remaining_days"]
    if (None if typed is None else float(typed)) != known:
        changes["remaining_minutes"] = None if typed is None else minutes_of(typed, day)
    return changes


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """A new activity, and what comes before it."""
    with reading(request) as access:
        allowed = editable_projects(access, program)
        projects = Project.objects.filter(program_id=program.pk).order_by("position", "pk")
        if allowed is not None:
            projects = projects.filter(pk__in=allowed)
        form = NewActivityForm(request.POST or None, projects=projects)
        context = {"program": program, "form": form, "crumbs": _crumbs(program, ("Add activity", ""))}
        if request.method == "GET":
            return render(request, "programs/master_plan/add.html", context)
        valid = form.is_valid()
        before = None
        if valid and form.cleaned_data["predecessor"]:
            before = _by_code(program, form.cleaned_data["predecessor"], form.cleaned_data["project"])
            if before is None:
                form.add_error("predecessor", "There is no activity of that code.")
                valid = False
        if not valid:
            return render(request, "programs/master_plan/add.html", context, status=422)
        day = day_minutes(program)
    cleaned = form.cleaned_data
    milestone = cleaned["kind"] in ("start_milestone", "finish_milestone", "summary")
    values = {
        "code": cleaned["code"],
        "name": cleaned["name"],
        "kind": cleaned["kind"],
        "duration_minutes": 0 if milestone else minutes_of(cleaned["days"] or 1, day),
    }
    try:
        outcome = act(
            request,
            services.add_activity,
            program=program,
            project_id=cleaned["project"].pk,
            values=values,
            after_id=before.pk if before else None,
        )
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return render(request, "programs/master_plan/add.html", context, status=refusal.status)
    assert outcome.activity is not None  # noqa: S101 - add_activity always gives it
    return redirect("programs:activity", code=program.code, pk=outcome.activity.pk)


def _by_code(program: Program, text: str, project: Project) -> Activity | None:
    """The activity named `PROJECT/CODE`, or `CODE` of the given project."""
    first, slash, second = text.strip().partition("/")
    wanted = (first.strip(), second.strip()) if slash else (project.code, first.strip())
    return Activity.objects.filter(
        program_id=program.pk, project__code__iexact=wanted[0], code__iexact=wanted[1]
    ).first()


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def link(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Let this activity wait for another."""
    with reading(request):
        found = find_activity(request, program, pk)
        form = LinkForm(request.POST)
        before = None
        if form.is_valid():
            before = _by_code(program, form.cleaned_data["predecessor"], found.project)
            if before is None:
                form.add_error("predecessor", "There is no activity of that code.")
        if before is None:
            return _activity_page(request, program, found, link=form, status=422)
        day = day_minutes(program, found)
    lag = form.cleaned_data["lag_days"] or 0
    return _linked(
        request,
        program,
        pk,
        form,
        lambda: act(
            request,
            services.add_dependency,
            program=program,
            predecessor_id=before.pk,
            successor_id=pk,
            kind=form.cleaned_data["kind"],
            lag=minutes_of(lag, day),
            lag_unit="working",
        ),
    )


def _linked(
    request: HttpRequest, program: Program, pk: int, form: Form, deed: Callable[[], services.Outcome]
) -> HttpResponse:
    try:
        outcome = deed()
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _activity_page(
                request, program, find_activity(request, program, pk), link=form, status=refusal.status
            )
    messages.success(request, f"Linked. {outcome.words}")
    return redirect("programs:activity", code=program.code, pk=pk)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def unlink(request: HttpRequest, program: Program, pk: int, link_pk: int) -> HttpResponse:
    """Take a link of this activity out of the plan."""
    with reading(request):
        found = find_activity(request, program, pk)
        known = found.predecessor_links.filter(pk=link_pk).exists()
    if known:
        act(request, services.remove_dependency, dependency_id=link_pk)
        messages.success(request, "The link is removed.")
    return redirect("programs:activity", code=program.code, pk=pk)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def remove(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take an activity out of the plan, where nothing of record hangs on it."""
    with reading(request):
        found = find_activity(request, program, pk)
    try:
        act(request, services.remove_activity, activity_id=pk, version=None)
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("programs:activity", code=program.code, pk=pk)
    messages.success(request, f"{found.code} {found.name} is out of the plan; its history is kept.")
    return redirect("programs:plan", code=program.code)
