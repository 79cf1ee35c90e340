"""A small program and its cast, made through the services and the runner as the product makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import transaction

from finance.ledger import promises
from finance.ledger import services as ledger
from finance.ledger.books import Leg, Place
from finance.ledger.models import Account
from finance.structure import periods
from pmo import commands
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from pmo.scope import system_scope
from pmo.warrants import Warrant
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program, Project
from tests.warrants import write_warrant

T = TypeVar("T")
AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
PASSWORD = "a-long-enough-password"

CAST = {
    "mira": ("Mira Novak", Role.PROGRAM_MANAGER),
    "paul": ("Paul Weber", Role.PROJECT_MANAGER),
    "fiona": ("Fiona Castle", Role.FINANCE_CONTROLLER),
    "chloe": ("Chloe Chair", Role.COMMITTEE_CHAIR),
    "sam": ("Sam Sponsor", Role.SPONSOR),
    "ada": ("Ada Auditor", Role.AUDITOR),
}


def commit_capital(
    *,
    program: Program,
    place: Place,
    amount: int,
    warrant: Warrant,
    source: tuple[str, str],
    text: str,
    by: User | None,
    at: datetime,
) -> Any:
    """Committed by a decision for no capital request: what an office has from before there were orders."""
    promises.positive(amount)
    return promises.promise(
        program=program,
        kind="commitment",
        legs=[Leg(place, "available", -amount), Leg(place, "committed", amount)],
        warrant=warrant,
        source=source,
        text=text,
        by=by,
        at=at,
    )


@dataclass
class Office:
    """A program with its people; every deed goes through the one runner."""

    program: Program
    projects: dict[str, Project]
    people: dict[str, User] = field(default_factory=dict)
    at: datetime = AT

    def person(self, name: str) -> User:
        return self.people[name]

    def does(self, who: str | None, service: Callable[..., T], **arguments: Any) -> T:
        """Run a service for a person of the cast (None: the office itself, in this program)."""
        if who is None:
            return commands.run(service, actor=None, at=self.at, scope=[self.program.pk], **arguments)
        return commands.run(service, actor=self.person(who), at=self.at, **arguments)

    def place(self, code: str = "CRM", category: str = "hardware", nature: str = "capital") -> Place:
        return Place(self.projects[code].pk if code else None, category, nature)

    def warrant(self, number: str = "D-1", kind: str = "budget", digest: str = "") -> Warrant:
        """The proof of a decision, as governance would have written it."""
        return write_warrant(self.program, kind, number, digest)

    def granted(
        self, amount: int, place: Place | None = None, number: str = "D-1", warrant: Warrant | None = None
    ) -> None:
        """Budget granted by a decision (or under this very warrant of one), in the period of today."""
        warrant = warrant or self.warrant(number)
        at = place or self.place()

        def grant(*, by: User | None, at: datetime, where: Place = at) -> None:
            period = periods.period_of(self.program, periods.local_day(self.program, at))
            ledger.grant(
                program=self.program,
                lines=[ledger.GrantLine(where, period, amount)],
                warrant=warrant,
                source=("budget", warrant.number),
                text="Budget approved",
                by=by,
                at=at,
            )

        self.does(None, grant)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Read the program's rows, in a transaction of its own where there is none."""
        with transaction.atomic(), system_scope([self.program.pk], reason="a test looks"):
            yield

    def balance(self, kind: str, place: Place | None = None) -> int:
        where = place or self.place()
        with self.looking():
            return sum(
                Account.objects.filter(
                    program=self.program,
                    project_id=where.project_id,
                    category=where.category,
                    nature=where.nature,
                    kind=kind,
                ).values_list("balance", flat=True)
            )


def open_office(
    code: str = "ATLAS", projects: tuple[str, ...] = ("CRM", "DC"), currency: str = "EUR"
) -> Office:
    """Make a program, its component projects and the cast."""

    def make(*, by: User | None, at: datetime) -> Office:
        program = portfolio.create_program(
            code=code, name=code.title(), currency=currency, starts_at=AT, by=None, at=at
        )
        with system_scope([program.pk], reason="a test makes a program"):
            made = {
                name: Project.objects.create(program=program, code=name, name=name, position=n)
                for n, name in enumerate(projects)
            }
            office = Office(program, made)
            for key, (name, role) in CAST.items():
                person = User.objects.filter(email=f"{key}@example.org").first() or User.objects.create_user(
                    f"{key}@example.org", name=name
                )
                office.people[key] = person
                Membership.objects.create(
                    program=program,
                    user=person,
                    role=role,
                    project=made[projects[0]] if role == Role.PROJECT_MANAGER else None,
                    valid_from=datetime(2020, 1, 1, tzinfo=UTC).date(),
                )
        return office

    return commands.run(make, actor=None, at=AT, scope=[])
