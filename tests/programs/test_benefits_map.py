"""What contributes to a benefit is said, drawn, and not taken away before somebody reads what is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from pmo.refusals import Conflict, NotAllowed, Refused
from programs.benefits import selectors, services
from programs.benefits.models import Contribution
from programs.deliverables.models import Deliverable
from programs.lives import services as lives
from programs.portfolio.models import Objective, Project
from tests.governance.committee import Committee, make_committee
from tests.world import rolled_back


class Office:
    """The committee with a benefit, and a deliverable of the ERP project."""

    def __init__(self) -> None:
        self.committee: Committee = make_committee()
        with self.looking():
            self.benefit = Objective.objects.create(
                program=self.program, code="B-1", name="Invoices <untouched>", measure="Share", unit="%",
                baseline_value=Decimal(10), target_value=Decimal(80), baseline_on=date(2026, 1, 1),
                target_on=date(2027, 1, 1),
            )  # fmt: skip
            self.thing = Deliverable.objects.create(
                program=self.program, project=self.erp, code="DEL-1", name="Matching", due_on=date(2026, 9, 1)
            )

    def __getattr__(self, name: str) -> Any:
        return getattr(self.committee, name)

    def links(self, who: Any = None, **more: Any) -> Contribution:
        with self.looking():
            version = Objective.objects.get(pk=self.benefit.pk).version
        given = {"version": version, "how": "It matches by itself.", **more}
        return self.does(who or self.program_manager, services.link, objective=self.benefit, **given)

    def losing(self, **more: Any) -> list[str]:
        with self.looking():
            return [one.code for one in selectors.losing(self.program.pk, **more)]


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Office]:
    with django_db_blocker.unblock(), rolled_back():
        yield Office()


@pytest.fixture
def office(built: Office) -> Iterator[Office]:
    with rolled_back():
        yield built


def test_the_last_contributor_is_the_one_that_is_named(office: Office) -> None:
    first = office.links(deliverable=office.thing)
    assert office.losing(deliverables=[office.thing.pk]) == ["B-1"] == office.losing(project=office.erp.pk)
    second = office.links(project=office.iam)
    assert office.losing(links=[first.pk]) == [] == office.losing(project=office.erp.pk)
    assert office.losing(links=[first.pk, second.pk]) == ["B-1"]
    with office.looking():
        iam = Project.objects.get(pk=office.iam.pk)
    office.does(
        office.program_manager,
        lives.move,
        project=iam,
        version=iam.version,
        deed="cancel",
        reason="No money.",
    )
    assert office.losing(links=[first.pk]) == ["B-1"]  # what is cancelled contributes nothing


def test_what_was_not_read_is_not_taken_away(office: Office) -> None:
    made = office.links(deliverable=office.thing)
    with pytest.raises(Conflict, match="B-1"):
        office.does(office.program_manager, services.unlink, contribution=made, lost="")
    office.does(office.program_manager, services.unlink, contribution=made, lost=str(office.benefit.pk))
    with pytest.raises(Conflict):
        office.does(office.program_manager, services.unlink, contribution=made, lost="")


def test_one_thing_contributes_once_with_words_by_who_keeps_the_program(office: Office) -> None:
    for more in (
        {},
        {"project": office.erp, "deliverable": office.thing},
        {"project": office.erp, "how": " "},
    ):
        with pytest.raises(Refused):
            office.links(**more)
    with pytest.raises(NotAllowed):
        office.links(office.erp_manager, project=office.erp)
    office.links(project=office.erp)
    with pytest.raises(Refused, match="already"):
        office.links(project=office.erp)
    with pytest.raises(Conflict):
        office.links(project=office.iam, version=99)


def test_the_map_is_drawn_and_says_before_what_is_lost(office: Office) -> None:
    client = Client()
    client.force_login(office.program_manager)
    base = "/p/ATLAS/benefits/map/"
    assert "Nothing contributes to B-1 Invoices &lt;untouched&gt;" in client.get(base).content.decode()
    form = {"contributor": f"deliverable:{office.thing.pk}", "how": "It matches.", "version": 1}
    url = f"/p/ATLAS/benefits/map/{office.benefit.pk}/link/"
    assert client.post(url, {**form, "contributor": "deliverable:0"}).status_code == 422
    assert client.post(url, form).status_code == 302
    assert client.post(url, {**form, "contributor": f"project:{office.iam.pk}"}).status_code == 409
    page = client.get(base).content.decode()
    assert "<svg" in page and "DEL-1 Matching" in page and "10 to 80 %" in page and "<untouched>" not in page
    listed = client.get("/api/v1/programs/ATLAS/contributions/").json()["results"]
    end = f"{base}{listed[0]['id']}/end/"
    assert "loses its last contributor" in client.get(end).content.decode()
    assert client.post(end, {"lost": ""}).status_code == 409
    assert client.post(end, {"lost": str(office.benefit.pk)}).status_code == 302
    body = {"objective": office.benefit.pk, "project": office.erp.pk, "how": "Whole.", "version": 3}
    made = client.post("/api/v1/programs/ATLAS/contributions/", body, content_type="application/json")
    assert (made.status_code, made.json()["project"]) == (201, "ERP-FIN")
    state = client.get("/p/ATLAS/projects/ERP-FIN/state/").content.decode()
    assert (
        "B-1 Invoices &lt;untouched&gt;" in state
        and "loses its last contributor" in state
        and "If it is cancelled" in state
    )


def test_a_cancellation_takes_the_last_contributor_only_from_what_was_shown(office: Office) -> None:
    first, _ = office.links(deliverable=office.thing), office.links(project=office.iam)
    with office.looking():
        version, shown = Project.objects.get(pk=office.erp.pk).version, Objective.objects.get().version
    cancel = {"project": office.erp, "version": version, "deed": "cancel", "reason": "No money."}
    with office.looking():
        other = Contribution.objects.exclude(pk=first.pk).get()
    office.does(office.program_manager, services.unlink, contribution=other, lost="")
    with office.looking():
        assert Objective.objects.get().version == shown + 1
    with pytest.raises(Conflict, match="B-1"):  # somebody else took the other one away meanwhile
        office.does(office.program_manager, lives.move, **cancel)
    client = Client()
    client.force_login(office.program_manager)
    url = "/p/ATLAS/projects/ERP-FIN/state/"
    form = {"deed": "cancel", "reason": "No money.", "decision": "", "version": version, "lost": ""}
    asked = client.post(url, form)
    assert (
        asked.status_code == 422 and "B-1 Invoices &lt;untouched&gt; loses its last" in asked.content.decode()
    )
    form |= {"read": "on"}
    answer = client.post(url, form)
    again = f'name="lost" value="{office.benefit.pk}"'
    assert answer.status_code == 409 and again in answer.content.decode()
    assert again in client.get(url).content.decode()
    assert client.post(url, {**form, "lost": str(office.benefit.pk)}).status_code == 302
