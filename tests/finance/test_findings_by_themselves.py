"""Findings that are issues by themselves, where their clause says so: each once; and duties seen in all files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from finance.conformity import checking, gathering, issuing, services
from finance.conformity.issued import FindingIssue
from finance.imports.models import ActualBatch
from finance.policy.models import PolicyClause, PolicyFinding
from pmo.refusals import Refused
from programs.portfolio.models import Project
from programs.raid.issue_models import Issue, IssueNote
from tests.finance.office import AT, Office
from tests.finance.test_budget_policy import DAY
from tests.finance.test_ledger import spend
from tests.finance.test_pages import browser
from tests.finance.test_procurement_pages import said, send


def clause(office: Office, issue_days: int | None = 14) -> PolicyClause:
    return office.does(
        "fiona", services.add, program=office.program, code="B-2", kind="beyond_budget", parameters={},
        action="warn", from_day=DAY, issue_days=issue_days,
    )  # fmt: skip


def changed(office: Office, one: PolicyClause, issue_days: int | None, version: int = 1) -> PolicyClause:
    return office.does(
        "fiona", services.change, clause=one, version=version, parameters={}, action="warn", text="",
        reason="It is looked after", issue_days=issue_days,
    )  # fmt: skip


def issues(office: Office) -> list[Issue]:
    with office.looking():
        return list(Issue.objects.filter(source="policy").select_related("owner").order_by("pk"))


def assess(office: Office) -> None:
    office.does(None, checking.assess, program=office.program)


def test_a_finding_becomes_an_issue_by_itself_once_and_its_projects_manager_owns_it(office: Office) -> None:
    with office.looking():
        Project.objects.filter(pk=office.projects["CRM"].pk).update(manager=office.person("paul"))
    clause(office)
    spend(office, 1)
    (made,) = issues(office)
    assert (made.owner, made.due_on, made.raised_by) == (
        office.person("paul"),
        AT.date() + timedelta(days=14),
        None,
    )
    spend(office, 1)
    assess(office)
    assert issues(office) == [made]
    with office.looking():
        assert FindingIssue.objects.get().issue == made
        PolicyFinding.objects.filter(clause__isnull=False).update(cleared_at=AT)
    assess(office)  # found again while the issue stands open: noted on it, once
    assess(office)
    with office.looking():
        notes = IssueNote.objects.filter(issue=made, text__startswith="Found again")
        assert notes.count() == 1
    assert issues(office) == [made]


def test_what_is_noted_on_an_older_issue_holds_up_no_other_finding(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = clause(office)
    spend(office, 1)
    with office.looking():
        PolicyFinding.objects.filter(clause=one).update(cleared_at=AT)
    assess(office)  # found again: noted on its issue
    monkeypatch.setattr(issuing, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(checking, "_keep", lambda *_: None)
    with office.looking():
        later = PolicyFinding.objects.get(clause=one, cleared_at=None)
        later.pk, later.key = None, f"{later.key}:later"
        later.save(force_insert=True)
    assess(office)
    assert len(issues(office)) == 2


def test_a_clause_that_does_not_say_so_opens_none_until_it_does(office: Office) -> None:
    one = clause(office, None)
    spend(office, 1)
    assess(office)
    assert issues(office) == []
    changed(office, one, 5)
    assert [made.due_on for made in issues(office)] == [AT.date() + timedelta(days=5)]


def test_one_look_opens_a_bounded_number_and_the_next_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = clause(office, None)
    spend(office, 1)
    with office.looking():
        found = PolicyFinding.objects.get(clause=one)
        for n in range(3):
            found.pk, found.key = None, f"{found.key}:{n}"
            found.save(force_insert=True)
    monkeypatch.setattr("finance.conformity.issuing.MOST_AT_ONCE", 2)
    monkeypatch.setattr(checking, "_keep", lambda *_: None)  # the three stand as they are
    changed(office, one, 5)
    assert len(issues(office)) == 2
    assess(office)
    assert len(issues(office)) == 4


def test_days_are_from_1_to_90_in_the_database_too(office: Office) -> None:
    for days in (0, 91):
        with pytest.raises(Refused, match="1 to 90 days"):
            clause(office, days)
    one = clause(office)
    with pytest.raises(DatabaseError, match="issue_days"), office.looking(), transaction.atomic():
        PolicyClause.objects.filter(pk=one.pk).update(issue_days=91)


def test_the_clause_says_it_on_its_page_and_in_the_api(office: Office) -> None:
    one = clause(office)
    fiona = browser(office, "fiona")
    assert "findings become issues, due in 14 days" in said(fiona.get(f"/p/ATLAS/policy/{one.pk}/"))
    form: dict[str, Any] = {"action": "warn", "text": "", "version": "1", "reason": "Less", "issue_days": "0"}
    address = f"/p/ATLAS/policy/{one.pk}/change/"
    assert fiona.post(address, form).status_code == 422
    assert fiona.post(address, form | {"issue_days": ""}).status_code == 302
    body = {"version": 2, "parameters": {}, "action": "warn", "text": "", "reason": "More"}
    status, row = send(fiona, "PATCH", f"policy-clauses/{one.pk}/", body | {"issue_days": 7})
    assert (status, row["issue_days"]) == (200, 7)
    assert send(fiona, "PATCH", f"policy-clauses/{one.pk}/", body | {"version": 3})[1]["issue_days"] == 7


def test_separation_of_duties_finds_a_file_that_is_older_than_those_shown(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    fiona, mira = office.person("fiona"), office.person("mira")
    with office.looking():
        for n, accepter in enumerate((fiona, mira, mira, mira)):
            ActualBatch.objects.create(
                program=office.program, file_name=f"{n}.csv", digest=f"{n:064d}", state="accepted", source="file",
                uploaded_by=fiona, uploaded_at=AT, accepted_by=accepter, accepted_at=AT,
            )  # fmt: skip
        monkeypatch.setattr(gathering, "MOST_FILES", 2)
        seen = gathering.files(office.program)
    assert [(one.what, one.same) for one in seen] == [
        ("Cost file 3.csv", False),
        ("Cost file 2.csv", False),
        ("Cost file 0.csv", True),
        ("1 earlier cost file", False),
    ]
