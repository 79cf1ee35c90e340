"""Forms of a planned draw and of an expectation that is kept by hand."""

from __future__ import annotations

from typing import Any

from django import forms

from finance.reserves.models import PlannedDraw
from finance.transfers.forms import MoneyForm
from pmo.amounts import AmountField
from pmo.money import format_plain
from programs.portfolio.models import Program


class PlannedDrawForm(MoneyForm):
    """How much is planned to be drawn in the month of the address, and why."""

    amount = AmountField(help_text="Zero: nothing is planned any more.")
    why = forms.CharField(max_length=400, label="Why", widget=forms.Textarea(attrs={"rows": 2}))
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, program: Program, before: PlannedDraw | None, *args: Any, **options: Any) -> None:
        options["initial"] = {"seen": before.n if before else 0}
        if before is not None and before.amount_minor:
            options["initial"]["amount"] = format_plain(before.amount_minor, program.currency)
        super().__init__(program, *args, **options)
        self.fields["amount"].label = f"Amount ({program.currency})"


class KeepForm(forms.Form):
    """What the expectation is kept for."""

    note = forms.CharField(max_length=400, required=False, label="What for")
