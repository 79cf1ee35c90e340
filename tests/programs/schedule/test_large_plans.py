"""Plans beyond what a request computes: the edit stands at once, a worker follows, and everybody is told of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from pmo import commands
from pmo.outbox.models import Outbox
from pmo.refusals import Refused
from pmo.warrants import Warrant
from programs.baselines.services import freeze
from programs.portfolio.models import Program
from programs.schedule import services, tasks
from programs.schedule.following import TOPIC
from programs.schedule.models import Activity, Computation, ComputedDates, Dependency, Recalculation
from programs.verify import check
from tests.cast import Office, everything, make_office
from tests.pmo.outbox.crew import crew, wait_until

State = Recalculation.State
DAY = 480


@pytest.fixture
def small_limit(settings: Any) -> Any:
    """A plan of four activities is too large for a request here."""
    settings.COMPUTE_IN_REQUEST_UP_TO = 3
    return settings


def planned(count: int = 4) -> Office:
    """A chain A0 → A1 → ..., each added by an edit of its own: dates and plan are at version `count`."""
    made, before = make_office(), None
    for number in range(count):
        outcome = commands.run(
            services.add_activity,
            actor=made.program_manager,
            program=made.program,
            project_id=made.erp.pk,
            values={"code": f"A{number}", "name": f"Step {number}", "duration_minutes": DAY},
            after_id=before,
        )
        assert outcome.activity is not None
        before = outcome.activity.pk
    return made


@pytest.fixture
def office(db: None, small_limit: Any) -> Office:
    small_limit.COMPUTE_IN_REQUEST_UP_TO = 100
    made = planned()
    small_limit.COMPUTE_IN_REQUEST_UP_TO = 3
    return made


@pytest.fixture
def shared_office(own_database: Any, small_limit: Any) -> Office:
    """The same with commits that others see."""
    small_limit.COMPUTE_IN_REQUEST_UP_TO = 100
    made = planned()
    small_limit.COMPUTE_IN_REQUEST_UP_TO = 3
    return made


def look(office: Office, of: Any) -> Any:
    with transaction.atomic(), everything(office.program):
        return of()


def edit(office: Office, code: str, days: int, actor: str = "program_manager") -> services.Outcome:
    pk = look(office, lambda: Activity.objects.get(code=code).pk)
    return commands.run(
        services.edit_activity,
        actor=office.people[actor],
        activity_id=pk,
        changes={"duration_minutes": days * DAY},
        version=None,
    )


def asked(office: Office) -> list[Outbox]:
    return list(look(office, lambda: list(Outbox.objects.filter(topic=TOPIC).order_by("pk"))))


def standing(office: Office) -> Recalculation:
    found: Recalculation = look(office, Recalculation.objects.get)
    return found


def work(office: Office, row: Outbox) -> None:
    """What a worker does with the row."""
    tasks.recalculate(row.pk, office.program.pk)


def work_all(office: Office) -> int:
    """Workers until nothing waits; how many rows there were."""
    done = 0
    while waiting := [row for row in asked(office) if row.state == Outbox.State.PENDING]:
        work(office, waiting[0])
        done += 1
    return done


def finishes(office: Office) -> dict[str, Any]:
    rows = ComputedDates.objects.filter(superseded_by=None)
    return dict(look(office, lambda: list(rows.values_list("activity__code", "early_finish"))))


def client_of(office: Office, role: str = "program_manager") -> Client:
    made = Client()
    made.force_login(office.people[role])
    return made


# ------------------------------------------------------------------ the edit itself
def test_an_edit_of_a_large_plan_stands_before_its_dates_do(office: Office) -> None:
    before = finishes(office)
    outcome = edit(office, "A1", 5)
    assert (outcome.computation, outcome.moved) == (None, set())
    assert look(office, lambda: Activity.objects.get(code="A1").duration_minutes) == 5 * DAY
    assert finishes(office) == before
    assert standing(office).state == State.WAITING
    assert len(asked(office)) == 1


def test_ten_edits_in_a_row_ask_for_one_computation(office: Office) -> None:
    for days in range(2, 12):
        edit(office, "A1", days)
    assert len(asked(office)) == 1
    plan = look(office, lambda: Program.objects.get(pk=office.program.pk).plan_version)
    assert standing(office).wanted_version == plan


def test_a_circle_is_refused_at_once_and_not_left_to_the_worker(office: Office) -> None:
    ends = dict(look(office, lambda: list(Activity.objects.values_list("code", "pk"))))
    with pytest.raises(Refused, match=r"would wait for each other: A\d → .*A3"):
        commands.run(
            services.add_dependency, actor=office.program_manager, program=office.program,
            predecessor_id=ends["A3"], successor_id=ends["A0"], kind="FS", lag=0, lag_unit="working",
        )  # fmt: skip
    assert asked(office) == []


def test_a_circle_through_a_group_is_refused_at_once(office: Office) -> None:
    with everything(office.program):
        group = Activity.objects.create(
            program=office.program, project=office.erp, code="G", name="Group", kind="summary", position=0
        )
        Activity.objects.filter(code__in=["A2", "A3"]).update(parent=group)
        first = Activity.objects.get(code="A1")
    with pytest.raises(Refused, match="would wait for each other"):
        commands.run(
            services.add_dependency, actor=office.program_manager, program=office.program,
            predecessor_id=group.pk, successor_id=first.pk, kind="FS", lag=0, lag_unit="working",
        )  # fmt: skip
    assert not look(office, lambda: Dependency.objects.filter(predecessor=group).exists())


def test_the_plan_says_of_which_version_its_dates_are_and_asks_for_the_new_ones(office: Office) -> None:
    edit(office, "A1", 5)
    page = client_of(office).get("/p/ATLAS/plan/").content.decode()
    assert "Dates are of version 4 of the plan, which is at 5." in page
    assert "Waiting for a worker" in page
    assert 'hx-get="/p/ATLAS/plan/?behind=1" hx-trigger="every 2s"' in page


def test_a_cell_edit_answers_with_the_plan_and_its_notice(office: Office) -> None:
    pk = look(office, lambda: Activity.objects.get(code="A1").pk)
    op = {"do": "set", "activity": pk, "field": "days", "value": "5d", "was": None}
    client = client_of(office)
    answer = client.post("/p/ATLAS/plan/edit/", {"ops": json.dumps([op])})
    assert answer.status_code == 200
    page = client.get("/p/ATLAS/plan/", headers={"HX-Request": "true"}).content.decode()
    assert "Dates are of version 4 of the plan, which is at 5." in page


def test_progress_on_the_plan_names_the_step_until_the_plan_itself_is_fetched(office: Office) -> None:
    edit(office, "A1", 5)
    client, ask = client_of(office), {"headers": {"HX-Request": "true"}}
    with everything(office.program):
        Recalculation.objects.update(state="running", step="Computing dates", percent=15)
    going = client.get("/p/ATLAS/plan/?critical=1&behind=1", **ask).content.decode()
    assert "Computing dates" in going and 'value="15"' in going
    assert 'hx-get="/p/ATLAS/plan/?critical=1&amp;behind=1"' in going
    with everything(office.program):
        plan = Program.objects.get(pk=office.program.pk)
        Computation.objects.create(program=plan, plan_version=plan.plan_version, computed_at=plan.starts_at)
        Computation.objects.update(computed_at=plan.starts_at)
    over = client.get("/p/ATLAS/plan/?critical=1&behind=1", **ask).content.decode()
    assert 'hx-get="/p/ATLAS/plan/?critical=1" hx-trigger="load" hx-target="#plan"' in over


def test_a_fresh_plan_that_shows_nothing_does_not_ask_for_itself(office: Office) -> None:
    page = client_of(office).get("/p/ATLAS/plan/?milestones=1").content.decode()
    assert "Nothing matches" in page
    assert 'hx-trigger="load"' not in page and "every 2s" not in page


def test_activity_dashboard_and_api_say_that_the_dates_are_older_than_the_plan(office: Office) -> None:
    edit(office, "A1", 5)
    client = client_of(office)
    pk = look(office, lambda: Activity.objects.get(code="A1").pk)
    words = "dates are of version 4 of the plan, which is at 5"
    assert words.capitalize() in client.get(f"/p/ATLAS/plan/{pk}/").content.decode()
    assert words in client.get("/p/ATLAS/").content.decode()
    latest = client.get("/api/v1/programs/ATLAS/computations/latest/").json()
    assert {name: latest[name] for name in ("plan_version", "plan_is_at", "state", "percent")} == {
        "plan_version": 4,
        "plan_is_at": 5,
        "state": "waiting",
        "percent": 0,
    }


def test_the_api_says_fresh_where_nothing_is_to_be_done(office: Office) -> None:
    latest = client_of(office).get("/api/v1/programs/ATLAS/computations/latest/").json()
    assert (latest["state"], latest["plan_is_at"]) == ("fresh", latest["plan_version"])


def test_a_plan_ahead_of_its_dates_is_not_frozen_as_a_baseline(office: Office) -> None:
    edit(office, "A1", 5)
    warrant = Warrant(program_id=office.program.pk, kind=Warrant.Kind.BASELINE)
    with everything(office.program), pytest.raises(Refused, match="not computed yet"):
        freeze(program=office.program, name="B", warrant=warrant, by=None, at=office.program.starts_at)


def test_verify_knows_a_plan_that_waits_and_finds_one_that_nobody_computes(office: Office) -> None:
    edit(office, "A1", 5)
    fault = "ATLAS: the dates are of plan version 4, the plan is at 5"
    with everything(office.program), connection.cursor() as cursor:
        assert fault not in check(cursor)
        Outbox.objects.filter(topic=TOPIC).update(state=Outbox.State.DEAD)
        assert fault in check(cursor)


# ------------------------------------------------------------------ the worker
def test_a_worker_brings_the_dates_that_a_request_would_have(shared_office: Office, settings: Any) -> None:
    office = shared_office
    edit(office, "A1", 5)
    assert work_all(office) == 1
    late = finishes(office)
    assert standing(office).state == State.DONE
    newest = look(office, lambda: Computation.objects.latest("pk"))
    assert newest.plan_version == look(office, lambda: Program.objects.get().plan_version)
    settings.COMPUTE_IN_REQUEST_UP_TO = 100
    computed = commands.run(services.recompute, actor=office.program_manager, program=office.program)
    assert computed.moved == set()
    assert finishes(office) == late


def test_edits_while_a_worker_computes_are_followed_by_one_more_computation(
    shared_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, real = shared_office, tasks.prepare

    def others_edit(program: Program, say: Any) -> Any:
        prepared = real(program, say)
        if program.plan_version == 5:
            with ThreadPoolExecutor(1) as pool:  # a connection of its own, beside the snapshot
                for days in (6, 7):
                    pool.submit(edit, office, "A2", days).result()
                pool.submit(connections.close_all).result()
        return prepared

    monkeypatch.setattr(tasks, "prepare", others_edit)
    edit(office, "A1", 5)
    work(office, asked(office)[0])
    assert look(office, lambda: Computation.objects.latest("pk").plan_version) == 5
    assert standing(office).state == State.WAITING
    assert work_all(office) == 1
    assert look(office, lambda: Computation.objects.latest("pk").plan_version) == 7
    assert standing(office).state == State.DONE
    with transaction.atomic(), everything(office.program), connection.cursor() as cursor:
        assert check(cursor) == []


def test_an_activity_taken_out_meanwhile_gets_no_dates(
    shared_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, real = shared_office, tasks.prepare
    last = look(office, lambda: Activity.objects.get(code="A3"))

    def taken_out(program: Program, say: Any) -> Any:
        prepared = real(program, say)
        if program.plan_version == 5:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(
                    commands.run, services.remove_activity, actor=office.program_manager,
                    activity_id=last.pk, version=None,
                ).result()  # fmt: skip
                pool.submit(connections.close_all).result()
        return prepared

    monkeypatch.setattr(tasks, "prepare", taken_out)
    edit(office, "A1", 5)
    work_all(office)
    assert set(finishes(office)) == {"A0", "A1", "A2"}
    assert standing(office).state == State.DONE


def test_a_request_that_computed_meanwhile_is_not_overwritten(
    shared_office: Office, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, real = shared_office, tasks.prepare

    def computed_here(program: Program, say: Any) -> Any:
        prepared = real(program, say)
        settings.COMPUTE_IN_REQUEST_UP_TO = 100
        with ThreadPoolExecutor(1) as pool:
            pool.submit(edit, office, "A2", 9).result()
            pool.submit(connections.close_all).result()
        return prepared

    monkeypatch.setattr(tasks, "prepare", computed_here)
    edit(office, "A1", 5)
    work_all(office)
    versions = look(
        office, lambda: list(Computation.objects.order_by("pk").values_list("plan_version", flat=True))
    )
    assert versions[-2:] == [4, 6]
    assert standing(office).state == State.DONE


def test_two_editors_at_once_both_stand_and_the_dates_are_of_both(shared_office: Office) -> None:
    office = shared_office

    def one(code: str, actor: str) -> None:
        for days in (3, 4, 5):
            edit(office, code, days, actor)
        connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(one, "A1", "program_manager"), pool.submit(one, "A2", "erp_manager")]:
            running.result()
    plan = look(office, lambda: Program.objects.get().plan_version)
    assert plan == 10
    assert len(asked(office)) == 1
    work_all(office)
    assert look(office, lambda: Computation.objects.latest("pk").plan_version) == plan
    days = look(office, lambda: dict(Activity.objects.values_list("code", "duration_minutes")))
    assert (days["A1"], days["A2"]) == (5 * DAY, 5 * DAY)


def test_dates_beyond_a_century_are_told_on_the_plan_and_the_next_edit_asks_again(
    shared_office: Office,
) -> None:
    office = shared_office
    with transaction.atomic(), everything(office.program):
        Activity.objects.filter(code__in=["A0", "A1", "A2"]).update(duration_minutes=60 * 24 * 366 * 29)
    edit(office, "A3", 5)
    work_all(office)
    assert standing(office).state == State.FAILED
    page = client_of(office).get("/p/ATLAS/plan/").content.decode()
    assert "more than a century away" in page and "every 2s" not in page
    with transaction.atomic(), everything(office.program):
        Activity.objects.filter(code__in=["A0", "A1", "A2"]).update(duration_minutes=DAY)
    edit(office, "A3", 6)
    assert standing(office).state == State.WAITING
    work_all(office)
    assert standing(office).state == State.DONE


def test_a_mend_committed_while_a_worker_fails_on_the_older_plan_is_computed(
    shared_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, real = shared_office, tasks.prepare

    def mended_meanwhile(program: Program, say: Any) -> Any:
        if program.plan_version == 5:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(edit, office, "A1", 2).result()
                pool.submit(connections.close_all).result()
            raise failure
        return real(program, say)

    monkeypatch.setattr(tasks, "prepare", mended_meanwhile)
    failure: Exception = Refused("This would move work more than a century away.")
    edit(office, "A1", 5)
    assert work_all(office) == 2
    assert (standing(office).state, standing(office).error) == (State.DONE, "")
    assert look(office, lambda: Computation.objects.latest("pk").plan_version) == 6


def test_a_plan_that_nobody_mended_stays_failed_however_its_worker_ended(
    shared_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = shared_office

    def fails(program: Program, say: Any) -> Any:
        raise Refused("No dates.")

    monkeypatch.setattr(tasks, "prepare", fails)
    edit(office, "A1", 5)
    assert work_all(office) == 1
    edit(office, "A1", 6)
    row = asked(office)[-1]
    with transaction.atomic(), everything(office.program):
        Outbox.objects.filter(pk=row.pk).update(attempts=3)
    assert work_all(office) == 1  # begun three times and broken off each time: given up without a snapshot
    assert (standing(office).state, standing(office).error[:17]) == (State.FAILED, "Begun 3 times, an")


@pytest.mark.fault
def test_a_worker_killed_while_it_keeps_the_dates_is_followed_by_another(
    shared_office: Office, own_database: Any, tmp_path: Path
) -> None:
    office = shared_office
    with crew(own_database.environment | {"PMO_COMPUTE_IN_REQUEST_UP_TO": "3"}, tmp_path) as hands:
        hands.relay()
        first = hands.worker()
        edit(office, "A1", 5)
        with transaction.atomic(), everything(office.program):
            Program.objects.select_for_update().get(
                pk=office.program.pk
            )  # it waits for this row, dates in hand

            def writing() -> bool:
                return bool(Recalculation.objects.filter(state=State.RUNNING, step=tasks.WRITING).exists())

            wait_until(writing, 60, "the worker has computed", hands.said)
            hands.kill(first)
        assert look(office, lambda: Computation.objects.latest("pk").plan_version) == 4
        hands.worker()
        wait_until(lambda: standing(office).state == State.DONE, 60, "another took over", hands.said)
    assert look(office, lambda: Computation.objects.latest("pk").plan_version) == 5
    (row,) = asked(office)
    assert (row.state, row.attempts) == (Outbox.State.SENT, 2)
