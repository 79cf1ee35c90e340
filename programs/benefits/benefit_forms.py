"""Forms of a benefit: what is asked for, and what was read of it."""

from __future__ import annotations

from typing import Any

from django import forms

from pmo.accounts.models import User
from programs.benefits.keeping import FIELDS
from programs.portfolio.models import CODE, Objective, Program, Reading
from programs.portfolio.selectors import choosable

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _number(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=18, decimal_places=4, help_text=help_text)


def plain(value: Any) -> Any:
    """A number without decimals that say nothing, as a form shows it: `10`, `2.5`."""
    return f"{value.normalize():f}"


class BenefitForm(forms.Form):
    """A measure from a baseline to a target, and who watches it."""

    code = forms.CharField(max_length=30, validators=[CODE], help_text="Short, such as B-3.")
    name = forms.CharField(max_length=200, help_text="What will be better, in words.")
    measure = forms.CharField(
        max_length=200, help_text="What is counted, such as invoices paid without a touch."
    )
    unit = forms.CharField(max_length=30, help_text="Such as %, days or EUR a year.")
    baseline_value = _number("Baseline", "Where it stood before.")
    baseline_on = forms.DateField(label="Baseline of", widget=DAY)
    target_value = _number("Target")
    target_on = forms.DateField(label="To be reached by", widget=DAY)
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody",
        help_text="Who watches it, and may enter its readings.",
    )

    def __init__(
        self, program: Program, *args: Any, benefit: Objective | None = None, **options: Any
    ) -> None:
        if benefit is not None:
            known = {name: getattr(benefit, name) for name in FIELDS - {"owner"}}
            known |= {name: plain(known[name]) for name in ("baseline_value", "target_value")}
            options["initial"] = known | {"owner": benefit.owner_id, "version": benefit.version}
        super().__init__(*args, **options)
        field: Any = self.fields["owner"]
        field.queryset = choosable(program, benefit.owner_id if benefit else None)
        field.label_from_instance = lambda one: one.name
        if benefit is not None:
            self.fields["why"] = forms.CharField(
                label="Why",
                max_length=1000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text="Kept with the change. Needed for measure, baseline and target.",
            )
            self.fields["version"] = forms.IntegerField(
                widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1
            )

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in FIELDS}


class RetireForm(forms.Form):
    """Why a benefit is no longer asked for."""

    why = forms.CharField(label="Why", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class ReadingForm(forms.Form):
    """What was read on a day, in the measure's unit."""

    taken_on = forms.DateField(label="Read on", widget=DAY)
    value = _number("Value")

    def __init__(self, benefit: Objective, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["value"].label = f"Value ({benefit.unit})"


class CorrectionForm(ReadingForm):
    """A reading as it should have been, and why; what it was as shown comes back with it."""

    why = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    seen_on = forms.DateField(widget=forms.HiddenInput)
    seen_value = forms.DecimalField(widget=forms.HiddenInput, max_digits=18, decimal_places=4)

    def __init__(self, reading: Reading, *args: Any, **options: Any) -> None:
        options["initial"] = {
            "taken_on": reading.taken_on,
            "value": plain(reading.value),
            "seen_on": reading.taken_on.isoformat(),
            "seen_value": plain(reading.value),
        }
        super().__init__(reading.objective, *args, **options)


class HowForm(forms.Form):
    """How something contributes, said otherwise."""

    how = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": 3}), label="How")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
