"""Who is asked for more than there is in the weeks of some activities: told after a planner assigned them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pmo import formats
from pmo.zones import zone
from programs.portfolio.models import Program
from programs.resources.models import Assignment, Resource
from programs.resources.workload import Load, Period, loads, monday

LOOKED_AT = 20
"""Resources that are looked at after one edit."""
MOST_WEEKS = 260
"""Weeks that are looked at: five years from the first of the activities."""
NAMED = 3


@dataclass(frozen=True, slots=True)
class Overload:
    """One resource, the Mondays of the weeks in which more is asked of it than there is, and the worst percentage."""

    name: str
    weeks: Sequence[date]
    percent: int | None


def found(program: Program, resources: Collection[int], activities: Collection[int]) -> list[Overload]:
    """Those of these resources that are asked for too much while they work on these activities.

    By the dates in force; materials have no load. At most five queries, none for nobody.
    """
    if not resources or not activities:
        return []
    on = zone(program.time_zone)
    spans: dict[int, list[tuple[date, date]]] = {}
    rows = Assignment.objects.filter(
        program_id=program.pk,
        activity_id__in=activities,
        resource_id__in=resources,
        activity__dates__superseded_by=None,
    ).exclude(resource__kind=Resource.Kind.MATERIAL)
    for resource, start, finish in rows.values_list(
        "resource_id", "activity__dates__early_start", "activity__dates__early_finish"
    ):
        if start is not None and finish is not None and start < finish:
            last = (finish - timedelta(minutes=1)).astimezone(on).date()
            spans.setdefault(resource, []).append((start.astimezone(on).date(), last))
    if not spans:
        return []
    shown = list(
        Resource.objects.filter(pk__in=sorted(spans)[:LOOKED_AT])
        .select_related("project")
        .order_by("name", "pk")
    )
    looked = [span for one in shown for span in spans[one.pk]]
    weeks = _weeks(min(first for first, _ in looked), max(last for _, last in looked))
    asked = loads(program, shown, weeks)
    return [
        told
        for one in shown
        if (told := _of(one, spans[one.pk], list(zip(weeks, asked[one.pk], strict=True)))) is not None
    ]


def _weeks(first: date, last: date) -> list[Period]:
    begin = monday(first)
    weeks: list[Period] = []
    while begin <= last and len(weeks) < MOST_WEEKS:
        after = begin + timedelta(days=7)
        weeks.append(Period(begin.isoformat(), begin, after))
        begin = after
    return weeks


def _of(
    one: Resource, spans: Sequence[tuple[date, date]], weeks: Sequence[tuple[Period, Load]]
) -> Overload | None:
    over = [
        (week, load)
        for week, load in weeks
        if (load.over or load.clash)
        and any(first < week.after and week.first <= last for first, last in spans)
    ]
    if not over:
        return None
    worst = [load.percent for _, load in over if load.percent is not None]
    worst += [round(100 * load.peak / load.capacity) for _, load in over if load.capacity]
    return Overload(one.name, [week.first for week, _ in over], max(worst, default=None))


def in_words(over: Sequence[Overload]) -> str:
    """Who is asked for too much, and when, in a sentence each; nothing for nobody."""
    said = [_sentence(one) for one in over[:NAMED]]
    if len(over) > NAMED:
        said.append(f"So {formats.counted(len(over) - NAMED, 'more resource is', 'more resources are')}.")
    return " ".join(said)


def _sentence(one: Overload) -> str:
    named = ", ".join(formats.day(week) for week in one.weeks[:NAMED])
    more = f" and {len(one.weeks) - NAMED} more" if len(one.weeks) > NAMED else ""
    what = "the week" if len(one.weeks) == 1 else "the weeks"
    worst = f" ({one.percent} % at most)" if one.percent is not None else ""
    return f"{one.name} is now asked for more than there is in {what} of {named}{more}{worst}."
