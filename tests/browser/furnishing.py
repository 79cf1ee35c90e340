"""Run as a program: the example ATLAS, an empty program NEW that its manager can import into, and BLANK to plan in.

A process of its own, because Django in the tests' process is connected to another database.
"""

import os
from typing import Any

import django


def main() -> None:
    """The programs, by the product's own commands and services."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmo.settings")
    django.setup()
    from django.core.management import call_command  # needs the line above
    from django.utils import timezone

    from governance.example.people import email_of
    from pmo import commands
    from pmo.accounts.models import User
    from programs.portfolio import services as portfolio

    call_command("example_program")
    people = {key: User.objects.get(email=email_of(key)) for key in ("admin", "manager", "controller")}
    for code, name in (("NEW", "Not planned yet"), ("BLANK", "A project and nothing in it")):
        program = commands.run(
            portfolio.create_program,
            actor=people["admin"],
            code=code,
            name=name,
            currency="EUR",
            time_zone="Europe/Brussels",
            starts_at=timezone.now(),
            manager=people["manager"],
        )
        if code == "BLANK":
            commands.run(begun, actor=None, scope=[program.pk], program=program)
        members(people, program)


def begun(*, program: Any, by: Any, at: Any) -> None:
    """A project without activities."""
    from programs.portfolio.models import Project

    Project.objects.create(program=program, code="SITE", name="New site")


def members(people: dict[str, Any], program: Any) -> None:
    """Who works in the empty program."""
    from pmo import commands
    from pmo.accounts.roles import Role
    from programs.portfolio import services as portfolio

    for key, role in (("manager", Role.PROGRAM_MANAGER), ("controller", Role.FINANCE_CONTROLLER)):
        commands.run(
            portfolio.add_member,
            actor=people["admin"],
            program=program,
            user=people[key],
            role=role,
            project=None,
        )


if __name__ == "__main__":
    main()
