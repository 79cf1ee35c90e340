"""Two engines that share no computing part, and the sweep for large plans, answer random plans alike.

The suite draws the same plans each time; `PMO_LONG=1` draws ten times as many, others each time.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings

from programs.engine import schedule
from programs.engine.sweep import swept
from tests.programs.engine.networks import Drawn, cases
from tests.programs.engine.reference import Reference

pytestmark = pytest.mark.proof

COMPARED = (
    *("early_start", "early_finish", "late_start", "late_finish", "total_float", "free_float"),
    *("on_longest_path", "critical", "driving", "project_finish", "finish"),
)
LONG = os.environ.get("PMO_LONG") == "1"
PLANS = 20_000 if LONG else 2_000


@settings(max_examples=PLANS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=not LONG)
@given(cases())
def test_a_second_engine_gives_the_same_answers(case: Drawn) -> None:
    plan, rules, clocks = case
    theirs = Reference(plan, rules, clocks).answer()
    ours = schedule(plan, rules)
    for name in COMPARED:
        assert getattr(ours, name) == getattr(theirs, name), name
    large = swept(plan, rules, narrowest=1)
    assert large is not None
    assert large == ours
