"""Forecasts: what the rest will cost by line and month, frozen when submitted, and compared with what came to pass."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from finance.earned_value import selectors as earned
from finance.earned_value import services as earned_value
from finance.engine.forecasting import by_remaining_plan, by_trend, score
from finance.forecast import selectors, services
from finance.forecast.models import Forecast, ForecastCell, ForecastLine
from finance.ledger import services as ledger
from finance.ledger.facts import Cost
from finance.structure import periods
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import Office
from tests.finance.test_budgets import activated, drafted
from tests.finance.test_pages import browser
from tests.governance.committee import make_committee
from tests.governance.planned import STATUS, planned

HARDWARE = ("hardware", "capital")


# ------------------------------------------------------------------ engine
def test_remaining_plan_times_rate_adds_up_to_the_cent() -> None:
    assert by_remaining_plan([100, 200], Fraction(1)) == [100, 200]
    third = by_remaining_plan([100, 100, 100], Fraction(4, 3))
    assert sum(third) == 400 and set(third) <= {133, 134}
    assert by_remaining_plan([], Fraction(2)) == []


def test_a_trend_goes_on_with_the_average_of_three_and_never_below_zero() -> None:
    assert by_trend([9_000, 300, 600, 900], 2) == [600, 600]
    assert by_trend([100], 3) == [100, 100, 100]
    assert by_trend([], 2) == [0, 0]
    assert by_trend([-500, 0, 0], 2) == [0, 0]
    assert sum(by_trend([1, 0, 0], 4)) == 1
    with pytest.raises(ValueError, match="fewer than zero"):
        by_trend([1], -1)


def test_a_score_says_error_bias_and_mean_error() -> None:
    found = score([(110, 100), (80, 100), (50, 0)])
    assert (found.error, found.bias, found.mape, found.counted) == (40, Fraction(1, 5), Fraction(3, 20), 2)
    nothing = score([(50, 0)])
    assert (nothing.bias, nothing.mape) == (None, None)


# ------------------------------------------------------------------ a project
def costs(office: Office, *amounts: tuple[date, int]) -> None:
    office.does(
        "fiona",
        ledger.actuals,
        program=office.program,
        costs=[Cost(office.place(), amount, day, "Invoice") for day, amount in amounts],
    )


@pytest.fixture
def budgeted(office: Office) -> Office:
    """CRM: hardware for three months to come, cost of September to November."""
    activated(office, drafted(office, {"2026-11": 500_000, "2026-12": 200_000, "2027-01": 300_000}))
    costs(office, (date(2026, 9, 10), 30_000), (date(2026, 10, 10), 60_000), (date(2026, 11, 10), 90_000))
    return office


def begun(office: Office, period: str = "2026-11", who: str = "paul") -> Forecast:
    return office.does(
        who, services.begin, program=office.program, project=office.projects["CRM"], period_code=period
    )


def laid(office: Office, forecast: Forecast) -> selectors.Sheet:
    with office.looking():
        return selectors.sheet(Forecast.objects.get(pk=forecast.pk))


def written(
    office: Office, forecast: Forecast, method: str, amounts: dict[str, int] | None = None, who: str = "paul"
) -> Forecast:
    sheet = laid(office, forecast)
    line = sheet.rows[0].line.pk
    by_code = {one.code: one.pk for one in sheet.periods}
    return office.does(
        who,
        services.write,
        forecast=forecast,
        version=forecast.version,
        methods={line: method},
        cells={(line, by_code[code]): amount for code, amount in (amounts or {}).items()},
        note="As agreed with the vendor.",
    )


def submitted(office: Office, forecast: Forecast, who: str = "paul") -> Forecast:
    return office.does(who, services.submit, forecast=forecast, version=forecast.version)


def test_a_forecast_begins_with_the_budget_still_to_come(budgeted: Office) -> None:
    forecast = begun(budgeted)
    sheet = laid(budgeted, forecast)
    assert [one.code for one in sheet.periods] == ["2026-12", "2027-01"]
    [row] = sheet.rows
    assert (row.line.category, row.line.nature) == HARDWARE
    assert (row.line.actual_minor, row.line.budget_minor, row.etc) == (180_000, 1_000_000, 500_000)
    assert (forecast.eac_minor, forecast.rate) == (680_000, Decimal(1))


def test_a_trend_takes_the_last_three_months(budgeted: Office) -> None:
    forecast = written(budgeted, begun(budgeted), "trend")
    assert list(laid(budgeted, forecast).rows[0].cells.values()) == [60_000, 60_000]
    assert forecast.etc_minor == 120_000


def test_what_is_written_stays_and_comes_again_with_the_next_forecast(budgeted: Office) -> None:
    forecast = written(budgeted, begun(budgeted, "2026-10"), "manual")  # first the method ...
    forecast = written(
        budgeted, forecast, "manual", {"2026-11": 1_000, "2026-12": 2_000}
    )  # ... then the amounts
    assert forecast.etc_minor == 3_000 and forecast.actual_minor == 90_000
    submitted(budgeted, forecast)
    following = begun(budgeted, "2026-11")
    sheet = laid(budgeted, following)
    assert sheet.rows[0].line.method == "manual"
    assert {one.code: sheet.rows[0].cells[one.pk] for one in sheet.periods} == {
        "2026-12": 2_000,
        "2027-01": 0,
    }
    with pytest.raises(Refused, match="being prepared already"):
        begun(budgeted, "2026-12")


def test_nobody_writes_over_somebody_elses_forecast_or_into_the_past(budgeted: Office) -> None:
    forecast = begun(budgeted)
    written(budgeted, forecast, "manual")
    with pytest.raises(Conflict):
        written(budgeted, forecast, "trend")
    now = Forecast(pk=forecast.pk, version=forecast.version + 1)
    line = laid(budgeted, forecast).rows[0].line
    with budgeted.looking():
        past = Forecast.objects.get(pk=forecast.pk).period_id
    for cells, sentence in (
        ({(line.pk, past): 5}, "periods to come"),
        ({(line.pk + 99, past): 5}, "not in the"),
    ):
        with pytest.raises(Refused, match=sentence):
            budgeted.does(
                "paul", services.write, forecast=now, version=now.version, methods={}, cells=cells, note=""
            )


def test_project_managers_forecast_their_own_project_and_the_controller_all(budgeted: Office) -> None:
    for who in ("ada", "sam", "chloe"):
        with pytest.raises(NotAllowed):
            begun(budgeted, who=who)
    with pytest.raises(NotAllowed):
        budgeted.does(
            "paul",
            services.begin,
            program=budgeted.program,
            project=budgeted.projects["DC"],
            period_code="2026-11",
        )
    assert begun(budgeted, who="fiona").number == 1


def test_a_submitted_forecast_stays_whoever_tries(budgeted: Office) -> None:
    forecast = submitted(budgeted, begun(budgeted))
    with pytest.raises(Refused, match="stays as it is"):
        budgeted.does("paul", services.discard, forecast=forecast, version=forecast.version)
    with budgeted.looking():
        for spoil in (
            lambda: Forecast.objects.filter(pk=forecast.pk).update(etc_minor=1),
            lambda: ForecastCell.objects.filter(line__forecast=forecast).update(amount_minor=1),
            lambda: ForecastLine.objects.filter(forecast=forecast).delete(),
        ):
            with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
                spoil()


def test_a_draft_can_be_thrown_away(budgeted: Office) -> None:
    forecast = begun(budgeted)
    budgeted.does("paul", services.discard, forecast=forecast, version=forecast.version)
    with budgeted.looking():
        assert not Forecast.objects.exists() and not ForecastCell.objects.exists()


def test_a_forecast_is_compared_with_what_came_to_pass(budgeted: Office) -> None:
    forecast = written(budgeted, begun(budgeted, "2026-10"), "manual")
    submitted(budgeted, written(budgeted, forecast, "manual", {"2026-11": 99_000, "2026-12": 7}))
    with budgeted.looking():
        each, leads = selectors.scores(budgeted.program, date(2026, 12, 1))
        assert selectors.scores(budgeted.program, date(2026, 11, 30)) == ([], [])
    [one] = each
    assert (one.score.periods, one.score.forecast, one.score.actual) == (1, 99_000, 90_000)
    assert (one.score.bias, one.score.mape) == (Fraction(1, 10), Fraction(1, 10))
    assert [(lead.lead, lead.score.error) for lead in leads] == [(1, 9_000)]


def test_the_cash_flow_is_actual_up_to_the_forecast_and_the_forecast_beyond(budgeted: Office) -> None:
    submitted(budgeted, begun(budgeted, "2026-10"))
    with budgeted.looking():
        months = selectors.cash_flow(
            budgeted.program, selectors.newest(budgeted.program, "submitted").values()
        )
    assert [(one.code, one.actual, one.forecast, one.budget) for one in months] == [
        ("2026-09", 30_000, 0, 0),
        ("2026-10", 60_000, 0, 0),
        ("2026-11", 0, 500_000, 500_000),
        ("2026-12", 0, 200_000, 200_000),
        ("2027-01", 0, 300_000, 300_000),
    ]


def test_work_that_slipped_is_expected_next(budgeted: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the plan to date is not earned, and what is earned cost a quarter more."""
    monkeypatch.setattr(services, "pace_of", lambda forecast: (Decimal("1.25"), Decimal("0.5")))
    forecast = begun(budgeted)
    # November's 500,000: 250,000 are not earned (320,000 not spent); with December's 200,000, x 1.25.
    assert list(laid(budgeted, forecast).rows[0].cells.values()) == [562_500, 375_000]
    costs(budgeted, (date(2026, 11, 12), 300_000))
    submitted(budgeted, forecast)
    # 20,000 of the month are not spent: no more than that can still be due.
    assert list(laid(budgeted, forecast).rows[0].cells.values()) == [275_000, 375_000]


