"""`manage.py import_costs PATH --program CODE [--source NAME] [--total 1234.50] [--accept]`: a large file of cost.

The same services as the page, without its limit of size: rows are read one after the other. Without `--accept` the
file waits on its page, with every fault at its row. Ends with 0, 1 (faults, or refused) or 2 (wrong use).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from finance.imports import services
from finance.imports.models import ActualBatch, CostSource
from finance.management.commands.import_bundle import find
from pmo import commands
from pmo.accounts.models import User
from pmo.money import format_exact, parse_amount
from pmo.refusals import Refused
from pmo.scope import system_scope
from programs.portfolio.models import Program

PROBLEMS, USAGE = 1, 2
PATIENCE = "set local statement_timeout = '10min'"
"""A million rows are checked in single statements, which take longer than a page may."""


def read_patiently(*, by: User | None, at: datetime, **given: Any) -> ActualBatch:
    """`services.read_stream` with a worker's patience."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        return services.read_stream(by=by, at=at, **given)


def accept_patiently(*, batch: ActualBatch, by: User | None, at: datetime) -> ActualBatch:
    """`services.accept` with a worker's patience."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        return services.accept(batch=batch, by=by, at=at)


class Command(BaseCommand):
    help = "Read a CSV file of actual cost on trial and, with --accept, enter it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path")
        parser.add_argument("--program", required=True, metavar="CODE")
        parser.add_argument(
            "--source", default="", metavar="NAME", help="how the file is written; else our own columns"
        )
        parser.add_argument("--total", help="the ERP's own total of the file, in the program's currency")
        parser.add_argument("--accept", action="store_true", help="enter the costs when no row has a fault")

    def handle(self, *args: Any, **options: Any) -> None:
        path, pk = Path(options["path"]), find(options["program"])
        if not path.is_file() or pk is None:
            self._end(
                USAGE,
                f"There is no program {options['program']}."
                if path.is_file()
                else f"There is no file {path}.",
            )
        with transaction.atomic(), system_scope([pk], reason="an import of cost from the command line"):
            program = Program.objects.get(pk=pk)
            source = CostSource.objects.filter(program=program, name=options["source"]).first()
        if options["source"] and source is None:
            self._end(USAGE, f"There is no source {options['source']}.")
        try:
            total = (
                parse_amount(options["total"], program.currency, signed=True) if options["total"] else None
            )
            run: dict[str, Any] = {"actor": None, "scope": [pk], "why": "import from the command line"}
            with path.open("rb") as stream:
                batch = commands.run(
                    read_patiently, program=program, name=path.name, stream=stream, source=source,
                    control_minor=total, **run,
                )  # fmt: skip
            self._told(batch, program.currency)
            if options["accept"]:
                batch = commands.run(accept_patiently, batch=batch, **run)
                self.stdout.write(f"Entered: {batch.totals['entered']:,} rows.")
        except Refused as refusal:
            self._end(PROBLEMS, refusal.message)
        if batch.totals["faults"]:
            sys.exit(PROBLEMS)

    def _told(self, batch: ActualBatch, currency: str) -> None:
        totals = batch.totals
        self.stdout.write(
            f"{totals['rows']:,} rows: {totals['new']:,} new ({format_exact(totals['new_minor'], currency)}), "
            f"{totals['known']:,} entered before, {totals['faults']:,} with a fault."
        )
        for one in batch.problems:
            self.stdout.write(f"{batch.file_name}:{one['row']}: {one['problem']}")

    def _end(self, code: int, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(code)
