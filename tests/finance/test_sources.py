"""Sources of costs: how each writes amounts, dates and words, on pages and by the API."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from finance.imports import source_services
from finance.imports.layout import Layout
from finance.imports.models import CostSource
from finance.ledger.models import ActualLine
from pmo.amount_faults import AmountRefused
from pmo.refusals import NotAllowed, Refused
from tests.finance.office import Office
from tests.finance.sourcing import FIXED, PLAIN, accept, described, problems, read
from tests.finance.test_api import API, send
from tests.finance.test_pages import browser, quiet_static

__all__ = ["quiet_static"]


@pytest.mark.parametrize(
    ("layout", "text", "minor"),
    [
        (Layout(decimal=","), "1.234,56", 123_456),
        (Layout(decimal=","), "1234,5", 123_450),
        (Layout(decimal=","), "-7", -700),
        (Layout(credit="trailing"), "1,234.50-", -123_450),
        (Layout(credit="brackets"), "(100)", -10_000),
        (Layout(credit="brackets", decimal=","), "(1.234,56)", -123_456),
        (Layout(), "1 234", 123_400),
    ],
)
def test_amounts_are_read_as_the_source_writes_them(layout: Layout, text: str, minor: int) -> None:
    assert layout.amount(text, "EUR") == minor


@pytest.mark.parametrize(
    "text", ["1.234,56", "(100)", "-0", "NaN", "1e9", "9" * 20, "１２", "5-", "1,234", "", "0x1"]
)
@pytest.mark.parametrize("layout", [Layout(), Layout(decimal=",", credit="trailing")])
def test_what_the_source_does_not_write_is_never_guessed(layout: Layout, text: str) -> None:
    if layout.decimal == "," and text in ("1.234,56", "5-"):
        return
    with pytest.raises(AmountRefused):
        layout.amount("" if text == "" else text, "EUR")


@pytest.mark.parametrize(
    ("order", "text", "day"),
    [
        ("ymd", "2026-11-30", date(2026, 11, 30)),
        ("dmy", "30/11/2026", date(2026, 11, 30)),
        ("dmy", "30.11.2026", date(2026, 11, 30)),
        ("mdy", "11/30/2026", date(2026, 11, 30)),
        ("mdy", "30/11/2026", None),
        ("ymd", "30/11/2026", None),
        ("dmy", "2026-11-30", None),
        ("dmy", "31/02/2026", None),
        ("dmy", "25/06/2012900", None),
        ("dmy", "1/6/2012", None),
        ("ymd", "２０26-11-30", None),
    ],
)
def test_dates_are_read_in_one_order_only(order: str, text: str, day: date | None) -> None:
    assert Layout(date_order=order).day(text) == day


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"columns": {"date": "Day", "amount": "Sum"}}, "columns"),
        ({"columns": PLAIN.columns | {"colour": "Colour"}}, "columns"),
        ({"defaults": FIXED | {"amount": "5"}}, "defaults"),
        ({"reference": ("Doc",)}, "reference"),
        ({"date_order": "ydm"}, "date_order"),
    ],
)
def test_a_layout_by_which_nothing_could_be_read_is_refused_at_its_field(
    office: Office, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        described(office, Layout(**(PLAIN.kept() | {"reference": ()} | changed)))
    assert refused.value.field == field


def test_words_of_the_source_become_ours_and_an_unknown_one_is_told(office: Office) -> None:
    layout = Layout(
        columns=PLAIN.columns | {"category": "Type", "project": "Centre"},
        defaults={"nature": "operating"},
        values={"category": {"supplies & services": "other"}, "project": {"4711": "DC"}},
    )
    source = described(office, layout)
    batch = read(
        office,
        "Doc,Day,Sum,Type,Centre\n1,2026-11-01,5,Supplies & Services,4711\n2,2026-11-01,5,Yachts,4711\n",
        source,
    )
    assert problems(batch) == {3: "“yachts” is not a cost category."}


def test_the_same_number_of_two_sources_is_two_costs_and_the_same_file_again_is_known(office: Office) -> None:
    text = "Doc,Day,Sum\n1,2026-11-01,5\n"
    sap, coda = described(office, PLAIN), described(office, PLAIN, "CODA")
    accept(office, read(office, text, sap))
    assert read(office, text, coda).totals["new"] == 1
    assert read(office, text, sap).totals["known"] == 1
    with office.looking():
        assert ActualLine.objects.get().source_reference == "SAP/1"


def test_rows_that_are_alike_are_counted_where_the_source_says_so(office: Office) -> None:
    layout = Layout(
        columns={"date": "Day", "amount": "Sum"},
        defaults=FIXED,
        reference=("Doc", "Day", "Sum"),
        count_same=True,
    )
    text = "Doc,Day,Sum\n1,2026-11-01,5\n1,2026-11-01,5\n1,2026-11-01,6\n"
    source = described(office, layout)
    accept(office, read(office, text, source))
    with office.looking():
        found = set(ActualLine.objects.values_list("source_reference", flat=True))
    assert found == {"SAP/1/2026-11-01/5", "SAP/1/2026-11-01/5#2", "SAP/1/2026-11-01/6"}
    more = read(office, text + "1,2026-11-01,5\n", source)
    assert (more.totals["known"], more.totals["new"]) == (3, 1)


def test_a_source_is_described_on_its_page_and_two_people_do_not_overwrite_each_other(office: Office) -> None:
    fiona = browser(office, "fiona")
    form = {
        "name": "SAP", "columns": "source_reference = Doc\ndate = Day\namount = Sum", "reference": "",
        "defaults": "project = CRM\ncategory = other\nnature = operating", "date_order": "dmy", "decimal": ",",
        "credit": "trailing", "values": "category: A & B = other",
    }  # fmt: skip
    assert browser(office, "mira").get("/p/ATLAS/costs/sources/add/").status_code == 403
    wrong = fiona.post("/p/ATLAS/costs/sources/add/", form | {"columns": "date Day"})
    assert wrong.status_code == 422 and "is not written like name = value" in wrong.content.decode()
    lacking = fiona.post("/p/ATLAS/costs/sources/add/", form | {"columns": "date = Day"})
    assert (
        lacking.status_code == 422
        and "Nothing says where source_reference, amount" in lacking.content.decode()
    )
    assert fiona.post("/p/ATLAS/costs/sources/add/", form).status_code == 302
    with office.looking():
        source = CostSource.objects.get()
    assert source.layout["values"] == {"category": {"a & b": "other"}}
    address = f"/p/ATLAS/costs/sources/{source.pk}/"
    assert "date = Day" in fiona.get(address).content.decode()
    assert "date = Day" in browser(office, "ada").get(address).content.decode()
    assert fiona.post(address, form | {"version": "1", "credit": "minus"}).status_code == 302
    assert fiona.post(address, form | {"version": "1"}).status_code == 409
    file = SimpleUploadedFile("costs.csv", b"Doc;Day;Sum\n1;01.11.2026;1.234,56\n")
    read_ = fiona.post("/p/ATLAS/costs/add/", {"file": file, "source": "SAP", "total": "1234.56"})
    assert "Unexplained</dt><dd>0.00 EUR" in fiona.get(read_["Location"]).content.decode()
    renamed = fiona.post(address, form | {"version": "2", "name": "CODA"})
    assert renamed.status_code == 422 and "it stands in their references" in renamed.content.decode()
    with pytest.raises(NotAllowed):
        office.does("mira", source_services.add_source, program=office.program, name="X", layout=PLAIN)


def test_sources_and_mending_by_the_api(office: Office) -> None:
    fiona = browser(office, "fiona")
    layout = {"columns": PLAIN.columns, "defaults": FIXED}
    made = send(fiona, "post", "cost-sources/", {"name": "SAP", "layout": layout}).json()
    change = {"version": 1, "name": "SAP", "layout": layout | {"decimal": ","}}
    assert send(fiona, "patch", f"cost-sources/{made['id']}/", change).json()["layout"]["decimal"] == ","
    assert send(fiona, "patch", f"cost-sources/{made['id']}/", change).status_code == 409
    content = "Doc;Day;Sum\n1;2026-11-01;5,5\n2;2026-11-01;x\n3;2026-11-01;y\n"
    file = {"file_name": "a.csv", "content": content, "source": "SAP"}
    batch = send(fiona, "post", "cost-files/", file).json()
    assert (batch["cost_source"], batch["totals"]["faults"]) == ("SAP", 2)
    mended = {"content": "row,Doc,Day,Sum\n3,2,2026-11-01,6\n"}
    base = f"cost-files/{batch['id']}"
    assert send(fiona, "post", f"{base}/corrected/", mended).json()["totals"]["faults"] == 1
    assert send(fiona, "post", f"{base}/again/").json()["totals"]["faults"] == 1
    left = send(fiona, "post", f"{base}/leave-out/", {"rows": [4], "reason": "Never paid"}).json()
    assert (left["totals"]["faults"], left["totals"]["left_out"]) == (0, 1)
    assert send(fiona, "post", f"{base}/accept/").json()["totals"]["entered"] == 2
    assert send(fiona, "post", "cost-files/", file | {"source": "CODA"}).status_code == 422
    assert browser(office, "ada").get(f"{API}/cost-sources/").json()["results"][0]["name"] == "SAP"
