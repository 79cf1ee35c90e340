"""Six dimensions: the colour follows from the figures by the published rule, and an unknown is never green."""

from datetime import date
from decimal import Decimal as D

import pytest

from governance.health import rules
from governance.health.thresholds import DEFAULTS, limits_of
from pmo.refusals import Refused

COMMITTED = date(2027, 3, 31)


@pytest.mark.parametrize(
    ("finish", "colour", "sentence", "rule"),
    [
        (
            date(2027, 3, 1),
            "green",
            "Finish 1 Mar 2027, 30 days before the committed date",
            "margin 30 d ≥ 10 d",
        ),
        (
            date(2027, 3, 21),
            "green",
            "Finish 21 Mar 2027, 10 days before the committed date",
            "margin 10 d ≥ 10 d",
        ),
        (
            date(2027, 3, 22),
            "amber",
            "Finish 22 Mar 2027, 9 days before the committed date",
            "margin 9 d < 10 d",
        ),
        (date(2027, 3, 31), "amber", "Finish 31 Mar 2027, on the committed date", "margin 0 d < 10 d"),
        (
            date(2027, 4, 18),
            "amber",
            "Finish 18 Apr 2027, 18 days after the committed date",
            "margin −18 d < 10 d",
        ),
        (
            date(2027, 4, 21),
            "red",
            "Finish 21 Apr 2027, 21 days after the committed date",
            "margin −21 d < −20 d",
        ),
    ],
)
def test_schedule_is_held_against_the_date_promised_to_the_sponsor(
    finish: date, colour: str, sentence: str, rule: str
) -> None:
    rating = rules.schedule(finish, COMMITTED, None, DEFAULTS)
    assert (rating.colour, rating.sentence.replace("\xa0", " "), rating.rule.replace("\xa0", " ")) == (
        colour,
        sentence,
        rule,
    )


def test_without_a_promise_the_baseline_is_what_the_finish_is_held_against() -> None:
    rating = rules.schedule(date(2027, 4, 18), None, date(2027, 3, 31), DEFAULTS)
    assert (rating.colour, rating.rule.replace("\xa0", " ")) == ("amber", "slip 18 d > 5 d")


def test_a_program_without_promise_and_baseline_is_not_rated() -> None:
    rating = rules.schedule(date(2027, 4, 18), None, None, DEFAULTS)
    assert rating.colour == "" and "no committed date" in rating.sentence


def earned(bac: int, ev: int, ac: int) -> rules.Earned:
    return rules.Earned(D(bac * 100), D(ev * 100), D(ev * 100), D(ac * 100))


@pytest.mark.parametrize(
    ("figures", "colour", "sentence", "rule"),
    [
        (
            earned(24_000_000, 8_600_000, 10_000_000),
            "red",
            "EAC 27.9M, 3.9M over the cost baseline",
            "CPI 0.86 < 0.90",
        ),
        (
            earned(24_000_000, 9_200_000, 10_000_000),
            "amber",
            "EAC 26.1M, 2.1M over the cost baseline",
            "CPI 0.92 < 0.95",
        ),
        (
            earned(24_000_000, 9_500_000, 10_000_000),
            "amber",
            "EAC 25.3M, 1.3M over the cost baseline",
            "EAC over baseline 5.3 % > 5.0 %",
        ),
        (
            earned(24_000_000, 10_000_000, 10_000_000),
            "green",
            "EAC 24M, on the cost baseline",
            "CPI 1.00 ≥ 0.95",
        ),
        (
            earned(24_000_000, 12_000_000, 10_000_000),
            "green",
            "EAC 20M, 4M under the cost baseline",
            "CPI 1.20 ≥ 0.95",
        ),
    ],
)
def test_cost_takes_the_worse_of_cpi_and_overrun(
    figures: rules.Earned, colour: str, sentence: str, rule: str
) -> None:
    rating = rules.cost(figures, "EUR", DEFAULTS)
    shown = (rating.colour, rating.sentence.replace(".0M", "M"), rating.rule.replace("\xa0", " "))
    assert shown == (colour, sentence, rule)


