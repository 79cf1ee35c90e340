"""Pages of schedule health: the 14 points with what they found, what to repair first, the ten practices, the course."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from pmo import charts, formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import act, page
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.schedule.models import Activity, Dependency
from programs.schedule.usual import day_minutes, usual_by_calendar
from programs.schedule_health import selectors, services, wording


def _code(request: HttpRequest) -> str:
    return request.GET.get("project", "")[:30]


def _kept(request: HttpRequest) -> str:
    """The choices of the address that every link of these pages carries along."""
    chosen = {name: request.GET[name] for name in ("project", "at", "known") if request.GET.get(name)}
    return f"?{urlencode(chosen)}" if chosen else ""


@page(Permission.VIEW_PROGRAM)
def health(request: HttpRequest, program: Program) -> HttpResponse:
    """The 14 points; `?project=` narrows to one project."""
    chosen = as_of(request, program)
    shown = selectors.read(program, chosen, _code(request))
    here, day = {"code": program.code}, day_minutes(program)
    if shown.unknown:
        return _no_such_project(request, program, shown)
    found = shown.assessment
    context: dict[str, Any] = {
        "program": program,
        "shown": shown,
        "assess_label": _assess_label(request, program) if chosen.is_now else "",
        "query": _kept(request),
        "crumbs": crumbs(program, ("Schedule health", "")),
    }
    if found is not None:
        course = selectors.course(program, chosen, shown.project)
        context |= {
            "subtitle": _subtitle(shown, found),
            "points": [
                {
                    "number": one["check"],
                    "name": wording.WORDS[one["check"]].name,
                    "counts": wording.WORDS[one["check"]].counts,
                    "value": wording.value(one, day),
                    "made_of": wording.made_of(one),
                    "threshold": wording.threshold(one),
                    "verdict": wording.VERDICTS[one["verdict"]],
                    "reason": one["reason"],
                    "found": one["found"],
                    "url": reverse("programs:health-point", kwargs={**here, "number": one["check"]})
                    + _kept(request),
                }
                for one in found.points
            ],
            "repairs": [
                {
                    "name": wording.WORDS[one["check"]].name,
                    "price": wording.price(one, day),
                    "url": reverse("programs:health-point", kwargs={**here, "number": one["check"]})
                    + _kept(request),
                }
                for one in found.repairs
            ],
            "practices": [one | {"badge": wording.STATES[one["state"]]} for one in found.practices],
            "replayed": sum(row["from_progress"] for row in course),
            "course_svg": _course_chart(course),
            "twin": _twin(course, day),
        }
    return render(request, "programs/schedule_health/health.html", context)


def _assess_label(request: HttpRequest, program: Program) -> str:
    """What the button says: all of it, or what this person's rights reach; empty for who may not."""
    access = request.access  # type: ignore[attr-defined]
    if access.may(Permission.EDIT_PLAN, program.pk):
        return "Assess now"
    reach = len(access.projects_with(Permission.EDIT_PLAN, program.pk))
    return ("Assess my project now" if reach == 1 else "Assess my projects now") if reach else ""


def _no_such_project(request: HttpRequest, program: Program, shown: selectors.Health) -> HttpResponse:
    """404 that says which project is none, and leads to the program's."""
    context = {
        "program": program,
        "shown": shown,
        "subtitle": f"There is no project {shown.unknown} in {program.code}",
        "crumbs": crumbs(program, ("Schedule health", "")),
    }
    return render(request, "programs/schedule_health/health.html", context, status=404)


def _subtitle(shown: selectors.Health, found: Any) -> str:
    parts = [
        f"{found.failed} of the {found.applicable} points that apply fail",
        f"{formats.counted(found.open_activities, 'activity', 'activities')} to do",
        formats.counted(found.links, "link", "links"),
        f"against {found.baseline} of {formats.day(found.baseline.frozen_at)}"
        if found.baseline
        else "no baseline",
        f"assessed {formats.moment(found.assessed_at)}",
    ]
    if shown.is_stale:
        parts.append("the plan was edited since and is assessed again within a minute or two")
    return " · ".join(parts)


def _course_chart(course: list[dict[str, Any]]) -> Any:
    """Columns of failed and kept points by day of assessment."""
    failed = [(place, float(row["failed"])) for place, row in enumerate(course)]
    kept = [(place, float(row["applicable"] - row["failed"])) for place, row in enumerate(course)]
    return charts.columns(
        [formats.day_short(row["day"]) for row in course],
        [charts.Series("Fail", failed, 2), charts.Series("Pass", kept, 4)],
        title="Points that fail and pass, by day",
        description="Each column is one assessment: how many of the 14 points failed and how many passed.",
        key="health-course",
        y_text=lambda y: formats.number(y),
        width=360,
        height=150,
    )


