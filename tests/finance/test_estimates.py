"""A project's cost is estimated from its plan and its quotes, compared with its budget, issued and then left alone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from finance.estimates import selectors
from finance.estimates import services as estimates
from finance.estimates.models import Estimate, EstimateLine
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.resources.models import Assignment, Resource
from programs.risk_analysis.models import SimulationRun
from programs.schedule.computing import recalculate
from programs.schedule.models import Activity
from tests.finance.office import Office
from tests.finance.test_budgets import activated, drafted, line
from tests.finance.test_pages import browser

HEAD: dict[str, Any] = {
    "maturity": 3,
    "as_of": date(2026, 11, 16),
    "basis": "Two quotes and the plan of November",
}
ARRAYS: dict[str, Any] = {
    "category": "hardware", "nature": "capital", "period": "2026-12", "text": "Storage arrays",
    "low_minor": 90_000, "likely_minor": 100_000, "high_minor": 160_000,
}  # fmt: skip


@pytest.fixture
def planned(office: Office) -> Office:
    """Ten working days of one engineer from noon of 16 November 2026 on, at 100.00 an hour."""
    with office.looking():
        engineer = Resource.objects.create(
            program=office.program, code="ENG", name="Engineer", cost_per_hour=Decimal(10_000)
        )
        activity = Activity.objects.create(
            program=office.program,
            project=office.projects["CRM"],
            code="A1",
            name="Migrate",
            duration_minutes=4_800,
        )
        Assignment.objects.create(program=office.program, activity=activity, resource=engineer, units=1)
    office.does(None, recompute, program=office.program)
    return office


def recompute(*, program: Any, by: Any, at: datetime) -> None:
    """The dates of the plan."""
    recalculate(program)


def begun(office: Office, **more: Any) -> Estimate:
    made: Estimate = office.does(
        "fiona", estimates.create, program=office.program, project=office.projects["CRM"], values=HEAD | more
    )
    return made


def read(office: Office, estimate: Estimate) -> selectors.Reading:
    with office.looking():
        return selectors.read(Estimate.objects.select_related("program").get(pk=estimate.pk))


def test_labour_is_the_plans_hours_at_the_rate_of_their_day(planned: Office) -> None:
    with planned.looking():
        engineer = Resource.objects.get(code="ENG")
    planned.does(
        "fiona", estimates.add_rate, program=planned.program, resource=engineer, from_day=date(2026, 11, 23),
        cost_per_hour=Decimal(12_000), note="New tariff",
    )  # fmt: skip
    found = read(planned, begun(planned))
    [labour] = found.lines
    assert (labour.period, labour.hours, labour.likely_minor) == (
        "2026-11",
        Decimal(80),
        36 * 10_000 + 44 * 12_000,
    )
    assert (labour.low_minor, labour.high_minor) == (799_200, 1_065_600)  # 90 and 120 percent


def test_the_next_estimate_keeps_the_quotes_and_takes_labour_anew(planned: Office) -> None:
    first = begun(planned)
    planned.does("fiona", estimates.add_line, estimate=first, values=ARRAYS)
    planned.does("fiona", estimates.issue, estimate=first)
    with planned.looking():
        Assignment.objects.update(units=2)
    second = begun(planned, maturity=2)
    assert (second.number, second.maturity) == (2, 2)
    found = read(planned, second)
    assert {one.text: one.likely_minor for one in found.lines} == {
        "Engineer": 1_600_000,
        "Storage arrays": 100_000,
    }
    assert read(planned, first).total.likely == 900_000  # as it was issued


def test_an_issued_estimate_stays_as_it_is(planned: Office) -> None:
    estimate = begun(planned)
    planned.does("fiona", estimates.issue, estimate=estimate)
    for service, values in (
        (estimates.add_line, {"values": ARRAYS}),
        (estimates.compute_labour, {}),
        (estimates.edit, {"changes": {"basis": "Other"}, "version": 2}),
        (estimates.issue, {}),
    ):
        with pytest.raises(Refused, match="An issued estimate stays as it is"):
            planned.does("fiona", service, estimate=estimate, **values)
    for rows, values in ((EstimateLine, {"likely_minor": 1}), (Estimate, {"basis": "Other"})):
        with planned.looking(), pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
            rows.objects.all().update(**values)


def test_an_estimate_is_compared_with_the_budget_by_category_and_year(planned: Office) -> None:
    budget = drafted(planned, {"2026-12": 95_000})
    line(planned, budget, "2027-01", 20_000, category="travel", nature="operating")
    line(planned, budget, "2026-12", 40_000, category="contingency", nature="operating")
    activated(planned, budget)
    estimate = begun(planned)
    planned.does("fiona", estimates.add_line, estimate=estimate, values=ARRAYS)
    found = read(planned, estimate)
    assert {(row.category, year): (row.estimate.get(year, 0), row.budget.get(year, 0)) for row in found.rows
            for year in (2026, 2027)} == {
        ("labour", 2026): (800_000, 0), ("labour", 2027): (0, 0),
        ("hardware", 2026): (100_000, 95_000), ("hardware", 2027): (0, 0),
        ("travel", 2026): (0, 0), ("travel", 2027): (0, 20_000),
    }  # fmt: skip
    assert (found.budget, found.contingency, found.difference) == (115_000, 40_000, 115_000 - 900_000)
    assert [swing.label for swing in found.swings] == ["Engineer", "Storage arrays"]
    assert [(one.line, one.why.value, one.difference) for one in found.causes] == [
        (("labour", "operating"), "not_budgeted", -800_000),
        (("travel", "operating"), "not_estimated", 20_000),
        (("hardware", "capital"), "short", -5_000),
    ]
    assert sum(one.difference for one in found.causes) == found.difference


def test_the_page_says_why_budget_and_estimate_differ_and_what_of_it_is_capital(planned: Office) -> None:
    """Hardware was budgeted as operating cost and is estimated as capital: two lines, not a difference of nothing."""
    budget = drafted(planned, {})
    line(planned, budget, "2026-12", 95_000, nature="operating")
    activated(planned, budget)
    estimate = begun(planned)
    planned.does("fiona", estimates.add_line, estimate=estimate, values=ARRAYS)
    page = browser(planned, "ada").get(f"/p/ATLAS/estimates/{estimate.pk}/").content.decode()
    for words in (
        "Hardware, capital", "Hardware, operating", "In the budget, not estimated", "Estimated, not in the budget",
        "950.00", "−8,050.00",
    ):  # fmt: skip
        assert words in page.replace("\u00a0", ""), words
    answer = browser(planned, "ada").get(f"/api/v1/programs/ATLAS/estimates/{estimate.pk}/summary/").json()
    assert [
        (one["category"], one["nature"], one["why"], one["difference_minor"]) for one in answer["differences"]
    ] == [
        ("labour", "operating", "not_budgeted", -800_000),
        ("hardware", "capital", "not_budgeted", -100_000),
        ("hardware", "operating", "not_estimated", 95_000),
    ]
    # 950.00 of the hardware are budgeted under the other nature; 50.00 of it and the labour are in no budget.
    assert [
        (one["category"], one["nature"], one["why"], one["rest_minor"], one["other_nature_minor"])
        for one in answer["differences_by_year"]
    ] == [
        ("labour", "operating", "not_budgeted", -800_000, 0),
        ("hardware", "capital", "not_budgeted", -5_000, -95_000),
        ("hardware", "operating", "same", 0, 95_000),
    ]
    assert "In the other nature" in page and "Capital together" in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"low_minor": 110_000}, "not above the likely one"),
        ({"high_minor": 99_999}, "not below the likely one"),
        ({"low_minor": -1}, "zero or more"),
        ({"period": "2026-13"}, "not a period"),
        ({"text": " "}, "Say what it is"),
        ({"estimate_id": 1}, "cannot be entered here"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_its_reason(
    planned: Office, values: dict[str, Any], sentence: str
) -> None:
    estimate = begun(planned)
    with pytest.raises(Refused, match=sentence):
        planned.does("fiona", estimates.add_line, estimate=estimate, values=ARRAYS | values)


def test_two_people_in_one_line_and_labour_is_not_typed(planned: Office) -> None:
    estimate = begun(planned)
    made = planned.does("fiona", estimates.add_line, estimate=estimate, values=ARRAYS)
    planned.does("mira", estimates.edit_line, line=made, changes={"basis": "A third quote"}, version=1)
    with pytest.raises(Conflict):
        planned.does("fiona", estimates.edit_line, line=made, changes={"basis": "None"}, version=1)
    with pytest.raises(Conflict):
        planned.does("fiona", estimates.remove_line, line=made, version=1)
    with planned.looking():
        labour = EstimateLine.objects.get(estimate=estimate, resource__isnull=False)
    with pytest.raises(Refused, match="Labour comes from the plan"):
        planned.does("fiona", estimates.edit_line, line=labour, changes={"basis": "Typed"}, version=1)
    with pytest.raises(NotAllowed):
        planned.does("paul", estimates.add_line, estimate=estimate, values=ARRAYS)


def test_the_joint_confidence_is_bracketed_by_what_the_simulation_kept(planned: Office) -> None:
    finish = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
    wall = int((finish - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 60)

    def kept(*amounts: int) -> dict[str, Any]:
        frontier = {
            str(p): [[wall - 60, n + 50], [wall, n]] for p, n in zip((50, 80, 90), amounts, strict=True)
        }
        return {"frontier": frontier, "cost": [1]}

    with planned.looking():
        planned.program.refresh_from_db()
        SimulationRun.objects.create(
            program=planned.program, iterations=100, seed=1, low_percent=80, high_percent=150, state="done",
            percent=100, planned_finish=finish, plan_version=planned.program.plan_version,
            requested_at=planned.at, finished_at=planned.at, result=kept(100, 200, 300),
        )  # fmt: skip
        for amount, bracket in ((99, (0, 50)), (100, (50, 80)), (250, (80, 90)), (300, (90, 100))):
            found = selectors.joint(planned.program, amount)
            assert found is not None and (found.low, found.high) == bracket
        early = selectors.joint(planned.program, 300, date(2026, 11, 26))
        assert early is not None and (early.low, early.high) == (0, 50)


def test_any_day_and_amount_are_asked_about_on_the_page(planned: Office) -> None:
    contours = {str(p): [[29_000_000, 1_000 * p]] for p in range(5, 100, 5)}
    with planned.looking():
        planned.program.refresh_from_db()
        SimulationRun.objects.create(
            program=planned.program, iterations=100, seed=1, low_percent=80, high_percent=150, state="done",
            percent=100, planned_finish=planned.at, plan_version=planned.program.plan_version,
            requested_at=planned.at, finished_at=planned.at, result={"contours": contours, "cost": [1]},
        )  # fmt: skip
    estimate = begun(planned)
    client = Client()
    client.force_login(planned.person("sam"))
    url = f"/p/ATLAS/estimates/{estimate.pk}/"
    asked = client.get(url, {"by": "2026-12-31", "amount": "725.00"}).content.decode()
    assert "At least 70 and fewer than 75 in 100 runs are done by" in asked and 'value="2026-12-31"' in asked
    assert "A day is written like 2027-03-31." in client.get(url, {"by": "soon"}).content.decode()
    assert "write all its digits" in client.get(url, {"amount": "1e9"}).content.decode()


# ------------------------------------------------------------------ pages and API
def test_an_estimate_is_begun_filled_and_issued_on_its_pages(planned: Office) -> None:
    client = Client()
    client.force_login(planned.person("fiona"))
    head = {
        "project": "CRM", "maturity": "3", "as_of": "2026-11-16", "basis": "Quotes <b>", "labour_nature": "operating",
        "labour_low_percent": "90", "labour_high_percent": "120",
    }  # fmt: skip
    assert client.post("/p/ATLAS/estimates/add/", head | {"basis": ""}).status_code == 422
    url = client.post("/p/ATLAS/estimates/add/", head)["Location"]
    form = {
        "text": "Storage arrays", "category": "hardware", "nature": "capital", "period": "2026-12",
        "low": "900", "likely": "1,000.00", "high": "1600", "basis": "Quote of May",
    }  # fmt: skip
    wrong = client.post(f"{url}lines/add/", form | {"high": "950"})
    assert wrong.status_code == 422 and "not below the likely one" in wrong.content.decode()
    assert client.post(f"{url}lines/add/", form).status_code == 302
    page = client.get(url).content.decode()
    text = re.sub(r"<[^>]+>|\s+", " ", page)
    assert (
        "Storage arrays" in text
        and "1,600.00\xa0EUR" in page
        and "Quotes &lt;b&gt;" in page
        and "<svg" in page
    )
    assert re.search(
        r"Total +7,200\.00|Total +8,100\.00", text
    )  # 90 percent of labour, and the low of the arrays
    edit = re.search(rf"{url}lines/\d+/", page)
    assert edit and client.post(edit[0], {"remove": "1", "version": "1"}).status_code == 302
    assert "Storage arrays" not in client.get(url).content.decode()
    assert client.post(f"{url}issue/").status_code == 302
    assert client.post(f"{url}issue/").status_code == 422
    assert "Engineer,labour,operating,2026-11" in client.get(f"{url}?format=csv").content.decode()
    sam = Client()
    sam.force_login(planned.person("sam"))
    assert "Add a line" not in sam.get(url).content.decode()


def test_the_api_gives_the_same_sums(planned: Office) -> None:
    client = Client()
    client.force_login(planned.person("fiona"))
    api = "/api/v1/programs/ATLAS/estimates/"
    body = HEAD | {"as_of": "2026-11-16", "project": planned.projects["CRM"].pk}
    made = client.post(api, body, "application/json").json()
    added = client.post(f"{api}{made['id']}/lines/", ARRAYS, "application/json")
    assert added.status_code == 201, added.content
    found = client.get(f"{api}{made['id']}/summary/").json()
    assert (found["low_minor"], found["likely_minor"], found["high_minor"]) == (810_000, 900_000, 1_120_000)
    assert found["swings"][0] == {"line": "Engineer", "low_minor": 820_000, "high_minor": 1_060_000}
    stale = client.patch(f"{api}{made['id']}/", {"basis": "New", "version": 9}, "application/json")
    assert stale.status_code == 409
    line_url = f"/api/v1/programs/ATLAS/estimate-lines/{added.json()['id']}/"
    assert client.delete(f"{line_url}?version=7").status_code == 409
    assert client.delete(f"{line_url}?version=1").status_code == 204
