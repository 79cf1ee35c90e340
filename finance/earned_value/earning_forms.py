"""The form of how an activity earns: the technique and a table of steps, some rows of it empty."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from finance.earned_value.earning import MOST_STEPS, StepValues
from programs.schedule.models import Activity

SPARE = 3
"""Empty rows under the steps."""


class StepForm(forms.Form):
    """One row; an empty row is no step."""

    name = forms.CharField(max_length=120, required=False)
    weight = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    due_percent = forms.DecimalField(
        min_value=0, max_value=100, max_digits=5, decimal_places=2, required=False
    )
    done_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, row: int = 0, locked: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.row = row
        labels = {"name": "Step", "weight": "Weight", "due_percent": "Due at percent", "done_on": "Done on"}
        for name, field in self.fields.items():
            field.widget.attrs |= {"aria-label": f"{labels[name]}, row {row}", "class": "cell"}
            field.label = labels[name]
            field.disabled = locked and name != "done_on"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if any(given.get(name) is not None for name in ("weight", "due_percent", "done_on")) or given.get(
            "name"
        ):
            for name in ("name", "weight", "due_percent"):
                if name not in self.errors and given.get(name) in (None, ""):
                    self.add_error(name, "Needed here, or clear the whole row.")
        return given

    def step(self) -> StepValues | None:
        """The step in the row, or None where it is empty."""
        given = self.cleaned_data
        if not given.get("name"):
            return None
        return StepValues(
            given["name"].strip(),
            given["weight"],
            Decimal(given["due_percent"]).quantize(Decimal("0.01")),
            given["done_on"],
        )


class EarningForm(forms.Form):
    """The technique, and what was seen."""

    technique = forms.ChoiceField(choices=Activity.Technique.choices)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def __init__(self, *args: Any, locked: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["technique"].disabled = locked


class Earning:
    """Form and rows together; `data` as posted, or None for those of `technique` and `steps`."""

    def __init__(
        self,
        technique: str,
        steps: Sequence[StepValues],
        seen: str,
        *,
        data: Any = None,
        locked: bool = False,
    ) -> None:
        self.form = EarningForm(data, initial={"technique": technique, "seen": seen}, locked=locked)
        rows = len(steps) if locked else min(MOST_STEPS, len(steps) + SPARE)
        if data is not None and not locked:
            posted = data.get("rows", "")
            rows = min(MOST_STEPS, int(posted)) if posted.isdigit() and len(posted) < 4 else rows
        self.rows = [
            StepForm(
                data,
                prefix=f"s{n}",
                row=n + 1,
                locked=locked,
                initial={
                    "name": steps[n].name,
                    "weight": steps[n].weight,
                    "due_percent": steps[n].due_percent,
                    "done_on": steps[n].done_on,
                }
                if n < len(steps)
                else {},
            )
            for n in range(rows)
        ]

    def is_valid(self) -> bool:
        """Is every row, and the technique, as it should be? All of them are looked at."""
        return not sum(not one.is_valid() for one in (self.form, *self.rows))

    def steps(self) -> list[StepValues]:
        """The steps in the order of the rows."""
        return [step for row in self.rows if (step := row.step()) is not None]
