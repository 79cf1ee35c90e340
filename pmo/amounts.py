"""Fields of forms that take an amount as people write it: read by `pmo.money`, refused with its sentences."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django import forms

from pmo.money import LONGEST, exponent, parse_amount, parse_unrounded
from pmo.refusals import Refused

_MINUS = str.maketrans("\N{MINUS SIGN}\N{EN DASH}", "--")


class AmountField(forms.CharField):
    """An amount in minor units of the form's currency; `in_currency` says which.

    `signed`: less than zero may be written, with whichever minus sign a page or a paper shows. `empty`: what a field
    that is not required comes to when nothing is written.
    """

    currency = ""

    def __init__(self, *, signed: bool = False, empty: int | None = None, **options: Any) -> None:
        options.setdefault("error_messages", {"required": "An amount is missing."})
        super().__init__(**options)
        self.signed, self.empty = signed, empty
        self.widget.attrs.setdefault("maxlength", LONGEST)
        if not signed:  # the keyboard of digits has no minus sign on some telephones
            self.widget.attrs.setdefault("inputmode", "decimal")

    def clean(self, value: Any) -> int | Fraction | None:
        """Minor units; a ValidationError says what is wrong with the text."""
        text = super().clean(value)
        if not self.currency:
            raise TypeError("a form with amounts says in which currency: in_currency")
        if not text:
            return self.empty
        try:
            return self.read(text.translate(_MINUS) if self.signed else text)
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from refusal

    def read(self, text: str) -> int | Fraction:
        """What the text comes to. Raises AmountRefused."""
        return parse_amount(text, self.currency, signed=self.signed)


class RateField(AmountField):
    """A price of an hour or a piece: minor units with up to `finer` decimals more than the currency has."""

    def __init__(self, *, finer: int = 4, **options: Any) -> None:
        super().__init__(**options)
        self.finer = finer

    def read(self, text: str) -> Fraction:
        """An exact part of a minor unit, not rounded."""
        return parse_unrounded(text, self.currency, decimals=exponent(self.currency) + self.finer)


def in_currency(form: forms.BaseForm, currency: str) -> None:
    """Say of every amount of the form in which currency it is."""
    for field in form.fields.values():
        if isinstance(field, AmountField):
            field.currency = currency
