"""History is written by the database itself: who serves can neither make it up nor keep it from being written."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from pmo import embedded
from pmo.database import security
from pmo.scope import read_scope
from programs.portfolio.models import Program
from tests.cast import everything, make_office, stranger

pytestmark = pytest.mark.django_db
TABLES = security.event_tables() - {"pghistory_events"}  # pghistory's own view of all of them: no table


def one(sql: str, *given: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchone()[0]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_nobody_who_serves_makes_up_history(table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        one(f"insert into {table} default values returning 1")  # noqa: S608 - a name from our own models


def test_history_is_written_even_for_who_asks_the_triggers_to_stand_aside() -> None:
    office = make_office()
    with everything(office.program):
        before = one("select count(*) from programs_programevent where pgh_obj_id = %s", office.program.pk)
        triggers = one("select array_agg(tgname::text)::text from pg_trigger where tgname like 'pgtrigger%%'")
        one("select set_config('pgtrigger.ignore', %s, true)", triggers)
        Program.objects.filter(pk=office.program.pk).update(name="Renamed in silence")
        after = one("select count(*) from programs_programevent where pgh_obj_id = %s", office.program.pk)
    assert after == before + 1


def test_the_history_of_a_program_does_not_exist_for_strangers() -> None:
    office = make_office()
    with read_scope(office.auditor):
        assert one("select count(*) from programs_programevent") > 0
    with read_scope(stranger()):
        assert one("select count(*) from programs_programevent") == 0


def test_every_history_of_a_program_is_row_secured() -> None:
    """A table of events without a policy would be readable across programs."""
    with connection.cursor() as cursor:
        cursor.execute("select relname from pg_class where relrowsecurity")
        secured = {name for (name,) in cursor.fetchall()}
    assert TABLES - secured == set()


def test_the_relay_cannot_ask_who_holds_which_role(relay: Any) -> None:
    with pytest.raises(psycopg2.Error, match="permission denied"):
        relay.execute("select * from pmo_held(1, current_date)")


@pytest.fixture
def relay(django_db_setup: None) -> Any:
    link = psycopg2.connect(embedded.database_url("pmo_relay", name=connection.settings_dict["NAME"]))
    yield link.cursor()
    link.close()
