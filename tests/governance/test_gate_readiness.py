"""How ready a gate is: by the simulated runs its milestone is reached in, and on the agenda when it is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from governance import gates_due
from governance.meetings import services as meetings
from governance.meetings.agenda import assemble
from governance.meetings.models import AgendaItem, Meeting
from governance.packs.meeting import _gates
from programs.engine.monte_carlo import simulate
from programs.gates import readiness, selectors
from programs.gates import services as gates
from programs.risk_analysis import stored
from programs.risk_analysis.inputs import gather
from programs.risk_analysis.models import SimulationRun
from programs.schedule import services as plan
from tests.governance.test_gates import Board
from tests.world import rolled_back


class Simulated(Board):
    """The board; the milestone of the gate follows ten days of work that were simulated 400 times."""

    def __init__(self) -> None:
        super().__init__()
        task = self.does(
            self.program_manager, plan.add_activity, program=self.program, project_id=self.erp.pk,
            values={"code": "W", "name": "Rehearse", "duration_minutes": 10 * 480},
        ).activity  # fmt: skip
        self.does(
            self.program_manager, plan.add_dependency, program=self.program, predecessor_id=task.pk,
            successor_id=self.milestone.pk, kind="FS", lag=0, lag_unit="working",
        )  # fmt: skip
        live = self.now(self.gate)
        self.does(
            self.staff, gates.edit, gate=live, version=live.version, changes={"activity": self.milestone}
        )
        with self.looking():
            self.program.refresh_from_db()
            now = timezone.now()
            run = SimulationRun(
                program=self.program, iterations=400, seed=7, low_percent=50, high_percent=200, state="done",
                requested_at=now, finished_at=now, plan_version=self.program.plan_version,
            )  # fmt: skip
            inputs = gather(self.program, run)
            self.told = simulate(
                inputs.loaded.plan, inputs.loaded.rules, uncertainty=inputs.uncertainty, costs=inputs.costs,
                iterations=400, seed=7, keys=inputs.keys,
            )  # fmt: skip
            run.result = stored.to_json(self.told, inputs)
            run.save()
            self.run = run
            self.steps = run.result["steps"][str(self.milestone.pk)]
            self.index = inputs.loaded.activity_ids.index(self.milestone.pk)

    def chance(self, wall: float) -> readiness.Chance | None:
        """Of the gate, if it were due on the day of a wall minute."""
        with self.looking():
            found = selectors.gates(self.program.pk).get(pk=self.gate.pk)
            found.due_on = date.fromordinal(readiness._FIRST + int(wall) // 1440)
            return readiness.chances(self.program, [found]).get(found.pk)


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Simulated]:
    with django_db_blocker.unblock(), rolled_back():
        yield Simulated()


@pytest.fixture
def board(built: Simulated) -> Iterator[Simulated]:
    with rolled_back():
        yield built


def test_the_steps_of_a_milestone_are_its_percentiles(board: Simulated) -> None:
    finish = next(one.finish for one in board.told.activities if one.activity == board.index)
    kept = dict(zip(range(5, 100, 5), board.told.milestones[board.index], strict=True))
    assert (kept[10], kept[50], kept[80], kept[90]) == (finish.p10, finish.p50, finish.p80, finish.p90)
    assert kept[5] < kept[95]


def test_the_chance_is_the_share_of_runs_that_reach_it_by_the_end_of_its_day(board: Simulated) -> None:
    early, late = board.chance(board.steps[0] - 3 * 1440), board.chance(board.steps[-1] + 1440)
    assert early is not None and late is not None
    assert ((early.low, early.high), (late.low, late.high)) == ((0, 5), (95, 100))
    assert (early.words, late.words) == ("under 5 %", "95 % or more")
    middle = board.chance(board.steps[9])
    assert middle is not None and 50 <= middle.low < middle.high <= 100
    end = readiness.end_of(date.fromordinal(readiness._FIRST + board.steps[9] // 1440))
    exact = 100 * sum(one <= end for one in board.told.milestones[board.index]) / 19
    assert abs(middle.low - exact) <= 6
    assert (readiness.colour(early), readiness.colour(late), readiness.colour(None)) == ("red", "green", "")


def test_it_is_shown_with_its_run_and_says_when_the_plan_moved_since(board: Simulated) -> None:
    url = f"{board.gate.pk}/"
    page = board.page("member", url).content.decode()
    assert "of the simulated runs" in page and f"/schedule-risk/{board.run.pk}/" in page
    assert "plan moved since" not in page
    api = f"/api/v1/programs/ATLAS/gates/{board.gate.pk}/readiness/"
    told = board.browser("member").get(api).json()
    assert (told["simulation"], told["plan_moved_since"]) == (board.run.pk, False)
    assert told["low_percent"] < told["high_percent"]
    board.does(
        board.program_manager, plan.add_activity, program=board.program, project_id=board.erp.pk,
        values={"code": "X", "name": "More", "duration_minutes": 480},
    )  # fmt: skip
    assert "plan moved since" in board.page("member", url).content.decode()
    assert "Simulated" in board.page("member").content.decode()


def test_without_a_simulation_nothing_is_claimed(board: Simulated) -> None:
    with board.looking():
        SimulationRun.objects.filter(pk=board.run.pk).update(
            result={"program": []}
        )  # one of an earlier version
    assert board.chance(board.steps[0]) is None
    assert "of the simulated runs" not in board.page("member", f"{board.gate.pk}/").content.decode()


def test_gates_that_are_due_stand_on_the_agenda_of_who_decides_on_them_once(board: Simulated) -> None:
    def called(body: Any, days: int) -> Meeting:
        return board.does(
            board.staff, meetings.call_meeting, program=board.program, body=body,
            starts_at=timezone.now() + timedelta(days=days), minutes=60, place="Room",
        )  # fmt: skip

    before, after, other = called(board.steering, 9), called(board.steering, 40), called(board.sponsoring, 41)
    with board.looking():
        named = AgendaItem.objects.filter(title__startswith=gates_due.TITLE)
        assert [(one.meeting_id, one.title) for one in named] == [(after.pk, "Gates due: ERP-FIN G1")]
        assert not [one for one in assemble(after) if one.title.startswith(gates_due.TITLE)]
        assert (gates_due.due(before), gates_due.due(other)) == ([], [])
        section = _gates(Meeting.objects.select_related("program", "body").get(pk=after.pk))
        assert section is not None and "ERP-FIN G1 Gate G1" in str(section)
