"""The form in which a project is authorised, paused, resumed or closed."""

from __future__ import annotations

from typing import Any

from django import forms

from programs.lives.services import deeds_of
from programs.portfolio.models import Project


class MoveForm(forms.Form):
    """What is done, why, and by which decision."""

    deed = forms.ChoiceField(label="What")
    reason = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    decision = forms.CharField(
        max_length=40, required=False, help_text="Its number, such as D-17, where a body decided it."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    lost = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    read = forms.BooleanField(
        required=False,
        label="If it is cancelled: I have read which benefit loses its last contributor",
    )

    def __init__(self, project: Project, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["deed"]
        field.choices = [(name, deed.label) for name, deed in deeds_of(project).items()]
