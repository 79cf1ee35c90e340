"""The example's plan: projects, activities, links, roles and their allocation, out of the planner's tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from governance.example.people import Cast
from governance.example.tables import DELIVERABLES, OBJECTIVES, PLAN, PROJECTS, RISKS, ROLES
from pmo.accounts.models import User
from programs.calendars.models import Calendar, CalendarException
from programs.deliverables.models import Deliverable, Requirement
from programs.portfolio.models import Objective, Program, Project, Reading
from programs.raid.models import Risk
from programs.resources.models import Assignment, Resource
from programs.schedule.inputs import OFFICE_WEEK
from programs.schedule.models import Activity, Dependency

DAY = 480
MANAGERS = {"DC-MIG": "dc", "ERP-FIN": "erp", "IAM": "iam", "BPR-P2P": "p2p", "TRAIN": "train"}
_WAIT = re.compile(r"^(?:(?P<project>[\w-]+)/)?(?P<code>\w+)(?:\s+(?P<kind>FS|SS|FF|SF)(?P<lag>[+-]\d+)?)?$")


@dataclass(frozen=True)
class Line:
    """One line of a planner's table."""

    project: str
    code: str
    name: str
    days: int
    summary: bool
    waits: tuple[tuple[str, str, str, int], ...]  # project, code, kind, lag in days
    who: tuple[tuple[str, Decimal], ...]
    fixed_k: int


def lines() -> Iterator[Line]:
    """Every line of every project's table, in order."""
    for project, table in PLAN.items():
        for text in table.strip().splitlines():
            cells = [cell.strip() for cell in text.split("|")]
            code, name, days, waits, who, fixed = (cells + [""] * 6)[:6]
            yield Line(
                project,
                code,
                name,
                0 if days == "=" else int(days),
                days == "=",
                tuple(_wait(project, one) for one in waits.split(",") if one.strip()),
                tuple((role, Decimal(units)) for role, units in (one.split(":") for one in who.split())),
                int(fixed or 0),
            )


def _wait(project: str, text: str) -> tuple[str, str, str, int]:
    found = _WAIT.match(text.strip())
    if found is None:
        raise ValueError(f"the example's table has a link that cannot be read: {text!r}")
    return found["project"] or project, found["code"], found["kind"] or "FS", int(found["lag"] or 0)


def make_projects(*, program: Program, cast: Cast, by: User | None, at: datetime) -> dict[str, Project]:
    """The five component projects."""
    return {
        code: Project.objects.create(
            program=program,
            code=code,
            name=name,
            kind=kind,
            manager=cast[MANAGERS[code]],
            outcomes=outcomes,
            position=position,
            priority=1 if code == "ERP-FIN" else 2,
        )
        for position, (code, name, kind, _, outcomes) in enumerate(PROJECTS, 1)
    }


def make_calendar(*, program: Program, years: tuple[int, ...], by: User | None, at: datetime) -> Calendar:
    """Office hours with Belgium's public holidays of these years, as the program's calendar."""
    import holidays  # 0.3 s: only where it is used

    calendar = Calendar.objects.create(program=program, code="OFFICE", name="Office hours", week=OFFICE_WEEK)
    CalendarException.objects.bulk_create(
        CalendarException(program=program, calendar=calendar, day=day, shifts=[], reason=name[:120])
        for day, name in sorted(holidays.country_holidays("BE", years=years, language="en_US").items())
    )
    Program.objects.filter(pk=program.pk).update(calendar=calendar)
    program.calendar = calendar
    return calendar


