"""What the page benchmark looks at: the insurer's real program, the example, or synthetic programs of a given size.

Everything comes in by the product's own doors (`import_bundle`, `example_program`), so that a page finds what it
would find in an office: baseline, progress at several status dates, cost in the ledger, computed earned value.
"""

from __future__ import annotations

import csv
import random
import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import transaction

from finance.earned_value import services as earned_value
from finance.ledger.models import ActualLine
from governance.example import people
from pmo import commands
from pmo.accounts.models import User
from pmo.scope import system_scope
from programs.portfolio.models import Program, Project
from programs.raid.models import Risk
from programs.schedule.models import Activity, Dependency

INSURER = (
    Path(__file__).resolve().parents[2]
    / "shared"
    / "data"
    / "01_dslib_real_projects"
    / "it_programme_insurer"
)
READER = "reader@bench.example"
RISKS = 100
FIRST = date(2026, 1, 5)  # a Monday
STATUSES = 6
COLUMNS = {
    "program": "code name currency time_zone",
    "projects": "project_id name currency start",
    "activities": "project_id kind activity_id name parent_id duration_hours baseline_start baseline_finish "
    "cost_per_hour cost_category cost_nature",
    "dependencies": "project_id from_project from_activity to_activity type lag_hours",
    "status_dates": "project_id period name status_date",
    "progress": "project_id period activity_id actual_start actual_finish actual_duration_hours "
    "remaining_duration_hours percent_complete actual_cost",
    "budget": "project_id category nature period amount currency",
}


def prepare(names: list[str]) -> list[tuple[str, Program, User]]:
    """(label, program, who looks at it) for `insurer`, `example` or a number of activities; made where missing."""
    with transaction.atomic():
        reader = User.objects.filter(email=READER).first() or User.objects.create_user(
            READER, "benchmark of pages", name="Reader"
        )
    found = []
    for name in names:
        if name == "example":
            _example()
            manager = User.objects.get(email=people.email_of("manager"))
            found.append(("example", _program("ATLAS"), manager))
        elif name == "insurer":
            found.append(("insurer", _imported("INSURER", INSURER, "Insurer's IT program"), reader))
        else:
            found.append((f"{int(name):,}", _synthetic(int(name)), reader))
    return found


def _program(code: str) -> Program:
    pk = _pk(code)
    with transaction.atomic(), system_scope([pk or 0], reason="the benchmark's own program"):
        return Program.objects.get(pk=pk)


def _pk(code: str) -> int | None:
    with transaction.atomic(using="owner"):  # the owner sees every program
        return Program._base_manager.using("owner").filter(code=code).values_list("pk", flat=True).first()


def _whole(code: str) -> bool:
    """Made by an earlier run, and not interrupted in the making."""
    pk = _pk(code)
    if pk is None:
        return False
    with transaction.atomic(), system_scope([pk], reason="the benchmark's own program"):
        return Risk.objects.filter(program_id=pk).exists()


def _example() -> None:
    if _pk("ATLAS") is None:
        call_command("example_program", verbosity=0)


def _synthetic(activities: int) -> Program:
    code = f"S{activities}"
    if _whole(code):
        return _program(code)
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(Path(folder), activities)
        return _imported(code, Path(folder), f"Synthetic program of {activities:,} activities")


def _imported(code: str, bundle: Path, name: str) -> Program:
    if not _whole(code):
        call_command(
            "import_bundle", str(bundle), program=code, create=name, accept=True, manager=READER, verbosity=0
        )
        program = _program(code)
        commands.run(_risks, actor=None, scope=[program.pk], program=program)
        commands.run(earned_value.refresh, actor=None, scope=[program.pk], program=program)
    return _program(code)


def _risks(*, program: Program, by: User | None, at: datetime) -> None:
    """A full first page of the risk register."""
    chance = random.Random(7)  # noqa: S311 - the same register each time
    Risk.objects.bulk_create(
        Risk(
            program=program,
            code=f"R-{number}",
            title=f"Supplier {number} delivers late",
            probability=chance.randint(1, 5),
            impact=chance.randint(1, 5),
            exposure_minor=chance.randrange(1_000, 90_000) * 100,
            raised_on=FIRST,
        )
        for number in range(1, RISKS + 1)
    )


