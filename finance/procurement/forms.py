"""Forms of vendors and orders: quantities and money as people write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms

from finance.capex.forms import DAY
from finance.contracts.models import Contract
from finance.procurement.models import Vendor
from finance.procurement.services import Wanted
from pmo.amounts import AmountField, in_currency
from pmo.refusals import Refused
from programs.portfolio.models import Program

ROWS = 8
QUANTITY = re.compile(r"[0-9]{1,10}(\.[0-9]{1,3})?")


class VendorForm(forms.Form):
    """Who is ordered from."""

    name = forms.CharField(max_length=200)
    tax_number = forms.CharField(max_length=40, required=False)
    email = forms.EmailField(max_length=254, required=False, label="E-mail for orders")
    payment_days = forms.IntegerField(
        min_value=0, max_value=365, initial=30, label="Days to pay", help_text="From the date of an invoice."
    )
    active = forms.BooleanField(required=False, initial=True, label="New orders may be placed")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class OrderForm(forms.Form):
    """The head of an order."""

    vendor = forms.ModelChoiceField(queryset=Vendor.objects.none(), to_field_name="code")
    title = forms.CharField(max_length=200, label="What is ordered")
    expected_on = forms.DateField(required=False, widget=DAY, label="Expected on")
    contract = forms.ModelChoiceField(
        queryset=Contract.objects.none(), to_field_name="code", required=False, empty_label="No contract"
    )

    def __init__(self, program: Program, request_id: int, *args: Any, **options: Any) -> None:
        """`request_id`: the capital request, whose contracts in force may be ordered under."""
        super().__init__(*args, **options)
        self.fields["contract"].queryset = Contract.objects.filter(  # type: ignore[attr-defined]
            program=program, request_id=request_id, state=Contract.State.ACTIVE
        ).order_by("code")
        self.fields["contract"].label_from_instance = lambda one: f"{one.code} {one.title}"  # type: ignore[attr-defined]
        self.fields["vendor"].queryset = Vendor.objects.filter(  # type: ignore[attr-defined]
            program=program, active=True
        ).order_by("name")
        self.fields["vendor"].label_from_instance = lambda one: f"{one.name} ({one.code})"  # type: ignore[attr-defined]


class LineForm(forms.Form):
    """One line; one that is wholly empty is no line."""

    text = forms.CharField(max_length=200, required=False, label="Text")
    quantity = forms.CharField(max_length=20, required=False, label="Quantity")
    unit_price = AmountField(required=False, label="Price of one")

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        in_currency(self, currency)
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = (
                f"{field.label}, line {int((self.prefix or '0-0').split('-')[-1]) + 1}"
            )
            if name != "text":
                field.widget.attrs["inputmode"] = "decimal"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if not self.errors and all(value in ("", None) for value in data.values()):
            return data
        if not data.get("text"):
            self.add_error("text", "Say what is ordered.")
        if not QUANTITY.fullmatch(data.get("quantity") or "") or not Decimal(data["quantity"]):
            self.add_error("quantity", "A quantity is written like 3 or 1.5, with at most three decimals.")
        if data.get("unit_price") is None and "unit_price" not in self.errors:
            self.add_error("unit_price", "An amount is missing.")
        return data

    def wanted(self) -> Wanted | None:
        """The line, or None where it is empty."""
        data = self.cleaned_data
        if not data.get("text"):
            return None
        return Wanted(data["text"], Decimal(data["quantity"]), data["unit_price"])


BESIDE = "A line does not fit: what is wrong stands beside it."
"""Said above the form, where the one who cannot see the table begins to read."""


class OrderLines:
    """The lines of an order as a table of fields: so many rows as are offered, those left empty are none."""

    def __init__(self, currency: str, data: Any = None, rows: int = ROWS) -> None:
        self.forms = [LineForm(data, prefix=f"line-{n}", currency=currency) for n in range(rows)]

    def is_valid(self) -> bool:
        """Check every row, so that all that is wrong is shown at once."""
        checked = [form.is_valid() for form in self.forms]
        return all(checked)

    @property
    def wrong(self) -> bool:
        """Does a row say what is wrong with it?"""
        return any(form.errors for form in self.forms)

    def wanted(self) -> list[Wanted]:
        """The lines that were written."""
        return [line for form in self.forms if (line := form.wanted())]

    def refuse(self, refusal: Refused) -> bool:
        """Show a refusal of `lines.N` at the N-th written line; was it one?"""
        found = re.fullmatch(r"lines\.([0-9]+)", refusal.field or "")
        if not found:
            return False
        written = [form for form in self.forms if form.wanted()]
        written[int(found[1])].add_error(None, refusal.message)
        return True
