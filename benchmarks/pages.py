"""What each page costs: queries, CPU and size, through the whole middleware, in a database of the benchmark's own.

    python -m benchmarks.pages [--data insurer,example,1000,5000,10000] [--rounds 15] [--write] [--profile NAME]

CPU is this process's own; what PostgreSQL's process for our connection spent stands beside it, and a budget is for
both together. Rounds are interleaved
with two reference pages of the same run (`/bench/fixed/`, `/bench/rows/`), since milliseconds on a shared machine
compare with nothing. Queries "besides" leave out what every page pays (session, user, scope and memberships, the
transaction's mode). `--write` puts the tables into docs/performance.md. The database stays under
`var/bench` (or PMO_STATE_DIR) and is used again; remove the folder to begin anew.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import platform
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("PMO_STATE_DIR", str(ROOT / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmo.settings")
os.environ["PMO_PROCESS"] = "web"

PERFORMANCE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- written by benchmarks.pages -->", "<!-- end -->"
QUERIES, AS_OF_QUERIES, EDIT_QUERIES = (
    12,
    20,
    1000,
)  # a command is held to its time, not to a number of statements
CPU, EDIT_CPU = 60.0, 150.0  # milliseconds, ours and PostgreSQL's together
FRAME = ("django_session", "set transaction", "set_config('app.", '"pmo_user"."id" =')
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Measured:
    """One page: every request's queries and CPU seconds."""

    label: str
    ask: Callable[[], Any]
    most_queries: int = QUERIES
    most_cpu: float = CPU
    queries: int = 0
    besides: int = 0
    size: int = 0
    status: int = 0
    cpu: list[float] = field(default_factory=list)
    backend: float = 0.0
    wall: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """CPU milliseconds of our process."""
        return 1000 * statistics.median(self.cpu)

    @property
    def database(self) -> float:
        """Mean CPU milliseconds of PostgreSQL's process (its clock ticks are too coarse for one request)."""
        return 1000 * self.backend / len(self.cpu)

    def missed(self) -> list[str]:
        """The budgets it does not keep, in words."""
        found = [] if self.status == 200 else [f"answers {self.status}"]
        found += [f"{self.besides} queries"] if self.besides > self.most_queries else []
        spent = self.median + self.database
        return found + ([f"{spent:.0f} ms"] if spent > self.most_cpu else [])


class Statements:
    """Counts what goes to the database, apart from the frame that every page has."""

    def __init__(self) -> None:
        self.all: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.all.append(sql)
        return execute(sql, params, many, context)

    @property
    def besides(self) -> list[str]:
        """Those that are the page's own."""
        return [sql for sql in self.all if not any(mark in sql for mark in FRAME)]


def backend_ticks(pid: int) -> int:
    """CPU ticks of the PostgreSQL process that serves our connection; 0 where it cannot be looked at."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(stat[11]) + int(stat[12])


def pages(client: Any, program: Any) -> list[Measured]:
    """The main pages, the edit of one cell, and lists of the API."""
    from django.db import transaction  # this and the next two only after Django is set up

    from pmo.scope import system_scope
    from programs.schedule.models import Activity

    code = program.code
    base, api = f"/p/{code}/", f"/api/v1/programs/{code}/"

    def get(path: str) -> Callable[[], Any]:
        return lambda: client.get(path)

    made = [
        Measured("dashboard", get(base)),
        Measured("master plan", get(f"{base}plan/")),
        Measured("master plan, critical only", get(f"{base}plan/?critical=1")),
        Measured("projects", get(f"{base}projects/")),
        Measured("risks", get(f"{base}risks/")),
        Measured("budget", get(f"{base}budget/")),
        Measured("spend", get(f"{base}spend/")),
        Measured("earned value", get(f"{base}earned-value/")),
        Measured("capital requests", get(f"{base}capital-requests/")),
        Measured("ledger", get(f"{base}ledger/")),
        Measured("decisions", get(f"{base}decisions/")),
        Measured("reports", get(f"{base}reports/")),
        Measured("API: activities", get(f"{api}activities/")),
        Measured("API: dependencies", get(f"{api}dependencies/")),
        Measured("API: risks", get(f"{api}risks/")),
    ]
    with (
        transaction.atomic(),
        system_scope([program.pk], reason="the benchmark looks for an activity to edit"),
    ):
        leaves = Activity.objects.filter(program=program, kind="task", duration_minutes__gt=0).order_by("pk")
        chosen = leaves.filter(actual_start=None).first() or leaves.first()
    known = f"?known={time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}"
    made.insert(1, Measured("dashboard, as known", get(base + known), AS_OF_QUERIES))
    made.insert(4, Measured("master plan, as known", get(f"{base}plan/{known}"), AS_OF_QUERIES))
    days = iter(range(2, 10**6))

    def edit() -> Any:
        """Another number of days each time: every edit computes the plan and shows it with its new dates."""
        typed = {"days": str(2 + next(days) % 7)}
        return client.post(f"{base}plan/{chosen.pk}/days/", typed, headers={"HX-Request": "true"})

    made.insert(5, Measured("edit of one activity's days", edit, EDIT_QUERIES, EDIT_CPU))
    return made


def measure(measured: list[Measured], rounds: int) -> None:
    """Three requests each to warm up (and to count), then interleaved rounds, in a process like the web server's."""
    from django.db import connection

    import pmo.wsgi  # noqa: F401  (what it loads and settles as the server starts)

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        pid = cursor.fetchone()[0]
    for one in measured:
        for _ in range(3):
            counted = Statements()
            with connection.execute_wrapper(counted):
                response = one.ask()
            one.status, one.size = response.status_code, len(response.content)
            one.queries, one.besides = len(counted.all), len(counted.besides)
    for _ in range(rounds):
        for one in measured:
            ticks, wall, cpu = backend_ticks(pid), time.perf_counter(), time.process_time()
            one.ask()
            one.cpu.append(time.process_time() - cpu)
            one.wall.append(time.perf_counter() - wall)
            one.backend += (backend_ticks(pid) - ticks) / TICK


