"""Pages of baselines: who approved which, and two of them (or one and now) side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.sheets import FORMATS, download
from programs.baselines import comparing
from programs.baselines.models import Baseline
from programs.engine.compare import Difference
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.schedule import gantt, gantt_axis

PER_PAGE: Final = 50
FILLED: Final = 760
"""Pixels that the drawing fills at least."""
MONEY_KINDS = ("dearer", "cheaper")


@page(Permission.VIEW_PROGRAM)
def baselines(request: HttpRequest, program: Program) -> HttpResponse:
    """Every baseline, newest first, with the decision that approved it."""
    rows = list(
        Baseline.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .select_related("warrant")
        .annotate(size=Count("activities"))
        .order_by("-number")
    )
    approved = _decisions(program, [one.warrant_id for one in rows if one.warrant_id])
    compare_url = reverse("programs:baselines-compare", kwargs={"code": program.code})
    current = next((one for one in rows if one.is_current), None)
    context = {
        "program": program,
        "rows": [
            {
                "baseline": one,
                "decision": approved.get(one.warrant_id or 0),
                "with_now": f"{compare_url}?a=B{one.number}&b=now",
                "with_current": f"{compare_url}?a=B{one.number}&b=B{current.number}"
                if current and not one.is_current
                else "",
            }
            for one in rows
        ],
        "subtitle": f"{formats.counted(len(rows), 'baseline', 'baselines')} · "
        + (
            f"{current} is current, frozen on {formats.day(current.frozen_at)}"
            if current
            else "none is current"
        )
        if rows
        else "The plan has not been frozen yet",
        "crumbs": crumbs(program, ("Baselines", "")),
    }
    return render(request, "programs/baselines/baselines.html", context)


def _decisions(program: Program, warrants: Sequence[int]) -> dict[int, dict[str, Any]]:
    """By warrant: the decision's code, who decided and when. Decisions stand to the right of programs: a name."""
    model: Any = apps.get_model("governance", "Decision")
    return {
        row["warrant_id"]: row
        | {"url": reverse("governance:decision", kwargs={"code": program.code, "number": row["number"]})}
        for row in model.objects.filter(program_id=program.pk, warrant_id__in=warrants).values(
            "warrant_id", "number", "decided_at", "body__name"
        )
    }


def sides_of(request: HttpRequest, program: Program) -> list[Baseline | None]:
    """The two sides of the address; without them the current baseline and now. 404 for what is no baseline."""
    first = request.GET.get("a", "")
    if not first:
        current = Baseline.objects.filter(program_id=program.pk, is_current=True).first()
        first = f"B{current.number}" if current else comparing.NOW
    try:
        return [comparing.side_of(program, text) for text in (first, request.GET.get("b") or comparing.NOW)]
    except Baseline.DoesNotExist:
        raise Http404("There is no such baseline.") from None


def label_of(side: Baseline | None) -> str:
    return str(side) if side else comparing.NOW


@page(Permission.VIEW_PROGRAM)
def compare(request: HttpRequest, program: Program) -> HttpResponse:
    """What differs between `?a=B1` and `?b=B2` (or `now`), by `show` and `project`; `?format=csv` or `xlsx`."""
    money = request.access.may(Permission.VIEW_MONEY, program.pk)  # type: ignore[attr-defined]
    sides = sides_of(request, program)
    everything = list(Baseline.objects.filter(program_id=program.pk).order_by("-number"))
    if not everything and request.GET.get("format") not in FORMATS:
        return _nothing(request, program)
    found = comparing.compared(program, *sides, money=money)
    kinds = {k: text for k, text in comparing.FILTERS.items() if money or k not in MONEY_KINDS}
    show = request.GET.get("show", "") if request.GET.get("show") in kinds else ""
    project = request.GET.get("project", "")[:30]
    differences = found.shown(show, project)
    name = f"{program.code}-{label_of(sides[0])}-{label_of(sides[1])}" + (
        "-older-dates" if found.stale else ""
    )
    if (kind := request.GET.get("format")) in FORMATS:
        return _file(kind, found, differences, name, money)
    number = request.GET.get("page", "1")
    page_obj = Paginator(differences, PER_PAGE).get_page(
        number if number.isascii() and number.isdigit() and len(number) < 7 else 1
    )
    shown = list(page_obj)
    counts = found.counts(project)
    whole, *projects = found.result.finishes
    context = {
        "program": program,
        "no_clock": True,
        "labels": [label_of(side) for side in sides],
        "sides": sides,
        "choices": [
            *[(f"B{one.number}", one.name) for one in everything],
            (comparing.NOW, "the plan as it is"),
        ],
        "kinds": [(kind, text, counts[kind]) for kind, text in kinds.items()],
        "links_url": reverse("programs:baselines-compare-links", kwargs={"code": program.code})
        + f"?a={label_of(sides[0])}&b={label_of(sides[1])}",
        "scope_url": reverse("programs:baselines-compare-scope", kwargs={"code": program.code})
        + f"?a={label_of(sides[0])}&b={label_of(sides[1])}",
        "show": show,
        "project": project,
        "projects": sorted({known.project for known in found.activities.values()}),
        "money": money,
        "stale": found.stale,
        "whole": _finish(found, whole),
        "finishes": [_finish(found, one) for one in projects],
        "lines": [_line(found, one, program) for one in shown],
        "page_obj": page_obj,
        "subtitle": _subtitle(found),
        "crumbs": crumbs(
            program,
            ("Baselines", reverse("programs:baselines", kwargs={"code": program.code})),
            (f"{label_of(sides[0])} and {label_of(sides[1])}", ""),
        ),
    } | _drawing(found, shown, program)
    return render(request, "programs/baselines/compare.html", context)


