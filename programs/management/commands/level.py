"""`manage.py level FILE_OR_DIR --csv [--seconds N] [--seed N]`: a plan file that its resources can carry out.

Without a database. The dates before are those of `manage.py schedule`, whatever tool the file came from.
"""

from __future__ import annotations

import csv
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programs.engine.critical_path import schedule
from programs.engine.levelling import Infeasible, Levelled, level
from programs.engine.levelling.axis import one_calendar
from programs.engine.levelling.plans import of_plan
from programs.engine.levelling.problem import Levelling
from programs.engine.network import CycleFound
from programs.engine.plan import Plan, Rules
from programs.engine.result import Schedule
from programs.engine.worktime import BeyondCalendar
from programs.exchange.draft import iso
from programs.exchange.levelling import Supply, supply_of
from programs.exchange.network import Key, network_of, rules_for
from programs.exchange.neutral import dumps_in
from programs.exchange.problems import ImportRefused
from programs.exchange.sheet_options import add_source_option, read_plan

COLUMNS = (
    "project",
    "activity",
    "start_before",
    "finish_before",
    "start",
    "finish",
    "delay_minutes",
    "resource",
    "waits_from",
    "held_by",
    "predecessor",
)
LONGEST_SEARCH = 3600.0


class Command(BaseCommand):
    """Reads a plan file, levels it and writes what moved, for which resource, and how good the plan is."""

    help = (
        "Level a plan file (MS Project XML, Primavera, GanttProject, table, CSV bundle, neutral dumps): dates that "
        "the units of its resources can carry, what each delay waits for, and how far from the shortest plan it "
        "can be. No database."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", help="folder, .zip, .xml, .xer, .gan, .csv, .xlsx or dump")
        add_source_option(parser)
        parser.add_argument("--csv", action="store_true", help="one row per activity: " + ", ".join(COLUMNS))
        parser.add_argument(
            "--seconds",
            type=seconds,
            default=None,
            metavar="N",
            help="search so long for a shorter plan (default: none, the plan found at once)",
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="names the chances of the search (default: 1)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with 1 and the problems on standard error where the file cannot be levelled."""
        try:
            plans = [*self._plans(options["path"], options["source"])]
        except ImportRefused as refusal:
            raise CommandError(str(refusal)) from None
        writer = csv.writer(self.stdout, lineterminator="\n")
        try:
            if options["csv"]:
                writer.writerow(COLUMNS)
            for plan, rules, keys, supply in plans:
                found = Finding.of(plan, rules, keys, supply, options["seconds"], options["seed"])
                for note in supply.notes:
                    self.stderr.write(f"note: {note}", style_func=str)
                if options["csv"]:
                    writer.writerows(found.rows())
                    self.stdout.flush()
                out = self.stderr if options["csv"] else self.stdout
                for line in found.summary(options["seed"] if options["seconds"] else None):
                    out.write(line, style_func=str)
        except BrokenPipeError:  # the reader (head, say) has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _plans(self, path: str, source: list[str]) -> list[tuple[Plan, Rules, list[Key], Supply]]:
        """The file's plan with its rules and resources; each dump of an archive is a plan of its own, without any."""
        dumps = dumps_in(Path(path))
        if dumps is not None:
            note = "A neutral dump names no resources: nothing has to wait for one."
            return [(dump.plan, dump.rules, dump.keys, Supply(notes=[note])) for dump in dumps]
        read = read_plan(path, source)
        for problem in read.problems:
            place = ", ".join(
                part for part in (problem.file, problem.row and f"row {problem.row}", problem.column) if part
            )
            value = f" ({problem.value})" if problem.value else ""
            self.stderr.write(f"{problem.severity}: {place}{value}: {problem.sentence}", style_func=str)
        if read.more:
            self.stderr.write(f"... and {read.more:,} more", style_func=str)
        if not read.acceptable:
            raise CommandError(
                f"{read.errors:,} problems must be put right before this plan can be levelled."
            )
        network = network_of(read.draft)
        return [(network.plan, rules_for(read.draft), network.keys, supply_of(read.draft))]


class Finding:
    """A plan before and after levelling, in the file's own codes."""

    def __init__(
        self,
        plan: Plan,
        keys: list[Key],
        supply: Supply,
        before: Schedule,
        problem: Levelling,
        members: list[int],
        after: Levelled,
    ) -> None:
        self.plan, self.keys, self.supply, self.before = plan, keys, supply, before
        self.problem, self.members, self.after = problem, members, after

    @classmethod
    def of(
        cls,
        plan: Plan,
        rules: Rules,
        keys: list[Key],
        supply: Supply,
        optimise: float | None,
        seed: int,
    ) -> Finding:
        """Schedule and level a plan. Raises `CommandError` with the codes of what cannot be."""
        try:
            before = schedule(plan, rules)
            problem, members = of_plan(plan, before, supply.demand, supply.capacity)
            after = level(problem, optimise=optimise, seed=seed)
        except CycleFound as circle:
            path = " -> ".join(_said(keys, at) for at in circle.path)
            raise CommandError(f"These activities would wait for each other: {path}.") from None
        except Infeasible as fault:
            who = _said(keys, members[fault.activity])
            what = "its calendar has no time left for it"
            if fault.resource is not None:
                what = f"there is never enough of {supply.names[fault.resource][1]} for as long as it takes"
            raise CommandError(f"The plan cannot be levelled: {who}: {what}.") from None
        except BeyondCalendar as fault:
            raise CommandError(f"The plan cannot be levelled: {fault}.") from None
        return cls(plan, keys, supply, before, problem, members, after)

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows of `COLUMNS`, tasks and milestones in the order of the file.

        Local dates; the delay in working minutes of the activity's calendar. `resource` was short from `waits_from`
        to the start and `held_by` names who had it then; where none was, `predecessor` is the one that was delayed.
        """
        reasons = {delay.activity: delay for delay in self.after.delays}
        found: list[tuple[Any, ...]] = []
        for at, i in enumerate(self.members):
            if i >= len(self.keys):
                continue
            moved, dates = self._moved(at), (self.before.early_start[i], self.before.early_finish[i])
            then = (self.after.start[at], self.after.finish[at]) if moved else dates
            delay = reasons.get(at) if moved else None
            why = ("", "", "", "")
            if delay is not None and delay.resource >= 0:
                resource = " ".join(filter(None, self.supply.names[delay.resource]))
                why = (resource, iso(delay.since), "; ".join(self._of(other) for other in delay.holders), "")
            elif delay is not None and delay.predecessor >= 0:
                why = ("", "", "", self._of(delay.predecessor))
            found.append((*self.keys[i], *map(iso, dates), *map(iso, then), moved, *why))
        return found

    def summary(self, seed: int | None) -> list[str]:
        """The finish before and after, the makespan, the bound and the gap between them; and what it took."""
        after, moved = self.after, [at for at in range(len(self.members)) if self._moved(at)]
        shown = [at for at in moved if self.members[at] < len(self.keys)]
        axis = "working minutes" if one_calendar(self.problem) else "minutes of the wall clock"
        finish = after.end if moved else self.before.finish
        lines = [
            f"{self._title()}finish {iso(finish)}, before levelling {iso(self.before.finish)}; "
            f"{len(shown):,} of {sum(i < len(self.keys) for i in self.members):,} activities begin later",
            f"makespan {after.value:,} {axis}, lower bound {after.bound:,}, gap {after.gap:.1%}"
            + (" (no plan is shorter)" if after.value == after.bound else ""),
        ]
        if seed is not None:
            noun = "schedule" if after.generated == 1 else "schedules"
            lines.append(f"{after.generated:,} {noun} in {after.seconds:.1f} s, seed {seed}")
        return lines

    def _title(self) -> str:
        codes = list(dict.fromkeys(project for project, _ in self.keys))
        return f"{codes[0]}: " if len(codes) == 1 else f"{len(codes)} projects: "

    def _moved(self, at: int) -> int:
        """Working minutes by which an activity begins later; a milestone on either side of a night has not moved."""
        i = self.members[at]
        calendar = self.plan.calendars[self.plan.calendar[i]]
        return calendar.between(self.before.early_start[i], self.after.start[at])

    def _of(self, at: int) -> str:
        return _said(self.keys, self.members[at])


def _said(keys: list[Key], i: int) -> str:
    return " ".join(keys[i]) if i < len(keys) else "an end of a summary"


def seconds(text: str) -> float:
    """A time limit; argparse tells what is wrong with others."""
    try:
        found = float(text)
    except ValueError:
        raise ArgumentTypeError("give a number of seconds") from None
    if not 0 < found <= LONGEST_SEARCH:
        raise ArgumentTypeError(f"give more than 0 and at most {LONGEST_SEARCH:,.0f} seconds")
    return found
