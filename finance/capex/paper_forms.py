"""The forms of a paper: the file with what it is, and why one is withdrawn."""

from __future__ import annotations

from typing import Any

from django import forms

from finance.capex.forms import DAY
from pmo.amounts import AmountField, in_currency
from pmo.attachments.files import TOO_LARGE, TYPES, Upload, examined
from pmo.attachments.models import MOST_BYTES, Attachment
from pmo.attachments.services import Paper
from pmo.refusals import Refused


class PaperForm(forms.Form):
    """A file and what kind of paper it is; of a quote also whose, how much and of which day."""

    file = forms.FileField(
        help_text=f"{', '.join(TYPES)}; at most {MOST_BYTES >> 20} MB.",
        error_messages={"empty": "The file is empty."},
    )
    kind = forms.ChoiceField(label="Kind of paper", choices=Attachment.Kind.choices)
    vendor = forms.CharField(max_length=200, required=False, help_text="Of a quote: who offers.")
    amount = AmountField(required=False)
    quoted_on = forms.DateField(label="Day of the quote", required=False, widget=DAY)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, currency: str, *args: Any, too_large: bool = False, **options: Any) -> None:
        """`too_large`: the upload was stopped on its way in, and no file arrived."""
        super().__init__(*args, **options)
        self.too_large = too_large
        in_currency(self, currency)
        self.fields["amount"].label = f"Amount ({currency})"
        self.fields["file"].required = not too_large

    def clean_file(self) -> Upload:
        """The file as it was looked at."""
        found = self.cleaned_data["file"]
        if self.too_large or (found.size or 0) > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        try:
            return examined(found.name or "", found.read())
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from refusal

    def paper(self) -> Paper:
        """What the services take."""
        data = self.cleaned_data
        return Paper(data["kind"], data["vendor"], data["amount"], data["quoted_on"])

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        field = "amount" if refusal.field == "amount_minor" else refusal.field
        self.add_error(field if field in self.fields else None, refusal.message)


class PaperWithdrawalForm(forms.Form):
    """Why a paper no longer counts."""

    why = forms.CharField(max_length=400, label="Why")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
