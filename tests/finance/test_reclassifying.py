"""Cost is moved between capital and expense by two persons, once, with its counter lines, and can be taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.urls import reverse

from finance import verify
from finance.capitalisation import reclassifying
from finance.capitalisation.reclass_models import Reclassification, ReclassifiedLine
from finance.imports import reading
from finance.ledger import services as ledger
from finance.ledger.models import ActualLine, Journal
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.conftest import OwnDatabase
from tests.finance.office import Office, open_office
from tests.finance.test_capitalisation import imported, recorded, spent, sums  # noqa: F401 - a fixture
from tests.finance.test_ledger_races import together
from tests.finance.test_pages import browser


def asked(office: Office, who: str = "mira", **more: Any) -> Reclassification:
    given = {"project": office.projects["CRM"], "reason": "As the policy says."} | more
    return office.does(who, reclassifying.ask, **given)


def accepted(office: Office, one: Reclassification, who: str = "fiona") -> Reclassification:
    return office.does(who, reclassifying.accept, reclassification=one, version=one.version)


def natures(office: Office) -> dict[str, int]:
    with office.looking():
        rows = ActualLine.objects.filter(program=office.program, project=office.projects["CRM"])
        return {row["nature"]: int(row["s"]) for row in rows.values("nature").annotate(s=Sum("amount_minor"))}


def spent_of(office: Office, nature: str, category: str = "labour") -> int:
    return office.balance("spent", office.place("CRM", category, nature))


def whole(office: Office) -> list[str]:
    with office.looking(), connection.cursor() as cursor:
        return verify.check(cursor)


def test_what_is_proposed_is_posted_once_by_somebody_else_and_nothing_differs_any_more(spent: Office) -> None:  # noqa: F811
    recorded(spent)
    before = sums(spent)
    one = asked(spent)
    # L-1 (before the funds) and L-3 change places; L-4 stays, as services in development are capital.
    assert (one.lines, one.to_capital_minor, one.to_expense_minor) == (2, 50_00, 100_00)
    assert natures(spent) == {"capital": 330_00, "operating": 57_00}  # asked for, nothing posted
    one = accepted(spent, one)
    assert natures(spent) == {"capital": 280_00, "operating": 107_00}
    assert (spent_of(spent, "capital"), spent_of(spent, "operating")) == (250_00, 100_00)
    after = sums(spent)
    assert (after.spent, after.restated) == (before.spent, before.restated)
    assert after.posted_capital == after.proposed_capital == 280_00
    with pytest.raises(Refused, match="No cost is posted otherwise"):
        asked(spent)
    with pytest.raises(Conflict, match="already"):
        accepted(spent, one)
    assert whole(spent) == []


def test_no_file_of_costs_takes_the_reference_of_a_counter_line(spent: Office) -> None:  # noqa: F811
    recorded(spent)
    accepted(spent, asked(spent))
    with spent.looking():
        counter = ActualLine.objects.filter(journal__source_kind="reclassification")
        references = list(counter.values_list("source_reference", flat=True))
    assert len(references) == 4 and all(one.lower().startswith(reading.KEPT) for one in references)


def test_who_asked_does_not_post_it_nor_take_it_back_not_even_past_the_services(spent: Office) -> None:  # noqa: F811
    recorded(spent)
    one = asked(spent, "fiona")
    with pytest.raises(NotAllowed, match="Who asked"):
        accepted(spent, one)
    with spent.looking(), pytest.raises(DatabaseError), transaction.atomic():
        Reclassification.objects.filter(pk=one.pk).update(
            state="accepted", decided_by=spent.person("fiona"), decided_at=one.asked_at
        )
    with spent.looking(), pytest.raises(DatabaseError, match="accepted"), transaction.atomic():
        ReclassifiedLine.objects.filter(reclassification=one).update(live=True)
    with spent.looking(), pytest.raises(DatabaseError), transaction.atomic():
        ReclassifiedLine.objects.filter(reclassification=one).update(amount_minor=1)


def test_two_who_ask_for_the_same_lines_do_not_move_them_twice(spent: Office) -> None:  # noqa: F811
    recorded(spent)
    first, second = asked(spent), asked(spent)
    accepted(spent, first)
    with pytest.raises(Conflict, match="not what is proposed now"):
        accepted(spent, second)
    assert natures(spent) == {"capital": 280_00, "operating": 107_00}
    gone = spent.does("mira", reclassifying.reject, reclassification=second, version=1, text="Done already.")
    assert gone.state == "rejected"


def test_another_policy_moves_them_back_and_the_first_stays_as_it_is(spent: Office) -> None:  # noqa: F811
    recorded(spent)
    first = accepted(spent, asked(spent))
    waiting = recorded(spent, "ias_38")  # no criterion is shown: all of it is expense
    assert waiting.pk
    second = accepted(spent, asked(spent))
    assert natures(spent) == {"capital": 0, "operating": 387_00}
    with pytest.raises(Refused, match="reclassified again"):
        spent.does("fiona", reclassifying.take_back, reclassification=first, version=first.version, text="x")
    spent.does(
        "fiona", reclassifying.take_back, reclassification=second, version=second.version, text="Wrong."
    )
    assert natures(spent) == {"capital": 280_00, "operating": 107_00}
    spent.does("fiona", reclassifying.take_back, reclassification=first, version=first.version, text="Wrong.")
    assert natures(spent) == {"capital": 330_00, "operating": 57_00}
    assert whole(spent) == []


def test_what_was_asked_under_a_former_policy_is_not_posted(spent: Office) -> None:  # noqa: F811
    recorded(spent)
    one = asked(spent)
    recorded(spent)
    with pytest.raises(Conflict, match="Ask again"):
        accepted(spent, one)


def test_evidence_of_a_day_to_come_supports_no_posting(spent: Office) -> None:  # noqa: F811
    recorded(spent, completion_probable_on=date(2027, 3, 1))
    with pytest.raises(Refused, match="evidence is not there yet"):
        asked(spent)


def test_a_journal_whose_costs_were_reclassified_is_not_reversed_by_itself(spent: Office) -> None:  # noqa: F811
    recorded(spent)
    one = accepted(spent, asked(spent))
    with spent.looking():
        cost = ActualLine.objects.get(source_reference="L-3").journal
        half = Journal.objects.filter(source_kind="reclassification")[0]
    for journal, said in ((cost, f"take {one.code} back first"), (half, "one half of a reclassification")):
        with pytest.raises(Refused, match=said):
            spent.does("fiona", ledger.reverse, journal=journal, text="Wrong.")


def test_the_month_narrows_and_a_stale_count_is_told(spent: Office) -> None:  # noqa: F811
    recorded(spent)
    assert asked(spent, month="2026-10").lines == 1
    with pytest.raises(Conflict):
        asked(spent, seen_lines=7)
    for month in ("2026-13", "x", "0000-01"):
        with pytest.raises(Refused):
            asked(spent, month=month)


def test_pages_and_api_ask_post_and_take_back(spent: Office) -> None:  # noqa: F811
    recorded(spent)
    mira, fiona = browser(spent, "mira"), browser(spent, "fiona")
    ask = reverse("finance:reclassification-ask", kwargs={"code": "ATLAS", "project_code": "CRM"})
    assert "Expense to Capital" in mira.get(ask).content.decode()
    for month in ("0000-01", "9999-12", "2026-10"):
        assert mira.get(ask, {"month": month}).status_code == 200
    assert mira.post(ask, {"reason": "x", "month": "0000-01"}).status_code == 422
    assert mira.post(ask, {"reason": ""}).status_code == 422
    answer = mira.post(ask, {"reason": "<b>policy</b>", "seen_lines": 2})
    assert answer.status_code == 302
    page = fiona.get(answer.url).content.decode()
    assert "Post it" in page and "&lt;b&gt;policy" in page
    assert mira.post(answer.url, {"do": "accept", "version": 1}).status_code == 403
    assert fiona.post(answer.url, {"do": "x", "version": "y"}).status_code == 422
    assert fiona.post(answer.url, {"do": "accept", "version": 1}).status_code == 302
    listed = fiona.get("/api/v1/programs/ATLAS/reclassifications/").json()["results"]
    assert [(one["state"], one["lines"]) for one in listed] == [("accepted", 2)]
    lines = fiona.get(
        "/api/v1/programs/ATLAS/reclassified-lines/", {"reclassification": listed[0]["id"]}
    ).json()
    assert {one["source_reference"] for one in lines["results"]} == {"L-1", "L-3"}
    back = fiona.post(
        f"/api/v1/programs/ATLAS/reclassifications/{listed[0]['id']}/take-back/",
        {"version": 2, "text": "Wrong."}, content_type="application/json",
    )  # fmt: skip
    assert back.status_code == 200 and back.json()["state"] == "taken_back"


def test_of_eight_who_post_the_same_costs_at_once_one_does(own_database: OwnDatabase) -> None:
    office = imported(open_office())
    recorded(office)
    both = [asked(office), asked(office)]
    assert sum(together(8, lambda n: accepted(office, both[n % 2]), 8).values()) == 8
    with office.looking():
        assert Reclassification.objects.filter(state="accepted").count() == 1
        assert ReclassifiedLine.objects.filter(live=True).count() == 2
    assert natures(office) == {"capital": 280_00, "operating": 107_00}
    assert whole(office) == []


def test_a_cost_is_reversed_or_reclassified_never_both(own_database: OwnDatabase) -> None:
    office = imported(open_office())
    recorded(office)
    one = asked(office)
    with office.looking():
        cost = ActualLine.objects.get(source_reference="L-3").journal

    def deed(n: int) -> None:
        if n % 2:
            office.does("fiona", ledger.reverse, journal=cost, text="Wrong.")
        else:
            accepted(office, one)

    assert together(4, deed, 4)["done"] == 1
    assert whole(office) == []
