"""Numbers of a series in a program: the highest so far plus one, and two people at once get two."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from pmo.numbering import next_code
from programs.portfolio.models import Project
from tests.cast import Office, everything, make_office
from tests.conftest import OwnDatabase


def project(office: Office, code: str) -> None:
    Project.objects.create(program=office.program, code=code, name=code, position=9)


@pytest.mark.django_db
def test_the_next_is_one_above_the_highest_and_other_shapes_do_not_count() -> None:
    office = make_office()
    with everything(office.program):
        assert next_code(Project, office.program.pk, "P") == "P-001"
        for code in ("P-7", "P-1x", "PP-90", "P-", "P-1234567890"):
            project(office, code)
        assert next_code(Project, office.program.pk, "P") == "P-008"
        assert next_code(Project, office.program.pk, "P", digits=1) == "P-8"
        project(office, "P-999")
        assert next_code(Project, office.program.pk, "P") == "P-1000"
        assert next_code(Project, office.program.pk + 1, "P") == "P-001", "of another program none is seen"


def test_eight_at_once_get_eight_numbers(own_database: OwnDatabase) -> None:
    office = make_office()

    def one(_: int) -> str:
        try:
            with transaction.atomic(), everything(office.program):
                code = next_code(Project, office.program.pk, "P")
                project(office, code)
                return code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(8))) == [f"P-00{n}" for n in range(1, 9)]
