"""The page of one meeting: agenda with minutes beside it, who is there, what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from governance.meetings import selectors
from governance.meetings.forms import ActionForm, TopicForm
from governance.meetings.models import AgendaItem, Attendance, Meeting
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

State = Meeting.State


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the agenda as it is shown; `typed` is text that could not be saved, with `refused` why."""

    item: AgendaItem
    about: str
    href: str
    may_write: bool
    may_order: bool
    may_approve: bool = False
    typed: str = ""
    refused: str = ""

    @property
    def text(self) -> str:
        """What stands in the field: what somebody typed and lost to nobody, else what is kept."""
        return self.typed or self.item.minutes


def find(program: Program, pk: int) -> Meeting:
    """The meeting, or 404."""
    found = (
        Meeting.objects.filter(program_id=program.pk, pk=pk)
        .select_related("program", "body", "series", "minutes_approved_in")
        .first()
    )
    if found is None:
        raise Http404("No such meeting.")
    return found


def find_item(meeting: Meeting, pk: int) -> AgendaItem:
    """The point of this meeting's agenda, or 404."""
    found = (
        AgendaItem.objects.filter(meeting=meeting, pk=pk)
        .select_related("meeting", "decision", "escalation", "minutes_of", "presenter")
        .first()
    )
    if found is None:
        raise Http404("No such point on this agenda.")
    return found


def point(item: AgendaItem, meeting: Meeting, keeps: bool, **more: Any) -> Point:
    """How a point is shown to somebody who keeps the meetings, or does not."""
    code = meeting.program.code
    about, href = "", ""
    if item.decision is not None:
        state = item.decision.get_outcome_display() or item.decision.get_state_display()
        about, href = (
            state.lower(),
            reverse("governance:decision", kwargs={"code": code, "number": item.decision.number}),
        )
    elif item.escalation is not None:
        about = item.escalation.get_state_display().lower()
        href = reverse("governance:escalation", kwargs={"code": code, "pk": item.escalation_id})
    elif item.minutes_of is not None:
        about = "approved" if item.minutes_of.minutes_approved_at else "not approved yet"
        href = reverse("governance:meeting", kwargs={"code": code, "pk": item.minutes_of_id})
    standing = meeting.minutes_approved_at is None
    return Point(
        item=item,
        about=about,
        href=href,
        may_write=keeps and standing and meeting.state in (State.IN_SESSION, State.HELD),
        may_order=keeps and meeting.state in (State.PLANNED, State.IN_SESSION),
        may_approve=keeps
        and meeting.state == State.IN_SESSION
        and item.minutes_of is not None
        and item.minutes_of.minutes_approved_at is None,
        **more,
    )


def meeting_page(
    request: HttpRequest,
    program: Program,
    meeting: Meeting,
    *,
    refused: str = "",
    topic: TopicForm | None = None,
    promise: ActionForm | None = None,
    typed: tuple[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Everything of one meeting with the deeds that this person may do now; `typed`: item and its unsaved text."""
    access = request.access  # type: ignore[attr-defined]
    keeps = access.may(Permission.KEEP_MEETINGS, program.pk)
    room = selectors.room(meeting)
    local = zone(program.time_zone)
    live = meeting.state in (State.PLANNED, State.IN_SESSION)
    standing = meeting.minutes_approved_at is None
    here = reverse("governance:meetings", kwargs={"code": program.code})
    when = f"{formats.moment(meeting.starts_at, local)} to {meeting.ends_at.astimezone(local):%H:%M}"
    context = {
        "program": program,
        "meeting": meeting,
        "name": f"{meeting.body.code}-{meeting.number}",
        "when": " · ".join(part for part in (meeting.body.name, when, meeting.place) if part),
        "points": [
            point(item, meeting, keeps, typed=typed[1] if typed and typed[0] == item.pk else "")
            for item in room.items
        ],
        "planned": sum(item.planned_minutes for item in room.items),
        "room": room,
        "quorum_words": quorum_words(meeting, room.quorum),
        "presences": Attendance.Presence.choices
        if meeting.state != State.PLANNED
        else [choice for choice in Attendance.Presence.choices if choice[0] not in selectors.HERE],
        "may_mark": keeps and standing and meeting.state != State.CANCELLED,
        "keeps": keeps,
        "may_open": keeps and meeting.state == State.PLANNED,
        "may_close": keeps and meeting.state == State.IN_SESSION,
        "may_add": keeps and live,
        "may_promise": keeps and standing and meeting.state in (State.IN_SESSION, State.HELD),
        "may_propose": live and access.may(Permission.PROPOSE_DECISION, program.pk),
        "may_build": access.may_somewhere(Permission.BUILD_REPORTS, program.pk),
        "topic": topic or TopicForm(program),
        "promise": promise or ActionForm(program),
        "refused": refused,
        "actions_url": reverse("governance:actions", kwargs={"code": program.code}),
        "crumbs": crumbs(program, ("Meetings", here), (f"{meeting.body.code}-{meeting.number}", "")),
        "no_clock": True,
    }
    return render(request, "governance/meetings/meeting.html", context, status=status)


def quorum_words(meeting: Meeting, quorum: selectors.Quorum) -> tuple[str, str, str]:
    """Colour, sentence and its word: as attendance stands, or as it was kept when the meeting closed."""
    if meeting.state == State.HELD and meeting.quorum_seats is not None:
        present, needed, verb = meeting.present_seats or 0, meeting.quorum_seats, "were"
    else:
        present, needed, verb = quorum.present, quorum.needed, "are"
    seats = formats.counted(quorum.seats, "voting seat", "voting seats")
    said = f"{present} of {seats} {verb} present, {needed} make a quorum"
    if meeting.state == State.PLANNED:
        return "", f"{needed} of {seats} make a quorum", ""
    return ("green", said, "Quorum") if present >= needed else ("red", said, "No quorum")
