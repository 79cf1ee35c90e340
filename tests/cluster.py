"""The tests' own PostgreSQL and Redis: thrown away after the run, migrated once, copied for each worker.

Migrations take seconds, a copy of a database 0.1 s. So the migrated cluster is kept under `var/test-clusters`
by a digest of all that shapes it (migrations, database code, versions of the packages), and grants are
applied anew each time.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from pmo import embedded
from pmo.database import migrating
from pmo.embedded_servers import Postgres, Redis

TEMPLATE = "test_template"
KEPT = embedded.ROOT / "var" / "test-clusters"
IN_USE = 3600  # seconds
APPS = ("pmo", "programs", "finance", "governance")
ROLE_LOGINS = ("pmo_app", "pmo_worker", "pmo_relay")

# The database takes a warrant only from a decision that approved (governance.0003). Tests of finance and of baselines,
# which know nothing of decisions, get theirs by this door; it is in the tests' template alone.
PLAYED_GOVERNANCE = """
create schema if not exists played;
grant usage on schema played to pmo_app;
create or replace function played.warrant(program bigint, kind text, number text, digest text, at timestamptz)
  returns bigint language sql security definer set search_path = public set session_replication_role = replica as $$
  insert into pmo_warrant (program_id, kind, number, digest, effective_at) values ($1, $2, $3, $4, $5) returning id
$$;
-- What somebody with the keys to the database could do, and what the checks of `verify` see then (tests/forgeries.py).
create or replace function played.forge(statements text) returns void language plpgsql security definer
  set search_path = public set session_replication_role = replica as $$ begin execute statements; end $$;
create or replace function played.found(query text) returns setof jsonb language plpgsql security definer
  set search_path = public as $$
  begin return query execute 'select to_jsonb(found) from (' || query || ') found'; end $$;
"""


class Cluster:
    """Both servers of one test run; every process of the run reaches them through `PMO_STATE_DIR`."""

    def __init__(self) -> None:
        self.postgres = Postgres(embedded.STATE, durable=False)
        self.redis = Redis(embedded.STATE, durable=False)

    def start(self) -> None:
        """Bring up both servers and the template, from the kept copy where it still fits."""
        sweep_abandoned()
        self._hold_directory()
        kept = KEPT / _digest()
        ready = kept.exists()  # asked once: another run may bring it about while this one starts
        if ready:
            with contextlib.suppress(OSError):
                os.utime(kept)
            shutil.copytree(kept, self.postgres.data, symlinks=True)
        self.postgres.start()
        if not ready:
            self.postgres.psql(f"CREATE DATABASE {TEMPLATE} OWNER pmo_owner")
            with migrating.quickly():
                _as_owner_in_template("migrate", database="owner", interactive=False)
            self._keep(kept)
        self._lengthen_idle_limit()  # after the last start, which sets the roles as the product has them
        _as_owner_in_template("grants")
        self.postgres.psql(PLAYED_GOVERNANCE, TEMPLATE)
        self.redis.start()

    def stop(self) -> None:
        """End both and remove their directory."""
        self.redis.stop()
        self.postgres.stop()
        shutil.rmtree(embedded.STATE, ignore_errors=True)
        if embedded.run_dir() != embedded.STATE / "run":
            shutil.rmtree(embedded.run_dir(), ignore_errors=True)

    def _hold_directory(self) -> None:
        """A lock that ends with this process tells a later run whether the directory was abandoned."""
        self.lock = (embedded.STATE / "embedded.lock").open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _lengthen_idle_limit(self) -> None:
        """A test's transaction stays open for the whole module on a slow machine: half an hour, not 15 s."""
        for login in ROLE_LOGINS:
            self.postgres.psql(f"ALTER ROLE {login} SET idle_in_transaction_session_timeout = '30min'")

    def _keep(self, place: Path) -> None:
        self.postgres.stop()
        KEPT.mkdir(parents=True, exist_ok=True)
        made = KEPT / f".{place.name}.{os.getpid()}"
        shutil.copytree(self.postgres.data, made, symlinks=True)
        with contextlib.suppress(OSError):  # another run was quicker
            made.rename(place)
        shutil.rmtree(made, ignore_errors=True)
        for older in sorted(KEPT.glob("[!.]*"), key=lambda path: path.stat().st_mtime)[:-3]:
            if time.time() - older.stat().st_mtime > IN_USE:  # other worktrees may share the directory
                shutil.rmtree(older, ignore_errors=True)
        self.postgres.start()


def _digest() -> str:
    """Of everything that decides what the migrated template holds."""
    root = embedded.ROOT
    files = [path for app in APPS for path in (root / app).rglob("migrations/*.py")]
    files += (root / "pmo" / "database").rglob("*.py")
    files.append(root / "pmo" / "database" / "roles.sql")
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    packages = sorted(f"{found.name}=={found.version}" for found in metadata.distributions())
    total.update("\n".join(packages).encode())
    return total.hexdigest()[:20]


def _as_owner_in_template(command: str, **options: object) -> None:
    """Run a management command on the template as pmo_owner."""
    owner = connections["owner"]
    usual = owner.settings_dict["NAME"]
    owner.close()
    owner.settings_dict["NAME"] = TEMPLATE
    try:
        call_command(command, verbosity=0, **options)
    finally:
        owner.close()
        owner.settings_dict["NAME"] = usual


@contextlib.contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Point every alias of Django's at this database, in this and in new threads, then back again."""
    usual = {alias: connections.settings[alias]["NAME"] for alias in connections}
    connections.close_all()
    for alias in connections:
        connections.settings[alias]["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        for alias, old in usual.items():
            connections.settings[alias]["NAME"] = old


def addresses(name: str, db: int) -> dict[str, str]:
    """Environment of a subprocess for one database of the run: its four roles, and the broker's numbers db, db + 1."""
    return {
        "DATABASE_URL": embedded.database_url("pmo_app", name=name),
        "DATABASE_OWNER_URL": embedded.database_url("pmo_owner", name=name),
        "DATABASE_WORKER_URL": embedded.database_url("pmo_worker", name=name),
        "DATABASE_RELAY_URL": embedded.database_url("pmo_relay", name=name),
        "REDIS_URL": embedded.redis_url(db, celery=True),
        "REDIS_CACHE_URL": embedded.redis_url(db + 1),
        "PMO_NO_EMBEDDED": "1",
        "PMO_NO_BOOTSTRAP": "1",
        "PMO_STATE_DIR": str(embedded.STATE),
        "DJANGO_SETTINGS_MODULE": "pmo.settings",
        "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(embedded.ROOT),
        "HOME": os.environ.get("HOME", "/"),
        "LANG": "C.UTF-8",
    }


def sweep_abandoned(older_than_seconds: float = 3600) -> None:
    """Remove directories of test runs that were killed: their lock is free, and they are not of today's."""
    for place in embedded.STATE.parent.glob("pmo-test-*"):
        with contextlib.suppress(OSError), (place / "embedded.lock").open("r+") as lock:
            if time.time() - place.stat().st_mtime > older_than_seconds:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(place, ignore_errors=True)
