"""How activities earn: steps with weights, what stays once work has started, and the value that follows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from finance.earned_value import earning
from finance.earned_value import services as earned_value
from finance.earned_value.earning import StepValues
from finance.earned_value.models import EarnedValueRow, EarningStep
from pmo.accounts.models import User
from pmo.outbox.models import Outbox
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.portfolio.models import Program
from programs.schedule import services as plan
from programs.schedule.models import Activity
from tests.governance.committee import Committee, make_committee
from tests.governance.planned import planned

STEPS = [
    StepValues("Built", 3, Decimal("50.00")),
    StepValues("Tested", 1, Decimal("75.00")),
    StepValues("Signed off", 1, Decimal("100.00")),
]


@pytest.fixture
def committee(db: None) -> Committee:
    """The baselined plan of two projects; E1 (40 days, 32,000) is reported at 80 %, nothing says it started."""
    made = make_committee("ATLAS")
    planned(made)
    with made.looking():
        status = made.program.starts_at.replace(month=3, day=31)
        Program.objects.filter(pk=made.program.pk).update(status_at=status)
    return made


def activity(committee: Committee, code: str = "E1") -> Activity:
    with committee.looking():
        found: Activity = Activity.objects.get(program=committee.program, code=code)
    return found


def earns(committee: Committee, steps: list[StepValues], who: User | None = None, **more: Any) -> None:
    given = {"technique": "weighted_milestones", "seen": None} | more
    committee.does(
        who or committee.program_manager,
        earning.set_earning,
        activity_id=activity(committee).pk,
        steps=steps,
        **given,
    )


def value(committee: Committee) -> tuple[Decimal, Decimal]:
    """Planned and earned value of E1 at its status date, in minor units."""
    committee.does(None, earned_value.refresh, program=committee.program)
    with committee.looking():
        rows = EarnedValueRow.objects.filter(program=committee.program, activity__code="E1")
        row = rows.latest("snapshot__run_id")
    return row.pv, row.ev


def test_a_step_is_planned_by_the_working_time_and_earned_on_its_day(committee: Committee) -> None:
    """Until 20 February 35 of 40 days passed: the steps at 50 and 75 % were due, 4 of 5 parts of 32,000."""
    earns(committee, STEPS)
    assert value(committee) == (25_600_00, 0)
    with pytest.raises(Refused, match="no step is done yet"):
        earns(committee, [replace(STEPS[0], done_on=date(2026, 2, 20)), *STEPS[1:]])
    with committee.looking():
        Activity.objects.filter(pk=activity(committee).pk).update(percent_complete=10)
    first = StepValues("Built", 3, Decimal("50.00"), date(2026, 2, 20))
    late = StepValues("Tested", 1, Decimal("75.00"), date(2026, 2, 21))
    earns(committee, [first, late, STEPS[2]])
    assert value(committee) == (25_600_00, 19_200_00)  # the step of the 21st counts at the next status date


def test_without_steps_it_earns_by_percent_and_the_page_says_so(committee: Committee) -> None:
    with committee.looking():
        Activity.objects.filter(pk=activity(committee).pk).update(technique="weighted_milestones")
        Program.objects.filter(pk=committee.program.pk).update(plan_version=99)
    assert value(committee)[1] == 25_600_00  # 80 %
    assert "No steps are written yet" in page(committee).content.decode()


def test_once_work_has_started_only_days_are_written(committee: Committee) -> None:
    earns(committee, STEPS)
    with committee.looking():
        Activity.objects.filter(pk=activity(committee).pk).update(percent_complete=10)
    with pytest.raises(Refused, match="Work has started"):
        earns(committee, STEPS[:2])
    with pytest.raises(Refused, match="Work has started"):
        earns(committee, [], technique="zero_hundred")
    done = [StepValues("Built", 3, Decimal("50.00"), date(2026, 2, 19)), *STEPS[1:]]
    earns(committee, done, committee.erp_manager)
    with committee.looking():
        assert EarningStep.objects.get(activity=activity(committee), n=1).done_on == date(2026, 2, 19)


def test_the_database_holds_the_same_rules_against_anybodys_code(committee: Committee) -> None:
    earns(committee, STEPS)
    one = activity(committee)
    with committee.looking():
        with pytest.raises(DatabaseError, match="Only weighted milestones"), transaction.atomic():
            Activity.objects.filter(pk=one.pk).update(technique="percent_complete")
            transaction.get_connection().check_constraints()
        Activity.objects.filter(pk=one.pk).update(percent_complete=10)
        for spoil in (
            lambda: EarningStep.objects.filter(activity=one).update(weight=9),
            lambda: EarningStep.objects.filter(activity=one).delete(),
            lambda: Activity.objects.filter(pk=one.pk).update(technique="zero_hundred"),
        ):
            with pytest.raises(DatabaseError, match="Work has started"), transaction.atomic():
                spoil()


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ([], "at least one step"),
        ([StepValues("", 1, Decimal(5))], "needs a name"),
        ([StepValues("A", 0, Decimal(5))], "a weight is a whole number"),
        ([StepValues("A", 1, Decimal(101))], "between 0 and 100"),
        ([StepValues("A", 1, Decimal(50)), StepValues("B", 1, Decimal(40))], "in the order"),
        ([StepValues("A", 1, Decimal(50), date(2026, 4, 1))], "after the status date"),
        ([StepValues("A", 1, Decimal(5))] * 21, "at most 20"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_kept(
    committee: Committee, steps: list[StepValues], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        earns(committee, steps)
    assert activity(committee).technique == "percent_complete"


def test_steps_are_for_weighted_milestones_only(committee: Committee) -> None:
    with pytest.raises(Refused, match="Only weighted milestones have steps"):
        earns(committee, STEPS, technique="fifty_fifty")


def test_who_changed_it_first_wins_and_the_other_is_told(committee: Committee) -> None:
    seen = earning.seal("percent_complete", [])
    earns(committee, STEPS, seen=seen)
    with pytest.raises(Conflict):
        earns(committee, STEPS[:1], seen=seen)


def test_neither_the_sponsor_nor_another_projects_manager_writes_steps(committee: Committee) -> None:
    for who in (committee.sponsor, committee.iam_manager, committee.auditor):
        with pytest.raises(NotAllowed):
            earns(committee, STEPS, who)


def test_earned_value_is_asked_for_in_the_same_transaction(committee: Committee) -> None:
    with committee.looking():
        before = Outbox.objects.filter(topic="earned_value.refresh").count()
    earns(committee, STEPS)
    with committee.looking():
        assert Outbox.objects.filter(topic="earned_value.refresh").count() == before + 1


# ------------------------------------------------------------------ page and API
def browser(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def page(committee: Committee, data: Any = None, who: User | None = None) -> Any:
    address = f"/p/ATLAS/earned-value/-/activities/{activity(committee).pk}/"
    client = browser(who or committee.program_manager)
    return client.get(address) if data is None else client.post(address, data)


def filled(steps: list[tuple[str, str, str, str]], **more: str) -> dict[str, str]:
    data = {"technique": "weighted_milestones", "rows": str(len(steps) + 3), **more}
    for n, row in enumerate(steps):
        data |= dict(
            zip((f"s{n}-{x}" for x in ("name", "weight", "due_percent", "done_on")), row, strict=True)
        )
    return data


def test_the_form_writes_steps_and_keeps_what_was_typed_when_it_is_refused(committee: Committee) -> None:
    assert page(committee).status_code == 200
    wrong = page(committee, filled([("Built", "3", "50", ""), ("Tested", "", "75", "")]))
    assert wrong.status_code == 422
    assert (
        "Needed here, or clear the whole row." in wrong.content.decode() and "Built" in wrong.content.decode()
    )
    done = page(committee, filled([("Built", "3", "50", ""), ("Tested", "1", "75", "")]))
    assert done.status_code == 302
    with committee.looking():
        assert EarningStep.objects.filter(activity=activity(committee)).count() == 2
    stale = page(committee, filled([("Mine", "1", "10", "")], seen="0" * 16))
    assert stale.status_code == 409 and "as it is now" in stale.content.decode()
    shown = (
        browser(committee.auditor)
        .get(f"/p/ATLAS/earned-value/-/activities/{activity(committee).pk}/")
        .content.decode()
    )
    assert "Tested" in shown and "Technique and steps" not in shown
    register = (
        browser(committee.auditor).get("/p/ATLAS/earned-value/-/activities/?format=csv").content.decode()
    )
    assert "0 of 2 done" in register


def test_the_api_reads_and_replaces(committee: Committee) -> None:
    client = browser(committee.erp_manager)
    address = f"/api/v1/programs/ATLAS/activities/{activity(committee).pk}/earning/"
    now = client.get(address).json()
    assert (now["technique"], now["started"], now["steps"]) == ("percent_complete", False, [])
    body = {
        "technique": "weighted_milestones",
        "seen": now["seen"],
        "steps": [{"name": "Built", "weight": 3, "due_percent": "50"}],
    }
    put = client.put(address, json.dumps(body), "application/json")
    assert put.status_code == 200 and put.json()["steps"][0]["due_percent"] == "50"
    assert client.put(address, json.dumps(body), "application/json").status_code == 409
    listed = client.get("/api/v1/programs/ATLAS/earning-steps/?project=ERP-FIN").json()["results"]
    assert [row["name"] for row in listed] == ["Built"]


def test_a_row_with_steps_is_not_taken_out_of_the_plan_with_them(committee: Committee) -> None:
    """In the plan's table and on the activity's page: how it earns would be gone, and undo would not bring it back."""
    one = committee.does(
        committee.program_manager, plan.add_activity, program=committee.program, project_id=committee.erp.pk,
        values={"code": "NEW", "name": "New work", "duration_minutes": 4800},
    ).activity  # fmt: skip
    assert one is not None
    committee.does(
        committee.program_manager, earning.set_earning, activity_id=one.pk, technique="weighted_milestones",
        steps=STEPS, seen=None,
    )  # fmt: skip
    client = browser(committee.program_manager)
    op = {"do": "remove", "activity": one.pk}
    answer = client.post("/p/ATLAS/plan/edit/", {"ops": json.dumps([op])})
    assert answer.status_code == 422 and "Other records depend on this" in answer.content.decode()
    told = client.post(f"/p/ATLAS/plan/{one.pk}/remove/", follow=True).content.decode()
    assert "Other records depend on this" in told
    with committee.looking():
        assert EarningStep.objects.filter(activity=one).count() == len(STEPS)
