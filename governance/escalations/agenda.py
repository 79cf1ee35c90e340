"""Escalations on agendas: those that the body is asked and has not answered."""

from __future__ import annotations

from governance.escalations.models import Escalation
from governance.meetings.agenda import add_source
from governance.meetings.models import AgendaItem, Meeting


def points(meeting: Meeting, there: list[AgendaItem]) -> list[AgendaItem]:
    """The open escalations of the meeting's body that are not on its agenda yet, the most urgent first."""
    known = {item.escalation_id for item in there}
    waiting = Escalation.objects.filter(body_id=meeting.body_id, state=Escalation.State.OPEN)
    return [
        AgendaItem(
            program_id=meeting.program_id, meeting=meeting, kind=AgendaItem.Kind.ESCALATION, escalation=one,
            title=f"{one.code} {one.title}"[:250], planned_minutes=10,
        )
        for one in waiting.order_by("needed_by", "number")
        if one.pk not in known
    ]  # fmt: skip


add_source(points)
