"""`manage.py export_plan CODE --format bundle --output FILE`: a plan as a file that the import reads back."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction

from pmo.scope import system_scope
from programs.exchange.export.files import FORMATS, plan_file
from programs.portfolio.models import Program


class Command(BaseCommand):
    """The same file as the page's."""

    help = "Write the plan of a program, as of now, as a file. Ends with 1 where there is no such program."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="the program's code")
        parser.add_argument("--format", choices=sorted(FORMATS), default="bundle")
        parser.add_argument("--output", metavar="FILE", help="where to; - for standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        pk = find(options["code"])
        with (
            transaction.atomic(),
            system_scope([pk], reason="a person at the command line takes the plan along"),
        ):
            file = plan_file(Program.objects.get(pk=pk), options["format"])
        target = options["output"] or file.name
        if target == "-":
            sys.stdout.buffer.write(file.content)
            return
        try:
            Path(target).write_bytes(file.content)
        except OSError as fault:
            raise CommandError(f"{target} cannot be written: {fault.strerror}.") from None
        self.stdout.write(f"{target}: {len(file.content):,} bytes")


def find(code: str) -> int:
    """The id of the program of that code, in any case of letters: asked as the owner, who sees all programs."""
    alias = "owner" if "owner" in connections.databases else "default"
    with connections[alias].cursor() as cursor:
        cursor.execute("select id from programs_program where upper(code) = upper(%s)", [code])
        row = cursor.fetchone()
    if row is None:
        raise CommandError(f"There is no program {code}.")
    return int(row[0])
