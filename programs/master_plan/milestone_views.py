"""The page of milestones: their dates, and the trend of the forecasts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.charts import Series, line_chart
from pmo.clocks import as_of
from pmo.http import page
from pmo.sheets import FORMATS, download
from programs.master_plan.activity_views import crumbs_of
from programs.master_plan.milestones import MOST, Trend, days, trends
from programs.master_plan.preview import days as moved
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock

DRAWN = 4
"""Lines in one chart: those that moved most."""
COLOURS = (1, 2, 4, 5)
"""Of the lines against time; grey is the line that they meet."""
HEADS = (
    "project",
    "milestone",
    "name",
    "baseline_finish",
    "first_forecast",
    "forecast",
    "days_since_first",
    "days_against_baseline",
    "moves",
    "critical",
)


@page(Permission.VIEW_PROGRAM)
def milestones(request: HttpRequest, program: Program) -> HttpResponse:
    """All milestones with baseline, first and present forecast, and a chart of those that moved; or them as a file."""
    chosen = as_of(request, program)
    project = request.GET.get("project", "")[:30].replace("\x00", "")
    found = trends(program, chosen, project=project)
    zone = ProgramClock(program.time_zone).zone
    if (kind := request.GET.get("format", "")) in FORMATS:
        return download(kind, f"{program.code}-milestones", HEADS, [_plain(one) for one in found])

    def day(value: datetime | None) -> str:
        return formats.day(value.astimezone(zone)) if value else formats.UNKNOWN

    rows = [
        {
            "href": reverse("programs:activity", kwargs={"code": program.code, "pk": one.activity_id}),
            "name": f"{one.code} {one.name}",
            "project": one.project,
            "baseline": day(one.baseline),
            "first": day(one.points[0][1] if one.points else None),
            "now": day(one.now),
            "since": formats.UNKNOWN if one.since_first is None else moved(one.since_first),
            "slip": formats.UNKNOWN if one.against_baseline is None else moved(one.against_baseline),
            "late": (one.against_baseline or 0) >= 1,
            "moves": one.moves,
            "critical": one.critical,
        }
        for one in found
    ]
    drawn = sorted((one for one in found if one.moves), key=lambda one: -abs(one.since_first or 0))[:DRAWN]
    soonest = _soonest(found, chosen.known)
    context = {
        "program": program,
        "rows": rows,
        "most": MOST,
        "full": len(found) == MOST,
        "chart": _chart(drawn, chosen.known) if drawn else None,
        "chart_keys": [
            (colour, f"{one.code} {one.name}", moved(one.since_first or 0))
            for colour, one in enumerate(drawn, 1)
        ],
        "against_time": _against_time(soonest, chosen.known),
        "time_keys": [
            (colour, f"{one.code} {one.name}", day(one.points[-1][1]))
            for colour, one in zip(COLOURS, soonest, strict=False)
        ],
        "drawn": len(drawn),
        "project": project,
        "crumbs": crumbs_of(program, ("Milestones", "")),
    }
    return render(request, "programs/master_plan/milestones.html", context)


def _plain(one: Trend) -> list[object]:
    return [
        one.project,
        one.code,
        one.name,
        one.baseline,
        one.points[0][1] if one.points else None,
        one.now,
        None if one.since_first is None else round(one.since_first, 2),
        None if one.against_baseline is None else round(one.against_baseline, 2),
        one.moves,
        "yes" if one.critical else "no",
    ]


def _chart(drawn: list[Trend], until: datetime) -> SafeString:
    """Days against the first forecast over the time at which it was made; a line stands until it moves."""
    begin = min(one.points[0][0] for one in drawn)
    series = []
    for colour, one in enumerate(drawn, 1):
        base, last = one.points[0][1], 0.0
        points: list[tuple[float, float]] = []
        for at, finish in one.points:
            x = days(begin, at)
            if points:
                points.append((x, last))
            last = days(base, finish)
            points.append((x, last))
        points.append((max(days(begin, until), points[-1][0]), last))
        series.append(Series(one.code, points, colour, f"{one.code} {moved(last)}"))
    end = max(point[0] for one in series for point in one.points)
    return line_chart(
        series,
        title="Milestone trend",
        description=f"Days by which the forecast of {len(drawn)} milestones moved from the first one, over the time "
        "at which it was computed. A level line is a forecast that holds; a rising one slips.",
        key="milestone-trend",
        x_labels=_ends(begin, until, end),
        y_text=lambda value: moved(value) if value else "0",
        width=900,
        height=300,
    )


def _ends(begin: datetime, until: datetime, end: float) -> list[tuple[float, str]]:
    """The texts of both ends of the axis; with the time of day where they are one day."""
    text = formats.moment if formats.day(begin) == formats.day(until) else formats.day
    return [(0.0, text(begin)), (end, text(until))]


def _soonest(found: list[Trend], now: datetime) -> list[Trend]:
    """Those that were not reached yet, the soonest first: as many as can be told apart."""
    waited_for = [one for one in found if one.points and one.points[-1][1] > now]
    return sorted(waited_for, key=lambda one: one.points[-1][1])[: len(COLOURS)]


def _against_time(drawn: list[Trend], until: datetime) -> SafeString | None:
    """The milestone trend chart: forecast day over the day on which it was computed, with the line they meet at 45°.

    None while the forecasts go back less than a day: there is no trend yet.
    """
    begin = min((one.points[0][0] for one in drawn), default=until)
    if days(begin, until) < 1:
        return None
    series = []
    for colour, one in zip(COLOURS, drawn, strict=False):
        points: list[tuple[float, float]] = []
        for at, finish in one.points:
            x = days(begin, at)
            if points:
                points.append((x, points[-1][1]))
            points.append((x, days(begin, finish)))
        points.append((max(days(begin, until), points[-1][0]), points[-1][1]))
        series.append(Series(one.code, points, colour, f"{one.code} {formats.day_short(one.points[-1][1])}"))
    end = max(point[0] for one in series for point in one.points)
    series.append(Series("Reached", [(0.0, 0.0), (end, end)], 3, "today"))
    return line_chart(
        series,
        title="Milestone trend against time",
        description=f"The forecast day of {len(drawn)} milestones over the day of its computation. The grey line is "
        "where both are the same day: a milestone is reached where its line meets it. Level holds, rising slips.",
        key="milestone-time",
        x_labels=[(0.0, formats.day(begin)), (end, formats.day(until))],
        y_text=lambda value: formats.day(begin + timedelta(days=value)),
        width=900,
        height=320,
    )
