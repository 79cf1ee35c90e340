"""The insurer's program through the database: every figure as the independent converter has it."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finance.earned_value import services
from finance.earned_value.models import EarnedValueRow, EarnedValueSnapshot
from finance.imports import plan_costs
from finance.imports.models import ActualBatch
from finance.ledger.models import Account, ActualLine
from finance.spend.selectors import forecasts
from pmo import formats
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from pmo.clocks import AsOf
from pmo.scope import system_scope
from programs.portfolio.models import Program
from tests.finance import insurer
from tests.finance.engine import ghent
from tests.world import rolled_back

pytestmark = pytest.mark.proof

NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
MONEY = (
    "bac", "pv", "ev", "ac", "sv", "cv",
    "eac_remaining_at_budget", "eac_cpi", "eac_spi", "eac_cpi_x_spi", "eac_80cpi_20spi",
)  # fmt: skip


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Program]:
    """The program once for the module."""
    with django_db_blocker.unblock(), rolled_back():
        yield insurer.load()


@pytest.fixture
def program(loaded: Program) -> Iterator[Program]:
    """What a test does to the program is undone."""
    with rolled_back(), system_scope([loaded.pk], reason="a test looks"):
        yield Program.objects.get(pk=loaded.pk)


def printed(program: Program, *options: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command("earned_value", program.code, "--csv", *options, stdout=out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def cents(text: str) -> Decimal:
    return round(Decimal(text), 2)


def test_every_row_is_that_of_the_independent_converter(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finance.management.commands.earned_value.find", lambda code: program.pk)
    found = printed(program)
    wanted = ghent.rows(ghent.INSURER, "expected/evm.csv")
    assert len(found) == len(wanted) == 44
    for row, expected in zip(found, wanted, strict=True):
        where = f"{row['project_id']} {row['period']}"
        assert (row["project_id"], row["period"], row["status_date"]) == (
            expected["project_id"],
            expected["period"],
            expected["status_date"],
        )
        for name in MONEY:
            if expected[name]:
                assert cents(row[name]) == cents(expected[name]), f"{where} {name}"
        if expected["spi_t"]:
            assert abs(Fraction(row["spi_t"]) - Fraction(expected["spi_t"])) <= Fraction(
                expected["spi_t"]
            ) / 100 + Fraction(1, 10_000), where
        assert row["es"] == expected["es"], where


def test_the_program_is_the_sum_of_its_projects_latest_status(program: Program) -> None:
    services.refresh(program=program, by=None, at=insurer.AT)
    for expected in ghent.rows(ghent.INSURER, "expected/programme_rollup_latest_status.csv"):
        day = datetime.fromisoformat(expected["as_of"]).replace(hour=23, minute=59, tzinfo=UTC)
        snapshot = EarnedValueSnapshot.objects.filter(project=None, at__lte=day).order_by("-at").first()
        assert snapshot is not None
        assert snapshot.figures["projects"] == int(expected["projects"])
        assert snapshot.figures["reporting"] == int(expected["projects_with_a_status"])
        assert round(snapshot.bac / 100, 2) == cents(expected["bac_all"])
        assert round(snapshot.ev / 100, 2) == cents(expected["latest_ev_sum"])
        assert round(snapshot.ac / 100, 2) == cents(expected["latest_ac_sum"])
        cpi = next(m["value"] for m in snapshot.figures["measures"] if m["name"] == "cpi")
        assert round(Decimal(cpi), 4) == Decimal(expected["cpi"])


def test_the_rows_behind_a_snapshot_add_up_to_it(program: Program) -> None:
    services.refresh(program=program, by=None, at=insurer.AT)
    assert EarnedValueSnapshot.objects.exclude(project=None).count() == 44
    for snapshot in EarnedValueSnapshot.objects.exclude(project=None):
        rows = EarnedValueRow.objects.filter(snapshot=snapshot)
        for name in ("bac", "pv", "ev", "ac"):
            total = sum((getattr(row, name) for row in rows), Decimal(0))
            assert abs(total - getattr(snapshot, name)) <= Decimal("0.01"), (snapshot.pk, name)


def test_the_adherence_of_activities_is_that_of_the_index(program: Program) -> None:
    services.refresh(program=program, by=None, at=insurer.AT)
    asked = 0
    for snapshot in EarnedValueSnapshot.objects.exclude(project=None):
        rows = list(EarnedValueRow.objects.filter(snapshot=snapshot).values_list("pv_then", "ev"))
        planned = sum((then for then, _ in rows), Decimal(0))
        kept = next(m["value"] for m in snapshot.figures["measures"] if m["name"] == "p_factor")
        if planned:
            asked += 1
            in_order = sum((min(pair) for pair in rows), Decimal(0))
            assert abs(in_order / planned - Decimal(kept)) < Decimal("1e-6"), snapshot.pk
    assert asked >= 40


def test_computing_again_without_a_change_keeps_the_run(program: Program) -> None:
    first = services.refresh(program=program, by=None, at=insurer.AT)
    again = services.refresh(program=program, by=None, at=insurer.AT)
    assert first is not None and again is not None and first.pk == again.pk


def test_the_ledger_holds_the_cost_and_says_that_nobody_granted_it(program: Program) -> None:
    wanted = sum(Decimal(row["final_actual_cost"]) for row in ghent.rows(ghent.INSURER, "projects.csv"))
    spent = sum(a.balance for a in Account.objects.filter(kind="spent"))
    unfunded = sum(a.balance for a in Account.objects.filter(kind="unfunded"))
    assert spent == sum(line.amount_minor for line in ActualLine.objects.all()) == -unfunded
    assert abs(Decimal(spent) / 100 - wanted) < 1


def test_the_same_plan_twice_enters_nothing(program: Program) -> None:
    before = (ActualLine.objects.count(), ActualBatch.objects.count())
    with transaction.atomic():
        again = plan_costs.import_bundle_costs(program=program, draft=insurer.draft(), by=None, at=insurer.AT)
    assert again is None
    assert (ActualLine.objects.count(), ActualBatch.objects.count()) == before


def test_a_corrected_plan_enters_the_difference(program: Program) -> None:
    draft = insurer.draft()
    row = next(one for one in draft.progress if one.actual_cost)
    row.actual_cost = (row.actual_cost or Decimal(0)) + Decimal("1.25")
    spent = sum(a.balance for a in Account.objects.filter(kind="spent"))
    with transaction.atomic():
        batch = plan_costs.import_bundle_costs(program=program, draft=draft, by=None, at=insurer.AT)
    assert batch is not None
    lines = list(batch.lines.order_by("effective_at").values_list("amount_minor", flat=True))
    assert lines in (
        [125, -125],
        [125],
    )  # taken back at the next status date, whose own figure did not change
    assert sum(a.balance for a in Account.objects.filter(kind="spent")) == spent + sum(lines)


def test_the_pages_show_the_real_program_within_twelve_questions(program: Program) -> None:
    services.refresh(program=program, by=None, at=insurer.AT)
    who = User.objects.create_user("mira@example.org", name="Mira Novak")
    Membership.objects.create(
        program=program, user=who, role=Role.PROGRAM_MANAGER, valid_from=date(2020, 1, 1)
    )
    forecast = sum(forecasts(program, AsOf(NOW, NOW, is_now=True, label="", day=NOW.date())).values())
    client = Client()
    client.force_login(who)
    for address, shown in {
        "earned-value/": ["C2015-11", "Staff Authorization System", "SPI(t)", "EV / AC"],
        "earned-value/?at=2013-12-31": ["5 of 10 projects have a status"],
        "earned-value/C2015-11/": ["project management", "Closure", "9,105.00"],
        "earned-value/C2015-11/?at=2014-03-20": ["Tracking 1", "3,960.00"],
        "spend/": ["without approved budget", "C2015-12", formats.money_short(forecast, "EUR")],
        "ledger/": ["Actual cost"],
        "budget/": ["C2015-11"],
    }.items():
        with CaptureQueriesContext(connection) as captured:
            began = time.process_time()
            answer = client.get(f"/p/INSURER/{address}")
            spent = time.process_time() - began
        text = answer.content.decode()
        assert answer.status_code == 200
        for words in shown:
            assert words in text, (address, words)
        frame = ("SAVEPOINT", "django_session", "pmo_user", "pmo_held", "set_config", "set transaction")
        own = [q for q in captured.captured_queries if not any(word in q["sql"] for word in frame)]
        assert len(own) <= 12, (address, [q["sql"][:80] for q in own])
        print(f"{address:40} {len(own):3} queries {spent * 1000:6.1f} ms CPU")
