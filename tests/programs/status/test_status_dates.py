"""A new status date: set with what is missing, planned from, earned at, taken back, and refused in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from finance.earned_value import selectors as earned
from finance.earned_value import services as earned_value
from finance.earned_value.models import EarnedValueRow, EarnedValueSnapshot
from finance.verify import RULES
from pmo.outbox.models import Outbox
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.lives import services as lives
from programs.portfolio.models import Program, Project
from programs.schedule import services as plan
from programs.schedule.models import Activity, ComputedDates, Progress, StatusPeriod
from programs.status import selectors, services
from programs.status.models import StatusUpdate
from tests.governance.committee import Committee, make_committee, sentence
from tests.governance.planned import STATUS, planned

NEXT = STATUS + timedelta(days=28)
URL = "/p/ATLAS/status/"


@pytest.fixture
def committee(db: None) -> Committee:
    """The baselined plan of two projects at their first status date: E1 at 80 %."""
    made = make_committee("ATLAS")
    planned(made)
    with made.looking():
        work = Activity.objects.filter(program=made.program)
        begun = {"actual_start": made.program.starts_at}
        work.filter(code="E1").update(percent_complete=80, remaining_minutes=8 * 480, **begun)
        work.filter(code="I1").update(
            percent_complete=100, remaining_minutes=0, actual_finish=STATUS - timedelta(days=18), **begun
        )
        Project.objects.filter(program=made.program).update(status_at=STATUS)
        Program.objects.filter(pk=made.program.pk).update(status_at=STATUS)
    made.does(made.program_manager, plan.recompute, program=made.program)
    return made


def sets(committee: Committee, who: Any = None, **more: Any) -> StatusUpdate:
    with committee.looking():
        given = {
            "project": None,
            "status_at": NEXT,
            "remark": "Month end.",
            "seen": selectors.newest(committee.program),
        }
    return committee.does(
        who or committee.program_manager, services.set_status_date, program=committee.program, **given | more
    )


def starts(committee: Committee, code: str) -> datetime:
    with committee.looking():
        return ComputedDates.objects.get(
            program=committee.program, superseded_by=None, activity__code=code
        ).early_start


def test_a_new_status_date_records_progress_plans_the_rest_from_it_and_asks_for_earned_value(
    committee: Committee,
) -> None:
    with committee.looking():
        asked = Outbox.objects.filter(topic="earned_value.refresh").count()
        E2 = Activity.objects.get(program=committee.program, code="E2")
        assert E2.actual_start is None
    made = sets(committee)
    with committee.looking():
        projects = {one.pk: one.status_at for one in Project.objects.filter(program=committee.program)}
        assert set(projects.values()) == {NEXT}
        assert Program.objects.get(pk=committee.program.pk).status_at == NEXT
        told = Progress.objects.get(period__at=NEXT, activity__code="E1")
        assert told.percent_complete == Decimal(80)
        assert Outbox.objects.filter(topic="earned_value.refresh").count() == asked + 1
    assert (made.moved or 0) >= 1 and len(made.periods) == 2 and made.unstarted >= 1
    assert starts(committee, "E2") >= NEXT
    committee.does(None, earned_value.refresh, program=committee.program)
    with committee.looking():
        assert EarnedValueSnapshot.objects.filter(program=committee.program, at=NEXT, project=None).exists()


def test_it_is_later_than_the_last_not_after_today_and_says_what_it_is_about(committee: Committee) -> None:
    assert "a new one is later" in sentence(lambda: sets(committee, status_at=STATUS - timedelta(days=1)))
    assert "Every project has this status date" in sentence(lambda: sets(committee, status_at=STATUS))
    tomorrow = timezone.now() + timedelta(days=2)
    assert "today or earlier" in sentence(lambda: sets(committee, status_at=tomorrow))
    assert "no status before that" in sentence(
        lambda: sets(committee, status_at=committee.program.starts_at - timedelta(days=1))
    )
    assert "Say what this status is about" in sentence(lambda: sets(committee, remark="  "))
    assert "a new one is later" in sentence(lambda: sets(committee, project=committee.erp, status_at=STATUS))


def test_two_at_once_are_one_and_a_conflict(committee: Committee) -> None:
    with committee.looking():
        seen = selectors.newest(committee.program)
    sets(committee, project=committee.erp, seen=seen)
    with pytest.raises(Conflict, match="after you opened"):
        sets(committee, project=committee.iam, seen=seen)
    # The rest of the program catches up; who has the date already keeps it.
    made = sets(committee)
    assert [row[0] for row in made.periods] == [committee.iam.pk]


def test_a_project_manager_sets_that_of_the_own_project_only(committee: Committee) -> None:
    made = sets(committee, committee.erp_manager, project=committee.erp)
    assert made.project_id == committee.erp.pk
    with committee.looking():
        assert Program.objects.get(pk=committee.program.pk).status_at == NEXT
    for project in (committee.iam, None):
        with pytest.raises(NotAllowed):
            sets(committee, committee.erp_manager, project=project)
    with pytest.raises(NotAllowed):
        sets(committee, committee.controller)


def test_a_closed_project_keeps_its_status_date(committee: Committee) -> None:
    with committee.looking():
        live = Project.objects.get(pk=committee.iam.pk)
    committee.does(
        committee.program_manager,
        lives.move,
        project=live,
        version=live.version,
        deed="complete",
        reason="Done.",
    )
    made = sets(committee)
    assert [row[0] for row in made.periods] == [committee.erp.pk]
    assert "closed" in sentence(lambda: sets(committee, project=committee.iam, status_at=NEXT + timedelta(1)))


def test_it_is_taken_back_as_one_act_with_what_was_typed_since(committee: Committee) -> None:
    before = starts(committee, "E2")
    made = sets(committee)
    with committee.looking():
        E1 = Activity.objects.get(program=committee.program, code="E1")
        former = (E1.actual_start, E1.percent_complete)
    committee.does(
        committee.erp_manager, plan.edit_activity, activity_id=E1.pk, version=None,
        changes={"percent_complete": Decimal(90), "remaining_minutes": 480},
    )  # fmt: skip
    assert "Say why" in sentence(
        lambda: committee.does(committee.program_manager, services.take_back, update=made, reason=" ")
    )
    restored = committee.does(
        committee.program_manager, services.take_back, update=made, reason="Wrong month."
    )
    assert restored == 1
    with committee.looking():
        assert set(Project.objects.filter(program=committee.program).values_list("status_at", flat=True)) == {
            STATUS
        }
        assert not StatusPeriod.objects.filter(program=committee.program, at=NEXT).exists()
        E1.refresh_from_db()
        assert (E1.actual_start, E1.percent_complete) == former
        live = StatusUpdate.objects.get(pk=made.pk)
        assert live.taken_by == committee.program_manager and live.taken_why == "Wrong month."
    assert starts(committee, "E2") == before
    assert "taken back already" in sentence(
        lambda: committee.does(committee.program_manager, services.take_back, update=made, reason="Again.")
    )
    assert sets(committee).periods != made.periods  # and it may be set again


@pytest.mark.parametrize("first", ["erp", "iam"])
def test_taken_back_in_any_order_the_programs_date_is_that_of_its_projects(
    committee: Committee, first: str
) -> None:
    def stands() -> datetime | None:
        with committee.looking():
            return Program.objects.get(pk=committee.program.pk).status_at

    later = NEXT + timedelta(days=14)
    made = {"erp": sets(committee, project=committee.erp)}
    made["iam"] = sets(committee, project=committee.iam, status_at=later)
    assert stands() == later
    for name, after in (
        (first, later if first == "erp" else NEXT),
        ("iam" if first == "erp" else "erp", STATUS),
    ):
        committee.does(committee.program_manager, services.take_back, update=made[name], reason="Wrong.")
        assert stands() == after
    new = STATUS + timedelta(days=7)
    sets(committee, status_at=new)
    assert stands() == new and new <= starts(committee, "E2") < later


def test_what_earned_value_was_known_at_a_date_stays_when_the_date_is_taken_back(
    committee: Committee,
) -> None:
    """Known before: projects, program and the activities behind them; known after: neither. Set again, told anew."""

    def computed() -> Any:
        return committee.does(None, earned_value.refresh, program=committee.program)

    def figures(known: datetime | None = None) -> tuple[Any, list[Any], list[str]]:
        instant = f"&known={known.isoformat().replace('+00:00', 'Z')}" if known else ""
        url = f"/api/v1/programs/ATLAS/earned-value/?at={NEXT.isoformat().replace('+00:00', 'Z')}{instant}"
        told = client.get(url).json()
        series = client.get(url.replace("/?", "/series/?") + "&project=ERP-FIN").json()
        return told["program"], told["projects"], [one["period"] for one in series["points"]]

    client = Client()
    client.force_login(committee.auditor)
    made = sets(committee)
    first = computed()
    before = figures(first.computed_at)
    assert {one["status_at"] for one in before[1]} == {before[0]["status_at"]} and len(before[1]) == 2
    with committee.looking():
        one = EarnedValueSnapshot.objects.get(run=first, project=committee.erp, at=NEXT)
        behind = {row.activity_id: row.ev for row in earned.rows(one)}
        assert behind and sum(behind.values()) == one.ev
    committee.does(committee.program_manager, services.take_back, update=made, reason="Wrong month.")
    assert computed().pk != first.pk
    again = figures(first.computed_at)
    assert again[:2] == before[:2] and again[2][-1] == "taken back"
    assert {one["status_at"] for one in figures()[1]} == {STATUS.isoformat().replace("+00:00", "Z")}
    sets(committee)
    with committee.looking():
        Activity.objects.filter(program=committee.program, code="E1").update(percent_complete=90)
        Progress.objects.filter(period__at=NEXT, activity__code="E1").update(percent_complete=90)
    third = computed()
    with committee.looking():
        assert {row.activity_id: row.ev for row in earned.rows(one)} == behind
        # only what differs is kept twice, as after any other computation
        assert EarnedValueRow.objects.filter(snapshot=one).count() < len(behind)
        assert EarnedValueSnapshot.objects.get(run=third, project=committee.erp, at=NEXT).ev > one.ev
    rule = next(query for sentence, query in RULES.items() if sentence.startswith("earned value of program"))
    with connection.cursor() as cursor:
        cursor.execute(rule)
        assert cursor.fetchall() == []


def test_an_earlier_one_and_one_with_records_on_it_stay(committee: Committee) -> None:
    first = sets(committee)
    second = sets(committee, status_at=NEXT + timedelta(days=7), project=committee.erp)
    assert "ERP-FIN has a later status date" in sentence(
        lambda: committee.does(committee.program_manager, services.take_back, update=first, reason="Wrong.")
    )
    committee.opened()
    assert "is bound to figures of then" in sentence(
        lambda: committee.does(committee.program_manager, services.take_back, update=second, reason="Wrong.")
    )


def test_the_database_lets_an_update_stand_and_nobody_delete_a_status_date(committee: Committee) -> None:
    made = sets(committee)

    def rewrites(*, by: Any, at: Any) -> None:
        StatusUpdate.objects.filter(pk=made.pk).update(remark="Another month.")

    def deletes(*, by: Any, at: Any) -> None:
        StatusPeriod.objects.filter(pk=made.periods[0][1])._raw_delete("default")

    with pytest.raises(Refused, match="stays as it was made"):
        committee.does(committee.program_manager, rewrites)
    with pytest.raises(Refused, match="This is a record"):
        committee.does(committee.program_manager, deletes)


def test_the_page_lists_what_is_missing_sets_a_date_and_leads_to_taking_it_back(committee: Committee) -> None:
    client = Client()
    client.force_login(committee.program_manager)
    page = client.get(f"{URL}?by={NEXT:%Y-%m-%dT%H:%M}").content.decode()
    assert "Without an actual" in page and "E2" in page and "New status date" in page
    with committee.looking():
        seen = selectors.newest(committee.program)
    form = {"project": "", "at": f"{NEXT:%Y-%m-%dT%H:%M}", "remark": "Month end.", "seen": seen}
    answer = client.post(URL, form, follow=True)
    assert answer.status_code == 200
    page = answer.content.decode().replace("\xa0", " ")
    assert "The status date of 2 projects is" in page and "Month end." in page and "Take it back" in page
    again = client.post(URL, form)
    assert again.status_code == 409 and "after you opened this page" in again.content.decode()
    empty = client.post(URL, {"seen": 0})
    assert empty.status_code == 422 and "Give the status date." in empty.content.decode()
    with committee.looking():
        made = StatusUpdate.objects.get(program=committee.program)
    back = f"{URL}{made.pk}/take-back/"
    assert "What would happen" in client.get(back).content.decode()
    answer = client.post(back, {"reason": "Wrong month."}, follow=True)
    assert "taken back by" in answer.content.decode()
    reader = Client()
    reader.force_login(committee.auditor)
    page = reader.get(URL).content.decode()
    assert "The managers of the program" in page and "Take it back" not in page
    assert reader.post(URL, form).status_code == 403


def test_the_api_sets_and_takes_back_and_tells(committee: Committee) -> None:
    client = Client()
    client.force_login(committee.erp_manager)
    url = "/api/v1/programs/ATLAS/status-updates/"
    with committee.looking():
        seen = selectors.newest(committee.program)
    body: dict[str, Any] = {
        "project": committee.erp.pk,
        "at": NEXT.isoformat(),
        "remark": "Month end.",
        "seen": seen,
    }
    made = client.post(url, body, content_type="application/json")
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["project"], row["person"], row["taken_at"]) == ("ERP-FIN", committee.erp_manager.name, None)
    assert client.post(url, body, content_type="application/json").status_code == 409
    assert client.post(url, body | {"project": None}, content_type="application/json").status_code in (
        403,
        409,
    )
    back = client.post(f"{url}{row['id']}/take-back/", {"reason": "Wrong."}, content_type="application/json")
    assert back.status_code == 200 and back.json()["taken_why"] == "Wrong."
    assert [one["id"] for one in client.get(url).json()["results"]] == [row["id"]]
