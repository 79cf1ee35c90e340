"""Forms of tokens."""

from __future__ import annotations

from typing import Any

from django import forms

from pmo.accounts.models import ApiToken


class TokenForm(forms.Form):
    """A token for a script: what it may do, where, how long."""

    name = forms.CharField(max_length=80, help_text="What will use it.")
    scope = forms.ChoiceField(choices=ApiToken.Scope.choices)
    days = forms.IntegerField(label="Valid for (days)", min_value=1, max_value=365, initial=90)
    programs = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, help_text="None chosen: all my programs."
    )

    def __init__(self, *args: Any, programs: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["programs"].choices = programs  # type: ignore[attr-defined]
