"""Rows of the progress sheet: what is at work, due by the status date, or finished since the one before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, DateTimeField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from pmo import formats
from pmo.clocks import AsOf
from programs.baselines.models import Baseline
from programs.lives.services import CLOSED
from programs.master_plan.columns import COLUMNS, Column
from programs.master_plan.filters import Filters
from programs.master_plan.frame import rows_of
from programs.master_plan.listing import Line
from programs.master_plan.sheet import shown
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock
from programs.schedule.models import StatusPeriod
from programs.schedule.usual import usual_by_calendar
from programs.status.selectors import MILESTONES, REPORTABLE

MOST = 300
"""Rows of one sheet; whoever has more chooses a project."""
SHEET: dict[str, Column] = {
    "project": Column("project", "Project", "Project"),
    "percent": COLUMNS["percent"],
    "actual_start": COLUMNS["actual_start"],
    "actual_finish": COLUMNS["actual_finish"],
    "remaining": COLUMNS["remaining"],
    "finish": Column("finish", "Expected", "Expected finish", numeric=True, typed=True),
    "due": Column("due", "Was due", "Due, by the baseline or as planned", numeric=True),
    "late": Column("late", "Late", "Late in days", numeric=True),
    "manager": Column("manager", "Manager", "Manager of the project"),
}
"""The columns of the sheet. Those that are typed into go to the same service as the plan's."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address chose: a project (code), a manager (id), only what is late, the order of the plan."""

    project: str = ""
    manager: int = 0
    late: bool = False
    in_order: bool = False


def due_rows(
    program: Program, as_of: AsOf, choice: Choice, projects: Collection[int] | None
) -> tuple[list[Line], int]:
    """The sheet's rows (at most MOST, late ones first) and how many there are; of these projects, None for all.

    Due is what should have begun or finished by its project's status date, by the baseline or as planned now, and
    what the status date itself has pushed on. Four queries.
    """
    baseline = Baseline.objects.filter(program_id=program.pk, is_current=True).first()
    until = Coalesce(
        "project__status_at", Value(program.status_at or as_of.known, output_field=DateTimeField())
    )
    before = StatusPeriod.objects.filter(project=OuterRef("project_id"), at__lt=OuterRef("until"))
    rows = (
        rows_of(program, as_of, Filters(project=choice.project), baseline)
        .filter(kind__in=REPORTABLE)
        .exclude(project__state__in=CLOSED)
        .annotate(
            until=until,
            since=Subquery(before.order_by("-at").values("at")[:1]),
            begins=Coalesce("base__starts_at", "now__early_start"),
            ends=Coalesce("base__finishes_at", "now__early_finish"),
        )
        .annotate(
            # The day that `Late` counts from: what is latest stands first.
            was_due=Case(
                When(Q(actual_start=None) & ~Q(kind__in=MILESTONES), then=F("begins")), default=F("ends")
            )
        )
    )
    if projects is not None:
        rows = rows.filter(project_id__in=projects)
    if choice.manager:
        rows = rows.filter(project__manager_id=choice.manager)
    pushed = Q(now__why="status_date")
    unstarted = Q(actual_start=None) & (
        pushed | Q(begins__lt=F("until")) | Q(kind__in=MILESTONES, begins__lte=F("until"))
    )
    late = Q(actual_finish=None) & (
        Q(actual_start=None, begins__lt=F("until")) | Q(ends__lt=F("until")) | (pushed & Q(actual_start=None))
    )
    finished = Q(actual_finish__isnull=False) & (Q(since=None) | Q(actual_finish__gt=F("since")))
    if choice.late:
        rows = rows.filter(late)
    else:
        rows = rows.filter(Q(actual_finish=None) & (Q(actual_start__isnull=False) | unstarted) | finished)
    if not choice.in_order:
        rows = rows.order_by(
            F("actual_finish").asc(nulls_first=True), "was_due", "project__position", "position", "pk"
        )
    total = rows.count()
    return _lines(program, rows[:MOST]), total


def _lines(program: Program, rows: Any) -> list[Line]:
    usual, program_day = usual_by_calendar(program)
    clock = ProgramClock(program.time_zone)
    plan_url = reverse("programs:plan", kwargs={"code": program.code})
    found = rows.values_list(
        "pk", "code", "name", "kind", "project__code", "project__manager__name", "calendar_id",
        "project__calendar_id", "percent_complete", "actual_start", "actual_finish", "remaining_minutes",
        "duration_minutes", "now__early_finish", "now__critical", "begins", "ends", "until",
    )  # fmt: skip
    lines = []
    for row in found:
        pk, code, name, kind, project, manager, own_calendar, its_calendar = row[:8]
        percent, began, ended, left, minutes, finish, critical, begins, ends, until = row[8:]
        day = usual.get(own_calendar or its_calendar or 0, program_day)
        milestone = kind in MILESTONES
        due = ends if began or milestone else begins
        lines.append(
            Line(
                str(pk),
                pk,
                f"{code} {name}",
                1,
                False,
                False,
                f"{plan_url}{pk}/",
                bool(critical),
                {
                    "project": project,
                    "percent": shown.percent(percent),
                    "actual_start": shown.moment(began, clock.zone),
                    "actual_finish": shown.moment(ended, clock.zone),
                    "remaining": "" if left is None else shown.days(left, day),
                    "left": "" if began or ended or milestone else shown.days(minutes, day),
                    "days": shown.days(minutes, day),
                    "finish": _day(finish, clock),
                    "due": _day(due, clock),
                    "late": _late(due, until, ended),
                    "manager": manager or formats.UNKNOWN,
                },
                True,
                milestone,
                renamed=False,
            )
        )
    return lines


def _day(value: datetime | None, clock: ProgramClock) -> str:
    """The day on the program's clock; what ends at midnight ended on the day before."""
    return (
        formats.UNKNOWN
        if value is None
        else formats.day((value - timedelta(minutes=1)).astimezone(clock.zone).date())
    )


def _late(due: datetime | None, until: datetime, ended: datetime | None) -> str:
    """Whole days between when it was due and the status date, or its finish."""
    if due is None:
        return ""
    days = ((ended or until) - due).days
    return formats.delta_days(days) if days > 0 else ""
