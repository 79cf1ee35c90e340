"""An edit that moves what was committed to is held: on pages, by links, by many rows at once, by the API."""

from __future__ import annotations

import json

import pytest

from pmo import commands
from pmo.refusals import NotAllowed
from programs.master_plan import services as mindful
from programs.schedule import services
from programs.schedule.models import Activity, Dependency
from tests.cast import Office, everything
from tests.programs.promised import DAY, HTMX, at, client_of, form, found, promised_plan, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return promised_plan()


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
