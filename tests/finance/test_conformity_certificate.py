"""The conformity certificate: clause, result, evidence, under a digest that changes with any of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finance.conformity import certificate, checking, services
from pmo import commands
from pmo.refusals import Refused
from pmo.reports.document import Document, Paragraph, Table
from pmo.reports.models import ReportRun
from pmo.reports.renderers import pdf, xlsx
from tests.finance.office import AT, Office
from tests.finance.test_budget_policy import DAY, clause
from tests.finance.test_budgets import activated, drafted
from tests.finance.test_ledger import spend
from tests.finance.test_pages import browser

DAYS = timedelta(days=1)


def certified(office: Office, as_of: datetime = AT, known: datetime = AT) -> Document:
    with office.looking():
        return certificate.build(
            ReportRun(program_id=office.program.pk, kind="conformity", as_of=as_of, known=known),
            lambda step, percent: None,
        )


def digest(office: Office) -> str:
    with office.looking():
        return certificate.digest(checking.results(office.program, AT))


def test_it_names_every_clause_with_its_result_and_evidence(office: Office) -> None:
    clause(office, "B-1", "fiscal_year_ceiling", year=2026, ceiling_minor=900_000)
    clause(office, "B-2", "beyond_budget")
    clause(office, "B-6", "accrual_ageing", days=30)
    activated(office, drafted(office, {"2026-11": 50_000}))
    spend(office, 50_001)
    made = certified(office)
    assert made.summary == "1 of 3 clauses are breached."
    table = next(one for one in made.sections[0].blocks if isinstance(one, Table))
    assert [(row.values[0], row.values[3]) for row in table.rows()] == [
        ("B-1 Fiscal-year ceiling", "Kept"),
        ("B-2 Nothing beyond approved budget", "Breached"),
        ("B-6 Ageing of accruals", "Not applicable"),
    ]
    assert [one.title for one in made.sections[1:]] == [
        "B-1 Fiscal-year ceiling: kept",
        "B-2 Nothing beyond approved budget: breached",
    ]
    seal = next(
        one.text for one in made.sections[0].blocks if isinstance(one, Paragraph) and "SHA" in one.text
    )
    assert seal.endswith(digest(office))
    assert pdf.render(made).startswith(b"%PDF-") and xlsx.render(made).startswith(b"PK")


def test_the_digest_is_of_what_is_certified_and_changes_with_it(office: Office) -> None:
    clause(office, "B-1", "fiscal_year_ceiling", year=2026, ceiling_minor=900_000)
    first = digest(office)
    assert digest(office) == first
    activated(office, drafted(office, {"2026-11": 1}))
    second = digest(office)
    assert second != first
    answer = browser(office, "ada").get("/api/v1/programs/ATLAS/policy-conformity/").json()
    assert len(answer["digest"]) == 64 and answer["results"][0]["state"] == "kept"


def test_a_clause_of_one_project_names_it_and_costs_no_query_of_its_own(office: Office) -> None:
    def queries() -> tuple[int, Document]:
        with CaptureQueriesContext(connection) as caught:
            made = certified(office)
        return len(caught), made

    def rule(number: int, project: str) -> None:
        given = {"kind": "beyond_budget", "parameters": {}, "action": "warn", "from_day": DAY}
        of = office.projects[project]
        office.does("fiona", services.add, program=office.program, code=f"B-{number}", project=of, **given)

    for number, code in enumerate(("CRM", "DC", "CRM"), 1):
        rule(number, code)
    few, made = queries()
    table = next(one for one in made.sections[0].blocks if isinstance(one, Table))
    assert [str(row.values[1])[:7] for row in table.rows()] == ["In CRM:", "In DC: ", "In CRM:"]
    with office.looking():
        certain = certificate.content(checking.results(office.program, AT))["clauses"]
    assert [one.get("project") for one in certain] == ["CRM", "DC", "CRM"]
    for number in range(4, 8):
        rule(number, "DC")
    clause(office, "B-9", "beyond_budget")
    more, _ = queries()
    assert more == few
    with office.looking():
        assert "project" not in certificate.content(checking.results(office.program, AT))["clauses"][-1]


def test_no_certificate_is_made_of_no_policy(office: Office) -> None:
    with pytest.raises(Refused, match="nothing to certify"):
        certified(office)


def test_a_certificate_of_an_earlier_moment_is_of_what_was_known_then(office: Office) -> None:
    rule = clause(office, "B-2", "beyond_budget")
    clause(office, "B-1", "fiscal_year_ceiling", year=2026, ceiling_minor=900_000)
    activated(office, drafted(office, {"2026-11": 50_000}))
    before = timezone.now()
    spend(office, 50_001)
    commands.run(
        services.end,
        actor=office.person("fiona"),
        at=AT + DAYS,
        clause=rule,
        version=rule.version,
        reason="Old.",
    )
    then = certified(office, as_of=AT, known=before)
    assert then.summary == "All clauses that apply are kept."
    later = timezone.now()
    assert certified(office, as_of=AT, known=later).summary == "1 of 2 clauses are breached."
    after = certified(office, as_of=AT + 2 * DAYS, known=later)
    table = next(one for one in after.sections[0].blocks if isinstance(one, Table))
    assert [row.values[0] for row in table.rows()] == ["B-1 Fiscal-year ceiling"]  # B-2 had ended
    assert "As it stood on 16 Nov 2026" in then.freshness
    assert any("Versions of budgets in preparation are not looked at" in note for note in then.notes)
    address = "/api/v1/programs/ATLAS/policy-conformity/"
    answer = browser(office, "ada").get(address, {"at": AT.isoformat(), "known": before.isoformat()}).json()
    seal = next(
        one.text for one in then.sections[0].blocks if isinstance(one, Paragraph) and "SHA" in one.text
    )
    assert seal.endswith(answer["digest"]) and answer["not_kept"]


def test_a_moment_before_the_policy_has_nothing_to_certify(office: Office) -> None:
    before = timezone.now()
    clause(office, "B-2", "beyond_budget")
    with pytest.raises(Refused, match="nothing to certify"):
        certified(office, as_of=AT, known=before)