# ------------------------------------------------------------------ a synthetic program, always the same
def write_bundle(folder: Path, activities: int) -> None:
    """A CSV bundle: projects of some 100 to 250 activities in groups of 25, two links each, progress to the middle.

    Five days of eight hours; whole days, so that the baseline is exact: each activity begins the working day after
    its last predecessor. A tenth of the links lead from another project.
    """
    chance = random.Random(activities)  # noqa: S311 - the same program each time
    projects = max(10, activities // 250)
    plan = [_place(chance, number, projects) for number in range(activities)]
    finishes: list[int] = []  # working day after the last
    rows: dict[str, list[list[Any]]] = {name: [columns.split()] for name, columns in COLUMNS.items()}
    rows["program"].append(["SYNTH", "Synthetic", "EUR", "Europe/Brussels"])
    groups: set[str] = set()
    starts: list[int] = []
    for number, (project, days, rate, before) in enumerate(plan):
        start = max((finishes[other] for other in before), default=chance.randrange(0, 15))
        starts.append(start)
        finishes.append(start + days)
        group = f"G{number // projects // 25}"
        if f"{project}/{group}" not in groups:
            groups.add(f"{project}/{group}")
            rows["activities"].append([project, "group", group, f"Phase {group}", "", "", "", "", "", "", ""])
        rows["activities"].append(
            [
                project, "activity", f"A{number}", f"Work package {number}", group, days * 8,
                _at(start, 8), _at(start + days - 1, 17), rate, "labour", chance.choice(("capital", "operating")),
            ]
        )  # fmt: skip
        for other in before:
            rows["dependencies"].append([project, plan[other][0], f"A{other}", f"A{number}", "FS", 0])
    for number in range(projects):
        code = f"P{number:02}"
        rows["projects"].append([code, f"Component project {number}", "EUR", _at(0, 8)])
        for month in range(1, 13):
            rows["budget"].append([code, "labour", "operating", f"2026-{month:02}", 20_000, "EUR"])
    _progress(rows, plan, starts, finishes, projects)
    for name, lines in rows.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(lines)


def _place(chance: random.Random, number: int, projects: int) -> tuple[str, int, int, list[int]]:
    """Project, working days, rate an hour, predecessors (lower numbers)."""
    before = set()
    for _ in range(2):
        back = chance.randint(1, 6) * projects  # the same project, some places earlier
        if chance.random() < 0.1:
            back += chance.randrange(1, projects)
        if number - back >= 0:
            before.add(number - back)
    return f"P{number % projects:02}", chance.randint(1, 6), chance.randrange(40, 140, 5), sorted(before)


def _progress(
    rows: dict[str, list[list[Any]]],
    plan: list[tuple[str, int, int, list[int]]],
    starts: list[int],
    finishes: list[int],
    projects: int,
) -> None:
    """Status dates up to the middle of the program; a report of whatever has moved since the one before."""
    middle = max(finishes) // 2
    days = [middle * (period + 1) // STATUSES for period in range(STATUSES)]
    for period, day in enumerate(days, 1):
        for number in range(projects):
            rows["status_dates"].append([f"P{number:02}", period, f"Status {period}", _at(day - 1, 18)])
        before = days[period - 2] if period > 1 else 0
        for number, (project, length, rate, _) in enumerate(plan):
            if starts[number] >= day or finishes[number] <= before:
                continue
            done = min(length, day - starts[number])
            finished = _at(finishes[number] - 1, 17) if done == length else ""
            rows["progress"].append(
                [
                    project, period, f"A{number}", _at(starts[number], 8), finished, done * 8, (length - done) * 8,
                    f"{100 * done / length:.6f}", done * 8 * rate,
                ]
            )  # fmt: skip


def _at(working_day: int, hour: int) -> str:
    weeks, weekday = divmod(working_day, 5)
    return datetime.combine(FIRST + timedelta(weeks=weeks, days=weekday), time(hour)).isoformat(
        timespec="minutes"
    )


def size(program: Program) -> str:
    """What there is in a program, in words."""
    with transaction.atomic(), system_scope([program.pk], reason="the benchmark counts"):
        counts = {
            "activities": Activity.objects.filter(program=program).count(),
            "links": Dependency.objects.filter(program=program).count(),
            "projects": Project.objects.filter(program=program).count(),
            "lines of actual cost": ActualLine.objects.filter(program=program).count(),
        }
    return ", ".join(f"{number:,} {what}" for what, number in counts.items())
