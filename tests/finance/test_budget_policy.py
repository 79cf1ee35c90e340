"""The budget policy: promises are refused in a clause's words, facts are only found, findings come and go."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from finance.budgets import services as budgets
from finance.capex import services as capex
from finance.conformity import checking, services
from finance.conformity.gathering import fiscal_year
from finance.conformity.issued import FindingIssue
from finance.ledger import services as ledger
from finance.policy.models import PolicyClause, PolicyFinding
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.raid.issue_models import Issue
from tests.finance.office import AT, Office, open_office
from tests.finance.test_budgets import activated, drafted
from tests.finance.test_capex import approve, ask, submitted
from tests.finance.test_ledger import spend
from tests.finance.test_pages import browser, questions

DAY = date(2026, 11, 1)


def clause(office: Office, code: str, kind: str, action: str = "warn", **parameters: Any) -> PolicyClause:
    return office.does(
        "fiona",
        services.add,
        program=office.program,
        code=code,
        kind=kind,
        parameters=parameters,
        action=action,
        from_day=DAY,
    )


def findings(office: Office) -> list[tuple[str, str]]:
    with office.looking():
        rows = PolicyFinding.objects.filter(program=office.program, cleared_at=None, clause__isnull=False)
        return list(rows.order_by("pk").values_list("clause__code", "key"))


def test_a_submitted_budget_above_the_ceiling_is_refused_in_the_words_of_the_clause(office: Office) -> None:
    clause(office, "B-1", "fiscal_year_ceiling", "block", year=2026, ceiling_minor=500_000)
    draft = drafted(office, {"2026-11": 300_000, "2026-12": 200_001})
    assert findings(office) == [("B-1", "2026")]  # the draft itself stands, with its finding beside it
    with pytest.raises(Refused) as refused:
        office.does("fiona", budgets.submit, budget=draft)
    assert refused.value.code == "policy"
    assert "clause B-1: CRM version 1: 5,000.01 EUR are budgeted in fiscal year 2026, 0.01 EUR above" in str(
        refused.value
    )
    with office.looking():
        draft.refresh_from_db()
    assert draft.state == "draft"
    line = {"category": "hardware", "nature": "capital", "period_code": "2026-12", "amount_minor": 200_000}
    office.does("fiona", budgets.set_line, budget=draft, **line)
    assert findings(office) == []
    assert office.does("fiona", budgets.submit, budget=draft).state == "submitted"


def test_a_clause_that_warns_lets_the_budget_pass_and_the_finding_stands(office: Office) -> None:
    clause(office, "B-1", "fiscal_year_ceiling", year=2026, ceiling_minor=1)
    activated(office, drafted(office, {"2026-11": 300_000}))
    with office.looking():
        found = PolicyFinding.objects.get(program=office.program, cleared_at=None)
    assert (found.amount_minor, found.subject_kind, found.kind) == (299_999, "", "fiscal_year_ceiling")


def test_a_request_beyond_what_is_available_is_refused_when_the_clause_blocks(office: Office) -> None:
    activated(office, drafted(office, {"2026-11": 50_000}))
    clause(office, "B-2", "beyond_budget", "block")
    request = ask(office)  # 600.00 of 500.00
    assert findings(office) == [("B-2", request.code)]
    with pytest.raises(Refused, match=r"clause B-2: CR-001 asks for 600.00 EUR and 500.00 EUR are available"):
        office.does("paul", capex.submit, capital_request=request)
    office.does("paul", capex.withdraw, capital_request=request)
    assert findings(office) == []


def test_a_fact_is_never_refused_whatever_the_policy_says(office: Office) -> None:
    clause(office, "B-2", "beyond_budget", "block")
    spend(office, 12_345)
    assert findings(office) == [("B-2", "CRM/hardware/capital")]
    activated(office, drafted(office, {"2026-11": 50_000}))
    assert findings(office) == [("B-2", "CRM/hardware/capital")]  # a later grant does not fund it by itself


def test_a_breach_that_is_known_holds_up_nothing_else(office: Office) -> None:
    """The book is beyond its budget in hardware; a transfer elsewhere does not make that worse."""
    activated(office, drafted(office, {"2026-11": 50_000}))
    clause(office, "B-2", "beyond_budget", "block")
    spend(office, 60_000)
    office.granted(10_000, office.place("DC", "travel", "operating"), number="D-9")
    office.does(
        "fiona",
        ledger.transfer,
        program=office.program,
        source=office.place("DC", "travel", "operating"),
        target=office.place("DC", "services", "operating"),
        amount=5_000,
        effective=AT.date(),
        text="Travel less",
    )
    assert findings(office) == [("B-2", "CRM/hardware/capital")]


def test_an_old_accrual_is_found_by_the_nightly_check_alone(office: Office) -> None:
    office.granted(90_000)
    clause(office, "B-6", "accrual_ageing", days=30)
    made = office.does(
        "fiona",
        ledger.accrue,
        program=office.program,
        place=office.place(),
        amount=40_000,
        effective=AT.date(),
        text="Received",
    )
    assert findings(office) == []
    office.at = AT + timedelta(days=31)
    assert office.does(None, checking.assess, program=office.program) == 1
    assert findings(office) == [("B-6", "CRM/hardware/capital")]
    with office.looking():
        journal = ledger.Journal.objects.get(pk=made)
    office.does("fiona", ledger.reverse, journal=journal, text="Invoiced")
    assert findings(office) == []


def test_who_pays_and_votes_is_found(office: Office) -> None:
    clause(office, "B-7", "separation_of_duties")
    with office.looking():
        results = checking.results(office.program, AT)
    assert [(one.state.value, len(one.evidence)) for one in results] == [
        ("kept", 1)
    ]  # Fiona pays, no role votes
    with pytest.raises(Refused, match="facts are never refused"):
        clause(office, "B-8", "separation_of_duties", "block")


def test_ending_a_clause_clears_what_it_found_and_keeps_it_in_the_history(office: Office) -> None:
    first = clause(office, "B-1", "fiscal_year_ceiling", year=2026, ceiling_minor=1)
    activated(office, drafted(office, {"2026-11": 300_000}))
    with pytest.raises(Refused, match="Say why"):
        office.does("fiona", services.end, clause=first, version=1, reason=" ")
    office.does("fiona", services.end, clause=first, version=1, reason="Replaced")
    assert findings(office) == []
    with office.looking():
        assert PolicyFinding.objects.filter(clause=first, cleared_at__isnull=False).count() >= 1
    with pytest.raises(Refused, match="stays as it was"):
        office.does(
            "fiona",
            services.change,
            clause=first,
            version=2,
            parameters={"year": 2026, "ceiling_minor": 5},
            action="warn",
            text="",
            reason="More",
        )


def test_two_controllers_at_once_are_told(office: Office) -> None:
    first = clause(office, "B-1", "fiscal_year_ceiling", year=2026, ceiling_minor=1)
    values = {
        "parameters": {"year": 2026, "ceiling_minor": 5},
        "action": "warn",
        "text": "",
        "reason": "More",
    }
    office.does("fiona", services.change, clause=first, version=1, **values)
    with pytest.raises(Conflict):
        office.does("fiona", services.change, clause=first, version=1, **values)


@pytest.mark.parametrize("who", ["mira", "paul", "ada", "sam"])
def test_those_whom_the_policy_binds_do_not_write_it(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        office.does(
            who,
            services.add,
            program=office.program,
            code="B-1",
            kind="beyond_budget",
            parameters={},
            action="warn",
            from_day=DAY,
        )


def test_the_pages_show_what_each_clause_comes_to(office: Office) -> None:
    made = clause(office, "B-1", "fiscal_year_ceiling", year=2026, ceiling_minor=100_000)
    clause(office, "B-6", "accrual_ageing", days=30)
    activated(office, drafted(office, {"2026-11": 300_000}))
    client = browser(office, "ada")
    page = client.get("/p/ATLAS/policy/").content.decode()
    assert "3,000.00 EUR are budgeted in fiscal year 2026, 2,000.00 EUR above" in page
    assert "Nothing stands accrued." in page and "Add a clause" not in page
    rows = client.get("/p/ATLAS/policy/?format=csv&result=breached").content.decode().splitlines()
    assert len(rows) == 2 and rows[1].startswith("B-1,Fiscal-year ceiling,")
    one = client.get(f"/p/ATLAS/policy/{made.pk}/").content.decode()
    assert "Budget of fiscal year 2026" in one and "Fiona Castle" in one


def test_findings_stand_beside_what_they_are_about(office: Office) -> None:
    clause(office, "B-1", "fiscal_year_ceiling", year=2026, ceiling_minor=100_000)
    clause(office, "B-2", "beyond_budget")
    first = drafted(office, {"2026-11": 300_000})
    client = browser(office, "ada")
    assert "CRM version 1: 3,000.00 EUR" in client.get(f"/p/ATLAS/budget/{first.pk}/").content.decode()
    activated(office, first)
    spend(office, 300_001)
    request = ask(office)
    asked = client.get(f"/p/ATLAS/capital-requests/{request.pk}/").content.decode()
    assert "CR-001 asks for 600.00 EUR and 0.00 EUR are available" in asked
    budget = client.get("/p/ATLAS/budget/").content.decode()
    assert "2,000.00 EUR above the" in budget and "0.01 EUR too little" in budget
    assert 'class="warn" title="CRM, hardware (capital): 3,000.01 EUR' in budget
    found = client.get("/p/ATLAS/policy/findings/").content.decode()
    assert f"/p/ATLAS/capital-requests/{request.pk}/" in found
    lines = (
        client.get("/p/ATLAS/policy/findings/?format=csv&kind=beyond_budget").content.decode().splitlines()
    )
    assert len(lines) == 3 and lines[1].startswith("CR-001 asks for 600.00 EUR")
    cleared = client.get("/p/ATLAS/policy/findings/?state=cleared&format=csv").content.decode()
    assert "CRM version 1" in cleared  # the draft is in force: its finding is over


def test_the_policy_page_asks_few_questions_however_many_clauses(office: Office) -> None:
    clause(office, "B-1", "fiscal_year_ceiling", year=2026, ceiling_minor=100_000)
    clause(office, "B-2", "beyond_budget")
    clause(office, "B-6", "accrual_ageing", days=30)
    made = clause(office, "B-7", "separation_of_duties")
    office.granted(90_000)
    office.does(
        "fiona", ledger.accrue, program=office.program, place=office.place(), amount=40_000, effective=AT.date(),
        text="Received",
    )  # fmt: skip
    client = browser(office, "ada")
    assert questions(client, "/p/ATLAS/policy/") <= 12
    assert questions(client, f"/p/ATLAS/policy/{made.pk}/") <= 12


def test_a_clause_is_written_changed_and_ended_on_its_pages(office: Office) -> None:
    client = browser(office, "fiona")
    form = {"code": "b-3", "action": "block", "from_day": "2026-11-01", "text": "Half at most."}
    bad = client.post("/p/ATLAS/policy/add/?kind=category_cap", form | {"category": "travel", "cap": "5%"})
    assert bad.status_code == 422 and "a percentage from 0 to 100" in bad.content.decode()
    done = client.post("/p/ATLAS/policy/add/?kind=category_cap", form | {"category": "travel", "cap": "5"})
    assert done.status_code == 302
    with office.looking():
        made = PolicyClause.objects.get(program=office.program)
    assert (made.code, made.parameters) == ("B-3", {"category": "travel", "cap": "5"})
    change = {"category": "travel", "cap": "6.5", "action": "warn", "text": "", "version": "1"}
    assert client.post(f"/p/ATLAS/policy/{made.pk}/change/", change).status_code == 422  # without a reason
    change["reason"] = "Two sites more"
    assert client.post(f"/p/ATLAS/policy/{made.pk}/change/", change).status_code == 302
    assert client.post(f"/p/ATLAS/policy/{made.pk}/change/", change).status_code == 409
    page = client.get(f"/p/ATLAS/policy/{made.pk}/").content.decode()
    assert "Two sites more" in page and "At most (percent): 6.5" in page
    ended = client.post(f"/p/ATLAS/policy/{made.pk}/end/", {"version": "2", "reason": "Merged"})
    assert ended.status_code == 302
    assert "Not in force" in client.get("/p/ATLAS/policy/").content.decode()


def test_a_decision_does_not_carry_a_promise_past_a_blocking_clause(office: Office) -> None:
    activated(office, drafted(office, {"2026-11": 90_000}))
    request = submitted(office)
    clause(office, "B-2", "beyond_budget", "block")
    assert approve(office, request).state == "approved"  # within the budget: nothing against it


@pytest.mark.parametrize(
    ("code", "start", "year"),
    [
        ("2026-11", 1, 2026),
        ("2026-03", 4, 2026),
        ("2026-04", 4, 2027),
        ("2026-12", 10, 2027),
        ("2026-09", 10, 2026),
    ],
)
def test_a_fiscal_year_is_named_after_the_year_in_which_it_ends(code: str, start: int, year: int) -> None:
    assert fiscal_year(code, start) == year


def test_a_finding_is_made_an_issue_once_by_who_keeps_issues(office: Office) -> None:
    clause(office, "B-2", "beyond_budget")
    spend(office, 1)
    with office.looking():
        finding = PolicyFinding.objects.filter(clause__isnull=False).get()
    address = f"/p/ATLAS/policy/findings/{finding.pk}/issue/"
    assert browser(office, "fiona").get(address).status_code == 403
    mira = browser(office, "mira")
    assert "Make it one" in mira.get("/p/ATLAS/policy/findings/").content.decode()
    given = {"owner": office.person("fiona").pk, "due_on": "2020-01-01"}
    assert mira.post(address, given).status_code == 422
    made = mira.post(address, given | {"due_on": ""})
    assert made.status_code == 302
    page = mira.get(made.url).content.decode()
    assert finding.sentence in page and "still open" in page
    assert mira.post(address, {"owner": ""}).status_code == 409
    with office.looking():
        issue = Issue.objects.get(source="policy")
        assert (issue.owner, issue.kind) == (office.person("fiona"), "policy")
        assert FindingIssue.objects.get().finding_id == finding.pk


def test_a_clause_of_one_project_looks_at_that_project_only(office: Office) -> None:
    """The same ceiling for CRM and for DC: only CRM's budget is above it, and each breach names its project."""
    made = [
        office.does(
            "fiona", services.add, program=office.program, code=code, kind="fiscal_year_ceiling", action="warn",
            parameters={"year": 2026, "ceiling_minor": 200_000}, from_day=DAY, project=office.projects[name],
        )
        for code, name in (("B-1", "CRM"), ("B-2", "DC"))
    ]  # fmt: skip
    activated(office, drafted(office, {"2026-11": 300_000}))
    assert findings(office) == [("B-1", "2026")]
    with office.looking():
        found = PolicyFinding.objects.get(clause=made[0], cleared_at=None)
    assert (found.project_id, found.amount_minor) == (office.projects["CRM"].pk, 100_000)
    assert found.sentence.startswith("CRM: 3,000.00 EUR are budgeted in fiscal year 2026")
    clause(office, "B-3", "beyond_budget")
    spend(office, 400_000)
    assert ("B-3", "CRM/hardware/capital") in findings(office)
    office.does(
        "fiona", services.add, program=office.program, code="B-4", kind="beyond_budget", action="warn",
        parameters={}, from_day=DAY, project=office.projects["DC"],
    )  # fmt: skip
    assert not [code for code, _ in findings(office) if code == "B-4"]
    other = open_office("OTHER", ("X",))
    for project, kind, words in (
        (other.projects["X"], "beyond_budget", "another program"),
        (office.projects["DC"], "separation_of_duties", "whole program"),
    ):
        with pytest.raises(Refused, match=words):
            office.does(
                "fiona", services.add, program=office.program, code="B-9", kind=kind, action="warn",
                parameters={}, from_day=DAY, project=project,
            )  # fmt: skip


def test_the_project_of_a_clause_is_chosen_on_its_form_and_said_everywhere(office: Office) -> None:
    fiona = browser(office, "fiona")
    assert "The whole program" in fiona.get("/p/ATLAS/policy/add/?kind=category_cap").content.decode()
    assert "Holds for" not in fiona.get("/p/ATLAS/policy/add/?kind=separation_of_duties").content.decode()
    form = {
        "code": "B-7", "category": "services", "cap": "25", "action": "warn", "from_day": "2026-11-01",
        "project": str(office.projects["DC"].pk),
    }  # fmt: skip
    answer = fiona.post("/p/ATLAS/policy/add/?kind=category_cap", form)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert "In DC: Category: services" in fiona.get("/p/ATLAS/policy/").content.decode()
    assert "In DC: Category: services" in fiona.get(answer["Location"]).content.decode()
    assert fiona.get("/api/v1/programs/ATLAS/policy-clauses/").json()["results"][0]["project"] == "DC"
