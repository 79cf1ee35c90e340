"""Rows of a new plan: calendars, and projects out of the templates that ship with the office.

Called by the commands of `services`, inside their transaction and after their checks; nothing here looks at rights.
"""

from __future__ import annotations

from datetime import date

from programs.beginning import shipped
from programs.calendars.models import Calendar, CalendarException
from programs.portfolio.models import Program, Project
from programs.resources.models import Assignment, Resource
from programs.schedule.inputs import OFFICE_WEEK
from programs.schedule.models import Activity, Dependency
from programs.schedule.usual import OFFICE_DAY, usual_minutes

HOLIDAY_YEARS = 5
"""Public holidays are entered for the year of the start and the four after it."""
WEEKS = {
    "office": ("OFFICE", "Office hours", OFFICE_WEEK),
    "shifts": ("SHIFTS", "Two shifts", [[[360, 1320]]] * 5 + [[], []]),
    "always": ("ALWAYS", "Round the clock", [[[0, 1440]]] * 7),
}
"""The calendars that a blank program may begin with: code, name, week."""


def public_holidays(country: str, first: int, years: int = HOLIDAY_YEARS) -> list[tuple[date, str]]:
    """Public holidays of a country (two letters, ISO 3166; `DE-BY`: with those of a region) from the year `first` on.

    KeyError for one not known.
    """
    import holidays  # 0.3 s: only where it is used

    land, _, region = country.upper().partition("-")
    asked = range(first, first + years)
    try:
        found = holidays.country_holidays(land, subdiv=region or None, years=asked, language="en_US")
    except NotImplementedError as unknown:
        raise KeyError(country) from unknown
    return sorted(found.items())


def calendar(program: Program, week: str, days: list[tuple[date, str]]) -> Calendar:
    """The program's own calendar, with these days off."""
    code, name, shifts = WEEKS[week]
    made: Calendar = Calendar.objects.create(program=program, code=code, name=name, week=shifts)
    CalendarException.objects.bulk_create(
        CalendarException(program=program, calendar=made, day=day, shifts=[], reason=name[:120])
        for day, name in days
    )
    return made


def roles(program: Program, templates: list[shipped.ProjectTemplate]) -> dict[str, Resource]:
    """The roles that these templates ask for, by code; those that the program has already are taken as they are."""
    wanted = {role for one in templates for line in shipped.lines(one) for role, _ in line.roles}
    there = {one.code: one for one in Resource.objects.filter(program=program, project=None, code__in=wanted)}
    new = Resource.objects.bulk_create(
        Resource(
            program=program,
            code=code,
            name=shipped.ROLES[code],
            kind=Resource.Kind.ROLE,
            capacity=shipped.CAPACITY.get(code, 1),
        )
        for code in sorted(wanted - set(there))
    )
    return there | {one.code: one for one in new}


def project_plan(
    program: Program, project: Project, template: shipped.ProjectTemplate, known: dict[str, Resource]
) -> dict[str, Activity]:
    """The activities, links and roles of one template in an empty project; the activities by code."""
    day = usual_minutes(program.calendar) if program.calendar else OFFICE_DAY
    made: dict[str, Activity] = {}
    summary: Activity | None = None
    chapter, number = 0, 0
    for position, line in enumerate(shipped.lines(template), 1):
        if line.summary:
            chapter, number = chapter + 1, 0
        else:
            number += 1
        kind = Activity.Kind.SUMMARY if line.summary else Activity.Kind.TASK
        if not line.summary and not line.days:
            kind = Activity.Kind.FINISH_MILESTONE
        made[line.code] = Activity(
            program=program,
            project=project,
            parent=None if line.summary else summary,
            code=line.code,
            wbs=f"{chapter}" if line.summary else f"{chapter}.{number}",
            position=position,
            level=0 if line.summary else 1,
            kind=kind,
            name=line.name,
            duration_minutes=0 if line.summary else line.days * day,
        )
        if line.summary:
            summary = made[line.code]
            summary.save(force_insert=True)
    Activity.objects.bulk_create(one for one in made.values() if one.kind != Activity.Kind.SUMMARY)
    Dependency.objects.bulk_create(
        Dependency(
            program=program,
            predecessor=made[code],
            successor=made[line.code],
            kind=kind,
            lag=lag * day,
        )
        for line in shipped.lines(template)
        for code, kind, lag in line.waits
    )
    Assignment.objects.bulk_create(
        Assignment(program=program, activity=made[line.code], resource=known[role], units=units)
        for line in shipped.lines(template)
        for role, units in line.roles
    )
    return made


def program_plan(program: Program, template: shipped.ProgramTemplate) -> None:
    """The projects of a program template in an empty program, with the links between them."""
    parts = [(code, name, shipped.PROJECTS[key]) for code, name, key in template.projects]
    known = roles(program, [one for _, _, one in parts])
    made: dict[str, dict[str, Activity]] = {}
    for position, (code, name, one) in enumerate(parts, 1):
        project = Project.objects.create(
            program=program, code=code, name=name, kind=one.kind, position=position
        )
        made[code] = project_plan(program, project, one, known)
    Dependency.objects.bulk_create(
        Dependency(program=program, predecessor=made[p1][a1], successor=made[p2][a2], kind=kind)
        for (p1, a1), (p2, a2), kind in shipped.cross_links(template)
    )
