"""The plan's rows under heads: projects as they are, or groups by what the rows have in common, or one flat list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, Count, F, Max, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncMonth

from pmo import formats
from programs.master_plan.folding import ALL
from programs.portfolio.models import Program, Project
from programs.resources.models import Assignment
from programs.schedule.clock import ProgramClock
from programs.schedule.models import Activity
from programs.schedule.usual import day_minutes

FLAT = "none"
NEAR_DAYS = 5
"""Float, in working days of the program, up to which unfinished work is called near-critical."""
Key = int | str | datetime | None
"""What a row has in common with the others of its group, or the id of its project."""


@dataclass(frozen=True, slots=True)
class Group:
    """One way to group: its name in the menu, the value in SQL, and what a value is called."""

    label: str
    value: Callable[[Program], Any]
    words: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Section:
    """A head with the rows under it."""

    key: str
    value: Key
    label: str
    folded: bool
    rows: int
    start: datetime | None
    finish: datetime | None
    project: Project | None = None


def _state(program: Program) -> Any:
    return Case(
        When(actual_finish__isnull=False, then=Value("3")),
        When(actual_start__isnull=False, then=Value("1")),
        default=Value("2"),
    )


def _critical(program: Program) -> Any:
    near = NEAR_DAYS * day_minutes(program)
    return Case(
        When(actual_finish__isnull=False, then=Value("4")),
        When(now__critical=True, then=Value("1")),
        When(now__total_float__lte=near, then=Value("2")),
        default=Value("3"),
    )


def near_critical(rows: Any, program: Program) -> Any:
    """Of rows with their dates (`now`), unfinished work beside what is critical with at most `NEAR_DAYS` of float."""
    near = NEAR_DAYS * day_minutes(program)
    kinds = (Activity.Kind.SUMMARY, Activity.Kind.LEVEL_OF_EFFORT)
    return rows.filter(actual_finish=None, now__critical=False, now__total_float__lte=near).exclude(
        kind__in=kinds
    )


def _calendar(program: Program) -> Any:
    own = program.calendar
    return Coalesce("calendar__name", "project__calendar__name", Value(own.name if own else ""))


def _month(program: Program) -> Any:
    """The first of the month, on the program's clock; work that ends at midnight ended on the day before."""
    ends = Case(
        When(now__early_finish__gt=F("now__early_start"), then=F("now__early_finish") - timedelta(minutes=1)),
        default=F("now__early_finish"),
    )
    return TruncMonth(ends, tzinfo=ProgramClock(program.time_zone).zone)


def _resources(program: Program) -> Any:
    names = Assignment.objects.filter(program_id=program.pk, activity=OuterRef("pk")).order_by()
    listed = names.values("activity").annotate(
        names=StringAgg("resource__name", delimiter=", ", order_by="resource__name")
    )
    return Subquery(listed.values("names"))


_STATES = {"1": "Under way", "2": "Not started", "3": "Finished"}
_CRITICAL = {
    "1": "Critical",
    "2": f"Near-critical: float of at most {NEAR_DAYS} days",
    "3": "With more float",
    "4": "Finished",
}
GROUPS = {
    "state": Group("State", _state, lambda value: _STATES[value]),
    "critical": Group("Criticality", _critical, lambda value: _CRITICAL[value]),
    "finish": Group(
        "Month of finish",
        _month,
        lambda value: f"{formats.MONTHS[value.month - 1]} {value.year}" if value else "No dates yet",
    ),
    "resource": Group("Resources", _resources, lambda value: value or "Nobody is assigned"),
    "calendar": Group("Calendar", _calendar, lambda value: value or "Usual office hours"),
    "manager": Group(
        "Project manager", lambda _: F("project__manager__name"), lambda value: value or "No manager named"
    ),
    "kind": Group("Kind", lambda _: F("kind"), lambda value: str(Activity.Kind(value).label)),
}


def grouped(rows: Any, program: Program, group: str) -> Any:
    """Activities with what they are grouped by as `common`; summaries are left out, their work lies in many groups."""
    rows = rows.exclude(kind=Activity.Kind.SUMMARY)
    chosen = GROUPS.get(group)
    return rows if chosen is None else rows.annotate(common=chosen.value(program))


def sections_of(rows: Any, group: str, names: frozenset[str]) -> list[Section]:
    """The groups of these rows (`grouped`), in order, each with its number of rows and its span. One query."""
    words = GROUPS[group].words
    found = (
        rows.order_by(F("common").asc(nulls_last=True))
        .values("common")
        .annotate(count=Count("pk"), begins=Min("now__early_start"), ends=Max("now__early_finish"))
        .values_list("common", "count", "begins", "ends")
    )
    listed = []
    for value, count, begins, ends in found:
        key = f"g{sha256(f'{group} {value}'.encode()).hexdigest()[:8]}"
        label = f"{words(value)} · {formats.number(count)}"
        listed.append(Section(key, value, label, is_folded(key, names), count, begins, ends))
    return listed


def is_folded(key: str, names: frozenset[str]) -> bool:
    """Is this head folded? `*` folds all of them, its own name turns that round."""
    return (ALL in names) != (key in names)


def under_open(sections: list[Section]) -> Q:
    """Which rows lie under groups that are not folded."""
    folded = [one.value for one in sections if one.folded]
    there = ~Q(common__in=[value for value in folded if value is not None])
    # In SQL what is not known is in no list, and not outside of it either.
    return there & Q(common__isnull=False) if None in folded else there | Q(common__isnull=True)
