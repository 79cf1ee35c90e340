"""The price of every page and list is on the record: how many queries, the same for three rows and for fifty.

`tests/query_counts.json` holds the counts; a change of one is a change of that file, made on purpose with
UPDATE_QUERY_COUNTS=1. Session, person and scope (the statements every request needs) are not counted.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finance.capex import services as capex
from finance.imports import services as costs
from finance.imports import source_services
from finance.imports.layout import COLUMNS, Layout
from finance.rates import services as rates
from pmo.accounts.models import Membership
from pmo.accounts.roles import Role
from pmo.outbox.models import Outbox
from pmo.reports.models import ReportRun
from programs.exchange import source_services as plan_sources
from programs.exchange.sheet_layout import SheetLayout
from tests.addresses import address
from tests.cast import everything, person
from tests.estate.purchases import bought
from tests.furnish import plan_rows
from tests.pmo.test_headers import GETS, somebody
from tests.routes import ROUTES
from tests.world import World

LEDGER = Path(__file__).with_name("query_counts.json")
MOST = 12
ALWAYS = re.compile(
    r"^(SAVEPOINT|RELEASE|ROLLBACK|select set_config|set transaction)"
    r"|FROM \"django_session\"|UPDATE \"django_session\""
    r"|FROM \"pmo_user\" WHERE \"pmo_user\".\"id\" = \d+ LIMIT 21|pmo_held",
    re.IGNORECASE,
)
# Not pages of rows: what they cost is said with them.
UNCOUNTED = {"readyz"}  # looks at every migration


def counted(client: Client, url: str) -> list[str]:
    """The statements of one visit, without those of every request."""
    client.get(url)  # whatever is remembered is remembered now
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(url)
    assert answer.status_code < 400, (url, answer.status_code)
    return [query["sql"] for query in seen.captured_queries if not ALWAYS.search(query["sql"].strip())]


def prices(world: World, clients: dict[str, Client]) -> dict[str, list[str]]:
    """What every GET address costs now."""
    return {
        name: counted(clients[somebody(ROUTES[name].methods["GET"])], address(name, "ATLAS", world.things))
        for name in GETS
        if name not in UNCOUNTED
    }


def fifty_more(world: World) -> None:
    """Fifty more of everything that a list shows."""
    office, program = world.ours.office, world.ours.program
    plan_rows(office, 50, start=100)
    now = timezone.now()
    for n in range(50):
        made = world.ours.does(
            office.erp_manager, capex.create, program=program, project=office.erp, title=f"Request {n}",
            justification="Needed.", amount_minor=100_00 + n, category="hardware", vendor=f"Vendor {n}",
        )  # fmt: skip
        if n % 2:
            world.ours.does(office.erp_manager, capex.submit, capital_request=made)
    rows = "".join(f"INV-{n + 10},ERP-FIN,travel,operating,{now:%Y-%m-01},{n + 1}.50\n" for n in range(50))
    headings = "source_reference,project,category,nature,date,amount\n"
    batch = world.ours.does(
        office.controller,
        costs.read_file,
        program=program,
        name="fifty.csv",
        content=(headings + rows).encode(),
    )
    world.ours.does(office.controller, costs.accept, batch=batch)
    rows = "".join(f"USD,2024-{n % 12 + 1:02}-{n % 28 + 1:02},{n + 1}\n" for n in range(50))
    file = f"currency,from,rate\n{rows}".encode()
    world.ours.does(office.controller, rates.read_file, program=program, content=file)
    for n in range(50):
        world.ours.does(
            office.controller, source_services.add_source, program=program, name=f"M{n}",
            layout=Layout(columns={name: name for name in COLUMNS}),
        )  # fmt: skip
        world.ours.does(
            world.ours.office.controller, plan_sources.add_source, program=program, name=f"More {n}",
            layout=SheetLayout(f"S{n}", columns={"name": "Task", "duration": "Days"}),
        )  # fmt: skip
    for n in range(20):
        world.ours.opened(world.ours.request(title=f"Ballot {n}", vendor=f"Other {n}"))
    bought(world.ours, 50)
    with everything(program):
        for n in range(50):
            Membership.objects.create(
                program=program, user=person(f"Person {n}"), role=Role.AUDITOR, valid_from="2020-01-01"
            )
        ReportRun.objects.bulk_create(
            ReportRun(
                program_id=program.pk, kind="status", as_of=now, known=now, state="done", requested_at=now,
                requested_by=office.staff, finished_at=now, percent=100,
            )
            for _ in range(50)
        )  # fmt: skip
        Outbox.objects.bulk_create(
            Outbox(
                program_id=program.pk, topic="report.build", key=f"cost:{n}", state="dead", actor=office.staff
            )
            for n in range(50)
        )


@pytest.fixture(scope="module")
def few_and_many(world: World, clients: dict[str, Client]) -> tuple[dict[str, Any], dict[str, Any]]:
    few = prices(world, clients)
    fifty_more(world)
    return few, prices(world, clients)


def known() -> dict[str, int]:
    return dict(json.loads(LEDGER.read_text())) if LEDGER.exists() else {}


def test_the_ledger_of_prices_is_up_to_date(few_and_many: tuple[dict[str, Any], dict[str, Any]]) -> None:
    now = {name: len(queries) for name, queries in few_and_many[0].items()}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        LEDGER.write_text(json.dumps(now, indent=2, sort_keys=True) + "\n")
    assert now == known()


@pytest.mark.parametrize("name", [name for name in GETS if name not in UNCOUNTED])
def test_fifty_rows_cost_the_queries_of_three(
    name: str, few_and_many: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    few, many = few_and_many
    assert len(many[name]) == len(few[name]), "\n".join(sql[:240] for sql in many[name])
    assert len(many[name]) <= MOST, "\n".join(sql[:240] for sql in many[name])