def _twin(course: list[dict[str, Any]], day: int) -> dict[str, Any]:
    checks = [1, 6, 7, 11, 13, 14]
    return {
        "caption": "Assessments by day: failed points and some of the figures",
        "head": ["Day", "Fail", "Apply", *[wording.WORDS[check].name for check in checks]],
        "rows": [
            [
                formats.day(row["day"]),
                row["failed"],
                row["applicable"],
                *[wording.value(row["points"][check - 1], day) for check in checks],
            ]
            for row in reversed(course)
        ],
    }


@page(Permission.VIEW_PROGRAM)
def point(request: HttpRequest, program: Program, number: int) -> HttpResponse:
    """What one point found, worst first; `?format=csv` gives all of it."""
    if number not in wording.WORDS:
        raise Http404("There are 14 points.")
    words = wording.WORDS[number]
    chosen = as_of(request, program)
    shown = selectors.read(program, chosen, _code(request))
    if shown.unknown:
        return _no_such_project(request, program, shown)
    health_url = reverse("programs:health", kwargs={"code": program.code}) + _kept(request)
    found = shown.assessment.found.get(str(number), []) if shown.assessment else []
    one = shown.assessment.points[number - 1] if shown.assessment else None
    usual, program_day = usual_by_calendar(program)
    day = day_minutes(program)
    columns: list[Column]
    rows: QuerySet[Any]
    search: tuple[str, ...]
    if words.of_links:
        columns, rows = _link_columns(program), selectors.links_found(program, found)
        search = ("successor__code", "successor__name", "predecessor__code", "predecessor__name")
    else:
        minutes = {pk: late for pk, _, late in found}

        def stake(row: Activity) -> str:
            length = usual.get(row.calendar_id or row.project.calendar_id or 0, program_day)
            return wording.days(minutes.get(row.pk, 0), length)

        columns, rows = _activity_columns(program), selectors.activities_found(program, found)
        columns.append(
            Column(
                words.stake, stake, num=True, plain=lambda row: round(minutes.get(row.pk, 0) / program_day, 2)
            )
        )
        search = ("code", "name", "project__code")
    register = Register(
        name=f"{program.code}-health-{number}",
        rows=rows,
        search=search,
        columns=columns,
        empty={
            "title": "Nothing found",
            "text": f"This point found nothing{': ' + one['reason'] if one and one['reason'] else '.'}"
            if one
            else "The plan has not been assessed yet.",
            "url": health_url,
            "label": "All 14 points",
        },
    )
    subtitle = "Not assessed yet"
    if one:
        verdict = wording.VERDICTS[one["verdict"]][1]
        subtitle = (
            f"{verdict} · {wording.value(one, day)}, threshold {wording.threshold(one)} · {words.counts}"
        )
        if one["found"] and not found:
            subtitle += " · of earlier assessments only the figures are kept"
    context = {
        "program": program,
        "heading": f"{number} {words.name}",
        "subtitle": subtitle,
        "crumbs": crumbs(program, ("Schedule health", health_url), (words.name, "")),
    }
    return register.respond(request, "programs/register.html", context)


def _activity_columns(program: Program) -> list[Column]:
    return [
        Column(
            "Activity",
            lambda row: f"{row.code} {row.name}",
            "code",
            href=lambda row: reverse("programs:activity", kwargs={"code": program.code, "pk": row.pk}),
        ),
        Column("Project", lambda row: row.project.code, "project__code"),
        Column("Kind", lambda row: row.get_kind_display(), "kind"),
    ]


def _link_columns(program: Program) -> list[Column]:
    return [
        Column(
            "Activity",
            lambda row: f"{row.successor.code} {row.successor.name}",
            "successor__code",
            href=lambda row: reverse(
                "programs:activity", kwargs={"code": program.code, "pk": row.successor_id}
            ),
        ),
        Column("Project", lambda row: row.successor.project.code, "successor__project__code"),
        Column(
            "Waits for", lambda row: f"{row.predecessor.code} {row.predecessor.name}", "predecessor__code"
        ),
        Column("Type", lambda row: row.get_kind_display(), "kind"),
        Column("Lag", _lag, "lag", num=True, plain=lambda row: row.lag),
    ]


def _lag(row: Dependency) -> str:
    """The lag as it was entered: hours, elapsed hours or percent."""
    if row.lag_unit == Dependency.LagUnit.PERCENT:
        return f"{formats.number(row.lag, sign=True)} %" if row.lag else "0"
    hours = formats.number(row.lag / 60, 0 if row.lag % 60 == 0 else 1, sign=True) if row.lag else "0"
    return f"{hours} h" + (" elapsed" if row.lag_unit == Dependency.LagUnit.ELAPSED else "")


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def assess(request: HttpRequest, program: Program) -> HttpResponse:
    """Assess now, as far as the person's rights reach; a refusal is a sentence on the page."""
    where = reverse("programs:health", kwargs={"code": program.code})
    try:
        done = act(request, services.assess_now, program=program)
        words = [one.project.code for one in done if one.project]
        if any(one.project is None for one in done):
            messages.success(request, "The schedule is assessed.")
        else:
            messages.success(request, f"Assessed: {', '.join(words)}.")
            where += f"?{urlencode({'project': words[0]})}"
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect(where)
