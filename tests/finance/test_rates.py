"""Exchange rates: who keeps them, which one counts for a cost, and what is told where one is missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from finance.imports import mending
from finance.imports import services as imports
from finance.ledger import services as ledger
from finance.ledger.models import ActualLine, Journal
from finance.rates import services
from finance.rates.converting import Rates
from finance.rates.models import ExchangeRate
from pmo.amount_faults import AmountRefused
from pmo.formats import GAP
from pmo.money import exponent
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import Office
from tests.finance.test_api import API, send
from tests.finance.test_pages import HEADING, browser, quiet_static, upload

__all__ = ["quiet_static"]
USD = {"currency": "USD", "from_day": date(2026, 11, 1), "rate": Decimal("0.9215"), "note": "ECB"}


def entered(office: Office, **changed: Any) -> ExchangeRate:
    return office.does("fiona", services.add, program=office.program, values=USD | changed)


def read(office: Office, *rows: str) -> Any:
    content = "\n".join([HEADING, *rows]).encode()
    return office.does("fiona", imports.read_file, program=office.program, name="erp.csv", content=content)


def cost(reference: str, day: str, amount: str, currency: str) -> str:
    return f"{reference},CRM,,services,operating,{day},{amount},{currency},Vendor,Work"


def test_the_rate_of_the_latest_day_on_or_before_the_cost_counts() -> None:
    rates = Rates(
        "EUR", [("USD", date(2026, 11, 1), Decimal("0.9")), ("USD", date(2026, 11, 15), Decimal(1))]
    )
    assert rates.on("USD", date(2026, 10, 31)) is None and rates.on("GBP", date(2026, 11, 1)) is None
    assert rates.on("USD", date(2026, 11, 1)) == rates.on("USD", date(2026, 11, 14)) == Decimal("0.9")
    assert rates.on("USD", date(2027, 1, 1)) == 1


@given(
    minor=st.integers(-(10**15), 10**15),
    rate=st.decimals(Decimal("0.0000000001"), 10**9, places=10),
    pair=st.sampled_from([("EUR", "USD"), ("JPY", "USD"), ("KWD", "JPY"), ("EUR", "CLF"), ("JPY", "KWD")]),
)
def test_a_converted_amount_is_the_exact_product_rounded_once(
    minor: int, rate: Decimal, pair: tuple[str, str]
) -> None:
    ours, theirs = pair
    product = Fraction(minor) * Fraction(rate) * Fraction(10) ** (exponent(ours) - exponent(theirs))
    if abs(round(product)) > 10**15:
        with pytest.raises(AmountRefused):
            Rates(ours, []).convert(minor, theirs, rate)
    else:
        made = Rates(ours, []).convert(minor, theirs, rate)
        assert made.minor == round(product)
        assert abs(Fraction(made.exact) - product) <= Fraction(1, 20_000)


def test_a_cost_in_dollars_is_entered_in_euros_and_keeps_what_it_was(office: Office) -> None:
    entered(office)
    batch = read(office, cost("A", "2026-11-10", "1000.10", "USD"), cost("B", "2026-11-10", "-1.00", "usd"))
    assert (batch.totals["faults"], batch.totals["new_minor"]) == (0, 92_159 - 92)
    office.does("fiona", imports.accept, batch=batch)
    with office.looking():
        line = ActualLine.objects.get(source_reference="A")
        assert (line.currency, line.amount_minor, line.amount_exact) == ("EUR", 92_159, Decimal("92159.2150"))
        assert (line.source_currency, line.source_minor, line.rate) == ("USD", 100_010, Decimal("0.9215"))
    journal = browser(office, "ada").get(f"/p/ATLAS/ledger/{line.journal_id}/").content.decode()
    assert "1,000.10 USD at 0.9215" in journal


def test_a_rate_corrected_later_changes_no_cost(office: Office) -> None:
    rate = entered(office)
    office.does("fiona", imports.accept, batch=read(office, cost("A", "2026-11-10", "100", "USD")))
    office.does("fiona", services.edit, rate_id=rate.pk, changes={"rate": Decimal(2)}, version=1)
    office.does("fiona", imports.accept, batch=read(office, cost("B", "2026-11-10", "100", "USD")))
    with office.looking():
        lines = ActualLine.objects.order_by("pk")
        assert [line.amount_minor for line in lines] == [9_215, 20_000]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (cost("A", "2026-10-31", "5", "USD"), "There is no exchange rate of USD on or before 2026-10-31."),
        (cost("A", "2026-11-10", "5", "GBP"), "There is no exchange rate of GBP on or before 2026-11-10."),
        (cost("A", "2026-11-10", "5", "XXX"), "“XXX” is not an ISO 4217 currency with a minor unit."),
        (cost("A", "2026-11-10", "5", "euro"), "“EURO” is not an ISO 4217 currency with a minor unit."),
        (cost("A", "2026-11-10", "5.001", "USD"), "“5.001” has 3 decimals; at most 2 decimals fit here."),
        (
            cost("A", "2026-11-10", "10000000000001", "USD"),
            "An amount can be at most 10,000,000,000,000.00 USD.",
        ),
    ],
)
def test_what_cannot_be_converted_is_told_at_its_row(office: Office, row: str, sentence: str) -> None:
    entered(office)
    batch = read(office, row)
    assert [one["problem"] for one in batch.problems] == [sentence]
    with pytest.raises(Refused):
        office.does("fiona", imports.accept, batch=batch)


def test_the_controller_alone_keeps_rates(office: Office) -> None:
    with pytest.raises(NotAllowed):
        office.does("mira", services.add, program=office.program, values=USD)
    rate = entered(office)
    assert browser(office, "mira").get("/p/ATLAS/rates/add/").status_code == 403
    assert browser(office, "mira").post(f"/p/ATLAS/rates/{rate.pk}/", {}).status_code == 403
    page = browser(office, "mira").get(f"/p/ATLAS/rates/{rate.pk}/").content.decode()
    assert "0.9215" in page and "Save</button>" not in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"currency": "EUR"}, "the program's own currency"),
        ({"currency": "XAU"}, "is not an ISO 4217 currency"),
        ({"rate": Decimal(0)}, "above zero"),
        ({"rate": Decimal(-1)}, "above zero"),
        ({"from_day": date(1989, 1, 1)}, "from 1990 to 2100"),
        ({"note": "x" * 201}, "at most 200 characters"),
        ({"version": 3}, "cannot be entered here"),
        ({}, "has the rate 0.9215 from that day already"),
    ],
)
def test_a_rate_that_cannot_be_is_refused_in_words(
    office: Office, changed: dict[str, Any], sentence: str
) -> None:
    entered(office)
    with pytest.raises(Refused, match=sentence):
        entered(office, **changed)


@pytest.mark.parametrize(
    "text", ["1,5", "1e3", "-1", "0", "NaN", "１", "", "1.00000000001", "10000000000", ".5"]
)
def test_a_rate_is_never_guessed(text: str) -> None:
    with pytest.raises(Refused, match="is not a rate"):
        services.parse_rate(text)


def test_two_people_at_one_rate_and_its_history(office: Office) -> None:
    rate = entered(office)
    fiona = browser(office, "fiona")
    form = {"currency": "USD", "from_day": "2026-11-01", "rate": "0.93", "note": "ECB", "version": "1"}
    assert fiona.post(f"/p/ATLAS/rates/{rate.pk}/", form).status_code == 302
    late = fiona.post(f"/p/ATLAS/rates/{rate.pk}/", form | {"rate": "0.94"})
    assert late.status_code == 409 and "it is 0.93 from 2026-11-01 now" in late.content.decode()
    page = browser(office, "ada").get(f"/p/ATLAS/rates/{rate.pk}/").content.decode()
    assert page.index("USD 0.93 from") < page.index("USD 0.9215 from") and "by Fiona Castle" in page
    with pytest.raises(Conflict):
        office.does("fiona", services.edit, rate_id=rate.pk, changes={}, version=1)


def sent(office: Office, text: str) -> Any:
    file = SimpleUploadedFile("rates.csv", text.encode(), "text/csv")
    return browser(office, "fiona").post("/p/ATLAS/rates/add/", {"file": file})


def test_a_file_of_rates_is_entered_whole_or_not_at_all(office: Office) -> None:
    entered(office)
    wrong = "currency,from,rate\nUSD,2026-11-01,0.92\nGBP,1.11.2026,1.15\nCHF,2026-11-01,1.0667\nEUR,2026-11-01,1\n"
    refused = sent(office, wrong)
    text = refused.content.decode()
    assert refused.status_code == 422
    for sentence in (
        "Row 2: USD has the rate 0.9215 from 2026-11-01 already",
        "Row 3: “1.11.2026” is not a date",
        "Row 5: EUR is the program&#x27;s own currency",
    ):
        assert sentence in text
    with office.looking():
        assert ExchangeRate.objects.count() == 1
    assert (
        sent(office, "currency;from;rate;note\nusd;2026-11-01;0.9215;\nGBP;2026-11-01;1.15;ECB\n").status_code
        == 302
    )
    with office.looking():
        assert list(ExchangeRate.objects.order_by("pk").values_list("currency", "rate")) == [
            ("USD", Decimal("0.9215")),
            ("GBP", Decimal("1.15")),
        ]
    listed = browser(office, "ada").get("/p/ATLAS/rates/?format=csv").content.decode()
    assert "GBP,2026-11-01,1.15,ECB,Fiona Castle" in listed


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty"),
        ("currency,rate\nUSD,1\n", "no column for from"),
        ("currency,from,rate\nUSD,1\n", "2 cells"),
    ],
)
def test_a_file_that_is_no_table_of_rates_is_refused(office: Office, text: str, sentence: str) -> None:
    assert sentence in sent(office, text).content.decode()


def test_the_page_of_an_upload_names_the_missing_rate(office: Office) -> None:
    answer = upload(office, "\n".join([HEADING, cost("A", "2026-11-10", "5", "USD")]))
    assert "no exchange rate of USD" in browser(office, "fiona").get(answer["Location"]).content.decode()


def test_rates_by_the_api(office: Office) -> None:
    fiona = browser(office, "fiona")
    body = {"currency": "USD", "from_day": "2026-11-01", "rate": "0.9215"}
    assert send(browser(office, "ada"), "post", "exchange-rates/", body).status_code == 403
    made = send(fiona, "post", "exchange-rates/", body)
    assert made.status_code == 201 and made.json()["rate"] == "0.9215"
    assert send(fiona, "post", "exchange-rates/", body).status_code == 422
    change = {"rate": "0.93", "version": 1}
    assert send(fiona, "patch", f"exchange-rates/{made.json()['id']}/", change).status_code == 200
    assert send(fiona, "patch", f"exchange-rates/{made.json()['id']}/", change).status_code == 409
    file = {"content": "currency,from,rate\nGBP,2026-11-01,1.15\n"}
    assert send(fiona, "post", "exchange-rates/file/", file).json() == {"entered": 1}
    assert (
        browser(office, "ada").get(f"{API}/exchange-rates/?currency=gbp").json()["results"][0]["version"] == 1
    )


def test_a_rate_that_was_corrected_after_the_file_was_read_is_told_and_its_rows_are_read_again(
    office: Office,
) -> None:
    """What the controls showed is what is entered: not the old rate, and not the new one unseen."""
    rate = entered(office)
    batch = read(
        office,
        cost("INV-1", "2026-11-02", "100", "USD"),
        cost("INV-2", "2026-11-03", "-40", "USD"),
        cost("INV-3", "2026-11-03", "7", "EUR"),
        cost("INV-4", "2026-10-02", "5", "USD"),
    )
    office.does("fiona", services.edit, rate_id=rate.pk, changes=USD | {"rate": Decimal("0.93")}, version=1)
    office.does("fiona", mending.leave_out, batch=batch, rows=[5], reason="Not ours")
    shown = browser(office, "fiona").get(f"/p/ATLAS/costs/{batch.pk}/").content.decode()
    assert "1 cost of 2 Nov 2026, 100.00 USD: read at 0.9215, 0.93 now." in shown.replace(GAP, " ")
    assert "Read these rows again" in shown and ">Accept<" not in shown
    with pytest.raises(Conflict, match=r"1\scost of 3 Nov 2026, -40\.00 USD: read at 0\.9215, 0\.93 now"):
        office.does("fiona", imports.accept, batch=batch)
    again = office.does("fiona", mending.check_again, batch=batch)
    assert (again.totals["new"], again.totals["new_minor"]) == (3, 9_300 - 3_720 + 700)
    office.does("fiona", imports.accept, batch=batch)
    with office.looking():
        assert set(ActualLine.objects.values_list("source_reference", "amount_minor", "rate")) == {
            ("INV-1", 9_300, Decimal("0.93")),
            ("INV-2", -3_720, Decimal("0.93")),
            ("INV-3", 700, None),
        }


def test_references_that_differ_only_at_their_end_can_be_taken_back_together(office: Office) -> None:
    long = "R" * 114
    batch = read(office, *(cost(f"{long}{end}", "2026-11-02", "10", "EUR") for end in "ABC"))
    office.does("fiona", imports.accept, batch=batch)
    with office.looking():
        journal = Journal.objects.get(source_kind=imports.SOURCE)
    office.does("fiona", ledger.reverse, journal=journal, text="Twice")
    with office.looking():
        kept = set(ActualLine.objects.filter(amount_minor=-1_000).values_list("source_reference", flat=True))
    assert len(kept) == 3 and all(one.startswith("reversal RRR") and len(one) <= 120 for one in kept)