@pytest.mark.parametrize(
    ("figures", "why"),
    [
        (None, "No earned value"),
        (earned(0, 0, 0), "No earned value"),
        (earned(1000, 100, 0), "No actual cost yet"),
        (earned(1000, 0, 100), "nothing earned"),
    ],
)
def test_cost_that_cannot_be_computed_is_not_rated_and_says_why(
    figures: rules.Earned | None, why: str
) -> None:
    rating = rules.cost(figures, "EUR", DEFAULTS)
    assert rating.colour == "" and why in rating.sentence and rating.rule == "not rated"


@pytest.mark.parametrize(
    ("due", "on_time", "colour"),
    [(44, 41, "green"), (10, 9, "green"), (100, 89, "amber"), (4, 3, "amber"), (4, 2, "red")],
)
def test_scope_is_requirements_accepted_by_their_day(due: int, on_time: int, colour: str) -> None:
    assert rules.scope(due, on_time, DEFAULTS).colour == colour


def test_scope_with_nothing_due_is_not_rated() -> None:
    assert rules.scope(0, 0, DEFAULTS).colour == ""


@pytest.mark.parametrize(
    ("exposure", "contingency", "colour"),
    [
        (150, 200, "green"),  # 75 % is the limit itself
        (151, 200, "amber"),
        (200, 200, "amber"),
        (201, 200, "red"),
        (1, 0, "red"),
        (0, 0, ""),
        (5, None, ""),  # nobody set any aside: not rated, not green
    ],
)
def test_risk_is_exposure_against_the_contingency_left(
    exposure: int, contingency: int | None, colour: str
) -> None:
    assert rules.risk(exposure, contingency, "EUR", DEFAULTS).colour == colour


def test_the_busiest_month_of_any_resource_decides_and_all_over_capacity_are_counted() -> None:
    january, february = date(2027, 1, 1), date(2027, 2, 1)
    loads = [
        rules.Load("Tester", january, D(108)),
        rules.Load("Architect", january, D(104)),
        rules.Load("Tester", february, D(90)),
    ]
    rating = rules.resources(loads, DEFAULTS)
    assert rating.colour == "green"
    assert rating.sentence.replace("\xa0", " ") == "By month, 2 resources over capacity in Jan 2027"
    assert rating.rule.replace("\xa0", " ") == "peak 108 % ≤ 115 %"
    assert rules.resources([*loads, rules.Load("DBA", february, D(131))], DEFAULTS).colour == "red"
    assert rules.resources([], DEFAULTS).colour == ""


def measure(reading: str | None, *, baseline: str = "100", target: str = "0") -> rules.Measure:
    return rules.Measure(
        "B-1",
        D(baseline),
        D(target),
        date(2026, 1, 1),
        date(2027, 1, 1),
        D(reading) if reading else None,
        None,
    )


@pytest.mark.parametrize(
    ("reading", "good"),
    [("50", True), ("55", True), ("60", False), ("0", True), ("120", False), (None, None)],
)
def test_a_measure_that_should_fall_is_on_track_when_it_has_fallen_as_far_as_the_line(
    reading: str | None, good: bool | None
) -> None:
    assert rules.on_track(measure(reading), date(2026, 7, 2)) is good


def test_measures_never_read_are_said_and_not_counted_as_good() -> None:
    rating = rules.benefits([measure("50"), measure(None)], date(2026, 7, 2), DEFAULTS)
    assert rating.colour == "green" and "1 never read" in rating.sentence
    assert rules.benefits([measure(None)], date(2026, 7, 2), DEFAULTS).colour == ""


def test_a_program_may_set_its_own_thresholds() -> None:
    limits = limits_of({"cost_cpi": ["1.00", "0.98"]})
    assert rules.cost(earned(100, 97, 100), "EUR", limits).colour == "red"


@pytest.mark.parametrize(
    "own",
    [
        {"cost_cpi": ["0.9", "0.95"]},
        {"colour": [1, 2]},
        {"cost_cpi": 3},
        {"cost_cpi": ["a", "b"]},
        {"cost_cpi": ["NaN", 1]},
    ],
)
def test_thresholds_that_make_no_sense_are_refused_in_words(own: dict) -> None:
    with pytest.raises(Refused):
        limits_of(own)
