"""`manage.py schedule FILE_OR_DIR --csv`: the engine on a plan file, without a database."""

from __future__ import annotations

import csv
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programs.engine.critical_path import schedule
from programs.engine.plan import LatestFinish
from programs.engine.worktime import BeyondCalendar
from programs.exchange.draft import SUMMARY, Draft, iso
from programs.exchange.network import network_of, rules_for
from programs.exchange.problems import ImportRefused
from programs.exchange.sandbox import Read, read_path

COLUMNS = (
    "project",
    "activity",
    "early_start",
    "early_finish",
    "late_start",
    "late_finish",
    "total_float_minutes",
    "free_float_minutes",
    "on_longest_path",
)


class Command(BaseCommand):
    """Reads a CSV bundle or an MS Project XML file, schedules it and writes the computed dates."""

    help = "Schedule a plan file (CSV bundle as folder or zip, or MS Project XML) and print the dates. No database."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", help="folder, .zip or .xml")
        parser.add_argument("--csv", action="store_true", help="one row per activity: " + ", ".join(COLUMNS))
        parser.add_argument("--summaries", action="store_true", help="rows of the summaries as well")
        parser.add_argument(
            "--float-to",
            choices=("project", "program"),
            default="project",
            help="the finish that floats and the longest path run to (default: each project's own)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with 1 and the problems on standard error where the file cannot be scheduled."""
        try:
            read = read_path(options["path"])
        except ImportRefused as refusal:
            raise CommandError(str(refusal)) from None
        self._tell(read)
        if not read.acceptable:
            raise CommandError(
                f"{read.errors:,} problems must be put right before this plan can be scheduled."
            )
        to = LatestFinish.PROGRAM if options["float_to"] == "program" else LatestFinish.EACH_PROJECT
        try:
            rows = computed(read.draft, to, summaries=options["summaries"])
        except BeyondCalendar as fault:
            raise CommandError(f"The plan cannot be scheduled: {fault}.") from None
        if options["csv"]:
            writer = csv.writer(self.stdout, lineterminator="\n")
            try:
                writer.writerow(COLUMNS)
                writer.writerows(rows)
            except BrokenPipeError:  # the reader (head, say) has seen enough
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        for project in read.draft.projects:
            own = [row for row in rows if row[0] == project.code]
            if own:
                begin, end = min(row[2] for row in own), max(row[3] for row in own)
                longest = sum(row[8] for row in own)
                self.stdout.write(
                    f"{project.code}: {len(own)} activities, {begin} to {end}, {longest} on the longest path"
                )

    def _tell(self, read: Read) -> None:
        for problem in read.problems:
            place = ", ".join(
                part for part in (problem.file, problem.row and f"row {problem.row}", problem.column) if part
            )
            value = f" ({problem.value})" if problem.value else ""
            self.stderr.write(f"{problem.severity}: {place}{value}: {problem.sentence}", style_func=str)
        if read.more:
            self.stderr.write(f"... and {read.more:,} more", style_func=str)


def computed(draft: Draft, float_to: LatestFinish, *, summaries: bool = False) -> list[tuple[Any, ...]]:
    """The rows of `COLUMNS`, activities in the order of the file: local dates, floats in working minutes, 0 or 1."""
    network = network_of(draft)
    result = schedule(network.plan, rules_for(draft, float_to))
    return [
        (
            project,
            code,
            iso(result.early_start[at]),
            iso(result.early_finish[at]),
            iso(result.late_start[at]),
            iso(result.late_finish[at]),
            result.total_float[at],
            result.free_float[at],
            int(result.on_longest_path[at]),
        )
        for at, (project, code) in enumerate(network.keys)
        if summaries or draft.activities[at].kind != SUMMARY
    ]
