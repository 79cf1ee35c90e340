"""The forms of a paper: the file with what it is, and why one is withdrawn."""

from __future__ import annotations

from typing import Any

from django import forms

from finance.capex.forms import DAY
from finance.capex.papers import OF_REQUESTS
from pmo.amounts import AmountField, in_currency
from pmo.attachments.files import TOO_LARGE, TYPES, Upload, examined
from pmo.attachments.models import MOST_BYTES, Attachment
from pmo.attachments.services import Paper
from pmo.refusals import Refused


def kinds(*names: str) -> list[tuple[str, str]]:
    """Choices of a form, in the order of `Attachment.Kind`."""
    return [(name, label) for name, label in Attachment.Kind.choices if name in names]


class SentPaperForm(forms.Form):
    """A file, with the version of what it belongs to as it was shown."""

    file = forms.FileField(
        help_text=f"{', '.join(TYPES)}; at most {MOST_BYTES >> 20} MB.",
        error_messages={"empty": "The file is empty."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, too_large: bool = False, **options: Any) -> None:
        """`too_large`: the upload was stopped on its way in, and no file arrived."""
        super().__init__(*args, **options)
        self.too_large = too_large
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

    @property
    def seen(self) -> int:
        """The version that was shown; 0, which no row has, where it is missing."""
        return int(self.cleaned_data["version"] or 0)

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class PaperForm(SentPaperForm):
    """A file and what kind of paper it is; of a quote also whose, how much and of which day."""

    kind = forms.ChoiceField(label="Kind of paper", choices=[("", "Choose"), *kinds(*OF_REQUESTS)])
    vendor = forms.CharField(max_length=200, required=False, help_text="Of a quote: who offers.")
    amount = AmountField(required=False)
    quoted_on = forms.DateField(label="Day of the quote", required=False, widget=DAY)
    field_order = ("file",)

    def __init__(self, currency: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        in_currency(self, currency)
        self.fields["amount"].label = f"Amount ({currency})"

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
