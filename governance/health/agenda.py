"""Ratings that lie two steps apart are a point on the next agenda of the steering committee."""

from __future__ import annotations

from django.utils import timezone

from governance.bodies.models import Body
from governance.health import selectors, stated
from governance.meetings.agenda import add_source
from governance.meetings.models import AgendaItem, Meeting
from pmo import formats
from pmo.zones import zone

TITLE = "Ratings apart"
MOST_NAMED = 4


def points(meeting: Meeting, there: list[AgendaItem]) -> list[AgendaItem]:
    """One point for all of them, unless it is there already."""
    if meeting.body.kind != Body.Kind.STEERING:
        return []
    if any(item.kind == AgendaItem.Kind.TOPIC and item.title.startswith(TITLE) for item in there):
        return []
    now = timezone.now()
    today = now.astimezone(zone(meeting.program.time_zone)).date()  # ratings hold by the program's days
    said = stated.known(meeting.program, at=now, day=today)
    if not any(word.counts for word in said.values()):
        return []
    figures = selectors.read(meeting.program, at=now, known=now, is_now=True, sees_money=True)
    found = stated.differences(figures, stated.of(figures))
    if not found:
        return []
    more = f"; {formats.number(len(found) - MOST_NAMED)} more" if len(found) > MOST_NAMED else ""
    return [
        AgendaItem(
            program_id=meeting.program_id, meeting=meeting, kind=AgendaItem.Kind.TOPIC,
            title=f"{TITLE}: {'; '.join(found[:MOST_NAMED])}{more}"[:250], planned_minutes=10,
        )
    ]  # fmt: skip


add_source(points)
