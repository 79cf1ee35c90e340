"""Forms of money that waits for gates."""

from __future__ import annotations

from typing import Any

from django import forms

from finance.capex.holding import DECIDED
from finance.capex.models import CapitalRequest
from pmo.amounts import AmountField, in_currency
from pmo.refusals import Refused
from programs.gates.models import Gate

FIELDS = {"amount_minor": "amount", "if_conditions_minor": "if_conditions"}


class _ToGate(forms.Form):
    gate = forms.ModelChoiceField(
        queryset=Gate.objects.none(), help_text="A gate of its project that no body has decided yet."
    )

    def __init__(self, request: CapitalRequest, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request = request
        field: Any = self.fields["gate"]
        field.queryset = (
            Gate.objects.filter(project_id=request.project_id).exclude(state__in=DECIDED).order_by("position")
        )


class HoldForm(_ToGate):
    """How much waits for which gate, and how much of that a gate with conditions releases."""

    amount = AmountField()
    if_conditions = AmountField(
        required=False,
        help_text="What is released where the gate passes with conditions; all of it where this is empty.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, request: CapitalRequest, *args: Any, **options: Any) -> None:
        super().__init__(request, *args, **options)
        in_currency(self, request.currency)
        self.fields["amount"].label = f"Amount ({request.currency})"
        self.fields["if_conditions"].label = f"With conditions ({request.currency})"

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        return {
            "gate": data["gate"],
            "amount_minor": data["amount"],
            "if_conditions_minor": data["if_conditions"],
            "version": data["version"],
        }

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal at its field."""
        field = refusal.field or ""
        name = FIELDS.get(field, field)
        self.add_error(name if name in self.fields else None, refusal.message)


class MoveForm(_ToGate):
    """To which gate, and why."""

    reason = forms.CharField(label="Why", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
