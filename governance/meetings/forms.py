"""Forms of meetings, their series and action items."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q

from governance.bodies.models import Body
from governance.meetings.models import CLOCK, ActionItem, Meeting, MeetingSeries
from governance.meetings.recurrence import LAST
from pmo.accounts.models import User
from pmo.clocks import instant
from pmo.refusals import Refused
from pmo.zones import zone
from programs.portfolio.models import Program

DAY = forms.DateInput(attrs={"type": "date"})
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PLACES = ((1, "first"), (2, "second"), (3, "third"), (4, "fourth"), (LAST, "last"))


def people_of(program: Program) -> Any:
    """Persons with a role in the program: the only ones that are ever listed."""
    members = Q(memberships__program_id=program.pk)
    return User.objects.filter(members, is_active=True).distinct().order_by("name")


class SeriesForm(forms.Form):
    """When a body meets."""

    body = forms.ModelChoiceField(Body.objects.none())
    title = forms.CharField(max_length=120, initial="Regular meeting")
    every = forms.ChoiceField(label="How often", choices=MeetingSeries.Every.choices, initial="month")
    nth = forms.TypedChoiceField(
        label="Which of the month", coerce=int, choices=PLACES, initial=1, help_text="With every month."
    )
    weekday = forms.TypedChoiceField(label="On", coerce=int, choices=list(enumerate(WEEKDAYS)), initial=1)
    at_time = forms.CharField(
        label="At", validators=[CLOCK], initial="14:00", widget=forms.TextInput(attrs={"type": "time"})
    )
    minutes = forms.IntegerField(label="Minutes", min_value=5, max_value=1440, initial=90)
    place = forms.CharField(max_length=200, required=False, help_text="A room, or the address of a call.")
    starts_on = forms.DateField(label="From", widget=DAY)
    ends_on = forms.DateField(label="Last day", widget=DAY, required=False)

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].queryset = Body.objects.filter(program=program).order_by("code")  # type: ignore[attr-defined]
        self.fields["at_time"].help_text = f"On the program's clock, {program.time_zone}."


class TimesForm(forms.Form):
    """When and where one meeting is."""

    starts_at = forms.CharField(
        label="Begins", max_length=40, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    minutes = forms.IntegerField(label="Minutes", min_value=5, max_value=1440, initial=90)
    place = forms.CharField(max_length=200, required=False, help_text="A room, or the address of a call.")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, program: Program, *args: Any, meeting: Meeting | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.program = program
        self.fields["starts_at"].help_text = f"On the program's clock, {program.time_zone}."
        if meeting is not None:
            local = meeting.starts_at.astimezone(zone(program.time_zone))
            self.initial.update(
                {
                    "starts_at": local.strftime("%Y-%m-%dT%H:%M"),
                    "minutes": round((meeting.ends_at - meeting.starts_at).total_seconds() / 60),
                    "place": meeting.place,
                    "version": meeting.version,
                }
            )

    def clean_starts_at(self) -> datetime:
        """The instant in the program's zone."""
        try:
            return instant(self.cleaned_data["starts_at"], self.program.time_zone)
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from refusal


class MeetingForm(TimesForm):
    """A meeting that is in no series."""

    body = forms.ModelChoiceField(Body.objects.none())
    field_order = ("body", "starts_at", "minutes", "place")

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        super().__init__(program, *args, **kwargs)
        self.fields["body"].queryset = Body.objects.filter(program=program).order_by("code")  # type: ignore[attr-defined]


class TopicForm(forms.Form):
    """A point for the agenda."""

    prefix = "topic"  # beside the form of action items, on the same page

    title = forms.CharField(max_length=250, label="Topic")
    presenter = forms.ModelChoiceField(User.objects.none(), required=False)
    planned_minutes = forms.IntegerField(min_value=1, max_value=480, initial=10, label="Minutes")

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["presenter"].queryset = people_of(program)  # type: ignore[attr-defined]


class ActionForm(forms.Form):
    """Who does what by when."""

    title = forms.CharField(max_length=250, label="What")
    owner = forms.ModelChoiceField(User.objects.none(), label="Who")
    due_on = forms.DateField(label="By", widget=DAY)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, program: Program, *args: Any, action: ActionItem | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_of(program)  # type: ignore[attr-defined]
        if action is not None:
            self.initial.update(
                {
                    "title": action.title,
                    "owner": action.owner_id,
                    "due_on": action.due_on,
                    "version": action.version,
                }
            )
