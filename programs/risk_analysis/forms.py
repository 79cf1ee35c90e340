"""Asking for a simulation."""

from __future__ import annotations

from typing import Any

from django import forms

from programs.raid.models import Risk
from programs.risk_analysis.models import SimulationRun


class AskForm(forms.Form):
    """How many runs, which numbers, which risks; defaults that serve most plans."""

    iterations = forms.IntegerField(
        label="Runs",
        min_value=100,
        max_value=100_000,
        initial=2000,
        help_text="Two thousand give the P80 of most plans to about one day; the result says whether they were enough.",
    )
    seed = forms.IntegerField(
        label="Seed",
        min_value=0,
        max_value=2**63 - 1,
        initial=1,
        help_text="Names the random numbers: the same seed and plan give the same result.",
    )
    distribution = forms.ChoiceField(
        label="Distribution",
        choices=SimulationRun.Shape.choices,
        initial=SimulationRun.Shape.PERT,
        help_text="Of durations between their optimistic and pessimistic values. Triangular has heavier tails.",
    )
    low_percent = forms.IntegerField(
        label="Optimistic, %",
        min_value=0,
        max_value=100,
        initial=80,
        help_text="Of the planned duration, for activities without three points of their own.",
    )
    high_percent = forms.IntegerField(
        label="Pessimistic, %", min_value=100, max_value=1000, initial=150, help_text="The same, upwards."
    )
    risks = forms.TypedMultipleChoiceField(
        label="Risks that may occur",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="With the probability of their score; exposure days are added to the closing work of the risk's"
        " project, exposure in money to its cost.",
    )

    def __init__(self, *args: Any, risks: list[Risk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["risks"]
        field.choices = [(risk.pk, _label(risk)) for risk in risks]  # type: ignore[attr-defined]
        field.initial = [risk.pk for risk in risks]
        if not risks:
            del self.fields["risks"]

    def values(self) -> dict[str, Any]:
        """As `services.ask` takes them."""
        return {"risks": [], **self.cleaned_data}


def _label(risk: Risk) -> str:
    where = risk.project.code if risk.project else "program"
    days = f"{float(risk.exposure_days):g} days"
    return f"{risk.code} {risk.title} ({where}, probability {risk.probability} of 5, {days})"
