"""Earned value over time: each status date, what fell in between, and every measure opened up."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from finance.earned_value import services as earned_value
from finance.engine.credibility import judged
from finance.engine.earned_value import Figures
from finance.engine.measures import measures
from programs.schedule.models import Activity, Progress, StatusPeriod
from tests.governance.committee import Committee, make_committee
from tests.governance.planned import STATUS, planned

PAGE = "/p/ATLAS/earned-value/-/series/"


@pytest.fixture
def committee(db: None) -> Committee:
    """The baselined plan of two projects, with a second status date of ERP-FIN: E1 done four weeks later."""
    made = make_committee("ATLAS")
    planned(made)
    with made.looking():
        period = StatusPeriod.objects.create(
            program=made.program, project=made.erp, number=2, name="March", at=STATUS + timedelta(days=28)
        )
        Progress.objects.create(
            program=made.program,
            period=period,
            activity=Activity.objects.get(program=made.program, code="E1"),
            percent_complete=100,
            actual_start=made.program.starts_at,
        )
        made.program.plan_version += 1
        made.program.save(update_fields=["plan_version"])
    made.does(None, earned_value.refresh, program=made.program)
    return made


def browser(committee: Committee) -> Client:
    client = Client()
    client.force_login(committee.program_manager)
    return client


def test_the_file_has_each_status_date_and_what_fell_in_between(committee: Committee) -> None:
    answer = browser(committee).get(f"{PAGE}?project=ERP-FIN&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["Period"] for row in rows] == ["", "March"]
    # E1: 40 days of 8 hours at 100; 80 % at the first date, done at the second.
    assert [row["EV"] for row in rows] == ["25600.00", "32000.00"]
    assert [row["EV in period"] for row in rows] == ["25600.00", "6400.00"]
    assert rows[1]["PV in period"] == f"{float(rows[1]['PV']) - float(rows[0]['PV']):.2f}"
    assert rows[0]["CPI"] == ""  # nothing spent: not defined, never 1
    assert browser(committee).get(f"{PAGE}?format=xlsx").content[:2] == b"PK"


def test_the_page_draws_the_course_and_the_api_says_the_same(committee: Committee) -> None:
    client = browser(committee)
    page = client.get(f"{PAGE}?project=ERP-FIN").content.decode()
    assert "March" in page and page.count("<svg") >= 3
    told = client.get("/api/v1/programs/ATLAS/earned-value/series/?project=erp-fin").json()
    assert [point["ev_in_period_minor"] for point in told["points"]] == [25_600_00, 6_400_00]
    assert told["points"][1]["spi"].startswith("0.")
    total = client.get("/api/v1/programs/ATLAS/earned-value/series/").json()
    assert total["project"] is None and total["points"][-1]["bac_minor"] > told["points"][-1]["bac_minor"]
    assert client.get("/api/v1/programs/ATLAS/earned-value/series/?project=NO").status_code == 400


def test_a_measure_opens_its_formula_its_course_and_the_rows_that_it_sums(committee: Committee) -> None:
    client = browser(committee)
    address = "/p/ATLAS/earned-value/-/measures/spi/"
    whole = client.get(address).content.decode()
    assert "EV / PV" in whole and "ERP-FIN" in whole and "IAM" in whole
    one = client.get(f"{address}?project=ERP-FIN").content.decode()
    assert ">E1</a>" in one and ">I1</a>" not in one
    assert client.get("/p/ATLAS/earned-value/-/measures/luck/").status_code == 404
    adherence = client.get("/p/ATLAS/earned-value/-/measures/p_factor/?project=ERP-FIN").content.decode()
    assert "32,000.00 / 32,000.00" in adherence  # all that is earned was planned by then


def test_the_project_page_judges_each_estimate(committee: Committee) -> None:
    client = browser(committee)
    page = client.get("/p/ATLAS/earned-value/ERP-FIN/").content.decode()
    assert "which can be believed" in page
    told = client.get("/api/v1/programs/ATLAS/earned-value/").json()
    [rest] = [one for one in told["projects"][0]["estimates"] if one["name"] == "eac_remaining_at_budget"]
    assert (rest["credible"], rest["why"]) == (None, "no actual cost is recorded yet")


def figures(bac: int, ev: int, ac: int) -> Figures:
    return Figures(Fraction(bac), Fraction(ev), Fraction(ev), Fraction(ac))


def test_an_estimate_that_asks_more_of_the_rest_than_was_ever_shown_is_not_credible() -> None:
    """CPI 0.80; the rest as budgeted asks for 1.00, which is 0.20 more."""
    now = figures(100_000_00, 40_000_00, 50_000_00)
    found: dict[str, Any] = measures(now, "EUR")
    named = [(name, one.label, one.value) for name, one in found.items() if name.startswith("eac_")]
    by_name = {one.name: one for one in judged(now, "EUR", named)}
    rosy, plain = by_name["eac_remaining_at_budget"], by_name["eac_cpi"]
    assert (rosy.tcpi, rosy.gap, rosy.credible) == (1, Fraction(1, 5), False)
    assert (plain.gap, plain.credible, plain.vac) == (0, True, -25_000_00)
    assert rosy.worked == "|(100000.00 - 40000.00) / (110000.00 - 50000.00) - 0.8000|"


def test_an_estimate_below_what_is_spent_or_without_cost_is_not_judged() -> None:
    [spent] = judged(figures(100, 50, 80), "EUR", [("eac_bottom_up", "x", Fraction(80))])
    assert (spent.credible, spent.why) == (None, "the estimate leaves nothing to spend")
    [unspent] = judged(figures(100, 50, 0), "EUR", [("eac_bottom_up", "x", Fraction(80))])
    assert (unspent.tcpi, unspent.credible) == (Fraction(50, 80), None)
