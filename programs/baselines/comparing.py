"""Two baselines, or a baseline and the plan of now, made ready for the engine's comparison and put into words.

Summaries are left out: their dates follow. Costs are planned costs in minor units with four decimals, compared as
whole ten-thousandths, and only for who may see money.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pmo import formats
from pmo.formats import GAP
from pmo.refusals import Refused
from programs.baselines.models import Baseline, BaselineActivity
from programs.baselines.services import lines_of_plan
from programs.engine import BeyondCalendar
from programs.engine.compare import KINDS, Comparison, Difference, Item, Side, compare
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock
from programs.schedule.freshness import in_words
from programs.schedule.inputs import Calendars, load_calendars
from programs.schedule.models import Activity, Computation, ComputedDates

NOW = "now"
TEN_THOUSANDTHS = 10_000
FILTERS = {
    "added": "Added",
    "deleted": "Deleted",
    "later": "Later",
    "earlier": "Earlier",
    "longer": "Longer",
    "shorter": "Shorter",
    "dearer": "Costlier",
    "cheaper": "Cheaper",
    "milestone": "Milestones",
}
"""What the page filters by, of the engine's kinds; costs only for who sees money."""


@dataclass(frozen=True, slots=True)
class Known:
    """What an activity is called and counted in, whichever side it stands on."""

    pk: int
    code: str
    name: str
    kind: str
    project: str
    calendar_id: int | None

    @property
    def is_milestone(self) -> bool:
        return self.kind in (Activity.Kind.START_MILESTONE, Activity.Kind.FINISH_MILESTONE)


@dataclass(frozen=True, slots=True)
class Compared:
    """The engine's comparison and what it takes to say it."""

    result: Comparison
    activities: Mapping[int, Known]
    clock: ProgramClock
    calendars: Calendars
    money: bool
    stale: str = ""
    """Why dates and durations of now do not belong together, in words; empty where they do."""

    def shown(self, kind: str, project: str) -> list[Difference]:
        """The differences of one of FILTERS (or all) in one project (or all)."""
        test: Callable[[Difference], bool] = KINDS.get(kind, lambda _: True)
        return [
            one
            for one in self.result.differences
            if test(one) and (not project or self.of(one).project.lower() == project.lower())
        ]

    def counts(self, project: str) -> dict[str, int]:
        """How many differences of one project (or all) are of each kind."""
        found = self.shown("", project)
        return {kind: sum(map(test, found)) for kind, test in KINDS.items()}

    def of(self, one: Difference) -> Known:
        return self.activities[int(one.id)]

    def day(self, one: Difference) -> int:
        """Working minutes of a usual day of the activity's calendar."""
        return self.calendars.day_minutes(self.of(one).calendar_id)


def compared(program: Program, before: Baseline | None, after: Baseline | None, *, money: bool) -> Compared:
    """Compare two baselines of the program; None stands for the plan of now. Eight queries at most.

    While a worker still computes the dates of now they are older than its durations: `stale` says so. Raises Refused
    where a date lies past all that a calendar can say.
    """
    clock = ProgramClock(program.time_zone)
    calendars = load_calendars(program, clock)
    known = {
        row[0]: Known(row[0], row[1], row[2], row[3], row[4], row[5] or row[6])
        for row in Activity.objects.filter(program_id=program.pk)
        .exclude(kind=Activity.Kind.SUMMARY)
        .order_by("project__position", "project_id", "position", "pk")
        .values_list("pk", "code", "name", "kind", "project__code", "calendar_id", "project__calendar_id")
    }
    sides = [_side(program, one, known, clock, money) for one in (before, after)]
    try:
        result = compare(
            sides[0],
            sides[1],
            lambda one: calendars.of(known[int(one)].calendar_id),
            calendars.of(None),
        )
    except BeyondCalendar as beyond:
        raise Refused(
            "These two cannot be compared: a date in one of them is more than a century away."
        ) from beyond
    stale = _stale(program) if before is None or after is None else ""
    return Compared(result, known, clock, calendars, money, stale)


def _stale(program: Program) -> str:
    """Of which version the dates of now are, where it is not that of the plan. One query."""
    last = Computation.objects.filter(program_id=program.pk).order_by("-pk")
    version = last.values_list("plan_version", flat=True).first()
    return "" if version in (None, program.plan_version) else in_words(version, program.plan_version)


