"""The fixed cast: a program, its people, and a stranger. Made through the services, inside the test's transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from pmo import commands
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from pmo.scope import system_scope
from programs.calendars.models import Calendar
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program, Project
from programs.schedule.inputs import OFFICE_WEEK

PASSWORD = "correct horse battery staple"
MORNING = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)  # a Monday


def today() -> date:
    """The day on which the test runs, in UTC: asked each time, since a run of all tests may cross midnight."""
    return datetime.now(UTC).date()


def person(name: str, **fields: Any) -> User:
    """Somebody who can sign in with PASSWORD; the address is made of the name."""
    email = name.lower().replace(" ", ".").replace("'", "") + "@office.example"
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email, PASSWORD, name=name, **fields)


@dataclass
class Office:
    """One program with two projects and its people by role."""

    program: Program
    erp: Project
    iam: Project
    calendar: Calendar
    people: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, role: str) -> User:
        try:
            return self.people[role]
        except KeyError:
            raise AttributeError(role) from None


def everything(*programs: Program) -> Any:
    """A scope that sees these programs, for setting up and for looking at what happened."""
    return system_scope([program.pk for program in programs], reason="a test looks at the whole")


def make_office(code: str = "ATLAS", suffix: str = "") -> Office:
    """Program `code` with projects ERP-FIN and IAM, an office calendar (Mon-Fri 8-12, 13-17, UTC), and the cast.

    roles: administrator, program_manager, staff, erp_manager, iam_manager, controller, chair, member, member2,
    sponsor, auditor, assurance. Everybody's password is PASSWORD.
    """
    with transaction.atomic():
        administrator = person(f"Ada Admin{suffix}", is_administrator=True)
    program = commands.run(
        portfolio.create_program,
        actor=administrator,
        at=MORNING,
        code=code,
        name=f"{code} renewal",
        currency="EUR",
        starts_at=MORNING,
    )
    with transaction.atomic(), system_scope([program.pk], reason="the test's cast"):
        calendar = Calendar.objects.create(
            program=program, code="OFFICE", name="Office hours", week=OFFICE_WEEK
        )
        program.calendar = calendar
        program.save(update_fields=["calendar"])
        erp = Project.objects.create(program=program, code="ERP-FIN", name="Finance on new ERP", position=1)
        iam = Project.objects.create(program=program, code="IAM", name="Single identity", position=2)
        office = Office(program, erp, iam, calendar, {"administrator": administrator})
        for key, name, role, project in (
            ("program_manager", "Mona Ortiz", Role.PROGRAM_MANAGER, None),
            ("staff", "Stefan Puri", Role.PMO_STAFF, None),
            ("erp_manager", "Lena Okafor", Role.PROJECT_MANAGER, erp),
            ("iam_manager", "Saul Haas", Role.PROJECT_MANAGER, iam),
            ("controller", "Cora Ledger", Role.FINANCE_CONTROLLER, None),
            ("chair", "Dana Whitfield", Role.COMMITTEE_CHAIR, None),
            ("member", "Ken Ito", Role.COMMITTEE_MEMBER, None),
            ("member2", "Maria Sol", Role.COMMITTEE_MEMBER, None),
            ("sponsor", "Esther Prime", Role.SPONSOR, None),
            ("auditor", "Nils Berg", Role.AUDITOR, None),
            ("assurance", "Ines Falk", Role.ASSURANCE, None),
        ):
            user = person(name + suffix)
            office.people[key] = user
            Membership.objects.create(
                program=program, user=user, role=role, project=project, valid_from=date(2020, 1, 1)
            )
        program.manager, program.sponsor = office.program_manager, office.sponsor
        program.save(update_fields=["manager", "sponsor"])
    return office


def stranger() -> User:
    """Somebody who signs in but holds no role anywhere."""
    return person("Sid Stranger")
