"""Three ratings stand side by side: computed, the manager's, independent assurance's; none hides another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from governance.health import agenda, rules, services, stated
from governance.health.models import StatedRating
from governance.meetings import services as meetings
from governance.meetings.models import AgendaItem
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.cast import person
from tests.governance.committee import Committee, make_committee
from tests.world import rolled_back


class Office:
    """The committee, and Ines of independent assurance."""

    def __init__(self) -> None:
        self.committee: Committee = make_committee()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.committee, name)

    def says(self, who: User, colour: str = "red", **more: Any) -> StatedRating:
        about = {
            "project": self.erp,
            "voice": "manager",
            "dimension": "schedule",
            "seen": self.seen(),
            **more,
        }
        about.setdefault("reason", "The vendor is late.")
        about.setdefault("valid_until", today() + timedelta(days=30))
        return self.does(who, services.state, program=self.program, colour=colour, **about)

    def seen(self) -> int:
        with self.looking():
            return stated.seen(StatedRating.objects.filter(program=self.program, project=self.erp))

    def known(self, days: int = 0) -> Any:
        with self.looking():
            return stated.known(self.program, at=timezone.now(), day=today() + timedelta(days=days))


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Office]:
    with django_db_blocker.unblock(), rolled_back():
        yield Office()


@pytest.fixture
def office(built: Office) -> Iterator[Office]:
    with rolled_back():
        yield built


def today() -> date:
    return timezone.now().date()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_each_voice_keeps_its_last_word_with_its_age_and_its_end(office: Office) -> None:
    office.says(office.erp_manager, "amber")
    office.says(office.erp_manager, "green", reason="It caught up.")
    office.says(office.assurance, "red", voice="assurance")
    known = office.known(30)
    mine = known[(office.erp.pk, "schedule", "manager")]
    assert (mine.colour, mine.reason, mine.age, mine.expired) == ("green", "It caught up.", 30, False)
    assert office.known(31)[(office.erp.pk, "schedule", "manager")].counts == ""
    assert known[(office.erp.pk, "schedule", "assurance")].person == office.assurance.name


def test_two_steps_apart_is_said_with_both_colours_and_ends_with_the_rating() -> None:
    computed = rules.Rating("cost", "red", "", "")
    green = stated.Word(1, "manager", "green", "", "Lena", 3, today(), False)
    gone = stated.Word(1, "manager", "green", "", "Lena", 3, today(), True)
    amber = stated.Word(2, "assurance", "amber", "", "Ines", 0, today(), False)
    assert stated.Side("cost", computed, green, None).apart == "computed red, the manager's green"
    assert stated.Side("cost", computed, gone, amber).apart == ""
    unrated = rules.Rating("cost", "", "", "")
    assert stated.Side("cost", unrated, green, amber).apart == ""
    assert stated.Side("cost", unrated, green, None).words == "Manager's: green (3\xa0days old)"
    assert stated.worst([computed, rules.Rating("risk", "amber", "", "")]).colour == "red"
    assert stated.worst([unrated]).colour == ""
    assert stated.worst([computed, unrated, unrated]).sentence == "Red: cost; 1 of 3 rated"


@pytest.mark.parametrize(
    ("who", "more"),
    [
        ("iam_manager", {}),  # of another project
        ("erp_manager", {"project": None}),  # of a project only
        ("erp_manager", {"voice": "assurance"}),
        ("assurance", {}),
        ("staff", {}),
        ("staff", {"voice": "assurance"}),
        ("auditor", {"voice": "assurance"}),
        ("sponsor", {"voice": "manager"}),
    ],
)
def test_nobody_speaks_in_a_voice_that_is_not_theirs(office: Office, who: str, more: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        office.says(getattr(office, who), **more)


def test_who_manages_a_project_is_not_its_assurance_whatever_roles_they_hold(office: Office) -> None:
    with office.looking():
        Membership.objects.create(
            program=office.program, user=office.iam_manager, role=Role.ASSURANCE, valid_from="2020-01-01"
        )
    assert office.says(office.iam_manager, voice="assurance").pk  # of the other project
    for project in (office.iam, None):
        with pytest.raises(Refused, match="not its independent assurance"):
            office.says(office.iam_manager, voice="assurance", project=project, seen=0)
    with office.looking():
        office.erp.manager = office.assurance
        office.erp.save()
    with pytest.raises(Refused, match="not its independent assurance"):
        office.says(office.assurance, voice="assurance")


def test_the_database_refuses_another_persons_word_another_time_and_any_change(office: Office) -> None:
    made = office.says(office.assurance, voice="assurance")

    def forged(**changes: Any) -> None:
        def write(*, by: Any, at: Any) -> None:
            values = {
                "program": office.program, "project": office.erp, "dimension": "cost", "voice": "assurance",
                "colour": "green", "reason": "All is well.", "valid_until": today(), "person": office.assurance,
                "at": at, **changes,
            }  # fmt: skip
            StatedRating(**values).save(force_insert=True)

        office.does(office.erp_manager, write)

    for changes, words in (
        ({}, "whose word it is"),
        ({"person": office.erp_manager}, "a role of its own"),
        ({"person": office.erp_manager, "voice": "manager", "project": office.iam}, "by its manager"),
        (
            {"person": office.erp_manager, "voice": "manager", "at": timezone.now() - timedelta(days=2)},
            "for no other time",
        ),
        (
            {"person": office.erp_manager, "voice": "manager", "valid_until": today() + timedelta(days=185)},
            "within 183",
        ),
    ):
        with pytest.raises(Refused, match=words):
            forged(**changes)
    change = f"update governance_statedrating set colour = 'green' where id = {made.pk}"  # noqa: S608 - our own number
    with (
        office.looking(),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"colour": "blue"}, "colour"),
        ({"dimension": "mood"}, "dimension"),
        ({"valid_until": date(2020, 1, 1)}, "valid_until"),
        ({"valid_until": date(9999, 12, 31)}, "valid_until"),
    ],
)
def test_a_rating_without_reason_end_or_colour_is_refused_at_its_field(
    office: Office, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        office.says(office.erp_manager, **more)
    assert refused.value.field == field


def test_who_did_not_see_the_last_word_is_told(office: Office) -> None:
    office.says(office.assurance, voice="assurance")
    with pytest.raises(Conflict):
        office.says(office.erp_manager, seen=0)


def test_a_manager_says_it_on_the_page_and_the_dashboard_shows_both(office: Office) -> None:
    client = signed_in(office.program_manager)
    form = {
        "voice": "manager", "dimension": "schedule", "colour": "red", "reason": "<b>=1+1</b> never",
        "valid_until": (today() + timedelta(days=9)).isoformat(), "seen": "0",
    }  # fmt: skip
    empty = client.get("/p/ATLAS/ratings/add/").content.decode()
    assert empty.count('<option value="" selected>Choose') == 2  # no rating is suggested
    assert client.post("/p/ATLAS/ratings/add/", {**form, "colour": ""}).status_code == 422
    answer = client.post("/p/ATLAS/ratings/add/", form, follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "&lt;b&gt;=1+1&lt;/b&gt; never" in page and "<b>=1+1" not in page
    assert "Manager&#x27;s: red (today)" in client.get("/p/ATLAS/").content.decode()
    assert client.post("/p/ATLAS/ratings/add/", {**form, "colour": "green"}).status_code == 409
    assert client.post("/p/ATLAS/ratings/add/", {**form, "seen": "x"}).status_code == 422
    told = client.get("/api/v1/programs/ATLAS/health/").json()["ratings"][0]
    assert (told["dimension"], told["manager"]["colour"], told["assurance"]) == ("schedule", "red", None)


def test_ratings_apart_are_a_point_of_the_steering_committee(office: Office) -> None:
    office.says(office.erp_manager, "green")
    office.says(office.assurance, "red", voice="assurance")
    starts = timezone.now() + timedelta(days=3)

    def call(body: Any) -> list[str]:
        meeting = office.does(
            office.chair, meetings.call_meeting, program=office.program, body=body, starts_at=starts, minutes=60,
        )  # fmt: skip
        with office.looking():
            rows = AgendaItem.objects.filter(meeting=meeting, title__startswith=agenda.TITLE)
            return list(rows.values_list("title", flat=True))

    words = "ERP-FIN schedule: the manager's green, independent assurance's red"
    assert call(office.steering) == [f"{agenda.TITLE}: {words}"]
    assert call(office.sponsoring) == []


def test_the_api_takes_a_word_and_says_when_it_is_not_ones_own(office: Office) -> None:
    body = {
        "project": office.erp.pk, "voice": "assurance", "dimension": "overall", "colour": "amber",
        "reason": "Two gates ahead.", "valid_until": today().isoformat(), "seen": 0,
    }  # fmt: skip
    url = "/api/v1/programs/ATLAS/stated-ratings/"
    send = {"content_type": "application/json"}
    made = signed_in(office.assurance).post(url, body, **send)
    assert made.status_code == 201 and made.json()["project"] == "ERP-FIN"
    assert signed_in(office.assurance).post(url, body, **send).status_code == 409
    assert signed_in(office.erp_manager).post(url, body, **send).status_code == 403
    assert signed_in(person("Sid Stranger")).post(url, body, **send).status_code == 404
