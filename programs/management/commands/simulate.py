"""`manage.py simulate FILE_OR_DIR --seed N --iterations N --csv`: schedule risk of a plan file, without a database."""

from __future__ import annotations

import csv
import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programs.engine.monte_carlo import CannotSimulate, Shape, Simulation, Spread, simulate
from programs.engine.plan import LatestFinish
from programs.engine.risk_results import Distribution
from programs.engine.worktime import BeyondCalendar
from programs.exchange.draft import TASK, Draft, from_wall, iso
from programs.exchange.network import Key, network_of, rules_for
from programs.exchange.problems import ImportRefused
from programs.exchange.sandbox import Read
from programs.exchange.sheet_options import add_source_option, read_plan

COLUMNS = (
    "project",
    "activity",
    "planned_finish",
    "p10",
    "p50",
    "p80",
    "p90",
    "mean",
    "standard_deviation_minutes",
    "criticality",
    "cruciality",
    "sensitivity",
)
_SHAPES = {"pert": Shape.PERT, "triangular": Shape.TRIANGULAR}
DEFAULT_SPREAD = (0.8, 1.0, 1.5)
"""Optimistic and pessimistic duration of activities that come without a range, as multiples of the planned one."""


class Command(BaseCommand):
    """Reads a plan file, schedules it many times and writes how likely its dates are."""

    help = (
        "Simulate a plan file (MS Project XML, Primavera, GanttProject, table, CSV bundle): finish percentiles and "
        "criticality. Three-point durations come from the file; activities without them get --spread. No database."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        low, likely, high = DEFAULT_SPREAD
        parser.add_argument("path", help="folder, .zip, .xml, .xer, .gan, .csv or .xlsx")
        add_source_option(parser)
        parser.add_argument("--csv", action="store_true", help="one row per activity: " + ", ".join(COLUMNS))
        parser.add_argument("--seed", type=int, default=1, help="names the random numbers (default: 1)")
        parser.add_argument("--iterations", type=int, default=1000, help="number of runs (default: 1000)")
        parser.add_argument("--distribution", choices=tuple(_SHAPES), default="pert")
        parser.add_argument(
            "--spread",
            type=factors,
            default=DEFAULT_SPREAD,
            metavar="LOW,LIKELY,HIGH",
            help="range of durations without one, as multiples of the planned duration"
            f" (default: {low:g},{likely:g},{high:g}; 1,1,1: none)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with 1 and the problems on standard error where the file cannot be simulated."""
        try:
            read = read_plan(options["path"], options["source"])
        except ImportRefused as refusal:
            raise CommandError(str(refusal)) from None
        self._tell(read)
        if not read.acceptable:
            raise CommandError(
                f"{read.errors:,} problems must be put right before this plan can be simulated."
            )
        network = network_of(read.draft)
        ranges, given = spreads(read.draft, _SHAPES[options["distribution"]], options["spread"])
        try:
            told = simulate(
                network.plan,
                rules_for(read.draft, LatestFinish.PROGRAM),
                uncertainty=ranges,
                iterations=options["iterations"],
                seed=options["seed"],
            )
        except CannotSimulate as fault:
            told_of = "; ".join(named(problem, network.keys) for problem in fault.problems)
            raise CommandError(f"The plan cannot be simulated: {told_of}.") from None
        except BeyondCalendar as fault:
            raise CommandError(f"The plan cannot be simulated: {fault}.") from None
        if options["csv"]:
            self._rows(rows(network.keys, told))
        else:
            self._summary(read.draft, told, given, len(ranges) - given)

    def _rows(self, lines: list[tuple[Any, ...]]) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        try:
            writer.writerow(COLUMNS)
            writer.writerows(lines)
        except BrokenPipeError:  # the reader (head, say) has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _summary(self, draft: Draft, told: Simulation, given: int, assumed: int) -> None:
        finishes = [
            (project.code, finish) for project, finish in zip(draft.projects, told.projects, strict=True)
        ]
        if len(finishes) > 1:
            finishes.append(("program", told.program))
        for name, finish in finishes:
            dates = ", ".join(f"P{p} {_date(finish.at(p))}" for p in (10, 50, 80, 90))
            self.stdout.write(
                f"{name}: planned {_date(finish.planned)} ({finish.confidence:.0%} sure), {dates}, "
                f"mean {_date(finish.mean)}"
            )
        state = "enough" if told.convergence.enough else "not enough: ask for more"
        self.stdout.write(
            f"{told.iterations:,} runs, seed {told.seed} ({state}); "
            f"{given:,} durations with a range of their own, {assumed:,} with the default one"
        )
        for note in told.notes:
            self.stdout.write(note)

    def _tell(self, read: Read) -> None:
        for problem in read.problems:
            place = ", ".join(
                part for part in (problem.file, problem.row and f"row {problem.row}", problem.column) if part
            )
            value = f" ({problem.value})" if problem.value else ""
            self.stderr.write(f"{problem.severity}: {place}{value}: {problem.sentence}", style_func=str)
        if read.more:
            self.stderr.write(f"... and {read.more:,} more", style_func=str)


def factors(text: str) -> tuple[float, float, float]:
    """`0.8,1,1.5` as three multiples; argparse tells what is wrong with others."""
    try:
        low, likely, high = (float(part) for part in text.split(","))
    except ValueError:
        raise ArgumentTypeError("give three numbers, such as 0.8,1,1.5") from None
    if not 0 <= low <= likely <= high <= 100:
        raise ArgumentTypeError("give three multiples in ascending order, from 0 to 100")
    return low, likely, high


def named(problem: str, keys: list[Key]) -> str:
    """A sentence of the engine with the file's codes in place of the engine's numbers."""
    return re.sub(r"activity (\d+)", lambda found: "activity " + " ".join(keys[int(found[1])]), problem)


def spreads(draft: Draft, shape: Shape, default: tuple[float, float, float]) -> tuple[dict[int, Spread], int]:
    """Per activity of the draft with a length, its range in working minutes; and how many came with their own."""
    found: dict[int, Spread] = {}
    given = 0
    for at, activity in enumerate(draft.activities):
        if activity.kind != TASK or activity.duration <= 0:
            continue
        low, likely, high = (part * activity.duration for part in default)
        if activity.optimistic is not None and activity.pessimistic is not None:
            low, high = activity.optimistic, activity.pessimistic
            likely = activity.duration if activity.most_likely is None else activity.most_likely
            given += 1
        found[at] = Spread(shape, low, likely, high)
    return found, given


def rows(keys: list[Key], told: Simulation) -> list[tuple[Any, ...]]:
    """The rows of `COLUMNS`, activities in the order of the file."""
    return [
        (
            *keys[risk.activity],
            *(iso(round(at)) for at in _dates(risk.finish)),
            round(risk.finish.deviation),
            round(risk.criticality, 4),
            round(risk.cruciality, 4),
            round(risk.sensitivity, 4),
        )
        for risk in told.activities
        if risk.activity < len(keys)
    ]


def _dates(finish: Distribution) -> tuple[float, ...]:
    return finish.planned, finish.p10, finish.p50, finish.p80, finish.p90, finish.mean


def _date(minutes: float) -> str:
    return f"{from_wall(round(minutes)):%-d %b %Y}"
