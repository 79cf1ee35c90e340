"""Editing a plan: new dates in the same breath, by whom it is allowed, and what is refused in words."""

from datetime import UTC, datetime

import pytest

from pmo import commands
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.schedule import services
from programs.schedule.models import Activity, ComputedDates, Dependency
from tests.cast import Office, everything, make_office

pytestmark = pytest.mark.django_db
DAY = 480


@pytest.fixture
def office() -> Office:
    return make_office()


def add(office: Office, code: str, days: int, actor: str = "program_manager", **values: object) -> Activity:
    outcome = commands.run(
        services.add_activity,
        actor=office.people[actor],
        program=office.program,
        project_id=office.erp.pk,
        values={"code": code, "name": code, "duration_minutes": days * DAY} | values,
    )
    assert outcome.activity is not None
    return outcome.activity


def link(office: Office, before: Activity, after: Activity, **values: object) -> Dependency:
    outcome = commands.run(
        services.add_dependency,
        actor=office.program_manager,
        program=office.program,
        predecessor_id=before.pk,
        successor_id=after.pk,
        **({"kind": "FS", "lag": 0, "lag_unit": "working"} | values),  # type: ignore[arg-type]
    )
    assert outcome.dependency is not None
    return outcome.dependency


def dates(office: Office, activity: Activity) -> ComputedDates:
    with everything(office.program):
        return ComputedDates.objects.get(activity=activity, superseded_by=None)


def test_a_longer_activity_moves_what_waits_for_it(office: Office) -> None:
    blueprint, build = add(office, "A1", 5), add(office, "A2", 3)
    link(office, blueprint, build)
    assert dates(office, build).early_start == datetime(2026, 1, 12, 8, tzinfo=UTC)
    outcome = commands.run(
        services.edit_activity,
        actor=office.erp_manager,
        activity_id=blueprint.pk,
        changes={"duration_minutes": 7 * DAY},
        version=1,
    )
    assert build.pk in outcome.moved
    assert dates(office, build).early_start == datetime(2026, 1, 14, 8, tzinfo=UTC)
    assert dates(office, build).on_longest_path


def test_what_was_known_before_the_edit_can_still_be_read(office: Office) -> None:
    blueprint = add(office, "A1", 5)
    commands.run(
        services.edit_activity,
        actor=office.program_manager,
        activity_id=blueprint.pk,
        changes={"duration_minutes": 7 * DAY},
        version=1,
    )
    with everything(office.program):
        versions = ComputedDates.objects.filter(activity=blueprint).order_by("computation_id")
        assert [one.early_finish.day for one in versions] == [9, 13]
        assert versions[0].superseded_by_id == versions[1].computation_id


def test_a_cycle_is_refused_with_its_path_and_nothing_is_kept(office: Office) -> None:
    first, second = add(office, "A1", 1), add(office, "A2", 1)
    link(office, first, second)
    with pytest.raises(Refused, match=r"A1 → A2 → A1|A2 → A1 → A2"):
        link(office, second, first)
    with everything(office.program):
        assert Dependency.objects.count() == 1


def test_the_second_of_two_editors_is_told(office: Office) -> None:
    activity = add(office, "A1", 1)
    edit = {"activity_id": activity.pk, "version": 1}
    commands.run(services.edit_activity, actor=office.program_manager, changes={"name": "First"}, **edit)
    with pytest.raises(Conflict, match="Somebody changed"):
        commands.run(services.edit_activity, actor=office.staff, changes={"name": "Second"}, **edit)


def test_a_project_manager_edits_her_own_project_only(office: Office) -> None:
    activity = add(office, "A1", 1, actor="erp_manager")
    with pytest.raises(NotAllowed):
        commands.run(
            services.edit_activity,
            actor=office.iam_manager,
            activity_id=activity.pk,
            changes={"name": "Mine now"},
            version=1,
        )


def test_committee_and_auditor_edit_nothing(office: Office) -> None:
    for role in ("chair", "member", "sponsor", "auditor", "controller", "administrator"):
        with pytest.raises(NotAllowed):
            add(office, "X", 1, actor=role)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"duration_minutes": -1}, "duration_minutes", "greater than or equal to 0"),
        ({"percent_complete": 120}, "percent_complete", "between 0 and 100"),
        ({"constraint": "SNET"}, "constraint_at", "needs a date"),
        ({"name": ""}, "name", "blank"),
        ({"program_id": 1}, None, "cannot be edited"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_at_its_field(
    office: Office, changes: dict[str, object], field: str | None, sentence: str
) -> None:
    activity = add(office, "A1", 1)
    with pytest.raises(Refused, match=sentence) as refusal:
        commands.run(
            services.edit_activity,
            actor=office.program_manager,
            activity_id=activity.pk,
            changes=changes,
            version=1,
        )
    assert refusal.value.field == field