# ------------------------------------------------------------------ earned value
def february(committee: Any) -> Any:
    return periods.ensure(committee.program, ["2026-02"])["2026-02"]


def test_earned_value_takes_the_bottom_up_estimate_from_the_submitted_forecast(db: None) -> None:
    committee = make_committee("ATLAS")
    planned(committee)

    def forecast_of(project: Any, amount: int) -> int:
        made = committee.does(
            committee.program_manager,
            services.begin,
            program=committee.program,
            project=project,
            period_code="2026-02",
        )
        lines = [services.LineValues("labour", "operating", "manual", {"2026-03": amount})]
        made = committee.does(
            committee.program_manager,
            services.write_lines,
            forecast=made,
            version=made.version,
            lines=lines,
            note=None,
        )
        done = committee.does(committee.program_manager, services.submit, forecast=made, version=made.version)
        committee.does(None, earned_value.refresh, program=committee.program)
        return int(done.eac_minor)

    def estimate(project: Any) -> int | None:
        with committee.looking():
            run = earned.newest_run(committee.program)
            assert run is not None
            return earned.history(run, project, STATUS)[-1].minor("eac_bottom_up")

    with committee.looking():
        pace = services.pace_of(
            Forecast(program=committee.program, project=committee.erp, period=february(committee))
        )
    assert pace == (Decimal(1), Decimal("0.085714"))  # no cost; 25,600 earned of 28,000 planned
    assert estimate(committee.erp) is None
    erp = forecast_of(committee.erp, 70_000_00)  # besides what is budgeted for hardware
    assert erp >= 70_000_00 and estimate(committee.erp) == erp
    assert estimate(None) is None  # half a sum would look like a whole one
    iam = forecast_of(committee.iam, 30_000_00)
    assert estimate(None) == erp + iam


