"""What the tests themselves stand on: they are served as pages are, by a login that row security binds."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest
from django.db import connection, transaction

from pmo import embedded
from tests.conftest import Broker, OwnDatabase


@pytest.mark.django_db
def test_tests_are_neither_owner_nor_superuser_nor_above_row_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_user, rolsuper, rolbypassrls from pg_roles where rolname = current_user"
        )
        assert cursor.fetchone() == ("pmo_app", False, False)
        cursor.execute("select count(*) from pg_tables where tableowner = current_user")
        assert cursor.fetchone() == (0,)
        cursor.execute("select pg_has_role(current_user, 'pmo_owner', 'member')")
        assert cursor.fetchone() == (False,)


def test_a_database_of_its_own_keeps_commits_for_threads_and_other_logins(
    own_database: OwnDatabase, as_owner: "psycopg2.extensions.connection"
) -> None:
    with as_owner.cursor() as cursor:
        cursor.execute(
            "create table seen_by_all (who text); grant select, insert on seen_by_all to pmo_app, pmo_worker"
        )

    def write() -> None:
        with transaction.atomic(), connection.cursor() as other:
            other.execute("insert into seen_by_all values ('thread')")
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join(20)
    with own_database.connect("pmo_worker") as link, link.cursor() as cursor:
        cursor.execute("select who from seen_by_all")
        assert cursor.fetchall() == [("thread",)]


@pytest.mark.django_db
def test_the_owners_door_only_reads_in_an_ordinary_test(as_owner: "psycopg2.extensions.connection") -> None:
    with as_owner.cursor() as cursor, pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        cursor.execute("create table left_behind (id int)")


def test_a_started_command_reaches_the_same_database_and_broker(
    own_database: OwnDatabase, broker: Broker, manage: list[str]
) -> None:
    code = (
        "from django.db import connection as c; from pmo.celery import app\n"
        "cursor = c.cursor(); cursor.execute('select current_database(), current_user'); print(*cursor.fetchone())\n"
        "app.send_task('nobody.home')"
    )
    done = subprocess.run(
        [*manage, "shell", "--no-imports", "-c", code],
        env=own_database.environment | {"PMO_PROCESS": "worker"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [own_database.name, "pmo_worker"]
    assert broker.client.llen("pmo:default") == 1
    assert [broker.client.llen(f"pmo:{name}") for name in ("mail", "reports", "imports", "simulation")] == [
        0
    ] * 4


# ------------------------------------------------------------------ the environment is made only where it is missing
@pytest.fixture
def bare() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs manage.py in a Python that sees none of the project's packages."""

    def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        python = Path(sys.executable).resolve()
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **more}
        return subprocess.run(
            [str(python), "-S", str(embedded.ROOT / "manage.py"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_in_a_container_nothing_is_installed(bare: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    done = bare("check", PMO_NO_BOOTSTRAP="1")
    assert done.returncode != 0
    assert "missing here: django" in done.stderr and "requirements.txt" in done.stderr


def test_in_somebody_elses_activated_environment_nothing_is_installed(
    bare: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path: Path
) -> None:
    done = bare("test", VIRTUAL_ENV=str(tmp_path / "theirs"))
    assert done.returncode != 0
    assert "requirements-dev.txt" in done.stderr
    assert not (tmp_path / "theirs").exists()
