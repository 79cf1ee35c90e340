"""Control accounts add up to the cent; beyond the limits their managers are asked, once, and answer."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from finance.control_accounts import selectors, services
from finance.control_accounts.limits import Limits, crossed
from finance.control_accounts.models import ControlAccount, VarianceFinding
from finance.earned_value import selectors as earned
from finance.earned_value import services as earned_value
from finance.engine.earned_value import Figures, Minor
from finance.engine.measures import measures
from pmo.accounts.models import User
from pmo.outbox.models import Outbox
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.portfolio.models import Program
from programs.raid import issues
from programs.raid.issue_models import Issue
from programs.schedule.models import Activity, Progress, StatusPeriod
from tests.governance.committee import Committee, make_committee
from tests.governance.planned import STATUS, planned


@pytest.fixture
def committee(db: None) -> Committee:
    """The baselined plan; E1 lies under summary S1, which lies under S0; E2 in no account."""
    made = make_committee("ATLAS")
    planned(made)
    with made.looking():
        top = Activity.objects.create(
            program=made.program, project=made.erp, code="S0", name="All", kind="summary"
        )
        part = Activity.objects.create(
            program=made.program, project=made.erp, code="S1", name="Part", kind="summary", parent=top
        )
        Activity.objects.filter(program=made.program, code="E1").update(parent=part)
    return made


def activity(committee: Committee, code: str) -> Activity:
    with committee.looking():
        found: Activity = Activity.objects.select_related("project").get(program=committee.program, code=code)
    return found


def account(committee: Committee, code: str = "S1", manager: User | None = None) -> ControlAccount:
    return committee.does(
        committee.program_manager,
        services.create,
        program=committee.program,
        activity=activity(committee, code),
        manager=manager or committee.erp_manager,
    )


def computed(committee: Committee) -> None:
    with committee.looking():
        committee.program.plan_version += 1
        Program.objects.filter(pk=committee.program.pk).update(plan_version=committee.program.plan_version)
    committee.does(None, earned_value.refresh, program=committee.program)


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


# ------------------------------------------------------------------ accounts
def test_accounts_and_what_lies_outside_add_up_to_the_program_to_the_cent(committee: Committee) -> None:
    account(committee)
    with committee.looking():
        run = earned.newest_run(committee.program)
        assert run is not None
        values = selectors.latest(committee.program, run, STATUS)
        total = earned.program_at(run, STATUS)
    assert total is not None
    by_code = {(one.project.code, one.account.code if one.account else ""): one.minor for one in values}
    # E1: 80 % of 32,000; outside it E2, of which nothing is earned; IAM has no account.
    assert by_code["ERP-FIN", "ERP-FIN.S1"].ev == 25_600_00
    assert by_code["ERP-FIN", ""].bac == 32_000_00 and by_code["ERP-FIN", ""].ev == 0
    assert by_code["IAM", ""].ev == 16_000_00
    both = sum(by_code.values(), Minor())
    assert (both.bac, both.pv, both.ev, both.ac) == (total.bac, total.pv, total.ev, total.ac)


def test_an_account_neither_above_nor_under_another(committee: Committee) -> None:
    account(committee)
    with pytest.raises(Refused, match="lies under it"):
        account(committee, "S0")
    with pytest.raises(Refused, match="already"):
        account(committee, "S1")
    with pytest.raises(Refused, match="is a summary"):
        account(committee, "E2")


def test_only_who_plans_the_project_names_accounts_and_a_stale_edit_is_told(committee: Committee) -> None:
    for who in (committee.iam_manager, committee.controller, committee.auditor):
        with pytest.raises(NotAllowed):
            committee.does(
                who,
                services.create,
                program=committee.program,
                activity=activity(committee, "S1"),
                manager=None,
            )
    made = account(committee)
    edited = committee.does(
        committee.erp_manager, services.edit, account=made, changes={"code": "CA-1"}, version=made.version
    )
    assert edited.code == "CA-1"
    with pytest.raises(Conflict):
        committee.does(
            committee.erp_manager, services.edit, account=made, changes={"code": "CA-2"}, version=made.version
        )


def test_list_account_file_and_api_show_the_same(committee: Committee) -> None:
    made = account(committee)
    client = browser(committee.auditor)
    assert "ERP-FIN.S1" in client.get("/p/ATLAS/control-accounts/").content.decode()
    page = client.get(f"/p/ATLAS/control-accounts/{made.pk}/").content.decode()
    assert ">E1</a>" in page and ">E2</a>" not in page and "EV / PV" in page
    text = client.get("/p/ATLAS/control-accounts/?format=csv").content.decode()
    rows = {row["Control account"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["ERP-FIN.S1"]["EV"] == "25600.00"
    told = client.get("/api/v1/programs/ATLAS/control-accounts/earned-value/").json()["accounts"]
    assert [one["ev_minor"] for one in told if one["control_account"] == made.pk] == [25_600_00]
    assert client.get("/api/v1/programs/ATLAS/control-accounts/").json()["results"][0]["activity"] == "S1"


def test_the_form_makes_edits_and_removes(committee: Committee) -> None:
    client = browser(committee.erp_manager)
    element = activity(committee, "S1").pk
    wrong = client.post("/p/ATLAS/control-accounts/add/", {"activity": element, "code": "no good"})
    assert wrong.status_code == 422 and "no good" in wrong.content.decode()
    assert client.post("/p/ATLAS/control-accounts/add/", {"activity": element}).status_code == 302
    with committee.looking():
        made = ControlAccount.objects.get(program=committee.program)
    base = f"/p/ATLAS/control-accounts/{made.pk}/"
    saved = client.post(
        f"{base}edit/", {"code": "CA-9", "manager": committee.erp_manager.pk, "version": made.version}
    )
    assert saved.status_code == 302
    assert client.post(f"{base}edit/", {"code": "CA-8", "version": made.version}).status_code == 409
    assert client.post(f"{base}remove/", {"version": made.version + 1}).status_code == 302
    assert client.get(base).status_code == 404


# ------------------------------------------------------------------ limits, pure
def beyond(limits: Limits, bac: int, pv: int, ev: int, ac: int) -> list[str]:
    figures = Figures(*(Fraction(one) for one in (bac, pv, ev, ac)))
    return [one["measure"] for one in crossed(limits, figures, measures(figures, "EUR"), "EUR")]


def test_what_lies_beyond_a_limit() -> None:
    assert beyond(Limits(), 1000, 500, 450, 500) == [
        "vac"
    ]  # CPI 0.90 is on the limit; 11 % above the budget is not
    assert beyond(Limits(), 1000, 500, 449, 500) == ["cpi", "spi", "vac"]
    assert beyond(Limits(), 1000, 500, 500, 400) == ["cpi"]  # far cheaper than planned is asked about as well
    assert beyond(Limits(), 1000, 500, 0, 0) == [
        "spi"
    ]  # no cost yet: the CPI is not defined and crosses nothing
    assert beyond(Limits(smallest_minor=60), 1000, 500, 449, 500) == ["vac"]
    assert beyond(Limits(cpi_low=None, spi_low=None, vac_percent=None), 1000, 500, 100, 500) == []


# ------------------------------------------------------------------ findings
def found(committee: Committee) -> VarianceFinding:
    with committee.looking():
        one: VarianceFinding = VarianceFinding.objects.select_related("account").get(
            program=committee.program
        )
    return one


def test_an_account_beyond_the_limits_is_asked_about_once_for_each_status_date(committee: Committee) -> None:
    """At the status date 35 of 40 days were planned (28,000) and 80 % earned: SPI 0.91. With 0.95 as limit it asks."""
    account(committee)
    computed(committee)
    with committee.looking():
        assert not VarianceFinding.objects.exists()
    strict = Limits(spi_low=Decimal("0.950"), answer_days=5)
    committee.does(committee.program_manager, services.set_limits, program=committee.program, wanted=strict)
    computed(committee)
    computed(committee)  # and no second time
    one = found(committee)
    assert one.owner == committee.erp_manager and one.due_on == (one.found_at + timedelta(days=5)).date()
    assert "SPI 0.914 is below 0.95" in one.crossed[0]["sentence"]
    with committee.looking():
        later = StatusPeriod.objects.create(
            program=committee.program, project=committee.erp, number=2, at=STATUS + timedelta(days=14)
        )
        Progress.objects.create(
            program=committee.program,
            period=later,
            activity=Activity.objects.get(program=committee.program, code="E1"),
            percent_complete=85,
        )
    computed(committee)
    with committee.looking():
        assert VarianceFinding.objects.filter(program=committee.program).count() == 2
    client = browser(committee.erp_manager)
    assert "ERP-FIN.S1: SPI beyond the limit" in client.get("/p/ATLAS/variances/?mine=1").content.decode()


def asked(committee: Committee) -> VarianceFinding:
    account(committee)
    strict = Limits(spi_low=Decimal("0.950"))
    committee.does(committee.program_manager, services.set_limits, program=committee.program, wanted=strict)
    computed(committee)
    return found(committee)


ANSWER = {
    "cause": "Two testers were ill.",
    "impact": "Ten days.",
    "corrective_action": "One more from May on.",
}


def test_the_manager_answers_and_somebody_else_closes(committee: Committee) -> None:
    one = asked(committee)
    client = browser(committee.erp_manager)
    address = f"/p/ATLAS/variances/{one.pk}/"
    half = client.post(address, ANSWER | {"impact": "", "version": one.version})
    assert half.status_code == 422 and "Two testers were ill." in half.content.decode()
    assert client.post(address, ANSWER | {"version": one.version}).status_code == 302
    assert client.post(address, ANSWER | {"version": one.version}).status_code == 409
    now = found(committee)
    assert (now.state, now.answered_by) == ("answered", committee.erp_manager)
    assert client.post(f"{address}close/", {"version": now.version}).status_code == 403
    controller = browser(committee.controller)
    assert "Accept the answer" in controller.get(address).content.decode()
    assert controller.post(f"{address}close/", {"version": now.version}).status_code == 302
    assert found(committee).state == "closed"
    with pytest.raises(Refused, match="stays as it was accepted"):
        committee.does(
            committee.erp_manager, services.answer, finding=one, values=ANSWER, version=now.version + 1
        )


def test_nobody_closes_the_own_answer(committee: Committee) -> None:
    one = asked(committee)
    manager = committee.program_manager
    committee.does(manager, services.answer, finding=one, values=ANSWER, version=one.version)
    with pytest.raises(NotAllowed, match="does not close it"):
        committee.does(manager, services.close, finding=one, version=one.version + 1)
    with pytest.raises(NotAllowed):
        committee.does(
            committee.iam_manager, services.answer, finding=one, values=ANSWER, version=one.version
        )


def test_the_api_answers_and_closes(committee: Committee) -> None:
    one = asked(committee)
    base = f"/api/v1/programs/ATLAS/variances/{one.pk}"

    def send(who: User, method: str, url: str, body: Any) -> Any:
        return browser(who).generic(method, url, json.dumps(body), "application/json")

    put = send(committee.erp_manager, "PUT", f"{base}/answer/", ANSWER | {"version": one.version})
    assert put.status_code == 200 and put.json()["state"] == "answered"
    closed = send(committee.controller, "POST", f"{base}/close/", {"version": put.json()["version"]})
    assert closed.status_code == 200 and closed.json()["closed_by"] == committee.controller.name


def test_limits_are_the_program_managers_and_sane(committee: Committee) -> None:
    client = browser(committee.program_manager)
    address = "/p/ATLAS/variances/limits/"
    good = {"cpi_low": "0.85", "spi_low": "", "vac_percent": "5", "smallest": "1000", "answer_days": "7"}
    wrong = client.post(address, good | {"cpi_low": "1.2"})
    assert wrong.status_code == 422 and "between 0 and 1" in wrong.content.decode()
    assert client.post(address, good).status_code == 302
    with committee.looking():
        assert services.limits_of(committee.program) == Limits(
            Decimal("0.850"), None, None, Decimal("5.00"), 1000_00, 7
        )
    assert browser(committee.erp_manager).get(address).status_code == 403


# ------------------------------------------------------------------ its issue
def now(issue: Issue) -> Issue:
    return Issue.objects.get(pk=issue.pk)


def test_a_variance_opens_one_issue_and_writes_to_its_owner_once(committee: Committee) -> None:
    one = asked(committee)
    computed(committee)
    with committee.looking():
        issue = Issue.objects.get(program=committee.program)
        assert (issue.source, issue.owner, issue.due_on) == ("variance", committee.erp_manager, one.due_on)
        assert [about.activity.code for about in issue.about.select_related("activity")] == ["S1"]
        mail = Outbox.objects.get(key__startswith="variance:")
        assert mail.payload["to"] == committee.erp_manager.email and issue.code in mail.payload["text"]
        later = StatusPeriod.objects.create(
            program=committee.program, project=committee.erp, number=2, at=STATUS + timedelta(days=14)
        )
        progress = Progress.objects.create(
            program=committee.program, period=later, percent_complete=85,
            activity=Activity.objects.get(program=committee.program, code="E1"),
        )  # fmt: skip
    computed(committee)
    with committee.looking():
        assert VarianceFinding.objects.filter(issue=issue).count() == 2
        assert "Still beyond at status date" in issue.notes.get().text
        StatusPeriod.objects.create(
            program=committee.program, project=committee.erp, number=3, at=STATUS + timedelta(days=28)
        )
        third = StatusPeriod.objects.get(program=committee.program, project=committee.erp, number=3)
        Progress.objects.create(
            program=committee.program, period=third, percent_complete=100, activity=progress.activity
        )
    for _ in range(2):
        computed(committee)
    with committee.looking():
        assert issue.notes.filter(text__startswith="Back within the limits").count() == 1
        assert now(issue).state == "open"  # said, not closed
        assert Outbox.objects.filter(key__startswith="variance:").count() == 1


def test_the_issue_of_a_variance_is_not_resolved_before_the_variance_is_answered(
    committee: Committee,
) -> None:
    one = asked(committee)
    manager = committee.erp_manager
    with committee.looking():
        issue = Issue.objects.get(program=committee.program)
    with pytest.raises(Refused, match="not answered: say cause"):
        committee.does(manager, issues.resolve, issue=issue, text="Done.", version=issue.version)
    committee.does(manager, services.answer, finding=one, values=ANSWER, version=one.version)
    committee.does(manager, issues.resolve, issue=issue, text="Done.", version=issue.version)
    page = browser(manager).get(f"/p/ATLAS/issues/{issue.pk}/").content.decode()
    assert "ERP-FIN.S1: SPI beyond the limit" in page and f"/p/ATLAS/variances/{one.pk}/" in page


def test_a_new_manager_of_the_account_owns_its_issue_and_sees_it_counted(committee: Committee) -> None:
    one = asked(committee)
    committee.does(
        committee.program_manager, services.edit, account=one.account, version=one.account.version,
        changes={"manager": committee.staff},
    )  # fmt: skip
    with committee.looking():
        assert Issue.objects.get(program=committee.program).owner == committee.staff
    page = browser(committee.staff).get("/p/ATLAS/issues/?state=mine").content.decode()
    assert one.title in page
    assert re.search(r"Issues\s*<[^>]*>\s*1\s*<", page), re.findall(r"Issues.{0,80}", page, re.S)
