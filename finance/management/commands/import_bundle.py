"""`manage.py import_bundle PATH --program CODE [--accept]`: a plan from a folder, a zip or an MS Project XML file.

Without `--accept` a dry run that stores nothing. Ends with 0 (accepted, nothing to do, or a clean dry run), 1
(problems, one line each as `file:row:column: sentence`) or 2 (wrong use: no such program, path or person).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand
from django.db import connections, transaction

from finance.imports import bundles
from pmo import commands
from pmo.accounts.models import User
from pmo.accounts.roles import Role
from pmo.refusals import Refused
from pmo.scope import system_scope
from programs.exchange import sandbox, services
from programs.exchange.dry_run import dry_run
from programs.exchange.problems import ImportRefused
from programs.exchange.reading import Read
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock

PROBLEMS, USAGE = 1, 2


class Command(BaseCommand):
    """Reads in the sandbox's child, then one command of the office: the same services as the page."""

    help = "Import a plan (CSV bundle as folder or zip, or MS Project XML) into a program. Dry run without --accept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", help="folder, .zip or .xml")
        parser.add_argument("--program", required=True, metavar="CODE")
        parser.add_argument(
            "--accept", action="store_true", help="write the plan; otherwise nothing is stored"
        )
        parser.add_argument(
            "--take-out",
            action="append",
            default=[],
            metavar="PROJECT",
            help="take out of this project what the file does not have any more; may be given again",
        )
        parser.add_argument(
            "--agreed", action="store_true", help="accept although committed milestones move later"
        )
        parser.add_argument(
            "--create", metavar="NAME", help="make the program first if there is none of this code"
        )
        parser.add_argument("--currency", help="of a new program; the file's where left out")
        parser.add_argument("--time-zone", help="of a new program; the file's where left out, else UTC")
        parser.add_argument("--manager", metavar="EMAIL", help="becomes program manager of a new program")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["path"])
        if not path.exists():
            self._end(USAGE, f"There is no {path}.")
        manager = self._person(options["manager"])
        pk = find(options["program"])
        if pk is None and not options["create"]:
            self._end(
                USAGE, f"There is no program {options['program']}. Give its name with --create to make it."
            )
        try:
            read = sandbox.read_path(path)
        except ImportRefused as refusal:
            row = f":{refusal.row}" if refusal.row else ""
            self._end(PROBLEMS, f"{refusal.file}{row}: {refusal.reason}")
        try:
            if pk is None:
                pk = self._new_program(read, manager, options)
            if pk is not None and options["accept"]:
                self._accept(pk, read, path.name, options)
            else:
                self._dry_run(pk, read, path.name, options)
        except Refused as refusal:
            self._end(PROBLEMS, refusal.message)

    def _dry_run(self, pk: int | None, read: Read, name: str, options: dict[str, Any]) -> None:
        with transaction.atomic(), system_scope([pk] if pk else [], reason="a dry run from the command line"):
            program = Program.objects.get(pk=pk) if pk else _imagined(read, options)
            result = dry_run(program, read, name)
            before = services.accepted_before(program, read.totals.digest) if pk and result.nothing else None
        if before is not None:
            self._nothing_to_do(before.accepted_at)
            return
        self._totals(read)
        self._told(result.problems, result.errors, result.more)
        self._changes(result.changes)
        self.stdout.write("Dry run: nothing was stored.")

    def _accept(self, pk: int, read: Read, name: str, options: dict[str, Any]) -> None:
        with transaction.atomic(), system_scope([pk], reason="an import from the command line"):
            program = Program.objects.get(pk=pk)
            result = dry_run(program, read, name)
            before = services.accepted_before(program, read.totals.digest) if result.nothing else None
        if before is not None:
            self._nothing_to_do(before.accepted_at)
            return
        self._totals(read)
        self._told(result.problems, result.errors, result.more)
        staged = commands.run(
            services.stage,
            actor=None,
            scope=[pk],
            why="import from the command line",
            program=program,
            file_name=name,
            read=read,
        )
        if staged.already:
            self._nothing_to_do(staged.plan_import.accepted_at)
            return
        done = commands.run(
            bundles.accept,
            actor=None,
            scope=[pk],
            why=bundles.why(staged.plan_import, options["take_out"]) + ", from the command line",
            plan_import=staged.plan_import,
            take_out=options["take_out"],
            agreed=options["agreed"],
        )
        if done.plan.already:
            self._nothing_to_do(done.plan.plan_import.accepted_at)
            return
        self._changes(done.plan.plan_import.changes)
        if done.plan.baseline is not None:
            self.stdout.write(
                f"baseline: B{done.plan.baseline.number} ({done.plan.baseline.get_origin_display()})"
            )
        if done.costs is not None:
            entered = done.costs.totals
            self.stdout.write(f"costs: {entered.get('entered', entered.get('new', 0))} lines entered")
        self.stdout.write(f"Accepted into {program.code} as import {done.plan.plan_import.pk}.")

    def _new_program(self, read: Read, manager: User | None, options: dict[str, Any]) -> int | None:
        """With --accept the program is made (and has a manager); without, the dry run imagines an empty one."""
        if not options["accept"]:
            return None
        if not read.acceptable:  # nothing is made for a file that cannot come in
            self._told([one.as_dict() for one in read.problems], read.errors, read.more)
        imagined = _imagined(read, options)
        program = commands.run(
            portfolio.create_program,
            actor=None,
            scope=[],
            why="import from the command line",
            code=imagined.code,
            name=imagined.name,
            currency=imagined.currency,
            time_zone=imagined.time_zone,
            starts_at=imagined.starts_at,
        )
        if manager is not None:
            commands.run(
                portfolio.add_member,
                actor=None,
                scope=[program.pk],
                program=program,
                user=manager,
                role=Role.PROGRAM_MANAGER,
            )
        self.stdout.write(f"Program {program.code} made.")
        return program.pk

    def _person(self, email: str | None) -> User | None:
        if not email:
            return None
        found = User.objects.filter(email__iexact=email).first()
        if found is None:
            self._end(USAGE, f"Nobody signs in as {email}.")
        return found

    def _totals(self, read: Read) -> None:
        """The control totals, one line each, in a fixed order."""
        totals = read.totals
        self.stdout.write(f"format: {read.draft.source}")
        for label, value in (
            ("projects", len(totals.projects)),
            ("activities", totals.activities),
            ("dependencies", totals.dependencies),
            ("resources", totals.resources),
            ("assignments", totals.assignments),
            ("status dates", totals.status_dates),
            ("progress records", totals.progress_rows),
            ("planned cost", f"{totals.planned_cost} {totals.currency}".strip()),
            ("actual costs listed", f"{totals.actual_costs} {totals.currency}".strip()),
            ("budget", f"{totals.budget} {totals.currency}".strip()),
            ("first date", totals.first_date or "-"),
            ("last date", totals.last_date or "-"),
            ("digest", totals.digest or "-"),
        ):
            self.stdout.write(f"{label}: {value}")

    def _told(self, problems: list[dict[str, Any]], errors: int, more: int) -> None:
        """Every problem on its line; with errors this is the end."""
        for one in problems:
            place = ":".join(str(part) for part in (one["file"], one["row"], one["column"]) if part)
            value = f" ({one['value']})" if one["value"] else ""
            kind = "" if one["severity"] == "error" else "warning: "
            self.stderr.write(f"{place}: {kind}{one['sentence']}{value}", style_func=str)
        if more:
            self.stderr.write(f"... and {more} more", style_func=str)
        if errors:
            self._end(PROBLEMS, f"{errors} problem(s): nothing was stored.")

    def _changes(self, changes: dict[str, Any]) -> None:
        for kind in changes["kinds"]:
            self.stdout.write(
                f"{kind['many']}: {kind['created']} created, {kind['changed']} changed, "
                f"{kind['unchanged']} unchanged, {kind['kept']} only here"
                + (f", {kind['taken']} taken out" if kind["taken"] else "")
            )
        for project in changes.get("missing", ()):
            self._missing(project)
        for sentence in changes.get("left_out", ()):
            self.stdout.write(f"left out: {sentence}".replace("\N{NO-BREAK SPACE}", " "))

    def _missing(self, project: dict[str, Any]) -> None:
        """What the file does not have any more of one project, row by row."""
        verb = "taken out" if project["chosen"] else "can be taken out" if project["chosen"] is None else "go"
        self.stdout.write(
            f"not in the file any more, {project['project']}: {project['go']} {verb}, {project['stay']} stay"
        )
        for row in project["rows"]:
            hangs = f" ({'; '.join(row['hangs'])})" if row["hangs"] else ""
            stays = f": {'stays, ' + row['stays'] if row['stays'] else 'kept'}" if not row["goes"] else ""
            self.stdout.write(
                f"  {row['kind']} {row['name']}{hangs}{stays}".replace("\N{NO-BREAK SPACE}", " ")
            )

    def _nothing_to_do(self, accepted_at: datetime | None) -> None:
        when = f"{accepted_at:%Y-%m-%dT%H:%MZ}" if accepted_at else "before"
        self.stdout.write(f"Nothing to do: this plan was accepted on {when}.")

    def _end(self, code: int, sentence: str) -> NoReturn:
        self.stderr.write(sentence, style_func=str)
        sys.exit(code)


def find(code: str) -> int | None:
    """The id of the program of that code, in any case of letters: asked as the owner, who sees all programs."""
    alias = "owner" if "owner" in connections.databases else "default"
    with connections[alias].cursor() as cursor:
        cursor.execute("select id from programs_program where upper(code) = upper(%s)", [code])
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _imagined(read: Read, options: dict[str, Any]) -> Program:
    """The program that --create would make; not stored."""
    said = read.draft.program
    zone = options["time_zone"] or said.time_zone or "UTC"
    starts = [project.start for project in read.draft.projects if project.start is not None]
    program = Program(
        code=options["program"],
        name=options["create"],
        currency=options["currency"] or said.currency or "EUR",
        time_zone=zone,
        starts_at=datetime.now(UTC),
    )
    try:
        program.clean_fields(exclude=["sponsor", "manager", "calendar"])
    except Exception as error:  # ValidationError: the service says the same in words
        raise Refused("; ".join(getattr(error, "messages", [str(error)]))) from error
    if starts:
        program.starts_at = ProgramClock(zone).instant(min(starts))
    return program
