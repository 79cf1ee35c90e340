"""The page of one activity: its dates with their reasons, its form, and what an edit would move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import act, is_fragment, page, reading
from pmo.refusals import Conflict, Refused
from programs.baselines.models import BaselineActivity
from programs.calendars.models import Calendar
from programs.master_plan import cause_words, detail, listing, preview
from programs.master_plan import services as mindful
from programs.master_plan.causes import causes
from programs.master_plan.forms import ActivityForm, LinkForm, minutes_of
from programs.master_plan.views import editable_projects, find_activity
from programs.master_plan.would_move import Tried, WouldMove, trial
from programs.portfolio.models import Program
from programs.resources import team
from programs.resources.assign_forms import PeopleForm, ShareForm
from programs.resources.assigning import WORK
from programs.schedule import services
from programs.schedule.freshness import in_words
from programs.schedule.models import Activity, Computation, ComputedDates
from programs.schedule.usual import day_minutes

NEWEST_VERSION = Subquery(
    Computation.objects.filter(program_id=OuterRef("program_id")).order_by("-pk").values("plan_version")[:1]
)
LOCAL = ("constraint_at", "deadline_at", "actual_start", "actual_finish")


def crumbs_of(program: Program, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page under the master plan."""
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
        "notes": activity.notes,
        "version": activity.version,
    } | {name: getattr(activity, name) for name in LOCAL}


