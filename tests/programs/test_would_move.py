"""What an edit would move, said before it is saved; and an edit that moves what was committed to is held."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pmo import commands
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.baselines.models import Baseline, BaselineActivity
from programs.calendars.models import Calendar
from programs.master_plan import services as mindful
from programs.master_plan.would_move import Tried, WouldMove, trial
from programs.portfolio.models import Program
from programs.schedule import services
from programs.schedule.models import Activity, Computation, ComputedDates, Dependency
from tests.cast import MORNING, Office, everything, make_office
from tests.programs.wild import wild_office

pytestmark = pytest.mark.django_db
DAY = 480
HTMX = {"HX-Request": "true"}


@pytest.fixture
def office() -> Office:
    """A1 (5 days), A2 (3) and the milestone GO in ERP-FIN, one after the other; B1 (2) alone in IAM; baselined."""
    made = make_office()
    with everything(made.program):
        rows = [
            Activity(
                program=made.program, project=project, code=code, name=f"Step <{code}>", kind=kind,
                duration_minutes=days * DAY, position=position,
            )
            for position, (project, code, days, kind) in enumerate((
                (made.erp, "A1", 5, "task"), (made.erp, "A2", 3, "task"), (made.erp, "GO", 0, "finish_milestone"),
                (made.iam, "B1", 2, "task"),
            ))
        ]  # fmt: skip
        Activity.objects.bulk_create(rows)
        for one, other in ((0, 1), (1, 2)):
            Dependency.objects.create(program=made.program, predecessor=rows[one], successor=rows[other])
    commands.run(services.recompute, actor=made.program_manager, program=made.program)
    with everything(made.program):
        baseline = Baseline.objects.create(
            program=made.program, number=1, name="As planned", origin="imported", is_current=True,
            frozen_at=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        BaselineActivity.objects.bulk_create(
            BaselineActivity(
                program=made.program, baseline=baseline, activity_id=one.activity_id, starts_at=one.early_start,
                finishes_at=one.early_finish, duration_minutes=0,
            )
            for one in ComputedDates.objects.filter(program=made.program, superseded_by=None)
        )  # fmt: skip
    return made


def found(office: Office, code: str) -> Activity:
    return Activity.objects.select_related("project").get(program_id=office.program.pk, code=code)


def asked(office: Office, code: str, version: int | None = None, **changes: Any) -> WouldMove:
    with everything(office.program):
        program = Program.objects.get(pk=office.program.pk)
    with pytest.raises(Tried) as tried:
        commands.run(
            trial,
            actor=office.program_manager,
            command=services.edit_activity,
            of=program,
            activity_id=at(office, code),
            changes=changes,
            version=version,
        )
    return tried.value.known()


def at(office: Office, code: str) -> int:
    with everything(office.program):
        return found(office, code).pk


def client_of(office: Office, role: str = "erp_manager") -> Client:
    client = Client()
    client.force_login(office.people[role])
    return client


def form(office: Office, code: str, **typed: str) -> dict[str, str]:
    """What a browser sends of the activity's form."""
    with everything(office.program):
        one = found(office, code)
        shown = {"name": one.name, "days": f"{one.duration_minutes / DAY:g}", "constraint": one.constraint,
                 "percent_complete": "0", "version": str(one.version)}  # fmt: skip
    return shown | typed


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


def test_an_edit_that_moves_a_committed_milestone_is_held_until_agreed(office: Office) -> None:
    client, url = client_of(office), f"/p/ATLAS/plan/{at(office, 'A1')}/"
    held = client.post(url, form(office, "A1", days="10"))
    text = held.content.decode().replace("\xa0", " ")
    assert held.status_code == 422
    assert "This moves 1 committed milestone later: GO Step &lt;GO&gt; +7 d." in text
    assert "3 activities would move" in text and "Save all the same" in text
    with everything(office.program):
        assert found(office, "A1").duration_minutes == 5 * DAY
    agreed = text.split('name="agreed" value="')[1].split('"')[0]
    other = client.post(url, form(office, "A1", days="11", agreed=agreed))
    assert other.status_code == 422  # agreed to ten days, not to eleven
    saved = client.post(url, form(office, "A1", days="10", agreed=agreed))
    assert saved.status_code == 302
    with everything(office.program):
        assert found(office, "A1").duration_minutes == 10 * DAY


