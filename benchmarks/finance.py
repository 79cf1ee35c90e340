"""What money costs at a million rows, in a database of the benchmark's own; one subcommand for each question.

    python -m benchmarks.finance spend [--rows 1000000] [--rounds 7] [--only vendor]
    python -m benchmarks.finance import [--rows 1000000]

`spend`: one program with that many postings and that many cost lines (10 projects, 60 months, 6 categories, capital and
operating, 500 vendors): CPU of each cut of the spend page (ours and PostgreSQL's) with its queries, of the registers
under its figures, and time and memory of the report as PDF, workbook and CSV. The ledger is made once, by SQL behind
the product's own triggers that keep balances and sums (only the check at commit that each journal is whole is off
meanwhile), and stays under `var/bench` (or PMO_STATE_DIR).
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("PMO_STATE_DIR", str(ROOT / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmo.settings")
os.environ["PMO_PROCESS"] = "web"

PROJECTS, MONTHS, VENDORS, PART = 10, 60, 500, 50_000
CATEGORIES = ("labour", "hardware", "software", "services", "facilities", "travel")
FRAME = """
insert into finance_account (program_id, project_id, category, nature, currency, kind)
  select %(program)s, p.id, c, n, 'EUR', k from programs_project p, unnest(%(categories)s) c,
         unnest(array['capital', 'operating']) n, unnest(array['funding', 'available', 'spent']) k
   where p.program_id = %(program)s;
create temporary table bench_places as
  select row_number() over (order by project_id, category, nature) - 1 as place, project_id, category, nature,
         max(id) filter (where kind = 'funding') as funding, max(id) filter (where kind = 'available') as available,
         max(id) filter (where kind = 'spent') as spent
    from finance_account where program_id = %(program)s group by 2, 3, 4;
create temporary table bench_months as
  select row_number() over (order by starts_on) - 1 as month, id, starts_on from finance_fiscalperiod
   where program_id = %(program)s;
"""
# The budget comes in as entries of kind `release`, since only a decision grants; what adds them up does not care.
# Places, months and days are spread by hash, so that every cell is filled; each place buys from fifty of the vendors.
ENTER = """
create temporary table bench_part on commit drop as
  select n, gen_random_uuid() as id, abs(hashint8(n)::bigint) %% 28 as day, 1000 + n * 7919 %% 900000 as amount,
         case when %(kind)s = 'release' then n else abs(hashint8(n + 1000000007)::bigint) end %% places as place,
         case when %(kind)s = 'release' then n / places else abs(hashint8(n + 2000000011)::bigint) %% months end
           as month
    from generate_series(%(first)s::bigint, %(last)s::bigint) n, (select count(*) as places from bench_places) p,
         (select count(*) as months from bench_months) m;
insert into finance_journal (id, program_id, currency, kind, period_id, effective, text, source_kind, source_id, legs)
  select p.id, %(program)s, 'EUR', %(kind)s, m.id, m.starts_on + p.day::int, 'Costs ' || p.n, '', '', 2
    from bench_part p join bench_months m on m.month = p.month;
insert into finance_posting (journal_id, program_id, currency, account_id, amount)
  select p.id, %(program)s, 'EUR', case when %(kind)s = 'release' then w.funding else w.available end, -p.amount
    from bench_part p join bench_places w on w.place = p.place
  union all
  select p.id, %(program)s, 'EUR', case when %(kind)s = 'release' then w.available else w.spent end, p.amount
    from bench_part p join bench_places w on w.place = p.place;
"""
LINES = """
insert into finance_actualline (program_id, batch_id, journal_id, source_reference, project_id, category, nature,
       period_id, effective, currency, amount_exact, amount_minor, vendor, text)
  select %(program)s, %(batch)s, p.id, 'INV-' || p.n || '-' || half, w.project_id, w.category, w.nature, m.id,
         m.starts_on + p.day::int, 'EUR', part, part,
         'Vendor ' || (p.place * 13 + abs(hashint8(p.n * 2 + half)::bigint) %% 50 * 7) %% %(vendors)s,
         'Cost number ' || p.n
    from bench_part p join bench_places w on w.place = p.place join bench_months m on m.month = p.month,
         lateral (values (0, p.amount / 2), (1, p.amount - p.amount / 2)) as halves(half, part);
