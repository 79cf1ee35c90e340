"""Capital requests: asked for, decided elsewhere, and only then money."""

from __future__ import annotations

from typing import Any

import pytest

from finance.capex import revisions
from finance.capex import services as capex
from finance.capex.models import CapitalRequest, CapitalRequestRevision
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.conftest import OwnDatabase
from tests.finance.office import Office, open_office
from tests.finance.test_ledger import settle
from tests.finance.test_ledger_races import together

WANTED: dict[str, Any] = {
    "title": "Database servers",
    "justification": "The old ones are out of support.",
    "amount_minor": 60_000,
    "category": "hardware",
}


def ask(office: Office, who: str = "paul", project: str = "CRM", **more: Any) -> CapitalRequest:
    return office.does(
        who, capex.create, program=office.program, project=office.projects[project], **(WANTED | more)
    )


def submitted(office: Office, **more: Any) -> CapitalRequest:
    return office.does("paul", capex.submit, capital_request=ask(office, **more))


def digest(office: Office, request: CapitalRequest) -> str:
    with office.looking():
        shown = revisions.current(request)
    assert shown is not None
    return shown.sha256


def approve(office: Office, request: CapitalRequest, number: str = "D-7") -> CapitalRequest:
    warrant = office.warrant(number, "capital_request", digest(office, request))
    return office.does(None, capex.approve, capital_request=request, warrant=warrant)


def test_a_project_manager_asks_for_capital_for_her_own_project(office: Office) -> None:
    request = ask(office)
    assert (request.code, request.state, request.requester.name) == ("CR-001", "draft", "Paul Weber")
    assert ask(office).code == "CR-002"
    with office.looking():
        assert request.revisions.count() == 1


def test_a_project_manager_cannot_ask_for_another_project(office: Office) -> None:
    with pytest.raises(NotAllowed):
        ask(office, project="DC")


def test_an_auditor_cannot_ask_for_capital(office: Office) -> None:
    with pytest.raises(NotAllowed):
        ask(office, who="ada")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount_minor": 0}, "amount_minor"),
        ({"category": "contingency"}, "category"),
        ({"category": "yachts"}, "category"),
        ({"justification": "  "}, "justification"),
        ({"cash_profile": {"2026-11": 1}}, "cash_profile"),
        ({"cash_profile": {"soon": 60_000}}, "cash_profile"),
        ({"title": ""}, "title"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    office: Office, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        ask(office, **values)
    assert refused.value.field == field


def test_an_approved_request_sets_its_money_aside_once(office: Office) -> None:
    office.granted(100_000)
    request = approve(office, submitted(office))
    assert request.state == "approved"
    assert (office.balance("available"), office.balance("reserve")) == (40_000, 60_000)
    settle()
    with pytest.raises(Conflict, match="CR-001 is approved already"):
        approve(office, request, number="D-8")


def test_without_the_money_an_approval_does_not_stand(office: Office) -> None:
    office.granted(59_999)
    request = submitted(office)
    with pytest.raises(Refused, match=r"Only 599\.99 EUR of hardware \(capital\) is available"):
        approve(office, request)
    with office.looking():
        assert CapitalRequest.objects.get(pk=request.pk).state == "submitted"


def test_an_approval_of_other_words_than_those_shown_does_not_hold(office: Office) -> None:
    office.granted(100_000)
    request = submitted(office)
    shown = digest(office, request)
    edited = office.does(
        "paul", capex.edit, capital_request=request, version=request.version, values={"amount_minor": 90_000}
    )
    assert edited.state == "draft"
    office.does("paul", capex.submit, capital_request=edited)
    warrant = office.warrant("D-7", "capital_request", shown)
    with pytest.raises(Conflict, match="edited after it was shown"):
        office.does(None, capex.approve, capital_request=request, warrant=warrant)


def test_everyone_who_wrote_a_revision_is_known(office: Office) -> None:
    request = ask(office)
    office.does(
        "mira", capex.edit, capital_request=request, version=request.version, values={"title": "Better"}
    )
    with office.looking():
        assert revisions.editors(request) == {office.person("paul").pk, office.person("mira").pk}
        assert [r.n for r in CapitalRequestRevision.objects.order_by("n")] == [1, 2]


def test_a_later_edit_is_told_about_the_earlier_one(office: Office) -> None:
    request = ask(office)
    office.does("mira", capex.edit, capital_request=request, version=1, values={"title": "Better"})
    with pytest.raises(Conflict, match="after you opened it"):
        office.does("paul", capex.edit, capital_request=request, version=1, values={"title": "Worse"})


def test_a_request_in_review_is_withdrawn_before_it_is_edited(office: Office) -> None:
    request = office.does(None, capex.mark_in_review, capital_request=submitted(office))
    with pytest.raises(Refused, match="in review cannot be edited"):
        office.does("paul", capex.edit, capital_request=request, version=request.version, values={})
    assert office.does("paul", capex.withdraw, capital_request=request).state == "withdrawn"


def test_a_rejected_request_commits_nothing(office: Office) -> None:
    office.granted(100_000)
    request = office.does(None, capex.reject, capital_request=submitted(office))
    assert request.state == "rejected"
    assert office.balance("reserve") == 0


def test_two_decisions_at_once_commit_the_money_once(own_database: OwnDatabase) -> None:
    office = open_office()
    office.granted(1_000_000)
    request = submitted(office)
    warrants = [office.warrant(f"D-{n}", "capital_request", digest(office, request)) for n in range(20)]

    def decide(n: int) -> None:
        office.does(None, capex.approve, capital_request=request, warrant=warrants[n])

    assert together(20, decide) == {"done": 1, "conflict": 19}
    assert office.balance("reserve") == 60_000


def test_an_approval_never_holds_for_words_that_were_edited_at_the_same_moment(
    own_database: OwnDatabase,
) -> None:
    office = open_office()
    office.granted(10_000_000)
    request = submitted(office)
    shown = digest(office, request)
    warrants = [office.warrant(f"D-{n}", "capital_request", shown) for n in range(20)]

    def act(n: int) -> None:
        if n % 2:
            office.does(None, capex.approve, capital_request=request, warrant=warrants[n])
        else:
            values = {"amount_minor": 70_000 + n}
            office.does("paul", capex.edit, capital_request=request, version=request.version, values=values)

    together(20, act)
    with office.looking():
        now = CapitalRequest.objects.get(pk=request.pk)
        last = revisions.current(now)
        assert last is not None
        if now.state == "approved":
            assert last.sha256 == shown and office.balance("reserve") == now.amount_minor == 60_000
        else:
            assert last.sha256 != shown and office.balance("reserve") == 0
