"""The ERP's total of a period, source by source: what is unexplained of each, and of all together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from finance.imports import services as imports
from finance.imports import source_services
from finance.imports.layout import Layout
from finance.imports.models import CostSource
from finance.reconciliation import services
from finance.reconciliation.models import ErpTotal
from finance.reconciliation.selectors import Reconciliation, reconcile
from finance.structure.models import FiscalPeriod
from pmo.refusals import Conflict
from tests.finance.office import Office
from tests.finance.test_api import API, send
from tests.finance.test_late_costs import accept, closed, cost, month, read, sound
from tests.finance.test_pages import HEADING, browser, quiet_static

__all__ = ["quiet_static"]
AS_IT_IS = Layout(columns={name: name for name in HEADING.split(",")})


def source(office: Office, name: str) -> CostSource:
    return office.does(
        "fiona", source_services.add_source, program=office.program, name=name, layout=AS_IT_IS
    )


@pytest.fixture
def two(office: Office) -> tuple[CostSource, CostSource, FiscalPeriod]:
    """SAP told 100.00 and has 8.00 on trial, CODA 50.00, and 7.00 came in a file of no source."""
    sap, coda = source(office, "SAP"), source(office, "CODA")
    accept(office, read(office, cost("A", "2026-11-10", "100"), source=sap))
    accept(office, read(office, cost("B", "2026-11-11", "50"), source=coda))
    read(office, cost("W", "2026-11-12", "8"), source=sap)
    return sap, coda, month(office, "2026-11")


def said(
    office: Office, period: FiscalPeriod, minor: int, of: CostSource | None = None, **more: Any
) -> ErpTotal:
    given = {"period": period, "amount_minor": minor, "source": of, "version": 0} | more
    made: ErpTotal = office.does("fiona", services.state_total, **given)
    return made


def found(office: Office, period: FiscalPeriod) -> Reconciliation:
    with office.looking():
        return reconcile(period)


def sides(one: Reconciliation) -> dict[str, tuple[Any, ...]]:
    return {side.name: (side.total, side.explained, side.unexplained) for side in one.sides}


def test_each_source_has_its_own_unexplained_difference_and_they_add_up(
    office: Office, two: tuple[CostSource, CostSource, FiscalPeriod]
) -> None:
    sap, coda, november = two
    before = found(office, november)
    assert sides(before) == {"CODA": (None, 5_000, None), "SAP": (None, 10_800, None)}
    assert (before.total, before.unexplained, before.explained) == (None, None, Decimal(15_800))
    said(office, november, 11_000, sap, note="Trial balance")
    assert found(office, november).unexplained is None  # CODA's is not known
    said(office, november, 5_000, coda)
    both = found(office, november)
    assert sides(both) == {"CODA": (5_000, 5_000, 0), "SAP": (11_000, 10_800, 200)}
    assert (both.total, both.unexplained) == (16_000, 200)
    assert both.unexplained == sum(side.unexplained or 0 for side in both.sides)
    said(office, november, 17_000)  # all together, which then counts
    whole = found(office, november)
    assert (whole.total, whole.summed, whole.unexplained) == (17_000, 16_000, 1_200)
    sound(office)


def test_costs_of_no_source_stand_apart_and_keep_the_sum_unknown(
    office: Office, two: tuple[CostSource, CostSource, FiscalPeriod]
) -> None:
    sap, coda, november = two
    accept(office, read(office, cost("C", "2026-11-13", "7")))
    said(office, november, 10_800, sap)
    said(office, november, 5_000, coda)
    one = found(office, november)
    assert [side.name for side in one.sides] == ["CODA", "SAP", "No source named"]
    assert one.explained == sum(side.explained for side in one.sides) == 16_500
    assert (one.summed, one.unexplained) == (None, None)
    said(office, november, 16_500)
    assert found(office, november).unexplained == 0


def test_a_source_that_told_nothing_can_still_have_a_total(office: Office) -> None:
    sap, november = source(office, "SAP"), month(office, "2026-11")
    said(office, november, 900, sap)
    one = found(office, november)
    assert sides(one) == {"SAP": (900, 0, 900)} and one.unexplained == 900


def test_a_source_that_fell_silent_is_named_and_keeps_the_sum_unknown(office: Office) -> None:
    sap, coda = source(office, "SAP"), source(office, "CODA")
    for one, name in ((sap, "S"), (coda, "C")):
        accept(office, read(office, cost(f"{name}1", "2026-10-10", "50"), source=one))
    accept(office, read(office, cost("S2", "2026-11-10", "100"), source=sap))
    october, november = month(office, "2026-10"), month(office, "2026-11")
    said(office, november, 10_000, sap)
    silent = found(office, november)
    assert sides(silent) == {"CODA": (None, 0, None), "SAP": (10_000, 10_000, 0)}
    assert (silent.total, silent.unexplained) == (None, None)
    page = browser(office, "fiona").get(f"/p/ATLAS/periods/{november.pk}/").content.decode()
    assert "told nothing of this period" in page and f"?source={coda.pk}#total" in page
    assert {side.name for side in found(office, october).sides} == {"CODA", "SAP"}
    said(office, november, 0, coda)  # nothing is an answer, too
    assert (found(office, november).total, found(office, november).unexplained) == (10_000, 0)


def test_steps_that_cancel_do_not_hide_their_source(office: Office) -> None:
    sap = source(office, "SAP")
    october = closed(office, "2026-10")
    late = read(office, cost("L", "2026-10-12", "70"), source=sap)
    accept(office, office.does("fiona", imports.adjust_late, batch=late, late=True))
    read(office, cost("F", "2026-10-12", "-70", project="NONE"), source=sap)
    one = found(office, october)
    assert [(side.name, side.entered_late, side.faulty, side.total) for side in one.sides] == [
        ("SAP", 7_000, -7_000, None)
    ]


def test_page_file_and_form_tell_the_sources(
    office: Office, two: tuple[CostSource, CostSource, FiscalPeriod]
) -> None:
    sap, coda, november = two
    source(office, "EMPTY")
    address = f"/p/ATLAS/periods/{november.pk}/"
    fiona = browser(office, "fiona")
    text = fiona.get(address).content.decode()
    assert "Source by source" in text and f"?source={sap.pk}#total" in text and ">EMPTY</a>" in text
    form = fiona.get(f"{address}?source={sap.pk}").content.decode()
    assert f'name="source" value="{sap.pk}"' in form and "Total of the ERP in SAP" in form
    wrong = fiona.post(f"{address}total/", {"amount": "1.234,56", "version": "0", "source": str(sap.pk)})
    assert wrong.status_code == 422 and 'value="1.234,56"' in wrong.content.decode()
    assert f'name="source" value="{sap.pk}"' in wrong.content.decode()
    for one, amount in ((sap, "110"), (coda, "50")):
        sent = {"amount": amount, "version": "0", "source": str(one.pk)}
        assert fiona.post(f"{address}total/", sent).status_code == 302
    again = {"amount": "1", "version": "0", "source": str(sap.pk)}
    assert fiona.post(f"{address}total/", again).status_code == 409
    page = browser(office, "ada").get(address).content.decode()
    for words in ("the sum of the sources&#x27; totals", "110.00 EUR", "2.00 EUR", "160.00 EUR"):
        assert words in page, words
    assert "#total" not in page  # she may not say it
    listed = browser(office, "ada").get(f"{address}?format=csv").content.decode()
    assert "SAP: unexplained,2.00,EUR" in listed and "CODA: total of the ERP,50.00,EUR" in listed
    for unknown in ("x", "999999"):
        assert fiona.get(f"{address}?source={unknown}").status_code == 404


def test_the_api_takes_and_tells_totals_by_source(
    office: Office, two: tuple[CostSource, CostSource, FiscalPeriod]
) -> None:
    fiona = browser(office, "fiona")
    body = {"period": "2026-11", "amount_minor": 11_000, "source": "SAP"}
    assert send(fiona, "post", "erp-totals/", body).json()["source"] == "SAP"
    assert send(fiona, "post", "erp-totals/", body).status_code == 409
    assert send(fiona, "post", "erp-totals/", body | {"source": "NONE"}).status_code == 404
    told = fiona.get(f"{API}/reconciliation/2026-11/").json()
    assert told["unexplained_minor"] is None
    assert told["sources"] == [
        {"source": "CODA", "erp_minor": None, "explained_minor": "5000", "unexplained_minor": None},
        {"source": "SAP", "erp_minor": "11000", "explained_minor": "10800", "unexplained_minor": "200"},
    ]
    assert len(fiona.get(f"{API}/erp-totals/?source=SAP").json()["results"]) == 1


def test_one_total_for_each_source_and_none_of_another_program(
    office: Office, two: tuple[CostSource, CostSource, FiscalPeriod]
) -> None:
    sap, _, november = two
    said(office, november, 1, sap)
    with pytest.raises(Conflict):
        said(office, november, 2, sap)
    said(office, november, 3, sap, version=1)
    with office.looking():
        assert ErpTotal.objects.get(source=sap).version == 2
    said(office, november, 4)
    for twin in (sap.pk, None):
        with (
            pytest.raises(IntegrityError),
            office.looking(),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                """insert into finance_erptotal (program_id, period_id, source_id, amount_minor, note, entered_at,
                     version) values (%s, %s, %s, 1, '', now(), 1)""",
                [office.program.pk, november.pk, twin],
            )
