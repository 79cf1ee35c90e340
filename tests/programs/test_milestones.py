"""Milestones over time: every forecast that moved one is on the page, in the file and in the API."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from pmo import commands
from programs.schedule import services
from programs.schedule.models import Activity, Computation, Dependency
from tests.cast import Office, everything, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    """Work of five days before a milestone; the work becomes eight days, then six."""
    office = make_office()
    with everything(office.program):
        work = Activity.objects.create(
            program=office.program,
            project=office.erp,
            code="A1",
            name="Work",
            duration_minutes=2400,
            position=1,
        )
        done = Activity.objects.create(
            program=office.program, project=office.erp, code="M1", name="<Done>", kind="finish_milestone", position=2
        )  # fmt: skip
        Dependency.objects.create(program=office.program, predecessor=work, successor=done)
    commands.run(services.recompute, actor=office.program_manager, program=office.program)
    for minutes in (3840, 2880):
        commands.run(
            services.edit_activity, actor=office.program_manager, activity_id=work.pk,
            changes={"duration_minutes": minutes}, version=None,
        )  # fmt: skip
    return office


def client_of(office: Office, role: str = "sponsor") -> Client:
    client = Client()
    client.force_login(office.people[role])
    return client


def test_a_milestone_shows_how_often_its_date_moved_and_by_how_much(office: Office) -> None:
    page = client_of(office).get("/p/ATLAS/plan/milestones/").content.decode()
    assert "M1 &lt;Done&gt;" in page and "2×" in page and "Milestone trend" in page
    assert re.search(
        r"<text[^>]*>[0-9]+ \w+ 20[0-9]{2} [0-9]{2}:[0-9]{2}<", page
    )  # one day: the axis says the time
    assert '<span class="key s1"></span>M1 &lt;Done&gt; <b>' in page
    assert "against time" not in page  # there is no trend of seconds
    assert "Work</a>" not in page
    assert (
        "No milestones yet" in client_of(office).get("/p/ATLAS/plan/milestones/?project=IAM").content.decode()
    )


def test_forecasts_run_towards_the_line_at_which_a_milestone_is_reached(office: Office) -> None:
    with everything(office.program):
        for day, one in zip(
            (1, 3, 5), Computation.objects.filter(program=office.program).order_by("pk"), strict=True
        ):
            Computation.objects.filter(pk=one.pk).update(computed_at=datetime(2026, 1, day, 9, tzinfo=UTC))
    client = client_of(office)
    then = client.get("/p/ATLAS/plan/milestones/?at=2026-01-06&known=2026-01-06T09:00:00Z").content.decode()
    assert "Milestone trend against time" in then
    assert "M1 12 Jan" in then  # six working days from Monday the fifth
    assert "against time" not in client.get("/p/ATLAS/plan/milestones/").content.decode()  # reached long ago


def test_the_file_and_the_api_hold_the_same_forecasts(office: Office) -> None:
    client = client_of(office)
    text = client.get("/p/ATLAS/plan/milestones/?format=csv").content.decode()
    assert ",2," in text.splitlines()[1] and "M1" in text
    found = client.get("/api/v1/programs/ATLAS/activities/milestones/").json()
    assert [one["activity"] for one in found] == ["M1"]
    finishes = [point["finish"] for point in found[0]["forecasts"]]
    assert len(finishes) == 3 and finishes[1] > finishes[2] > finishes[0]
    assert found[0]["moves"] == 2


def test_who_is_not_in_the_program_sees_no_milestones(office: Office) -> None:
    assert client_of(office, "administrator").get("/p/ATLAS/plan/milestones/").status_code == 403
