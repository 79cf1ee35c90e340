"""Run as a program: the example ATLAS, and an empty program NEW that its manager can import into.

A process of its own, because Django in the tests' process is connected to another database.
"""

import os

import django


def main() -> None:
    """Both programs, by the product's own commands and services."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmo.settings")
    django.setup()
    from django.core.management import call_command  # needs the line above
    from django.utils import timezone

    from governance.example.people import email_of
    from pmo import commands
    from pmo.accounts.models import User
    from pmo.accounts.roles import Role
    from programs.portfolio import services as portfolio

    call_command("example_program")
    people = {key: User.objects.get(email=email_of(key)) for key in ("admin", "manager", "controller")}
    program = commands.run(
        portfolio.create_program,
        actor=people["admin"],
        code="NEW",
        name="Not planned yet",
        currency="EUR",
        time_zone="Europe/Brussels",
        starts_at=timezone.now(),
        manager=people["manager"],
    )
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
