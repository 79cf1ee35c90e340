"""Freezing a plan: only by a decision, with its costs; and a baseline that came along never displaces an approval."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pmo import commands
from pmo.refusals import NotAllowed, Refused
from pmo.warrants import Warrant
from programs.baselines import services
from programs.baselines.models import Baseline, BaselineActivity
from programs.baselines.services import Frozen
from programs.resources.models import Assignment, Resource
from programs.schedule import services as schedule
from programs.schedule.models import Activity
from tests.cast import MORNING, Office, everything, make_office
from tests.warrants import write_warrant

pytestmark = pytest.mark.django_db
DAY = 480


@pytest.fixture
def office() -> Office:
    office = make_office()
    for code, days in (("A1", 5), ("A2", 3)):
        commands.run(
            schedule.add_activity,
            actor=office.program_manager,
            program=office.program,
            project_id=office.erp.pk,
            values={"code": code, "name": code, "duration_minutes": days * DAY},
        )
    with everything(office.program):
        activity = Activity.objects.get(code="A1")
        crew = Resource.objects.create(
            program=office.program,
            code="CREW",
            name="Crew",
            cost_per_use=Decimal("5000"),
            cost_per_hour=Decimal("7000.1250"),
        )
        Assignment.objects.create(
            program=office.program, activity=activity, resource=crew, units=Decimal("0.5")
        )
    return office


def warrant(office: Office, kind: str = "baseline") -> Warrant:
    return write_warrant(office.program, kind, "D-7")


def freeze(office: Office, by: str = "chair", allowed_by: Warrant | None = None) -> Baseline:
    return commands.run(
        services.freeze,
        actor=office.people[by],
        program=office.program,
        name="Approved plan",
        warrant=allowed_by or warrant(office),
    )


def lines(office: Office, baseline: Baseline) -> dict[str, BaselineActivity]:
    with everything(office.program):
        found = BaselineActivity.objects.filter(baseline=baseline).select_related("activity")
        return {line.activity.code: line for line in found}


def test_a_decision_freezes_the_computed_dates_and_what_is_assigned(office: Office) -> None:
    baseline = freeze(office)
    assert (baseline.number, baseline.origin, baseline.is_current) == (1, "approved", True)
    frozen = lines(office, baseline)
    assert frozen["A1"].starts_at == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert frozen["A1"].finishes_at == datetime(2026, 1, 9, 17, tzinfo=UTC)
    assert frozen["A1"].duration_minutes == 5 * DAY
    assert frozen["A1"].start_cost == Decimal("2500")
    assert frozen["A1"].spread_cost == Decimal("140002.5000"), (
        "half a crew for 40 hours, parts of a cent kept"
    )
    assert (frozen["A2"].start_cost, frozen["A2"].spread_cost) == (Decimal(0), Decimal(0))


def test_a_new_baseline_holds_the_activities_own_costs_and_follows_their_durations(office: Office) -> None:
    with everything(office.program):
        ids = dict(Activity.objects.values_list("code", "pk"))
        Activity.objects.filter(code="A1").update(fixed_cost=Decimal("10000"))
        Activity.objects.filter(code="A2").update(cost_per_hour=Decimal("100.0625"))
    came_along = commands.run(
        services.record_imported,
        actor=office.program_manager,
        program=office.program,
        name="plan.zip",
        lines={ids["A2"]: Frozen(MORNING, MORNING, 3 * DAY, Decimal(0), Decimal(90_000))},
    )
    commands.run(
        schedule.edit_activity,
        actor=office.program_manager,
        activity_id=ids["A1"],
        changes={"duration_minutes": 10 * DAY},
        version=None,
    )
    baseline = freeze(office)
    frozen = lines(office, baseline)
    assert frozen["A1"].start_cost == Decimal("12500"), "2,500 for the use and 10,000 fixed"
    assert frozen["A1"].spread_cost == Decimal("280005"), "twice the hours"
    assert frozen["A2"].spread_cost == Decimal("2401.5"), "24 hours at its own rate"
    with everything(office.program):
        assert Baseline.objects.get(is_current=True) == baseline
        assert Baseline.objects.filter(pk=came_along.pk).exists()


@pytest.mark.parametrize("kind", ["capital_request", "budget", "waiver"])
def test_a_decision_about_something_else_freezes_nothing(office: Office, kind: str) -> None:
    with pytest.raises(Refused, match="does not allow a new baseline"):
        freeze(office, allowed_by=warrant(office, kind))
    other = make_office("OTHER", " Two")
    with pytest.raises(Refused, match="does not allow a new baseline"):
        freeze(office, allowed_by=warrant(other))


def test_there_is_no_approved_baseline_without_a_warrant_in_the_database_either(office: Office) -> None:
    def insert(*, by: Any, at: datetime) -> None:
        Baseline.objects.create(
            program=office.program, number=1, name="Mine", origin="approved", is_current=True, frozen_at=at
        )

    with pytest.raises(Refused, match="approved by a decision"):
        commands.run(insert, actor=office.program_manager)


def test_an_imported_baseline_becomes_current_unless_a_decision_approved_another(office: Office) -> None:
    with everything(office.program):
        pk = Activity.objects.get(code="A1").pk
    arguments: dict[str, Any] = {
        "program": office.program,
        "name": "plan.zip",
        "lines": {pk: Frozen(MORNING, MORNING, DAY, Decimal("1.00005"), Decimal(0))},
    }
    first = commands.run(services.record_imported, actor=office.program_manager, **arguments)
    second = commands.run(services.record_imported, actor=office.program_manager, **arguments)
    assert (first.number, second.number) == (1, 2)
    with everything(office.program):
        assert Baseline.objects.get(is_current=True) == second
    assert lines(office, second)["A1"].start_cost == Decimal("1.0000"), "half-even at the fourth decimal"
    approved = freeze(office)
    third = commands.run(services.record_imported, actor=office.program_manager, **arguments)
    assert not third.is_current
    with everything(office.program):
        assert Baseline.objects.get(is_current=True) == approved
    with pytest.raises(Refused):
        commands.run(services.record_imported, actor=office.program_manager, **arguments | {"lines": {}})


def test_nothing_is_frozen_where_nothing_is_computed_or_from_outside(office: Office) -> None:
    other = make_office("OTHER", " Two")
    with pytest.raises(Refused, match="nothing to freeze"):
        freeze(other)
    with pytest.raises(NotAllowed):
        commands.run(
            services.record_imported,
            actor=other.program_manager,
            program=office.program,
            name="x",
            lines={1: Frozen(MORNING, MORNING, DAY)},
        )