# ------------------------------------------------------------------ pages and API
def test_the_sheet_is_written_and_a_wrong_cell_loses_nothing(budgeted: Office) -> None:
    client = browser(budgeted, "paul")
    started = client.post("/p/ATLAS/forecast/begin/", {"project": "CRM", "period": "2026-11"})
    assert started.status_code == 302
    address = started["Location"]
    with budgeted.looking():
        forecast = Forecast.objects.get(program=budgeted.program)
    sheet = laid(budgeted, forecast)
    line, first, second = sheet.rows[0].line.pk, sheet.periods[0].pk, sheet.periods[1].pk
    form = {
        "version": str(forecast.version),
        f"m-{line}": "manual",
        f"c-{line}-{first}": "1500.25",
        f"c-{line}-{second}": "lots",
        "note": "Two orders",
    }
    wrong = client.post(address, form)
    body = wrong.content.decode()
    assert wrong.status_code == 422 and "1500.25" in body and "lots" in body and "Two orders" in body
    assert client.post(address, form | {f"c-{line}-{second}": ""}).status_code == 302
    stale = client.post(address, form | {f"c-{line}-{second}": "7"})
    assert stale.status_code == 409 and "1500.25" in stale.content.decode()
    assert "1.5k" in browser(budgeted, "ada").get(address).content.decode()
    added = client.post(
        address,
        {
            "version": str(forecast.version + 1),
            "add-category": "travel",
            "add-nature": "operating",
            "note": "",
        },
    )
    assert added.status_code == 302
    text = client.get(f"{address}?format=csv").content.decode()
    rows = {row["Category"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["Hardware"]["2026-12"] == "1500.25" and rows["Travel"]["ETC"] == "0.00"
    assert client.get(f"{address}?format=xlsx").content[:2] == b"PK"
    with budgeted.looking():
        version = Forecast.objects.get(pk=forecast.pk).version
    assert client.post(f"{address}submit/", {"version": str(version)}).status_code == 302
    listing = browser(budgeted, "ada").get("/p/ATLAS/forecast/").content.decode()
    assert "Cash flow" in listing and "1, as of" in listing
    assert "180000.00" not in listing and ",1500.25," not in listing
    assert "1800.00,1500.25" in browser(budgeted, "ada").get("/p/ATLAS/forecast/?format=csv").content.decode()
    assert client.get("/p/ATLAS/forecast/scores/").status_code == 200
    assert client.get("/p/ATLAS/forecast/scores/?format=csv").status_code == 200


def test_the_api_begins_writes_submits_and_reads(budgeted: Office) -> None:
    client = browser(budgeted, "paul")
    base = "/api/v1/programs/ATLAS/forecasts/"

    def send(method: str, url: str, body: Any) -> Any:
        return client.generic(method, url, json.dumps(body), "application/json")

    made = send("POST", base, {"project": budgeted.projects["CRM"].pk, "period": "2026-11"}).json()
    assert (made["state"], made["etc_minor"]) == ("draft", 500_000)
    line = {
        "category": "hardware",
        "nature": "capital",
        "method": "manual",
        "amounts": [{"period": "2026-12", "amount_minor": 42}],
    }
    put = send("PUT", f"{base}{made['id']}/", {"version": made["version"], "lines": [line]})
    assert put.status_code == 200 and put.json()["etc_minor"] == 42
    past = line | {"amounts": [{"period": "2026-11", "amount_minor": 42}]}
    body = {"version": put.json()["version"], "lines": [past]}
    assert send("PUT", f"{base}{made['id']}/", body).status_code == 422
    done = send("POST", f"{base}{made['id']}/submit/", {"version": put.json()["version"]})
    assert done.json()["state"] == "submitted"
    cells = client.get(f"/api/v1/programs/ATLAS/forecast-cells/?forecast={made['id']}").json()["results"]
    assert {row["period"]: row["amount_minor"] for row in cells} == {"2026-12": 42, "2027-01": 0}
    assert client.get(f"{base}scores/").json()["forecasts"] == []
