"""Gates on agendas: those that are due by the day of a meeting of a body that decides on gates, and not put forward."""

from __future__ import annotations

from typing import Any

from governance.authority.models import AuthorityRule, SubjectKind
from governance.meetings.agenda import add_source
from governance.meetings.models import AgendaItem, Meeting
from pmo import formats
from programs.gates import selectors
from programs.gates.models import Gate

TITLE = "Gates due"
MOST_NAMED = 6


def due(meeting: Meeting) -> list[Any]:
    """The undecided gates that are to be passed by the day of the meeting, where its body decides on gates."""
    day = selectors.day_of(meeting.program, meeting.starts_at)
    rules = AuthorityRule.objects.filter(
        program_id=meeting.program_id,
        body_id=meeting.body_id,
        subject_kind=SubjectKind.GATE,
        valid__contains=day,
    )
    if not rules.exists():
        return []
    rows = selectors.gates(meeting.program_id).filter(
        state__in=[Gate.State.OPEN, Gate.State.SUBMITTED], due_on__lte=day
    )
    return list(rows.order_by("due_on", "project__position", "position"))


def points(meeting: Meeting, there: list[AgendaItem]) -> list[AgendaItem]:
    """One point for all gates that are due, unless it is there already."""
    if any(item.kind == AgendaItem.Kind.TOPIC and item.title.startswith(TITLE) for item in there):
        return []
    found = due(meeting)
    if not found:
        return []
    named = ", ".join(f"{one.project.code} {one.code}" for one in found[:MOST_NAMED])
    more = f" and {formats.number(len(found) - MOST_NAMED)} more" if len(found) > MOST_NAMED else ""
    return [
        AgendaItem(
            program_id=meeting.program_id, meeting=meeting, kind=AgendaItem.Kind.TOPIC,
            title=f"{TITLE}: {named}{more}"[:250], planned_minutes=10,
        )
    ]  # fmt: skip


add_source(points)
