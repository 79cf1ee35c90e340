"""`manage.py earned_value CODE [--project P] [--at ISO] --csv`: earned value as the pages and reports show it."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, transaction

from finance.earned_value import inputs, valuing
from finance.engine.columns import COLUMNS, evm_columns
from pmo.clocks import instant
from pmo.refusals import Refused
from pmo.scope import system_scope
from programs.portfolio.models import Program


class Command(BaseCommand):
    help = "Earned value of a program's projects at their status dates, as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="the program's code")
        parser.add_argument("--project", help="only this component project")
        parser.add_argument("--at", help="only the latest status at or before this date or time (ISO)")
        parser.add_argument("--csv", action="store_true", help="write CSV (the only format there is)")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            pk = find(options["code"])
            with system_scope([pk], reason="a person at the command line asks for earned value"):
                program = Program.objects.get(pk=pk)
                try:
                    at = instant(options["at"], program.time_zone) if options["at"] else None
                except Refused as refused:
                    raise CommandError(refused.message) from None
                self.write(program, options["project"], at)

    def write(self, program: Program, project: str | None, at: datetime | None) -> None:
        """One row per project and status date (with `at`: the latest of each), in the program's time zone."""
        loaded = inputs.load(program)
        if project and project not in {one.code for one in loaded.projects}:
            raise CommandError(f"There is no project {project} with a baseline in {program.code}.")
        text = io.StringIO(newline="")
        out = csv.writer(text, lineterminator="\n")
        out.writerow(["project_id", "period", "status_date", *COLUMNS])
        for one in loaded.projects:
            if project and one.code != project:
                continue
            valued = valuing.value_project(one, program.currency)
            if at is not None:
                valued = [found] if (found := valuing.latest(valued, at)) else []
            for each in valued:
                row = evm_columns(
                    each.valuation, each.measures, program.currency, minutes_per_day=one.minutes_per_day
                )
                local = each.status.at.astimezone(loaded.clock.zone).replace(tzinfo=None)
                when = local.isoformat(timespec="minutes")
                out.writerow([one.code, each.status.number, when, *(row[name] for name in COLUMNS)])
        self.stdout.write(text.getvalue(), ending="")


def find(code: str) -> int:
    """The id of the program of that code, in any case of letters: asked as the owner, who sees all programs."""
    alias = "owner" if "owner" in connections.databases else "default"
    with connections[alias].cursor() as cursor:
        cursor.execute("select id from programs_program where upper(code) = upper(%s)", [code])
        row = cursor.fetchone()
    if row is None:
        raise CommandError(f"There is no program {code}.")
    return int(row[0])
