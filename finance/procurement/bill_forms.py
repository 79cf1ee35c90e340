"""Forms of receipts, invoices, credit notes and the tolerance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from finance.capex.forms import DAY
from finance.engine.three_way import Line
from finance.procurement.forms import QUANTITY
from finance.procurement.matching import Billed, plain
from pmo.amounts import AmountField, in_currency
from pmo.money import format_plain, parse_amount
from pmo.refusals import Refused


class ReceiptForm(forms.Form):
    """When it came, and with which paper."""

    received_on = forms.DateField(widget=DAY, label="Came on")
    note = forms.CharField(max_length=200, required=False, label="Delivery note")


class InvoiceForm(forms.Form):
    """The head of an invoice."""

    number = forms.CharField(max_length=60, label="The vendor's number")
    invoiced_on = forms.DateField(widget=DAY, label="Dated")


class CreditForm(InvoiceForm):
    """A credit note: its amount besides."""

    amount = AmountField()


class ReasonForm(forms.Form):
    """Why a held invoice may be paid."""

    why = forms.CharField(max_length=400, label="Why it may be paid")


class PaidForm(forms.Form):
    """When it was paid."""

    paid_on = forms.DateField(widget=DAY, label="Paid on")


class ToleranceForm(forms.Form):
    """How far an invoice may go beyond its order and receipts."""

    quantity_percent = forms.DecimalField(
        min_value=Decimal(0), max_value=Decimal(100), max_digits=5, decimal_places=2, label="Quantity, percent",
        help_text="More than received, in percent.",
    )  # fmt: skip
    price_percent = forms.DecimalField(
        min_value=Decimal(0), max_value=Decimal(100), max_digits=5, decimal_places=2, label="Price, percent",
        help_text="Above the ordered price of one.",
    )  # fmt: skip
    price = AmountField(
        label="Price, amount",
        help_text="And at most so much a line: the stricter of the two holds.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, currency: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["price"].label = f"Price, amount ({currency})"
        in_currency(self, currency)


class Cells:
    """Quantities (and prices) typed beside the lines of an order, by the id of the line; empty cells are none."""

    def __init__(
        self, lines: Mapping[int, Line], names: Mapping[int, str], currency: str, data: Any, *, priced: bool
    ) -> None:
        self.lines, self.names, self.currency, self.priced = lines, names, currency, priced
        self.data = data
        self.errors: dict[str, str] = {}

    def _typed(self, what: str, pk: int) -> str:
        return str(self.data.get(f"{what}-{pk}", "")).strip()[:60]

    def read(self) -> list[Billed]:
        """What was typed; `errors` then says what of it cannot be read, by `quantity.ID` and `price.ID`."""
        found = []
        for pk in self.lines:
            quantity, price = self._typed("quantity", pk), self._typed("price", pk)
            if not quantity:
                continue
            if not re.fullmatch(QUANTITY, quantity) or not Decimal(quantity):
                self.errors[f"quantity.{pk}"] = (
                    "A quantity is written like 3 or 1.5, with at most three decimals."
                )
                continue
            minor = 0
            if self.priced:
                try:
                    minor = parse_amount(price, self.currency)
                except Refused as refusal:
                    self.errors[f"price.{pk}"] = refusal.message
                    continue
            found.append(Billed(pk, Decimal(quantity), minor))
        return found

    def refuse(self, refusal: Refused) -> bool:
        """Show a service's refusal at its cell; has it one?"""
        if not re.fullmatch(r"(quantity|price)\.[0-9]+", refusal.field or ""):
            return False
        self.errors[str(refusal.field)] = refusal.message
        return True

    def rows(self) -> list[dict[str, Any]]:
        """The table: what is known of each line, what was typed or is offered, what is wrong with it."""
        made = []
        for pk, line in self.lines.items():
            rest = line.ordered - line.received
            if self.priced:
                rest = line.received - line.invoiced
            offered = plain(rest) if rest > 0 else ""
            made.append(
                {
                    "pk": pk,
                    "name": self.names[pk],
                    "ordered": plain(line.ordered),
                    "received": plain(line.received),
                    "invoiced": plain(line.invoiced),
                    "quantity": self._typed("quantity", pk) if self.data else offered,
                    "price": self._typed("price", pk)
                    if self.data
                    else format_plain(line.price, self.currency),
                    "quantity_error": self.errors.get(f"quantity.{pk}", ""),
                    "price_error": self.errors.get(f"price.{pk}", ""),
                }
            )
        return made
