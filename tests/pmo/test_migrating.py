"""The quick way to migrate a new database ends where Django's own way ends."""

import contextlib
import os
import subprocess
import sys
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection

from pmo import embedded
from tests.cluster import Cluster
from tests.conftest import OwnDatabase

OURS = ("pmo", "programs", "finance", "governance")


def schema_of(cluster: Cluster, name: str) -> list[str]:
    """All statements that would make this database's tables, constraints, indexes, functions and triggers."""
    argv = [cluster.postgres.bin / "pg_dump", "-h", cluster.postgres.run, "-U", "postgres"]
    done = subprocess.run(
        [*argv, "--schema-only", "--no-privileges", "--restrict-key=same", name],
        env=cluster.postgres.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if "ROW LEVEL SECURITY" not in line]


@pytest.mark.django_db
def test_the_quick_way_makes_every_constraint_index_and_trigger_that_the_models_name() -> None:
    with connection.cursor() as cursor:
        for model in (
            model for app in OURS for model in apps.get_app_config(app).get_models(include_auto_created=True)
        ):
            table = model._meta.db_table
            there = set(connection.introspection.get_constraints(cursor, table))
            named = {one.name for one in (*model._meta.constraints, *model._meta.indexes)}
            assert named <= there, (table, named - there)
            cursor.execute(
                "select tgname from pg_trigger where tgrelid = %s::regclass and not tgisinternal", [table]
            )
            triggers = {name for (name,) in cursor.fetchall()}
            wanted = {one.get_pgid(model) for one in getattr(model._meta, "triggers", [])}
            assert wanted <= triggers, (table, wanted - triggers)


@pytest.mark.proof
@pytest.mark.skipif(
    not os.environ.get("PMO_LONG"), reason="two whole migrations: PMO_LONG=1, as `make faults` sets"
)
def test_the_quick_way_and_djangos_way_make_the_same_schema(
    cluster: Cluster, own_database: OwnDatabase
) -> None:
    name = f"plain_{uuid4().hex[:8]}"
    cluster.postgres.psql(f"CREATE DATABASE {name} OWNER pmo_owner")
    quick = f"quick_{uuid4().hex[:8]}"
    cluster.postgres.psql(f"CREATE DATABASE {quick} OWNER pmo_owner")
    try:
        for database, code in (
            (name, "call_command('migrate', database='owner', verbosity=0, interactive=False)"),
            (quick, "migrating.migrate()"),
        ):
            environment = own_database.environment | {
                "DATABASE_OWNER_URL": embedded.database_url("pmo_owner", name=database)
            }
            script = "import django; django.setup()\nfrom django.core.management import call_command\n"
            script += f"from pmo.database import migrating\n{code}"
            subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=300)
        assert schema_of(cluster, quick) == schema_of(cluster, name)
        assert len(schema_of(cluster, quick)) > 1000
    finally:
        with contextlib.suppress(embedded.EmbeddedError):
            cluster.postgres.psql(f"DROP DATABASE {name} WITH (FORCE)")
        cluster.postgres.psql(f"DROP DATABASE {quick} WITH (FORCE)")
