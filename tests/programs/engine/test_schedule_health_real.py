"""The health of real Primavera and MS Project plans, against what their own tools stored in the files.

Floats are recounted from the stored ones, links and constraints from the dump's rows; the critical path test is run
on each plan. Nothing is expected to be healthy: that real plans fail points is what the points are for.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from programs.engine import BeyondCalendar, Constraint, Kind, LinkKind, WorkCalendar, schedule
from programs.engine.assessment import Check, Facts, Verdict
from programs.engine.schedule_health import Assessment, assess
from tests.programs.engine.neutral import Dump, read
from tests.programs.engine.planner import minute

pytestmark = pytest.mark.proof

DAY = 480
_YEAR = 364 * 1440
PLANS = (
    "p6_hotel_project.xer",
    "p6_terminal_building.xer",
    "p6_task_se_sample.xer",
    "p6_progress_override_test.xer",
    "mspc_mp_j120_a2_nr5_AgentCopp3.xml",
    "msp_task_links_2013.xml",
    "msp_relations.xml",
)


def assessed(dump: Dump) -> Assessment:
    plan = dump.plan
    return assess(plan, dump.rules, schedule(plan, dump.rules), Facts(day=[DAY] * len(plan.duration)))


@pytest.mark.parametrize("name", PLANS)
def test_counts_agree_with_the_files_own_rows_and_stored_floats(name: str) -> None:
    dump = read(name)
    plan = dump.plan
    found = assessed(dump)
    work = [i for i, kind in enumerate(plan.kind) if kind == Kind.TASK and plan.duration[i] > 0]
    left = [i for i in work if plan.actual_finish[i] is None]
    assert found.open == len(left)
    # Floats as the tool stored them. Some few differ from ours (test_oracles.py): so may the counts.
    stored = [dump.stored["TF"][i] for i in left]
    high = sum(value is not None and value > 44 * DAY for value in stored)
    negative = sum(value is not None and value < 0 for value in stored)
    assert abs(found[Check.HIGH_FLOAT].numerator - high) <= 4
    assert abs(found[Check.NEGATIVE_FLOAT].numerator - negative) <= 4
    passive = {i for i, kind in enumerate(plan.kind) if kind >= Kind.LEVEL_OF_EFFORT}
    links = [
        k
        for k, (i, j) in enumerate(zip(plan.predecessor, plan.successor, strict=True))
        if plan.actual_finish[j] is None and not {i, j} & passive
    ]
    assert found.links == len(links)
    assert found[Check.LEADS].numerator == sum(plan.lag[k] < 0 for k in links)
    assert found[Check.LAGS].numerator == sum(plan.lag[k] > 0 for k in links)
    assert found[Check.RELATIONSHIP_TYPES].numerator == sum(
        plan.link_kind[k] == LinkKind.FINISH_START for k in links
    )
    hard = {Constraint.MUST_START_ON, Constraint.MUST_FINISH_ON}
    hard |= {Constraint.START_NO_LATER_THAN, Constraint.FINISH_NO_LATER_THAN}
    assert found[Check.HARD_CONSTRAINTS].numerator == sum(
        bool({plan.constraint[i], plan.second_constraint[i]} & hard) for i in left
    )


def _end(calendar: WorkCalendar) -> int:
    """The last minute that a calendar of given intervals knows: halved until it is found."""
    low, high = 0, minute("2100-01-01T00:00")
    while high - low > 1:
        middle = (low + high) // 2
        try:
            calendar.work_at(middle)
            low = middle
        except BeyondCalendar:
            high = middle
    return low


def longer(calendar: WorkCalendar) -> WorkCalendar:
    """The dumps' calendars know their plans' years only: their first and last 52 weeks again for ten years."""
    known = calendar.spans(0, _end(calendar))
    first, end = known[0][0], known[-1][1]
    year = [span for span in known if span[0] >= end - _YEAR]
    later = [(a + n * _YEAR, b + n * _YEAR) for n in range(1, 11) for a, b in year if a + n * _YEAR >= end]
    year = [span for span in known if span[1] <= first + _YEAR]
    before = [
        (a - n * _YEAR, b - n * _YEAR) for n in range(10, 0, -1) for a, b in year if b - n * _YEAR <= first
    ]
    return WorkCalendar.intervals([*before, *known, *later])


@pytest.mark.parametrize("name", PLANS)
def test_a_delay_of_the_critical_path_reaches_the_finish_of_real_plans(name: str) -> None:
    dump = read(name)
    dump.plan = replace(dump.plan, calendars=[longer(one) for one in dump.plan.calendars])
    tested = assessed(dump)[Check.CRITICAL_PATH_TEST]
    assert tested.denominator == 600 * DAY
    assert tested.verdict is Verdict.PASS
    assert (
        abs(tested.numerator - tested.denominator) <= 20 * DAY
    )  # several calendars: some shutdowns more or fewer
