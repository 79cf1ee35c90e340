"""Fixtures for everybody: a migrated database as pmo_app, one of a test's own, the owner's door, a broker.

Tests talk to PostgreSQL as the web process does, as `pmo_app`; TRUNCATE is not among its rights, so Django's
transactional tests do not work here: a test that needs real commits, threads or processes asks for
`own_database`.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
import redis as redis_client
from django.db import connections
from hypothesis import HealthCheck, settings
from psycopg2.extensions import connection as PostgresConnection
from pytest_django.plugin import DjangoDbBlocker, blocking_manager_key

from pmo import embedded, garbage
from tests.cluster import TEMPLATE, Cluster, addresses, connected_to

pytest_plugins = ["tests.browsing", "tests.dealing", "tests.two_offices"]
# No test fails because a machine is slow: neither a draw nor a case is timed. The suite draws the same cases each
# time, so that red means a change; PMO_LONG=1 draws others.
settings.register_profile(
    "office",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=not os.environ.get("PMO_LONG"),
    database=None,
    print_blob=True,
)
settings.load_profile("office")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


# ------------------------------------------------------------------ the cluster of this run
def pytest_configure(config: pytest.Config) -> None:
    """With xdist the controller owns the servers; without it they start when a test first asks for them."""
    parallel = getattr(config.option, "numprocesses", None) or getattr(config.option, "tx", None)
    if parallel and not hasattr(config, "workerinput") and not config.option.collectonly:
        _start(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The servers and their directory go with the process that started them."""
    cluster = getattr(config, "pmo_cluster", None)
    if cluster is not None:
        cluster.stop()
    elif os.environ.get("PMO_TEST_OWNER") == str(os.getpid()):
        Cluster().stop()  # nothing was started: only the empty directory goes


def pytest_collection_finish() -> None:
    """As the web server does: thirteen thousand tests are not looked through for garbage over and over."""
    garbage.settle()


def _start(config: pytest.Config) -> Cluster:
    cluster = getattr(config, "pmo_cluster", None) or Cluster()
    if not hasattr(config, "pmo_cluster"):
        config.pmo_cluster = cluster  # type: ignore[attr-defined]
        try:
            with config.stash[blocking_manager_key].unblock():
                cluster.start()
        except BaseException:
            cluster.stop()
            raise
    return cluster


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """The run's PostgreSQL and Redis, started now if nobody needed them before."""
    if WORKER != "main":
        return Cluster()  # the controller's, seen through the same directory
    return _start(request.config)


@pytest.fixture(scope="session")
def django_db_setup(
    cluster: Cluster, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """This worker's copy of the migrated template."""
    name = f"test_{WORKER}"
    cluster.postgres.clone(TEMPLATE, name)
    with django_db_blocker.unblock(), connected_to(name):
        yield


# ------------------------------------------------------------------ databases
@dataclass(frozen=True)
class OwnDatabase:
    """A database for one test alone: commits are real, and it is dropped afterwards."""

    name: str
    environment: dict[str, str]  # for subprocesses: all addresses of this database and its broker

    def url(self, role: str = "pmo_app") -> str:
        """Its address for one of the four roles."""
        return embedded.database_url(role, name=self.name)

    def connect(self, role: str = "pmo_app") -> PostgresConnection:
        """A plain psycopg2 connection; the caller closes it (dropping the database ends it in any case)."""
        return psycopg2.connect(self.url(role))


def _redis_number() -> int:
    """Two databases of the 64 for each worker: broker, cache."""
    return 2 * (int(WORKER.removeprefix("gw")) + 1 if WORKER != "main" else 0)


@pytest.fixture
def own_database(
    request: pytest.FixtureRequest,
    cluster: Cluster,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[OwnDatabase]:
    """A clone of the template for real commits, threads or subprocesses; Django is connected to it."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        pytest.fail("own_database commits for real: leave out django_db / db")
    name = f"own_{WORKER}_{uuid4().hex[:10]}"
    cluster.postgres.clone(TEMPLATE, name)
    try:
        with django_db_blocker.unblock(), connected_to(name):
            yield OwnDatabase(name, addresses(name, _redis_number()))
    finally:
        cluster.postgres.psql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def as_owner(request: pytest.FixtureRequest) -> Iterator[PostgresConnection]:
    """A psycopg2 connection (autocommit) as pmo_owner, for setup and for looking past row security.

    With `own_database` it may write. In an ordinary test it only reads: what it wrote would not be rolled
    back, and what the test wrote and did not commit it does not see.
    """
    if "own_database" in request.fixturenames:
        name = request.getfixturevalue("own_database").name
    else:
        request.getfixturevalue("django_db_setup")
        name = connections["default"].settings_dict["NAME"]
    link = psycopg2.connect(embedded.database_url("pmo_owner", name=name))
    link.set_session(autocommit=True, readonly="own_database" not in request.fixturenames)
    yield link
    link.close()


# ------------------------------------------------------------------ broker
@dataclass(frozen=True)
class Broker:
    """A real Redis for one test: empty when it begins."""

    url: str  # as Celery spells it
    client: "redis_client.Redis"


@pytest.fixture
def broker(cluster: Cluster) -> Iterator[Broker]:
    """The run's Redis, in this worker's own database number (the one in `own_database.environment`)."""
    client: Any = redis_client.Redis.from_url(embedded.redis_url(_redis_number()))
    client.flushdb()
    yield Broker(embedded.redis_url(_redis_number(), celery=True), client)
    client.flushdb()
    client.close()


@pytest.fixture(scope="session")
def manage() -> list[str]:
    """The command line of `manage.py`, for subprocesses with `own_database.environment`."""
    return [sys.executable, str(embedded.ROOT / "manage.py")]
