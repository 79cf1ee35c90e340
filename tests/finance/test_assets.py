"""What was bought stands in service at what it cost, and somebody looks back whether it was worth it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from finance import verify
from finance.assets import selectors, services
from finance.assets.models import Asset, AssetAdjustment, InvestmentReview
from finance.capex.appraisal import appraise
from finance.capex.models import CapitalRequest
from finance.procurement import invoicing
from finance.procurement import services as procurement
from finance.procurement.bills import Invoice
from finance.procurement.models import PurchaseOrder
from finance.procurement.services import Wanted
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import Office
from tests.finance.test_capex import approve, submitted
from tests.finance.test_invoices import TODAY, billed, came
from tests.finance.test_pages import browser
from tests.finance.test_procurement import vendor, whole
from tests.finance.test_procurement_pages import said, send

PROMISED: dict[str, Any] = {
    "cash_profile": {"2026-12": 60_000},
    "returns": {"2027-06": 40_000, "2027-12": 40_000},
    "discount_percent": Decimal(8),
}


def bought(office: Office) -> PurchaseOrder:
    """A request of 600.00 with what it promised; 400.00 of it ordered, come and invoiced."""
    office.granted(100_000)
    request = approve(office, submitted(office, **PROMISED))
    order = office.does(
        "paul", procurement.order, capital_request=request, vendor=vendor(office), title="Servers",
        lines=[Wanted("Server", Decimal(8), 5_000)],
    )  # fmt: skip
    came(office, order, "8")
    billed(office, order, "8")
    return order


def hand_over(office: Office, request: CapitalRequest, cost: int, **more: Any) -> Asset:
    given = {"name": "Cluster", "asset_class": "it_equipment", "in_service_on": TODAY, "life_months": 36}
    return office.does(
        "fiona", services.hand_over, capital_request=request, cost_minor=cost, **(given | more)
    )


def kept(office: Office) -> InvestmentReview:
    with office.looking():
        found: InvestmentReview = InvestmentReview.objects.select_related("request").get()
        return found


def test_an_asset_takes_no_more_than_was_spent_on_its_request(office: Office) -> None:
    request = bought(office).request
    first = hand_over(office, request, 25_000)
    assert (first.code, first.currency) == ("FA-001", "EUR")
    with pytest.raises(Refused, match=r"150\.00 EUR of CR-001 was spent and is not handed over yet"):
        hand_over(office, request, 15_001)
    hand_over(office, request, 15_000)
    with office.looking():
        assert selectors.not_handed_over(request) == 0
    assert whole(office)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"in_service_on": TODAY + timedelta(days=1)}, "in_service_on"),
        ({"life_months": 0}, "life_months"),
        ({"name": " "}, "name"),
        ({"asset_class": "yacht"}, "asset_class"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(office: Office, given: dict[str, Any], field: str) -> None:
    request = bought(office).request
    with pytest.raises(Refused) as refused:
        hand_over(office, request, 1, **given)
    assert refused.value.field == field


def test_only_the_controller_hands_over(office: Office) -> None:
    request = bought(office).request
    with pytest.raises(NotAllowed):
        office.does(
            "paul", services.hand_over, capital_request=request, cost_minor=1, name="Mine",
            asset_class="it_equipment", in_service_on=TODAY, life_months=1,
        )  # fmt: skip


def test_the_review_is_due_months_after_service_began_and_compares_promise_and_cost(office: Office) -> None:
    request = bought(office).request
    hand_over(office, request, 40_000, in_service_on=date(2026, 1, 31), review_after_months=13)
    review = kept(office)
    assert (review.state, review.due_on) == ("due", date(2027, 2, 28))
    seen = {"2027-06": 30_000, "2027-12": 30_000}

    def look(who: str, version: int = 1, lessons: str = "Ask earlier.") -> InvestmentReview:
        return office.does(
            who, services.review, review=review, version=version, returns=seen, lessons=lessons
        )

    with pytest.raises(NotAllowed):
        look("paul")
    with pytest.raises(Refused, match="Say what was learnt"):
        look("mira", lessons=" ")
    done = look("mira")
    with office.looking():
        request = CapitalRequest.objects.get()
        promised = next(one.value for one in appraise(request).figures if one.name == "npv")
        request.cash_profile, request.returns = {"2026-11": 40_000}, seen
        now = next(one.value for one in appraise(request).figures if one.name == "npv")
    assert promised is not None and now is not None
    assert (done.promised_minor, done.now_minor, done.spent_minor) == (round(promised), round(now), 40_000)
    with pytest.raises(Conflict, match="after you opened it"):
        look("mira")
    with pytest.raises(Conflict, match="This review is done"):
        look("mira", version=2)


def test_hand_over_and_review_on_the_pages_and_in_the_api(office: Office) -> None:
    request = bought(office).request
    fiona, mira, ada = browser(office, "fiona"), browser(office, "mira"), browser(office, "ada")
    page = f"/p/ATLAS/capital-requests/{request.pk}/"
    assert "No asset yet" in said(ada.get("/p/ATLAS/assets/"))
    assert "Hand over" in said(fiona.get(page)) and "Hand over" not in said(ada.get(page))
    assert 'value="400.00"' in said(fiona.get(f"{page}hand-over/"))
    typed = {
        "name": "<i>Cluster", "asset_class": "it_equipment", "in_service_on": "2026-11-16", "life_months": "3",
        "cost": "500.00", "review_after_months": "12",
    }  # fmt: skip
    assert "400.00 EUR of CR-001 was spent" in said(fiona.post(f"{page}hand-over/", typed))
    done = said(fiona.post(f"{page}hand-over/", typed | {"cost": "100.00"}, follow=True))
    assert "FA-001 is in service." in done and "&lt;i&gt;Cluster" in done
    assert "33.33 EUR" in done and "33.34 EUR" in done  # 100.00 in three parts
    body = {
        "name": "Rack", "asset_class": "it_equipment", "in_service_on": "2026-11-16", "life_months": 60,
        "cost_minor": 30_000,
    }  # fmt: skip
    status, made = send(fiona, "POST", f"capital-requests/{request.pk}/hand-over/", body)
    assert (status, made["code"], made["cost_minor"]) == (201, "FA-002", 30_000)
    assert send(fiona, "POST", f"capital-requests/{request.pk}/hand-over/", body)[0] == 422
    assert "Due on 16 Nov 2027." in said(ada.get(page))
    assert "FA-002 Rack,IT equipment,CR-001,CRM" in ada.get("/p/ATLAS/assets/?format=csv").content.decode()
    look = {"returns": "2027-06..2027-07 100.00", "lessons": "", "version": "1"}
    assert mira.post(f"{page}review/", look).status_code == 422
    seen = said(mira.post(f"{page}review/", look | {"lessons": "Ask <b>earlier</b>."}, follow=True))
    assert "The review of CR-001 is done." in seen and "Ask &lt;b&gt;earlier&lt;/b&gt;." in seen
    again = {"version": 2, "lessons": "Again", "returns": []}
    assert send(mira, "POST", f"investment-reviews/{kept(office).pk}/conclude/", again)[0] == 409


def test_a_credit_note_after_the_hand_over_makes_the_assets_cost_less_by_their_shares(office: Office) -> None:
    order = bought(office)
    first, second = hand_over(office, order.request, 30_000), hand_over(office, order.request, 10_000)
    with office.looking():
        invoice = Invoice.objects.get(kind="invoice")

    def credited(amount: int, number: str) -> tuple[int, int]:
        office.does(
            "fiona", invoicing.credit, invoice=invoice, number=number, invoiced_on=TODAY, amount_minor=amount
        )
        with office.looking():
            costs = [Asset.objects.get(pk=one.pk).cost_minor for one in (first, second)]
            adjusted = sum(one.amount_minor for one in AssetAdjustment.objects.all())
            assert sum(costs) == 40_000 + adjusted and verify.check(connection.cursor()) == []
        return costs[0], costs[1]

    assert credited(1_001, "C-1") == (29_249, 9_750)
    page = browser(office, "ada").get(f"/p/ATLAS/assets/{first.pk}/").content.decode()
    assert "C-1" in page and "-7.51" in page.replace("\N{MINUS SIGN}", "-")
    assert credited(38_999, "C-2") == (0, 0)  # all of it: the asset stays, and cost nothing
    assert browser(office, "ada").get(f"/p/ATLAS/assets/{first.pk}/").status_code == 200
    with pytest.raises(DatabaseError), transaction.atomic(), office.looking():
        AssetAdjustment.objects.update(amount_minor=-1)
