"""`manage.py import_bundle` as a process, with real commits: dry run, acceptance, repeat, refusal, kill -9."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from psycopg2.extensions import connection as PostgresConnection

from finance.imports import bundles
from pmo import commands
from pmo.outbox.models import Outbox
from programs.exchange import sandbox, services
from programs.exchange.models import PlanImport
from programs.exchange.tasks import read_import
from tests.cast import Office, everything, make_office
from tests.conftest import OwnDatabase
from tests.programs.exchange.bundles import GOOD, as_bytes, spoilt, zipped
from tests.shared import shared

INSURER = "01_dslib_real_projects/it_programme_insurer"
PLAN = ("programs_activity", "programs_dependency", "programs_progress", "programs_baselineactivity")
Import = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def import_bundle(own_database: OwnDatabase, manage: list[str]) -> Import:
    """Run the command to its end."""

    def run(*arguments: object, command: str = "import_bundle") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*manage, command, *map(str, arguments)],
            env=own_database.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def exported(run: Import, *arguments: object) -> subprocess.CompletedProcess[str]:
    return run(*arguments, command="export_plan")


def rows(owner: PostgresConnection, *tables: str) -> dict[str, int]:
    found = {}
    with owner.cursor() as cursor:
        for table in tables or PLAN:
            cursor.execute(f"select count(*) from {table}")  # noqa: S608 - names of this file
            found[table] = cursor.fetchone()[0]
    return found


def folder(path: Path, files: dict[str, bytes]) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path


def test_a_dry_run_stores_nothing_and_an_accepted_one_comes_in_once(
    import_bundle: Import, as_owner: PostgresConnection, tmp_path: Path
) -> None:
    bundle = folder(tmp_path / "retail", as_bytes(GOOD))
    make = (
        "--program",
        "RETAIL",
        "--create",
        "Retail renewal",
        "--currency",
        "EUR",
        "--time-zone",
        "Europe/Brussels",
    )
    tried = import_bundle(bundle, *make)
    assert tried.returncode == 0, tried.stderr
    lines = tried.stdout.splitlines()
    assert {"format: bundle", "projects: 2", "activities: 5", "dependencies: 4"} <= set(lines)
    assert "activities: 6 created, 0 changed, 0 unchanged, 0 only here" in lines
    assert lines[-1] == "Dry run: nothing was stored."
    assert rows(as_owner, "programs_program", "programs_planimport", *PLAN) == dict.fromkeys(
        ("programs_program", "programs_planimport", *PLAN), 0
    )
    done = import_bundle(bundle, *make, "--accept")
    assert done.returncode == 0, done.stderr
    assert "Accepted into RETAIL as import 1." in done.stdout.splitlines()
    assert rows(as_owner)["programs_activity"] == 6
    with as_owner.cursor() as cursor:
        cursor.execute("select name, currency, time_zone, plan_version from programs_program")
        assert cursor.fetchall() == [("Retail renewal", "EUR", "Europe/Brussels", 1)]
        cursor.execute("select sum(amount_minor) from finance_actualline")
        assert cursor.fetchone()[0] == 9_995, "the cost that the bundle lists is in the ledger"
    for more in ((), ("--accept",), ("--create", "Retail renewal", "--accept")):
        again = import_bundle(bundle, "--program", "retail", *more)
        assert again.returncode == 0, again.stderr
        assert again.stdout.startswith("Nothing to do: this plan was accepted on ")
    assert rows(as_owner)["programs_activity"] == 6
    out = exported(import_bundle, "retail", "--output", tmp_path / "out.zip")
    assert out.returncode == 0, out.stderr
    assert out.stdout.startswith(f"{tmp_path / 'out.zip'}: ")
    back = import_bundle(tmp_path / "out.zip", "--program", "RETAIL")
    assert "activities: 0 created, 0 changed, 6 unchanged, 0 only here" in back.stdout.splitlines()


def test_problems_are_printed_by_place_and_end_with_one_wrong_use_with_two(
    import_bundle: Import, as_owner: PostgresConnection, tmp_path: Path
) -> None:
    bad = folder(tmp_path / "bad", spoilt("activities.csv", "Build,,,40", "Build,,,-40"))
    refused = import_bundle(bad, "--program", "RETAIL", "--create", "Retail", "--accept")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[0].startswith("activities.csv:6:duration_hours: ")
    assert rows(as_owner, "programs_program", "programs_planimport") == {
        "programs_program": 0,
        "programs_planimport": 0,
    }
    empty = import_bundle(folder(tmp_path / "empty", {}), "--program", "RETAIL", "--create", "Retail")
    assert empty.returncode == 1
    assert "projects.csv" in empty.stderr
    assert import_bundle(bad, "--program", "NOBODY").returncode == 2
    assert import_bundle(tmp_path / "nowhere", "--program", "RETAIL", "--create", "x").returncode == 2
    assert import_bundle(bad).returncode == 2


def test_the_insurers_program_comes_in_whole_from_the_command_line(
    import_bundle: Import, as_owner: PostgresConnection
) -> None:
    done = import_bundle(shared(INSURER), "--program", "INSURER", "--create", "Insurer's program", "--accept")
    assert done.returncode == 0, done.stderr
    assert rows(as_owner) == {
        "programs_activity": 621,
        "programs_dependency": 535,
        "programs_progress": 2434,
        "programs_baselineactivity": 515,
    }
    with as_owner.cursor() as cursor:
        cursor.execute(
            "select currency, status_at is not null, calendar_id is not null from programs_program"
        )
        assert cursor.fetchall() == [("EUR", True, True)]


@pytest.mark.proof
def test_earned_value_of_the_imported_program_is_its_oracles_to_the_cent_on_every_row(
    import_bundle: Import, own_database: OwnDatabase, manage: list[str]
) -> None:
    """File to figures through the doors people use: import_bundle, then earned_value, against PMConverter's evm.csv."""
    done = import_bundle(
        shared(INSURER),
        "--program",
        "INSURER",
        "--create",
        "Insurer",
        "--time-zone",
        "Europe/Brussels",
        "--accept",
    )
    assert done.returncode == 0, done.stderr
    told = subprocess.run(
        [*manage, "earned_value", "INSURER", "--csv"],
        env=own_database.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    ours = {(row["project_id"], row["period"]): row for row in csv.DictReader(told.stdout.splitlines())}
    with (shared(INSURER) / "expected" / "evm.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    money = ["bac", "pv", "ev", "ac", "sv", "cv", *(name for name in expected[0] if name.startswith("eac_"))]
    assert len(money) > 10
    assert len(expected) == len(ours) == 44
    off = [
        f"{row['project_id']} {row['period']} {name}: {ours[row['project_id'], row['period']][name]} not {row[name]}"
        for row in expected
        for name in money
        if cents(ours[row["project_id"], row["period"]][name]) != cents(row[name])
    ]
    assert not off, off


def cents(text: str) -> Decimal:
    """An amount rounded half-even to cents."""
    return Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


@pytest.mark.fault
def test_an_importer_killed_in_the_middle_leaves_nothing_and_a_repeat_works(
    import_bundle: Import, own_database: OwnDatabase, manage: list[str], as_owner: PostgresConnection
) -> None:
    made = import_bundle(shared(INSURER), "--program", "INSURER", "--create", "Insurer's program")
    assert made.returncode == 0, made.stderr
    killed_inside = 0
    for table in ("programs_activity", "programs_progress", "finance_actualline"):
        process = subprocess.Popen(
            [
                *manage,
                "import_bundle",
                str(shared(INSURER)),
                "--program",
                "INSURER",
                "--create",
                "Insurer",
                "--accept",
            ],
            env=own_database.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        killed_inside += _killed_while_writing(process, table, as_owner)
        _until_gone(as_owner)
        assert rows(as_owner, *PLAN, "finance_actualline", "finance_journal") == dict.fromkeys(
            (*PLAN, "finance_actualline", "finance_journal"), 0
        )
        with as_owner.cursor() as cursor:
            cursor.execute("select count(*) from programs_planimport where state = 'accepted'")
            assert cursor.fetchone()[0] == 0
    assert killed_inside == 3, "each kill met a transaction that had written"
    again = import_bundle(shared(INSURER), "--program", "INSURER", "--accept")
    assert again.returncode == 0, again.stderr
    assert rows(as_owner)["programs_progress"] == 2434


def _killed_while_writing(process: subprocess.Popen[bytes], table: str, owner: PostgresConnection) -> bool:
    """Kill -9 as soon as the process holds a write lock on the table; whether it did before it ended."""
    query = """select count(*) from pg_locks l join pg_class c on c.oid = l.relation
                where c.relname = %s and l.mode = 'RowExclusiveLock' and l.database =
                      (select oid from pg_database where datname = current_database())"""
    try:
        while process.poll() is None:
            with owner.cursor() as cursor:
                cursor.execute(query, [table])
                if cursor.fetchone()[0]:
                    os.kill(process.pid, signal.SIGKILL)
                    process.wait()
                    return True
            time.sleep(0.005)
        return False
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _until_gone(owner: PostgresConnection) -> None:
    """The server notices a dead client when it next speaks to it: wait until its transaction is over."""
    for _ in range(600):
        with owner.cursor() as cursor:
            cursor.execute(
                """select count(*) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid() and state like '%active%'"""
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    pytest.fail("the killed importer's transaction is still there")


def test_two_people_who_accept_at_once_bring_about_one_effect(
    own_database: OwnDatabase, as_owner: PostgresConnection
) -> None:
    office: Office = make_office()
    read = sandbox.read_upload(_zip(), "retail.zip")
    staged = commands.run(
        services.stage,
        actor=office.program_manager,
        program=office.program,
        file_name="retail.zip",
        read=read,
    )
    gate = threading.Barrier(4)
    said: list[Any] = []

    def press(role: str) -> None:
        try:
            gate.wait()
            done = commands.run(bundles.accept, actor=office.people[role], plan_import=staged.plan_import)
            said.append(done.plan.already)
        except Exception as error:
            said.append(error)
        finally:
            connections.close_all()

    people = [threading.Thread(target=press, args=(role,)) for role in ("program_manager", "staff") * 2]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(map(str, said)) == ["False", "True", "True", "True"]
    assert rows(as_owner)["programs_activity"] == 6
    with as_owner.cursor() as cursor:
        cursor.execute("select plan_version from programs_program")
        assert cursor.fetchone()[0] == 1
        cursor.execute("select count(*), sum(amount_minor) from finance_actualline")
        assert cursor.fetchone() == (1, 9_995)


def _zip() -> bytes:
    return zipped(as_bytes(GOOD))


def test_a_worker_reads_a_larger_file_once(own_database: OwnDatabase) -> None:
    office = make_office()
    kept = commands.run(
        services.receive, actor=office.staff, program=office.program, file_name="retail.zip", data=_zip()
    )
    broken = commands.run(
        services.receive,
        actor=office.staff,
        program=office.program,
        file_name="x.zip",
        data=b"PK\x03\x04 no zip",
    )
    with _looking(office):
        work = list(Outbox.objects.order_by("pk").values_list("pk", flat=True))
    assert len(work) == 2
    for row in (*work, *work):
        read_import(row, office.program.pk)
    with _looking(office):
        kept.refresh_from_db()
        broken.refresh_from_db()
        assert (kept.state, broken.state) == (PlanImport.State.READ, PlanImport.State.REFUSED)
        assert services.UPLOAD not in kept.draft
        assert broken.draft == {}
        assert "not a readable zip" in broken.problems[0]["sentence"]
        assert set(Outbox.objects.values_list("state", flat=True)) == {"sent"}
    assert not commands.run(bundles.accept, actor=office.staff, plan_import=kept).plan.already


def _looking(office: Office) -> Any:
    stack = ExitStack()
    stack.enter_context(transaction.atomic())
    stack.enter_context(everything(office.program))
    return stack


def test_what_a_file_lost_is_taken_out_of_the_projects_named_and_the_others_keep_it(
    import_bundle: Import, as_owner: PostgresConnection, tmp_path: Path
) -> None:
    header, *lines = GOOD["activities.csv"].splitlines()
    kept = [line for line in lines if not line.startswith(("NET,activity,N2", "APP,activity,A1"))]
    later = GOOD | {
        "activities.csv": "\n".join([header, *kept]) + "\n",
        "dependencies.csv": GOOD["dependencies.csv"].splitlines()[0] + "\n,NET,APP,N3,A2,FS,-8,working\n",
    }
    without = {name: text for name, text in GOOD.items() if name not in ("budget.csv", "actuals.csv")}
    first = folder(tmp_path / "first", as_bytes(without))
    second = folder(tmp_path / "second", as_bytes({name: later[name] for name in without}))
    made = import_bundle(first, "--program", "RETAIL", "--create", "Retail", "--accept")
    assert made.returncode == 0, made.stderr
    told = import_bundle(second, "--program", "RETAIL")
    assert "not in the file any more, APP: 2 can be taken out, 0 stay" in told.stdout
    wrong = import_bundle(second, "--program", "RETAIL", "--accept", "--take-out", "XYZ")
    assert (wrong.returncode, "XYZ is not a project of this file" in wrong.stderr) == (1, True)
    done = import_bundle(second, "--program", "RETAIL", "--accept", "--take-out", "APP")
    assert done.returncode == 0, done.stderr
    assert "not in the file any more, APP: 2 taken out, 0 stay" in done.stdout
    with as_owner.cursor() as cursor:
        cursor.execute("select code from programs_activity where code in ('A1', 'N2')")
        assert cursor.fetchall() == [("N2",)]
    again = import_bundle(second, "--program", "RETAIL", "--accept", "--take-out", "NET")
    assert again.returncode == 0, again.stderr
    with as_owner.cursor() as cursor:
        cursor.execute("select count(*) from programs_activity where code in ('A1', 'N2')")
        assert cursor.fetchone() == (0,)