def test_who_agreed_to_some_moves_is_asked_again_about_others(office: Office) -> None:
    """Ten days of A1 move GO by seven; once A2 is shorter they move it by less, from and to other days."""
    client = client_of(office)
    link = {"predecessor": "IAM/B1", "kind": "FS", "lag_days": "19"}
    for url, typed in (
        (f"/p/ATLAS/plan/{at(office, 'A1')}/", form(office, "A1", days="10")),
        (f"/p/ATLAS/plan/{at(office, 'A2')}/links/", link),
    ):
        seals = []
        for days in (2, 1):
            held = client.post(url, typed | {"agreed": seals[-1] if seals else ""})
            assert held.status_code == 422, (url, days)
            seals.append(held.content.decode().split('name="agreed" value="')[1].split('"')[0])
            commands.run(
                services.edit_activity, actor=office.program_manager, activity_id=at(office, "A2"),
                changes={"duration_minutes": days * DAY}, version=None,
            )  # fmt: skip
        assert seals[0] != seals[1]


def test_an_edit_that_keeps_or_betters_what_was_committed_is_not_held(office: Office) -> None:
    client = client_of(office, "program_manager")
    for code, days in (("B1", "3"), ("A1", "4")):
        answer = client.post(f"/p/ATLAS/plan/{at(office, code)}/", form(office, code, days=days))
        assert answer.status_code == 302, code


def test_a_link_is_asked_about_and_held_like_an_edit(office: Office) -> None:
    pk, typed = at(office, "A2"), {"predecessor": "IAM/B1", "kind": "FS", "lag_days": "9"}
    url = f"/p/ATLAS/plan/{pk}/links/"
    client = client_of(office)
    asked_for = client.post(f"{url}would-move/", typed, headers=HTMX)
    text = asked_for.content.decode().replace("\xa0", " ")
    assert asked_for.status_code == 200 and "<html" not in text
    assert "2 activities would move, 1 milestone among them; the program’s finish moves +8 d." in text
    with everything(office.program):
        assert not Dependency.objects.filter(successor_id=pk, predecessor__code="B1").exists()
    held = client.post(url, typed)
    text = held.content.decode().replace("\xa0", " ")
    assert held.status_code == 422 and "Not linked yet" in text and "2 activities would move" in text
    agreed = text.split('name="agreed" value="')[1].split('"')[0]
    assert client.post(url, typed | {"agreed": agreed}).status_code == 302
    with everything(office.program):
        assert Dependency.objects.filter(successor_id=pk, predecessor__code="B1").exists()


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


def test_a_held_edit_by_somebody_without_the_right_is_refused_as_ever(office: Office) -> None:
    with pytest.raises(NotAllowed):
        commands.run(
            mindful.edit_activity,
            actor=office.iam_manager,
            activity_id=at(office, "A1"),
            changes={"duration_minutes": DAY},
            version=None,
            agreed=True,
        )


def sent(office: Office, method: str, path: str, body: Any = None, role: str = "erp_manager") -> Any:
    return getattr(client_of(office, role), method)(
        f"/api/v1/programs/ATLAS/{path}", body, content_type="application/json"
    )


def test_the_api_is_held_with_the_list_until_it_is_agreed_to(office: Office) -> None:
    path, body = f"activities/{at(office, 'A1')}/", {"version": 1, "duration_minutes": 10 * DAY}
    held = sent(office, "patch", path, body)
    assert held.status_code == 409 and held.json()["type"] == "moves-committed"
    (one,) = held.json()["milestones"]
    assert (one["activity"], one["days"], one["project"]) == ("GO", 7.0, "ERP-FIN")
    assert one["finish_before"] == one["committed_finish"] < one["finish_after"]
    with everything(office.program):
        assert found(office, "A1").duration_minutes == 5 * DAY
    assert sent(office, "patch", path, body | {"agreed": True}).status_code == 200
    with everything(office.program):
        assert found(office, "A1").duration_minutes == 10 * DAY


def test_links_and_removed_work_are_held_in_the_api_too(office: Office) -> None:
    link = {"predecessor": at(office, "B1"), "successor": at(office, "A2"), "lag": 9 * DAY}
    asked_for = sent(office, "post", "dependencies/what-if/", link)
    assert asked_for.status_code == 200 and asked_for.json()["committed_milestones_later"] == 1
    assert sent(office, "post", "dependencies/", link).status_code == 409
    made = sent(office, "post", "dependencies/", link | {"agreed": True})
    assert made.status_code == 201
    path = f"dependencies/{made.json()['id']}/"
    more = {"version": 1, "lag": 19 * DAY}
    assert sent(office, "patch", path, more).status_code == 409
    assert sent(office, "patch", path, more | {"agreed": True}).status_code == 200
    assert sent(office, "delete", path + "?agreed=yes").status_code == 400
    assert sent(office, "delete", path).status_code == 204  # it only moves earlier


