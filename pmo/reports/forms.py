"""Asking for a report, and when to send one."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms

from pmo.reports.models import Subscription
from pmo.reports.registry import ReportKind

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _choices(kinds: list[ReportKind]) -> list[tuple[str, str]]:
    return [(kind.kind, kind.title) for kind in kinds]


class RequestForm(forms.Form):
    """Which report, as of which day."""

    kind = forms.ChoiceField(label="Report")
    as_of = forms.DateField(
        label="As of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The end of this day in the program's time zone; empty means now.",
    )

    def __init__(self, *args: Any, kinds: list[ReportKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _choices(kinds)  # type: ignore[attr-defined]


class RuleForm(forms.Form):
    """When to send it; day of the week and of the month count only where they apply."""

    every = forms.ChoiceField(
        label="How often", choices=Subscription.Every.choices, initial=Subscription.Every.WEEK
    )
    weekday = forms.TypedChoiceField(
        label="Day of the week",
        coerce=int,
        choices=list(enumerate(WEEKDAYS)),
        initial=0,
        help_text="With every week.",
    )
    monthday = forms.IntegerField(
        label="Day of the month",
        min_value=1,
        max_value=31,
        initial=1,
        help_text="With every month; 31 means the last day of each month.",
    )
    at_time = forms.RegexField(
        label="At",
        regex=r"^([01]\d|2[0-3]):[0-5]\d$",
        initial="07:30",
        widget=forms.TextInput(attrs={"type": "time"}),
        error_messages={"invalid": "A time of day such as 07:30."},
    )
    time_zone = forms.CharField(label="Time zone", max_length=64, help_text="Such as Europe/Brussels.")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if name not in available_timezones():
            raise forms.ValidationError("That is not a known time zone, such as Europe/Brussels.")
        return name

    def rule(self) -> dict[str, Any]:
        """The cleaned rule without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("version", "kind")}


class SubscribeForm(RuleForm):
    """Which report, and when."""

    kind = forms.ChoiceField(label="Report")
    field_order = ("kind", "every", "weekday", "monthday", "at_time", "time_zone")

    def __init__(self, *args: Any, kinds: list[ReportKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _choices(kinds)  # type: ignore[attr-defined]