def make_plan(
    *, program: Program, projects: dict[str, Project], by: User | None, at: datetime
) -> dict[tuple[str, str], Activity]:
    """Activities in their WBS, links across projects, roles and their allocation."""
    resources = {
        code: Resource.objects.create(
            program=program, code=code, name=name, kind="role", capacity=capacity, cost_per_hour=rate * 100
        )
        for code, name, capacity, rate in ROLES
    }
    made: dict[tuple[str, str], Activity] = {}
    summary: Activity | None = None
    all_lines = list(lines())
    chapter = 0
    number = 0
    for position, line in enumerate(all_lines, 1):
        if line.summary:
            chapter = chapter + 1 if summary is not None and summary.project.code == line.project else 1
            number = 0
        alone = line.code.endswith("900")
        number += 0 if line.summary else 1
        kind = (
            Activity.Kind.SUMMARY
            if line.summary
            else Activity.Kind.TASK
            if line.days
            else Activity.Kind.FINISH_MILESTONE
        )
        activity = Activity.objects.create(
            program=program,
            project=projects[line.project],
            code=line.code,
            name=line.name,
            kind=kind,
            parent=None if line.summary or alone else summary,
            wbs=f"{chapter}" if line.summary else f"{chapter}.{number}",
            level=0 if line.summary or alone else 1,
            position=position,
            duration_minutes=line.days * DAY,
            optimistic_minutes=line.days * DAY * 8 // 10 or None,
            likely_minutes=line.days * DAY or None,
            pessimistic_minutes=line.days * DAY * 15 // 10 or None,
            fixed_cost=line.fixed_k * 100_000,
        )
        made[line.project, line.code] = activity
        if line.summary:
            summary = activity
    Dependency.objects.bulk_create(
        Dependency(
            program=program,
            predecessor=made[project, code],
            successor=made[line.project, line.code],
            kind=kind,
            lag=lag * DAY,
        )
        for line in all_lines
        for project, code, kind, lag in line.waits
    )
    Assignment.objects.bulk_create(
        Assignment(
            program=program, activity=made[line.project, line.code], resource=resources[role], units=units
        )
        for line in all_lines
        for role, units in line.who
    )
    return made


def make_deliverables(
    *,
    program: Program,
    projects: dict[str, Project],
    cast: Cast,
    due: dict[tuple[str, str], date],
    by: User | None,
    at: datetime,
) -> None:
    """Deliverables with their requirements, as the baseline freezes them: nothing is accepted yet."""
    for code, project, name, activity, count in DELIVERABLES:
        day = due[project, activity]
        deliverable = Deliverable.objects.create(
            program=program, project=projects[project], code=code, name=name, due_on=day
        )
        for n in range(1, count + 1):
            Requirement.objects.create(
                program=program,
                deliverable=deliverable,
                code=f"{code}-R{n}",
                text=f"{name}: requirement {n}",
                due_on=day,
                produced_by=cast[MANAGERS[project]],
            )


def accept(*, program: Program, cast: Cast, status: date) -> None:
    """What was due by the status date is accepted by the sponsor, all but one, on its day or the day before."""
    for code, _, _, _, count in DELIVERABLES:
        for n in range(1, count + 1):
            one = Requirement.objects.get(program=program, code=f"{code}-R{n}")
            late = code == "DEL-06" and n == count
            if one.due_on <= status and not late:
                one.accepted_on = min(status, date.fromordinal(one.due_on.toordinal() - 1 + n % 2))
                one.accepted_by = cast["sponsor"]
                one.save(update_fields=["accepted_on", "accepted_by"])


def make_registers(
    *,
    program: Program,
    projects: dict[str, Project],
    cast: Cast,
    due: dict[tuple[str, str], date],
    status: date,
    by: User | None,
    at: datetime,
) -> None:
    """Risks, what was accepted of the deliverables, and benefits with their readings."""
    Risk.objects.bulk_create(
        Risk(
            program=program,
            project=projects.get(project),
            code=code,
            title=title,
            cause=cause,
            event=event,
            effect=effect,
            probability=probability,
            impact=impact,
            exposure_minor=exposure * 100_000,
            exposure_days=Decimal(days),
            response=response,
            state=state,
            owner=cast[MANAGERS[project]] if project else cast["manager"],
            raised_on=date.fromordinal(status.toordinal() - 60 + 5 * place),
            due_on=None if place == 5 else date.fromordinal(status.toordinal() + 20 + 25 * place),
        )
        for place, (
            code, project, title, cause, event, effect, probability, impact, exposure, days, response, state
        ) in enumerate(RISKS)
    )  # fmt: skip
    accept(program=program, cast=cast, status=status)
    for code, name, measure, unit, start, target, shares in OBJECTIVES:
        objective = Objective.objects.create(
            program=program,
            code=code,
            name=name,
            measure=measure,
            unit=unit,
            baseline_value=Decimal(str(start)),
            target_value=Decimal(str(target)),
            baseline_on=date.fromordinal(status.toordinal() - 120),
            target_on=date.fromordinal(status.toordinal() + 480),
            owner=cast["sponsor"],
        )
        for month, share in enumerate(shares):
            Reading.objects.create(
                program=program,
                objective=objective,
                taken_on=date.fromordinal(status.toordinal() - 30 * (len(shares) - month - 1)),
                value=round(Decimal(str(start + (target - start) * share)), 2),
            )
