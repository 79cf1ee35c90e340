"""What is said of a simulated change: where money is asked for as well, and where nobody can simulate again."""

from __future__ import annotations

from typing import Any

from pmo.zones import zone
from programs.changes import likely, present

STAMP = "2027-02-08T16:00:00Z"
SAME = {"before": STAMP, "after": STAMP, "minutes": 0}
SIMULATED: dict[str, Any] = {
    "iterations": 2000, "seed": 1, "ranges": [80, 150], "risks": 0, "p50": SAME, "p80": SAME, "sure": [500, 500],
    "projects": [], "currency": "EUR", "cost": {"p50": [400_000, 400_000], "p80": [500_000, 500_000]},
    "curves": [[[0, 0], [1440, 1000]], [[0, 0], [1440, 1000]]], "run": None, "own_ranges": 0, "enough": False,
}  # fmt: skip
FIGURES: dict[str, Any] = {
    "day_minutes": 480, "finish": [STAMP, "2027-02-24T16:00:00Z"], "finish_minutes": 12 * 480, "projects": [],
    "milestones": [], "critical_joined_count": 0, "critical_left_count": 0, "least_float": [0, 0], "moved": 1,
    "float_less": 0, "float_more": 0, "findings_new": [], "findings_gone": [], "edits": 1, "currency": "EUR",
    "simulation": SIMULATED,
}  # fmt: skip


def costs(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The rows of the plan's simulated cost: label, difference, colour."""
    rows = present.measures(figures, zone("UTC"))
    return [
        (one.label, one.difference, one.state) for one in rows if one.label.startswith("Cost of the plan")
    ]


def made(figures: dict[str, Any], *, stands: bool, money: bool = True) -> str:
    """The sentences below the picture."""
    found = likely.picture(figures, stands=stands, money=money)
    assert found is not None
    return " ".join(found["made"])


def test_an_unchanged_simulated_cost_is_no_all_clear_for_a_request_that_asks_for_money() -> None:
    asking = FIGURES | {"money": {"exposure_minor": 180_000}}
    assert costs(FIGURES)[0] == ("Cost of the plan, P50", "the same", "green")
    assert costs(asking)[0] == ("Cost of the plan without the money asked for, P50", "the same", "")
    told = "the money asked for here is not in it"
    assert told in made(asking, stands=True) and told not in made(FIGURES, stands=True)
    assert told not in made(asking, stands=True, money=False)  # who may not see money reads nothing of it


def test_voters_are_not_told_to_simulate_what_they_cannot() -> None:
    assert "simulate the plan with more runs" in made(FIGURES, stands=False)
    ballot = made(FIGURES, stands=True)
    assert "treat them as rough" in ballot and "simulate the plan with more" not in ballot


def test_a_slip_says_that_its_days_are_working_days() -> None:
    row = present.measures(FIGURES, zone("UTC"))[0]
    assert row.difference == "+12\N{NO-BREAK SPACE}working days"
    assert present.signed_days(-480, 480) == "\N{MINUS SIGN}1\N{NO-BREAK SPACE}working day"
