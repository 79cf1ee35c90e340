"""Make `samples/fedora20` from the Fedora 20 release plan (TaskJuggler source, MIT) and its WBS numbers.

    python tools/make_fedora_sample.py f-20.tjp f-20_schedule_by_taskjuggler.csv samples/fedora20

Reads the part of the TaskJuggler language that this plan uses: nested tasks, start, length, duration, depends and
precedes with gaps, macros. What becomes of each construct is written in `samples/fedora20/README.md`.
"""

from __future__ import annotations

import csv
import re
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

PROJECT = "F20"
HOURS_PER_DAY = 8
WORK = "fedora-week"
CLOCK = "24-hours"
CODE_LENGTH = 30

_TOKEN = re.compile(r'"[^"]*"|[{},]|[^\s{},"]+')
_COLUMNS = ["project_id", "kind", "activity_id", "wbs", "name", "parent_id", "duration_hours", "calendar_id"]
_COLUMNS += ["constraint", "constraint_date", "notes"]
_SIMPLE = {"flags", "note"}


@dataclass
class Link:
    """`gap` in days; working days for gaplength, days on the clock for gapduration."""

    path: str
    gap: float = 0.0
    elapsed: bool = False


@dataclass
class Task:
    """One task of the source: `id` is the whole path, such as `f20.PlanningPhase.develop`."""

    id: str
    name: str
    parent: Task | None
    start: date | None = None
    length: float | None = None
    duration: float | None = None
    depends: list[Link] = field(default_factory=list)
    precedes: list[Link] = field(default_factory=list)
    children: list[Task] = field(default_factory=list)


def read_source(text: str) -> list[Task]:
    """All tasks in the order of the source."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    macros = dict(re.findall(r"^macro\s+(\w+)\s*\[(.*?)\]", text, flags=re.MULTILINE))
    text = text[text.index("\ntask ") :]
    for name, value in macros.items():
        text = text.replace("${" + name + "}", value)
    lines = [re.sub(r'^((?:[^"#]|"[^"]*")*)#.*$', r"\1", line) for line in text.splitlines()]
    tokens = _TOKEN.findall("\n".join(lines))
    tasks: list[Task] = []
    open_task: Task | None = None
    at = 0
    while at < len(tokens):
        word = tokens[at]
        if word == "task":
            parent = open_task
            identity = f"{parent.id}.{tokens[at + 1]}" if parent else tokens[at + 1]
            open_task = Task(identity, tokens[at + 2].strip('"'), parent)
            if parent:
                parent.children.append(open_task)
            tasks.append(open_task)
            at += 4  # task id "name" {
        elif word == "}":
            open_task = open_task.parent if open_task else None
            at += 1
        elif open_task is None:
            break  # reports and what else follows the tasks
        elif word == "start":
            open_task.start = date.fromisoformat(tokens[at + 1])
            at += 2
        elif word in ("length", "duration"):
            setattr(open_task, word, _days(tokens[at + 1]))
            at += 2
        elif word in ("depends", "precedes"):
            links, at = _links(tokens, at + 1)
            (open_task.depends if word == "depends" else open_task.precedes).extend(links)
        elif word in _SIMPLE:
            at += 2
            while tokens[at] == ",":
                at += 2
        else:
            raise ValueError(f"not understood in {open_task.id}: {word}")
    return tasks


def _days(text: str) -> float:
    match = re.fullmatch(r"([0-9.]+)d", text)
    if match is None:
        raise ValueError(f"not a number of days: {text}")
    return float(match[1])


def _links(tokens: list[str], at: int) -> tuple[list[Link], int]:
    links = []
    while True:
        link = Link(tokens[at])
        at += 1
        if tokens[at] == "{":
            link.elapsed = tokens[at + 1] == "gapduration"
            link.gap = _days(tokens[at + 2])
            at += 4
        links.append(link)
        if tokens[at] != ",":
            return links, at
        at += 1


def resolve(task: Task, path: str, by_id: dict[str, Task]) -> Task:
    """The task that a relative path (`!!alpha.alpha_drop`) leads to from the task that names it."""
    ups = len(path) - len(path.lstrip("!"))
    base: Task | None = task
    for _ in range(ups):
        base = base.parent if base else None
    rest = path.lstrip("!")
    return by_id[f"{base.id}.{rest}" if base and ups else rest]


def codes_of(tasks: list[Task]) -> dict[str, str]:
    """A short code per task: the last part of its path, numbered where several have the same."""
    codes: dict[str, str] = {}
    used: set[str] = set()
    for task in tasks:
        stem = re.sub(r"[^A-Za-z0-9._-]", "-", task.id.rsplit(".", 1)[-1])[:CODE_LENGTH]
        code, number = stem, 2
        while code.casefold() in used:
            code, number = f"{stem[: CODE_LENGTH - 3]}-{number}", number + 1
        used.add(code.casefold())
        codes[task.id] = code
    return codes


def _start_of(task: Task) -> date | None:
    """The start written on a task or inherited from the nearest task above it that has one."""
    at: Task | None = task
    while at is not None and at.start is None:
        at = at.parent
    return at.start if at else None


def _on_the_clock(task: Task, by_id: dict[str, Task]) -> bool:
    """Whether a milestone lies so many days on the clock after something, or at such a milestone: on any weekday."""
    if task.children or task.length is not None or task.duration is not None:
        return False
    return any(
        link.elapsed or (not link.gap and _on_the_clock(resolve(task, link.path, by_id), by_id))
        for link in task.depends
    )


def _leaves(task: Task) -> list[Task]:
    return [task] if not task.children else [leaf for child in task.children for leaf in _leaves(child)]


def _number(value: float) -> str:
    return f"{value:g}"


def write_bundle(tasks: list[Task], wbs: dict[str, str], out: Path) -> None:
    """The bundle's files, in the order of the source."""
    by_id = {task.id: task for task in tasks}
    codes = codes_of(tasks)
    begin = tasks[0].start
    if begin is None:
        raise ValueError("the plan has no start")
    links = _dependencies(tasks, by_id, codes)
    work = sum(not task.children for task in tasks)
    _write(out / "program.csv", ["code", "name", "time_zone"], [["FEDORA", "Fedora", "America/New_York"]])
    _write(
        out / "projects.csv",
        [
            "project_id",
            "name",
            "kind",
            "hours_per_day",
            "calendar_id",
            "lag_calendar",
            "start",
            "activities",
            "dependencies",
        ],
        [
            [
                PROJECT,
                tasks[0].name,
                "software",
                HOURS_PER_DAY,
                WORK,
                "project",
                begin.isoformat(),
                work,
                len(links),
            ]
        ],
    )
    _write(
        out / "calendars.csv",
        ["calendar_id", "name", "working_hours", "non_working_weekdays_mon0", "holidays"],
        [
            [WORK, "Monday to Friday", "09:00-12:00 13:00-18:00", "5 6", ""],
            [CLOCK, "Around the clock", "00:00-24:00", "", ""],
        ],
    )
    rows = []
    for task in tasks:
        kind = "group" if task.children else "milestone"
        hours = calendar = constraint = when = ""
        if task.length is not None:
            kind, hours = "activity", _number(task.length * HOURS_PER_DAY)
        elif task.duration is not None:
            kind, hours, calendar = "activity", _number(task.duration * 24), CLOCK
        elif _on_the_clock(task, by_id):
            calendar = CLOCK
        fixed = _start_of(task)
        if fixed is not None and fixed != begin and not task.children:
            constraint, when = "SNET", fixed.isoformat()
        parent = codes[task.parent.id] if task.parent else ""
        rows.append(
            [
                PROJECT,
                kind,
                codes[task.id],
                wbs[task.id],
                task.name,
                parent,
                hours,
                calendar,
                constraint,
                when,
                task.id,
            ]
        )
    _write(
        out / "activities.csv",
        _COLUMNS,
        rows,
    )
    _write(
        out / "dependencies.csv",
        ["project_id", "from_activity", "to_activity", "type", "lag_hours", "lag_unit"],
        links,
    )


