"""One activity with its reasons: why this date, what it waits for, what waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pmo import formats
from pmo.zones import zone
from programs.portfolio.models import Program
from programs.schedule.models import Activity, ComputedDates, Dependency

WHY = {
    "project_start": "It can start as soon as its project starts.",
    "status_date": "It has not begun, so it cannot start before the status date.",
    "constraint": "Its own constraint holds it: {constraint} {constraint_at}.",
    "actual": "It has started: this is its actual date.",
    "as_late_as_possible": "It is planned as late as its successors allow.",
    "span": "It lasts as long as the work it supports.",
    "children": "It lasts from the first to the last activity under it.",
    "link": "It waits for {driver} ({kind}{lag}).",
}

OF_A_GROUP = "It waits for what its summary, or a summary before it, waits for."


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One predecessor or successor, in words."""

    pk: int
    activity_id: int
    label: str
    project: str
    kind: str
    lag: str
    drives: bool


def lag_text(minutes: int, unit: str, day_minutes: int) -> str:
    """` + 2 d`, ` − 50 %`: empty for none."""
    if not minutes:
        return ""
    sign = "+" if minutes > 0 else "−"
    if unit == "percent":
        return f" {sign} {abs(minutes)} %"
    length = 1440 if unit == "elapsed" else day_minutes
    days = formats.number(abs(minutes) / length, 1).removesuffix(".0")
    return f" {sign} {days} {'elapsed ' if unit == 'elapsed' else ''}d"


def links_of(
    activity: Activity, day_minutes: int, driver_id: int | None
) -> tuple[list[LinkLine], list[LinkLine]]:
    """Predecessors and successors of an activity: one query."""
    before: list[LinkLine] = []
    after: list[LinkLine] = []
    found = (
        Dependency.objects.filter(program_id=activity.program_id)
        .filter(predecessor=activity)
        .union(Dependency.objects.filter(program_id=activity.program_id, successor=activity), all=True)
        .values_list("pk", flat=True)
    )
    for link in (
        Dependency.objects.filter(pk__in=list(found))
        .select_related("predecessor__project", "successor__project")
        .order_by("pk")
    ):
        incoming = link.successor_id == activity.pk
        other = link.predecessor if incoming else link.successor
        line = LinkLine(
            link.pk,
            other.pk,
            f"{other.code} {other.name}",
            other.project.code,
            Dependency.Kind(link.kind).label,
            lag_text(link.lag, link.lag_unit, day_minutes),
            link.pk == driver_id,
        )
        (before if incoming else after).append(line)
    return before, after


def why(activity: Activity, dates: ComputedDates | None, before: list[LinkLine]) -> str:
    """Why the early start is what it is, in a sentence."""
    if dates is None:
        return "Its dates have not been computed yet."
    driver = next((line for line in before if line.drives), None)
    if dates.why == "link" and driver is None:
        return OF_A_GROUP
    sentence = WHY.get(dates.why, "")
    return sentence.format(
        constraint=activity.get_constraint_display().lower(),
        constraint_at=formats.day(activity.constraint_at),
        driver=driver.label if driver else "a predecessor",
        kind=driver.kind.lower() if driver else "",
        lag=driver.lag if driver else "",
    )


def pairs(
    program: Program, activity: Activity, dates: ComputedDates | None, base: Any, day: int
) -> list[tuple[str, str]]:
    """What a planner wants to know of an activity, as label and text."""
    on = zone(program.time_zone)

    def days(minutes: int | None) -> str:
        return (
            formats.UNKNOWN if minutes is None else f"{formats.number(minutes / day, 1).removesuffix('.0')} d"
        )

    listed = [("Kind", activity.get_kind_display()), ("WBS", activity.wbs or formats.UNKNOWN)]
    if dates is not None:
        listed += [
            ("Start", formats.moment(dates.early_start, on)),
            ("Finish", formats.moment(dates.early_finish, on)),
            ("Latest start", formats.moment(dates.late_start, on)),
            ("Latest finish", formats.moment(dates.late_finish, on)),
            ("Total float", days(dates.total_float)),
            ("Free float", days(dates.free_float)),
        ]
    if base is not None:
        listed += [
            ("Baseline start", formats.moment(base.starts_at, on)),
            ("Baseline finish", formats.moment(base.finishes_at, on)),
        ]
    notes = [("Notes", activity.notes)] if activity.notes else []
    return [*listed, ("Complete", formats.percent(activity.percent_complete)), *notes]
