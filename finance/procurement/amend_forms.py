"""The form of an amendment: the lines as they are with another quantity each, lines that are new, the day and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from finance.capex.forms import DAY
from finance.engine.three_way import Line
from finance.procurement.forms import QUANTITY
from finance.procurement.matching import plain
from pmo import formats
from pmo.refusals import Refused

ROWS = 4
"""Rows offered for lines that are new."""


class AmendForm(forms.Form):
    """Why an order is amended, and when it is expected from now on."""

    why = forms.CharField(max_length=400, label="Why it is amended")
    expected_on = forms.DateField(required=False, widget=DAY, label="Expected on")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @property
    def seen(self) -> int:
        """The version of the order that was shown; 0, which none has, where it was not sent."""
        return self.cleaned_data["version"] or 0


class Quantities:
    """How many of each line are ordered from now on, typed beside what is ordered, received and invoiced of it."""

    def __init__(self, lines: Mapping[int, Line], names: Mapping[int, str], currency: str, data: Any) -> None:
        self.lines, self.names, self.currency, self.data = lines, names, currency, data
        self.errors: dict[str, str] = {}

    def _typed(self, pk: int) -> str:
        return str(self.data.get(f"quantity-{pk}", "")).strip()[:60]

    def read(self) -> dict[int, Decimal]:
        """What was typed, by id of the line; `errors` then says what of it cannot be read, by `quantity.ID`."""
        found = {}
        for pk in self.lines:
            if f"quantity-{pk}" not in self.data:
                continue  # a line that somebody added meanwhile: the version says so
            if not QUANTITY.fullmatch(self._typed(pk)):
                self.errors[f"quantity.{pk}"] = (
                    "A quantity is written like 3 or 1.5, with at most three decimals; 0 takes the line out."
                )
                continue
            found[pk] = Decimal(self._typed(pk))
        return found

    def refuse(self, refusal: Refused) -> bool:
        """Show a service's refusal at its cell; has it one?"""
        if not re.fullmatch(r"quantity\.[0-9]+", refusal.field or ""):
            return False
        self.errors[str(refusal.field)] = refusal.message
        return True

    def rows(self) -> list[dict[str, Any]]:
        """The table: what is known of each line, what was typed, what is wrong with it."""
        return [
            {
                "pk": pk,
                "name": self.names[pk],
                "ordered": plain(line.ordered),
                "received": plain(line.received),
                "invoiced": plain(line.invoiced),
                "price": formats.money_exact(line.price, self.currency),
                "quantity": self._typed(pk) if f"quantity-{pk}" in self.data else plain(line.ordered),
                "error": self.errors.get(f"quantity.{pk}", ""),
            }
            for pk, line in self.lines.items()
        ]
