"""What a capital request is worth: on its page, in the API, and in what is voted on."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from finance.assets.selectors import worth
from finance.capex import revisions
from finance.capex import services as capex
from finance.capex.appraisal import Figure, appraise
from finance.capex.models import CapitalRequest
from pmo.refusals import Refused
from tests.finance.office import Office
from tests.finance.test_capex import ask, submitted
from tests.finance.test_pages import browser

# The worksheet function IRR's published example, a year apart: 70,000 paid, five years of income, 8.7 percent.
BUSINESS: dict[str, Any] = {
    "amount_minor": 70_000_00,
    "cash_profile": {"2027-01": 70_000_00},
    "returns": {f"{2028 + n}-01": 100_00 * k for n, k in enumerate((120, 150, 180, 210, 260))},
    "discount_percent": Decimal("8"),
}
FORM = {
    "project": "CRM",
    "title": "Licences",
    "category": "software",
    "amount": "1200",
    "justification": "Needed",
    "alternatives": "Renting them costs 700 a year.",
    "cash_profile": "2027-01 1200",
    "returns": "2027-02..2028-07 100\n2028-08 -50",
    "discount_percent": "7.5",
    "asset_class": "licence",
    "in_service_on": "2027-02-01",
}


def figures(**values: Any) -> dict[str, Figure]:
    request = CapitalRequest(currency="EUR", **values)
    return {one.name: one for one in appraise(request).figures}


def test_the_figures_are_those_of_the_published_example_with_their_numbers_in_the_formula() -> None:
    found = figures(**BUSINESS)
    irr, npv = found["irr"].value, found["npv"].value
    assert irr is not None and irr.quantize(Decimal("0.001")) == Decimal("0.087")
    # By hand: 12,000/1.08 + 15,000/1.08^2 + 18,000/1.08^3 + 21,000/1.08^4 + 26,000/1.08^5 - 70,000.
    assert npv is not None and round(npv) == 1_390_96
    assert "71,390.96 received - 70,000.00 paid" in found["npv"].worked
    assert found["payback"].value == 60 and found["discounted_payback"].value == 60
    assert found["payback"].worked.startswith("Jan 2031: −4,000.00; Jan 2032: 22,000.00")
    index = found["profitability_index"].value
    assert index is not None and round(index, 4) == Decimal("1.0199")
    assert all(one.formula and (one.worked or one.why) for one in found.values())


def test_without_a_rate_the_figures_that_need_one_say_so() -> None:
    found = figures(**BUSINESS | {"discount_percent": None})
    assert found["npv"].value is None and "no discount rate" in found["npv"].why
    assert found["irr"].value is not None and found["payback"].value == 60


def test_several_rates_are_named_and_none_is_chosen() -> None:
    mine = figures(
        cash_profile={"2027-01": 1_600_00, "2029-01": 10_000_00},
        returns={"2028-01": 10_000_00},
        discount_percent=Decimal(10),
    )
    assert mine["irr"].value is None
    assert "25.00" in mine["irr"].why and "400.00" in mine["irr"].why


def test_cash_that_turns_all_the_time_is_not_searched_for_rates() -> None:
    months = [f"{2027 + n // 12}-{n % 12 + 1:02}" for n in range(240)]
    found = figures(cash_profile=dict.fromkeys(months[::2], 10), returns=dict.fromkeys(months[1::2], 11))
    assert found["irr"].value is None and "239 times" in found["irr"].why


def test_what_never_comes_back_has_no_payback() -> None:
    found = figures(cash_profile={"2027-01": 100}, returns={"2027-02": 60}, discount_percent=Decimal(5))
    assert found["payback"].value is None and "−0.40" in found["payback"].why


def test_what_is_as_good_as_lost_has_no_rate_but_a_worth() -> None:
    """20,000.00 paid, 1,000.00 back a month later: 20^-12 of it a year."""
    lost: dict[str, Any] = {"cash_profile": {"2027-01": 20_000_00}, "returns": {"2027-02": 1_000_00}}
    found = figures(**lost, discount_percent=Decimal(8))
    assert found["irr"].value is None and "lower than −99.99" in found["irr"].why
    assert found["npv"].value is not None and -19_007_00 < found["npv"].value < -19_006_00
    asked = CapitalRequest(currency="EUR", discount_percent=Decimal(8))
    assert worth(asked, lost["cash_profile"], lost["returns"]) == round(found["npv"].value)
    low = figures(cash_profile={"2027-01": 100_00}, returns={"2028-01": 1})  # -99.99 % itself
    assert low["irr"].value == Decimal("-0.9999")


def test_a_request_that_does_not_say_when_has_no_figures() -> None:
    assert appraise(CapitalRequest(currency="EUR")).months == []
    assert figures(cash_profile={"2027-01": 100}) == {}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"returns": {"soon": 1}}, "returns"),
        ({"returns": {"2027-01": 10**16}}, "returns"),
        ({"returns": {"2027-01": True}}, "returns"),
        ({"returns": {"2027-01": 1, "2047-01": 1}}, "returns"),
        ({"discount_percent": Decimal("100.5")}, "discount_percent"),
        ({"asset_class": "yachts"}, "asset_class"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    office: Office, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        ask(office, **values)
    assert refused.value.field == field


def test_what_comes_back_is_part_of_the_words_that_are_voted_on(office: Office) -> None:
    request = ask(office, **BUSINESS | {"asset_class": "licence", "in_service_on": date(2027, 2, 1)})
    with office.looking():
        first = revisions.current(request)
    office.does(
        "paul", capex.edit, capital_request=request, version=1, values={"discount_percent": Decimal("6.5")}
    )
    with office.looking():
        second = revisions.current(request)
    assert first and second and first.sha256 != second.sha256
    shown = json.loads(bytes(second.canonical))
    assert (shown["discount_percent"], shown["asset_class"], shown["in_service_on"]) == (
        "6.500",
        "licence",
        "2027-02-01",
    )
    assert shown["returns"] == BUSINESS["returns"]


def test_the_page_opens_each_figure_and_the_months_behind_it(office: Office) -> None:
    paul = browser(office, "paul")
    wrong = paul.post("/p/ATLAS/capital-requests/add/", FORM | {"discount_percent": "7,5"})
    assert wrong.status_code == 422 and "A rate is written like 8 or 7.25" in wrong.content.decode()
    wrong = paul.post("/p/ATLAS/capital-requests/add/", FORM | {"returns": "2028-01..2027-01 5"})
    assert wrong.status_code == 422 and "is not a stretch" in wrong.content.decode()
    made = paul.post("/p/ATLAS/capital-requests/add/", FORM)
    assert made.status_code == 302
    page = paul.get(made["Location"]).content.decode()
    for text in (
        "Net present value",
        "C_m / (1 + r)^(m/12)",
        "Software licence",
        "1 Feb 2027",
        "12\u00a0months",
    ):
        assert text in page
    assert "Renting them costs 700 a year." in page
    form = paul.get(f"{made['Location']}edit/").content.decode()
    assert "2027-02..2028-07 100.00\n2028-08 -50.00" in form and 'value="7.5"' in form


def test_a_request_without_cash_says_what_is_missing(office: Office) -> None:
    request = ask(office)
    page = browser(office, "paul").get(f"/p/ATLAS/capital-requests/{request.pk}/").content.decode()
    assert "follow from three things" in page


def test_requests_that_may_be_parts_of_one_are_added_up_on_their_page(office: Office) -> None:
    first, second = submitted(office, vendor="Dell"), submitted(office, vendor=" DELL ")
    page = browser(office, "paul").get(f"/p/ATLAS/capital-requests/{first.pk}/").content.decode()
    assert f"Added up with {second.code}" in page and "1,200.00" in page


def test_the_api_takes_and_gives_the_same(office: Office) -> None:
    paul = browser(office, "paul")
    body = {
        "project": office.projects["CRM"].pk,
        "title": "Licences",
        "justification": "Needed",
        "category": "software",
        "amount_minor": 70_000_00,
        "cash_profile": [{"period": "2027-01", "amount_minor": 70_000_00}],
        "returns": [{"period": p, "amount_minor": a} for p, a in BUSINESS["returns"].items()],
        "discount_percent": "8",
        "asset_class": "licence",
        "in_service_on": "2027-02-01",
    }
    url = "/api/v1/programs/ATLAS/capital-requests/"
    made = paul.post(url, json.dumps(body), content_type="application/json")
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["returns"], row["discount_percent"], row["in_service_on"]) == (
        BUSINESS["returns"],
        "8",
        "2027-02-01",
    )
    worth = paul.get(f"{url}{row['id']}/appraisal/").json()
    npv = worth["figures"][0]
    assert (npv["name"], round(Decimal(npv["value"]))) == ("npv", 1_390_96)
    assert sum(one["present_value_minor"] for one in worth["months"]) == pytest.approx(1_390_96, abs=6)
    bad = paul.post(url, json.dumps(body | {"discount_percent": "101"}), content_type="application/json")
    assert list(bad.json()["errors"]) == ["discount_percent"]
