"""The form in which somebody says how the program or a project stands."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.health.models import StatedRating
from governance.health.services import RIGHTS
from pmo.accounts.access import Access

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class RatingForm(forms.Form):
    """Which dimension, which colour, why, until when; the voice is one that the person has."""

    voice = forms.ChoiceField(label="In whose voice")
    # Nothing is preselected: a rating is what somebody says, not what a form suggests.
    dimension = forms.ChoiceField(choices=[("", "Choose"), *StatedRating.Dimension.choices])
    colour = forms.ChoiceField(choices=[("", "Choose"), *StatedRating.Colour.choices])
    reason = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    valid_until = forms.DateField(
        label="Counts until", widget=DAY, help_text="After this day it is shown grey: rate again."
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**62)

    def __init__(self, voices: list[str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["voice"]
        field.choices = [(one, StatedRating.Voice(one).label) for one in voices]
        if len(voices) == 1:
            field.widget = forms.HiddenInput()
            field.initial = voices[0]


def voices_of(access: Access, program_id: int, project_id: int | None) -> list[str]:
    """In whose voice the person may rate this."""
    return [voice.value for voice, right in RIGHTS.items() if access.may(right, program_id, project_id)]
