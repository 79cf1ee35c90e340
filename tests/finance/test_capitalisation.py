"""Capital or expense: what is proposed for each cost line, and the same spend restated side by side."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from finance.capitalisation import selectors, services
from finance.capitalisation.models import CapitalisationPolicy
from finance.engine.capitalisation import Standard
from finance.imports import services as costs
from pmo.refusals import NotAllowed, Refused
from programs.schedule.models import Activity
from tests.finance.office import Office
from tests.finance.test_pages import browser, questions

HEADING = "source_reference,project,activity,category,nature,date,amount"
FILE = f"""{HEADING}
L-1,CRM,B1,labour,capital,2026-09-15,100.00
L-2,CRM,B1,labour,capital,2026-10-15,200.00
L-3,CRM,B1,labour,operating,2026-10-16,50.00
L-4,CRM,T1,services,capital,2026-10-20,30.00
L-5,CRM,,travel,operating,2026-10-20,7.00
L-6,DC,,labour,capital,2026-10-20,1000.00
"""


@pytest.fixture
def spent(office: Office) -> Office:
    """Six cost lines of two projects; CRM has building work B1 and, under training T, a course T1."""
    return imported(office)


def imported(office: Office) -> Office:
    """The same for an office that is not a fixture."""
    with office.looking():
        crm = office.projects["CRM"]
        values: dict[str, Any] = {"program": office.program, "project": crm}
        Activity.objects.create(code="B1", name="Build", **values)
        above = Activity.objects.create(code="T", name="Training", kind="summary", **values)
        Activity.objects.create(code="T1", name="Course", parent=above, **values)
    batch = office.does(
        "fiona", costs.read_file, program=office.program, name="erp.csv", content=FILE.encode()
    )
    office.does("fiona", costs.accept, batch=batch)
    return office


def recorded(office: Office, standard: str = "asc350_40_stages", **more: Any) -> CapitalisationPolicy:
    days: dict[str, Any] = {
        "development_from": date(2026, 9, 1),
        "funding_authorised_on": date(2026, 10, 1),
        "completion_probable_on": date(2026, 9, 1),
        "from_day": date(2026, 1, 1),
    }
    return office.does(
        "fiona",
        services.record_policy,
        project=office.projects["CRM"],
        standard=standard,
        **(days | {"evidence": "Minutes of 1 October"} | more),
    )


def sums(office: Office) -> selectors.ProjectSums:
    with office.looking():
        return next(one for one in selectors.capitalisation(office.program).projects if one.code == "CRM")


def test_each_line_is_treated_by_its_day_its_kind_and_its_activity(spent: Office) -> None:
    recorded(spent)
    with spent.looking():
        course = Activity.objects.get(program=spent.program, code="T")
    spent.does(
        "fiona", services.mark_activity, activity=course, stage="", cost_kind="training", reason="A course"
    )
    mine = sums(spent)
    # L-2 and L-3 are capital; L-1 came before the funds, L-4 is training, L-5 overhead.
    assert (mine.spent, mine.posted_capital, mine.proposed_capital) == (387_00, 330_00, 250_00)
    with spent.looking():
        found = selectors.capitalisation(spent.program, "crm")
    differing = {
        (one.activity, one.posted, one.amount, one.treatment.clause)
        for one in found.groups
        if one.differs and one.treatment
    }
    assert differing == {
        ("B1", "capital", 100_00, "ASC 350-40-25-12"),
        ("B1", "operating", 50_00, "ASC 350-40-25-2"),
        ("T1", "capital", 30_00, "ASC 350-40-25-4"),
    }


def test_the_same_spend_is_restated_under_each_standard(spent: Office) -> None:
    recorded(
        spent,
        criteria={
            name: date(2026, 10, 16)
            for name in ("feasible", "intended", "usable", "benefits", "resources", "measurable")
        },
    )
    mine = sums(spent)
    assert mine.restated == {
        Standard.ASC_350_40: 280_00,
        Standard.ASU_2025_06: 280_00,
        Standard.IAS_38: 80_00,  # what came before the sixth criterion is not reinstated
    }


def test_a_standard_holds_from_its_day_on(spent: Office) -> None:
    recorded(spent)
    recorded(spent, "ias_38", from_day=date(2026, 10, 16))
    # L-2 by the stages, L-3 and L-4 by IAS 38, of which nothing is shown.
    assert sums(spent).proposed_capital == 200_00


def test_without_a_policy_nothing_is_proposed(spent: Office) -> None:
    mine = sums(spent)
    assert (mine.policy, mine.proposed_capital) == (None, None)


def test_a_record_stays_as_it_was_written(spent: Office, as_owner: Any) -> None:
    made = recorded(spent)
    with pytest.raises(DatabaseError), transaction.atomic(), spent.looking():
        CapitalisationPolicy.objects.filter(pk=made.pk).update(evidence="Other minutes")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"standard": "gaap"}, "standard"),
        ({"evidence": " "}, "evidence"),
        ({"ready_on": date(2026, 8, 1)}, "ready_on"),
        ({"uncertainty_resolved_on": date(2026, 8, 1)}, "uncertainty_resolved_on"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(office: Office, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        recorded(office, **values)
    assert refused.value.field == field


@pytest.mark.parametrize("who", ["mira", "paul", "ada"])
def test_only_the_controller_says_which_policy_holds(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        office.does(
            who,
            services.record_policy,
            project=office.projects["CRM"],
            standard="ias_38",
            from_day=date(2026, 1, 1),
            evidence="None",
        )


def test_the_pages_show_propose_and_record(spent: Office) -> None:
    client = browser(spent, "fiona")
    form = {
        "standard": "asc350_40_stages",
        "from_day": "2026-01-01",
        "development_from": "2026-09-01",
        "funding_authorised_on": "2026-10-01",
        "completion_probable_on": "2026-09-01",
    }
    assert client.post("/p/ATLAS/capitalisation/CRM/record/", form).status_code == 422
    form["evidence"] = "Minutes of 1 October"
    assert client.post("/p/ATLAS/capitalisation/CRM/record/", form).status_code == 302
    mark = {"activity": "T9", "cost_kind": "training", "stage": "", "reason": "A course"}
    assert (
        "has no activity of this code"
        in client.post("/p/ATLAS/capitalisation/CRM/mark/", mark).content.decode()
    )
    assert client.post("/p/ATLAS/capitalisation/CRM/mark/", mark | {"activity": "T"}).status_code == 302
    page = client.get("/p/ATLAS/capitalisation/CRM/").content.decode()
    assert "Minutes of 1 October" in page and "Funds authorised: 1 Oct 2026" in page
    whole = client.get("/p/ATLAS/capitalisation/").content.decode()
    assert "ASC 350-40-25-12: funds were not authorised or completion not probable yet" in whole
    rows = client.get("/p/ATLAS/capitalisation/?only=differs&format=csv").content.decode().splitlines()
    assert len(rows) == 4
    assert questions(browser(spent, "ada"), "/p/ATLAS/capitalisation/") <= 12
