"""What an edit would move, said before it is saved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pmo import commands
from pmo.refusals import Conflict, Refused
from programs.calendars.models import Calendar
from programs.portfolio.models import Program
from programs.schedule import services
from programs.schedule.models import Activity, Computation, ComputedDates, Dependency
from tests.cast import MORNING, Office, everything
from tests.programs.promised import DAY, HTMX, asked, at, client_of, form, found, promised_plan
from tests.programs.wild import wild_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return promised_plan()


def test_the_answer_is_what_saving_then_brings(office: Office) -> None:
    answer = asked(office, "A1", duration_minutes=10 * DAY)
    assert [move.activity.code for move in answer.moves] == ["A1", "A2", "GO"]
    assert (answer.moved, answer.milestones_moved, answer.committed) == (3, 1, 1)
    assert [(one.activity.code, one.days, one.breaks) for one in answer.milestones] == [("GO", 7.0, True)]
    assert (answer.finish.days, [one.name for one in answer.projects]) == (7.0, ["ERP-FIN"])
    outcome = commands.run(
        services.edit_activity,
        actor=office.erp_manager,
        activity_id=at(office, "A1"),
        changes={"duration_minutes": 10 * DAY},
        version=None,
    )
    with everything(office.program):
        dates = ComputedDates.objects.filter(program_id=office.program.pk, superseded_by=None)
        now = {row.activity_id: (row.early_start, row.early_finish) for row in dates}
    assert outcome.moved == {move.activity.activity_id for move in answer.moves}
    for move in answer.moves:
        assert now[move.activity.activity_id] == (move.start[1], move.finish[1])


def test_in_a_wild_plan_too_asking_answers_what_saving_brings() -> None:
    office = wild_office(8)
    with everything(office.program):
        night = Calendar.objects.get(program_id=office.program.pk, code="NIGHT")
        done = Activity.objects.filter(program_id=office.program.pk, actual_start=None, kind="task")[3]
    edits: list[tuple[str, dict[str, Any]]] = [
        ("W30", {"duration_minutes": 9 * DAY}),
        ("W31", {"calendar": night}),
        ("W35", {"constraint": "SNET", "constraint_at": MORNING + timedelta(days=90)}),
        (done.code, {"actual_start": MORNING + timedelta(days=40), "remaining_minutes": 2 * DAY}),
        ("W36", {"kind": "level_of_effort"}),
    ]
    moved = 0
    for code, changes in edits:
        answer = asked(office, code, **changes)
        outcome = commands.run(
            services.edit_activity,
            actor=office.program_manager,
            activity_id=at(office, code),
            changes=changes,
            version=None,
        )
        assert answer.moved == len(outcome.moved), code
        assert outcome.computation is not None
        assert answer.finish.after == outcome.computation.plan_finish, code
        with everything(office.program):
            dates = ComputedDates.objects.filter(program_id=office.program.pk, superseded_by=None)
            now = {row.activity_id: (row.early_start, row.early_finish) for row in dates}
        for move in answer.moves:
            assert now[move.activity.activity_id] == (move.start[1], move.finish[1]), code
        moved += answer.moved
    assert moved > 5


def test_nothing_is_written_by_asking(office: Office) -> None:
    with everything(office.program):
        office.program.refresh_from_db()
        before = (Computation.objects.count(), office.program.plan_version, found(office, "A1").version)
    asked(office, "A1", duration_minutes=10 * DAY)
    client_of(office).post(f"/p/ATLAS/plan/{at(office, 'A1')}/would-move/", form(office, "A1", days="10"))
    with everything(office.program):
        office.program.refresh_from_db()
        after = (Computation.objects.count(), office.program.plan_version, found(office, "A1").version)
        assert found(office, "A1").duration_minutes == 5 * DAY
    assert before == after


def test_a_path_that_is_taken_over_names_who_joins_and_who_leaves(office: Office) -> None:
    answer = asked(office, "B1", duration_minutes=20 * DAY)
    assert [one.code for one in answer.joins] == ["B1"]
    assert [one.code for one in answer.leaves] == ["A1", "A2", "GO"]
    assert answer.moved == 1 and answer.milestones_moved == 0


def test_a_deadline_that_would_be_missed_is_a_new_finding(office: Office) -> None:
    answer = asked(office, "A2", deadline_at=datetime(2026, 1, 13, 17, 0, tzinfo=UTC))
    assert answer.moved == 0
    assert [(text, one.code if one else "") for text, one in answer.findings] == [
        ("It finishes after its deadline", "A2")
    ]


def test_an_edit_that_dates_do_not_depend_on_moves_nothing(office: Office) -> None:
    assert not asked(office, "A1", name="Another name")
    assert not asked(office, "A1", percent_complete=10)


def test_a_change_of_kind_is_answered_too(office: Office) -> None:
    answer = asked(office, "A2", kind="finish_milestone", duration_minutes=0)
    assert {one.activity.code for one in answer.moves} == {"A2", "GO"}
    assert answer.milestones[0].days == -5.0  # from Wednesday to the Friday before


def test_the_missed_promise_is_told(office: Office) -> None:
    with everything(office.program):
        Program.objects.filter(pk=office.program.pk).update(committed_finish="2026-01-20")
    assert asked(office, "A1", duration_minutes=10 * DAY).promised_missed
    assert not asked(office, "A1", duration_minutes=6 * DAY).promised_missed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"constraint": "SNET"}, "constraint_at"),
        ({"actual_finish": datetime(2026, 1, 6, tzinfo=UTC)}, "actual_start"),
        ({"percent_complete": 101}, "percent_complete"),
        ({"wbs": "1"}, None),
    ],
)
def test_what_could_not_be_saved_is_refused_with_the_same_words(
    office: Office, changes: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(Refused) as asking:
        asked(office, "A1", **changes)
    with pytest.raises(Refused) as saving:
        commands.run(
            services.edit_activity,
            actor=office.program_manager,
            activity_id=at(office, "A1"),
            changes=changes,
            version=None,
        )
    assert (asking.value.message, asking.value.field) == (saving.value.message, saving.value.field)
    assert saving.value.field == field


def test_a_plan_beyond_the_request_is_refused_in_words(office: Office, settings: Any) -> None:
    settings.COMPUTE_IN_REQUEST_UP_TO = 3
    with pytest.raises(Refused, match="up to 3 activities"):
        asked(office, "A1", duration_minutes=10 * DAY)


def test_asking_is_a_bounded_number_of_queries(office: Office) -> None:
    with CaptureQueriesContext(connection) as few:
        asked(office, "A1", duration_minutes=10 * DAY)
    with everything(office.program):
        program, one = Program.objects.get(pk=office.program.pk), found(office, "A1")
        Activity.objects.bulk_create(
            Activity(
                program=program, project=office.iam, code=f"C{n}", name="C", duration_minutes=DAY, position=n
            )
            for n in range(60)
        )
        rows = Activity.objects.filter(program=program, code__startswith="C")
        Dependency.objects.bulk_create(
            Dependency(program=program, predecessor=one, successor=other) for other in rows
        )
    commands.run(services.recompute, actor=office.program_manager, program=program)
    with CaptureQueriesContext(connection) as many:
        answer = asked(office, "A1", duration_minutes=9 * DAY)
    assert answer.moved == 63 and len(answer.moves) == 20
    assert len(many) == len(few) <= 45


def test_the_form_is_answered_without_leaving_it(office: Office) -> None:
    url = f"/p/ATLAS/plan/{at(office, 'A1')}/would-move/"
    answer = client_of(office).post(url, form(office, "A1", days="10"), headers=HTMX)
    text = answer.content.decode().replace("\xa0", " ")
    assert answer.status_code == 200 and "<html" not in text
    assert "3 activities would move, 1 milestone among them; the program’s finish moves +7 d." in text
    assert "1 committed milestone would move later." in text
    assert "GO Step &lt;GO&gt;" in text and "14 Jan 2026" in text
    whole = client_of(office).post(url, form(office, "A1", days="10")).content.decode()
    assert "<html" in whole and 'value="10"' in whole and "would move later" in whole
    refused = client_of(office).post(url, form(office, "A1", days="-1"), headers=HTMX)
    assert refused.status_code == 422
    assert "This could not be saved, so nothing would move" in refused.content.decode()


def test_only_who_may_edit_may_ask(office: Office) -> None:
    url = f"/p/ATLAS/plan/{at(office, 'A1')}/would-move/"
    for role, status in (("iam_manager", 403), ("sponsor", 403), ("staff", 200)):
        assert client_of(office, role).post(url, form(office, "A1", days="10")).status_code == status, role
    with pytest.raises(Conflict):
        asked(office, "A1", 7, duration_minutes=DAY)


def test_a_link_that_would_close_a_circle_is_refused_with_its_path(office: Office) -> None:
    url = f"/p/ATLAS/plan/{at(office, 'A1')}/links/would-move/"
    answer = client_of(office).post(url, {"predecessor": "GO", "kind": "FS", "lag_days": "0"}, headers=HTMX)
    assert answer.status_code == 422
    assert "These activities would wait for each other: A1 → A2 → GO → A1." in answer.content.decode()


def test_the_api_answers_the_same_edit_without_saving_it(office: Office) -> None:
    client, pk = client_of(office), at(office, "A1")
    url = f"/api/v1/programs/ATLAS/activities/{pk}/what-if/"
    answer = client.post(url, {"version": 1, "duration_minutes": 10 * DAY}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["activities_moved"], body["committed_milestones_later"]) == (3, 1)
    assert body["finish"]["days"] == 7.0
    assert body["milestones"][0]["activity"] == "GO"
    assert body["milestones"][0]["committed_finish"] == body["milestones"][0]["finish_before"]
    late = client.post(url, {"version": 9, "duration_minutes": DAY}, content_type="application/json")
    assert late.status_code == 409
    strange = client.post(url, {"version": 1, "colour": "red"}, content_type="application/json")
    assert strange.status_code == 400
