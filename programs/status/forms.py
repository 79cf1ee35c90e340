"""Forms of the status date: a new one, and taking the newest back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from programs.master_plan.forms import LocalMoment
from programs.portfolio.models import Program, Project


class StatusForm(forms.Form):
    """For which project, to which date, and what it is about; `seen` is the newest status period as it was shown."""

    project = forms.ModelChoiceField(
        queryset=Project.objects.none(), required=False, empty_label="All open projects"
    )
    remark = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What this status is about, such as: month end, all managers reported.",
        error_messages={"required": "Say what this status is about."},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**63 - 1)

    def __init__(self, program: Program, *args: Any, projects: Any, whole: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        choice: Any = self.fields["project"]
        choice.queryset = projects
        if not whole:
            choice.required, choice.empty_label = True, None
        self.fields["at"] = LocalMoment(
            program.time_zone,
            label="Status date",
            help_text="Up to here it is fact; what is left is planned from here.",
        )
        self.fields["at"].required = True
        self.fields["at"].error_messages["required"] = "Give the status date."
        self.order_fields(["project", "at", "remark"])


class TakeBackForm(forms.Form):
    """Why the newest status date is taken back."""

    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why."},
    )


def first_of(projects: Sequence[Project], asked: str) -> Project | None:
    """The project that an address names by its code."""
    return next((one for one in projects if one.code.casefold() == asked.casefold()), None)
