"""What an agenda is assembled from: minutes that wait for approval, overdue action items, the body's decisions."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Max

from governance.decisions.models import Decision
from governance.meetings.models import AgendaItem, Meeting
from governance.meetings.selectors import due_actions
from pmo import formats

Kind = AgendaItem.Kind
Source = Callable[[Meeting, list[AgendaItem]], list[AgendaItem]]
"""What a later slice puts on agendas: (meeting, points that are there) -> points to add, without a position."""
_sources: list[Source] = []
MOST = 40
"""Points of one agenda that are added by itself; whoever has more wants a second meeting."""


def add_source(source: Source) -> None:
    """Let a slice that stands after meetings add its points (called when the app is ready)."""
    if source not in _sources:
        _sources.append(source)


def assemble(meeting: Meeting) -> list[AgendaItem]:
    """Add every point that this meeting should have and does not have yet, in the usual order; returns those added.

    Minutes of the body's last held meeting that nobody approved; action items of the body's meetings that are due by
    the day of this one; what later slices add, such as escalations; decisions that are proposed or open to the vote.
    """
    there = list(AgendaItem.objects.filter(meeting=meeting))
    wanted = [*_minutes(meeting, there), *_actions(meeting, there)]
    wanted += [item for source in _sources for item in source(meeting, there)]
    wanted = [*wanted, *_decisions(meeting, there)][:MOST]
    top = AgendaItem.objects.filter(meeting=meeting).aggregate(top=Max("position"))["top"] or 0
    for position, item in enumerate(wanted, top + 1):
        item.position = position
    AgendaItem.objects.bulk_create(wanted)
    return wanted


def _minutes(meeting: Meeting, there: list[AgendaItem]) -> list[AgendaItem]:
    known = {item.minutes_of_id for item in there}
    waiting = (
        Meeting.objects.filter(
            body_id=meeting.body_id, state=Meeting.State.HELD, minutes_approved_at=None,
            starts_at__lt=meeting.starts_at,
        )
        .exclude(pk=meeting.pk)
        .order_by("starts_at")
    )  # fmt: skip
    return [
        AgendaItem(
            program_id=meeting.program_id, meeting=meeting, kind=Kind.MINUTES, minutes_of=one, planned_minutes=5,
            title=f"Minutes of {meeting.body.code}-{one.number} of {formats.day(one.starts_at)}"[:250],
        )
        for one in waiting
        if one.pk not in known
    ]  # fmt: skip


def _actions(meeting: Meeting, there: list[AgendaItem]) -> list[AgendaItem]:
    if any(item.kind == Kind.ACTIONS for item in there) or not due_actions(meeting).exists():
        return []
    return [
        AgendaItem(
            program_id=meeting.program_id, meeting=meeting, kind=Kind.ACTIONS, title="Action items due",
            planned_minutes=10,
        )
    ]  # fmt: skip


def _decisions(meeting: Meeting, there: list[AgendaItem]) -> list[AgendaItem]:
    known = {item.decision_id for item in there}
    waiting = (
        Decision.objects.filter(
            body_id=meeting.body_id, state__in=[Decision.State.DRAFT, Decision.State.OPEN]
        )
        .only("pk", "number", "title", "program_id")
        .order_by("number")
    )
    return [
        AgendaItem(
            program_id=meeting.program_id, meeting=meeting, kind=Kind.DECISION, decision=one,
            title=f"{one.code} {one.title}"[:250], planned_minutes=15,
        )
        for one in waiting
        if one.pk not in known
    ]  # fmt: skip