def _nothing(request: HttpRequest, program: Program) -> HttpResponse:
    """The page of a program whose plan was never frozen: the plan beside itself would say nothing."""
    context = {
        "program": program,
        "no_clock": True,
        "nothing": True,
        "subtitle": "The plan has not been frozen yet",
        "crumbs": crumbs(
            program,
            ("Baselines", reverse("programs:baselines", kwargs={"code": program.code})),
            ("Compare", ""),
        ),
    }
    return render(request, "programs/baselines/compare.html", context)


def _subtitle(found: comparing.Compared) -> str:
    counts = found.result.counts
    parts = [
        f"{formats.number(counts[kind])} {text}"
        for kind, text in (
            ("added", "added"),
            ("deleted", "deleted"),
            ("moved", "moved"),
            ("longer", "longer"),
            ("shorter", "shorter"),
        )
    ]
    if found.money:
        parts += [
            f"{formats.number(counts['dearer'])} costlier",
            f"{formats.number(counts['cheaper'])} cheaper",
        ]
    return " · ".join([*parts, f"{formats.number(found.result.same)} the same"])


def _day(found: comparing.Compared, wall: int | None, *, end: bool = False) -> str:
    """A wall minute as a day; a finish at midnight is the day before."""
    return (
        formats.UNKNOWN
        if wall is None
        else formats.day(found.clock.instant(wall - end).astimezone(found.clock.zone))
    )


def _calendar(days: int | None) -> str:
    """Calendar days with their sign, red when later; `0` for none."""
    return formats.slip(days) if days else formats.UNKNOWN if days is None else "0"


def _finish(found: comparing.Compared, one: Any) -> dict[str, Any]:
    day = found.calendars.day_minutes()
    return {
        "name": one.id or "Program",
        "before": _day(found, one.before, end=True),
        "after": _day(found, one.after, end=True),
        "working": comparing.working_days(one.minutes, day),
        "calendar": _calendar(one.days),
    }


def _line(found: comparing.Compared, one: Difference, program: Program) -> dict[str, Any]:
    known, day = found.of(one), found.day(one)
    return {
        "name": f"{known.code} {known.name}",
        "url": reverse("programs:activity", kwargs={"code": program.code, "pk": known.pk}),
        "project": known.project,
        "what": comparing.what(one),
        "before": _day(found, one.before.finish if one.before else None, end=True),
        "after": _day(found, one.after.finish if one.after else None, end=True),
        "working": comparing.working_days(one.finish_minutes, day),
        "calendar": _calendar(one.finish_days),
        "longer": comparing.working_days(one.longer, day),
        "dearer": formats.money_short(comparing.minor(one.dearer), program.currency, sign=True),
    }


def _drawing(found: comparing.Compared, shown: list[Difference], program: Program) -> dict[str, Any]:
    """Both plans as one Gantt: the second as bars, the first as the ghosts under them."""
    bars, edges = [], []
    for one in shown:
        known, now = found.of(one), one.after or one.before
        if now is None or now.start is None or now.finish is None:
            continue
        then = one.before if one.after else None
        edges += [
            t for item in (one.before, one.after) if item for t in (item.start, item.finish) if t is not None
        ]
        mark = " (deleted)" if one.deleted else " (added)" if one.added else ""
        bars.append(
            gantt.GanttRow(
                known.pk,
                f"{known.name}{mark}",
                "milestone" if known.is_milestone else "task",
                now.start,
                now.finish,
                baseline_start=then.start if then else None,
                baseline_finish=then.finish if then else None,
                critical=bool(now.critical),
                href=reverse("programs:activity", kwargs={"code": program.code, "pk": known.pk}),
            )
        )
    if not bars:
        return {"bars_svg": "", "head_svg": ""}
    zone = found.clock.zone
    first = found.clock.instant(min(edges)).astimezone(zone).date().replace(day=1)
    last = found.clock.instant(max(edges)).astimezone(zone).date() + timedelta(days=60)
    zoom: Any = "month" if (last - first).days < 1100 else "quarter" if (last - first).days < 3000 else "year"
    last = min(
        max(last, first + timedelta(days=FILLED * 100 // gantt_axis.ZOOMS[zoom])),
        first + timedelta(days=30 * 366),
    )
    axis: dict[str, Any] = {
        "first": first,
        "last": last,
        "zoom": zoom,
        "status_date": found.clock.wall_or_none(program.status_at),
    }
    rendered = gantt.render(
        bars, [], **axis, title="Both plans as a Gantt chart; the table below holds the same dates"
    )
    return {"bars_svg": rendered, "head_svg": gantt_axis.header(**axis)}


def _file(
    kind: str, found: comparing.Compared, differences: list[Difference], name: str, money: bool
) -> HttpResponse:
    """Exactly the differences shown: local dates (ISO, minutes), working minutes, minor units."""
    zone = found.clock.zone
    rows = comparing.rows(found, differences)
    heads = [
        head
        for head in (list(rows[0]) if rows else ["project", "activity", "name", "change"])
        if head != "activity_id" and (money or "minor" not in head)
    ]

    def value(one: Any) -> Any:
        if not isinstance(one, datetime):
            return one
        local = one.astimezone(zone)
        return local.strftime("%Y-%m-%dT%H:%M") if kind == "csv" else local.replace(tzinfo=None)

    return download(kind, name, heads, ([value(row[head]) for head in heads] for row in rows))
