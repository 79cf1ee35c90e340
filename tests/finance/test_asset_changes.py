"""An asset is written down and retired, each with a day and a reason; the months follow, the ledger does not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from finance.assets import changing
from finance.assets.models import Asset, AssetChange
from finance.assets.values import left_of, months, standing, taken_off
from finance.procurement import invoicing
from finance.procurement.bills import Invoice
from finance.verify import RULES
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import Office
from tests.finance.test_api import send
from tests.finance.test_assets import bought, hand_over
from tests.finance.test_invoices import TODAY
from tests.finance.test_late_costs import closed, month
from tests.finance.test_pages import browser, quiet_static
from tests.finance.test_procurement import whole

__all__ = ["quiet_static"]
JANUARY = date(2026, 1, 15)


def asset(office: Office, **more: Any) -> Asset:
    """400.00 in service since January 2026, for 20 months: 20.00 a month."""
    given = {"in_service_on": JANUARY, "life_months": 20} | more
    return hand_over(office, bought(office).request, 40_000, **given)


def down(office: Office, of: Asset, minor: int, day: date = date(2026, 10, 5), **more: Any) -> AssetChange:
    given = {
        "asset": of,
        "on_day": day,
        "amount_minor": minor,
        "reason": "A disk is lost",
        "version": of.version,
    }
    made: AssetChange = office.does("fiona", changing.write_down, **(given | more))
    of.refresh_from_db()
    return made


def retired(office: Office, of: Asset, day: date = TODAY, **more: Any) -> AssetChange:
    given = {"asset": of, "on_day": day, "reason": "Scrapped", "version": of.version}
    made: AssetChange = office.does("fiona", changing.retire, **(given | more))
    return made


def left(office: Office, of: Asset, day: date) -> int:
    with office.looking():
        found = Asset.objects.get(pk=of.pk)
        return left_of(found, day, standing(found))


# ------------------------------------------------------------------ commands
def test_a_write_down_and_a_retirement_count_from_their_month_on(office: Office) -> None:
    one = asset(office)
    assert left(office, one, date(2026, 10, 31)) == 20_000
    made = down(office, one, 5_000)
    assert (made.kind, made.amount_minor) == ("written_down", 5_000)
    assert left(office, one, date(2026, 9, 30)) == 22_000  # before it, nothing changed
    assert left(office, one, date(2026, 10, 1)) == 15_000
    assert left(office, one, TODAY) == 13_500  # 150.00 over the ten months that remain
    end = retired(office, one)
    assert (end.amount_minor, left(office, one, TODAY)) == (13_500, 0)
    one.refresh_from_db()
    assert one.retired_on == TODAY and one.cost_minor == 40_000
    with office.looking():
        found = Asset.objects.get(pk=one.pk)
        assert months(found, standing(found))[-1].left == 0
    assert whole(office)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"minor": 20_001}, "amount_minor", r"200\.00 EUR of FA-001 is left in that month"),
        ({"minor": 0}, "amount_minor", "is left in that month"),
        ({"minor": 1, "day": TODAY + timedelta(days=1)}, "on_day", "today or earlier"),
        ({"minor": 1, "day": JANUARY - timedelta(days=1)}, "on_day", "was not in service yet"),
        ({"minor": 1, "reason": " "}, "reason", "Say why"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    office: Office, given: dict[str, Any], field: str, words: str
) -> None:
    one = asset(office)
    with pytest.raises(Refused, match=words) as refused:
        down(office, one, **given)
    assert refused.value.field == field


def test_closed_periods_earlier_days_and_somebody_elses_change_are_refused(office: Office) -> None:
    one = asset(office)
    with pytest.raises(NotAllowed):
        office.does("paul", changing.retire, asset=one, on_day=TODAY, reason="x", version=1)
    made = down(office, one, 100)
    with pytest.raises(Conflict):
        down(office, one, 100, version=1)
    with pytest.raises(Refused, match="of a later day"):
        down(office, one, 100, day=date(2026, 10, 4))
    closed(office, "2026-10")
    with pytest.raises(Refused, match="Period 2026-10 is closed"):
        down(office, one, 100)
    with pytest.raises(Refused, match="Period 2026-10 is closed"):
        office.does("fiona", changing.take_back, change=made, reason="Wrong", version=1)


def test_a_later_month_that_is_closed_is_not_written_anew(office: Office) -> None:
    """A write-down of August changes what was left in October, which was reported."""
    one = asset(office)
    made = down(office, one, 5_000, day=date(2026, 8, 5))
    closed(office, "2026-10")
    reported = left(office, one, date(2026, 10, 31))
    words = "Period 2026-10 is closed: what was left of FA-001 then stays as it was reported"
    for refused_day in (date(2026, 8, 5), date(2026, 9, 30)):
        with pytest.raises(Refused, match=f"{words}. Choose a later day.") as refused:
            down(office, one, 100, day=refused_day)
        assert refused.value.field == "on_day"
    with pytest.raises(Refused, match=words):
        retired(office, one, day=date(2026, 9, 1))
    with pytest.raises(Refused, match=words) as refused:
        office.does("fiona", changing.take_back, change=made, reason="Wrong", version=1)
    assert refused.value.field == "reason"
    down(office, one, 100, day=date(2026, 11, 1))
    assert left(office, one, date(2026, 10, 31)) == reported == 15_833


def test_it_waits_for_a_period_that_is_being_closed(office: Office) -> None:
    one = asset(office)
    month(office, "2026-12")
    with CaptureQueriesContext(connection) as asked:
        down(office, one, 100)
    held = [each["sql"] for each in asked if "finance_fiscalperiod" in each["sql"]]
    assert len(held) == 1 and held[0].endswith("for share")


def test_the_newest_is_taken_back_with_a_reason_and_stays_readable(office: Office) -> None:
    one = asset(office)
    first = down(office, one, 5_000)
    second = retired(office, one)
    one.refresh_from_db()
    with pytest.raises(Refused, match="retired already"):
        retired(office, one)
    back = {"reason": "It was another one", "version": 1}
    with pytest.raises(Refused, match="Something newer stands on it"):
        office.does("fiona", changing.take_back, change=first, **back)
    with pytest.raises(Refused, match="Say why"):
        office.does("fiona", changing.take_back, change=second, reason=" ", version=1)
    office.does("fiona", changing.take_back, change=second, **back)
    with pytest.raises(Refused, match="taken back already"):
        office.does("fiona", changing.take_back, change=second, reason="x", version=2)
    one.refresh_from_db()
    assert one.retired_on is None and left(office, one, TODAY) == 13_500
    with office.looking():
        assert AssetChange.objects.get(pk=second.pk).taken_why == "It was another one"
    retired(office, one)
    assert whole(office)


def test_the_database_and_verify_hold_it(office: Office) -> None:
    one = asset(office)
    retired(office, one)
    rule = next(query for words, query in RULES.items() if words.startswith("asset %s of program"))
    with office.looking(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(rule)
        assert cursor.fetchall() == []
        Asset.objects.filter(pk=one.pk).update(retired_on=None)
        cursor.execute(rule)
        assert [row[0] for row in cursor.fetchall()] == ["FA-001"]
        with pytest.raises(IntegrityError), transaction.atomic():
            AssetChange.objects.filter(asset=one).update(reason=" ")
        transaction.set_rollback(True)


# ------------------------------------------------------------------ page and API
def test_the_pages_write_down_retire_and_take_back(office: Office) -> None:
    one = asset(office)
    address, fiona = f"/p/ATLAS/assets/{one.pk}/", browser(office, "fiona")
    assert "Write down" in fiona.get(address).content.decode()
    assert "Write down" not in browser(office, "ada").get(address).content.decode()
    sent = {"on_day": "2026-10-05", "amount": "900", "reason": "A disk", "version": "1"}
    much = fiona.post(f"{address}write-down/", sent)
    assert much.status_code == 422 and "is left in that month" in much.content.decode()
    assert fiona.post(f"{address}write-down/", sent | {"amount": "50"}).status_code == 302
    text = fiona.get(address).content.decode()
    assert "Written down on 5 Oct 2026" in text and "A disk" in text and "Take back" in text
    assert fiona.post(f"{address}retire/", sent | {"on_day": "2026-11-16", "version": "2"}).status_code == 302
    assert "then retired" in fiona.get(address).content.decode()
    assert "16 Nov 2026" in fiona.get("/p/ATLAS/assets/").content.decode()
    with office.looking():
        newest = AssetChange.objects.get(kind="retired")
    back = f"/p/ATLAS/assets/changes/{newest.pk}/take-back/"
    assert fiona.post(back, {"reason": "Another one", "version": "1"}).status_code == 302
    assert "Taken back by" in fiona.get(address).content.decode()


def test_the_api_writes_down_retires_and_takes_back(office: Office) -> None:
    one = asset(office)
    fiona, base = browser(office, "fiona"), f"assets/{one.pk}/"
    body = {"on_day": "2026-10-05", "amount_minor": 5_000, "reason": "A disk", "version": 1}
    made = send(fiona, "post", f"{base}write-down/", body)
    assert (made.status_code, made.json()["kind"]) == (201, "written_down")
    assert send(fiona, "post", f"{base}write-down/", body).status_code == 409
    end = {"on_day": "2026-11-16", "reason": "Scrapped", "version": 2}
    change = send(fiona, "post", f"{base}retire/", end).json()
    assert change["amount_minor"] == 13_500
    back = {"reason": "No", "version": 1}
    assert send(fiona, "post", f"asset-changes/{change['id']}/take-back/", back).json()["taken_why"] == "No"
    assert send(fiona, "post", f"{base}retire/", end | {"version": 4, "extra": 1}).status_code == 400


def test_after_a_credit_note_what_was_really_taken_off_stands_beside_what_was_written(office: Office) -> None:
    """400.00 cost 10.00 after it: 5.00 is left in October, all of which goes, and nothing is there to retire."""
    one, fiona = asset(office), browser(office, "fiona")
    mistake = down(office, one, 700)
    office.does("fiona", changing.take_back, change=mistake, reason="Another one", version=1)
    one.refresh_from_db()
    down(office, one, 2_000)
    down(office, one, 3_000)
    retired(office, one)
    address = f"/p/ATLAS/assets/{one.pk}/"

    def amounts() -> list[tuple[int, int]]:
        rows = fiona.get(f"/api/v1/programs/ATLAS/asset-changes/?asset={one.pk}").json()["results"]
        return sorted((row["amount_minor"], row["taken_off_minor"]) for row in rows)

    assert amounts() == [(700, 0), (2_000, 2_000), (3_000, 3_000), (13_500, 13_500)]
    assert "is taken off, since" not in fiona.get(address).content.decode()
    with office.looking():
        invoice = Invoice.objects.get(kind="invoice")
    office.does(
        "fiona", invoicing.credit, invoice=invoice, number="C-1", invoiced_on=TODAY, amount_minor=39_000
    )
    assert amounts() == [(700, 0), (2_000, 500), (3_000, 0), (13_500, 0)]
    with office.looking():
        found = Asset.objects.get(pk=one.pk)
        assert found.cost_minor == 1_000
        assert sum(taken_off(found, standing(found)).values()) == sum(
            month.written_down for month in months(found, standing(found))
        )
    page = fiona.get(address).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert page.count("is taken off, since its cost is less by a credit note") == 3
    assert "5.00 EUR is taken off" in page and page.count("0.00 EUR is taken off") == 2
    with office.looking():
        last = AssetChange.objects.get(kind="retired")
    back = send(fiona, "post", f"asset-changes/{last.pk}/take-back/", {"reason": "No", "version": 1}).json()
    assert (back["amount_minor"], back["taken_off_minor"]) == (13_500, 0)