def _side(
    program: Program, baseline: Baseline | None, known: Mapping[int, Known], clock: ProgramClock, money: bool
) -> Side:
    """The lines of a baseline or of the plan, in the plan's order."""
    lines: dict[int, tuple[datetime, datetime, int, Decimal]]
    critical: dict[int, bool] = {}
    if baseline is None:
        lines = {
            pk: (one.starts_at, one.finishes_at, one.duration_minutes, one.start_cost + one.spread_cost)
            for pk, one in lines_of_plan(program).items()
        }
        critical = dict(
            ComputedDates.objects.filter(program_id=program.pk, superseded_by=None).values_list(
                "activity_id", "critical"
            )
        )
    else:
        lines = {
            row[0]: (row[1], row[2], row[3], row[4] + row[5])
            for row in BaselineActivity.objects.filter(
                program_id=program.pk, baseline_id=baseline.pk
            ).values_list(
                "activity_id", "starts_at", "finishes_at", "duration_minutes", "start_cost", "spread_cost"
            )
        }
    return Side(
        {
            pk: Item(
                clock.wall(lines[pk][0]),
                clock.wall(lines[pk][1]),
                lines[pk][2],
                int(lines[pk][3] * TEN_THOUSANDTHS) if money else None,
                one.project,
                critical=critical.get(pk),
                milestone=one.is_milestone,
            )
            for pk, one in known.items()
            if pk in lines
        }
    )


def what(one: Difference) -> str:
    """What became of an activity, in words."""
    if one.added:
        return "Added"
    if one.deleted:
        return "Deleted"
    words = []
    for name, text in (
        ("later", "later"),
        ("earlier", "earlier"),
        ("longer", "longer"),
        ("shorter", "shorter"),
    ):
        if KINDS[name](one):
            words.append(text)
    words += [text for name, text in (("dearer", "costlier"), ("cheaper", "cheaper")) if KINDS[name](one)]
    if one.start_minutes and not one.finish_minutes:
        words.insert(0, "starts later" if one.start_minutes > 0 else "starts earlier")
    return ", ".join(words).capitalize() or "Changed"


def working_days(minutes: int | None, day: int) -> str:
    """`+3 d`, `−0.5 d`, `0`, or nothing where it cannot be said."""
    if minutes is None:
        return formats.UNKNOWN
    if not minutes:
        return "0"
    figure = minutes / day
    return f"{formats.number(figure, 0 if figure == int(figure) else 1, sign=True)}{GAP}d"


def minor(cost: int | None) -> int | None:
    """Ten-thousandths of minor units as minor units, half away to even."""
    return None if cost is None else int((Decimal(cost) / TEN_THOUSANDTHS).to_integral_value())


def side_of(program: Program, text: str) -> Baseline | None:
    """The baseline of that number; None for the plan of now. Raises Baseline.DoesNotExist for any other text."""
    if text.lower() == NOW:
        return None
    number = text.upper().removeprefix("B")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Baseline.DoesNotExist
    return Baseline.objects.get(program_id=program.pk, number=int(number))


def rows(compared_: Compared, differences: list[Difference]) -> list[dict[str, Any]]:
    """Differences as plain values for API and files: instants, working minutes, minor units."""
    instant = compared_.clock.instant
    found = []
    for one in differences:
        known = compared_.of(one)
        row: dict[str, Any] = {
            "activity_id": known.pk,
            "project": known.project,
            "activity": known.code,
            "name": known.name,
            "change": what(one),
        }
        for side, item in (("before", one.before), ("after", one.after)):
            row[f"start_{side}"] = instant(item.start) if item and item.start is not None else None
            row[f"finish_{side}"] = instant(item.finish) if item and item.finish is not None else None
            row[f"duration_minutes_{side}"] = item.duration if item else None
            row[f"cost_minor_{side}"] = minor(item.cost) if item else None
        row |= {
            "start_minutes": one.start_minutes,
            "finish_minutes": one.finish_minutes,
            "finish_days": one.finish_days,
            "longer_minutes": one.longer,
            "dearer_minor": minor(one.dearer),
        }
        found.append(row)
    return found