def _dependencies(tasks: list[Task], by_id: dict[str, Task], codes: dict[str, str]) -> list[list[str]]:
    rows = []
    for task in tasks:
        for link in task.depends:
            source = resolve(task, link.path, by_id)
            hours = link.gap * (24 if link.elapsed else HOURS_PER_DAY)
            rows.append(
                [
                    codes[source.id],
                    codes[task.id],
                    "FS",
                    _number(hours),
                    "elapsed" if link.elapsed else "working",
                ]
            )
        for link in task.precedes:
            # Scheduled backwards from what it precedes: it ends so long before that starts.
            later = resolve(task, link.path, by_id)
            hours = -link.gap * HOURS_PER_DAY or 0.0
            rows.extend(
                [codes[later.id], codes[leaf.id], "SF", _number(hours), "working"] for leaf in _leaves(task)
            )
    return [[PROJECT, *row] for row in rows]


def _write(path: Path, header: list[str], rows: list[list[object]] | list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main(source: Path, computed: Path, out: Path) -> None:
    """Read the source and the WBS numbers of the computed schedule; write the bundle."""
    tasks = read_source(source.read_text(encoding="utf-8"))
    with computed.open(encoding="utf-8", newline="") as rows:
        wbs = {row["task_id"]: row["wbs"] for row in csv.DictReader(rows)}
    missing = {task.id for task in tasks} ^ wbs.keys()
    if missing:
        raise ValueError(f"source and schedule differ in {sorted(missing)[:5]}")
    out.mkdir(parents=True, exist_ok=True)
    write_bundle(tasks, wbs, out)
    print(f"{len(tasks)} tasks written to {out}")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
