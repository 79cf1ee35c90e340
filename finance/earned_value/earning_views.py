"""Pages of how activities earn: the register of techniques, and one activity with its steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.earned_value import earning, selectors
from finance.earned_value.earning_forms import Earning
from finance.earned_value.models import EarningStep
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Conflict, Refused
from pmo.tables import Column, Register
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.schedule.models import Activity


@page(Permission.VIEW_MONEY)
def techniques(request: HttpRequest, program: Program) -> HttpResponse:
    """How each activity earns, with the state of its steps; `?technique=` and `?q=` narrow."""
    base = reverse("finance:earned-value", kwargs={"code": program.code})
    rows = (
        Activity.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .exclude(kind=Activity.Kind.SUMMARY)
    )
    chosen = request.GET.get("technique", "")
    if chosen in Activity.Technique.values:
        rows = rows.filter(technique=chosen)
    counted = EarningStep.objects.filter(activity=OuterRef("pk")).values("activity")
    rows = rows.annotate(
        steps=Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0),
        done=Coalesce(
            Subquery(counted.annotate(n=Count("pk", filter=Q(done_on__isnull=False))).values("n")), 0
        ),
    )
    register = Register(
        name=f"{program.code}-techniques",
        rows=rows.select_related("project").order_by("project__position", "project_id", "position", "pk"),
        search=("code", "name"),
        columns=[
            Column(
                "Activity",
                lambda r: f"{r.code} {r.name}",
                "code",
                href=lambda r: f"{base}-/activities/{r.pk}/",
            ),
            Column("Project", lambda r: r.project.code, "project__code"),
            Column("Technique", _technique, "technique"),
            Column("Steps", lambda r: f"{r.done} of {r.steps} done" if r.steps else "", "steps"),
            Column("Complete", lambda r: formats.percent(r.percent_complete), "percent_complete", num=True),
            Column("Work", lambda r: "started" if earning.has_started(r) else "not started"),
        ],
        empty={"title": "No activity", "text": "Activities come with the plan."},
    )
    context = {
        "program": program,
        "heading": "Earning techniques",
        "subtitle": "How each activity earns its budget; it stays as planned once work has started",
        "crumbs": crumbs(program, ("Earned value", base), ("Techniques", "")),
    }
    return register.respond(request, "programs/register.html", context)


def _technique(activity: Any) -> str:
    if activity.kind == Activity.Kind.LEVEL_OF_EFFORT:
        return "Level of effort"
    if activity.technique == Activity.Technique.MILESTONES and not activity.steps:
        return "Weighted milestones, no steps yet"
    return str(activity.get_technique_display())


def _find(request: HttpRequest, program: Program, pk: int) -> Activity:
    found = (
        Activity.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .exclude(kind=Activity.Kind.SUMMARY)
        .select_related("project")
        .first()
    )
    if found is None:
        raise Http404("No such activity.")
    one: Activity = found
    return one


def _page(
    request: HttpRequest,
    program: Program,
    activity: Activity,
    *,
    given: Earning | None = None,
    status: int = 200,
) -> HttpResponse:
    when = as_of(request, program)
    known = None if when.is_now else when.known
    steps, locked = earning.steps_of(activity.pk, known), earning.has_started(activity)
    access = request.access  # type: ignore[attr-defined]
    may_plan = access.may(Permission.EDIT_PLAN, program.pk, activity.project_id) and not locked
    may_report = access.may(Permission.REPORT_PROGRESS, program.pk, activity.project_id)
    editable = known is None and (may_plan or (may_report and bool(steps)))
    whole = sum(step.weight for step in steps)
    if given is None and editable:
        given = Earning(
            activity.technique, steps, earning.seal(activity.technique, steps), locked=not may_plan
        )
    context = {
        "program": program,
        "activity": activity,
        "locked": locked,
        "known": formats.moment(when.known, zone(program.time_zone)) if known else "",
        "given": given,
        "technique": activity.get_technique_display(),
        "words": earning.WORDS,
        "means": earning.WORDS[activity.technique],
        "no_steps": activity.technique == Activity.Technique.MILESTONES and not steps,
        "steps": [
            {
                "name": step.name,
                "share": formats.percent(100 * step.weight / whole, 1),
                "weight": formats.number(step.weight),
                "due": formats.percent(step.due_percent),
                "done": formats.day(step.done_on) if step.done_on else formats.UNKNOWN,
            }
            for step in steps
        ],
        "history": _history(program, activity, known),
        "crumbs": crumbs(
            program,
            ("Earned value", reverse("finance:earned-value", kwargs={"code": program.code})),
            ("Techniques", reverse("finance:earning", kwargs={"code": program.code})),
            (activity.code, ""),
        ),
    }
    return render(request, "finance/earned_value/earning.html", context, status=status)


def _history(program: Program, activity: Activity, known: datetime | None) -> list[dict[str, Any]]:
    """What the activity had planned, earned and cost at each status date, newest first; of the newest run by then."""
    run = selectors.newest_run(program, known)
    if run is None or not run.rows_kept:
        return []
    rows = selectors.of_activity(run, activity)
    return [
        {
            "status": formats.day(row.snapshot.at.astimezone(zone(program.time_zone)).date()),
            "pv": formats.money_short(round(row.pv), program.currency),
            "ev": formats.money_short(round(row.ev), program.currency),
            "ac": formats.money_short(round(row.ac), program.currency),
            "share": formats.percent(100 * row.ev / row.bac, 1) if row.bac else formats.UNKNOWN,
        }
        for row in rows
    ]


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def activity(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """How one activity earns: read by who sees money, written by who plans or reports the project."""
    with reading(request) as access:
        found = _find(request, program, pk)
        if request.method == "GET":
            return _page(request, program, found)
        locked = earning.has_started(found) or not access.may(
            Permission.EDIT_PLAN, program.pk, found.project_id
        )
        access.require(
            Permission.REPORT_PROGRESS if locked else Permission.EDIT_PLAN, program.pk, found.project_id
        )
        steps = earning.steps_of(found.pk)
        given = Earning(
            found.technique,
            steps,
            earning.seal(found.technique, steps),
            data=request.POST,
            locked=locked,
        )
        if not given.is_valid():
            return _page(request, program, found, given=given, status=422)
    cleaned = given.form.cleaned_data
    try:
        act(
            request,
            earning.set_earning,
            activity_id=pk,
            technique=cleaned["technique"],
            steps=given.steps(),
            seen=cleaned["seen"] or None,
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            found = _find(request, program, pk)
            message = refusal.message
            if isinstance(refusal, Conflict):
                typed = request.POST.copy()
                now = earning.steps_of(pk)
                typed["seen"] = earning.seal(found.technique, now)
                given.form.data = typed
                message = (
                    f"{message} The table below shows it as it is now. Save again to put yours in its place."
                )
            given.form.add_error("technique" if refusal.field == "technique" else None, message)
            return _page(request, program, found, given=given, status=refusal.status)
    messages.success(request, f"How {found.code} earns is saved; earned value is being computed.")
    return redirect("finance:earning-activity", code=program.code, pk=pk)
