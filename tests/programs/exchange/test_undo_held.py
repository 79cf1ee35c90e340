"""An undo is asked as every edit: what moves a committed milestone later waits until somebody agrees."""

from __future__ import annotations

import pytest
from django.test import Client

from programs.exchange.export.files import FORMATS
from programs.exchange.models import PlanImport
from programs.master_plan.services import MovesCommitted
from programs.portfolio.models import Program
from programs.schedule.models import ComputedDates
from tests.cast import Office, everything, make_office
from tests.programs.exchange.test_missing import accepted, milestone_at, staged
from tests.programs.exchange.test_undo import undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def sooner(office: Office) -> PlanImport:
    """A second file that lets the committed milestone come sooner, accepted: undoing it moves it later."""
    accepted(office, staged(office, milestone_at(80)))
    return accepted(office, staged(office, milestone_at(8)))


def finish(office: Office) -> str:
    with everything(office.program):
        return str(ComputedDates.objects.get(activity__code="N3", superseded_by=None).early_finish)


def version(office: Office) -> int:
    with everything(office.program):
        return Program.objects.get(pk=office.program.pk).plan_version


def test_an_undo_that_moves_a_committed_milestone_is_held_until_it_is_agreed(office: Office) -> None:
    found = sooner(office)
    before, plan_version = finish(office), version(office)
    with pytest.raises(MovesCommitted) as refusal:
        undone(office, found)
    assert "N3 Network up" in refusal.value.message
    assert (finish(office), version(office)) == (before, plan_version)
    with everything(office.program):
        assert PlanImport.objects.get(pk=found.pk).state == "accepted"
    with pytest.raises(MovesCommitted):
        undone(office, found, agreed="another seal")
    undone(office, found, agreed=refusal.value.seal)
    assert finish(office) > before


def test_the_page_shows_what_would_move_and_asks_with_a_button_of_these_very_changes(office: Office) -> None:
    found = sooner(office)
    client = Client()
    client.force_login(office.program_manager)
    url = f"/p/ATLAS/import/{found.pk}/undo/"
    order = {"reason": "The wrong file.", "plan_version": version(office)}
    held = client.post(url, order)
    page = held.content.decode()
    assert held.status_code == 422
    assert "Undo all the same" in page
    assert "What would move" in page
    assert "The wrong file." in page
    seal = page.split('name="agreed" value="')[1].split('"')[0]
    assert client.post(url, order | {"agreed": seal}).status_code == 302
    with everything(office.program):
        assert PlanImport.objects.get(pk=found.pk).state == "undone"


def test_the_api_answers_409_with_the_milestones_and_agreed_goes_on(office: Office) -> None:
    found = sooner(office)
    client = Client()
    client.force_login(office.program_manager)
    url = f"/api/v1/programs/ATLAS/imports/{found.pk}/undo/"
    order = {"reason": "The wrong file.", "plan_version": version(office)}
    answer = client.post(url, order, content_type="application/json")
    assert answer.status_code == 409
    assert "N3 Network up" in answer.content.decode()
    answer = client.post(url, order | {"agreed": True}, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["state"] == "undone"


def test_the_plan_offers_its_whole_as_files_to_who_sees_its_money(office: Office) -> None:
    client = Client()
    client.force_login(office.program_manager)
    page = client.get("/p/ATLAS/plan/").content.decode()
    assert page.count("Whole plan, as ") == len(FORMATS)
