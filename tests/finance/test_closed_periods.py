"""What was closed stays closed, whoever asks the database."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest

from tests.conftest import OwnDatabase
from tests.finance.office import open_office


@pytest.mark.parametrize("login", ["pmo_app", "pmo_worker", "pmo_owner"])
@pytest.mark.parametrize(
    "change",
    [
        "state = 'open', closed_at = null",
        "ends_on = ends_on + 31",
        "code = '2030-01'",
        "state = 'open', closed_at = null, reopened_at = now(), reopened_why = 'x', ends_on = ends_on + 31",
    ],
)
def test_nobody_opens_or_moves_a_closed_period(own_database: OwnDatabase, login: str, change: str) -> None:
    program = open_office().program
    link: Any = own_database.connect(login)
    with link.cursor() as cursor:
        cursor.execute("select set_config('app.programs', %s, true)", [f"{{{program.pk}}}"])
        cursor.execute(
            """insert into finance_fiscalperiod (program_id, code, starts_on, ends_on, state)
               values (%s, '2031-05', '2031-05-01', '2031-05-31', 'open') returning id""",
            [program.pk],
        )
        period = cursor.fetchone()[0]
        cursor.execute(
            "update finance_fiscalperiod set state = 'closed', closed_at = now() where id = %s", [period]
        )
        cursor.execute(
            "update finance_fiscalperiod set code = code where id = %s", [period]
        )  # changes nothing
        with pytest.raises(psycopg2.Error, match="2031-05 is closed and stays as it is"):
            cursor.execute(f"update finance_fiscalperiod set {change} where id = %s", [period])  # noqa: S608
    link.close()
