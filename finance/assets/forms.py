"""Forms of the hand-over and the review."""

from __future__ import annotations

from typing import Any

from django import forms

from finance.capex.forms import DAY, read_cash
from finance.capex.models import CapitalRequest
from pmo.amounts import AmountField, in_currency
from pmo.refusals import Refused


class HandOverForm(forms.Form):
    """What stands in service, since when, for how long, at which cost."""

    name = forms.CharField(max_length=200)
    asset_class = forms.ChoiceField(choices=CapitalRequest.AssetClass.choices)
    in_service_on = forms.DateField(widget=DAY, label="In service since")
    life_months = forms.IntegerField(min_value=1, max_value=600, initial=36, label="Useful life (months)")
    cost = AmountField()
    review_after_months = forms.IntegerField(
        min_value=0, max_value=120, initial=12, label="Review after (months)",
        help_text="The first hand-over of a request sets the day on which its investment is looked back at.",
    )  # fmt: skip

    def __init__(self, currency: str, *args: Any, **options: Any) -> None:
        self.currency = currency
        super().__init__(*args, **options)
        self.fields["cost"].label = f"Cost ({currency})"
        in_currency(self, currency)

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = dict(self.cleaned_data)
        data["cost_minor"] = data.pop("cost")
        return data

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        field = "cost" if refusal.field == "cost_minor" else refusal.field
        self.add_error(field if field in self.fields else None, refusal.message)


class RetireForm(forms.Form):
    """When an asset went out of service, and why."""

    on_day = forms.DateField(widget=DAY, label="Out of service since")
    reason = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return dict(self.cleaned_data)

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        field = (refusal.field or "").removesuffix("_minor")
        self.add_error(field if field in self.fields else None, refusal.message)


class WriteDownForm(RetireForm):
    """By how much an asset is worth less, since when, and why."""

    on_day = forms.DateField(widget=DAY, label="On")
    amount = AmountField()
    field_order = ("on_day", "amount", "reason")

    def __init__(self, currency: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["amount"].label = f"Written down by ({currency})"
        in_currency(self, currency)

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = dict(self.cleaned_data)
        data["amount_minor"] = data.pop("amount")
        return data


class ReviewForm(forms.Form):
    """What comes back as seen now, and what was learnt."""

    returns = forms.CharField(
        max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 4}), label="What comes back, as seen now",
        help_text="As in the request: 2027-01 12000, or a whole stretch 2027-07..2030-06 4000.",
    )  # fmt: skip
    lessons = forms.CharField(
        max_length=8000, widget=forms.Textarea(attrs={"rows": 6}), help_text="What would be done otherwise."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, currency: str, *args: Any, **options: Any) -> None:
        self.currency = currency
        super().__init__(*args, **options)

    def clean_returns(self) -> dict[str, int]:
        """Period code -> minor units."""
        return read_cash(self.cleaned_data["returns"], self.currency, signed=True)
