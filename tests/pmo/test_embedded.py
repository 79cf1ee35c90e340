"""The embedded servers: closed to the network, and back with their data after kill -9 of anything."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from pmo import embedded, embedded_processes
from pmo.embedded_servers import Postgres, Redis

PATIENCE = 30.0


def eventually(what: object, seconds: float = PATIENCE) -> bool:
    """Whether the callable becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A durable cluster of this module's own."""
    server = Postgres(tmp_path_factory.mktemp("pg"))
    server.start()
    yield server
    server.stop()


def connect(server: Postgres, role: str = "pmo_owner") -> "psycopg2.extensions.connection":
    link = psycopg2.connect(embedded.database_url(role, state=server.state))
    link.autocommit = True
    return link


def ask(server: Postgres, sql: str, role: str = "pmo_owner") -> list[tuple[object, ...]]:
    link = connect(server, role)
    with contextlib.closing(link), link.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_nothing_listens_on_the_network_and_only_this_user_enters_the_socket_directory(
    postgres: Postgres,
) -> None:
    assert ask(postgres, "show listen_addresses") == [("",)]
    assert stat.S_IMODE(postgres.run.stat().st_mode) == 0o700
    assert stat.S_IMODE(postgres.data.stat().st_mode) == 0o700


def test_the_logins_are_no_superusers_and_only_the_owner_may_create(postgres: Postgres) -> None:
    rows = ask(
        postgres,
        "select rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin"
        " from pg_roles where rolname like 'pmo\\_%' order by 1",
    )
    assert [row[0] for row in rows] == ["pmo_app", "pmo_owner", "pmo_relay", "pmo_worker"]
    assert all(row[1:] == (False, False, False, False, True) for row in rows)
    ask(postgres, "create table belongs_to_owner (id int)")
    for role in ("pmo_app", "pmo_worker", "pmo_relay"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(postgres, "create table mine (id int)", role)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(postgres, "select * from belongs_to_owner", role)


@pytest.mark.parametrize(
    ("role", "statement", "lock"),
    [("pmo_app", "10s", "3s"), ("pmo_worker", "10min", "10s"), ("pmo_relay", "10s", "3s")],
)
def test_a_page_waits_seconds_and_background_work_minutes(
    postgres: Postgres, role: str, statement: str, lock: str
) -> None:
    assert ask(postgres, "show statement_timeout", role) == [(statement,)]
    assert ask(postgres, "show lock_timeout", role) == [(lock,)]
    assert ask(postgres, "show row_security", role) == [("on",)]


def test_the_order_of_text_is_the_same_on_every_machine(postgres: Postgres) -> None:
    assert ask(postgres, "select datlocprovider, datlocale from pg_database where datname = 'pmo'") == [
        ("b", "C.UTF-8")
    ]


@pytest.mark.fault
def test_a_killed_postgres_comes_back_with_what_was_committed(postgres: Postgres) -> None:
    ask(postgres, "create table kept (id serial primary key, note text)")
    for round_ in range(3):
        ask(postgres, "insert into kept (note) values ('committed')")
        assert postgres.child is not None
        os.kill(postgres.child.pid, signal.SIGKILL)
        assert eventually(lambda: postgres.ended() is not None)
        postgres.start()
        assert ask(postgres, "select count(*) from kept") == [(round_ + 1,)]


@pytest.mark.fault
def test_files_of_a_run_that_was_killed_do_not_keep_postgres_from_starting(postgres: Postgres) -> None:
    postgres.stop()
    # A zombie counts as alive for PostgreSQL: here the number is that of a live process which is no server.
    (postgres.data / "postmaster.pid").write_text(
        f"{os.getpid()}\n{postgres.data}\n0\n5432\n{postgres.run}\n\n1 1\n"
    )
    (postgres.run / ".s.PGSQL.5432.lock").write_text(
        f"{os.getpid()}\n{postgres.data}\n0\n5432\n{postgres.run}\n"
    )
    postgres.start()
    assert ask(postgres, "select 1") == [(1,)]


@pytest.mark.fault
def test_an_interrupted_first_start_begins_again(tmp_path: Path) -> None:
    half = Postgres(tmp_path, durable=False)
    half.data.mkdir(mode=0o700)
    (half.data / "PG_VERSION").write_text("18\n")
    (half.data / "base").mkdir()
    (tmp_path / "postgres.incomplete").touch()
    half.start()
    assert ask(half, "select 1") == [(1,)]
    half.stop()


def test_files_that_are_no_cluster_are_never_removed(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "thesis.txt").write_text("years of work")
    with pytest.raises(embedded.EmbeddedError, match="move them away"):
        Postgres(tmp_path).start()
    assert (tmp_path / "postgres" / "thesis.txt").exists()


@pytest.mark.fault
def test_a_killed_redis_comes_back_with_the_tasks_that_wait(tmp_path: Path) -> None:
    server = Redis(tmp_path)
    server.start()
    try:
        client = redis.Redis.from_url(embedded.redis_url(state=tmp_path))
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        client.lpush("default", "task")
        time.sleep(1.5)  # the file is synced each second; a process kill loses nothing in any case
        assert server.child is not None
        os.kill(server.child.pid, signal.SIGKILL)
        assert eventually(lambda: server.ended() is not None)
        server.start()
        assert client.lrange("default", 0, -1) == [b"task"]
        client.close()
    finally:
        server.stop()


# ------------------------------------------------------------------ owners and sharers
HOLD = """
import json, sys, time
from pmo import embedded_lock
with embedded_lock.servers(sys.argv[1], alone=sys.argv[1] == "up") as own:
    print(json.dumps([s.child.pid for s in own]), flush=True)
    time.sleep(float(sys.argv[2]))
print("ended", flush=True)
"""


def hold(state: Path, name: str, seconds: float) -> "subprocess.Popen[str]":
    """A process that uses the embedded servers of `state` for a while."""
    environment = {"PATH": os.environ["PATH"], "PMO_STATE_DIR": str(state), "PYTHONPATH": str(embedded.ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, name, str(seconds)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def pids_of(process: "subprocess.Popen[str]") -> list[int]:
    assert process.stdout is not None
    return list(json.loads(process.stdout.readline()))


@pytest.mark.fault
def test_servers_end_with_a_killed_owner_and_the_next_command_has_its_own(tmp_path: Path) -> None:
    owner = hold(tmp_path, "up", 60)
    pids = pids_of(owner)
    assert len(pids) == 2
    refused = hold(tmp_path, "up", 0)
    assert refused.wait(PATIENCE) != 0
    assert refused.stderr is not None and "already running here" in refused.stderr.read()
    sharer = hold(tmp_path, "shell", 0)
    assert pids_of(sharer) == []
    assert sharer.wait(PATIENCE) == 0
    owner.kill()
    owner.wait(PATIENCE)
    assert eventually(lambda: not any(embedded_processes.alive(pid, "") for pid in pids))
    heir = hold(tmp_path, "shell", 0)
    assert len(pids_of(heir)) == 2
    assert heir.wait(PATIENCE) == 0


def test_a_short_command_waits_for_those_who_share_its_servers(tmp_path: Path) -> None:
    owner = hold(tmp_path, "migrate", 1)
    assert len(pids_of(owner)) == 2
    begun = time.monotonic()
    sharer = hold(tmp_path, "shell", 3)
    assert pids_of(sharer) == []
    assert owner.wait(PATIENCE) == 0
    assert sharer.wait(PATIENCE) == 0
    assert time.monotonic() - begun >= 2.5


# ------------------------------------------------------------------ places and the secret
def test_a_deep_state_directory_gets_a_short_place_for_its_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    assert len(str(embedded.run_dir(deep))) < 80
    assert embedded.run_dir(deep) != embedded.run_dir(tmp_path / ("e" * 90))
    assert embedded.run_dir(Path("/srv/pmo")) == Path("/srv/pmo/run")


def test_a_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").symlink_to(tmp_path)
    with pytest.raises(embedded.EmbeddedError, match="belongs to somebody else"):
        embedded.private_directory(tmp_path / "run")


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    seen: list[str] = []
    threads = [threading.Thread(target=lambda: seen.append(embedded.secret_key(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(seen) == 8 and len(set(seen)) == 1 and len(seen[0]) >= 50
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]