"""


def ledger(rows: int) -> tuple[Any, Any]:
    """The program with its million rows and who looks at it; made where missing."""
    from django.db import connections, transaction

    from benchmarks import page_data
    from finance.imports.models import ActualBatch
    from finance.structure import periods
    from pmo import commands
    from pmo.accounts.models import Membership, User
    from pmo.accounts.roles import Role
    from programs.portfolio import services as portfolio
    from programs.portfolio.models import Project

    code = f"L{rows}"
    with transaction.atomic():
        reader = User.objects.filter(email=page_data.READER).first() or User.objects.create_user(
            page_data.READER, "benchmark of pages", name="Reader"
        )
    if page_data._pk(code) is not None:
        return page_data._program(code), reader

    def make(*, by: User | None, at: datetime) -> Any:
        made = portfolio.create_program(
            code=code, name="A large ledger", currency="EUR", starts_at=at, by=None, at=at
        )
        return made

    def furnish(*, by: User | None, at: datetime, program: Any) -> int:
        for n in range(PROJECTS):
            Project.objects.create(program=program, code=f"P{n}", name=f"Project {n}", position=n)
        Membership.objects.create(
            program=program, user=reader, role=Role.PROGRAM_MANAGER, valid_from=at.date().replace(year=2020)
        )
        periods.ensure(program, [f"{2022 + n // 12}-{n % 12 + 1:02}" for n in range(MONTHS)])
        return ActualBatch.objects.create(
            program=program,
            file_name="bench.csv",
            digest="0" * 64,
            uploaded_at=at,
            accepted_at=at,
            state="accepted",
        ).pk

    program = commands.run(make, actor=None, scope=[])
    batch = commands.run(furnish, actor=None, scope=[program.pk], program=program)
    values = {"program": program.pk, "categories": list(CATEGORIES), "batch": batch, "vendors": VENDORS}
    journals, began = rows // 2, time.perf_counter()
    owner = connections["owner"]
    checks = [(table, f"{table}_is_whole") for table in ("finance_journal", "finance_posting")]
    with owner.cursor() as cursor:
        for table, trigger in checks:
            cursor.execute(f"alter table {table} disable trigger {trigger}")
        cursor.execute(FRAME, values)
        plan = [
            ("release", 0, 7_199),
            *(("actual", n, min(n + PART, journals) - 1) for n in range(0, journals, PART)),
        ]
        for kind, first, last in plan:
            with transaction.atomic(using="owner"):
                scale = ENTER.replace("n * 7919 %% 900000", "2000000000") if kind == "release" else ENTER
                cursor.execute(scale, values | {"kind": kind, "first": first, "last": last})
                if kind == "actual":
                    cursor.execute(LINES, values)
            print(f"  {kind} {last + 1:,} of {journals:,}, {time.perf_counter() - began:.0f} s", flush=True)
        for table, trigger in checks:
            cursor.execute(f"alter table {table} enable trigger {trigger}")
    return page_data._program(code), reader


def spend(given: argparse.Namespace) -> None:
    """Pages, registers and the report on a million rows."""
    from django.conf import settings
    from django.db import connections
    from django.test import Client

    from benchmarks import pages, spend_pages

    program, reader = ledger(given.rows)
    with connections["owner"].cursor() as cursor:
        cursor.execute("vacuum analyze")
    connections["default"].close()  # it may have been idle for as long as the ledger took to make
    import_module(settings.ROOT_URLCONF)  # not inside the first page's transaction
    client = Client(headers={"host": "localhost"})
    client.force_login(reader)

    def page(path: str, label: str = "") -> Any:
        return pages.Measured(label or path, lambda: client.get(path), most_cpu=spend_pages.MOST)

    fixed, rows = page("/bench/fixed/", "(fixed)"), page("/bench/rows/", "(rows)")
    base = f"/p/{program.code}/"
    own = [page(base + path, path) for path in spend_pages.PAGES if given.only in path]
    pages.measure([fixed, rows, *own], given.rounds)
    print(f"{pages.machine()}\n" + "\n".join(spend_pages.verdicts([fixed, rows, *own], fixed)), flush=True)
    if not given.only:
        report(program)


def report(program: Any) -> None:
    """Build and render the spend report: seconds, and the most memory that this process ever held."""
    from django.db import transaction

    from finance.spend import reports
    from pmo.reports.tasks import RENDERERS
    from pmo.scope import system_scope

    moment = datetime(2026, 12, 31, 23, tzinfo=UTC)
    run: Any = SimpleNamespace(program_id=program.pk, as_of=moment, known=datetime.now(UTC))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    with transaction.atomic(), system_scope([program.pk], reason="the benchmark builds a report"):
        document = reports.build(run, lambda step, percent: None)
    print(
        f"report read: {time.perf_counter() - wall:.1f} s wall, {time.process_time() - cpu:.1f} s CPU of ours"
    )
    for name, (_, render) in RENDERERS.items():
        began, used = time.perf_counter(), time.process_time()
        size = len(render(document))
        print(
            f"report {name}: {time.perf_counter() - began:.1f} s wall, {time.process_time() - used:.1f} s CPU, "
            f"{size / 1024:,.0f} KB"
        )
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"whole report: {time.perf_counter() - wall:.1f} s; memory {before / 1024:.0f} -> {most / 1024:.0f} MB at most"
    )


def import_(given: argparse.Namespace) -> None:
    """A file of cost, read and entered (see `benchmarks.importing`)."""
    from benchmarks import importing

    importing.run(given)


QUESTIONS = {"spend": spend, "import": import_}


def main() -> None:
    """Servers of its own, then the question."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("question", choices=QUESTIONS)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--only", default="", help="of the pages, those whose address has this in it")
    given = options.parse_args()
    from pmo import embedded_lock  # only now is the state directory named

    with embedded_lock.servers("benchmarks.finance"):
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        from pmo.database import migrating

        settings.ALLOWED_HOSTS = ["localhost"]
        migrating.migrate()
        call_command("grants", verbosity=0)
        QUESTIONS[given.question](given)


if __name__ == "__main__":
    main()