def test_edits_of_many_rows_are_asked_about_and_held_as_one(office: Office) -> None:
    ops = [
        {"do": "set", "activity": at(office, code), "field": "days", "value": value}
        for code, value in (("A1", "6"), ("A2", "9"))
    ]
    asked_for = sent(office, "post", "plan-edits/what-if/", {"ops": ops})
    assert asked_for.status_code == 200 and asked_for.json()["milestones"][0]["days"] == 9.0
    nothing = sent(office, "post", "plan-edits/what-if/", {"ops": [ops[0] | {"value": "5"}]})
    assert nothing.status_code == 200 and nothing.json()["activities_moved"] == 0
    assert sent(office, "post", "plan-edits/", {"ops": ops}).status_code == 409
    answer = client_of(office).post("/p/ATLAS/plan/edit/", {"ops": json.dumps(ops)})
    assert answer.status_code == 422 and answer.json()["agree"]
    (row,) = answer.json()["held"]["rows"]
    assert row["label"] == "GO Step <GO> · ERP-FIN" and row["days"] == "+9\xa0d"
    assert sent(office, "post", "plan-edits/", {"ops": ops, "agreed": True}).status_code == 201


def test_work_added_under_a_summary_that_others_wait_for_is_held(office: Office) -> None:
    with everything(office.program):
        group = Activity.objects.create(
            program=office.program, project=office.erp, code="S", name="Group", kind="summary", position=9
        )
        Activity.objects.filter(code="B1").update(parent=group, project=office.erp, level=1)
    link = {"predecessor": group.pk, "successor": at(office, "GO")}
    asked_for = sent(office, "post", "dependencies/what-if/", link)  # of a summary
    assert asked_for.status_code == 200 and asked_for.json()["activities_moved"] == 0
    assert sent(office, "post", "dependencies/", link).status_code == 201
    work = {
        "project": office.erp.pk,
        "code": "L1",
        "name": "Long",
        "duration_minutes": 40 * DAY,
        "parent": group.pk,
    }
    assert sent(office, "post", "activities/", work).status_code == 409
    assert sent(office, "post", "activities/", work | {"agreed": True}).status_code == 201
    ops = [{"do": "outdent", "activity": at(office, "L1")}, {"do": "indent", "activity": at(office, "L1")}]
    with everything(office.program):
        assert found(office, "L1").parent_id == group.pk
    assert sent(office, "post", "plan-edits/what-if/", {"ops": ops}).status_code == 200


def test_a_link_taken_out_that_moves_nothing_later_is_not_held(office: Office) -> None:
    with everything(office.program):
        link = Dependency.objects.get(successor__code="A2")
    client, url = client_of(office), f"/p/ATLAS/plan/{at(office, 'A2')}/links/{link.pk}/remove/"
    assert client.post(url).status_code == 302  # it moves GO earlier: nothing to ask
    with everything(office.program):
        assert not Dependency.objects.filter(pk=link.pk).exists()


def test_a_committed_milestone_that_is_given_a_duration_is_still_one(office: Office) -> None:
    go = at(office, "GO")
    longer = {"kind": "task", "duration_minutes": 20 * DAY}
    held = sent(office, "patch", f"activities/{go}/", {"version": 1} | longer)
    assert held.status_code == 409 and held.json()["type"] == "moves-committed", held.content
    assert [one["activity"] for one in held.json()["milestones"]] == ["GO"]
    op = {"do": "set", "activity": go, "field": "days", "value": "20d"}
    assert sent(office, "post", "plan-edits/", {"ops": [op]}).status_code == 409
    assert (
        sent(office, "patch", f"activities/{go}/", {"version": 1, "agreed": True} | longer).status_code == 200
    )
    # Work now, and committed to all the same.
    op = {"do": "set", "activity": at(office, "A1"), "field": "days", "value": "9d"}
    assert sent(office, "post", "plan-edits/", {"ops": [op]}).status_code == 409


def test_work_put_under_a_committed_milestone_is_held(office: Office) -> None:
    with everything(office.program):
        Activity.objects.filter(code="B1").update(project=office.erp, duration_minutes=40 * DAY)
    held = sent(office, "post", "plan-edits/", {"ops": [{"do": "indent", "activity": at(office, "B1")}]})
    assert held.status_code == 409, held.content
    assert [one["activity"] for one in held.json()["milestones"]] == ["GO"]
