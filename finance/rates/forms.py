"""The form of an exchange rate."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from finance.rates.converting import plain
from finance.rates.models import ExchangeRate
from finance.rates.services import parse_rate
from pmo.refusals import Refused
from programs.portfolio.models import Program

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class RateForm(forms.Form):
    """Which currency, from which day, how much of the program's for one unit."""

    currency = forms.CharField(max_length=3, min_length=3, help_text="Three letters, such as USD.")
    from_day = forms.DateField(label="From", widget=DAY, help_text="It holds until the next rate's day.")
    rate = forms.CharField(max_length=24)
    note = forms.CharField(
        max_length=200, required=False, help_text="Where it is from: a bank, a policy, a contract."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, program: Program, *args: Any, rate: ExchangeRate | None = None, **options: Any
    ) -> None:
        if rate is not None:
            options.setdefault(
                "initial",
                {
                    "currency": rate.currency,
                    "from_day": rate.from_day,
                    "rate": plain(rate.rate),
                    "note": rate.note,
                    "version": rate.version,
                },
            )
        super().__init__(*args, **options)
        self.fields["rate"].label = f"{program.currency} for one unit of it"

    def clean_rate(self) -> Decimal:
        """Units of the program's currency."""
        try:
            return parse_rate(self.cleaned_data["rate"])
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from refusal

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in ("currency", "from_day", "rate", "note")}

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
