"""The columns of `evm.csv`: each figure in its unit, an empty text where a measure is not defined."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from finance.engine.columns import COLUMNS, evm_columns, wall_text, working_time_text
from finance.engine.earned_value import Figures


def test_money_is_in_major_units_and_indices_are_as_they_are() -> None:
    exact = Figures(Fraction(100_000), Fraction(50_000), Fraction(40_001, 3), Fraction(-50))
    schedule = SimpleNamespace(earned_at=60 * 24 * 31 + 17 * 60, time=SimpleNamespace(sv_t=Fraction(-481)))
    valuation: Any = SimpleNamespace(total=SimpleNamespace(exact=exact), schedule=schedule)
    values: dict[str, Any] = {name: SimpleNamespace(value=Fraction(1234)) for name in COLUMNS}
    values["spi"] = SimpleNamespace(value=None)
    values["cpi"] = SimpleNamespace(value=Fraction(2, 3))
    row = evm_columns(valuation, values, "EUR")
    assert (row["bac"], row["pv"], row["ev"], row["ac"]) == ("1000.0000", "500.0000", "133.3367", "-0.5000")
    assert (row["es"], row["sv_t"]) == ("1970-02-01T17:00", "-1d 1m")
    money = [name for name in COLUMNS if name in ("sv", "cv") or name.startswith("eac_")]
    assert {row[name] for name in money} == {"12.3400"} and len(money) == 9
    assert (row["spi"], row["cpi"], row["spi_t"], row["p_factor"]) == ("", "0.6667", "1234.0000", "1234.0000")
    assert tuple(row) == COLUMNS
    assert evm_columns(valuation, values, "JPY")["bac"] == "100000.0000"
    assert evm_columns(valuation, values, "EUR", minutes_per_day=481)["sv_t"] == "-1d"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0"), (1, "1m"), (-1, "-1m"), (60, "1h"), (-60, "-1h"), (61, "1h 1m"), (150, "2h 30m"), (480, "1d"),
        (539, "1d 59m"), (-480 * 7 - 300, "-7d 5h"), (480 * 36, "36d"),
    ],
)  # fmt: skip
def test_working_time_is_written_as_people_count_it(minutes: int, text: str) -> None:
    assert working_time_text(minutes, 480) == text


def test_a_wall_minute_is_a_moment() -> None:
    assert [wall_text(minute) for minute in (0, 1, 1440)] == [
        "1970-01-01T00:00", "1970-01-01T00:01", "1970-01-02T00:00",
    ]  # fmt: skip
