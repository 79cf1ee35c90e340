"""Forms of alternates and absences."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.bodies.forms import DAY, day_after
from governance.meetings.forms import people_of
from programs.portfolio.models import Program


class AlternateForm(forms.Form):
    """Who votes for the seat while its holder is absent, from when to when."""

    person = forms.ModelChoiceField(people_of(Program()).none())
    valid_from = forms.DateField(label="From", widget=DAY)
    last_day = forms.DateField(label="Last day", widget=DAY, required=False)

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "alternate_%s")  # two forms on one page
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people_of(program)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """The arguments of `services.name_alternate`."""
        given = dict(self.cleaned_data)
        return given | {"valid_to": day_after(given.pop("last_day"))}


class EndAlternateForm(forms.Form):
    """After which day an alternate no longer stands in."""

    last_day = forms.DateField(label="Last day", widget=DAY)

    def values(self) -> dict[str, Any]:
        """The arguments of `services.end_alternate` besides the row and its version."""
        return self.cleaned_data


class AbsenceForm(forms.Form):
    """When the holder of the seat is away."""

    first_day = forms.DateField(label="First day", widget=DAY)
    last_day = forms.DateField(label="Last day", widget=DAY)
    reason = forms.CharField(
        max_length=200,
        help_text="In a word, such as leave: everybody in the program reads it. Nothing about health.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "absence_%s")
        super().__init__(*args, **kwargs)

    def values(self) -> dict[str, Any]:
        """The arguments of `services.declare_absence`."""
        return self.cleaned_data