def table(measured: list[Measured], fixed: Measured, rows: Measured) -> list[str]:
    """Lines of Markdown."""
    lines = [
        "| page | queries | besides | CPU ms median | min | PostgreSQL ms | x fixed | x rows | KB | misses |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for one in measured:
        missed = ", ".join(one.missed()) if one not in (fixed, rows) else ""
        lines.append(
            f"| {one.label} | {one.queries} | {one.besides} | {one.median:.1f} | {1000 * min(one.cpu):.1f} "
            f"| {one.database:.0f} | {one.median / fixed.median:.0f} "
            f"| {one.median / rows.median:.1f} | {one.size / 1024:.0f} | {missed} |"
        )
    return lines


def machine() -> str:
    """What it ran on, in one line."""
    cpu = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{os.cpu_count()} x {cpu}, {platform.system()}, Python {platform.python_version()}; "
        f"load average {load}, so others were at work too"
    )


def write(sections: list[str], command: str) -> None:
    """Put the tables between their marks in docs/performance.md."""
    text = PERFORMANCE.read_text()
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    written = "\n".join(
        [BEGIN, f"`{command}` on {time.strftime('%d %b %Y').lstrip('0')}: {machine()}.", *sections]
    )
    PERFORMANCE.write_text(f"{before}{written}\n{END}{after}")


def profile(one: Measured) -> None:
    """Where one page spends its time, and its statements."""
    from django.db import connection

    one.ask()
    counted = Statements()
    with connection.execute_wrapper(counted):
        one.ask()
    for sql in counted.besides:
        print("-", " ".join(sql.split())[:400])
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(5):
        one.ask()
    profiler.disable()
    pstats.Stats(profiler, stream=sys.stdout).sort_stats("cumulative").print_stats(70)


def run(given: argparse.Namespace) -> None:
    """Measure every data set asked for."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections
    from django.test import Client

    from benchmarks import page_data
    from pmo.database import migrating

    settings.ALLOWED_HOSTS = ["localhost"]
    migrating.migrate()
    call_command("grants", verbosity=0)
    names = given.data.split(",") if given.data else ["insurer" if page_data.INSURER.exists() else "example"]
    sections = []
    prepared = page_data.prepare(names)
    with connections["owner"].cursor() as cursor:  # as autovacuum does within a minute of an import
        cursor.execute("vacuum analyze")
    for label, program, who in prepared:
        client = Client(headers={"host": "localhost"})
        client.force_login(who)

        def get(path: str, client: Client = client) -> Callable[[], Any]:
            return lambda: client.get(path)

        fixed = Measured("(reference: /bench/fixed/)", get("/bench/fixed/"))
        rows = Measured("(reference: /bench/rows/)", get("/bench/rows/"))
        own = pages(client, program)
        if given.profile:
            profile(next(one for one in own if one.label == given.profile))
            continue
        measured = [fixed, rows, *own]
        measure(measured, given.rounds)
        size = page_data.size(program)
        lines = table(measured, fixed, rows)
        sections += ["", f"### {label}: {size}", "", *lines]
        print("\n".join(["", f"{label}: {size}", *lines]), flush=True)
    if given.write and sections:
        write(sections, "python -m benchmarks.pages " + " ".join(sys.argv[1:]))


def main() -> None:
    """Servers of its own, then every data set."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", help="insurer, example, or numbers of activities, separated by commas")
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    options.add_argument("--profile", metavar="NAME", help="statements and profile of one page instead")
    given = options.parse_args()
    from pmo import embedded_lock  # only now is the state directory named

    with embedded_lock.servers("benchmarks.pages"):
        run(given)


if __name__ == "__main__":
    main()
