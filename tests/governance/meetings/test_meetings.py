"""A meeting from the series to approved minutes, and what a secretary may not do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from governance.meetings import actions, feed, minutes, selectors, services
from governance.meetings.models import ActionItem, AgendaItem, Meeting
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.reports import registry
from pmo.reports.document import Table
from pmo.reports.models import ReportRun
from pmo.reports.renderers import pdf
from tests.governance.committee import Committee, make_committee, sentence
from tests.world import rolled_back


class Hall:
    """The steering committee (chair, two members, a secretary; quorum two) and its meetings."""

    def __init__(self) -> None:
        self.committee: Committee = make_committee()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.committee, name)

    def call(self, days: float = 7, **more: Any) -> Meeting:
        return self.does(
            self.staff, services.call_meeting, program=self.program, body=self.steering,
            starts_at=timezone.now() + timedelta(days=days), minutes=60, **more,
        )  # fmt: skip

    def marks(self, meeting: Meeting, *people: Any, presence: str = "present") -> None:
        for person in people:
            self.does(self.staff, minutes.mark, meeting=meeting, person=person, presence=presence)

    def held(self, days: float, *people: Any) -> Meeting:
        """A meeting that is over, with these people present."""
        meeting = self.call(days)
        self.does(self.staff, services.open_meeting, meeting=meeting)
        self.marks(meeting, *(people or (self.chair, self.member)))
        return self.does(self.staff, services.close_meeting, meeting=meeting)

    def agenda(self, meeting: Meeting) -> list[str]:
        with self.looking():
            return list(AgendaItem.objects.filter(meeting=meeting).values_list("title", flat=True))

    def item(self, meeting: Meeting, n: int = 0) -> AgendaItem:
        with self.looking():
            return list(AgendaItem.objects.filter(meeting=meeting).select_related("meeting"))[n]


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Hall]:
    with django_db_blocker.unblock(), rolled_back():
        yield Hall()


@pytest.fixture
def hall(built: Hall) -> Iterator[Hall]:
    with rolled_back():
        yield built


def test_the_agenda_is_assembled_from_what_waits_for_the_body(hall: Hall) -> None:
    former = hall.held(-20)
    hall.does(
        hall.staff, actions.add, program=hall.program, title="Ask the vendor", owner=hall.erp_manager,
        due_on=date(2026, 1, 1), meeting=former,
    )  # fmt: skip
    draft, ballot = hall.proposed(hall.request()), hall.opened(hall.request(vendor="Bolt"))
    agenda = hall.agenda(hall.call())
    assert agenda[0].startswith("Minutes of SC-1 of ")
    assert agenda[1:] == ["Action items due", f"{draft.code} {draft.title}", f"{ballot.code} {ballot.title}"]


def test_what_came_up_later_is_added_once_and_nothing_is_touched(hall: Hall) -> None:
    meeting = hall.call()
    hall.does(hall.staff, minutes.add_item, meeting=meeting, title="Outlook")
    decision = hall.proposed(hall.request())
    for _ in range(2):
        hall.does(hall.staff, services.refresh_agenda, meeting=meeting)
    assert hall.agenda(meeting) == ["Outlook", f"{decision.code} {decision.title}"]


def test_a_decision_for_the_sponsor_is_not_on_the_committees_agenda(hall: Hall) -> None:
    hall.proposed(hall.request(10_000_00))
    assert hall.agenda(hall.call()) == []


def test_points_are_ordered_and_taken_off_until_the_meeting_begins(hall: Hall) -> None:
    meeting = hall.call()
    for title in ("One", "Two", "Three"):
        hall.does(hall.staff, minutes.add_item, meeting=meeting, title=title)
    hall.does(hall.staff, minutes.move_item, item=hall.item(meeting, 2), up=True)
    hall.does(hall.staff, minutes.move_item, item=hall.item(meeting, 0), up=True)  # already first
    assert hall.agenda(meeting) == ["One", "Three", "Two"]
    hall.does(hall.staff, minutes.remove_item, item=hall.item(meeting, 1))
    assert hall.agenda(meeting) == ["One", "Two"]
    hall.does(hall.staff, services.open_meeting, meeting=meeting)
    assert "in session" in sentence(
        lambda: hall.does(hall.staff, minutes.remove_item, item=hall.item(meeting, 1))
    )


def test_the_quorum_counts_voting_seats_that_are_there_in_person_or_by_call(hall: Hall) -> None:
    meeting = hall.call()
    assert "not begun" in sentence(lambda: hall.marks(meeting, hall.chair))
    hall.does(hall.staff, services.open_meeting, meeting=meeting)
    hall.marks(meeting, hall.staff, hall.chair)  # the secretary has no vote
    hall.marks(meeting, hall.member, presence="apologies")
    with hall.looking():
        live = Meeting.objects.select_related("body", "program").get(pk=meeting.pk)
        assert selectors.quorum(live) == selectors.Quorum(seats=3, present=1, needed=2, people=2)
    hall.marks(meeting, hall.member2, presence="remote")
    closed = hall.does(hall.staff, services.close_meeting, meeting=meeting)
    assert (closed.present_seats, closed.quorum_seats, closed.state) == (2, 2, "held")


def test_a_meeting_is_not_closed_before_it_says_who_was_there(hall: Hall) -> None:
    meeting = hall.call()
    hall.does(hall.staff, services.open_meeting, meeting=meeting)
    said = sentence(lambda: hall.does(hall.staff, services.close_meeting, meeting=meeting))
    assert said.startswith("Nobody is marked as present yet")


def test_the_next_meeting_approves_the_minutes_and_then_they_stand(hall: Hall, as_owner: Any) -> None:
    former = hall.call(-20)
    hall.does(hall.staff, minutes.add_item, meeting=former, title="Outlook")
    hall.does(hall.staff, services.open_meeting, meeting=former)
    hall.does(
        hall.staff, minutes.write_minutes, item=hall.item(former), text="The outlook is good.", version=1
    )
    hall.marks(former, hall.chair, hall.member)
    hall.does(hall.staff, services.close_meeting, meeting=former)
    later = hall.call()

    def approve() -> Any:
        return hall.does(hall.chair, minutes.approve_minutes, meeting=former, sitting=later)

    assert "is planned" in sentence(approve)
    hall.does(hall.staff, services.open_meeting, meeting=later)
    hall.marks(later, hall.chair)
    assert sentence(approve) == "Only 1 of the 2 voting seats that make a quorum are present."
    hall.marks(later, hall.member2)
    approved = approve()
    assert approved.minutes_approved_in_id == later.pk
    assert "approved: they stand" in sentence(
        lambda: hall.does(
            hall.staff, minutes.write_minutes, item=hall.item(former), text="It is bad.", version=2
        )
    )
    assert "approved: they stand" in sentence(lambda: hall.marks(former, hall.member2))
    for statement in (
        "update governance_agendaitem set minutes = 'other' where meeting_id = %s",
        "delete from governance_attendance where meeting_id = %s",
        "update governance_meeting set present_seats = 3 where id = %s",
    ):
        with (
            hall.looking(),
            pytest.raises(DatabaseError, match=r"they stand|permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [former.pk])


def test_minutes_of_another_body_or_off_the_agenda_are_not_approved_here(hall: Hall) -> None:
    former = hall.held(-20)
    elsewhere = hall.does(
        hall.staff, services.call_meeting, program=hall.program, body=hall.sponsoring,
        starts_at=timezone.now(), minutes=30,
    )  # fmt: skip
    hall.does(hall.staff, services.open_meeting, meeting=elsewhere)
    assert "same body" in sentence(
        lambda: hall.does(hall.chair, minutes.approve_minutes, meeting=former, sitting=elsewhere)
    )
    later = hall.call()
    hall.does(hall.staff, minutes.remove_item, item=hall.item(later))
    hall.does(hall.staff, services.open_meeting, meeting=later)
    assert "not on this agenda" in sentence(
        lambda: hall.does(hall.chair, minutes.approve_minutes, meeting=former, sitting=later)
    )


def test_two_secretaries_who_write_at_once_lose_no_word(hall: Hall) -> None:
    meeting = hall.call()
    hall.does(hall.staff, minutes.add_item, meeting=meeting, title="Outlook")
    hall.does(hall.staff, services.open_meeting, meeting=meeting)
    item = hall.item(meeting)
    hall.does(hall.staff, minutes.write_minutes, item=item, text="First.", version=1)
    with pytest.raises(Conflict, match=r"Somebody wrote about this point meanwhile: “First.”"):
        hall.does(hall.chair, minutes.write_minutes, item=item, text="Second.", version=1)


def test_a_day_of_a_series_is_called_once_and_only_if_it_falls_on_it(hall: Hall) -> None:
    today = timezone.now().date()
    series = hall.does(
        hall.staff, services.create_series, program=hall.program, body=hall.steering, title="Round",
        every="week", weekday=(today + timedelta(days=3)).weekday(), at_time="14:00", minutes=45, starts_on=today,
    )  # fmt: skip
    with hall.looking():
        program = hall.program
        ahead = selectors.ahead(program, timezone.now())
    first = ahead[0]
    assert first.day == today + timedelta(days=3) and len(ahead) >= 26
    meeting = hall.call(series=series, series_day=first.day)
    assert "called this meeting already" in sentence(lambda: hall.call(series=series, series_day=first.day))
    wrong = first.day + timedelta(days=1)
    assert "does not fall on that day" in sentence(lambda: hall.call(series=series, series_day=wrong))
    with hall.looking():
        assert selectors.ahead(program, timezone.now())[0].day == first.day + timedelta(days=7)
        file = feed.meetings_calendar(program, datetime(2026, 11, 29, tzinfo=UTC), "https://office.example")
    uid = f"UID:series-{series.pk}-{first.day:%Y%m%d}-program-{program.pk}@program-office"
    assert file.count(uid) == 1 and file.count("BEGIN:VEVENT") == len(ahead)
    assert f"/p/ATLAS/meetings/{meeting.pk}/" in file.replace("\r\n ", "")


def test_who_keeps_no_meetings_is_refused(hall: Hall) -> None:
    meeting = hall.call()
    for who in (hall.member, hall.auditor, hall.erp_manager, hall.controller):
        with pytest.raises(NotAllowed):
            hall.does(who, minutes.add_item, meeting=meeting, title="Mine")


def test_its_owner_says_an_action_is_done_and_only_the_secretary_drops_it(hall: Hall) -> None:
    def promised(title: str) -> ActionItem:
        return hall.does(
            hall.staff, actions.add, program=hall.program, title=title, owner=hall.erp_manager,
            due_on=date(2027, 1, 8),
        )  # fmt: skip

    one, two = promised("Ask the vendor"), promised("Count the licences")
    assert (one.code, two.code) == ("AI-1", "AI-2")
    with pytest.raises(NotAllowed):
        hall.does(hall.iam_manager, actions.close, action=one, state="done", version=1)
    with pytest.raises(NotAllowed):
        hall.does(hall.erp_manager, actions.close, action=one, state="dropped", note="No.", version=1)
    assert hall.does(hall.erp_manager, actions.close, action=one, state="done", version=1).state == "done"
    with pytest.raises(Refused, match="Say why"):
        hall.does(hall.staff, actions.close, action=two, state="dropped", version=1)
    hall.does(hall.staff, actions.close, action=two, state="dropped", note="Not needed.", version=1)
    with pytest.raises(Conflict, match="dropped already"):
        hall.does(hall.staff, actions.change, action=two, version=2, due_on=date(2027, 2, 1))


def test_a_meeting_that_is_called_off_says_why_and_stays_off(hall: Hall) -> None:
    meeting = hall.call()
    assert sentence(lambda: hall.does(hall.staff, services.cancel_meeting, meeting=meeting, reason=" ")) == (
        "Say why it is called off."
    )
    hall.does(hall.staff, services.cancel_meeting, meeting=meeting, reason="The chair is ill.")
    assert "is cancelled" in sentence(lambda: hall.does(hall.staff, services.open_meeting, meeting=meeting))


def test_the_pack_has_the_agenda_the_frozen_figures_and_the_chain(hall: Hall) -> None:
    former = hall.held(-20)
    hall.does(
        hall.staff, actions.add, program=hall.program, title="Ask the vendor", owner=hall.erp_manager,
        due_on=date(2026, 1, 1), meeting=former,
    )  # fmt: skip
    ballot = hall.opened(hall.request())
    meeting = hall.call()
    now = timezone.now()
    run = ReportRun(
        program=hall.program, kind="meeting_pack", about=f"meeting:{meeting.pk}", as_of=now, known=now,
        requested_at=now,
    )  # fmt: skip
    with hall.looking():
        document = registry.get("meeting_pack").build(run, lambda step, percent: None)
    titles = [section.title for section in document.sections]
    assert titles[:4] == [
        "Agenda",
        f"{ballot.code} {ballot.title}",
        "Action items due",
        "Where the program stands",
    ]
    agenda, decision, due = (
        [row.values for block in section.blocks if isinstance(block, Table) for row in block.rows()]
        for section in document.sections[:3]
    )
    assert [row[1] for row in agenda] == hall.agenda(meeting)
    assert len(decision) == len(ballot.figures["measures"]) + 1
    assert due == [("AI-1 Ask the vendor", hall.erp_manager.name, date(2026, 1, 1))]
    assert "record, head 1:" in document.notes[-1]
    assert pdf.render(document).startswith(b"%PDF-")


def test_without_a_meeting_there_is_no_pack(hall: Hall) -> None:
    now = timezone.now()
    run = ReportRun(program=hall.program, kind="meeting_pack", as_of=now, known=now, requested_at=now)
    with hall.looking(), pytest.raises(Refused, match="No meeting is called"):
        registry.get("meeting_pack").build(run, lambda step, percent: None)


def test_a_secretary_runs_a_meeting_on_its_page(hall: Hall) -> None:
    meeting = hall.call()
    client = Client()
    client.force_login(hall.staff)
    here = f"/p/ATLAS/meetings/{meeting.pk}/"
    assert (
        client.post(f"{here}topics/", {"topic-title": "Outlook", "topic-planned_minutes": "15"}).status_code
        == 302
    )
    assert client.post(f"{here}topics/", {"topic-title": "", "topic-planned_minutes": "x"}).status_code == 422
    client.post(f"{here}open/")
    item = hall.item(meeting)
    answer = client.post(
        f"{here}items/{item.pk}/",
        {"minutes": "All <b>well</b>.", "version": "1"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200 and "All &lt;b&gt;well&lt;/b&gt;." in answer.content.decode()
    late = client.post(
        f"{here}items/{item.pk}/", {"minutes": "My words.", "version": "1"}, headers={"HX-Request": "true"}
    )
    assert late.status_code == 409
    assert "My words." in late.content.decode() and "Somebody wrote about this point" in late.content.decode()
    client.post(
        f"{here}attendance/", {f"person-{hall.chair.pk}": "present", f"person-{hall.member.pk}": "remote"}
    )
    assert "2 of 3" in client.get(here).content.decode().replace("&nbsp;", " ").replace("\xa0", " ")
    client.post(f"{here}actions/", {"title": "Ask", "owner": hall.erp_manager.pk, "due_on": "2027-01-08"})
    client.post(f"{here}close/")
    page = client.get(here).content.decode()
    assert "SC-1 held" in page and "AI-1 Ask" in page
    assert "AI-1 Ask" in client.get("/p/ATLAS/actions/?state=open").content.decode()
    assert client.get("/p/ATLAS/meetings/calendar.ics").content.startswith(b"BEGIN:VCALENDAR\r\n")


def test_action_items_are_born_in_meetings_that_have_begun_until_their_minutes_stand(hall: Hall) -> None:
    planned = hall.call()

    def promise(meeting: Meeting) -> ActionItem:
        return hall.does(
            hall.staff, actions.add, program=hall.program, title="Ask", owner=hall.erp_manager,
            due_on=date(2027, 1, 8), meeting=meeting,
        )  # fmt: skip

    assert "is planned" in sentence(lambda: promise(planned))
    former = hall.held(-20)
    assert promise(former).code == "AI-1"
    later = hall.call()
    hall.does(hall.staff, services.open_meeting, meeting=later)
    hall.marks(later, hall.chair, hall.member)
    hall.does(hall.chair, minutes.approve_minutes, meeting=former, sitting=later)
    assert "are approved" in sentence(lambda: promise(former))
