"""What a computation costs and writes: few statements whatever the size, and only the rows that changed."""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pmo import commands
from programs.portfolio.models import Program
from programs.schedule import services
from programs.schedule.clock import ProgramClock
from programs.schedule.computing import recalculate
from programs.schedule.models import Activity, Computation, ComputedDates
from programs.schedule.uncollected import uncollected
from tests.cast import Office, everything, make_office
from tests.furnish import plan_rows

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def office() -> Office:
    return make_office()


def statements_of_a_computation(office: Office) -> int:
    with everything(office.program), CaptureQueriesContext(connection) as seen:
        recalculate(Program.objects.get(pk=office.program.pk))
    return len(seen.captured_queries)


@pytest.mark.django_db
def test_a_computation_asks_as_often_for_three_activities_as_for_fifty_three(office: Office) -> None:
    plan_rows(office, 3)
    few = statements_of_a_computation(office)
    plan_rows(office, 50, start=100)
    assert statements_of_a_computation(office) == few <= 9


@pytest.mark.django_db
def test_computing_an_unchanged_plan_again_writes_no_dates(office: Office) -> None:
    plan_rows(office, 5)
    with everything(office.program):
        before = set(ComputedDates.objects.values_list("pk", "superseded_by_id"))
        computation, moved = recalculate(Program.objects.get(pk=office.program.pk))
        assert set(ComputedDates.objects.values_list("pk", "superseded_by_id")) == before
        assert Computation.objects.latest("pk") == computation
        assert moved == set()


@pytest.mark.django_db
def test_an_edit_in_the_middle_of_a_chain_writes_the_rows_behind_it_and_leaves_those_before(
    office: Office,
) -> None:
    plan_rows(office, 6)
    with everything(office.program):
        activities = list(Activity.objects.order_by("position"))
    edited = activities[3]
    outcome = commands.run(
        services.edit_activity,
        actor=office.program_manager,
        activity_id=edited.pk,
        changes={"duration_minutes": 960},
        version=edited.version,
    )
    with everything(office.program):
        written = set(
            ComputedDates.objects.filter(computation=outcome.computation).values_list(
                "activity_id", flat=True
            )
        )
    assert written == {one.pk for one in activities[3:]}
    assert outcome.moved == written


@pytest.mark.parametrize(
    "zone", ["Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
)
def test_seconds_and_wall_minutes_of_a_year_agree_with_the_clock_by_datetimes(zone: str) -> None:
    clock, plain = ProgramClock(zone), ProgramClock(zone)
    moment, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)
    while moment < end:
        second = (moment - EPOCH) // timedelta(seconds=1)
        wall = plain.wall(moment)
        assert clock.wall_of_second[second] == wall
        assert EPOCH + timedelta(seconds=clock.second_of_wall[wall]) == plain.instant(wall)
        moment += timedelta(minutes=17)


def test_the_collector_rests_until_the_last_of_two_computations_has_ended() -> None:
    inside, leave = Event(), Event()

    def other() -> None:
        with uncollected():
            inside.set()
            leave.wait(10)

    assert gc.isenabled()
    thread = Thread(target=other)
    with uncollected():
        thread.start()
        assert inside.wait(10)
        assert not gc.isenabled()
    assert not gc.isenabled()
    leave.set()
    thread.join(10)
    assert gc.isenabled()


def test_a_computation_that_is_refused_leaves_the_collector_at_work() -> None:
    with pytest.raises(RuntimeError), uncollected():
        raise RuntimeError
    assert gc.isenabled()
