"""From the wish to the figures: asked for, simulated by a worker, looked at, stale when the plan moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from pmo import commands
from pmo.accounts.models import User
from pmo.accounts.roles import GRANTS, Permission, Role
from pmo.outbox.models import Outbox
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.engine import WorkCalendar
from programs.engine.monte_carlo import simulate
from programs.raid.models import Risk
from programs.risk_analysis import services, tasks
from programs.risk_analysis.inputs import _with_digest, closing_work, gather
from programs.risk_analysis.models import SimulationRun
from programs.schedule import services as schedule
from programs.schedule.computing import recalculate
from programs.schedule.inputs import load
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office
from tests.furnish import plan_rows

State = SimulationRun.State


@pytest.fixture
def office(own_database: Any) -> Office:
    office = make_office()
    block = transaction.atomic()
    block._from_testcase = True  # commands inside may still think theirs the outermost
    with block:
        plan_rows(office, 6)
        with everything(office.program):
            Risk.objects.filter(program=office.program, code="K0").update(exposure_days=5, probability=3)
            Activity.objects.filter(program=office.program, code="A2").update(
                optimistic_minutes=240, likely_minutes=480, pessimistic_minutes=4800
            )
    return office


def ask(office: Office, **more: Any) -> SimulationRun:
    actor = more.pop("actor", office.program_manager)
    asked: SimulationRun = commands.run(
        services.ask, actor=actor, program=office.program, **({"iterations": 500} | more)
    )
    return asked


def work(office: Office, run: SimulationRun) -> SimulationRun:
    """What a worker does with the run's outbox row, and the run afterwards."""
    with transaction.atomic(), everything(office.program):
        row = Outbox.objects.get(key=f"simulation:{run.pk}")
    tasks.run(row.pk, office.program.pk)
    return look(office, run)


def look(office: Office, run: SimulationRun) -> SimulationRun:
    with transaction.atomic(), everything(office.program):
        return SimulationRun.objects.get(pk=run.pk)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(name: str, **where: Any) -> str:
    return reverse(f"programs:{name}", kwargs={"code": "ATLAS", **where})


def test_a_simulation_is_asked_for_computed_and_kept_with_what_it_was_made_of(office: Office) -> None:
    asked = ask(office, seed=4)
    assert (asked.state, len(asked.risk_ids)) == (State.QUEUED, 6)
    done = work(office, asked)
    assert (done.state, done.percent, done.error) == (State.DONE, 100, "")
    with transaction.atomic(), everything(office.program):
        inputs = gather(office.program, done)
        planned = recalculate(schedule.lock_plan(office.program.pk))[0].plan_finish
        assert done.plan_version == type(office.program).objects.get(pk=office.program.pk).plan_version
    assert done.planned_finish == planned
    assert done.p50_finish is not None and done.p80_finish is not None
    assert planned < done.p50_finish <= done.p80_finish
    assert (done.result["given"], done.result["assumed"]) == (1, 5)
    assert (done.inputs_digest, len(done.inputs_digest)) == (inputs.digest, 64)
    # The chain's last step is the closing work: K0 adds its days there in about half of the runs.
    (risk,) = [row for row in done.result["risks"] if row[1] == "K0"]
    assert 0.4 < risk[3] < 0.6
    assert risk[5] - risk[4] > 3 * 1440
    # And the same by hand.
    told = simulate(
        inputs.loaded.plan, inputs.loaded.rules, uncertainty=inputs.uncertainty, risks=inputs.risks,
        costs=inputs.costs, iterations=500, seed=4, keys=inputs.keys,
    )  # fmt: skip
    assert done.result["program"][2] == told.program.p80
    assert told.cost is not None
    # Six activities of eight hours at 120.005 EUR an hour and half a role at 90 EUR, in cents.
    assert told.cost.planned == pytest.approx(6 * 8 * (12_000.5 + 4_500))


def test_the_same_seed_on_the_same_plan_gives_the_same_result(office: Office) -> None:
    first, second = work(office, ask(office)), work(office, ask(office))
    assert (first.inputs_digest, first.result) == (second.inputs_digest, second.result)
    assert work(office, ask(office, seed=2)).result != first.result


