"""How likely finish and cost are before and after a request: simulated, kept under its digest, or missing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from pmo.outbox.models import Outbox
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.changes import deciding, revisions, services, simulating, tasks
from programs.changes.models import ChangeRequest, ChangeSimulation
from programs.raid.models import Risk
from programs.resources.models import Assignment, Resource
from programs.risk_analysis import services as risk
from programs.risk_analysis import tasks as risk_tasks
from programs.risk_analysis.models import SimulationRun
from programs.schedule.models import Activity
from tests.cast import everything
from tests.fresh import sign_in
from tests.programs.changes.test_requests import DAY, Desk
from tests.warrants import write_warrant

State = ChangeSimulation.State


class Bench(Desk):
    """The desk, with three points for A2, an hourly rate for A1 and somebody at work on A2."""

    def __init__(self) -> None:
        super().__init__()
        with everything(self.program):
            Activity.objects.filter(pk=self.a2.pk).update(
                optimistic_minutes=2 * DAY,
                likely_minutes=3 * DAY,
                pessimistic_minutes=9 * DAY,
                fixed_cost=50_000,
            )
            Activity.objects.filter(pk=self.a1.pk).update(cost_per_hour=12_000)
            self.tester = tester = Resource.objects.create(
                program=self.program, code="T", name="Tester", cost_per_hour=9_000
            )
            Assignment.objects.create(program=self.program, activity=self.a2, resource=tester, units=1)

    def worked(self, key: str, task: Any) -> None:
        with transaction.atomic(), everything(self.program):
            row = Outbox.objects.get(key=key)
        task(row.pk, self.program.pk)

    def simulated_plan(self, **more: Any) -> SimulationRun:
        """A simulation of the plan as it is, done."""
        settings = {"iterations": 400, "seed": 7} | more
        run = self.does("program_manager", risk.ask, program=self.program, **settings)
        self.worked(f"simulation:{run.pk}", risk_tasks.run)
        with transaction.atomic(), everything(self.program):
            done: SimulationRun = SimulationRun.objects.get(pk=run.pk)
        assert done.state == State.DONE
        return done

    def simulates(self, request: ChangeRequest, *, who: str = "erp_manager") -> ChangeSimulation:
        asked = self.does(who, simulating.simulate, change_request=request)
        self.worked(f"simulation-of-change:{asked.pk}", tasks.simulate)
        with transaction.atomic(), everything(self.program):
            found: ChangeSimulation = ChangeSimulation.objects.get(pk=asked.pk)
        return found

    def figures(self, request: ChangeRequest) -> dict[str, Any]:
        with transaction.atomic():
            return self.impact(request)

    def approve(self, request: ChangeRequest) -> ChangeRequest:
        with transaction.atomic(), everything(self.program):
            warrant = write_warrant(self.program, "change_request", "D-1", self._shown(request))
        done = self.does(None, deciding.approve, change_request=request, warrant=warrant)
        assert isinstance(done, ChangeRequest)
        return done

    def _shown(self, request: ChangeRequest) -> str:
        shown = revisions.impact(request)
        assert shown is not None
        return shown.sha256

    def digest(self, request: ChangeRequest) -> str:
        with transaction.atomic(), everything(self.program):
            return self._shown(request)

    def page(self, request: ChangeRequest, who: str = "erp_manager") -> str:
        client = Client()
        sign_in(client, self.office.people[who])
        answer = client.get(f"/p/ATLAS/changes/{request.pk}/")
        assert answer.status_code == 200
        return answer.content.decode()


@pytest.fixture
def bench(own_database: Any) -> Bench:
    block = transaction.atomic()
    block._from_testcase = True  # commands inside may still think theirs the outermost
    with block:
        return Bench()


def test_the_figures_after_are_those_of_the_plan_once_the_change_is_applied(bench: Bench) -> None:
    """Longer, linked otherwise and taken out: the same seed on the plan that was changed gives the very same days."""
    before = bench.simulated_plan()
    third = bench.add("A3", 2)
    bench.link(third, bench.gate)
    kept = bench.simulated_plan()
    assert kept.pk != before.pk
    request = bench.request(
        bench.longer(9),
        {"do": "relink", "link": bench.first.pk, "to": {"lag": DAY}},
        {"do": "remove", "activity": third.pk},
        {"do": "assign", "activity": bench.a2.pk, "resource": bench.tester.pk, "units": "2.5"},
        {"do": "assign", "activity": bench.a1.pk, "resource": bench.tester.pk, "units": "1"},
    )
    assert "simulation" not in bench.figures(request)
    assert "not simulated" in bench.page(request)
    unsimulated = bench.digest(request)
    assert bench.simulates(request).state == State.DONE
    found = bench.figures(request)["simulation"]
    assert bench.digest(request) != unsimulated
    assert (found["run"], found["seed"], found["iterations"], found["own_ranges"]) == (kept.pk, 7, 400, 0)
    assert found["inputs"][0] == kept.inputs_digest
    assert found["p80"]["before"] == f"{kept.p80_finish:%Y-%m-%dT%H:%M:%SZ}"
    assert found["p80"]["minutes"] > 2 * DAY

    request = bench.does("erp_manager", services.submit, change_request=request)
    bench.approve(request)
    after = bench.simulated_plan()
    assert found["p50"]["after"] == f"{after.p50_finish:%Y-%m-%dT%H:%M:%SZ}"
    assert found["p80"]["after"] == f"{after.p80_finish:%Y-%m-%dT%H:%M:%SZ}"
    assert found["sure"][1] == round(1000 * after.confidence)
    assert found["cost"]["p80"] == [round(one.result["cost"][2]) for one in (kept, after)]
    assert found["inputs"][1] == after.inputs_digest


def test_without_a_kept_simulation_of_these_inputs_both_plans_are_simulated(bench: Bench) -> None:
    kept = bench.simulated_plan()
    request = bench.request(
        {
            "do": "add",
            "project": bench.office.erp.pk,
            "to": {"code": "N1", "name": "More", "duration_minutes": DAY},
        }
    )
    with (
        transaction.atomic(),
        everything(bench.program),
    ):  # the plan is of the same version, the ranges are not
        Activity.objects.filter(pk=bench.a2.pk).update(pessimistic_minutes=20 * DAY)
    assert bench.simulates(request).stored_id == kept.pk
    found = bench.figures(request)["simulation"]
    assert found["run"] is None and found["inputs"][0] != kept.inputs_digest
    assert found["p80"]["before"] == found["p80"]["after"]  # what was added has nobody waiting for it
    assert "no kept simulation has the same inputs" in bench.page(request)


def test_a_longer_duration_with_three_points_of_its_own_is_said_to_change_nothing(bench: Bench) -> None:
    bench.simulated_plan()
    edit = {"do": "change", "activity": bench.a2.pk, "to": {"duration_minutes": 6 * DAY}}
    request = bench.request(edit)
    bench.simulates(request)
    found = bench.figures(request)["simulation"]
    assert found["own_ranges"] == 1 and found["p80"]["minutes"] == 0
    page = bench.page(request)
    assert "1 changed duration is of an activity with three points of its own" in page.replace("\u00a0", " ")
    assert "Program finish, P80" in page and "Cost of the plan, P80" in page and "If approved" in page


def test_what_moved_on_meanwhile_gets_no_figures_and_says_so(bench: Bench) -> None:
    request = bench.request(bench.longer())
    asked = bench.does("erp_manager", simulating.simulate, change_request=request)
    now = bench.propose(request, {"do": "change", "activity": bench.a2.pk, "to": {"name": "Twice"}})
    bench.worked(f"simulation-of-change:{asked.pk}", tasks.simulate)
    with transaction.atomic(), everything(bench.program):
        asked.refresh_from_db()
    assert (asked.state, asked.error) == (State.FAILED, simulating.MEANWHILE)
    assert "simulation" not in bench.figures(now)
    assert simulating.MEANWHILE in bench.page(now)

    assert bench.simulates(now).state == State.DONE
    with transaction.atomic(), everything(bench.program):
        now.refresh_from_db()
    bench.propose(now, bench.longer(11))
    assert "simulation" not in bench.figures(now), "other edits are not what was simulated"


def test_a_worker_does_not_change_what_a_body_has_before_it(bench: Bench) -> None:
    request = bench.request(bench.longer())
    request = bench.does("erp_manager", services.submit, change_request=request)
    asked = bench.does("erp_manager", simulating.simulate, change_request=request)
    bench.does(None, deciding.mark_in_review, change_request=request)
    shown = bench.digest(request)
    bench.worked(f"simulation-of-change:{asked.pk}", tasks.simulate)
    assert bench.digest(request) == shown
    with transaction.atomic(), everything(bench.program):
        asked.refresh_from_db()
    assert (asked.state, asked.error) == (State.FAILED, simulating.MEANWHILE)
    with pytest.raises(Refused, match="its figures stand"):
        bench.does("erp_manager", simulating.simulate, change_request=request)


def test_one_simulation_at_a_time_by_who_may_edit_the_plan_and_stopped_by_them(bench: Bench) -> None:
    request = bench.request(bench.longer())
    with pytest.raises(NotAllowed):
        bench.does("iam_manager", simulating.simulate, change_request=request)
    asked = bench.does("erp_manager", simulating.simulate, change_request=request)
    with pytest.raises(Refused, match="being simulated already"):
        bench.does("erp_manager", simulating.simulate, change_request=request)
    with (
        pytest.raises(IntegrityError, match="one_at_a_time"),
        transaction.atomic(),
        everything(bench.program),
    ):
        ChangeSimulation.objects.create(
            program=bench.program, request=request, impact_sha256="0" * 64, iterations=100, seed=1, low_percent=80,
            high_percent=150, requested_at=timezone.now(),
        )  # fmt: skip
    page = bench.page(request)
    assert "Simulation of 5,000 runs, before and after" in page and "every 2s" in page
    bench.does("erp_manager", simulating.stop, change_request=request)
    bench.worked(f"simulation-of-change:{asked.pk}", tasks.simulate)
    assert "simulation" not in bench.figures(request)
    with pytest.raises(Conflict, match="nothing to stop"):
        bench.does("erp_manager", simulating.stop, change_request=request)


def test_only_edits_of_the_plan_as_it_is_are_simulated(bench: Bench) -> None:
    empty = bench.request()
    with pytest.raises(Refused, match="nothing to simulate"):
        bench.does("erp_manager", simulating.simulate, change_request=empty)
    request = bench.request(bench.longer())
    bench.add("A7", 1)
    with pytest.raises(Refused, match="plan as it is now"):
        bench.does("erp_manager", simulating.simulate, change_request=request)


def test_the_api_asks_shows_and_stops(bench: Bench) -> None:
    request = bench.request(bench.longer())
    client = Client()
    sign_in(client, bench.office.people["erp_manager"])
    here = f"/api/v1/programs/ATLAS/change-requests/{request.pk}/"
    assert client.get(f"{here}simulation/").status_code == 404
    assert client.post(f"{here}simulate/").status_code == 202
    assert client.get(f"{here}simulation/").json()["state"] == "queued"
    assert client.post(f"{here}stop-simulation/").json()["state"] == "cancelled"
    assert client.get(f"{here}impact/").json()["simulation"] is None
    bench.simulates(request)
    told = client.get(f"{here}impact/").json()["simulation"]
    assert told["run"] is None and told["p80"]["minutes"] > 0


def test_all_open_risks_occur_where_no_simulation_of_this_plan_says_which(bench: Bench) -> None:
    with transaction.atomic(), everything(bench.program):
        Risk.objects.create(
            program=bench.program, code="K1", title="Late", event="Late", probability=5, impact=3, exposure_days=20,
            owner=bench.office.erp_manager, raised_on=date(2026, 1, 5),
        )  # fmt: skip
    request = bench.request(bench.longer())
    bench.simulates(request)
    found = bench.figures(request)["simulation"]
    assert found["risks"] == 1
    figures = bench.figures(request)
    assert found["p80"]["before"] > figures["finish"][0], (
        "eight of ten runs are later than planned, as the risk is"
    )
