"""Order, receipt and invoice against each other: the parts always add up, and bounds are bounds."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engine.three_way import Line, Tolerance, bucket, match, standing

QUANTITIES = st.decimals(0, 1000, places=3)
STRICT = Tolerance()


@given(st.integers(1, 10**7), st.lists(st.tuples(st.booleans(), QUANTITIES), max_size=12))
def test_money_of_a_line_is_promised_received_or_invoiced_and_nothing_is_lost(
    price: int, events: list[tuple[bool, D]]
) -> None:
    """Whatever comes in whatever parts: promised and received are what was ordered less what was invoiced."""
    line = Line(D(1000), price)
    for is_receipt, quantity in events:
        part = min(quantity, line.ordered - (line.received if is_receipt else line.invoiced))
        received = line.received + part if is_receipt else line.received
        invoiced = line.invoiced if is_receipt else line.invoiced + part
        line = Line(line.ordered, price, received, invoiced)
        stands = standing(line)
        assert stands.committed >= 0 and stands.accrued >= 0
        assert sum(stands) == line.worth(line.ordered) - line.worth(line.invoiced)
        assert standing(line, running=False) == (0, stands.accrued)


def test_invoiced_beyond_the_order_leaves_nothing_open() -> None:
    assert standing(Line(D(3), 100, received=D(3), invoiced=D(5))) == (0, 0)


@pytest.mark.parametrize(
    ("quantity", "price", "tolerance", "breaches"),
    [
        (D(3), 100, STRICT, []),
        (D("3.001"), 100, STRICT, ["quantity"]),
        (D("3.25"), 100, Tolerance(quantity_percent=D(5)), []),
        (D("3.251"), 100, Tolerance(quantity_percent=D(5)), ["quantity"]),
        (D(3), 99, STRICT, []),
        (D(3), 101, STRICT, ["price"]),
        (D(3), 102, Tolerance(D(0), D(2), 6), []),
        (D(3), 102, Tolerance(D(0), D(2), 5), ["price"]),  # 2 % of the price, but 6 in all
        (D(3), 103, Tolerance(D(0), D(2), 100), ["price"]),
        (D(4), 101, STRICT, ["quantity", "price"]),
    ],
)
def test_a_match_is_as_strict_as_its_tolerance(
    quantity: D, price: int, tolerance: Tolerance, breaches: list[str]
) -> None:
    line = Line(D(10), 100, received=D(5), invoiced=D(2))
    assert [one.what for one in match(line, quantity, price, tolerance)] == breaches


@pytest.mark.parametrize(
    ("late", "where"),
    [
        (-1, "not due"), (0, "0-30"), (30, "0-30"), (31, "31-60"), (60, "31-60"), (61, "61-90"), (90, "61-90"),
        (91, "over 90"), (4000, "over 90"),
    ],
)  # fmt: skip
def test_an_unpaid_invoice_ages_by_the_days_since_it_was_due(late: int, where: str) -> None:
    assert bucket(late) == where


def test_a_part_is_worth_quantity_times_price_rounded_half_to_even() -> None:
    line = Line(D(10), 150)
    assert [line.worth(D(text)) for text in ("0", "0.003", "0.01", "2.5", "10")] == [0, 0, 2, 375, 1500]
    assert (line.received, line.invoiced) == (0, 0)
    assert standing(Line(D(10), 150, received=D("2.5"))) == (1125, 375)


def test_without_a_tolerance_nothing_is_tolerated() -> None:
    assert Tolerance(D(0), D(0), 0) == STRICT
    line = Line(D(10), 3, received=D(10))
    assert match(line, D("0.25"), 4, STRICT) == [("price", 4, 3)]  # a quarter of a minor unit in all
    assert match(line, D("0.25"), 4, Tolerance(D(0), D(100), 0)) != []
    assert match(line, D("0.25"), 4, Tolerance(D(0), D(100), 1)) == []
