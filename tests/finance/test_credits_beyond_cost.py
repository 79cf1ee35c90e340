"""A credit larger than what was spent on its line is found as long as it stands there, whatever the policy says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection, connections
from django.test import Client

from finance import verify
from finance.conformity import checking, crediting
from finance.ledger import services as ledger
from finance.ledger.facts import Cost
from finance.ledger.models import Journal
from finance.policy.models import PolicyFinding
from programs.portfolio.models import Program
from tests.conftest import OwnDatabase
from tests.finance.office import AT, Office, open_office
from tests.finance.test_ledger import TODAY


def enter(office: Office, *amounts: int) -> list[object]:
    """Cost (below zero: credits) on hardware of CRM, one journal each."""
    costs = [Cost(office.place(), amount, TODAY, "ERP") for amount in amounts]
    return list(office.does(None, ledger.actuals, program=office.program, costs=costs))


def findings(office: Office) -> list[PolicyFinding]:
    with office.looking():
        return list(PolicyFinding.objects.filter(kind="credit_beyond_cost").order_by("pk"))


def faults() -> list[str]:
    with connection.cursor() as cursor:
        return verify.check(cursor)


def test_it_is_found_reworded_and_cleared_as_the_line_goes(office: Office) -> None:
    office.granted(100_000)
    enter(office, 30_000, -30_000)
    assert findings(office) == []  # as much as was spent: it gives back
    enter(office, -12_000)
    (one,) = findings(office)
    assert one.sentence == (
        "CRM, hardware (capital): 120.00 EUR were credited beyond what was spent on this line."
    )
    assert (one.amount_minor, one.project_id, one.clause_id) == (12_000, office.projects["CRM"].pk, None)
    enter(office, 5_000)
    (one,) = findings(office)
    assert (one.amount_minor, one.cleared_at) == (7_000, None) and "70.00 EUR" in one.sentence
    assert faults() == []
    enter(office, 8_000)
    assert findings(office)[0].cleared_at is not None and faults() == []
    enter(office, -9_000)
    assert [each.cleared_at is None for each in findings(office)] == [False, True] and faults() == []


def test_a_reversed_credit_clears_it_and_a_reversed_cost_opens_it(office: Office) -> None:
    cost, credit = enter(office, 10_000, -10_000)
    with office.looking():
        found = {one.pk: one for one in Journal.objects.filter(pk__in=[cost, credit])}
    office.does("fiona", ledger.reverse, journal=found[cost], text="Wrong project")
    assert [one.amount_minor for one in findings(office)] == [10_000] and faults() == []
    office.does("fiona", ledger.reverse, journal=found[credit], text="Both were")
    assert findings(office)[0].cleared_at is not None and faults() == []


def test_what_stood_before_such_were_found_gets_its_finding_with_the_migration(office: Office) -> None:
    enter(office, -1_234_567)
    (first,) = findings(office)
    with office.looking():
        PolicyFinding.objects.filter(pk=first.pk).update(cleared_at=AT)  # as if nobody had looked
        assert faults() != []
        migration = import_module("finance.migrations.0056_findings_of_credits_that_stand")
        for _ in range(2):  # what is found already stays
            migration.backfill(apps, SimpleNamespace(connection=connection))
    assert faults() == []
    _, second = findings(office)
    names = ("sentence", "amount_minor", "project_id", "category", "nature", "program_id", "cleared_at")
    assert all(getattr(second, name) == getattr(first, name) for name in names)


def test_a_credit_that_is_posted_between_two_looks_keeps_its_finding(
    own_database: OwnDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's look reads the accounts; a credit is posted and found meanwhile; the look must not clear it."""
    office = open_office()
    look = crediting._standing

    def posted() -> None:
        enter(office, -12_000)
        connections.close_all()

    def slow(program: Program) -> dict[crediting.Line, int]:
        seen = look(program)
        monkeypatch.setattr(crediting, "_standing", look)
        with ThreadPoolExecutor(1) as other:
            other.submit(posted).result(30)
        return seen

    monkeypatch.setattr(crediting, "_standing", slow)
    office.does(None, checking.assess, program=office.program)
    assert [(one.amount_minor, one.cleared_at) for one in findings(office)] == [(12_000, None)]
    assert faults() == []


def test_it_stands_beside_the_others_on_the_page(office: Office) -> None:
    enter(office, -12_000)
    client = Client()
    client.force_login(office.person("sam"))
    page = client.get("/p/ATLAS/policy/findings/?kind=credit_beyond_cost").content.decode()
    assert (
        "were credited beyond what was spent on this line" in page and "Credit beyond what was spent" in page
    )
    assert "CRM" in page and "/spend/" in page
