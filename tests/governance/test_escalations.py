"""A question climbs the ladder until somebody answers, and nobody answers for a body he does not sit in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from governance.escalations import selectors, services
from governance.escalations.jobs import climb_in
from governance.escalations.models import Escalation
from governance.meetings import services as meetings
from governance.meetings.models import AgendaItem
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.changes import services as changes
from programs.changes.models import ChangeRequest
from programs.raid import issues
from programs.raid import services as risks
from programs.raid.models import Risk
from tests.governance.committee import Committee, make_committee, sentence
from tests.warrants import write_warrant
from tests.world import rolled_back


class Office:
    """The sponsor answers within 3 days, then the steering committee within 10."""

    def __init__(self) -> None:
        self.committee: Committee = make_committee()
        self.does(
            self.program_manager, services.set_ladder, program=self.program,
            steps=[(self.sponsoring, 3), (self.steering, 10)],
        )  # fmt: skip

    def __getattr__(self, name: str) -> Any:
        return getattr(self.committee, name)

    def asks(self, who: Any = None, **more: Any) -> Escalation:
        return self.does(
            who or self.program_manager, services.raise_one, program=self.program, title="No second consultant",
            question="Who pays for four weeks?", **more,
        )  # fmt: skip

    def risk(self, project: Any) -> Risk:
        values = {
            "project": project,
            "code": f"K-{project.code}",
            "title": "Late",
            "probability": 3,
            "impact": 3,
        }
        return self.does(self.program_manager, risks.add, program=self.program, values=values)

    def climbs(self, days: int) -> list[Escalation]:
        at = timezone.now() + timedelta(days=days)
        return self.does(None, services.climb, program_id=self.program.pk, at=at)

    def now(self, one: Escalation) -> Escalation:
        with self.looking():
            return selectors.escalations(self.program.pk).get(pk=one.pk)


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


def test_without_a_name_the_first_rung_is_asked_for_its_own_days(office: Office) -> None:
    one = office.asks()
    assert (one.code, one.body.code, one.needed_by) == ("E-1", "SPONSOR", today() + timedelta(days=3))


def test_what_is_not_answered_in_time_goes_one_rung_up_and_stays_on_the_last(office: Office) -> None:
    one = office.asks()
    assert office.climbs(3) == []  # its last day is not over
    assert [moved.pk for moved in office.climbs(4)] == [one.pk]
    now = office.now(one)
    assert (now.body.code, now.needed_by) == ("SC", today() + timedelta(days=14))
    assert office.climbs(40) == [] and office.now(one).body.code == "SC"
    with office.looking():
        went = [(move.to_body.code, move.why, move.by) for move in selectors.moves(now)]
    assert went == [
        ("SPONSOR", "Raised", office.program_manager),
        ("SC", f"Executive sponsor had not answered by {today() + timedelta(days=3):%d %b %Y}", None),
    ]


def test_a_body_off_the_ladder_keeps_what_it_was_asked(office: Office) -> None:
    office.does(
        office.program_manager, services.set_ladder, program=office.program, steps=[(office.steering, 5)]
    )
    one = office.asks(body=office.sponsoring, needed_by=today())
    assert office.climbs(5) == [] and office.now(one).body.code == "SPONSOR"


def test_only_the_asked_body_answers(office: Office) -> None:
    one = office.asks()
    for who in (office.chair, office.staff, office.program_manager):
        with pytest.raises(NotAllowed, match="Executive sponsor answers"):
            office.does(who, services.answer, escalation=one, text="We do.", version=1)
    done = office.does(office.sponsor, services.answer, escalation=one, text="The program pays.", version=1)
    assert (done.state, done.answer, done.closed_by) == ("answered", "The program pays.", office.sponsor)
    with pytest.raises(Conflict, match="answered already"):
        office.does(office.sponsor, services.give_back, escalation=one, text="No.", version=2)


def test_the_secretary_writes_down_what_the_body_said_in_its_meeting(office: Office) -> None:
    one = office.asks(body=office.steering)
    meeting = office.does(
        office.staff, meetings.call_meeting, program=office.program, body=office.steering,
        starts_at=timezone.now(), minutes=30,
    )  # fmt: skip
    with office.looking():
        assert list(AgendaItem.objects.filter(meeting=meeting).values_list("title", flat=True)) == [
            "E-1 No second consultant"
        ]

    def answers(who: Any) -> Escalation:
        return office.does(
            who, services.answer, escalation=one, text="The program pays.", version=1, meeting=meeting
        )

    assert "has begun" in sentence(lambda: answers(office.staff))
    office.does(office.staff, meetings.open_meeting, meeting=meeting)
    with pytest.raises(NotAllowed):
        answers(office.erp_manager)
    assert answers(office.staff).answered_in_id == meeting.pk


def test_a_meeting_that_did_not_have_it_on_its_agenda_did_not_answer_it(office: Office) -> None:
    meeting = office.does(
        office.staff, meetings.call_meeting, program=office.program, body=office.steering,
        starts_at=timezone.now(), minutes=30,
    )  # fmt: skip
    office.does(office.staff, meetings.open_meeting, meeting=meeting)
    one = office.asks(body=office.steering)
    assert "not on the agenda" in sentence(
        lambda: office.does(
            office.staff, services.answer, escalation=one, text="We do.", version=1, meeting=meeting
        )
    )


def test_an_answer_to_what_has_moved_on_is_told_where_it_went(office: Office) -> None:
    one = office.asks()
    office.climbs(4)
    with pytest.raises(Conflict, match="now Steering committee is asked"):
        office.does(office.sponsor, services.answer, escalation=one, text="We do.", version=1)


def test_a_project_manager_escalates_from_the_own_project_only(office: Office) -> None:
    mine, theirs = office.risk(office.erp), office.risk(office.iam)
    assert office.asks(office.erp_manager, risk=mine).risk_id == mine.pk
    for origin in ({"risk": theirs}, {}):
        with pytest.raises(NotAllowed):
            office.asks(office.erp_manager, **origin)


def test_what_is_taken_back_says_why_and_by_whom(office: Office) -> None:
    one = office.asks(office.staff)
    with pytest.raises(NotAllowed):
        office.does(office.erp_manager, services.withdraw, escalation=one, text="Mine.", version=1)
    with pytest.raises(Refused, match="Say why"):
        office.does(office.staff, services.withdraw, escalation=one, text=" ", version=1)
    done = office.does(office.staff, services.withdraw, escalation=one, text="Solved.", version=1)
    assert (done.state, done.answer) == ("withdrawn", "Solved.")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"needed_by": date(2020, 1, 1)}, "That day is over"),
        ({"title": " "}, "Say in a title"),
    ],
)
def test_a_day_that_is_over_and_an_empty_question_are_refused(office: Office, more: Any, said: str) -> None:
    given = {"title": "Late", "question": "Who?", **more}
    with pytest.raises(Refused, match=said):
        office.does(office.program_manager, services.raise_one, program=office.program, **given)


def test_a_ladder_names_a_body_once(office: Office) -> None:
    steps = [(office.sponsoring, 3), (office.sponsoring, 4)]
    with pytest.raises(Refused, match="once"):
        office.does(office.program_manager, services.set_ladder, program=office.program, steps=steps)


def test_where_it_went_cannot_be_rewritten(office: Office) -> None:
    one = office.asks()
    with (
        office.looking(),
        pytest.raises(DatabaseError, match=r"permission denied|never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("update governance_escalationmove set why = 'x' where escalation_id = %s", [one.pk])


def test_the_sponsor_answers_on_the_page_and_a_late_one_keeps_his_words(office: Office) -> None:
    one = office.asks()
    client = Client()
    client.force_login(office.sponsor)
    here = f"/p/ATLAS/escalations/{one.pk}/"
    assert "Answer it" in client.get(here).content.decode()
    office.climbs(4)
    late = client.post(here, {"do": "answer", "text": "The program pays.", "version": "1"})
    page = late.content.decode()
    assert late.status_code == 409 and "now Steering committee is asked" in page
    client.force_login(office.chair)
    done = client.post(here, {"do": "answer", "text": "The program pays.", "version": "2"})
    assert done.status_code == 302
    assert "The program pays." in client.get(here).content.decode()


def test_the_clock_moves_what_is_late_and_nobody_answers_twice(office: Office) -> None:
    one = office.asks(needed_by=today())
    with office.looking():
        Escalation.objects.filter(pk=one.pk).update(needed_by=today() - timedelta(days=2))
    assert climb_in(office.program.pk) == 1
    assert climb_in(office.program.pk) == 0
    assert office.now(one).body.code == "SC"


def test_an_issue_is_escalated_and_an_escalation_comes_from_one_thing(office: Office) -> None:
    issue = office.does(
        office.erp_manager,
        issues.add,
        program=office.program,
        values={"title": "Leak", "project": office.erp},
    )
    one = office.asks(office.erp_manager, issue=issue)
    assert one.issue == issue
    with pytest.raises(Refused, match="one thing"):
        office.asks(issue=issue, risk=office.risk(office.erp))
    with pytest.raises(NotAllowed):
        office.asks(office.iam_manager, issue=issue)


def test_a_deviation_whose_last_day_is_over_is_escalated_once_by_the_clock(office: Office) -> None:
    request = office.does(
        office.erp_manager, changes.create, program=office.program, project=office.erp, title="Late cut-over",
        reason="Sandbox.", tolerated_until=today() - timedelta(days=1),
    )  # fmt: skip
    climb_in(office.program.pk)
    with office.looking():
        assert not Escalation.objects.filter(change_request=request).exists()  # asked for, not agreed
    warrant = write_warrant(office.program, "change_request", "D-99")
    with office.looking():
        ChangeRequest.objects.filter(pk=request.pk).update(
            state="applied", warrant=warrant, decided_at=timezone.now(), submitted_at=timezone.now()
        )
    for _ in range(2):
        climb_in(office.program.pk)
    with office.looking():
        one = Escalation.objects.get(change_request=request)
    assert (one.body.code, one.raised_by, one.needed_by) == (
        "SPONSOR", office.erp_manager, today() + timedelta(days=3)
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="the body answers"):
        office.does(office.erp_manager, services.withdraw, escalation=one, text="Never mind.", version=1)
    asker = Client()
    asker.force_login(office.erp_manager)
    assert "Take it back" not in asker.get(f"/p/ATLAS/escalations/{one.pk}/").content.decode()
    office.does(office.program_manager, services.withdraw, escalation=one, text="To be reworded.", version=1)
    climb_in(office.program.pk)
    with office.looking():
        assert Escalation.objects.get(change_request=request, state="open").number > one.number
    client = Client()
    client.force_login(office.staff)
    assert "over for 1" in client.get("/p/ATLAS/changes/?state=lapsed").content.decode()