def activity_page(
    request: HttpRequest,
    program: Program,
    activity: Activity,
    *,
    form: Form | None = None,
    link: Form | None = None,
    people: Form | None = None,
    share: tuple[int, Form] | None = None,
    moves: WouldMove | None = None,
    held: mindful.MovesCommitted | None = None,
    again: tuple[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, perhaps with a form as typed (`link`: that of a link; `people`: of who is put on it; `share`: of an
    assignment's id), what it would move, or why it was `held`.

    `again`: the address and the words of a held button that has no form of its own.
    """
    shown = preview.told(program, moves) if moves is not None else None
    day = day_minutes(program, activity)
    chosen = as_of(request, program)
    dates = (
        ComputedDates.objects.filter(listing.in_force(program, chosen), activity=activity)
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
        "chain": cause_words.told(
            program,
            causes(program, activity.pk, computation_id=listing.known_by(program, chosen)),
        )
        if dates
        else None,
        "behind": in_words(dates.newest, program.plan_version)
        if dates and chosen.is_now and dates.newest != program.plan_version
        else "",
        "before": before,
        "after": after,
        "may_edit": may_edit,
        "may_money": request.access.may(Permission.VIEW_MONEY, program.pk),  # type: ignore[attr-defined]
        "form": form
        or (
            ActivityForm(program, initial=_initial(activity, day), calendars=calendars) if may_edit else None
        ),
        "moves": None if link or again else shown,
        "held": None if link or again else held,
        "again": {"address": again[0], "label": again[1], "held": held, "moves": shown} if again else None,
        "link_moves": shown if link else None,
        "link_held": held if link else None,
        "link_form": link or (LinkForm() if may_edit else None),
        "team": _team(activity, share),
        "people_form": people or (PeopleForm() if may_edit and activity.kind in WORK else None),
        "may_history": request.access.may(Permission.VIEW_HISTORY, program.pk),  # type: ignore[attr-defined]
        "crumbs": crumbs_of(program, (activity.code, "")),
    }
    return render(request, "programs/master_plan/activity.html", context, status=status)


def _team(activity: Activity, typed: tuple[int, Form] | None) -> list[tuple[team.Mate, Form]]:
    """Who is on it, each with the form of their share: as it is, or as it was typed."""
    return [
        (
            one,
            typed[1]
            if typed and typed[0] == one.pk
            else ShareForm(
                initial={"percent": one.percent, "version": one.version}, auto_id=f"id_{one.pk}_%s"
            ),
        )
        for one in team.team(activity)
    ]


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def activity(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One activity: its dates with their reason, its links, and (for who may) its form."""
    with reading(request) as access:
        found = find_activity(request, program, pk)
        if request.method == "GET":
            return activity_page(request, program, found)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = ActivityForm(program, request.POST, calendars=Calendar.objects.filter(program_id=program.pk))
        if not form.is_valid():
            return activity_page(request, program, found, form=form, status=422)
        day = day_minutes(program, found)
        changes = _changes(found, form.cleaned_data, _initial(found, day), day)
    if not changes:
        return redirect(request.get_full_path())
    try:
        outcome = act(
            request,
            mindful.edit_activity,
            activity_id=pk,
            changes=changes,
            version=form.cleaned_data["version"],
            agreed=request.POST.get("agreed", ""),
        )
    except Refused as refusal:
        with reading(request) as access:
            found = find_activity(request, program, pk)
            if isinstance(refusal, mindful.MovesCommitted):
                return activity_page(
                    request,
                    program,
                    found,
                    form=form,
                    moves=refusal.moves,
                    held=refusal,
                    status=refusal.status,
                )
            if isinstance(refusal, Conflict):
                typed = request.POST.copy()
                typed["version"] = str(found.version)
                form.data = typed
                form.add_error(
                    None,
                    f"{refusal.message} Now: {_now(found, changes)}. Save again to put yours in its place.",
                )
            else:
                _refused_at(form, refusal)
            return activity_page(request, program, found, form=form, status=refusal.status)
    messages.success(request, f"{found.code} is saved. {outcome.words}")
    return redirect(request.get_full_path())


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def what_if(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """What the edit in the form would move; nothing is saved. For htmx the answer alone, else the page with it."""
    moves, status = None, 422
    with reading(request) as access:
        found = find_activity(request, program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = ActivityForm(program, request.POST, calendars=Calendar.objects.filter(program_id=program.pk))
        day = day_minutes(program, found)
        changes = _changes(found, form.cleaned_data, _initial(found, day), day) if form.is_valid() else None
    if changes is not None:
        version = form.cleaned_data["version"]
        try:
            asked(request, program, services.edit_activity, activity_id=pk, changes=changes, version=version)
        except Tried as tried:
            moves, status = tried.moves, 200
        except Refused as refusal:
            _refused_at(form, refusal)
            status = refusal.status
    with reading(request):
        if not is_fragment(request):
            return activity_page(request, program, found, form=form, moves=moves, status=status)
        return answered(request, program, form, moves, status)


def asked(
    request: HttpRequest, of: Program, command: Callable[..., services.Outcome], **given: Any
) -> NoReturn:
    """Ask what a command would move: raises Tried with the answer, or what the command itself is refused with."""
    act(request, trial, command=command, of=of, **given)
    raise AssertionError("a trial ends in its answer")


def answered(
    request: HttpRequest, program: Program, form: Form, moves: WouldMove | None, status: int
) -> HttpResponse:
    """What would move as a fragment, or (None) why the form is refused."""
    shown = preview.told(program, moves) if moves is not None else None
    context = {"program": program, "form": form, "moves": shown}
    return render(request, "programs/master_plan/would_move.html", context, status=status)


def _refused_at(form: Form, refusal: Refused) -> None:
    """Say a refusal at the field of the form that it is about."""
    name = {"duration_minutes": "days", "remaining_minutes": "remaining_days"}.get(
        refusal.field or "", refusal.field
    )
    form.add_error(name if name in form.fields else None, refusal.message)


def _now(found: Activity, changes: dict[str, Any]) -> str:
    """What stands there now in the fields that both changed, in words."""
    return "; ".join(f"{name.replace('_', ' ')} {getattr(found, name)}" for name in sorted(changes))


def _changes(found: Activity, cleaned: dict[str, Any], before: dict[str, Any], day: int) -> dict[str, Any]:
    """Only what differs from what the form showed: an untouched field is never written."""
    changes: dict[str, Any] = {}
    cleaned["notes"] = cleaned["notes"].replace("\r\n", "\n")  # as forms send line breaks
    for name in ("name", "notes", "constraint", *LOCAL):
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
