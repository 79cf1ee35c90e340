"""Forms of accounts: deactivate with successors, reactivate, the own profile."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms

from pmo.accounts.models import User
from programs.people.forms import RefusingForm, _said
from programs.people.wishes import LONGEST_NAME, clean_name
from programs.portfolio.models import Program


class LeaveForm(RefusingForm):
    """Why, and who takes over in each program."""

    reason = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": 2}), label="Why")

    def __init__(self, *args: Any, choices: dict[Program, list[User]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.people = {str(one.pk): one for people in choices.values() for one in people}
        self.programs = list(choices)
        for program, people in choices.items():
            self.fields[f"successor_{program.pk}"] = forms.ChoiceField(
                choices=[("", "nobody yet"), *((str(one.pk), one.name) for one in people)],
                required=False,
                label=f"Successor in {program.code}",
                help_text="Takes over what can be taken over.",
            )

    def successors(self) -> dict[int, User]:
        """Program id -> who takes over."""
        given = {one.pk: self.cleaned_data.get(f"successor_{one.pk}") for one in self.programs}
        return {pk: self.people[chosen] for pk, chosen in given.items() if chosen}


class BackForm(RefusingForm):
    """Why somebody comes back."""

    reason = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": 2}), label="Why")


class ProfileForm(RefusingForm):
    """How I am called, and on whose clock I read."""

    name = forms.CharField(max_length=LONGEST_NAME, label="Your name")
    time_zone = forms.ChoiceField(
        choices=[(one, one) for one in sorted(available_timezones())],
        help_text="In mails and reports to you; pages use the program's.",
    )

    def clean_name(self) -> str:
        return _said(clean_name, self.cleaned_data["name"])
