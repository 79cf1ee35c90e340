"""A project is authorised, paused, resumed and closed with a reason, by somebody else than its manager."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from finance.capex import services as capex
from finance.procurement import services as procurement
from finance.procurement import vendors
from finance.procurement.services import Wanted
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.lives import services as lives
from programs.lives.models import ProjectMove
from programs.portfolio.models import Project
from programs.resources.models import Assignment, Resource
from programs.schedule import services as plan
from programs.schedule.models import Activity, Dependency
from tests.governance.committee import Committee, make_committee, sentence
from tests.world import rolled_back


class Office:
    """The committee, whose ERP project is active."""

    def __init__(self) -> None:
        self.committee: Committee = make_committee()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.committee, name)

    def now(self) -> Project:
        with self.looking():
            return Project.objects.select_related("program").get(pk=self.erp.pk)

    def moves(self, deed: str, who: Any = None, **more: Any) -> Project:
        live = self.now()
        given = {"version": live.version, "reason": "The vendor went out of business.", **more}
        return self.does(who or self.program_manager, lives.move, project=live, deed=deed, **given)

    def plans(self, code: str) -> Activity:
        return self.does(
            self.program_manager, plan.add_activity, program=self.program, project_id=self.erp.pk,
            values={"code": code, "name": "Build", "kind": "task", "duration_minutes": 480},
        ).activity  # fmt: skip


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Office]:
    with django_db_blocker.unblock(), rolled_back():
        yield Office()


@pytest.fixture
def office(built: Office) -> Iterator[Office]:
    with rolled_back():
        yield built


def test_a_paused_project_takes_no_promise_and_a_resumed_one_does(office: Office) -> None:
    drafted = office.request(10_000_00, submitted=False)
    paused = office.moves("pause")
    assert (paused.state, paused.version) == ("on_hold", office.now().version)
    said = sentence(lambda: office.does(office.erp_manager, capex.submit, capital_request=drafted))
    assert "ERP-FIN is paused" in said
    office.moves("resume", reason="Another vendor took over.")
    assert office.does(office.erp_manager, capex.submit, capital_request=drafted).state == "submitted"
    with office.looking():
        told = [(one.was, one.became, one.reason) for one in lives.moves(office.erp)]
    assert told == [
        ("on_hold", "active", "Another vendor took over."),
        ("active", "on_hold", "The vendor went out of business."),
    ]


def test_what_is_approved_is_not_ordered_while_the_project_is_paused(office: Office) -> None:
    decision = office.opened(office.request(20_000_00))
    for who in (office.sponsor,):
        office.votes(decision, who)
    with office.looking():
        decision.refresh_from_db()
    if decision.state != "decided":
        office.closes(decision, by=office.chair)
    vendor = office.does(
        office.controller, vendors.add, program=office.program, values={"name": "Acme Arrays"}
    )

    def orders() -> Any:
        return office.does(
            office.erp_manager, procurement.order, capital_request=decision.capital_request, vendor=vendor,
            title="Arrays", lines=[Wanted("Array", Decimal(1), 100_00)],
        )  # fmt: skip

    office.moves("pause")
    assert "ERP-FIN is paused: it takes no new request" in sentence(orders)
    office.moves("resume")
    assert orders().pk


def test_a_closed_projects_plan_stays_as_it_is_and_only_a_decision_reopens_it(office: Office) -> None:
    task = office.plans("B1")
    closed = office.moves("complete", reason="Everything is accepted.")
    assert closed.state == "complete"
    assert "ERP-FIN is closed" in sentence(lambda: office.plans("B2"))
    with pytest.raises(Refused, match="closed"):

        def renamed(*, by: Any, at: Any) -> None:
            Activity.objects.filter(pk=task.pk).update(name="Rebuild")

        office.does(office.program_manager, renamed)
    assert "by a decision" in sentence(lambda: office.moves("reopen"))
    assert "No decision D-99" in sentence(lambda: office.moves("reopen", decision="D-99"))


def test_a_closed_projects_links_and_people_stay_and_nothing_is_moved_out_of_it(office: Office) -> None:
    first, last = office.plans("B1"), office.plans("B2")
    link = {"kind": "FS", "lag": 0, "lag_unit": "working"}
    tied = office.does(
        office.program_manager, plan.add_dependency, program=office.program, predecessor_id=first.pk,
        successor_id=last.pk, **link,
    ).dependency  # fmt: skip
    elsewhere = office.does(
        office.program_manager, plan.add_activity, program=office.program, project_id=office.iam.pk,
        values={"code": "C1", "name": "Connect", "kind": "task", "duration_minutes": 480},
    ).activity  # fmt: skip
    with office.looking():
        who = Resource.objects.create(program=office.program, code="DEV", name="Developer")
        put = Assignment.objects.create(program=office.program, activity=first, resource=who)
    office.moves("complete", reason="Everything is accepted.")

    def typed(do: Any) -> Any:
        def command(*, by: Any, at: Any) -> None:
            do()

        return lambda: office.does(office.program_manager, command)

    def commanded(service: Any, **more: Any) -> Any:
        return lambda: office.does(office.program_manager, service, **more)

    into = {"program": office.program, "successor_id": last.pk, **link}
    for refused in (
        commanded(plan.add_dependency, predecessor_id=elsewhere.pk, **into),
        commanded(plan.edit_dependency, dependency_id=tied.pk, changes={"lag": 480}, version=None),
        commanded(plan.remove_dependency, dependency_id=tied.pk),
        typed(lambda: Dependency.objects.create(predecessor=elsewhere, **into)),
        typed(lambda: Dependency.objects.filter(pk=tied.pk).update(lag=480)),
        typed(lambda: Dependency.objects.filter(pk=tied.pk).update(successor=elsewhere)),
        typed(lambda: Dependency.objects.filter(pk=tied.pk).delete()),
        typed(lambda: Assignment.objects.create(program=office.program, activity=last, resource=who)),
        typed(lambda: Assignment.objects.filter(pk=put.pk).update(units=2)),
        typed(lambda: Assignment.objects.filter(pk=put.pk).update(activity=elsewhere)),
        typed(lambda: Assignment.objects.filter(pk=put.pk).delete()),
        typed(lambda: Activity.objects.filter(pk=first.pk).update(project=office.iam)),
    ):
        assert sentence(refused) == "ERP-FIN is closed: its plan stays as it is."
    office.does(  # the dates of what waits for it are another plan's
        office.program_manager, plan.add_dependency, program=office.program, predecessor_id=last.pk,
        successor_id=elsewhere.pk, **link,
    )  # fmt: skip
    office.does(office.program_manager, plan.recompute, program=office.program)


@pytest.mark.parametrize("who", ["erp_manager", "staff", "controller", "sponsor", "auditor"])
def test_only_who_keeps_the_program_decides_on_a_projects_life(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        office.moves("pause", getattr(office, who))


def test_nobody_decides_on_the_life_of_the_project_they_manage(office: Office) -> None:
    with office.looking():
        Project.objects.filter(pk=office.erp.pk).update(manager=office.program_manager)
    with pytest.raises(NotAllowed, match="manager of a project"):
        office.moves("pause")


def test_steps_follow_each_other_and_say_why(office: Office) -> None:
    for deed, more, field in (
        ("authorise", {}, "deed"),
        ("resume", {}, "deed"),
        ("abolish", {}, "deed"),
        ("pause", {"reason": " "}, "reason"),
        ("pause", {"reason": "x" * 1001}, "reason"),
        ("pause", {"decision": "D-99"}, "decision"),
    ):
        with pytest.raises(Refused) as refused:
            office.moves(deed, **more)
        assert refused.value.field == field
    with pytest.raises(Conflict):
        office.moves("pause", version=99)


def test_the_database_changes_a_state_by_a_step_alone(office: Office) -> None:
    def typed(*, by: Any, at: Any) -> None:
        Project.objects.filter(pk=office.erp.pk).update(state="cancelled")

    def forged(*, by: Any, at: Any) -> None:
        ProjectMove(
            program=office.program, project=office.erp, was="active", became="cancelled", reason="Enough.",
            by=office.program_manager, at=at,
        ).save(force_insert=True)  # fmt: skip

    with pytest.raises(Refused, match="by a step of its life"):
        office.does(office.program_manager, typed)
    with pytest.raises(Refused, match="the person who answers"):
        office.does(office.erp_manager, forged)
    office.does(office.program_manager, forged)
    with pytest.raises(Refused, match=r"does not follow|changed this project"):
        office.does(office.program_manager, forged)
    with pytest.raises((Refused, DatabaseError)):

        def rewritten(*, by: Any, at: Any) -> None:
            ProjectMove.objects.update(reason="Nothing happened.")

        office.does(office.program_manager, rewritten)


def test_the_page_shows_the_life_and_takes_the_next_step(office: Office) -> None:
    client = Client()
    client.force_login(office.program_manager)
    form = {"deed": "pause", "reason": "<i>Funds</i>", "decision": "", "version": office.now().version}
    url = "/p/ATLAS/projects/ERP-FIN/state/"
    assert "Next step" in client.get(url).content.decode()
    assert client.post(url, {**form, "version": "x"}).status_code == 422
    page = client.post(url, form, follow=True).content.decode()
    assert "ERP-FIN is paused" in page and "&lt;i&gt;Funds&lt;/i&gt;" in page
    assert client.post(url, {**form, "deed": "cancel"}).status_code == 409
    listed = client.get("/p/ATLAS/projects/?state=on_hold&format=csv").content.decode()
    assert "ERP-FIN" in listed and "Single identity" not in listed
    rows = client.get("/api/v1/programs/ATLAS/project-moves/").json()["results"]
    assert [(one["became"], one["person"]) for one in rows] == [("on_hold", "Mona Ortiz")]
    body = {"project": office.erp.pk, "deed": "resume", "reason": "Funded.", "version": office.now().version}
    made = client.post("/api/v1/programs/ATLAS/project-moves/", body, content_type="application/json")
    assert (made.status_code, made.json()["became"]) == (201, "active")
    other = Client()
    other.force_login(office.erp_manager)
    assert other.post(url, form).status_code == 403
