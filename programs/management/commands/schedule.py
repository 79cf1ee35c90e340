"""`manage.py schedule FILE_OR_DIR --csv [--retained-logic|--progress-override]`: the engine on a plan file.

Without a database. A neutral dump is scheduled by the rules of the tool that it came from, a bundle by ours.
"""

from __future__ import annotations

import csv
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programs.engine.critical_path import schedule
from programs.engine.network import CycleFound
from programs.engine.plan import LatestFinish, Plan, Progress, Rules
from programs.engine.worktime import BeyondCalendar
from programs.exchange.draft import SUMMARY, Draft, iso
from programs.exchange.network import Key, network_of, rules_for
from programs.exchange.neutral import Dump, dumps_in
from programs.exchange.problems import ImportRefused
from programs.exchange.sandbox import Read
from programs.exchange.sheet_options import add_source_option, read_plan

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
    """Reads a plan file of any format that an import reads, or neutral dumps, schedules and writes the dates."""

    help = (
        "Schedule a plan file (MS Project XML, Primavera XER and XML, GanttProject, a table as CSV or XLSX, CSV "
        "bundle as folder or zip, neutral dumps as text or zip) and print the dates. No database."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", help="folder, .zip, .xml, .xer, .gan, .csv, .xlsx or dump")
        add_source_option(parser)
        parser.add_argument("--csv", action="store_true", help="one row per activity: " + ", ".join(COLUMNS))
        parser.add_argument("--summaries", action="store_true", help="rows of the summaries as well")
        parser.add_argument(
            "--float-to",
            choices=("project", "program"),
            default="project",
            help="the finish that floats and the longest path run to (default: each project's own)",
        )

        logic = parser.add_mutually_exclusive_group()
        logic.add_argument(
            "--retained-logic",
            dest="progress",
            action="store_const",
            const=Progress.RETAINED_LOGIC,
            help="begun work waits for its predecessors (default for a bundle)",
        )
        logic.add_argument(
            "--progress-override",
            dest="progress",
            action="store_const",
            const=Progress.PROGRESS_OVERRIDE,
            help="begun work waits for the status date only",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with 1 and the problems on standard error where the file cannot be scheduled."""
        progress: Progress | None = options["progress"]
        try:
            dumps = dumps_in(Path(options["path"]))
            read = read_plan(options["path"], options["source"]) if dumps is None else None
        except ImportRefused as refusal:
            raise CommandError(str(refusal)) from None
        if read is not None:
            self._tell(read)
            if not read.acceptable:
                raise CommandError(
                    f"{read.errors:,} problems must be put right before this plan can be scheduled."
                )
        to = LatestFinish.PROGRAM if options["float_to"] == "program" else LatestFinish.EACH_PROJECT
        try:
            if read is None:
                rows = [
                    row for dump in dumps or () for row in of_dump(dump, to, progress, options["summaries"])
                ]
            else:
                rows = computed(read.draft, to, progress, summaries=options["summaries"])
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
        for code in dict.fromkeys(row[0] for row in rows):
            own = [row for row in rows if row[0] == code]
            begin, end = min(row[2] for row in own), max(row[3] for row in own)
            longest = sum(row[8] for row in own)
            self.stdout.write(
                f"{code}: {len(own)} activities, {begin} to {end}, {longest} on the longest path"
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


def computed(
    draft: Draft, float_to: LatestFinish, progress: Progress | None = None, *, summaries: bool = False
) -> list[tuple[Any, ...]]:
    """The rows of `COLUMNS`, activities in the order of the file: local dates, floats in working minutes, 0 or 1.

    `progress` None: as the tool that wrote the file does it.
    """
    network = network_of(draft)
    left_out = () if summaries else (at for at, one in enumerate(draft.activities) if one.kind == SUMMARY)
    return _rows(network.plan, _by(rules_for(draft, float_to), progress), network.keys, left_out)


def of_dump(
    dump: Dump, float_to: LatestFinish, progress: Progress | None, summaries: bool
) -> list[tuple[Any, ...]]:
    """The same for a neutral dump; the project is the file that it was made from. Refuses circles with their ids."""
    rules = replace(_by(dump.rules, progress), float_to=float_to, longest_path_to=float_to)
    try:
        return _rows(dump.plan, rules, dump.keys, () if summaries else dump.summaries)
    except CycleFound as circle:
        path = " -> ".join(dump.keys[at][1] for at in circle.path)
        raise CommandError(
            f"{dump.keys[0][0]}: these activities would wait for each other: {path}."
        ) from None


def _by(rules: Rules, progress: Progress | None) -> Rules:
    return rules if progress is None else replace(rules, progress=progress)


def _rows(plan: Plan, rules: Rules, keys: list[Key], left_out: Iterable[int]) -> list[tuple[Any, ...]]:
    result, without = schedule(plan, rules), set(left_out)
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
        for at, (project, code) in enumerate(keys)
        if at not in without
    ]
