"""Meetings of bodies: series, agendas with minutes beside them, who was there, and the action items born in them."""

from __future__ import annotations

import pghistory
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from governance.bodies.models import Body, Seat
from governance.decisions.models import Decision
from pmo.owned import ProgramOwned, Versioned

CLOCK = RegexValidator(r"^([01]\d|2[0-3]):[0-5]\d$", "A time of day is written like 14:30.")


@pghistory.track()
class MeetingSeries(ProgramOwned, Versioned):
    """When a body meets: weekly, every second week, or on the nth weekday of each month, on the program's clock."""

    class Every(models.TextChoices):
        WEEK = "week", "Every week"
        FORTNIGHT = "fortnight", "Every second week"
        MONTH = "month", "Every month"

    body = models.ForeignKey(Body, models.PROTECT, related_name="series")
    title = models.CharField(max_length=120)
    every = models.CharField(max_length=10, choices=Every.choices)
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday.")
    nth = models.PositiveSmallIntegerField(
        default=1, help_text="Of a month: 1 to 4, or 5 for the last weekday of that name."
    )
    at_time = models.CharField(max_length=5, validators=[CLOCK])
    minutes = models.PositiveSmallIntegerField(help_text="How long it is planned to take.")
    place = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day on which it may fall.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="governance_series_in_program"),
            models.UniqueConstraint(fields=["body", "title"], name="governance_series_title_once"),
            models.CheckConstraint(
                name="governance_series_rule",
                condition=Q(weekday__lte=6, nth__gte=1, nth__lte=5, minutes__gte=5, minutes__lte=1440),
            ),
            models.CheckConstraint(
                name="governance_series_days", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Meeting(ProgramOwned, Versioned):
    """One meeting. What it found about its quorum is kept when it closes; its minutes stand once they are approved."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        IN_SESSION = "in_session", "In session"
        HELD = "held", "Held"
        CANCELLED = "cancelled", "Cancelled"

    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings")
    series = models.ForeignKey(MeetingSeries, models.PROTECT, null=True, blank=True, related_name="meetings")
    series_day = models.DateField(null=True, blank=True, help_text="The day of the series it stands for.")
    number = models.PositiveIntegerField(help_text="1, 2, 3 ... in its body.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    present_seats = models.PositiveSmallIntegerField(null=True, blank=True)
    quorum_seats = models.PositiveSmallIntegerField(null=True, blank=True)
    cancelled_reason = models.CharField(max_length=400, blank=True, default="")
    minutes_approved_at = models.DateTimeField(null=True, blank=True)
    minutes_approved_in = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="approved_minutes"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="governance_meeting_in_program"),
            models.UniqueConstraint(fields=["body", "number"], name="governance_meeting_number_once"),
            models.UniqueConstraint(fields=["series", "series_day"], name="governance_meeting_day_once"),
            models.CheckConstraint(name="governance_meeting_times", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="governance_meeting_series",
                condition=Q(series=None, series_day=None) | Q(series__isnull=False, series_day__isnull=False),
            ),
            models.CheckConstraint(
                name="governance_meeting_held",
                condition=Q(
                    state="held",
                    opened_at__isnull=False,
                    closed_at__isnull=False,
                    present_seats__isnull=False,
                    quorum_seats__isnull=False,
                )
                | (~Q(state="held") & Q(closed_at=None, present_seats=None, quorum_seats=None)),
            ),
            models.CheckConstraint(
                name="governance_meeting_cancelled",
                condition=Q(state="cancelled") & ~Q(cancelled_reason="")
                | (~Q(state="cancelled") & Q(cancelled_reason="")),
            ),
            models.CheckConstraint(
                name="governance_meeting_minutes",
                condition=Q(minutes_approved_at=None, minutes_approved_in=None)
                | (
                    Q(state="held", minutes_approved_at__isnull=False, minutes_approved_in__isnull=False)
                    & ~Q(minutes_approved_in=F("id"))
                ),
            ),
        ]
        indexes = [models.Index(fields=["program", "-starts_at"], name="governance_meeting_latest")]

    def __str__(self) -> str:
        return f"meeting {self.number}"


@pghistory.track()
class AgendaItem(ProgramOwned, Versioned):
    """One point of an agenda and, beside it, what was said about it."""

    class Kind(models.TextChoices):
        MINUTES = "minutes", "Minutes of a former meeting"
        ACTIONS = "actions", "Action items"
        ESCALATION = "escalation", "Escalation"
        DECISION = "decision", "Decision"
        TOPIC = "topic", "Topic"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TOPIC)
    title = models.CharField(max_length=250)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, blank=True, related_name="agenda_items")
    escalation = models.ForeignKey(
        "governance.Escalation", models.PROTECT, null=True, blank=True, related_name="agenda_items"
    )
    minutes_of = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="+")
    presenter = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    planned_minutes = models.PositiveSmallIntegerField(default=10)
    minutes = models.TextField(blank=True, default="", help_text="What was said and agreed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="governance_agendaitem_in_program"),
            models.UniqueConstraint(
                fields=["meeting", "position"],
                name="governance_agendaitem_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["meeting", "decision"], name="governance_agendaitem_decision_once"
            ),
            models.UniqueConstraint(
                fields=["meeting", "escalation"], name="governance_agendaitem_escalation_once"
            ),
            models.CheckConstraint(
                name="governance_agendaitem_about",
                condition=Q(kind="decision", decision__isnull=False, minutes_of=None, escalation=None)
                | Q(kind="minutes", decision=None, minutes_of__isnull=False, escalation=None)
                | Q(kind="escalation", decision=None, minutes_of=None, escalation__isnull=False)
                | Q(kind__in=["topic", "actions"], decision=None, minutes_of=None, escalation=None),
            ),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Attendance(ProgramOwned, Versioned):
    """Whether somebody was there. Voting seats in term that are present count for the quorum."""

    class Presence(models.TextChoices):
        PRESENT = "present", "Present"
        REMOTE = "remote", "Present by call"
        APOLOGIES = "apologies", "Sent apologies"
        ABSENT = "absent", "Absent"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendance")
    person = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    seat = models.ForeignKey(Seat, models.PROTECT, null=True, blank=True, related_name="+")
    presence = models.CharField(max_length=10, choices=Presence.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person"], name="governance_attendance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.presence}"


@pghistory.track()
class ActionItem(ProgramOwned, Versioned):
    """Something somebody promised to do by a day, in a meeting, after a decision, or by itself."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"

    number = models.PositiveIntegerField()
    title = models.CharField(max_length=250)
    owner = models.ForeignKey("pmo.User", models.PROTECT, related_name="action_items")
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="actions")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, blank=True, related_name="actions")
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="governance_action_number_once"),
            models.UniqueConstraint(fields=["program", "id"], name="governance_action_in_program"),
            models.CheckConstraint(
                name="governance_action_closed",
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="governance_action_dropped", condition=~Q(state="dropped") | ~Q(closing_note="")
            ),
        ]
        indexes = [models.Index(fields=["program", "state", "due_on"], name="governance_action_due")]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"AI-{self.number}"
