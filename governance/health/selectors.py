"""The figures behind the six colours, read as of both clocks, and the ratings that follow from them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from governance.addresses import to
from governance.health import queries, rules
from governance.health.rules import Earned, Load, Measure, Rating
from governance.health.thresholds import Limit, limits_of
from pmo.zones import zone
from programs.portfolio.models import Program, Project

NO_DECISION_DAYS = 14


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """One component project at the status date (finish dates local; money in minor units)."""

    pk: int
    code: str
    name: str
    kind: str
    manager: str
    status_at: datetime | None
    finish: date | None
    finish_before: date | None
    baseline: date | None
    earned: Earned | None


@dataclass(frozen=True, slots=True)
class Point:
    """The program's earned value at one status date, minor units."""

    at: datetime
    earned: Earned


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the last simulation done by then said of the program's finish."""

    run: int
    p80: date
    """Eight in ten runs finish by this day."""
    stale: bool
    """The plan was changed since the simulation read it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the ratings and the dashboard are made from, read in five statements."""

    program: Program
    at: datetime
    known: datetime
    day: date
    is_now: bool
    since: datetime
    since_decision: bool
    computed_at: datetime | None
    dates_version: int | None
    stale: bool
    projects: tuple[ProjectFigures, ...]
    series: tuple[Point, ...]
    curve: tuple[tuple[datetime, Decimal], ...]
    measures: dict[str, Decimal | None]
    requirements_due: int
    requirements_on_time: int
    exposure_minor: int
    contingency_minor: int | None
    ledger_difference: int
    has_ledger: bool
    loads: tuple[Load, ...]
    benefits: tuple[Measure, ...]
    sees_money: bool
    simulated: Simulated | None = None
    words: tuple[Any, ...] = ()
    """The last stated ratings of each voice, as `health.stated` reads them."""

    @property
    def earned(self) -> Earned | None:
        """The program at its latest status at or before the status date."""
        return self.series[-1].earned if self.series else None

    @property
    def finish(self) -> date | None:
        """The latest computed finish of any project."""
        return max((one.finish for one in self.projects if one.finish), default=None)

    def to(self, name: str, query: dict[str, Any] | None = None, **kwargs: Any) -> str:
        """A page of the program that shows the same moment: the clocks go along unless both are the present."""
        clocks = {} if self.is_now else {"at": self.at.isoformat(), "known": self.known.isoformat()}
        return to(name, self.program.code, {**(query or {}), **clocks}, **kwargs)

    @property
    def baseline(self) -> date | None:
        return max((one.baseline for one in self.projects if one.baseline), default=None)

    @property
    def data_to(self) -> datetime | None:
        """The latest status date of any project."""
        return max((one.status_at for one in self.projects if one.status_at), default=None)

    @property
    def reporting(self) -> int:
        return sum(one.status_at is not None for one in self.projects)


def read(program: Program, *, at: datetime, known: datetime, is_now: bool, sees_money: bool) -> Figures:
    """Read all figures of a program in five statements, whatever its size."""
    local = zone(program.time_zone)
    day = at.astimezone(local).date()
    values: dict[str, Any] = {
        "program": program.pk, "at": at, "known": known, "day": day, "now": is_now, "money": sees_money,
        "recorded": known,
    }  # fmt: skip
    facts = _rows(queries.FACTS, values)[0]
    (
        computed,
        due,
        on_time,
        exposure,
        contingency,
        difference,
        has_ledger,
        decided,
        objectives,
        run,
        simulated,
        words,
    ) = facts
    since = _start_of_day(decided, local) if decided else known - timedelta(days=NO_DECISION_DAYS)
    values |= {"run": run, "since": since}
    projects = tuple(_project(row, local) for row in _rows(queries.PROJECTS, values))
    status = max((one.status_at for one in projects if one.status_at), default=None)
    series = _rows(queries.SERIES, values) if run else []
    return Figures(
        program=program,
        at=at,
        known=known,
        day=day,
        is_now=is_now,
        since=since,
        since_decision=decided is not None,
        computed_at=datetime.fromisoformat(computed["at"]) if computed else None,
        dates_version=computed["plan_version"] if computed else None,
        stale=is_now
        and bool(program.plan_version)
        and (computed["plan_version"] if computed else None) != program.plan_version,
        projects=projects,
        series=tuple(Point(row[0], Earned(*row[1:5])) for row in series),
        curve=tuple((row[0], row[1]) for row in _rows(queries.CURVE, values)) if run else (),
        measures=_measures(series[-1][5]) if series else {},
        requirements_due=due,
        requirements_on_time=on_time,
        exposure_minor=int(exposure),
        contingency_minor=None if contingency is None else int(contingency),
        ledger_difference=int(difference),
        has_ledger=has_ledger,
        loads=tuple(
            Load(name, first.astimezone(local).date(), percent)
            for name, first, percent in _rows(queries.LOADS, values | {"from": status or at})
        ),
        benefits=tuple(
            Measure(
                code, Decimal(low), Decimal(high), date.fromisoformat(first), date.fromisoformat(last),
                None if value is None else Decimal(value), date.fromisoformat(taken) if taken else None,
            )
            for code, low, high, first, last, value, taken in objectives
        ),
        sees_money=sees_money,
        simulated=Simulated(
            simulated["run"],
            datetime.fromisoformat(simulated["p80"]).astimezone(local).date(),
            is_now and simulated["plan_version"] != program.plan_version,
        )
        if simulated
        else None,
        words=tuple(words),
    )  # fmt: skip


