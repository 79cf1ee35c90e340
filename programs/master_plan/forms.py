"""Forms of the plan: days and local dates for people, working minutes and instants inside."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms

from pmo.zones import zone
from programs.calendars.models import Calendar
from programs.portfolio.models import CODE, Program, Project
from programs.schedule.models import Activity, Constraint, Dependency

MOST_DAYS = Decimal(10_000)
PATTERNS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S")


class LocalMoment(forms.DateTimeField):
    """A date and time on the program's clock, shown and read without a zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, time_zone: str, **options: Any) -> None:
        super().__init__(
            required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], **options
        )
        self.time_zone = time_zone

    def prepare_value(self, value: Any) -> Any:
        return (
            value.astimezone(zone(self.time_zone)).replace(tzinfo=None)
            if isinstance(value, datetime)
            else value
        )

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        text = str(value).strip()
        for pattern in PATTERNS:
            try:
                naive = datetime.strptime(text, pattern)
            except ValueError:
                continue
            try:
                return naive.replace(tzinfo=zone(self.time_zone)).astimezone(UTC)
            except OverflowError:
                break
        raise forms.ValidationError("Write a date such as 2027-03-31, or with a time, 2027-03-31T08:00.")


class Days(forms.DecimalField):
    """Working days with up to two decimals, turned into working minutes by `minutes`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=MOST_DAYS, decimal_places=2, **options)


def minutes_of(days: Decimal | int, day_minutes: int) -> int:
    """Working minutes of so many days, rounded to the minute."""
    return int((Decimal(days) * day_minutes).to_integral_value())


class ActivityForm(forms.Form):
    """Everything of one activity that a planner types."""

    name = forms.CharField(max_length=250)
    days = Days(label="Duration", help_text="Working days.", required=False)
    constraint = forms.ChoiceField(choices=Constraint.choices)
    calendar: forms.ModelChoiceField[Calendar] = forms.ModelChoiceField(
        queryset=Calendar.objects.none(), required=False, empty_label="The project's"
    )
    percent_complete = forms.DecimalField(min_value=0, max_value=100, decimal_places=2, required=False)
    remaining_days = Days(
        label="Remaining", help_text="Working days still to do, once it has started.", required=False
    )
    notes = forms.CharField(
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Travel with the plan's files.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, program: Program, *args: Any, calendars: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.program = program
        self.fields["calendar"].queryset = calendars  # type: ignore[attr-defined]
        for name, label in (
            ("constraint_at", "Constraint date"),
            ("deadline_at", "Deadline"),
            ("actual_start", "Actual start"),
            ("actual_finish", "Actual finish"),
        ):
            self.fields[name] = LocalMoment(program.time_zone, label=label)
        self.order_fields(
            [
                "name",
                "days",
                "calendar",
                "constraint",
                "constraint_at",
                "deadline_at",
                "actual_start",
                "actual_finish",
                "remaining_days",
                "percent_complete",
                "notes",
            ]
        )


class NewActivityForm(forms.Form):
    """A new activity at the end of a project."""

    project = forms.ModelChoiceField(queryset=Project.objects.none())
    code = forms.CharField(max_length=60, validators=[CODE])
    name = forms.CharField(max_length=250)
    kind = forms.ChoiceField(
        choices=[one for one in Activity.Kind.choices if one[0] != "summary"] + [("summary", "Summary")]
    )
    days = Days(label="Duration", help_text="Working days; nothing for a milestone.", required=False)
    predecessor = forms.CharField(
        required=False,
        max_length=91,
        help_text="Code of what comes before, as PROJECT/CODE or CODE of this project.",
    )

    def __init__(self, *args: Any, projects: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]


class LinkForm(forms.Form):
    """A link from another activity to this one."""

    predecessor = forms.CharField(max_length=91, help_text="PROJECT/CODE, or CODE of the same project.")
    kind = forms.ChoiceField(choices=Dependency.Kind.choices)
    lag_days = forms.DecimalField(
        label="Lag", min_value=-MOST_DAYS, max_value=MOST_DAYS, decimal_places=2, initial=0, required=False,
        help_text="Working days; a lead is negative.",
    )  # fmt: skip
