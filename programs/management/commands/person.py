"""`manage.py person EMAIL`: make a person who can sign in, and give roles; how an office begins on its own servers.

The password is asked for, or read as one line from standard input where no terminal is.
"""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction

from pmo import commands
from pmo.accounts.models import User
from pmo.accounts.roles import Role
from pmo.refusals import Refused
from pmo.scope import system_scope
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program, Project

WHY = "person at the command line"


class Command(BaseCommand):
    help = "Make a person who can sign in, or give one a role in a program."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="what the person signs in with")
        parser.add_argument("--name", help="needed for a new person")
        parser.add_argument("--time-zone", default="UTC", help="of a new person (default: UTC)")
        parser.add_argument(
            "--administrator", action="store_true", help="of a new person: may begin programs in this office"
        )
        parser.add_argument("--program", metavar="CODE", help="give a role in this program")
        parser.add_argument("--role", choices=Role.values, help="which role")
        parser.add_argument("--project", metavar="CODE", help="a project manager's project")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["program"]) != bool(options["role"]):
            raise CommandError("A role needs both --program and --role.")
        try:
            user = User.objects.filter(email__iexact=options["email"]).first()
            if user is not None and options["administrator"]:
                raise CommandError("--administrator is for a new person.")
            user = user or self._make(options)
            if options["program"]:
                self._give(user, options)
        except Refused as refusal:
            raise CommandError(refusal.message) from None

    def _make(self, options: dict[str, Any]) -> User:
        if not options["name"]:
            raise CommandError(f"Nobody signs in as {options['email']}. Give a --name to make a new person.")
        person = User(
            email=options["email"].strip().lower(),
            name=options["name"],
            time_zone=options["time_zone"],
            is_administrator=options["administrator"],
        )
        password = _password()
        try:
            person.clean_fields(exclude=["password"])
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user: User = commands.run(make, actor=None, scope=[], why=WHY, person=person, password=password)
        self.stdout.write(f"{user.name} can sign in as {user.email}.")
        return user

    def _give(self, user: User, options: dict[str, Any]) -> None:
        pk = _program_id(options["program"])
        with transaction.atomic(), system_scope([pk], reason="a role is given from the command line"):
            program = Program.objects.get(pk=pk)
            project = Project.objects.filter(program=program, code__iexact=options["project"] or "").first()
        if options["project"] and project is None:
            raise CommandError(f"There is no project {options['project']} in {program.code}.")
        given = {"program": program, "user": user, "role": options["role"], "project": project}
        commands.run(portfolio.add_member, actor=None, scope=[pk], why=WHY, **given)
        self.stdout.write(f"{user.name} is now {Role(options['role']).label.lower()} in {program.code}.")


def make(*, person: User, password: str, by: User | None, at: datetime) -> User:
    """The new person, with a hashed password."""
    return User.objects.create_user(
        person.email,
        password,
        name=person.name,
        time_zone=person.time_zone,
        is_administrator=person.is_administrator,
    )


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise CommandError("These were two different passwords.")
    return first


def _program_id(code: str) -> int:
    """Asked as the owner where that login is there: row security hides programs from a process without a scope."""
    alias = "owner" if "owner" in connections.databases else "default"
    with connections[alias].cursor() as cursor:
        cursor.execute("select id from programs_program where upper(code) = upper(%s)", [code])
        row = cursor.fetchone()
    if row is None:
        raise CommandError(
            f"There is no program {code} (or DATABASE_OWNER_URL is not set, and it cannot be seen)."
        )
    return int(row[0])
