"""Risks on agendas: what the body once accepted and what is not covered any more, until it is decided anew."""

from __future__ import annotations

from governance.decisions.models import Decision
from governance.meetings.agenda import add_source
from governance.meetings.models import AgendaItem, Meeting
from programs.raid import acceptance


def points(meeting: Meeting, there: list[AgendaItem]) -> list[AgendaItem]:
    """One point for each risk that this body accepted and that is open again on the day of the meeting."""
    on = acceptance.local_day(meeting.program, meeting.starts_at)
    lapsed = {one.pk: one for one in acceptance.lapsed(meeting.program_id, on)}
    if not lapsed:
        return []
    ours = Decision.objects.filter(
        program_id=meeting.program_id, body_id=meeting.body_id, risk_acceptance__in=lapsed, outcome="approved"
    ).order_by("number")
    known = {item.title for item in there}
    titles = []
    for decision in ours:
        one = lapsed[decision.risk_acceptance_id or 0]
        titles.append(f"{one.code} of {one.about} does not hold any more ({decision.code})"[:250])
    return [
        AgendaItem(
            program_id=meeting.program_id, meeting=meeting, kind=AgendaItem.Kind.TOPIC, title=title, planned_minutes=10,
        )
        for title in titles
        if title not in known
    ]  # fmt: skip


add_source(points)
