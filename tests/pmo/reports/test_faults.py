"""A worker is killed while it builds a report: another one builds it, once, and the page says so all along."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from pmo import commands
from pmo.outbox.models import Outbox
from pmo.reports import services
from pmo.reports.models import Artefact, ReportRun
from tests.cast import Office, everything, make_office
from tests.pmo.outbox.crew import Crew, crew, wait_until
from tests.pmo.reports.sample import registered

pytestmark = pytest.mark.fault


@pytest.fixture
def office(own_database: Any) -> Office:
    return make_office()


@pytest.fixture
def hands(own_database: Any, tmp_path: Path) -> Iterator[Crew]:
    with crew(own_database.environment, tmp_path, lease_seconds=6) as made:
        yield made


def look(office: Office) -> ReportRun:
    with transaction.atomic(), everything(office.program):
        return ReportRun.objects.get()


def test_a_report_outlives_its_worker(office: Office, hands: Crew) -> None:
    hands.relay()
    worker = hands.worker(1)
    with registered(kind="slow"):
        commands.run(services.request, actor=office.program_manager, program=office.program, kind="slow")
    for _ in range(2):
        wait_until(lambda: look(office).step.startswith("Step"), 40, "the report is under way", hands.said)
        hands.kill(worker)
        assert look(office).state == ReportRun.State.RUNNING
        with transaction.atomic(), everything(office.program):
            ReportRun.objects.update(step="")
        worker = hands.worker(1)
    wait_until(lambda: look(office).state == ReportRun.State.DONE, 60, "the report is done", hands.said)
    with transaction.atomic(), everything(office.program):
        assert Artefact.objects.count() == 2
        row = Outbox.objects.get()
        assert (row.state, row.attempts) == (Outbox.State.SENT, 3)
