"""Meetings, their agendas and action items as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.bodies.serializers import bodies, people
from governance.meetings.models import ActionItem, AgendaItem, Meeting, MeetingSeries
from pmo.api.fields import Choice, Day, Instant, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer


def meetings(program_id: int) -> Any:
    """The meetings of one program."""
    return Meeting.objects.filter(program_id=program_id)


class SeriesRow(Row):
    """When a body meets."""

    id = serializers.IntegerField()
    body_id = serializers.IntegerField()
    body = serializers.CharField(source="body__code")
    title = serializers.CharField()
    every = Choice(choices=MeetingSeries.Every.choices)
    weekday = serializers.IntegerField(help_text="0 is Monday.")
    nth = serializers.IntegerField(help_text="Of a month; 5 is the last.")
    at_time = serializers.CharField()
    minutes = serializers.IntegerField()
    place = serializers.CharField()
    starts_on = Day()
    ends_on = Day(allow_null=True)
    version = serializers.IntegerField()


class MeetingRow(Row):
    """A meeting that was called."""

    id = serializers.IntegerField()
    body_id = serializers.IntegerField()
    body = serializers.CharField(source="body__code")
    number = serializers.IntegerField()
    series_id = serializers.IntegerField(allow_null=True)
    starts_at = Instant()
    ends_at = Instant()
    place = serializers.CharField()
    state = Choice(choices=Meeting.State.choices)
    present_seats = serializers.IntegerField(allow_null=True)
    quorum_seats = serializers.IntegerField(allow_null=True)
    cancelled_reason = serializers.CharField()
    minutes_approved_at = Instant(allow_null=True)
    version = serializers.IntegerField()


class AgendaItemRow(Row):
    """A point of an agenda with its minutes."""

    id = serializers.IntegerField()
    meeting_id = serializers.IntegerField()
    position = serializers.IntegerField()
    kind = Choice(choices=AgendaItem.Kind.choices)
    title = serializers.CharField()
    decision_id = serializers.IntegerField(allow_null=True)
    escalation_id = serializers.IntegerField(allow_null=True)
    planned_minutes = serializers.IntegerField()
    minutes = serializers.CharField()
    version = serializers.IntegerField()


class ActionItemRow(Row):
    """Who does what by when."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    owner_id = serializers.IntegerField()
    owner = serializers.CharField(source="owner__name")
    due_on = Day()
    state = Choice(choices=ActionItem.State.choices)
    meeting_id = serializers.IntegerField(allow_null=True)
    decision_id = serializers.IntegerField(allow_null=True)
    raised_at = Instant()
    closed_at = Instant(allow_null=True)
    closing_note = serializers.CharField()
    version = serializers.IntegerField()


class NewMeeting(StrictSerializer):
    """A meeting to call; its agenda is assembled."""

    body = Related(bodies)
    starts_at = Instant()
    minutes = Whole(min_value=5, max_value=1440, default=90)
    place = Text(max_length=200, allow_blank=True, default="")


class NewAction(StrictSerializer):
    """An action item."""

    title = Text(max_length=250)
    owner = Related(people, help_text="Id of a person who holds a role in this program.")
    due_on = Day()
    meeting = Related(meetings, required=False)


class ActionChanges(StrictSerializer):
    """Another wording, owner or day; `version` is the one that was read."""

    title = Text(max_length=250, required=False)
    owner = Related(people, required=False)
    due_on = Day(required=False)
    version = Whole()


class ActionClosing(StrictSerializer):
    """Done, or dropped with the reason."""

    state = Choice(choices=[("done", "Done"), ("dropped", "Dropped")])
    note = Text(max_length=400, allow_blank=True, default="")
    version = Whole()