def resource_load(program: Program, *, since: datetime, known: datetime) -> list[Load]:
    """What each person or role is asked for, month by month from a status date on, in percent of its capacity.

    The 200 busiest; the very figures of which the resources rule takes the peak. One statement.
    """
    local = zone(program.time_zone)
    values = {"program": program.pk, "from": since, "known": known, "recorded": known}
    return [
        Load(name, first.astimezone(local).date(), percent)
        for name, first, percent in _rows(queries.LOAD_TABLE, values)
    ]


def ratings(figures: Figures) -> list[Rating]:
    """The six dimensions of a program, each with a link to the rows behind it."""
    program, limits = figures.program, limits_of(figures.program.thresholds)
    currency = program.currency
    if figures.stale:
        schedule = rules.not_rated("schedule", "The plan was changed after its dates were last computed.")
    else:
        schedule = rules.schedule(figures.finish, program.committed_finish, figures.baseline, limits)
    hidden = "Your role does not include money."
    money = figures.sees_money
    cost = rules.cost(figures.earned, currency, limits) if money else rules.not_rated("cost", hidden)
    risk = (
        rules.risk(figures.exposure_minor, figures.contingency_minor, currency, limits)
        if money
        else rules.not_rated("risk", hidden)
    )
    linked = (
        (schedule, figures.to("programs:plan", {"critical": 1})),
        (cost, figures.to("finance:earned-value")),
        (
            rules.scope(figures.requirements_due, figures.requirements_on_time, limits),
            figures.to("programs:deliverables", {"due": 1}),
        ),
        (risk, figures.to("programs:risks", {"state": "open"})),
        (rules.resources(figures.loads, limits), figures.to("governance:resource-load")),
        (rules.benefits(figures.benefits, figures.day, limits), figures.to("programs:benefits")),
    )
    return [Rating(one.dimension, one.colour, one.sentence, one.rule, href) for one, href in linked]


def project_ratings(one: ProjectFigures, figures: Figures, limits: dict[str, Limit]) -> tuple[Rating, Rating]:
    """Schedule and cost of a component project."""
    home = figures.to("programs:project", project_code=one.code)
    schedule = rules.slip(one.finish, one.baseline, limits, home)
    if not figures.sees_money:
        return schedule, rules.not_rated("cost", "Your role does not include money.", home)
    return schedule, rules.cost(one.earned, figures.program.currency, limits, home)


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _project(row: Sequence[Any], local: Any) -> ProjectFigures:
    pk, code, name, kind, manager, status_at, finish, before, baseline, *earned = row
    return ProjectFigures(
        pk, code, name, Project.Kind(kind).label, manager or "", status_at, _day(finish, local), _day(before, local),
        _day(baseline, local), Earned(*earned) if earned[0] is not None else None,
    )  # fmt: skip


def _measures(stored: str | None) -> dict[str, Decimal | None]:
    """The stored measures (JSON text) of the program's latest status, by name."""
    return {
        one["name"]: None if one["value"] is None else Decimal(one["value"])
        for one in json.loads(stored or "[]")
    }


def _day(moment: datetime | None, local: Any) -> date | None:
    return None if moment is None else moment.astimezone(local).date()


def _start_of_day(moment: datetime, local: Any) -> datetime:
    return moment.astimezone(local).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
