"""Forms of planned outcomes."""

from __future__ import annotations

from typing import Any

from django import forms

from programs.portfolio.models import PlannedOutcome

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LINES = forms.Textarea(attrs={"rows": 2})


class OutcomeForm(forms.Form):
    """What will be otherwise, how one sees it, how much, by when."""

    outcome = forms.CharField(max_length=300, widget=LINES, help_text="What will be there, or otherwise.")
    measure = forms.CharField(
        max_length=200, label="Measure", help_text="How one sees it, such as invoices matched by themselves."
    )
    target = forms.CharField(max_length=100, help_text="How much, such as 80 %, or 3 of 3 sites.")
    due_on = forms.DateField(label="By", widget=DAY)

    def __init__(self, *args: Any, planned: PlannedOutcome | None = None, **options: Any) -> None:
        names = ("outcome", "measure", "target", "due_on", "version")
        if planned is not None:
            options["initial"] = {name: getattr(planned, name) for name in names}
        super().__init__(*args, **options)
        if planned is not None:
            self.fields["version"] = forms.IntegerField(
                widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1
            )
            self.fields["why"] = forms.CharField(
                max_length=400,
                required=False,
                label="Why",
                help_text="Asked for once something was seen of it.",
            )

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in ("outcome", "measure", "target", "due_on")}


class SeenForm(forms.Form):
    """Whether it was reached, and what was seen."""

    state = forms.ChoiceField(label="Reached?", choices=PlannedOutcome.State.choices)
    result = forms.CharField(
        max_length=300,
        required=False,
        widget=LINES,
        label="What was seen",
        help_text="Such as 84 % in March.",
    )
    seen_on = forms.DateField(label="Seen on", widget=DAY, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, planned: PlannedOutcome, *args: Any, **options: Any) -> None:
        names = ("state", "result", "seen_on", "version")
        options["initial"] = {name: getattr(planned, name) for name in names}
        super().__init__(*args, **options)
