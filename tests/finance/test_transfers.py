"""Budget is moved within what is delegated; beyond, the rule's own sentence says so. Reserves tell where they went."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from finance.ledger import services as ledger
from finance.ledger.models import Journal
from finance.reserves import burn_down
from finance.transfers import selectors
from finance.transfers import services as transfers
from finance.transfers.models import TransferRule
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.raid.models import Risk
from tests.finance.office import Office
from tests.finance.test_budgets import activated, drafted, line
from tests.finance.test_ledger import TODAY, settle


@pytest.fixture
def funded(office: Office) -> Office:
    """10,000.00 for hardware of CRM; Fiona may move 1,000.00 at once and 1,500.00 in a year, within a project."""
    office.granted(1_000_000)
    delegated(office)
    return office


def delegated(office: Office, **more: object) -> TransferRule:
    values: dict[str, object] = {
        "role": "finance_controller",
        "up_to_minor": 100_000,
        "year_up_to_minor": 150_000,
        "valid_from": date(2026, 1, 1),
    }
    made: TransferRule = office.does("mira", transfers.delegate, program=office.program, **(values | more))
    return made


def move(office: Office, amount: int, who: str = "fiona", to: str = "CRM", **more: object) -> object:
    values: dict[str, object] = {
        "program": office.program,
        "source": office.place(),
        "target": office.place(to, "software", "operating"),
        "amount": amount,
        "effective": TODAY,
        "text": "Licences in place of servers",
    }
    return office.does(who, transfers.transfer, **(values | more))


def test_a_transfer_within_the_rule_moves_the_money_and_keeps_the_rule(funded: Office) -> None:
    move(funded, 90_000)
    assert funded.balance("available") == 910_000
    assert funded.balance("available", funded.place("CRM", "software", "operating")) == 90_000
    with funded.looking():
        journal = Journal.objects.get(kind="transfer")
    assert (journal.source_kind, journal.source_id, journal.text) == (
        "transfer_rule", "T-1", "Licences in place of servers",
    )  # fmt: skip
    settle()


def test_more_than_the_rule_allows_at_once_is_refused_with_its_sentence(funded: Office) -> None:
    with pytest.raises(
        Refused, match=r"T-1 lets a finance controller move 1,000\.00 EUR at once, not 1,000\.01"
    ):
        move(funded, 100_001)
    assert funded.balance("available") == 1_000_000


def test_the_year_is_counted_and_what_was_taken_back_is_not(funded: Office) -> None:
    move(funded, 100_000)
    with pytest.raises(
        Refused, match=r"1,500\.00 EUR in the fiscal year 2026; 1,000\.00 EUR is moved already"
    ):
        move(funded, 60_000)
    with funded.looking():
        journal = Journal.objects.get(kind="transfer")
    funded.does("fiona", ledger.reverse, journal=journal, text="Not needed")
    move(funded, 60_000)


def test_from_one_project_to_another_only_where_the_rule_says_so(funded: Office) -> None:
    with pytest.raises(Refused, match="within a project only"):
        move(funded, 5_000, to="DC")
    delegated(funded, across_projects=True, up_to_minor=6_000, year_up_to_minor=None)
    move(funded, 5_000, to="DC")
    with pytest.raises(Refused, match=r"needs a decision"):
        move(funded, 7_000, to="DC")


def test_without_a_rule_for_the_role_nothing_is_moved(funded: Office) -> None:
    with pytest.raises(Refused, match="No rule lets your role move budget"):
        move(funded, 1, who="mira")
    with pytest.raises(NotAllowed):
        move(funded, 1, who="paul")


def test_a_rule_holds_from_its_first_to_its_last_day(office: Office) -> None:
    office.granted(1_000_000)
    rule = delegated(office, valid_from=date(2026, 11, 17))
    with pytest.raises(Refused, match="No rule"):
        move(office, 1)
    early = delegated(office, valid_from=date(2026, 1, 1))
    move(office, 1)
    office.does("mira", transfers.end, rule=early, last_day=date(2026, 11, 15), version=1)
    with pytest.raises(Refused, match="No rule"):
        move(office, 1)
    with pytest.raises(Conflict):
        office.does("mira", transfers.end, rule=early, last_day=date(2026, 11, 16), version=1)
    with pytest.raises(Refused, match="before it began"):
        office.does("mira", transfers.end, rule=rule, last_day=date(2026, 11, 16), version=1)


def test_a_reserve_is_not_moved_by_a_transfer(funded: Office) -> None:
    funded.granted(50_000, funded.place("CRM", "contingency", "operating"), "D-2")
    with pytest.raises(Refused, match="drawn only by a decision"):
        move(funded, 1_000, source=funded.place("CRM", "contingency", "operating"))


def test_who_keeps_budgets_does_not_set_the_limits_and_who_sets_them_gives_them_to_nobody_else(
    office: Office,
) -> None:
    with pytest.raises(NotAllowed):
        office.does(
            "fiona", transfers.delegate, program=office.program, role="finance_controller",
            up_to_minor=1, valid_from=TODAY,
        )  # fmt: skip
    with pytest.raises(Refused, match="Only a role that keeps budgets"):
        delegated(office, role="auditor")
    with pytest.raises(Refused, match="not below that of one transfer"):
        delegated(office, up_to_minor=5, year_up_to_minor=4)


def test_the_database_knows_the_limits_of_a_rule(office: Office) -> None:
    rule = delegated(office)
    for values in (
        {"up_to_minor": 0},
        {"year_up_to_minor": 1},
        {"valid_to": date(2025, 1, 1)},
        {"role": "nobody"},
    ):
        with office.looking(), pytest.raises(DatabaseError), transaction.atomic():
            TransferRule.objects.filter(pk=rule.pk).update(**values)


# ------------------------------------------------------------------ the page
def test_the_page_moves_money_or_keeps_what_was_typed_with_the_reason(funded: Office) -> None:
    client = Client()
    client.force_login(funded.person("fiona"))
    form = {
        "source_project": "CRM", "source_category": "hardware", "source_nature": "capital",
        "target_project": "CRM", "target_category": "software", "target_nature": "operating",
        "amount": "2,000.00", "effective": "2026-11-16", "text": "Licences <now>",
    }  # fmt: skip
    refused = client.post("/p/ATLAS/transfers/", form)
    assert refused.status_code == 422 and "at once, not 2,000.00 EUR" in refused.content.decode()
    assert 'value="2,000.00"' in refused.content.decode()
    assert client.post("/p/ATLAS/transfers/", form | {"amount": "20"}).status_code == 302
    text = re.sub(r"<[^>]+>|\s+", " ", client.get("/p/ATLAS/transfers/").content.decode())
    assert re.search(
        r"CRM Hardware, capital +CRM Software, operating +20\.00.EUR +Licences &lt;now&gt; +T-1 +Fiona", text
    )
    rows = client.get("/p/ATLAS/transfers/?format=csv").content.decode().splitlines()
    assert "CRM Hardware, capital" in rows[1] and ",20.00,EUR," in rows[1]
    sam = Client()
    sam.force_login(funded.person("sam"))
    assert "Move budget" not in sam.get("/p/ATLAS/transfers/").content.decode()
    assert sam.post("/p/ATLAS/transfers/", form).status_code == 403


# ------------------------------------------------------------------ reserves
def test_the_log_of_a_reserve_says_what_was_granted_drawn_by_which_decision_and_left(office: Office) -> None:
    first = drafted(office, {"2026-11": 100_000})
    line(office, first, "2026-11", 30_000, category="contingency", nature="operating")
    activated(office, first)
    second = drafted(office, {"2026-11": 112_000})
    line(office, second, "2026-11", 18_000, category="contingency", nature="operating")
    activated(office, second, "B-2")
    with office.looking():
        found = selectors.movements(office.program.pk)
    assert [(one.amount, one.left, one.decision) for one in found] == [
        (30_000, 30_000, "B-1"), (-12_000, 18_000, "B-2"),
    ]  # fmt: skip
    [reserve] = selectors.reserves(found)
    assert (reserve.granted, reserve.drawn, reserve.left) == (30_000, 12_000, 18_000)
    assert reserve.left == office.balance("reserve", office.place("CRM", "contingency", "operating"))
    client = Client()
    client.force_login(office.person("sam"))
    page = client.get("/p/ATLAS/reserves/").content.decode()
    assert "Drawn by decision" in page and "−120.00" in page and "<svg" in page
    body = client.get("/api/v1/programs/ATLAS/reserves/").json()
    assert (body["left_minor"], [one["amount_minor"] for one in body["movements"]]) == (
        18_000,
        [30_000, -12_000],
    )
    assert "B-2,-120.00,180.00" in client.get("/p/ATLAS/reserves/?format=csv").content.decode()


def test_contingency_burns_down_by_what_the_open_risks_are_expected_to_cost(office: Office) -> None:
    """300.00 granted, 120.00 drawn; 90 % of 100.00 are due, 50 % of 400.00 have no day: 110.00 are not covered."""
    first = drafted(office, {"2026-11": 100_000, "2027-02": 1})
    line(office, first, "2026-11", 30_000, category="contingency", nature="operating")
    activated(office, first)
    second = drafted(office, {"2026-11": 112_000, "2027-02": 1})
    line(office, second, "2026-11", 18_000, category="contingency", nature="operating")
    activated(office, second, "B-2")
    raised: dict[str, Any] = {"program": office.program, "impact": 3, "raised_on": office.at.date()}
    now = timezone.now().date()
    with office.looking():
        for code, more in {
            "R1": {"exposure_minor": 10_000, "probability": 5, "due_on": date(2026, 1, 1)},
            "R2": {"exposure_minor": 40_000, "probability": 3},
            "R3": {"exposure_minor": 90_000, "probability": 5, "state": "closed"},
            "R4": {"exposure_minor": 0, "probability": 5},
        }.items():
            Risk.objects.create(code=code, title=code, **raised, **more)
        found = burn_down.read(office.program, selectors.movements(office.program.pk), now)
    assert (found.left, found.expected, found.gross, found.cover) == (18_000, 29_000, 50_000, -11_000)
    assert (found.risks, found.undated, found.ahead[0].draw, found.ahead[-1].exposure) == (2, 1, 9_000, 0)
    assert sum(month.granted - month.drawn for month in found.past) == 18_000
    client = Client()
    client.force_login(office.person("sam"))
    for address in ("/p/ATLAS/reserves/", "/p/ATLAS/forecast/"):
        page = client.get(address).content.decode()
        for words in ("Contingency burn-down", "are not covered", "no day and is drawn in the last month"):
            assert words in page, (address, words)
    told = client.get("/api/v1/programs/ATLAS/reserves/").json()["burn_down"]
    assert (told["expected_minor"], told["cover_minor"], told["open_risks"]) == (29_000, -11_000, 2)


def test_money_is_set_aside_on_a_page_within_what_is_available_and_given_back_by_its_journal(
    office: Office,
) -> None:
    office.granted(10_000)
    fiona, sam = Client(), Client()
    fiona.force_login(office.person("fiona"))
    sam.force_login(office.person("sam"))
    given = {
        "project": "CRM",
        "category": "hardware",
        "nature": "capital",
        "amount": "60",
        "text": "<b>Storage</b>",
    }
    address = "/p/ATLAS/transfers/set-aside/"
    assert sam.post(address, given).status_code == 403
    for wrong, sentence in (
        ({"amount": "100.01"}, "is needed"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "-5"}, "amount"),
        ({"category": "contingency"}, "Select a valid choice"),
        ({"text": " "}, "required"),
        ({"project": "NONE"}, "Select a valid choice"),
    ):
        answer = fiona.post(address, given | wrong)
        assert answer.status_code in (409, 422) and sentence in answer.content.decode(), wrong
    assert fiona.post(address, given).status_code == 302
    assert (office.balance("available"), office.balance("reserve")) == (4_000, 6_000)
    page = sam.get(address).content.decode()
    assert "&lt;b&gt;Storage&lt;/b&gt;" in page and "60.00" in page and "<b>Storage" not in page
    assert ",60.00,EUR," in sam.get(f"{address}?format=csv").content.decode()
    api = "/api/v1/programs/ATLAS/set-aside/"
    [row] = sam.get(api).json()["set_aside"]
    assert (row["amount_minor"], row["project"]) == (6_000, "CRM")
    assert (
        fiona.post(f"/p/ATLAS/ledger/{row['journal']}/reverse/", {"why": "Not needed"}).status_code,
        office.balance("available"),
    ) == (302, 10_000)
    assert (
        sam.get(api).json()["set_aside"] == [] and "Nothing is set aside" in sam.get(address).content.decode()
    )


def test_nobody_delegates_to_a_role_of_their_own_nor_by_token(office: Office) -> None:
    with pytest.raises(Refused, match="Nobody delegates to a role of their own"):
        delegated(office, role="program_manager")
    assert not TransferRule.objects.exists()


def test_the_limit_of_a_year_is_not_stretched_by_a_day_of_another_year(funded: Office) -> None:
    move(funded, 90_000)
    with pytest.raises(Refused, match="within the fiscal year") as refused:
        move(funded, 90_000, effective=date(TODAY.year + 1, 1, 1))
    assert refused.value.field == "effective"
    assert funded.balance("available") == 910_000