def test_a_cancelled_run_is_not_simulated_and_a_finished_one_cannot_be_cancelled(office: Office) -> None:
    asked = ask(office)
    commands.run(services.cancel, actor=office.program_manager, run=asked)
    assert work(office, asked).state == State.CANCELLED
    done = work(office, ask(office))
    with pytest.raises(Conflict, match="already over"):
        commands.run(services.cancel, actor=office.program_manager, run=done)


def test_a_run_cancelled_while_it_is_simulated_stops_at_the_next_portion(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(office)

    def cancelled_meanwhile(*args: Any, progress: Any, **given: Any) -> None:
        commands.run(services.cancel, actor=office.program_manager, run=asked)
        progress(256, 500)

    monkeypatch.setattr(tasks, "simulate", cancelled_meanwhile)
    stopped = work(office, asked)
    assert (stopped.state, stopped.result) == (State.CANCELLED, {})


def test_what_cannot_be_simulated_fails_with_a_sentence(office: Office) -> None:
    with transaction.atomic(), everything(office.program):
        Activity.objects.filter(program=office.program, code="A2").update(pessimistic_minutes=2_000_000_000)
    failed = work(office, ask(office))
    assert failed.state == State.FAILED
    assert "may not be more than" in failed.error


def test_only_who_builds_reports_may_ask_and_only_for_sensible_numbers(office: Office) -> None:
    with pytest.raises(NotAllowed):
        ask(office, actor=office.auditor)
    for wrong, field in (({"iterations": 5}, "iterations"), ({"high_percent": 50}, "high_percent")):
        with pytest.raises(Refused, match="Give a whole number") as refusal:
            ask(office, **wrong)
        assert refusal.value.field == field
    with pytest.raises(Refused, match="Only open risks"):
        ask(office, risks=[10**9])


def test_the_page_shows_the_figures_their_rows_and_that_the_plan_moved(office: Office) -> None:
    client = client_of(office.program_manager)
    assert "never simulated" in client.get(at("simulations")).content.decode()
    form = {
        "iterations": 500,
        "seed": 1,
        "distribution": "pert",
        "low_percent": 80,
        "high_percent": 150,
        "_key": "a",
    }
    answer = client.post(at("simulation-ask"), form)
    with transaction.atomic(), everything(office.program):
        asked = SimulationRun.objects.get()
    assert answer["Location"] == at("simulation", pk=asked.pk)
    assert "Waiting for a free worker" in client.get(answer["Location"]).content.decode()
    assert asked.risk_ids == []  # none was ticked
    done = work(office, asked)
    over = client.get(at("simulation-progress", pk=asked.pk))
    assert (over.status_code, over["HX-Redirect"]) == (204, at("simulation", pk=asked.pk))
    page = client.get(at("simulation", pk=asked.pk)).content.decode()
    for word in ("P80", "What moves the finish most", "Finish and cost together", done.inputs_digest[:12]):
        assert word in page
    assert "The plan was changed since" not in page
    with transaction.atomic(), everything(office.program):
        activity = Activity.objects.get(program=office.program, code="A1")
    commands.run(
        schedule.edit_activity, actor=office.program_manager, activity_id=activity.pk,
        changes={"duration_minutes": 960}, version=activity.version,
    )  # fmt: skip
    assert "The plan was changed since" in client.get(at("simulation", pk=asked.pk)).content.decode()
    assert "plan moved since" in client.get(at("simulations")).content.decode()


def test_a_wrong_form_comes_back_with_the_fault_at_the_field(office: Office) -> None:
    client = client_of(office.program_manager)
    form = {"iterations": 5, "seed": 1, "distribution": "pert", "low_percent": 80, "high_percent": 150}
    answer = client.post(at("simulation-ask"), form)
    assert answer.status_code == 422
    assert "greater than or equal to 100" in answer.content.decode()


def test_the_api_asks_reads_and_cancels(office: Office) -> None:
    client = client_of(office.program_manager)
    base = "/api/v1/programs/ATLAS/simulations/"
    made = client.post(base, {"iterations": 300, "seed": 9}, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "queued")
    pk = made.json()["id"]
    with transaction.atomic(), everything(office.program):
        run = SimulationRun.objects.get(pk=pk)
    work(office, run)
    shown = client.get(f"{base}{pk}/").json()
    assert shown["state"] == "done"
    assert len(shown["result"]["activities"]) == 6
    assert client.post(f"{base}{pk}/cancel/").status_code == 409
    assert client.get(base).json()["results"][0]["p80_finish"] == shown["p80_finish"]


def test_closing_work_is_what_nothing_else_in_the_project_waits_for(office: Office) -> None:
    with transaction.atomic(), everything(office.program):
        loaded = load(office.program)
        last = [Activity.objects.get(pk=loaded.activity_ids[i]).code for i in closing_work(loaded.plan, 6)]
    assert last == ["A5"]


def test_open_risks_are_offered_and_closed_ones_are_not(office: Office) -> None:
    with transaction.atomic(), everything(office.program):
        Risk.objects.filter(program=office.program, code="K1").update(state="closed")
    assert len(ask(office).risk_ids) == 5
    page = client_of(office.program_manager).get(at("simulation-ask")).content.decode()
    assert "K0 Step risk 0" in page
    assert "K1 Step risk 1" not in page


def test_a_fourth_simulation_at_once_is_refused_in_words_and_one_that_is_over_makes_room(
    office: Office,
) -> None:
    first, *_ = [ask(office) for _ in range(services.MOST_OF_PERSON)]
    with pytest.raises(Refused, match="You have 3 simulations of this program waiting or running"):
        ask(office)
    form = {"iterations": 500, "seed": 1, "distribution": "pert", "low_percent": 80, "high_percent": 150}
    answer = client_of(office.program_manager).post(at("simulation-ask"), form)
    assert answer.status_code == 422
    assert "Cancel one, or wait until one is done." in answer.content.decode()
    commands.run(services.cancel, actor=office.program_manager, run=first)
    assert ask(office).state == State.QUEUED


def test_a_program_has_no_more_simulations_waiting_than_its_workers_can_be_asked_for(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_OF_PROGRAM", 1)
    ask(office)
    with pytest.raises(Refused, match="This program has 1 simulations waiting or running"):
        ask(office, actor=office.staff)


def test_the_digest_follows_everything_that_the_engine_is_given(office: Office) -> None:
    with transaction.atomic(), everything(office.program):
        run = SimulationRun(program=office.program, iterations=100, low_percent=80, high_percent=150)
        inputs = gather(office.program, run)
        plan, count = inputs.loaded.plan, len(inputs.loaded.plan.duration)
        assert plan.calendars[0].work_at(plan.projects[0].start + 12 * 366 * 1440) > 0
        assert _with_digest(inputs, run).digest == inputs.digest  # however far its calendars are worked out

        far = date(2059, 1, 5)
        holiday = WorkCalendar.weekly(week(8), {far: []}, first=date(2026, 1, 1), last=date(2026, 12, 31))
        plain = WorkCalendar.weekly(week(8), first=date(2026, 1, 1), last=date(2026, 12, 31))
        changed = [
            replace(plan, second_constraint=[2] * count),
            replace(plan, second_constraint_date=[1] * count),
            replace(plan, deadline=[1] * count),
            replace(plan, calendars=[plain]),
            replace(plan, calendars=[holiday]),
        ]
        digests = {
            _with_digest(replace(inputs, loaded=replace(inputs.loaded, plan=other)), run).digest
            for other in [plan, *changed]
        }
        ruled = replace(inputs.loaded, rules=replace(inputs.loaded.rules, late_constraints_pull=True))
        digests.add(_with_digest(replace(inputs, loaded=ruled), run).digest)
        assert len(digests) == len(changed) + 2


def week(hours: int) -> list[list[tuple[int, int]]]:
    return [[(480, 480 + 60 * hours)]] * 5 + [[], []]


def test_who_may_not_see_money_gets_the_delay_of_a_risk_and_not_its_cost(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(GRANTS, Role.AUDITOR, frozenset({Permission.VIEW_PROGRAM}))
    done = work(office, ask(office))
    full = client_of(office.program_manager).get(f"/api/v1/programs/ATLAS/simulations/{done.pk}/").json()
    assert any(row[6] for row in full["result"]["risks"])
    bare = client_of(office.auditor).get(f"/api/v1/programs/ATLAS/simulations/{done.pk}/").json()
    assert "cost" not in bare["result"]
    assert [row[:6] for row in bare["result"]["risks"]] == [row[:6] for row in full["result"]["risks"]]
    assert {value for row in bare["result"]["risks"] for value in row[6:]} == {None}
